"""Journal entries: their kinds as a versioned tagged union; `access.sealing` makes their bytes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from access.immutable import immutable

UNKNOWN_KIND = "unknown"


class EntryError(Exception):
    """Bytes that are no entry of ours; says what is wrong."""


def personal(default: Any = "") -> Any:
    """Declare a field of a body as personal: committed to by a salted hash, carried beside, erasable."""
    return field(default=default, metadata={"personal": True})


def rare(default: Any = ()) -> Any:
    """Declare a field of a body that most entries say nothing in: then it does not stand in their bytes at all."""
    return field(default=default, metadata={"rare": True})


@dataclass(frozen=True, slots=True)
class Body:
    """Base of all entry bodies; `kind` is the tag on the wire."""

    kind: ClassVar[str] = UNKNOWN_KIND


@dataclass(frozen=True, slots=True)
class EpochBegan(Body):
    """A store begins to count anew; it declares the head it follows (empty hash: none).

    `reason`: created, restored (the registry has more of the former epoch than this store), rebuilt (the former file was damaged
    or its tail lost), cloned (the store was moved to another machine), enrolled (another edge id from here on).
    """

    kind: ClassVar[str] = "epoch"
    reason: str
    follows_epoch: str = ""
    follows_seq: int = 0
    follows_hash: bytes = b""


@dataclass(frozen=True, slots=True)
class Started(Body):
    """The gate program started; versions and the hash of its configuration."""

    kind: ClassVar[str] = "start"
    version: str
    config_sha256: str
    sqlite: str
    boot: str


@dataclass(frozen=True, slots=True)
class Stopped(Body):
    """The gate program stopped in an orderly way."""

    kind: ClassVar[str] = "stop"
    reason: str


@dataclass(frozen=True, slots=True)
class SnapshotTaken(Body):
    """From here on decisions are made under this revision of the rules, packed at `built_utc` (epoch seconds)."""

    kind: ClassVar[str] = "snapshot"
    revision: int
    sha256: str
    built_utc: int = 0


@dataclass(frozen=True, slots=True)
class ReadingTaken(Body):
    """A credential was presented; `raw` as delivered, `text` its normal form."""

    kind: ClassVar[str] = "reading"
    device: str
    medium: str
    confidence: float = 1.0
    raw: str = personal()
    text: str = personal()


@dataclass(frozen=True, slots=True)
class ReadingAmended(ReadingTaken):
    """A vehicle that has its decision already was read otherwise afterwards; nothing is decided by it.

    But where a guard has read it (`device` guard, see `access.case.GUARD`): what is decided next is by that plate.
    """

    kind: ClassVar[str] = "amendment"


@dataclass(frozen=True, slots=True)
class Decided(Body):
    """A decision with everything that it was made of: so it can be explained, and made again.

    `at_us` is the moment (UTC microseconds) that the rules were asked about; `presence` has every value that they read (null: not
    known) and `facts` the changes (how, name, value) that a grant makes in it before anything opens; see `access.presence`.
    `vehicle` is the registered one whose plate was read before a card. `code` is what a signed pass said (`access.codes`); its
    text, which whoever has it could show again, stands nowhere. `heard` has each fact that was read of what neighbours
    said (`access.peers`): name, value, edge, and when it was heard (UTC us).
    """

    kind: ClassVar[str] = "decision"
    outcome: str
    reason: str
    medium: str
    device: str
    revision: int
    direction: str
    category: str = ""
    credential: str = ""
    person: str = ""
    confidence: float = 1.0
    capture: str = ""
    uncommitted: bool = False
    at_us: int = 0
    bits: int = 0
    characters: tuple[float, ...] = ()
    colour: str = ""
    vehicle_class: str = ""
    obligations: tuple[Any, ...] = ()
    presence: Mapping[str, Any] = field(default_factory=dict)
    companions: tuple[Any, ...] = ()
    vehicle: str = ""
    facts: tuple[Any, ...] = ()
    code: tuple[Any, ...] = rare()
    heard: tuple[Any, ...] = rare()
    text: str = personal()
    holder: str = personal()
    unit: str = personal()
    values: Mapping[str, Any] = personal(None)
    steps: tuple[Any, ...] = personal(())
    candidates: tuple[Any, ...] = personal(())
    earlier: tuple[Any, ...] = personal(())


@dataclass(frozen=True, slots=True)
class Commanded(Body):
    """A command is about to leave for a device; `cause` is the id of the entry that justifies it.

    `uncommitted`: it left before this could be written.
    """

    kind: ClassVar[str] = "command"
    device: str
    act: str
    cause: str
    command: str
    uncommitted: bool = False


@dataclass(frozen=True, slots=True)
class CommandEnded(Body):
    """What became of a command; `took_us` from the reading (or act) to the first byte on the wire, where known."""

    kind: ClassVar[str] = "outcome"
    device: str
    command: str
    ok: bool
    error: str = ""
    took_us: int = 0


@dataclass(frozen=True, slots=True)
class PassageEnded(Body):
    """A passage is over; `result` is a code of `access.results`; who it was is in its decision.

    `facts` are the changes that it makes in the presence, `plate` (personal) is that of the vehicle they move. `mode` is what the
    lane was set to, where that was not normal.
    """

    kind: ClassVar[str] = "passage"
    result: str
    direction: str
    vehicles: int = 0
    opened_ms: int = 0
    waited_ms: int = 0
    facts: tuple[Any, ...] = ()
    text: str = personal()
    plate: str = personal()
    mode: str = ""


@dataclass(frozen=True, slots=True)
class FactsChanged(Body):
    """Facts of the presence were set or corrected: by a guard, the office, an input or another gate; `source` says who.

    Of another gate it is `gate:<edge>`; `plates` are then those of the vehicles moved, by subject. See `access.sharing`.
    """

    kind: ClassVar[str] = "facts"
    source: str
    reason: str
    facts: tuple[Any, ...] = ()
    words: str = personal()
    plates: Mapping[str, str] = personal(None)


@dataclass(frozen=True, slots=True)
class LaneChanged(Body):
    """A lane's mode is another: normal, held_open, held_closed, out_of_service, convoy or evacuation.

    `source` says who did it (guard, office, input, timer, restart, gate), `until_us` when it ends by itself (UTC microseconds, 0:
    not). `direction` is the one that a reversible lane is set to ("": both). Arms are raised with this entry as their cause.
    """

    kind: ClassVar[str] = "lane"
    mode: str
    source: str
    reason: str = ""
    until_us: int = 0
    direction: str = ""
    facts: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class GuardActed(Body):
    """What a guard did on a page, with reason; `request` is the id that makes the act happen once."""

    kind: ClassVar[str] = "guard"
    act: str
    reason: str
    guard: str
    request: str
    accepted: bool = True
    refusal: str = ""
    guard_name: str = personal()
    words: str = personal()


@dataclass(frozen=True, slots=True)
class Observed(Body):
    """Something happened that we did not command: the arm rose by the barrier's own remote control, a passage without grant."""

    kind: ClassVar[str] = "observation"
    what: str
    device: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DeviceChanged(Body):
    """A device came or went."""

    kind: ClassVar[str] = "device"
    device: str
    up: bool
    why: str = ""
    counters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AlarmRaised(Body):
    """Something that a person must look at."""

    kind: ClassVar[str] = "alarm"
    what: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceKept(Body):
    """A picture is in the evidence store: binds the capture that a decision named to the file's hash."""

    kind: ClassVar[str] = "evidence"
    capture: str
    sha256: str
    size: int
    camera: str
    view: str = "scene"


@dataclass(frozen=True, slots=True)
class GapDeclared(Body):
    """Entries of an epoch are known to be lost here: `first` to `last` (0: nobody knows how far); they may be at the registry.

    `count` is how many were lost that had no place yet, because nothing could be written; then `first` and `last` are 0.
    """

    kind: ClassVar[str] = "gap"
    epoch: str
    first: int
    last: int
    reason: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class ClockJudged(Body):
    """The clock's quality is another, or it was set: `jump_ms` is by how much UTC moved against the monotonic clock.

    `offset_ms` is this clock minus the reference that `source` names (ntp, registry; "": none at hand).
    """

    kind: ClassVar[str] = "clock"
    quality: str
    source: str = ""
    offset_ms: int = 0
    jump_ms: int = 0


@dataclass(frozen=True, slots=True)
class ConfigurationChanged(Body):
    """The gate's configuration file is another than at the last start; `changed` names keys, never values."""

    kind: ClassVar[str] = "configuration"
    config_sha256: str
    before_sha256: str
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HealthNoted(Body):
    """How the machine is: `what` is a code (space, disk, memory, boot), `level` good, warning or bad, `facts` its numbers."""

    kind: ClassVar[str] = "health"
    what: str
    level: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Expired(Body):
    """Things were deleted, and this is the proof: how many, from when to when (UTC microseconds), SHA-256 over what they were.

    `what` is pictures or entries, `reason` a code (budget, age, full); `digest` is taken over the sorted SHA-256 of the pictures,
    or is the chain hash of the last entry that went; `epoch` and `last` name that entry.
    """

    kind: ClassVar[str] = "expiry"
    what: str
    reason: str
    count: int
    size: int
    from_us: int
    to_us: int
    digest: bytes
    epoch: str = ""
    last: int = 0


@dataclass(frozen=True, slots=True)
class RemoteActed(Body):
    """What the office asked of a lane from afar, and whether it was done; `command` makes it happen once."""

    kind: ClassVar[str] = "remote"
    act: str
    reason: str
    issuer: str
    command: str
    accepted: bool = True
    refusal: str = ""
    issuer_name: str = personal()
    words: str = personal()


@immutable
class Stamp:
    """Both clocks of a moment: monotonic within the boot and UTC, in microseconds; `quality` is trusted, drifting or floor."""

    mono_us: int
    utc_us: int
    quality: str = "trusted"


@immutable
class Entry:
    """One journal entry in its place. Order is by `seq`, never by time."""

    edge: UUID
    epoch: UUID
    seq: int
    id: UUID
    stamp: Stamp
    body: Body
    lane: str = ""
    passage: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry before it has its place: its id is known already, so that others can name it as their cause."""

    id: UUID
    body: Body
    lane: str = ""
    passage: str = ""


def stamped(mono_s: float, utc_s: float, quality: str = "trusted") -> Stamp:
    """Return a stamp from seconds of both clocks."""
    return Stamp(round(mono_s * 1_000_000), round(utc_s * 1_000_000), quality)
