"""Shapes of goods-release slips."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, computed_field

from access.workflows.quantities import plain
from access.workflows.release_slip import LINES_MAX, ReleaseSlip
from central.masking.kinds import Personal
from central.records.schemas import Line, Moment, Name, Shown, Wanted, WordsShown
from central.vehicles.schemas import Plate, ToldPlate
from central.workflows.schemas import Details, FlowAsked, FlowShown, Opening

Right = Literal["owner", "tenant", "third_party", "company", "decoration"]
PaperKind = Literal["owner_consent", "authorisation", "company_stamp", "contractor_confirmation", "other"]
Reason = Literal["", "move_out", "furniture", "decoration", "company_goods", "other"]
PHONE_TAIL = 4
FIRST_DAY = date(2000, 1, 1)
# A filter is called `date` too.
Day: TypeAlias = date


def _plain(number: Decimal) -> Decimal:
    return Decimal(plain(number))


def _masked(phone: str) -> str:
    return phone and f"****{phone[-PHONE_TAIL:]}"


def _in_our_time(day: date) -> date:
    if day < FIRST_DAY:
        raise ValueError("is before there were any slips")
    return day


Quantity = Annotated[Decimal, Field(gt=0, max_digits=9, decimal_places=3), AfterValidator(_plain)]
Phone = Annotated[str, Field(max_length=30, pattern=r"^(?:|[0-9 +*()-]*[0-9]{4})$"), AfterValidator(_masked)]


class GoodsWanted(Wanted):
    """What is to go out, and how much of it: up to three decimals."""

    item: Name
    quantity: Quantity
    unit: Line = ""


class LineWanted(GoodsWanted):
    """One line of a slip; pictures by reference. Lines are numbered as they come."""

    remark: Line = ""
    pictures: Annotated[tuple[Name, ...], Field(max_length=10)] = ()


class PaperWanted(Wanted):
    """A document that was shown, by reference; an authorisation names the person and what that person may take out."""

    kind: PaperKind
    reference: Name
    person: Line = ""
    lines: Annotated[tuple[GoodsWanted, ...], Field(max_length=LINES_MAX)] = ()


class TermsWanted(Wanted):
    """What a slip says: who asks by what right, what goes out, in which vehicles (none: any), until when.

    Without `valid_until` it is valid until the hour that the site has set.
    """

    right: Right = "owner"
    applicant: Name
    papers: Annotated[tuple[PaperWanted, ...], Field(max_length=10)] = ()
    lines: Annotated[tuple[LineWanted, ...], Field(max_length=LINES_MAX)] = ()
    plates: Annotated[tuple[ToldPlate, ...], Field(max_length=10)] = ()
    valid_until: Moment | None = None


class SlipDetails(Details):
    """What is written on a slip besides: unit, the applicant's telephone (only its end is kept), why goods leave, a remark."""

    unit: Annotated[Line, Personal("address")] = ""
    phone: Annotated[Phone, Personal("phone")] = ""
    reason: Reason = ""
    remark: Annotated[Line, Personal("note")] = ""


class SlipWanted(Opening, TermsWanted):
    """A slip is drafted; `replaces` is the number of an earlier one in whose stead it is made out."""

    replaces: Line = ""
    details: SlipDetails = SlipDetails()


class CorrectionWanted(TermsWanted):
    """What the corrected slip says; without `details` it takes over those of the one that was held."""

    details: SlipDetails | None = None


class SlipsAsked(FlowAsked):
    """Which slips are wanted.

    `date`: the day until which they are valid, on the site's calendar; `gate`: by its slug, where one was shown or used;
    `outstanding`: approved and not collected; `review_due`: approved at night and not looked at.
    """

    unit: Line | None = None
    plate: Plate | None = None
    gate: Line | None = None
    applicant: Line | None = None
    right: Right | None = None
    date: Day | None = None
    outstanding: bool | None = None
    review_due: bool | None = None


class LineStanding(BaseModel):
    """One line, what was asked for, what went out and what is left of it, as plain decimals."""

    line: int
    item: str
    unit: str
    asked: str
    released: str
    left: str
    remark: Annotated[str, Personal("note")]


def standing(slip: ReleaseSlip) -> list[LineStanding]:
    """Return how each line of a slip stands."""
    return [
        LineStanding(
            line=line.number,
            item=line.item,
            unit=line.unit,
            asked=plain(line.asked),
            released=plain(slip.released(line.number)),
            left=plain(line.asked - slip.released(line.number)),
            remark=line.remark,
        )
        for line in slip.terms.lines
    ]


class SlipShown(FlowShown):
    """A slip, its trips, and how its lines stand."""

    model_config = ConfigDict(from_attributes=True)

    record: ReleaseSlip
    details: SlipDetails

    @computed_field(description="How each line stands.")  # type: ignore[prop-decorator] # mypy knows no decorated properties
    @property
    def lines(self) -> list[LineStanding]:
        """How each line stands."""
        return standing(self.record)


class CodeShown(WordsShown):
    """A code and its word in both languages."""

    code: str


class PaperPrinted(BaseModel):
    """A document that was shown."""

    kind: CodeShown
    reference: Annotated[str, Personal("note")]
    person: Annotated[str, Personal("name")]


class SlipPartPrinted(WordsShown):
    """One part of the slip: whom it is for, what people read there, and what its code says (empty: it has none now)."""

    part: int
    number: str
    code: Annotated[str, Personal("card")]


class SlipPrinted(BaseModel):
    """All that stands on a printed slip, times on the site's own clock; `labels` are the words beside the fields.

    `digest` is of the lines (see `access.workflows.release_slip.lines_digest`): a gate knows by it that they were not altered.
    """

    id: UUID
    title: WordsShown
    site: str
    zone: str
    number: str
    state: CodeShown
    unit: Annotated[str, Personal("address")]
    applicant: Annotated[str, Personal("name")]
    phone: Annotated[str, Personal("phone")]
    right: CodeShown
    papers: list[PaperPrinted]
    reason: CodeShown
    remark: Annotated[str, Personal("note")]
    lines: list[LineStanding]
    plates: Annotated[list[str], Personal("plate")]
    made_out: str
    valid_until: str
    approved_by: str
    approved_at_night: bool
    only_gate: str
    replaces: str
    replaced_by: str
    parts: list[SlipPartPrinted]
    digest: str
    labels: dict[str, WordsShown]


class SlipNamed(BaseModel):
    """A slip behind a number."""

    id: UUID
    number: str


class Figure(BaseModel):
    """How many slips, and which."""

    count: int
    slips: list[SlipNamed]


class TripsShown(BaseModel):
    """What one guard checked, or one gate let out: trips, their lines, and the slips."""

    name: str
    trips: int
    lines: int
    slips: list[SlipNamed]


class DayAsked(BaseModel):
    """Of which site and day; the day before today unless it is named."""

    model_config = ConfigDict(extra="forbid")

    site: UUID
    day: Day | None = None


class SignOffWanted(Wanted):
    """A day's slips were gone through; it can be signed off once, and only when it is over."""

    site: UUID
    day: Annotated[Day, AfterValidator(_in_our_time)]
    remark: Line = ""


class SignedOffShown(Shown):
    """Who signed a day off, when, and the numbers of the slips as they were then."""

    site_id: UUID
    day: Day
    by_name: str
    by_role: str
    signed_at: datetime
    remark: Annotated[str, Personal("report")]
    counts: dict[str, int]


class ReconciliationShown(BaseModel):
    """What became of the slips that were valid until a day, on the site's calendar.

    Of the approved ones each is `used` (all went out), `partly` used or `unused`; `not_collected` are those whose paper is still
    out. `night_reviewed` are those approved at night at which the office has looked.
    """

    site_id: UUID
    day: Day
    issued: Figure
    approved: Figure
    approved_at_night: Figure
    night_reviewed: Figure
    used: Figure
    partly: Figure
    unused: Figure
    expired: Figure
    cancelled: Figure
    collected: Figure
    not_collected: Figure
    held: Figure
    mismatches: Figure
    guards: list[TripsShown]
    gates: list[TripsShown]
    signed_off: SignedOffShown | None
