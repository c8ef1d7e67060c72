"""Routes of reveals, of looks, and of their review."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Response

from central.errors import RegistryError
from central.files.writing import write_csv
from central.looks import repository, reveals, services
from central.looks.review import BEFORE, ROWS_LEAST, USERS_LEAST, review
from central.looks.schemas import LookShown, LooksQuery, Revealed, RevealWanted, ReviewAsked, ReviewQuery, ReviewShown
from central.records import repository as records
from central.records.desk import ADesk, AWritingDesk
from central.records.openapi import READS, problems
from central.records.schemas import Page
from central.registry import Work
from central.tables import Site
from central.users.access import allow

CSV = "text/csv"
SHEET = {200: {"description": "The review", "content": {CSV: {"schema": {"type": "string", "format": "binary"}}}}, **READS}
HEADERS = ("类型 kind", "用户 user", "角色 role", "对象类型 subject kind", "对象 subject", "数量 count", "说明", "reason")
WEEK = timedelta(days=7)
LONGEST = timedelta(days=366)

reveal_routes = APIRouter(tags=["looks"], dependencies=[Depends(allow("reveals"))])
look_routes = APIRouter(prefix="/looks", tags=["looks"], dependencies=[Depends(allow("looks"))])


@reveal_routes.post(
    "/reveals",
    status_code=201,
    responses=problems(401, 403, 404, 409, 413, 422, 429, 503),
    response_model=Revealed,
    operation_id="create_reveal",
    summary="Reveal masked fields of one record.",
)
def create_reveal(desk: AWritingDesk, wanted: RevealWanted) -> Response:
    """Show masked fields of one record or entry in full, for a purpose; who saw what and why is written down first."""
    reply = desk.tell_once(lambda work: reveals.reveal(work, wanted))
    reply.headers["Cache-Control"] = "no-store"
    return reply


@look_routes.get("", responses=READS, operation_id="list_looks", summary="List who looked at whom, newest first.")
def list_looks(desk: ADesk, asked: LooksQuery) -> Page[LookShown]:
    """List looks: at a person (`person=`), another record or entry (`subject=`), a vehicle and its plate, or by whom."""
    with desk.reading() as work:
        return services.page(work, asked)


@look_routes.get("/review", responses=READS, operation_id="review_looks", summary="Review the looks for leaks.")
def review_looks(desk: ADesk, asked: ReviewQuery) -> ReviewShown:
    """Tell who looked more than before or than peers, at night, at one subject with many others, or took much out."""
    with desk.reading() as work:
        return _review(work, asked)


@look_routes.get(
    "/review.csv",
    responses=SHEET,
    response_class=Response,
    operation_id="review_looks_csv",
    summary="Review the looks for leaks, as a sheet.",
)
def review_csv(desk: ADesk, asked: ReviewQuery) -> Response:
    """Give what stands out in the review as CSV."""
    with desk.reading() as work:
        flags = _review(work, asked).flags
    rows = [
        [flag.kind, flag.by_name, flag.by_role, flag.subject_kind, str(flag.subject_id or ""), str(flag.count), flag.zh, flag.en]
        for flag in flags
    ]
    return Response(b"".join(write_csv(HEADERS, rows)), media_type=CSV)


def _review(work: Work, asked: ReviewAsked) -> ReviewShown:
    until = asked.until or work.at
    since = asked.since or until - WEEK
    if not timedelta(0) < until - since <= LONGEST:
        raise RegistryError("a review is of at most a year, and ends after it begins", 422, "since")
    site = records.site(work, asked.site) if asked.site else _only_site(work)
    # Who sees all sites may have looked without naming one: that is in no site's review but the whole one.
    of = asked.site
    return review(
        since,
        until,
        ZoneInfo(site.zone if site else "Asia/Shanghai"),
        repository.paces(work, of, since - BEFORE, until),
        repository.watched(work, of, since, until, USERS_LEAST),
        repository.big_exports(work, of, since, until, ROWS_LEAST),
    )


def _only_site(work: Work) -> Site | None:
    """Return the site whose nights are meant where none is named; None: there are several."""
    only = records.only_site(work)
    return None if only is None else records.site(work, only)


router = APIRouter()
router.include_router(reveal_routes)
router.include_router(look_routes)
