"""What a lane writes down and tells, made from what it knows of a passage."""

from dataclasses import replace
from itertools import chain
from typing import Any

from access.case import Companion, Earlier
from access.codes import recorded
from access.decision import Decision, Explanation
from access.entries import Decided, PassageEnded
from access.lane_log import PassageTold, in_one_sentence
from access.passing import on_grant, on_passage, on_return
from access.plate import shown
from access.results import WENT_THROUGH
from access.words import LANGUAGES
from edge.config import LaneSection
from edge.gate.actions import Tell
from edge.gate.passage import Moment, Passage, Presentation
from edge.gate.phases import Mode

# Who went through the way that the lane was for them: the presence follows, grant or none.
MOVED = WENT_THROUGH - {"wrong_way", "door_forced"}
_WRONG_WAY = {"in": "out", "out": "in"}


def decided(passage: Passage, by: Presentation, decision: Decision | None, moment: Moment) -> Decided:
    """Write down a decision on a passage with everything that it was made of, and what a grant uses up."""
    explained = decision.explanation if decision else None
    uses = passage.outcome == "grant" and not passage.used
    return Decided(
        outcome=passage.outcome,
        reason=passage.reason,
        medium=by.medium,
        device=by.device,
        revision=moment.rules.revision if moment.rules else 0,
        direction=passage.direction,
        category=passage.category,
        credential=passage.credential,
        person=passage.person,
        confidence=by.confidence,
        capture=passage.capture,
        at_us=round(moment.at.timestamp() * 1e6),
        bits=by.bits,
        characters=by.characters,
        colour=by.colour,
        vehicle_class=by.vehicle_class,
        obligations=tuple([due.code, dict(due.values)] for due in passage.obligations),
        presence=dict(explained.reads) if explained else {},
        companions=tuple(map(_companion, explained.companions)) if explained else (),
        vehicle=explained.vehicle if explained else "",
        facts=tuple(chain.from_iterable(map(on_grant, passage.moving))) if uses else (),
        code=recorded(by.code),
        text=passage.text,
        holder=passage.holder,
        unit=passage.unit,
        values=dict(passage.values),
        steps=tuple([step.rule, dict(step.saw), step.concluded] for step in explained.steps) if explained else (),
        candidates=tuple([c.credential.shown, c.why, list(c.differs)] for c in passage.candidates),
        earlier=tuple(map(_earlier, passage.considered)) if decision else (),
        heard=_heard(explained) if explained else (),
    )


def _heard(explained: Explanation) -> tuple[list[Any], ...]:
    return tuple([name, value, str(edge), heard_us] for name, (value, edge, heard_us) in sorted(explained.heard.items()))


def _companion(companion: Companion) -> list[object]:
    said = [recorded(companion.code)] if companion.code else []
    return [companion.medium, str(companion.credential.id), round(companion.at.timestamp() * 1e6), *said]


def _earlier(earlier: Earlier) -> list[object]:
    by = earlier.presented
    at_us = round(earlier.at.timestamp() * 1e6)
    said = [recorded(by.code)] if by.code else []
    return [
        at_us,
        by.medium,
        by.raw,
        by.text,
        by.bits,
        by.confidence,
        list(by.characters),
        by.colour,
        by.vehicle_class,
        *said,
    ]


def ended(passage: Passage, result: str, mode: Mode, moment: Moment) -> PassageEnded:
    """Write down the end of a passage, and what it changes in the presence: who passed is elsewhere now, a use unused is free."""
    opened, now = passage.opened, moment.now
    facts: list[tuple[Any, ...]] = []
    presence = moment.presence
    for who in sorted(passage.moving, key=lambda one: not one.vehicle):  # the plate is that of the first
        not_used = on_return(who) if passage.used else ()
        changes: tuple[tuple[Any, ...], ...] = on_passage(who, presence, moment.at) if result in MOVED else not_used
        presence = presence.after((how, name, value) for how, name, value, *_ in changes)
        facts += changes
    open_ms = 0 if opened is None else round((now - opened) * 1000)
    waited_ms = round(((now if opened is None else opened) - passage.began) * 1000)
    return PassageEnded(
        result,
        _WRONG_WAY[passage.direction] if result == "wrong_way" else passage.direction,
        int(result in WENT_THROUGH),
        open_ms,
        waited_ms,
        tuple(facts),
        passage.text,
        passage.plate,
        _unusual(mode),
    )


def _unusual(mode: Mode) -> str:
    return "" if mode is Mode.NORMAL else mode.value


def told_decision(passage: Passage, lane: str, took_s: float = 0.0) -> Tell:
    """Say in a line of the booth's feed what was decided."""
    return Tell(
        lane,
        passage.id,
        passage.outcome,
        passage.reason,
        passage.values,
        passage.shown,
        passage.medium,
        passage.holder,
        passage.unit,
        took_s * 1000,
    )


def told(passage: Passage, lane: LaneSection, mode: Mode, now: float, answered_s: float) -> Tell:
    """Tell a passage that is over, in one sentence in each language."""
    opened = passage.opened
    tale = PassageTold(
        kind=lane.kind,
        direction=passage.direction,
        result=passage.result,
        medium=passage.medium,
        shown=passage.shown,
        plate=shown(passage.plate),
        holder=passage.holder,
        unit=passage.unit,
        outcome=passage.outcome,
        reason=passage.reason,
        values=passage.values,
        waited_ms=round(((now if opened is None else opened) - passage.began) * 1000),
        opened_ms=0 if opened is None else round((now - opened) * 1000),
        took_us=round(answered_s * 1e6),
        by_mode=_unusual(mode),
        alarms=passage.alarms,
    )
    return replace(told_decision(passage, lane.id, answered_s), story=_story(tale))


def retold(tale: PassageTold, lane: str, passage: str) -> Tell:
    """Tell a passage that is over from what was written of it."""
    took_ms = tale.took_us / 1000
    return Tell(
        lane,
        passage,
        tale.outcome,
        tale.reason,
        tale.values,
        tale.shown,
        tale.medium,
        tale.holder,
        tale.unit,
        took_ms,
        _story(tale),
    )


def _story(tale: PassageTold) -> dict[str, str]:
    return {language: in_one_sentence(tale, language) for language in LANGUAGES}
