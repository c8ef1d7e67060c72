"""What a gate writes down first after a disorderly stop: passages that never ended, grants that were never confirmed."""

from collections.abc import Iterable, Mapping

from access.entries import AlarmRaised, Body, PassageEnded

OpenPassage = tuple[str, str, list[str]]


def close_interrupted(open_passages: Iterable[OpenPassage], directions: Mapping[str, str]) -> list[tuple[str, str, Body]]:
    """Return (lane, passage, body) to append for each (passage, lane, kinds of its entries) that has no end.

    A command without an outcome is granted, not confirmed: whether the arm moved is not known; it is never opened again for it.
    """
    bodies: list[tuple[str, str, Body]] = []
    for passage, lane, kinds in open_passages:
        if "command" in kinds and "outcome" not in kinds:
            bodies.append((lane, passage, AlarmRaised("granted_not_confirmed")))
        bodies.append((lane, passage, PassageEnded("interrupted", directions.get(lane, "in"))))
    return bodies
