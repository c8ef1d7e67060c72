"""Journal entries: their kinds as a versioned tagged union, and their canonical bytes.

Canonical bytes are deterministic CBOR, made once at the gate; they are what is hashed, sent and stored. A personal field stands
in them only as a salted commitment; its value travels beside, so that it can be erased and the chain still verifies.
"""

import dataclasses
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

import cbor2

ENTRY_VERSION = 1
SALT_BYTES = 16
UNKNOWN_KIND = "unknown"


class EntryError(Exception):
    """Bytes that are no entry of ours; says what is wrong."""


def personal(default: Any = "") -> Any:
    """Declare a field of a body as personal: committed to by a salted hash, carried beside, erasable."""
    return field(default=default, metadata={"personal": True})


@dataclass(frozen=True, slots=True)
class Body:
    """Base of all entry bodies; `kind` is the tag on the wire."""

    kind: ClassVar[str] = UNKNOWN_KIND


@dataclass(frozen=True, slots=True)
class EpochBegan(Body):
    """A store was created or restored; it declares the head it follows (empty hash: none)."""

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
    """A vehicle that has its decision already was read otherwise afterwards; nothing is decided by it."""

    kind: ClassVar[str] = "amendment"


@dataclass(frozen=True, slots=True)
class Decided(Body):
    """A decision with everything that it was made of: so it can be explained, and made again.

    `at_us` is the moment (UTC microseconds) that the rules were asked about; `presence` has every value that they read (null: not
    known) and `facts` the changes (how, name, value) that a grant makes in it before anything opens; see `access.presence`.
    `vehicle` is the registered one whose plate was read before a card.
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
    """Facts of the presence were set or corrected: by a guard, the office, an input or another gate; `source` says who."""

    kind: ClassVar[str] = "facts"
    source: str
    reason: str
    facts: tuple[Any, ...] = ()
    words: str = personal()


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


KINDS: Mapping[str, type[Body]] = {
    body.kind: body
    for body in (
        EpochBegan,
        Started,
        Stopped,
        SnapshotTaken,
        ReadingTaken,
        ReadingAmended,
        Decided,
        Commanded,
        CommandEnded,
        PassageEnded,
        FactsChanged,
        LaneChanged,
        GuardActed,
        Observed,
        DeviceChanged,
        AlarmRaised,
        EvidenceKept,
    )
}


@dataclass(frozen=True, slots=True)
class Stamp:
    """Both clocks of a moment: monotonic within the boot and UTC, in microseconds; `quality` is trusted, drifting or floor."""

    mono_us: int
    utc_us: int
    quality: str = "trusted"


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Sealed:
    """An entry as stored and sent: canonical bytes, and its personal fields beside them (CBOR: name -> [salt, value])."""

    canonical: bytes
    personal: bytes


@dataclass(frozen=True, slots=True)
class Opened:
    """An entry read back; `fields` has the personal values where they are known and still there, `erased` names those gone."""

    edge: UUID
    epoch: UUID
    seq: int
    id: UUID
    stamp: Stamp
    kind: str
    lane: str
    passage: str
    fields: Mapping[str, Any]
    erased: tuple[str, ...] = ()

    def body(self) -> Body:
        """Return the typed body; raises EntryError for a kind of a later version."""
        try:
            return KINDS[self.kind](**self.fields)
        except (KeyError, TypeError) as error:
            raise EntryError(f"entry {self.seq} of kind {self.kind!r} is not of this version") from error


def commitment(salt: bytes, value: Any) -> bytes:
    """Return the hash that stands for a personal value in the canonical bytes."""
    return hashlib.sha256(salt + cbor2.dumps(value, canonical=True)).digest()


def seal(entry: Entry, chance: Callable[[int], bytes]) -> Sealed:
    """Make the canonical bytes of `entry`; `chance(n)` gives n random bytes for the salts."""
    fields: dict[str, Any] = {}
    beside: dict[str, list[Any]] = {}
    for declared in dataclasses.fields(entry.body):
        value = getattr(entry.body, declared.name)
        if declared.metadata.get("personal") and value not in ("", None, (), {}):
            salt = chance(SALT_BYTES)
            beside[declared.name] = [salt, value]
            fields[declared.name] = commitment(salt, value)
        elif not declared.metadata.get("personal"):
            fields[declared.name] = value
    stamp = entry.stamp
    head = [ENTRY_VERSION, entry.edge.bytes, entry.epoch.bytes, entry.seq, entry.id.bytes, entry.body.kind]
    tail = [entry.lane, entry.passage, stamp.mono_us, stamp.utc_us, stamp.quality, fields]
    return Sealed(cbor2.dumps(head + tail, canonical=True), cbor2.dumps(beside, canonical=True) if beside else b"")


class _Reader:
    """Takes the parts of a decoded entry one after another, each with its type."""

    def __init__(self, parts: list[Any]) -> None:
        self._parts = iter(parts)

    def take(self, kind: type, what: str) -> Any:
        value = next(self._parts, None)
        if type(value) is not kind:
            raise EntryError(f"{what} should be {kind.__name__}, is {type(value).__name__}")
        return value

    def end(self) -> None:
        if list(self._parts):
            raise EntryError("an entry has more parts than it should")

    def uuid(self, what: str) -> UUID:
        raw = self.take(bytes, what)
        if len(raw) != 16:
            raise EntryError(f"{what} should have 16 bytes, has {len(raw)}")
        return UUID(bytes=raw)


def unseal(canonical: bytes, beside: bytes = b"") -> Opened:
    """Read an entry back, checking every personal value against its commitment; raises EntryError."""
    read = _Reader(_loads(canonical, list, "an entry"))
    version = read.take(int, "the version")
    if version != ENTRY_VERSION:
        raise EntryError(f"entry version {version} is not known here")
    edge, epoch = read.uuid("the edge"), read.uuid("the epoch")
    seq, identity = read.take(int, "seq"), read.uuid("the id")
    kind, lane, passage = read.take(str, "the kind"), read.take(str, "the lane"), read.take(str, "the passage")
    stamp = Stamp(read.take(int, "mono_us"), read.take(int, "utc_us"), read.take(str, "the clock's quality"))
    fields, erased = _reveal(kind, read.take(dict, "the body"), beside)
    read.end()
    return Opened(edge, epoch, seq, identity, stamp, kind, lane, passage, fields, erased)


def _reveal(kind: str, fields: dict[str, Any], beside: bytes) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Put the personal values in the place of their commitments; what is not carried any more is erased, not wrong."""
    known = _loads(beside, dict, "the personal fields") if beside else {}
    body = KINDS.get(kind)
    names = {f.name for f in dataclasses.fields(body) if f.metadata.get("personal")} if body else set(known)
    erased = []
    for name in sorted(names & fields.keys(), key=str):
        if name not in known:
            erased.append(name)
            del fields[name]
            continue
        pair = known[name]
        if not (isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], bytes)):
            raise EntryError(f"personal field {name} should be [salt, value]")
        if not _is_committed(pair[0], pair[1], fields[name]):
            raise EntryError(f"personal field {name} is not what the entry committed to")
        fields[name] = pair[1]
    if stray := known.keys() - fields.keys():
        raise EntryError(f"personal fields that the entry does not know: {', '.join(sorted(map(str, stray)))}")
    return fields, tuple(erased)


def _is_committed(salt: bytes, value: Any, to: object) -> bool:
    try:
        return commitment(salt, value) == to
    except (cbor2.CBOREncodeError, ValueError, TypeError, RecursionError, OverflowError):
        return False  # a value that cannot be written again was never committed to


def _loads(data: bytes, kind: type, what: str) -> Any:
    try:
        value = cbor2.loads(data)
    except (cbor2.CBORDecodeError, ValueError, TypeError, RecursionError, MemoryError, OverflowError) as error:
        raise EntryError(f"{what} is no CBOR: {error}") from error
    if not isinstance(value, kind):
        raise EntryError(f"{what} should be a {kind.__name__}, is {type(value).__name__}")
    return value


def stamped(mono_s: float, utc_s: float, quality: str = "trusted") -> Stamp:
    """Return a stamp from seconds of both clocks."""
    return Stamp(round(mono_s * 1_000_000), round(utc_s * 1_000_000), quality)
