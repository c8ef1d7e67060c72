"""Routes of patrol rounds: begun, points visited by the numbers of their tags, ended."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from access.contract.booth_records import RouteAtBooth
from edge.desk import words
from edge.desk.booth import Booth
from edge.desk.doors import BoothHere, Guard, Language, OwnForm
from edge.desk.duty import rounds
from edge.desk.duty.doing import TEXT_MAX, Doing, Sending, Shown, Wrong
from edge.desk.duty.words import BEGIN_FIRST, CODE_MISSING, NO_ROUTE, NOT_ON_ROUND, NOT_YOURS, REMARK_MISSING, ROUND_OVER
from edge.desk.recording import now
from edge.desk.sessions import Session

router = APIRouter(prefix="/rounds")
Sent = Annotated[Sending, Depends()]


@router.get("")
async def choose(booth: BoothHere, guard: Guard, language: Language, point: UUID | None = None) -> Response:
    """Show the routes, and the rounds made here; the tag of a point leads to the round that the guard is on."""
    pages = await booth.book.read()
    stops = (stop for route in pages.all(RouteAtBooth).values() for stop in route.stops)
    code = next((stop.code for stop in stops if stop.point == point), "")
    made = next((one for one in rounds.rounds(pages) if code and _is_on(guard, one) and one.point(code)), None)
    if made:
        return _page(booth, guard, language, UUID(made.id), Shown(sent={"code": code}, form="visit"))
    shown = Shown(wrong=Wrong(words.catalogue(language).gettext(BEGIN_FIRST))) if code else Shown()
    return _routes(booth, guard, language, shown)


@router.post("", dependencies=[OwnForm])
async def begin(
    booth: BoothHere,
    guard: Guard,
    language: Language,
    sent: Sent,
    entry: Annotated[UUID, Form()],
    route: Annotated[UUID, Form()],
) -> Response:
    """Begin a round."""
    pages = await booth.book.read()
    doing = Doing(booth, guard, language, sent)
    if not await doing.is_done(entry):
        known = pages.find(RouteAtBooth, route)
        values = {"route": str(route), "stops": rounds.stops_told(known) if known else []}
        wrong = await doing.write(rounds.KIND, str(entry), rounds.BEGIN, values=values) if known else doing.wrong(NO_ROUTE)
        if wrong:
            return _routes(booth, guard, language, Shown(wrong=wrong, sent={"entry": str(entry)}, form=str(route)))
    return doing.answered(f"/duty/rounds/{entry}")


@router.get("/{identity}")
async def show(booth: BoothHere, guard: Guard, language: Language, identity: UUID, asked: UUID | None = None) -> Response:
    """Show a round: what comes next, what is late."""
    await booth.book.read()
    return _page(booth, guard, language, identity, Shown(asked))


@router.post("/{identity}/visit", dependencies=[OwnForm])
async def visit(
    booth: BoothHere,
    guard: Guard,
    language: Language,
    sent: Sent,
    identity: UUID,
    code: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Take note that a point was visited."""
    await booth.book.read()
    doing = Doing(booth, guard, language, sent)
    made = rounds.find(booth.book.pages, str(identity))
    if made and not await doing.is_done(identity):
        code = code.strip()
        wrong = _not_theirs(doing, made) or _no_point(doing, made, code)
        wrong = wrong or await doing.write(rounds.KIND, made.id, rounds.VISIT, values={"code": code})
        if wrong:
            return _page(booth, guard, language, identity, Shown(wrong=wrong, sent={"code": code}, form="visit"))
    return doing.answered(f"/duty/rounds/{identity}")


@router.post("/{identity}/end", dependencies=[OwnForm])
async def end(
    booth: BoothHere,
    guard: Guard,
    language: Language,
    sent: Sent,
    identity: UUID,
    remark: Annotated[str, Form(max_length=TEXT_MAX)] = "",
) -> Response:
    """End a round; where points were missed it says why."""
    await booth.book.read()
    doing = Doing(booth, guard, language, sent)
    made = rounds.find(booth.book.pages, str(identity))
    if made and not await doing.is_done(identity):
        missing = doing.wrong(REMARK_MISSING, "remark") if made.left and not remark.strip() else None
        wrong = _not_theirs(doing, made) or missing
        if wrong := wrong or await doing.write(rounds.KIND, made.id, rounds.END, said=remark):
            return _page(booth, guard, language, identity, Shown(wrong=wrong, sent={"remark": remark}, form="end"))
    return doing.answered(f"/duty/rounds/{identity}")


def _is_on(guard: Session, made: rounds.Round) -> bool:
    return made.guard == guard.badge and made.ended_at is None


def _not_theirs(doing: Doing, made: rounds.Round) -> Wrong | None:
    if made.ended_at is not None:
        return doing.wrong(ROUND_OVER)
    return doing.wrong(NOT_YOURS) if made.guard != doing.guard.badge else None


def _no_point(doing: Doing, made: rounds.Round, code: str) -> Wrong | None:
    if not code:
        return doing.wrong(CODE_MISSING, "code")
    return None if made.point(code) else doing.wrong(NOT_ON_ROUND, "code")


def _routes(booth: Booth, guard: Session, language: str, shown: Shown) -> HTMLResponse:
    routes = sorted(booth.book.pages.all(RouteAtBooth).values(), key=lambda route: route.name)
    return shown.page(booth, "duty/rounds", language, guard, routes=routes, rounds=rounds.rounds(booth.book.pages)[:30])


def _page(booth: Booth, guard: Session, language: str, identity: UUID, shown: Shown) -> Response:
    made = rounds.find(booth.book.pages, str(identity))
    if made is None:
        return _routes(booth, guard, language, shown) if shown.asked else RedirectResponse("/duty/rounds", 303)
    newest = booth.book.pages.newest(made.id)
    return shown.page(booth, "duty/round", language, guard, one=made, after=newest, now=now(booth))
