"""Taking back what a guard has just done, for a few seconds and as long as nothing has moved for it."""

import copy
from datetime import UTC, datetime

from access.presence import Value
from edge.booth_messages import GuardRequest
from edge.gate.actions import Action
from edge.gate.modes import fact_name, set_mode
from edge.gate.passage import Moment
from edge.gate.phases import Mode, Phase, Timer
from edge.gate.question import REASON as NOT_CONFIRMED
from edge.gate.records import told_decision
from edge.gate.state import LaneState, Undo

UNDO_S = 5.0
SETTINGS = frozenset({"hold_closed", "out_of_service", "direct"})


def before(lane: LaneState, request: GuardRequest, moment: Moment) -> Undo | None:
    """Return what is needed to take back an act that is done now; None where it cannot be taken back."""
    if request.source != "booth":
        return None
    until = moment.now + UNDO_S
    passage = lane.under_way
    if request.act == "refuse" and passage is not None and passage.asked is not None and passage.reason != NOT_CONFIRMED:
        return Undo("refuse", request.guard, until, copy.copy(passage))
    if request.act in SETTINGS:
        was = moment.presence.facts.get(fact_name(lane))
        return Undo(request.act, request.guard, until, mode=was, arm=lane.inputs.arm)
    return None


def done(lane: LaneState, undo: Undo | None) -> None:
    """Note what can be taken back from now on; what came before it cannot any more."""
    if undo is not None and undo.passage is None:
        undo.cause = lane.mode_cause
    lane.undo = undo


def in_reach(lane: LaneState) -> Undo | None:
    """Return what can be taken back still, as far as it is not too late by the clock."""
    undo, passage = lane.undo, lane.under_way
    if undo is None:
        return None
    if undo.passage is None:
        has_moved = lane.inputs.arm != undo.arm or lane.lowering or bool(lane.commands)
        return undo if lane.mode_cause == undo.cause and not has_moved else None
    is_refused = lane.phase is Phase.DENIED and passage is not None and passage.reason == "guard_refused"
    return undo if is_refused and passage is not None and passage.id == undo.passage.id else None


def cannot_undo(lane: LaneState, request: GuardRequest, moment: Moment) -> str:
    """Say why it cannot be taken back ("": it can): another guard's, too long ago, or something has moved."""
    undo = in_reach(lane)
    is_theirs = undo is not None and undo.guard == request.guard and moment.now <= undo.until
    return "" if is_theirs else "too_late"


def undo(lane: LaneState, request: GuardRequest, moment: Moment) -> list[Action]:
    """Put the question again, or set the lane to what it was set to before."""
    was = in_reach(lane)
    assert was is not None
    return _set_back(lane, was.mode, request, moment) if was.passage is None else _ask_again(lane, was, moment)


def _ask_again(lane: LaneState, was: Undo, moment: Moment) -> list[Action]:
    """Put the question as it was: nothing is decided anew."""
    question, refused = was.passage, lane.begin(moment)
    assert question is not None
    assert question.asked is not None
    question.capture, question.alarms = refused.capture, refused.alarms
    lane.passage = question
    entry = lane.append(question.asked, moment, question.id)
    lane.enter(Phase.REFERRED, moment, lane.config.refer_timeout_s)
    lane.timers.set(Timer.WAIT, lane.timers.at(Timer.WAIT) or moment.now + lane.config.waiting_max_s)
    return [entry, told_decision(question, lane.config.id)]


def _set_back(lane: LaneState, value: Value | None, request: GuardRequest, moment: Moment) -> list[Action]:
    mode, until_s, headed = value if isinstance(value, list) else ("", 0, "")
    until = datetime.fromtimestamp(until_s, UTC) if until_s else None
    was = Mode(mode) if mode else None
    return set_mode(lane, was, moment, source="guard", reason=request.reason, until=until, headed=headed)
