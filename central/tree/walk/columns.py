"""An entry's own bytes against the columns that stand beside them: whoever rewrites what the log shows is found here."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple
from uuid import UUID

from access.cbor import CborError, loads
from access.entries import Decided, EntryError, Stamp
from access.identifiers import uuid_of
from access.sealing import SALT_BYTES, Opened
from central.journal.forms import OWN
from central.journal.projection import project
from central.tree.walk.rows import Row

# What the walk reads of a row, in this order; ids in hex.
READ: Final = ("seq", "chain_hash", "canonical", "personal", *OWN, "gate_id", "site_id", "lane_id")
SEQ, CHAIN_HASH, CANONICAL, PERSONAL, FIRST_OWN = range(5)
_GATE, _SITE, LANE = range(FIRST_OWN + len(OWN), len(READ))
# The one personal field that columns are made of, and in which kind; and the columns that go with it when it is erased.
TEXT: Final = "text"
PERSON: Final = "person_id"
_OF_TEXT: Final = frozenset({"plate", "card", "card_low", "person_id"})
IDS: Final = frozenset({"id", "person_id", "record_id", "gate_id", "site_id", "lane_id"})


class Home(NamedTuple):
    """What is known of an edge apart from its entries; `lanes`: by which names each lane has ever gone, as far as is known."""

    site: UUID
    gate: UUID
    lanes: Mapping[UUID, frozenset[str]]


class Told(NamedTuple):
    """An entry's parts, as its canonical bytes have them."""

    edge: bytes
    epoch: bytes
    seq: int
    id: bytes
    kind: str
    lane: str
    passage: str
    utc_us: int
    body: dict[str, Any]


_TYPES: Final = (bytes, bytes, int, bytes, str, str, str, int, dict)


def told(canonical: bytes) -> Told | None:
    """Return what an entry says, None where the bytes are no entry."""
    try:
        _, edge, epoch, seq, identity, kind, lane, passage, _, utc_us, _, body = loads(canonical)
    except (CborError, ValueError, TypeError):
        return None
    entry = Told(edge, epoch, seq, identity, kind, lane, passage, utc_us, body)
    return entry if tuple(map(type, entry)) == _TYPES else None


def faults(row: Row, entry: Told, home: Home) -> Iterator[str]:
    """Yield in words what beside an entry is not what its canonical bytes say."""
    try:
        beside = loads(row[PERSONAL]) if row[PERSONAL] else {}
        for name, salted in beside.items():
            if hashlib.sha256(salted).digest() != entry.body.get(name):
                yield f"its personal field {name} is not what it committed to"
        expected = project(_opened(entry, beside))
    except (CborError, EntryError, ValueError, TypeError, AttributeError) as error:
        yield f"what stands beside its bytes cannot be read: {error}"
        return
    is_erased = TEXT in entry.body and TEXT not in beside
    for at, name in enumerate(OWN, FIRST_OWN):
        given, wanted = row[at], expected[name]
        if isinstance(wanted, UUID):
            wanted = wanted.hex
        # Where nothing personal is left, nobody is either, though the decision may have read nothing.
        is_gone = is_erased or (name == PERSON and not row[PERSONAL])
        if given != wanted and not (given is None and is_gone and name in _OF_TEXT):
            yield f"its column {name} says otherwise"
    yield from _home_faults(row, entry, home)


def _home_faults(row: Row, entry: Told, home: Home) -> Iterator[str]:
    if row[_SITE] != home.site.hex:
        yield "its column site_id is not its edge's site"
    if row[_GATE] != home.gate.hex:
        yield "its column gate_id is not its edge's gate"
    if row[LANE] is not None and row[LANE] not in {each.hex for each, names in home.lanes.items() if entry.lane in names}:
        yield "its column lane_id is not the lane that it names"


def _opened(entry: Told, beside: Mapping[str, bytes]) -> Opened:
    """Return as much of an entry as columns are made of."""
    fields = entry.body
    if entry.kind == Decided.kind and TEXT in fields:
        salted = beside.get(TEXT)
        fields = fields | {TEXT: loads(salted[SALT_BYTES:]) if salted is not None else ""}
    stamp = Stamp(0, entry.utc_us)
    return Opened(_NOBODY, _NOBODY, entry.seq, uuid_of(entry.id), stamp, entry.kind, entry.lane, entry.passage, fields)


_NOBODY: Final = UUID(int=0)
