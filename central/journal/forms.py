"""Rows of the journal's table in the form that each driver takes them in fastest; pure.

SQLite binds plain values, many rows to a statement. PostgreSQL's COPY takes bytes: they are made where the entry is read.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import chain
from operator import itemgetter
from struct import Struct
from typing import Any, Final, NamedTuple

# What all rows of a batch have in common; what each says of itself; what is kept of it as it came.
COMMON: Final = ("edge_id", "epoch", "site_id", "gate_id", "received_at")
OWN: Final = (
    "id", "kind", "at_us", "passage", "outcome", "reason", "medium", "device", "category",
    "plate", "card", "card_low", "guard", "capture", "person_id", "record_id",
)  # fmt: skip
KEPT: Final = ("chain_hash", "canonical", "personal")
NAMES: Final = (*COMMON, "lane_id", "seq", *OWN, *KEPT)

# A row: its plain values, or its bytes.
Row = Any

_own: Final = itemgetter(*OWN)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_BEFORE_POSTGRESQL_US: Final = (datetime(2000, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
_NULL: Final = b"\xff\xff\xff\xff"
_length: Final = Struct("!i").pack
_number: Final = Struct("!iq").pack
_count: Final = Struct("!h").pack


class Place(NamedTuple):
    """What all rows of a batch have in common, ids as bytes; `lanes` are the gate's by the names that entries call them."""

    edge: bytes
    epoch: bytes
    site: bytes
    gate: bytes
    received_us: int
    lanes: Mapping[str, bytes]


class Kept(NamedTuple):
    """What is kept of an entry as it came, and the chain hash at it."""

    chain_hash: bytes
    canonical: bytes
    personal: bytes


RowOf = Callable[[str, int, Mapping[str, Any], Kept], Row]


def row_for_sqlite(place: Place) -> RowOf:
    """Return what makes the values of a row (in the order of NAMES) of an entry's lane, seq, own columns and kept bytes."""
    received = _EPOCH + timedelta(microseconds=place.received_us)
    common = (*(identity.hex() for identity in place[:4]), received.strftime("%Y-%m-%d %H:%M:%S.%f"))
    lanes = {name: lane.hex() for name, lane in place.lanes.items()}

    def row(lane: str, seq: int, columns: Mapping[str, Any], kept: Kept) -> tuple[Any, ...]:
        identity, *others, person, record = _own(columns)
        ids = (person and person.hex, record and record.hex)
        return (*common, lanes.get(lane), seq, identity.hex, *others, *ids, *kept)

    return row


def row_for_copy(place: Place) -> RowOf:
    """Return what makes the bytes of a row for COPY (fields in the order of NAMES; PostgreSQL, "Binary Format")."""
    received = _number(8, place.received_us - _BEFORE_POSTGRESQL_US)
    common = b"".join((_count(len(NAMES)), *map(_field, place[:4]), received))
    begins = {name: common + _field(lane) for name, lane in place.lanes.items()}
    nowhere = common + _NULL

    def row(lane: str, seq: int, columns: Mapping[str, Any], kept: Kept) -> bytes:
        identity, kind, at_us, *texts, person, record = _own(columns)
        head = (begins.get(lane, nowhere), _number(8, seq), _field(identity.bytes), _field(kind.encode()), _number(8, at_us))
        ids = (_field(person and person.bytes), _field(record and record.bytes))
        return b"".join((*head, *map(_text, texts), *ids, *map(_field, kept)))

    return row


class Form(NamedTuple):
    """How rows are made for a database, and how several of them are put together."""

    row_of: Callable[[Place], RowOf]
    together: Callable[[Iterable[Row]], Any]


def _flat(rows: Iterable[tuple[Any, ...]]) -> tuple[Any, ...]:
    return tuple(chain.from_iterable(rows))


FORMS: Final[Mapping[str, Form]] = {"sqlite": Form(row_for_sqlite, _flat), "postgresql": Form(row_for_copy, b"".join)}


def _text(value: str | None) -> bytes:
    return _NULL if value is None else _field(value.encode())


def _field(value: bytes | None) -> bytes:
    return _NULL if value is None else _length(len(value)) + value
