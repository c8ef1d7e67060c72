"""The short way past an entry that is as it should be, which nearly all are; whatever is not is looked at again by `journal`.

What passes here passes there: each check is the same, or stricter.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from access.cbor import CborError, loads, loads_each
from access.chain import link
from access.entries import Decided, EpochBegan, GapDeclared
from access.kinds import KINDS
from access.sealing import SALT_BYTES
from central.journal.forms import OWN
from central.journal.projection import AT_US_MAX, TEXT_LENGTH_MAX, WITH_COLUMNS, columns_of
from central.tree.walk.columns import CANONICAL, CHAIN_HASH, FIRST_OWN, LANE, PERSONAL, READ, SEQ, TEXT, Home
from central.tree.walk.rows import Row

# Tells whether a row is the entry of this number behind this chain hash, and all beside it is what it says: of the row, what was
# decoded of it, number and hash.
Check = Callable[[Row, Any, Any, int, bytes], bool]

# The columns of a row that all kinds have come first; then those that only some have.
_OF_ALL: Final = ("id", "kind", "at_us", "passage")
_OF_SOME: Final = OWN[len(_OF_ALL) :]
assert (OWN[: len(_OF_ALL)], OWN[-2:], READ[FIRST_OWN : LANE - 2]) == (_OF_ALL, ("person_id", "record_id"), OWN)
_PERSON: Final = FIRST_OWN + len(OWN) - 2
_BARE: Final = (None,) * len(_OF_SOME)
# What these say concerns other epochs too.
_OF_EPOCHS: Final = frozenset({EpochBegan.kind, GapDeclared.kind})
_WITHOUT_COLUMNS: Final = KINDS.keys() - WITH_COLUMNS - _OF_EPOCHS
_sha256: Final = hashlib.sha256


def decoded(rows: Sequence[Row]) -> tuple[Sequence[Any], Sequence[Any]]:
    """Return the values of canonical and personal bytes of each row; nothing but None where any of them cannot be read."""
    try:
        entries = loads_each([row[CANONICAL] for row in rows])
        beside = iter(loads_each([row[PERSONAL] for row in rows if row[PERSONAL]]))
        return entries, [next(beside) if row[PERSONAL] else {} for row in rows]
    except (CborError, TypeError, LookupError):
        return (None,) * len(rows), (None,) * len(rows)


def checker(edge: bytes, epoch: bytes, home: Home) -> Check:
    """Return the check of an epoch's rows, as `journal` reads them."""
    common = home.gate.hex, home.site.hex
    lanes = {(identity.hex, name) for identity, names in home.lanes.items() for name in names}
    length = len(READ)

    def is_right(row: Row, entry: Any, beside: Any, seq: int, before: bytes) -> bool:
        if entry is None or row[SEQ] != seq or len(row) != length or link(before, row[CANONICAL]) != row[CHAIN_HASH]:
            return False
        try:
            _, its_edge, its_epoch, its_seq, identity, kind, lane, passage, _, at_us, _, body = entry
            if its_edge != edge or its_epoch != epoch or its_seq != seq or not 0 <= at_us <= AT_US_MAX:
                return False
            if type(passage) is not str or len(passage) > TEXT_LENGTH_MAX or "\x00" in passage:
                return False
            for name, salted in beside.items():
                if _sha256(salted).digest() != body[name]:
                    return False
            own = _BARE if kind in _WITHOUT_COLUMNS else _own(kind, body, beside, row[_PERSON])
            is_of_lane = row[LANE] is None or (row[LANE], lane) in lanes
        except Exception:  # noqa: BLE001 - there it is told what is wrong
            return False
        expected = (identity.hex(), kind, at_us, passage or None, *own, *common)
        return is_of_lane and type(body) is dict and row[FIRST_OWN:LANE] == expected

    return is_right


def _own(kind: str, body: dict[str, Any], beside: Mapping[str, bytes], person: str | None) -> tuple[Any, ...]:
    """Return what stands in the columns of a kind that has such. Raises for what has not, and for what says nothing here."""
    if kind not in WITH_COLUMNS:
        raise LookupError(kind)
    is_erased = False
    if kind == Decided.kind and TEXT in body:
        is_erased = TEXT not in beside
        body[TEXT] = "" if is_erased else loads(beside[TEXT][SALT_BYTES:])
    columns = columns_of(kind, body)
    told, record = columns.get("person_id"), columns.get("record_id")
    is_gone = person is None and (is_erased or not beside)
    return *map(columns.get, _OF_SOME[:-2]), None if told is None or is_gone else told.hex, record and record.hex
