"""The canonical bytes of a journal entry: made once at the gate, hashed, sent and stored as they are.

They are deterministic CBOR. A personal field stands in them only as a salted commitment; its value travels beside, so that it can
be erased and the chain still verifies.
"""

import dataclasses
import hashlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import zip_longest
from typing import Any
from uuid import UUID

import cbor2

from access.cbor import CborError, loads
from access.entries import Body, Entry, EntryError, Stamp
from access.identifiers import uuid_of
from access.immutable import immutable
from access.kinds import KINDS

ENTRY_VERSION = 1
ENTRY_BYTES_MAX = 64 * 1024  # of the canonical bytes, and of the personal fields beside them
SALT_BYTES = 16
UUID_BYTES = 16
TOO_LARGE = f"an entry has at most {ENTRY_BYTES_MAX} bytes, and as many beside it"
# The fields of each kind, and which of them are personal.
_FIELDS: Mapping[str, tuple[str, ...]] = {
    kind: tuple(declared.name for declared in dataclasses.fields(body)) for kind, body in KINDS.items()
}
_PERSONAL: Mapping[str, frozenset[str]] = {
    kind: frozenset(declared.name for declared in dataclasses.fields(body) if declared.metadata.get("personal"))
    for kind, body in KINDS.items()
}
_RARE: Mapping[str, frozenset[str]] = {
    kind: frozenset(declared.name for declared in dataclasses.fields(body) if declared.metadata.get("rare"))
    for kind, body in KINDS.items()
}
_NOTHING: tuple[Any, ...] = ("", None, (), {})


class EntrySizeError(EntryError):
    """An entry is larger than an entry may be: the registry would not take it in."""


@immutable
class Sealed:
    """An entry as stored and sent: canonical bytes, and its personal fields beside them (CBOR: name -> salt and value)."""

    canonical: bytes
    personal: bytes


@immutable
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


def seal(entry: Entry, chance: Callable[[int], bytes]) -> Sealed:
    """Make the canonical bytes of `entry`; `chance(n)` gives n random bytes for the salts. Raises EntrySizeError."""
    fields: dict[str, Any] = {}
    beside: dict[str, bytes] = {}
    body = entry.body
    personal, rare = _PERSONAL[body.kind], _RARE[body.kind]
    for name in _FIELDS[body.kind]:
        value = getattr(body, name)
        if name not in personal:
            if name not in rare or value not in _NOTHING:
                fields[name] = value
        elif value not in _NOTHING:
            # The value's bytes are made once, like the entry's own: whoever checks them hashes what was made.
            beside[name] = chance(SALT_BYTES) + cbor2.dumps(value, canonical=True)
            fields[name] = commitment(beside[name])
    stamp = entry.stamp
    head = [ENTRY_VERSION, entry.edge.bytes, entry.epoch.bytes, entry.seq, entry.id.bytes, body.kind]
    tail = [entry.lane, entry.passage, stamp.mono_us, stamp.utc_us, stamp.quality, fields]
    sealed = Sealed(cbor2.dumps(head + tail, canonical=True), cbor2.dumps(beside, canonical=True) if beside else b"")
    check_size(sealed.canonical, sealed.personal)
    return sealed


def check_size(canonical: bytes, beside: bytes) -> None:
    """Raise EntrySizeError where an entry is larger than an entry may be."""
    if not fits(canonical, beside):
        raise EntrySizeError(TOO_LARGE)


def fits(canonical: bytes, beside: bytes) -> bool:
    """Tell whether an entry is no larger than an entry may be."""
    return max(len(canonical), len(beside)) <= ENTRY_BYTES_MAX


def commitment(salted: bytes) -> bytes:
    """Return the hash that stands in the canonical bytes for a personal value: for its salt and, behind it, its bytes."""
    return hashlib.sha256(salted).digest()


# An edge and an epoch come again with each entry.
_often = lru_cache(256)(uuid_of)

# The parts of canonical bytes, in order: type and what it is called.
_PARTS: Mapping[str, type] = {
    "the version": int,
    "the edge": bytes,
    "the epoch": bytes,
    "seq": int,
    "the id": bytes,
    "the kind": str,
    "the lane": str,
    "the passage": str,
    "mono_us": int,
    "utc_us": int,
    "the clock's quality": str,
    "the body": dict,
}
_TYPES = list(_PARTS.values())


def unseal(canonical: bytes, beside: bytes = b"") -> Opened:
    """Read an entry back, checking every personal value against its commitment; raises EntryError."""
    parts = _loads(canonical, list, "an entry")
    _check_shape(parts)
    _, edge, epoch, seq, identity, kind, lane, passage, mono_us, utc_us, quality, body = parts
    fields, erased = _reveal(kind, body, beside)
    stamp = Stamp(mono_us, utc_us, quality)
    return Opened(_often(edge), _often(epoch), seq, uuid_of(identity), stamp, kind, lane, passage, fields, erased)


def _check_shape(parts: list[Any]) -> None:
    """Raise EntryError unless every part has its type, every id 16 bytes, and the version is ours."""
    if parts and type(parts[0]) is int and parts[0] != ENTRY_VERSION:
        raise EntryError(f"entry version {parts[0]} is not known here")
    if list(map(type, parts)) != _TYPES:
        raise EntryError(_misshapen(parts))
    if not len(parts[1]) == len(parts[2]) == len(parts[4]) == UUID_BYTES:
        raise EntryError(f"the edge, the epoch and the id should have {UUID_BYTES} bytes each")


def _misshapen(parts: list[Any]) -> str:
    for (what, kind), part in zip_longest(_PARTS.items(), parts[: len(_PARTS)]):
        if type(part) is not kind:
            return f"{what} should be {kind.__name__}, is {type(part).__name__}"
    return "an entry has more parts than it should"


def _reveal(kind: str, fields: dict[str, Any], beside: bytes) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Put the personal values in the place of their commitments; what is not carried any more is erased, not wrong."""
    known = _loads(beside, dict, "the personal fields") if beside else {}
    erased = []
    for name in _PERSONAL.get(kind, known):
        if name not in fields:
            continue
        if name in known:
            fields[name] = _value(name, known[name], fields[name])
        else:
            erased.append(name)
            del fields[name]
    if not known.keys() <= fields.keys():
        stray = ", ".join(sorted(map(str, known.keys() - fields.keys())))
        raise EntryError(f"personal fields that the entry does not know: {stray}")
    return fields, tuple(sorted(erased))


def _value(name: str, salted: Any, committed: Any) -> Any:
    if not isinstance(salted, bytes) or len(salted) <= SALT_BYTES:
        raise EntryError(f"personal field {name} should be salt and value")
    if commitment(salted) != committed:
        raise EntryError(f"personal field {name} is not what the entry committed to")
    return _loads(salted[SALT_BYTES:], object, f"personal field {name}")


def _loads(data: bytes, kind: type, what: str) -> Any:
    try:
        value = loads(data)
    except CborError as error:
        raise EntryError(f"{what}: {error}") from error
    if not isinstance(value, kind):
        raise EntryError(f"{what} should be a {kind.__name__}, is {type(value).__name__}")
    return value
