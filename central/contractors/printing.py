"""What is printed on passes and permits: all that stands there, in both languages, with the words beside it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from access.contract.records import Span
from access.schedule import HOLIDAY
from access.words import Words, worded
from access.workflows.contractor_pass import DUPLICATE, ORIGINAL, part_code
from access.workflows.pass_terms import PassTerms
from access.workflows.permit import PermitTerms, responsible_of
from access.workflows.words import STATES, WORDS, WORKFLOWS
from central.contractors.hours import spans_of
from central.contractors.passes import passes
from central.contractors.permits import permits
from central.contractors.privacy import sees_all
from central.contractors.schemas import PassDetails, PermitDetails
from central.contractors.terms import name_of, permit_by_now, permit_of_site
from central.contractors.trades import TRADES
from central.masking.kinds import Personal
from central.records.schemas import WordsShown
from central.registry import Work
from central.tables import Site
from central.workflows import repository
from central.workflows.tables import WorkflowRecord

_DAYS: Final = (
    ("周一", "Mon"),
    ("周二", "Tue"),
    ("周三", "Wed"),
    ("周四", "Thu"),
    ("周五", "Fri"),
    ("周六", "Sat"),
    ("周日", "Sun"),
)
_HOLIDAYS: Final = ("节假日", "holidays")
# The headings of what is printed, by the names of the fields.
WORDS_OF: Final[Words] = {
    "number": ("编号", "Number"),
    "site": ("小区", "Site"),
    "state": ("状态", "State"),
    "permit": ("装修许可", "Renovation permit"),
    "firm": ("施工单位", "Firm"),
    "owner": ("业主", "Owner"),
    "responsible": ("负责人", "Responsible person"),
    "phone": ("电话", "Telephone"),
    "name": ("姓名", "Name"),
    "id_tail": ("证件号后四位", "End of the ID number"),
    "trade": ("工种", "Trade"),
    "photo": ("照片", "Photo"),
    "units": ("装修单元", "Units"),
    "workers": ("工人数", "Workers"),
    "works": ("装修内容", "Works"),
    "papers": ("已核材料", "Papers seen"),
    "valid_from": ("自", "From"),
    "valid_until": ("至", "Until"),
    "hours": ("施工时间", "Working hours"),
}
PARTS: Final = ((ORIGINAL, "正证", "Original"), (DUPLICATE, "副证", "Duplicate"))


class PassPartPrinted(BaseModel):
    """One of the two parts: the holder carries the original, the duplicate hangs at the post while the holder is inside.

    `number`: what people read there; `code`: what its code says (empty: it has none now).
    """

    mark: str
    words: WordsShown
    number: str
    code: Annotated[str, Personal("card")]


class Printed(BaseModel):
    """What permits and passes have in common on paper; times are on the clock of the site. `words`: the heading of each field."""

    title: WordsShown
    words: dict[str, WordsShown]
    number: str
    site: str
    state: WordsShown
    firm: str
    responsible: Annotated[str, Personal("name")]
    units: Annotated[list[str], Personal("address")]
    valid_from: str
    valid_until: str
    hours: list[WordsShown]


class PassPrinted(Printed):
    """A pass, in two parts; `photo` is the address of the photo (empty: none was sent)."""

    permit: str
    name: Annotated[str, Personal("name")]
    id_tail: Annotated[str, Personal("id")]
    trade: WordsShown
    photo: Annotated[str, Personal("photo")]
    parts: list[PassPartPrinted]


class PermitPrinted(Printed):
    """A permit."""

    owner: Annotated[str, Personal("name")]
    phone: Annotated[str, Personal("phone")]
    workers: int
    works: Annotated[str, Personal("note")]
    papers: list[WordsShown]


def print_pass(work: Work, record_id: UUID, photo_at: str, codes: Mapping[str, str]) -> PassPrinted:
    """Return what both parts of a pass bear, each its code, the photo being found at `photo_at`; RegistryError 404."""
    row = repository.get(work, passes.workflow.name, record_id)
    site = work.session.get_one(Site, row.site_id)
    held = passes.workflow.ripened(passes.record(row), work.at)
    terms, known = held.terms, PassDetails.model_validate(row.details)
    permit = permit_of_site(work.session, site.id, UUID(terms.permit), "permit")
    parts = [
        PassPartPrinted(mark=mark, words=WordsShown(zh=zh, en=en), number=part_code(row.number, mark), code=codes[mark])
        for mark, zh, en in PARTS
    ]
    return PassPrinted(
        **_common(work, site, row, held.state, terms),
        title=_both(WORKFLOWS[row.workflow]),
        words=_words(PassPrinted),
        responsible=name_of(work.session, site.id, terms.responsible),
        permit=permit.number,
        name=known.name,
        id_tail=known.id_tail,
        trade=_word(TRADES, terms.trade),
        photo=photo_at if known.photo else "",
        parts=parts,
    )


def print_permit(work: Work, record_id: UUID) -> PermitPrinted:
    """Return what a permit bears; RegistryError 404."""
    row = repository.get(work, permits.workflow.name, record_id)
    site = work.session.get_one(Site, row.site_id)
    permit = permit_by_now(row, work.at)
    terms, known = permit.terms, PermitDetails.model_validate(row.details)
    return PermitPrinted(
        **_common(work, site, row, permit.state, terms),
        title=_both(WORKFLOWS[row.workflow]),
        words=_words(PermitPrinted),
        responsible=name_of(work.session, site.id, responsible_of(terms)),
        owner=name_of(work.session, site.id, terms.owner),
        phone=known.phone if sees_all(work) else "",
        workers=terms.workers,
        works=known.works,
        papers=[_word(WORDS, paper) for paper in permit.papers],
    )


def _common(work: Work, site: Site, row: WorkflowRecord, state: str, terms: PassTerms | PermitTerms) -> dict[str, Any]:
    zone = ZoneInfo(site.zone)
    return {
        "number": row.number,
        "site": site.name,
        "state": _both(STATES[row.workflow][state]),
        "firm": terms.firm,
        "units": list(terms.units),
        "valid_from": _local(terms.valid_from, zone),
        "valid_until": _local(terms.valid_until, zone),
        "hours": [_span(span) for span in spans_of(work.session, site.id, terms.schedule)],
    }


def _words(printed: type[Printed]) -> dict[str, WordsShown]:
    return {name: _both(words) for name, words in WORDS_OF.items() if name in printed.model_fields}


def _word(words: Words, code: str) -> WordsShown:
    return WordsShown(zh=worded(words, code, "zh"), en=worded(words, code, "en"))


def _both(words: tuple[str, str]) -> WordsShown:
    zh, en = words
    return WordsShown(zh=zh, en=en)


def _local(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def _span(span: Span) -> WordsShown:
    days = [_HOLIDAYS if day == HOLIDAY else _DAYS[day] for day in sorted(span.days)]
    zh, en = ("、".join(zh for zh, _ in days), ", ".join(en for _, en in days))
    return WordsShown(zh=f"{zh} {span.start}–{span.end}", en=f"{en} {span.start}–{span.end}")
