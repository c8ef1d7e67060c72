"""Doors and turnstiles: one person for each grant, as far as a contact or a signal tells of them."""

from edge.gate.actions import Action
from edge.gate.arriving import come_down, rest
from edge.gate.deciding import is_blind_door
from edge.gate.opening import begin_passing
from edge.gate.passage import Moment
from edge.gate.phases import Phase
from edge.gate.state import MOMENT_S, LaneState


def goes_through(lane: LaneState, moment: Moment) -> list[Action]:
    """Begin the passage as the door opens."""
    return begin_passing(lane, moment)


def not_used(lane: LaneState, moment: Moment) -> list[Action]:
    """Lock again; where nothing tells of a door, its grant counts as used."""
    return lane.end("assumed" if is_blind_door(lane) else "no_show", moment) + rest(lane, moment)


def turned(lane: LaneState, moment: Moment) -> list[Action]:
    """End the passage as the turnstile has turned once; it is locked again then."""
    if _bounces(lane, moment):
        return []
    lane.through_at = moment.now
    return lane.end("passed", moment) + rest(lane, moment)


def shut(lane: LaneState, moment: Moment) -> list[Action]:
    """End the passage as the door shuts, if one is under way."""
    lane.through_at = moment.now
    come_down(lane)
    return lane.end("passed", moment) + rest(lane, moment)


def is_held(lane: LaneState, moment: Moment) -> list[Action]:
    """Say once that a door stands open too long."""
    lane.open_because = "door_held"
    return [lane.alarm("door_held", moment)]


def forced(lane: LaneState, moment: Moment) -> list[Action]:
    """Say that a door opens, or a turnstile turns, for which nobody had a grant; a contact that bounces tells of nobody."""
    if _bounces(lane, moment):
        is_free = lane.phase is Phase.IDLE and lane.inputs.closed is False
        return _open_still(lane, moment) if is_free else []
    lane.through_at = lane.begin(moment).opened = moment.now
    seen = [lane.observe("door_forced", moment), *lane.picture(moment), lane.alarm("door_forced", moment)]
    actions = [*seen, *lane.end("door_forced", moment)]
    if lane.inputs.closed is False:
        return actions + _open_still(lane, moment)
    return actions + rest(lane, moment)


def _bounces(lane: LaneState, moment: Moment) -> bool:
    """Tell whether somebody has only just gone through: it is the same one still, whose contact opens and closes again."""
    return 0 < moment.now - lane.through_at < MOMENT_S


def _open_still(lane: LaneState, moment: Moment) -> list[Action]:
    """Wait for the door to shut; nobody is on the way through that we know of."""
    lane.enter(Phase.CLOSING, moment, lane.config.barrier.held_s)
    return []


def used_while_held(lane: LaneState, moment: Moment) -> list[Action]:
    """Count who goes through a turnstile or door that stands unlocked."""
    if _bounces(lane, moment):
        return []
    lane.through_at = moment.now
    lane.begin(moment)
    return lane.end("passed", moment)
