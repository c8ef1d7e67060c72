"""The arm's two commands: raised for a cause that is written first, lowered only where we close and nobody can be there."""

import math

from access.entries import Commanded, CommandEnded
from edge.gate.actions import Action, CloseBarrier, OpenBarrier
from edge.gate.events import NOT_WRITTEN
from edge.gate.inputs import DETECTORS, clear_pins
from edge.gate.passage import Moment
from edge.gate.phases import UP, Mode, Phase, Timer
from edge.gate.records import told_decision
from edge.gate.state import Command, LaneState

COMMAND_LIFE_S = 3.0
CLOSE_LIFE_S = 0.5
CLOSE_AGAIN_S = 10.0  # after a command that did not leave
CLOSING_AWAITED_S = 45.0
FAULT_LOOKED_AT_S = 10.0
CLOSINGS_MAX = 3
HOLD_PULSE_MS = 30_000  # of a door that stands unlocked
UNLOCK_AGAIN_S = 28.0
RAISE_AGAIN_S = 2.0
RAISE_LATER_S = 30.0
RAISINGS_MAX = 5
RAISINGS_WITHIN_S = 60.0


def open_for(lane: LaneState, cause: str, received: float, moment: Moment) -> list[Action]:
    """Open for the passage under way, or wait until the other lanes of the lock are shut."""
    passage = lane.begin(moment)
    if lane.phase is Phase.HELD_OPEN:
        is_open = lane.stays_up or lane.rises(moment.now) or moment.now < _unlocked_until(lane)
        stays = is_open or is_locked(lane, moment)
        return [told_decision(passage, lane.config.id), *([] if stays else raise_arm(lane, cause, received, moment))]
    if lane.config.id in moment.barred:
        if lane.phase not in UP:  # one that opens already has its turn; it is not raised again while another stands open
            passage.cause, passage.received = cause, received
            lane.enter(Phase.INTERLOCKED, moment, moment.barred[lane.config.id])
        return [told_decision(passage, lane.config.id)]
    is_unlocked = lane.mode.opens and moment.now < _unlocked_until(lane)
    raised = [told_decision(passage, lane.config.id)] if is_unlocked else raise_arm(lane, cause, received, moment)
    lane.closings = 0
    lane.enter(Phase.OPENING, moment, lane.config.no_show_s if lane.is_door else lane.config.barrier.travel_s)
    return [*raised, *(stand_open(lane, moment) if lane.inputs.arm == "up" else [])]


def stand_open(lane: LaneState, moment: Moment) -> list[Action]:
    """Let them through: the arm is up (or a door unlocked)."""
    lane.begin(moment).opened = moment.now
    lane.after_grant, lane.undetected = True, 0
    lane.said.clear()
    lane.enter(Phase.OPEN, moment, lane.config.no_show_s)
    return begin_passing(lane, moment) if lane.inputs.safety or lane.is_door else []


def begin_passing(lane: LaneState, moment: Moment) -> list[Action]:
    """Note that somebody goes through."""
    passage = lane.begin(moment)
    passage.opened = passage.opened if passage.opened is not None else moment.now
    passage.under_at = moment.now
    lane.after_grant = True  # also for who drives before the arm is all the way up
    lane.enter(Phase.PASSING, moment, lane.config.barrier.held_s)
    return []


def raise_arm(lane: LaneState, cause: str, received: float, moment: Moment, *, vital: bool = False) -> list[Action]:
    """Write the command down and send it. It is never repeated by itself but to keep a lane open that is held so."""
    barrier, pulse = lane.config.barrier, lane.config.barrier.open
    passage = lane.under_way.id if lane.under_way else ""
    command = lane.new_id(moment.at)
    lane.remember(command, Command(passage, received))
    lane.raised_at, lane.lowering = moment.now, False
    lane.timers.cancel(Timer.CLOSE)
    unlocks = lane.is_door and lane.mode.opens
    pulse_ms = HOLD_PULSE_MS if unlocks else pulse.pulse_ms
    if unlocks:
        lane.timers.set(Timer.LOCKED, moment.now + pulse_ms / 1000)
    commanded = lane.append(Commanded(barrier.device, "open", cause, command), moment, passage)
    return [
        commanded,
        OpenBarrier(
            lane.config.id,
            passage,
            barrier.device,
            pulse.coil,
            pulse_ms,
            command,
            moment.now + COMMAND_LIFE_S,
            by_board=pulse.by == "board",
            vital=vital or lane.mode is Mode.EVACUATION or _is_way_out(lane),
        ),
    ]


def _is_way_out(lane: LaneState) -> bool:
    """Tell whether somebody inside has pressed the button beside the door: they are never locked in for want of a journal."""
    return lane.under_way is not None and lane.under_way.reason == "exit_button"


def command_ended(lane: LaneState, command: str, error: str, sent: float, moment: Moment) -> list[Action]:
    """Note that the command left (empty error) or failed; a failed one is repeated only where the lane is held open."""
    is_newest = command == lane.newest
    of = lane.commands.pop(command, None)
    if of is None:
        return []
    took = 0.0 if error else max(0.0, sent - of.received)
    result = CommandEnded(lane.config.barrier.device, command, not error, error, round(took * 1e6))
    actions: list[Action] = [lane.append(result, moment, of.passage)]
    if not of.opens:
        if error and is_newest:  # somebody came, nothing could be written, or the board did not hear: only the last counts
            lane.lowering = False
            lane.closings -= 0 if is_clear(lane) and error != NOT_WRITTEN else 1
            if lane.phase is Phase.CLOSING:
                lane.await_down(moment, CLOSING_AWAITED_S)
                lane.timers.set(Timer.CLOSE, moment.now + CLOSE_AGAIN_S)
        return actions
    if error and is_newest:
        lane.raised_at = -math.inf  # nothing rises
    if lane.passage and lane.passage.id == of.passage:
        lane.answered_s = lane.answered_s or took
        actions.append(told_decision(lane.passage, lane.config.id, took))
    if error and lane.phase is Phase.OPENING and not lane.commands:
        actions.append(lane.alarm("command_failed", moment, error))
        lane.enter(Phase.FAULT, moment, FAULT_LOOKED_AT_S)
    elif error and lane.phase is Phase.HELD_OPEN:
        actions.append(lane.alarm("command_failed", moment, error))
        again = moment.now + lane.config.barrier.travel_s
        lane.timers.set(Timer.RAISE, min(again, lane.timers.at(Timer.RAISE) or again))  # a door is to be unlocked before it locks
    return actions


# --- closing, where we do it ----------------------------------------------------------------------


def is_clear(lane: LaneState) -> bool:
    """Tell whether all that is wired to see somebody is well, and sees nobody."""
    wired = [name for name in lane.config.barrier.pins if name in DETECTORS]
    return bool(wired) and not lane.detectors.ill and all(getattr(lane.inputs, name) is False for name in wired)


def consider_closing(lane: LaneState, moment: Moment) -> None:
    """Begin to wait for the moment to close, or give it up: after everything that has happened to the lane.

    Out of service, nothing moves by itself: somebody may be working on the arm, or our own judgement has failed.
    """
    is_ours = lane.phase is Phase.CLOSING and lane.mode is not Mode.OUT_OF_SERVICE
    idle = is_ours and not lane.open_because and not lane.lowering
    if lane.config.barrier.closing != "agent" or not idle or lane.inputs.arm != "up" or not is_clear(lane):
        lane.timers.cancel(Timer.CLOSE)
    elif lane.timers.at(Timer.CLOSE) is None:
        lane.timers.set(Timer.CLOSE, moment.now + lane.config.barrier.close_clear_s)


def lower_arm(lane: LaneState, moment: Moment) -> list[Action]:
    """Close: once, if nobody can be there; the board looks again before it does."""
    barrier = lane.config.barrier
    if barrier.close is None or lane.phase is not Phase.CLOSING or not is_clear(lane):
        return []
    if lane.closings >= CLOSINGS_MAX:
        lane.open_because = "obstructed"
        lane.timers.cancel(Timer.ARM)
        return [lane.alarm("cannot_close", moment)]
    lane.closings += 1
    lane.lowering = True
    lane.await_down(moment, barrier.travel_s)
    command = lane.new_id(moment.at)
    lane.remember(command, Command("", moment.now, opens=False))
    return [
        lane.append(Commanded(barrier.device, "close", lane.lowering_cause, command), moment, ""),
        CloseBarrier(
            lane.config.id,
            "",
            barrier.device,
            barrier.close.coil,
            barrier.close.pulse_ms,
            command,
            moment.now + CLOSE_LIFE_S,
            clear_pins(barrier),
            by_board=barrier.close.by == "board",
        ),
    ]


def raise_from_closing(lane: LaneState, moment: Moment) -> list[Action]:
    """Raise the arm that comes down by our command over somebody, or over a detector that says nothing any more."""
    seen = lane.observe("obstructed", moment)
    lane.await_down(moment, lane.config.barrier.travel_s + lane.config.no_show_s)
    return [seen, *raise_arm(lane, str(seen.draft.id), moment.now, moment, vital=True)]


# --- held open ------------------------------------------------------------------------------------


def is_locked(lane: LaneState, moment: Moment) -> bool:
    """Tell whether the arm may not be raised, for another lane of its lock is not shut; people on the run need no lock."""
    return lane.config.id in moment.barred and lane.mode is not Mode.EVACUATION


def keep_open(lane: LaneState, moment: Moment) -> list[Action]:
    """Keep a lane open that is held so also while somebody goes through."""
    return raise_again(lane, moment) if lane.mode.opens else []


def _unlocked_until(lane: LaneState) -> float:
    """Return until when a door that is held open need not be unlocked again (monotonic)."""
    is_unlocked = lane.timers.at(Timer.LOCKED) is not None
    return lane.raised_at + UNLOCK_AGAIN_S if is_unlocked else -math.inf


def raise_again(lane: LaneState, moment: Moment) -> list[Action]:
    """Keep a lane open: raise the arm where it is not up, not too often; unlock a door again before it locks."""
    if lane.stays_up and not lane.is_door:
        return []
    lane.raisings = [at for at in lane.raisings if moment.now - at < RAISINGS_WITHIN_S]
    if is_locked(lane, moment):
        lane.timers.set(Timer.RAISE, moment.now + RAISE_AGAIN_S)
        return []
    is_too_often = len(lane.raisings) >= RAISINGS_MAX and not lane.is_door
    raised_at = max([lane.raised_at, *lane.raisings])
    due = _unlocked_until(lane) if lane.is_door else raised_at + (RAISE_LATER_S if is_too_often else RAISE_AGAIN_S)
    if moment.now < due:
        lane.timers.set(Timer.RAISE, due)
        return []
    lane.raisings.append(moment.now)
    alarms = [lane.alarm("will_not_stay_open", moment)] if len(lane.raisings) == RAISINGS_MAX and not lane.is_door else []
    if lane.is_door or lane.has_limits:  # an arm that no limit tells of is raised when somebody has passed
        lane.timers.set(Timer.RAISE, moment.now + (UNLOCK_AGAIN_S if lane.is_door else lane.config.barrier.travel_s))
    return [*alarms, *raise_arm(lane, lane.mode_cause, moment.now, moment)]
