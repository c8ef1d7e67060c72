"""Marks as tests write them: who, at which gate, when, by what clock."""

from typing import Any
from uuid import UUID, uuid5

from central.ledger.marks import SECOND_US, Mark

SPACE = UUID(int=7)
NOON_US = 1_772_452_800 * SECOND_US


def mark(
    gate: str,
    at_s: float,
    way: str = "in",
    quality: str = "trusted",
    *,
    seq: int = 0,
    epoch: str = "1",
    number: int = 0,
    **what: Any,
) -> Mark:
    """Return what a gate (by a letter) says at so many seconds past noon."""
    topic = what.pop("topic", "at:car")
    seq = seq or round(at_s) + 1_000_000
    entry = uuid5(SPACE, f"{gate} {epoch} {seq}")
    edge, gate_id = uuid5(SPACE, f"edge {gate}"), uuid5(SPACE, gate)
    at_us = NOON_US + round(at_s * SECOND_US)
    return Mark(topic, edge, uuid5(edge, epoch), seq, entry, gate_id, None, at_us, quality, number, {"way": way, **what})
