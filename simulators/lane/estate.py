"""Who lives behind a simulated lane: residents with a plate and a card each, and strangers."""

import functools
import io
from typing import Final
from uuid import UUID

from access.card import CardNumber, card_hash
from access.packing import SnapshotBuilder
from access.snapshot import Snapshot
from simulators.lane.layout import LANE
from simulators.standalone import card, resident, small_rules, vehicle

RESIDENTS: Final = 200
_KEY: Final = bytes(range(32))
_LETTERS: Final = "ACEFHJKLMNPRTWXY"


def plate_of(number: int) -> str:
    """Return a resident's plate; no two are alike enough to be taken for each other."""
    return f"粤B{_LETTERS[number % 16]}{_LETTERS[number // 16 % 16]}{number * 7 % 10}{number * 3 % 10}{number % 10}"


def strangers_plate(number: int) -> str:
    """Return a plate that nobody has registered."""
    return f"川A{_LETTERS[number % 16]}{_LETTERS[number // 16 % 16]}{number * 9 % 10}{number * 7 % 10}{number % 10}"


def card_of(number: int) -> bytes:
    """Return the number of a resident's card, as its reader delivers it."""
    return b"\x01" + (0x63E900 + number).to_bytes(4, "big")


@functools.cache
def rules() -> Snapshot:
    """Return the rules of the estate, packed once."""
    builder = SnapshotBuilder(1, built_utc=1_772_400_000)
    for kind, identity, data in small_rules(_KEY, [LANE]):
        builder.add(kind, identity, data)
    for number in range(RESIDENTS):
        person = UUID(int=0x1000 + number)
        rows = (
            resident(person, "李*", f"3-{number:04d}"),
            card(UUID(int=0x2000 + number), person, [card_hash(_KEY, CardNumber(card_of(number), 40))]),
            vehicle(UUID(int=0x3000 + number), person, plate_of(number)),
        )
        for kind, identity, data in rows:
            builder.add(kind, identity, data)
    out = io.BytesIO()
    builder.write(out)
    return Snapshot(out.getvalue())
