"""The canonical bytes of a journal entry: made once at the gate, hashed, sent and stored as they are.

They are deterministic CBOR. A personal field stands in them only as a salted commitment; its value travels beside, so that it can
be erased and the chain still verifies.
"""

import dataclasses
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import cbor2

from access.entries import KINDS, Body, Entry, EntryError, Stamp

ENTRY_VERSION = 1
SALT_BYTES = 16


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
