"""What a gate writes down first after a disorderly stop: passages that never ended, grants that were never confirmed."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from access.entries import AlarmRaised, Body, Decided, PassageEnded

OpenPassage = tuple[str, str, list[str]]
ASKED_WITHIN = timedelta(hours=12)  # of the grant; later, nobody remembers


def close_interrupted(open_passages: Iterable[OpenPassage], directions: Mapping[str, str]) -> list[tuple[str, str, Body]]:
    """Return (lane, passage, body) to append for each (passage, lane, kinds of its entries) that has no end.

    A command without an outcome is granted, not confirmed: whether the arm moved is not known; it is never opened again for it.
    """
    bodies: list[tuple[str, str, Body]] = []
    for passage, lane, kinds in open_passages:
        if _is_unconfirmed(kinds):
            bodies.append((lane, passage, AlarmRaised("granted_not_confirmed")))
        bodies.append((lane, passage, PassageEnded("interrupted", directions.get(lane, "in"))))
    return bodies


def unconfirmed(
    open_passages: Iterable[OpenPassage], decision_of: Callable[[str], Decided | None], at: datetime
) -> dict[str, Decided]:
    """Return by lane the last grant whose arm nobody saw move: the guard is asked whether they have passed."""
    found: dict[str, Decided] = {}
    for passage, lane, kinds in open_passages:
        decision = decision_of(passage) if _is_unconfirmed(kinds) else None
        if decision is not None and decision.outcome == "grant":
            found[lane] = decision
    since_us = (at - ASKED_WITHIN).timestamp() * 1e6
    return {lane: decision for lane, decision in found.items() if decision.at_us >= since_us}


def _is_unconfirmed(kinds: list[str]) -> bool:
    return "command" in kinds and "outcome" not in kinds
