"""An entry's columns in the form that each driver takes them in fastest; pure.

SQLite binds plain values, many rows to a statement. PostgreSQL's COPY takes bytes: they are made where the entry is read.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from struct import Struct
from typing import Any, Final, NamedTuple
from uuid import UUID

# What all rows of a batch have in common; what each says of itself; what is kept of it as it came.
COMMON: Final = ("edge_id", "epoch", "site_id", "gate_id", "received_at")
OWN: Final = (
    "id", "kind", "at_us", "passage", "outcome", "reason", "medium", "device", "category",
    "plate", "plate_reversed", "card", "card_low", "person_id",
)  # fmt: skip
KEPT: Final = ("chain_hash", "canonical", "personal")
NAMES: Final = (*COMMON, "lane_id", "seq", *OWN, *KEPT)

# Plain values or packed bytes, as the form has them.
Columns = Any

_own: Final = itemgetter(*OWN)
_EPOCH_OF_POSTGRESQL: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_NULL: Final = b"\xff\xff\xff\xff"
_length: Final = Struct("!i").pack
_number: Final = Struct("!iq").pack
_count: Final = Struct("!h").pack


class Place(NamedTuple):
    """What all rows of a batch have in common; `lanes` are the gate's by the names that entries call them."""

    edge_id: UUID
    epoch: UUID
    site_id: UUID
    gate_id: UUID
    received_at: datetime
    lanes: Mapping[str, UUID]


def plain(seq: int, columns: Mapping[str, Any]) -> Columns:
    """Return number and own columns as SQLite stores them: ids as hex."""
    identity, *others, person = _own(columns)
    return (seq, identity.hex, *others, person and person.hex)


def packed(seq: int, columns: Mapping[str, Any]) -> Columns:
    """Return number and own columns as COPY's fields (PostgreSQL, "Binary Format")."""
    identity, kind, at_us, *texts, person = _own(columns)
    head = (_number(8, seq), _field(identity.bytes), _field(kind.encode()), _number(8, at_us))
    return b"".join((*head, *map(_text, texts), _field(person and person.bytes)))


FORMS: Final[Mapping[str, Callable[[int, Mapping[str, Any]], Columns]]] = {"sqlite": plain, "postgresql": packed}


def row_for_sqlite(place: Place) -> Callable[[str, Columns, Sequence[bytes]], tuple[Any, ...]]:
    """Return what makes the values of a row (in the order of NAMES) of an entry's lane, columns and kept bytes."""
    time = place.received_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    common = (*(identity.hex for identity in place[:4]), time)
    lanes = {name: lane.hex for name, lane in place.lanes.items()}

    def row(lane: str, columns: Columns, kept: Sequence[bytes]) -> tuple[Any, ...]:
        return (*common, lanes.get(lane), *columns, *kept)

    return row


def row_for_copy(place: Place) -> Callable[[str, Columns, Sequence[bytes]], bytes]:
    """Return what makes the bytes of a row for COPY (fields in the order of NAMES)."""
    since = (place.received_at - _EPOCH_OF_POSTGRESQL) // _MICROSECOND
    common = b"".join((_count(len(NAMES)), *(_field(identity.bytes) for identity in place[:4]), _number(8, since)))
    begins = {name: common + _field(lane.bytes) for name, lane in place.lanes.items()}
    nowhere = common + _NULL

    def row(lane: str, columns: Columns, kept: Sequence[bytes]) -> bytes:
        chain_hash, canonical, personal = kept
        return b"".join(
            (
                begins.get(lane, nowhere), columns, _length(len(chain_hash)), chain_hash,
                _length(len(canonical)), canonical, _length(len(personal)), personal,
            )
        )  # fmt: skip

    return row


def _text(value: str | None) -> bytes:
    return _NULL if value is None else _field(value.encode())


def _field(value: bytes | None) -> bytes:
    return _NULL if value is None else _length(len(value)) + value
