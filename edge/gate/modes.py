"""What a lane is set to: by the office's rules, by a guard at this gate, by an evacuation, or by its own safeguard."""

from datetime import UTC, datetime, timedelta

from access.entries import LaneChanged
from access.presence import Change
from edge.gate.actions import Action
from edge.gate.arriving import rest, stand_held
from edge.gate.opening import begin_passing, is_locked, raise_again, raise_arm
from edge.gate.passage import Moment
from edge.gate.phases import UP, Mode, Phase, Timer
from edge.gate.state import LaneState

HOLD_MINUTES_MAX = 720  # also where the clock was set back meanwhile
STOP_DECIDING = frozenset({Mode.HELD_CLOSED, Mode.OUT_OF_SERVICE})


def fact_name(lane: LaneState) -> str:
    """Name the fact of the presence that has what a guard has set this lane to."""
    return f"mode:{lane.config.id}"


def set_by_guard(lane: LaneState, moment: Moment) -> tuple[Mode | None, datetime | None, str]:
    """Return what a guard has set the lane to (None: to nothing, or its time is over), until when, and the direction."""
    value = moment.presence.facts.get(fact_name(lane))
    if not isinstance(value, list):
        return None, None, ""
    mode, until, direction = value
    ends = datetime.fromtimestamp(until, UTC) if until else None
    is_over = mode == "" or (ends is not None and ends <= moment.at)
    return None if is_over else Mode(mode), None if is_over else ends, direction


def effective(lane: LaneState, moment: Moment) -> tuple[Mode, datetime | None]:
    """Return the mode that holds now, and when it ends by itself."""
    if moment.presence.facts.get("evacuation") is not None and lane.config.opens_to_evacuate:
        return Mode.EVACUATION, None
    if lane.tripped:
        return Mode.OUT_OF_SERVICE, None
    mode, until, _ = set_by_guard(lane, moment)
    if mode is not None:
        return mode, until
    rules = lane.rules(moment)
    return Mode(rules.mode) if rules else Mode.NORMAL, None


def set_mode(
    lane: LaneState,
    mode: Mode | None,
    moment: Moment,
    *,
    source: str,
    reason: str = "",
    until: datetime | None = None,
    headed: str | None = None,
) -> list[Action]:
    """Set the lane as a guard does (None: as the office says), and do what follows."""
    lane.headed = lane.headed if headed is None else headed
    until_s = round(until.timestamp()) if until else 0
    value: list[int | str] = [mode.value if mode else "", until_s, lane.headed]
    fact: Change = ("set", fact_name(lane), value) if mode or lane.headed else ("drop", fact_name(lane), None)
    return apply_mode(lane, moment, source=source, reason=reason, facts=(fact,), always=True)


def apply_mode(
    lane: LaneState, moment: Moment, *, source: str, reason: str = "", facts: tuple[Change, ...] = (), always: bool = False
) -> list[Action]:
    """Take up the mode that holds now: write it down where it is another, and raise the arm or let it come down."""
    before = lane.mode
    moment.presence = moment.presence.after(facts)
    mode, until = effective(lane, moment)
    lane.headed = set_by_guard(lane, moment)[2]
    lane.mode_until = until
    lane.timers.set(Timer.MODE, None if until is None else moment.now + _left_s(until, moment))
    if mode is before and not always:
        return []
    until_us = round(until.timestamp() * 1e6) if until else 0
    body = LaneChanged(mode.value, source, reason, until_us, lane.headed, tuple(facts))
    entry = lane.append(body, moment, "")
    lane.mode, lane.mode_cause, lane.lowering_cause = mode, str(entry.draft.id), str(entry.draft.id)
    lane.raisings.clear()
    return [entry, *_take_up(lane, before, moment)]


def _left_s(until: datetime, moment: Moment) -> float:
    """Return how long a mode still holds: never longer than it could be set for, whatever the clock says after a start."""
    return min(until - moment.at, timedelta(minutes=HOLD_MINUTES_MAX)).total_seconds()


def _take_up(lane: LaneState, before: Mode, moment: Moment) -> list[Action]:
    if lane.phase is Phase.UNKNOWN:
        return []
    if lane.mode.opens:
        if lane.phase is Phase.HELD_OPEN:
            lane.open_because = lane.mode.value
            return raise_again(lane, moment)
        return _keep_up(lane, moment) if lane.phase in UP or lane.phase is Phase.CROSSING else stand_held(lane, moment)
    lane.timers.cancel(Timer.RAISE)
    if before.opens and lane.phase is Phase.HELD_OPEN:
        if lane.inputs.safety and lane.under_way is not None:
            return begin_passing(lane, moment)  # the one who is under the arm still goes through
        return lane.end("left", moment) + rest(lane, moment)
    if lane.phase is Phase.INTERLOCKED and lane.mode in STOP_DECIDING:
        return lane.end("not_opened", moment) + rest(lane, moment)
    return []


def _keep_up(lane: LaneState, moment: Moment) -> list[Action]:
    """Raise the arm also where somebody is on the way through: it may be down over them, and doors lock again after a moment."""
    lane.timers.set(Timer.RAISE, moment.now + lane.config.barrier.travel_s)
    if lane.rises(moment.now) or lane.stays_up or is_locked(lane, moment):
        return []
    return raise_arm(lane, lane.mode_cause, moment.now, moment)


def mode_over(lane: LaneState, moment: Moment) -> list[Action]:
    """End what a guard had set for a time."""
    drop: Change = ("set", fact_name(lane), ["", 0, lane.headed]) if lane.headed else ("drop", fact_name(lane), None)
    return apply_mode(lane, moment, source="timer", facts=(drop,), always=True)


def trip(lane: LaneState, what: str, moment: Moment) -> list[Action]:
    """Take the lane out of service until a guard resumes it, over a restart too: what must never happen was about to."""
    lane.tripped = what
    alarm = lane.alarm("safety_violated", moment, what)
    if lane.mode in (Mode.EVACUATION, Mode.OUT_OF_SERVICE):
        return [alarm]  # people on the run go first; what is out of service stays so
    return [alarm, *set_mode(lane, Mode.OUT_OF_SERVICE, moment, source="gate", reason=what)]


def after_minutes(moment: Moment, minutes: int) -> datetime:
    """Return the moment that is so many minutes away."""
    return moment.at + timedelta(minutes=minutes)
