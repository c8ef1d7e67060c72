"""What the office has on record, as a decision reads it: frozen objects, unpacked from a snapshot one at a time."""

from dataclasses import field
from datetime import datetime
from uuid import UUID

from access.immutable import immutable
from access.presence import OUTSIDE, SITE
from access.schedule import Schedule


@immutable
class LaneRules:
    """What the office says of a lane; `inner_zone` is entered on the way in, `outer_zone` on the way out; no `classes`: all.

    `name_in_facts` is what the presence calls the lane, `inner` and `outer` what it calls these zones: inside a lane that names
    none is the site, outside the street.
    """

    id: UUID
    slug: str
    name: str
    kind: str
    direction: str
    mode: str
    unknown: str
    inner_zone: UUID | None = None
    outer_zone: UUID | None = None
    classes: tuple[str, ...] = ()
    emergency: str = "grant"
    emergency_plates: str = "refer"
    officers: str = "refer"
    factors: str = "any"
    factor_window_s: int = 30
    two_person: bool = False
    first_person: bool = False
    inexact: tuple[str, ...] = ()
    goods_checks: tuple[str, ...] = ("loading", "mover", "contractor", "large", "slip")
    gate: UUID | None = None
    name_in_facts: str = field(init=False, compare=False)
    inner: str = field(init=False, compare=False)
    outer: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name_in_facts", str(self.id))
        object.__setattr__(self, "inner", str(self.inner_zone) if self.inner_zone else SITE)
        object.__setattr__(self, "outer", str(self.outer_zone) if self.outer_zone else OUTSIDE)


@immutable
class Peer:
    """Another box of the site, by its edge id: at which gate it is, and the public key of what it says over the LAN."""

    id: UUID
    gate: UUID
    slug: str
    name: str
    public_key: bytes


@immutable
class Zone:
    """An area: its capacity in vehicles (None: any), what is done when it is full, and its anti-passback."""

    id: UUID
    name: str
    capacity: int | None
    full: str
    anti_passback: str
    minutes: int


@immutable
class ListAge:
    """For how many hours a category may pass on rules that nobody has confirmed, and what becomes of it then."""

    hours: int
    then: str


@immutable
class Grant:
    """Lanes (empty: all), direction and schedule (none: always) of one grant of a level."""

    lanes: frozenset[UUID]
    direction: str
    schedule: Schedule | None


@immutable
class Level:
    """An access level: the union of its grants."""

    id: UUID
    name: str
    grants: tuple[Grant, ...]


@immutable
class GuardFacts:
    """A guard who may sign in at the booth."""

    id: UUID
    name: str
    badge: str
    pin_hash: str
    status: str
    leader: bool = False
    peppered: bool = False


@immutable
class Block:
    """A blocked plate (normal form) or card (keyed hash as hex)."""

    plate: str
    card_hash: str
    reason: str
    valid_until: datetime | None


@immutable
class Person:
    """A cardholder as a gate knows them; `quota` names the spaces of their household or company."""

    id: UUID
    name: str
    unit: str
    category: str
    status: str
    levels: tuple[Level, ...]
    valid_from: datetime | None
    valid_until: datetime | None
    quota: UUID | None = None
    escorted: bool = False
    first_person: bool = False


GUESTS = frozenset({"visitor", "contractor"})


@immutable
class Credential:
    """A card, code or plate on record; `shown` is the plate, or the last characters of a card."""

    id: UUID
    medium: str
    shown: str
    status: str
    vehicle_class: str
    person: Person | None
    valid_from: datetime | None
    valid_until: datetime | None
    colour: str = ""

    def belongs_with(self, other: "Credential") -> bool:
        """Tell whether the holders are one person, or live or work in one unit; who is a guest there does not."""
        one, another = self.person, other.person
        if one is None or another is None:
            return False
        at_home = bool(one.unit) and one.unit == another.unit and not {one.category, another.category} & GUESTS
        return one.id == another.id or at_home


@immutable
class Validity:
    """From a moment (None: always) up to, not including, another (None: for ever)."""

    valid_from: datetime | None
    valid_until: datetime | None

    def holds(self, at: datetime) -> bool:
        """Tell whether `at` lies within."""
        return (self.valid_from is None or at >= self.valid_from) and (self.valid_until is None or at < self.valid_until)


ALWAYS = Validity(None, None)


@immutable
class Quota:
    """The parking spaces of a household or company, and what becomes of a car too many: refer, deny or wait."""

    id: UUID
    name: str
    spaces: tuple[Validity, ...]
    over: str

    def in_force(self, at: datetime) -> int:
        """Return how many spaces there are at `at`."""
        return sum(space.holds(at) for space in self.spaces)


@immutable
class Visit:
    """A visit of a person: window, lanes (empty: all), entries for each of the party, and the obligations of its category."""

    id: UUID
    category: str
    status: str
    host: str
    window: Validity
    lanes: frozenset[UUID]
    uses: int
    party: int
    obligations: tuple[str, ...]
    home: UUID | None = None


PERMIT_IN_FORCE = frozenset({"approved", "active"})  # those who begin the work must come in first


@immutable
class Permit:
    """A renovation or works permit; `violation` is not empty while one is outstanding."""

    id: UUID
    number: str
    status: str
    units: tuple[str, ...]
    window: Validity
    schedule: Schedule | None
    workers_max: int | None
    violation: str


@immutable
class ContractorPass:
    """A contractor pass: one person's, under one permit."""

    id: UUID
    number: str
    permit: UUID
    status: str
    units: tuple[str, ...]
    lanes: frozenset[UUID]
    window: Validity
    home: UUID | None = None
    leaves_anywhere: bool = True


@immutable
class Slip:
    """A goods-release slip that names a vehicle."""

    id: UUID
    number: str
    unit: str
    status: str
    window: Validity
