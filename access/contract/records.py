"""Rule records: what the registry sends down so that a gate can decide alone.

Only what a gate needs: names are masked, card numbers are keyed hashes (`access.card`), times are epoch seconds UTC.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from access.contract.booth_records import (
    AwayAtBooth,
    CardAtBooth,
    GateAtBooth,
    IncidentAtBooth,
    NoticeAtBooth,
    ParkingAtBooth,
    PassAtBooth,
    RouteAtBooth,
    SettingsAtBooth,
    ShiftAtBooth,
    SlipAtBooth,
    UnitAtBooth,
    VisitAtBooth,
)
from access.contract.record_fields import (
    Asked,
    Category,
    Clock,
    Count,
    Day,
    GoodsCheck,
    Hours,
    Plate,
    Record,
    Seconds,
    Slug,
    Status,
    Text,
    VehicleClass,
    Window,
)


class ListAge(BaseModel):
    """What holders of a category may still do with rules that nobody has confirmed for so many hours: be asked, or nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    category: Category
    hours: Hours
    then: Asked = "refer"


class SiteRecord(Record):
    """The site itself: its zone and the key under which its card numbers are hashed (32 bytes as hex).

    `list_age` names only what differs from `access.rules.list_age.LIMITS`. `code_reuse` says what becomes of a pass that is
    good at several gates: strict, only its home gate lets in by itself, another asks that one over the LAN; lenient, each goes by
    what it knows, and what was used twice is found afterwards.
    """

    kind: Literal["site"] = "site"
    slug: Slug
    name: Text
    zone: Annotated[str, Field(max_length=64)] = "Asia/Shanghai"
    card_key: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    list_age: Annotated[tuple[ListAge, ...], Field(max_length=20)] = ()
    code_reuse: Literal["strict", "lenient"] = "lenient"


class PassKeyRecord(Record):
    """A public key (Ed25519, 32 bytes as hex) for signed passes (`access.passes`); a revoked one opens nothing."""

    kind: Literal["pass_key"] = "pass_key"
    kid: Annotated[str, Field(pattern=r"^[0-9a-f]{8}$")]
    public_key: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    status: Literal["active", "revoked"] = "active"


class PeerRecord(Record):
    """Another box of the site (`id`: its edge) at a `gate`, and the key by which what it says over the LAN is checked."""

    kind: Literal["peer"] = "peer"
    gate: UUID
    slug: Slug
    name: Text
    public_key: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class LaneRecord(Record):
    """One lane of a `gate`: its mode, what becomes of an unknown credential, and what it asks for beside a credential.

    `inner_zone` is entered on the way in, `outer_zone` on the way out. `classes` (empty: all) may use it. `inexact` names the
    categories whose plate opens at the exit though it was read with one doubtful look-alike character; none by default.
    """

    kind: Literal["lane"] = "lane"
    gate: UUID | None = None
    slug: Slug
    name: Text
    lane_kind: Literal["vehicle", "pedestrian"]
    direction: Literal["in", "out", "both"]
    mode: Literal["normal", "held_open", "held_closed", "out_of_service"] = "normal"
    unknown: Asked = "refer"
    inner_zone: UUID | None = None
    outer_zone: UUID | None = None
    classes: Annotated[tuple[VehicleClass, ...], Field(max_length=5)] = ()
    emergency: Literal["grant", "refer"] = "grant"
    emergency_plates: Literal["grant", "refer"] = "refer"
    officers: Literal["grant", "refer"] = "refer"
    factors: Literal["any", "plate+card", "plate+code", "card+code"] = "any"
    factor_window_s: Window = 30
    two_person: bool = False
    first_person: bool = False
    inexact: Annotated[tuple[Category, ...], Field(max_length=10)] = ()
    goods_checks: Annotated[tuple[GoodsCheck, ...], Field(max_length=5)] = ("loading", "mover", "contractor", "large", "slip")


class Span(BaseModel):
    """A stretch of the week: weekdays 0 (Monday) to 6 and 7 (holidays), from a clock time up to, not including, another.

    24:00 is allowed; an end that is not after the start lies on the following day.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: Annotated[tuple[Annotated[int, Field(ge=0, le=7)], ...], Field(min_length=1, max_length=8)]
    start: Clock
    end: Clock


class ScheduleRecord(Record):
    """A weekly schedule in the site's zone; no spans means never."""

    kind: Literal["schedule"] = "schedule"
    name: Text
    spans: Annotated[tuple[Span, ...], Field(max_length=100)]


class SpecialDayRecord(Record):
    """A date that counts as another day of the week: 7 for a holiday, 0..6 for a working day that was swapped."""

    kind: Literal["special_day"] = "special_day"
    date: Day
    counts_as: Annotated[int, Field(ge=0, le=7)]
    name: Text = ""


class ZoneRecord(Record):
    """An area behind lanes: how many vehicles it holds (none: any number), and what anti-passback does there.

    soft: noted, and let pass; hard: cards are denied, plates asked about; timed: like hard, for so many minutes after entry.
    """

    kind: Literal["zone"] = "zone"
    name: Text
    capacity: Count | None = None
    full: Asked = "refer"
    anti_passback: Literal["none", "soft", "hard", "timed"] = "none"
    minutes: Annotated[int, Field(ge=1, le=1440)] = 10


class LevelGrant(BaseModel):
    """Lanes (by id; empty is every lane of the site) that a level opens, in which direction and when (no schedule: always)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lanes: Annotated[tuple[UUID, ...], Field(max_length=500)] = ()
    direction: Literal["in", "out", "both"] = "both"
    schedule: UUID | None = None


class LevelRecord(Record):
    """An access level: the union of its grants."""

    kind: Literal["level"] = "level"
    name: Text
    grants: Annotated[tuple[LevelGrant, ...], Field(max_length=200)]


class PersonRecord(Record):
    """A cardholder as a gate may know them: masked name, unit, category, levels, validity."""

    kind: Literal["person"] = "person"
    name: Text
    unit: Text = ""
    category: Category = "resident"
    status: Status = "active"
    levels: Annotated[tuple[UUID, ...], Field(max_length=20)] = ()
    valid_from: Seconds | None = None
    valid_until: Seconds | None = None
    quota: UUID | None = None
    escorted: bool = False
    first_person: bool = False


class Space(BaseModel):
    """A parking space, owned (no end) or rented for a time."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    valid_from: Seconds | None = None
    valid_until: Seconds | None = None


class QuotaRecord(Record):
    """The parking spaces of a household or company, and what becomes of a car too many (wait: in when one leaves)."""

    kind: Literal["quota"] = "quota"
    name: Text
    spaces: Annotated[tuple[Space, ...], Field(max_length=1000)]
    over: Literal["refer", "deny", "wait"] = "refer"


class VisitRecord(Record):
    """A visit of a person: window, gates by their lanes (empty: all), how often each of the party may come in, obligations.

    `home` is the gate that counts its uses where the site is strict about them (none: every gate does).
    """

    kind: Literal["visit"] = "visit"
    person: UUID
    category: Literal["vip", "important", "ordinary", "service", "mover", "staff"] = "ordinary"
    status: Literal["announced", "approved", "refused", "cancelled"] = "approved"
    host: Text = ""
    valid_from: Seconds
    valid_until: Seconds
    lanes: Annotated[tuple[UUID, ...], Field(max_length=500)] = ()
    uses: Annotated[int, Field(ge=1, le=10_000)] = 1
    party: Annotated[int, Field(ge=1, le=1000)] = 1
    obligations: Annotated[tuple[Annotated[str, Field(max_length=40)], ...], Field(max_length=10)] = ()
    home: UUID | None = None


class PermitRecord(Record):
    """A renovation or works permit: units it covers, workers at a time, hours, and whether a violation is outstanding."""

    kind: Literal["permit"] = "permit"
    number: Text
    status: Literal["approved", "active", "finished", "revoked", "expired"] = "active"
    units: Annotated[tuple[Text, ...], Field(max_length=100)]
    valid_from: Seconds
    valid_until: Seconds
    schedule: UUID | None = None
    workers_max: Annotated[int, Field(ge=1, le=10_000)] | None = None
    violation: Text = ""


class PassRecord(Record):
    """A contractor pass: one person, one permit, one number; in two parts, of which the duplicate lies at a post while inside.

    `home` as with a visit. `leaves_anywhere`: by another gate than that where the duplicate hangs; where nobody has said so, yes.
    """

    kind: Literal["pass"] = "pass"
    number: Text
    person: UUID
    permit: UUID
    status: Status = "active"
    units: Annotated[tuple[Text, ...], Field(max_length=100)]
    lanes: Annotated[tuple[UUID, ...], Field(max_length=500)] = ()
    valid_from: Seconds
    valid_until: Seconds
    home: UUID | None = None
    leaves_anywhere: bool = True


class SlipRecord(Record):
    """A goods-release slip that names a vehicle; the exit waits for it."""

    kind: Literal["slip"] = "slip"
    number: Text
    plate: Plate
    unit: Text = ""
    status: Literal["approved", "held", "partly", "released", "collected", "cancelled", "expired"] = "approved"
    valid_from: Seconds
    valid_until: Seconds


class VehicleRecord(Record):
    """A vehicle by its plate (normal form); it enters by its holder's levels."""

    kind: Literal["vehicle"] = "vehicle"
    plate: Plate
    colour: Annotated[str, Field(max_length=20)] = ""
    vehicle_class: VehicleClass = "car"
    person: UUID | None = None
    status: Status = "active"
    valid_from: Seconds | None = None
    valid_until: Seconds | None = None


class CardRecord(Record):
    """A card or code by the keyed hashes (16 bytes as hex) of every form in which a reader of the site can deliver it."""

    kind: Literal["card"] = "card"
    hashes: Annotated[tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")], ...], Field(min_length=1, max_length=16)]
    medium: Literal["card", "code"] = "card"
    tail: Annotated[str, Field(max_length=4)] = ""
    person: UUID | None = None
    status: Status = "active"
    valid_from: Seconds | None = None
    valid_until: Seconds | None = None


class BlockRecord(Record):
    """A blocked plate (normal form), or card or code (keyed hash), with the reason that a guard is told."""

    kind: Literal["block"] = "block"
    plate: Annotated[str, Field(max_length=12)] = ""
    card_hash: Annotated[str, Field(max_length=32)] = ""
    reason: Text
    valid_until: Seconds | None = None


class GuardRecord(Record):
    """A guard who may sign in at the booth: badge number and the argon2id hash of the PIN; a `leader` leads a shift.

    `peppered`: what is hashed is the HMAC-SHA-256 of the PIN (as hex) under the site's pepper, which gates have from enrolment.
    """

    kind: Literal["guard"] = "guard"
    name: Text
    badge: Annotated[str, Field(pattern=r"^\d{1,10}$")]
    pin_hash: Annotated[str, Field(max_length=200)]
    status: Status = "active"
    leader: bool = False
    peppered: bool = False


class ErasureRecord(Record):
    """Somebody who was erased at `since`, by the ids that entries name: a gate takes their personal fields out of its own."""

    kind: Literal["erasure"] = "erasure"
    persons: Annotated[tuple[UUID, ...], Field(max_length=500)] = ()
    credentials: Annotated[tuple[UUID, ...], Field(max_length=500)] = ()
    since: Seconds


AnyRecord = Annotated[
    SiteRecord
    | PassKeyRecord
    | PeerRecord
    | LaneRecord
    | ScheduleRecord
    | SpecialDayRecord
    | ZoneRecord
    | LevelRecord
    | PersonRecord
    | QuotaRecord
    | VisitRecord
    | PermitRecord
    | PassRecord
    | SlipRecord
    | VehicleRecord
    | CardRecord
    | BlockRecord
    | GuardRecord
    | ErasureRecord
    | VisitAtBooth
    | PassAtBooth
    | SlipAtBooth
    | ShiftAtBooth
    | SettingsAtBooth
    | UnitAtBooth
    | CardAtBooth
    | NoticeAtBooth
    | AwayAtBooth
    | RouteAtBooth
    | GateAtBooth
    | ParkingAtBooth
    | IncidentAtBooth,
    Field(discriminator="kind"),
]
