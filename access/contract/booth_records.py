"""Records for the booth page alone: no decision reads them, and no snapshot holds them.

Of visitors and workers they say what a guard needs to find and know somebody: masked name, initials in pinyin, the last four
digits of the telephone. What changes at gates all day (who is inside, what went out, which card is lent) is in the presence.
`changed_at` is when the record was changed last: what a gate did to it later is not in it yet.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from access.contract.record_fields import Clock, Day, Plate, Record, Seconds, Slug, Text

PHOTO_BYTES_MAX = 15 * 1024
Word = Annotated[str, Field(max_length=40)]
Words = Annotated[tuple[Word, ...], Field(max_length=100)]
Prose = Annotated[str, Field(max_length=2000)]
Initials = Annotated[str, Field(pattern=r"^[a-z0-9 ]{0,80}$")]
Tail = Annotated[str, Field(pattern=r"^\d{0,4}$")]
Badge = Annotated[str, Field(pattern=r"^\d{0,10}$")]
Quantity = Annotated[int, Field(ge=0, le=1_000_000_000)]  # thousandths of the line's unit
Lines = Annotated[int, Field(ge=1, le=1000)]


class Part(BaseModel):
    """Base of what records are made of."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LentCard(Part):
    """A visitor card that is lent: its id and what stands on it."""

    card: UUID
    printed: Word


class VisitAtBooth(Record):
    """A visit that somebody may come by, or is inside by; `state` as `access.workflows.visit` has it.

    `host` may be called by whoever asks at the gate: its name as the gate may know it; `host_id` is who that is for the workflow:
    a person's id, a unit or a department. `gates` are slugs (none: all).
    """

    kind: Literal["booth_visit"] = "booth_visit"
    number: Word
    state: Word
    name: Text
    initials: Initials = ""
    phone_tail: Tail = ""
    company: Text = ""
    unit: Text = ""
    host: Text = ""
    host_id: Text = ""
    category: Word
    purpose: Text = ""
    plates: Annotated[tuple[Plate, ...], Field(max_length=100)] = ()
    party: Annotated[int, Field(ge=1, le=1000)] = 1
    uses: Annotated[int, Field(ge=1, le=10_000)] = 1
    gates: Annotated[tuple[Slug, ...], Field(max_length=100)] = ()
    lent: Annotated[tuple[LentCard, ...], Field(max_length=100)] = ()
    valid_from: Seconds
    valid_until: Seconds
    answer_by: Seconds | None = None
    denied: bool = False
    changed_at: Seconds


class PassAtBooth(Record):
    """A contractor pass with whom it is for; `state` as `access.workflows.contractor_pass` has it.

    `subject` is the holder as the presence names them. `photo` is a JPEG as base64; `phone` that of the responsible person, whom
    the guard calls when a worker is overdue.
    """

    kind: Literal["booth_pass"] = "booth_pass"
    number: Word
    state: Word
    subject: UUID | None = None
    name: Text
    initials: Initials = ""
    phone_tail: Tail = ""
    firm: Text = ""
    trade: Text = ""
    responsible: Text = ""
    phone: Word = ""
    permit: UUID
    permit_number: Word
    permit_state: Word
    units: Annotated[tuple[Text, ...], Field(max_length=100)]
    schedule: UUID | None = None
    leaves_anywhere: bool = False
    violations: Annotated[tuple[Text, ...], Field(max_length=100)] = ()
    workers_max: Annotated[int, Field(ge=1, le=10_000)] | None = None
    valid_from: Seconds
    valid_until: Seconds
    photo: Annotated[str, Field(max_length=PHOTO_BYTES_MAX * 4 // 3 + 8)] = ""
    changed_at: Seconds


class LineAtBooth(Part):
    """A line of a slip; `asked` and what the office itself saw go out (`released`) in thousandths of the unit."""

    number: Lines
    item: Text
    asked: Quantity
    released: Quantity = 0
    unit: Word = ""
    remark: Text = ""


class SlipAtBooth(Record):
    """A goods-release slip that goods may go out on, or that is not yet collected; `state` as `access.workflows.release_slip`.

    `applicant` is masked. `only_gate` (a slug): valid at that gate alone. `drafted_by` and `approved_by` are who made it out.
    `replaces` and `replaced_by` are numbers: of the slip that this one corrects, and of the one that corrects it.
    """

    kind: Literal["booth_slip"] = "booth_slip"
    number: Word
    state: Word
    unit: Text = ""
    applicant: Text = ""
    phone_tail: Tail = ""
    right: Word = "owner"
    lines: Annotated[tuple[LineAtBooth, ...], Field(max_length=100)] = ()
    plates: Annotated[tuple[Plate, ...], Field(max_length=10)] = ()
    only_gate: Text = ""
    at_night: bool = False
    drafted_by: Text = ""
    approved_by: Text = ""
    reason: Text = ""
    replaces: Word = ""
    replaced_by: Word = ""
    valid_from: Seconds
    valid_until: Seconds
    changed_at: Seconds


class ShiftAtBooth(Record):
    """A shift of the roster, from yesterday on; `guard` is a badge, `state` as `access.workflows.shift` has it."""

    kind: Literal["booth_shift"] = "booth_shift"
    number: Word
    state: Word
    post: Text
    guard: Badge
    guard_name: Text = ""
    day: Day
    name: Word
    begins: Seconds
    ends: Seconds
    changed_at: Seconds


class Worded(Part):
    """A choice in both languages; `code` is what is kept of it."""

    code: Word = ""
    zh: Word
    en: Word


class CategoryAtBooth(Worded):
    """A kind of visitor: what must be done before it comes in, whether it may at all, and whether by a rule of the site."""

    obligations: Words = ()
    admitted: bool = True
    standing_rule: bool = False


class ShiftTime(Part):
    """A shift of every day."""

    name: Word
    start: Clock
    end: Clock


class SettingsAtBooth(Record):
    """What the site has set of the work at its posts; `id` is the site's. `posts` are names."""

    kind: Literal["booth_settings"] = "booth_settings"
    categories: Annotated[tuple[CategoryAtBooth, ...], Field(max_length=50)]
    opening_reasons: Annotated[tuple[Worded, ...], Field(max_length=50)] = ()
    equipment: Annotated[tuple[Worded, ...], Field(max_length=50)] = ()
    shifts: Annotated[tuple[ShiftTime, ...], Field(max_length=20)] = ()
    posts: Annotated[tuple[Text, ...], Field(max_length=200)] = ()
    visit_hours_max: Annotated[int, Field(ge=1, le=24 * 366)] = 72
    host_answer_minutes: Annotated[int, Field(ge=1, le=1440)] = 10
    leaves_anywhere: bool = False
    work_hours: UUID | None = None
    lends_cards: bool = False


class GateAtBooth(Record):
    """A gate of the site (`id`: the gate's): what it and the posts at it are called, and its lanes, by which facts name it."""

    kind: Literal["booth_gate"] = "booth_gate"
    name: Text
    posts: Annotated[tuple[Text, ...], Field(max_length=200)] = ()
    lanes: Annotated[tuple[UUID, ...], Field(max_length=500)] = ()


class UnitAtBooth(Record):
    """A unit that somebody may want to go to: its label, and its building's name in initials."""

    kind: Literal["booth_unit"] = "booth_unit"
    label: Text
    initials: Initials = ""


class CardAtBooth(Record):
    """A visitor card of the site's stock (`id`: the card's): what stands on it, and whether it may be lent."""

    kind: Literal["booth_card"] = "booth_card"
    printed: Word
    state: Word


class NoticeAtBooth(Record):
    """A notice; without `gates` and `lanes` (ids) it is for all."""

    kind: Literal["booth_notice"] = "booth_notice"
    title: Text
    text: Prose = ""
    title_en: Text = ""
    text_en: Prose = ""
    at_booth: bool = True
    at_lane_display: bool = False
    gates: Annotated[tuple[UUID, ...], Field(max_length=500)] = ()
    lanes: Annotated[tuple[UUID, ...], Field(max_length=500)] = ()
    importance: Word = ""
    valid_from: Seconds
    valid_until: Seconds | None = None


class AwayAtBooth(Record):
    """Where somebody of the staff, or a vehicle of the site, has gone."""

    kind: Literal["booth_away"] = "booth_away"
    subject_kind: Word
    subject: Text
    destination: Text
    left_at: Seconds
    expected_back: Seconds | None = None


class StopAtBooth(Part):
    """A point of a round: the number of its tag, and within how many minutes of the beginning it is to be visited."""

    point: UUID
    code: Annotated[str, Field(max_length=64)]
    name: Text
    place: Text = ""
    minutes: Annotated[int, Field(ge=1, le=1440)]


class RouteAtBooth(Record):
    """The points of a patrol round, in order."""

    kind: Literal["booth_route"] = "booth_route"
    name: Text
    stops: Annotated[tuple[StopAtBooth, ...], Field(max_length=100)]


class ParkingAtBooth(Record):
    """A permit for a vehicle without a plate: its number, the frame number, its holder (masked); `state` as that of cards.

    Its validity is on record beside its state: it may have begun, or be over, since that was told.
    """

    kind: Literal["booth_parking"] = "booth_parking"
    number: Word
    state: Word
    bound_to: Annotated[str, Field(max_length=60)]
    holder: Text = ""
    unit: Text = ""
    valid_from: Seconds | None = None
    valid_until: Seconds | None = None
    changed_at: Seconds


class WrittenAtBooth(Part):
    """What was written about an incident: by which event of its workflow, when, by whom; of an entry its id (None: of none).

    `id` is that of the event: of what a gate wrote, the id of its journal's entry.
    """

    id: UUID
    act: Word
    at: Seconds
    by: Text = ""
    entry: UUID | None = None
    text: Prose = ""
    told: Annotated[tuple[Text, ...], Field(max_length=100)] = ()
    corrects: UUID | None = None


class IncidentAtBooth(Record):
    """An incident of a `gate`, as long as it is open and for some time after; told to that gate alone.

    `written` is the first that was written about it and the newest.
    """

    kind: Literal["booth_incident"] = "booth_incident"
    gate: UUID
    number: Word
    state: Word
    what: Text
    place: Text = ""
    written: Annotated[tuple[WrittenAtBooth, ...], Field(max_length=20)] = ()
    since: Seconds
    changed_at: Seconds
