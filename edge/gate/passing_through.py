"""Vehicles under the arm: granted, following, from the wrong side, or through it; told by the sequence of the loops."""

from access.results import WENT_THROUGH
from edge.gate.actions import Action
from edge.gate.arriving import arrive, come_down, drive_off, let_down, rest
from edge.gate.deciding import TWO_WHEELED, is_of_the_next, judge_kept
from edge.gate.opening import CLOSING_AWAITED_S, FAULT_LOOKED_AT_S, begin_passing, raise_again, stand_open
from edge.gate.passage import Moment, Passage
from edge.gate.phases import Mode, Phase, Timer
from edge.gate.question import set_aside
from edge.gate.state import MOMENT_S, LaneState

FLICKER_S = 0.5  # a loop that was occupied for less has seen the edge of somebody
SAME_VEHICLE_S = 1.0  # a long one that its loop loses for a while
FROM_FAR_S = 5.0
CROSSES_WITHIN_S = 3.0  # from the near loop to the far one
NEXT_AFTER_S = 3.0  # a loop that was clear for longer is taken by another vehicle
ARM_MISSING_AFTER = 2  # vehicles that drove through an arm that did not move

OPENED_FOR = frozenset({"passed", "assumed", "tailgated"})  # who comes behind one of these is a tailgater
THROUGH = {"tailgating": "tailgated", "gate_crash": "crashed", "wrong_way": "wrong_way"}


# --- with a grant ---------------------------------------------------------------------------------


def does_not_rise(lane: LaneState, moment: Moment) -> list[Action]:
    """Say that the arm did not obey; it is not told again. With no limit to tell, it is up by now.

    One that was up when it was told has obeyed, and has come down since: whoever stands there is asked anew.
    """
    if lane.config.barrier.open_limit is None and lane.inputs.arm != "down":
        return stand_open(lane, moment)
    if lane.inputs.closed and _was_up_already(lane, moment):
        return _nobody_came(lane, moment)
    lane.enter(Phase.FAULT, moment, FAULT_LOOKED_AT_S)
    return [lane.alarm("arm_not_up", moment)]


def _was_up_already(lane: LaneState, moment: Moment) -> bool:
    """Tell whether the arm was up when it was told to rise, and nobody has been under it since."""
    passage = lane.begin(moment)
    return passage.opened is not None and passage.opened <= lane.raised_at and passage.under_at is None


def give_up(lane: LaneState, moment: Moment) -> list[Action]:
    """End a passage whose arm never opened, once the vehicle has gone."""
    if lane.near and not lane.detectors.ill and not lane.mode.opens:
        lane.timers.set(Timer.PHASE, moment.now + FAULT_LOOKED_AT_S)
        return []
    return lane.end("not_opened", moment) + rest(lane, moment)


def no_show(lane: LaneState, moment: Moment) -> list[Action]:
    """End a grant that nobody used; who still stands before the open arm has time."""
    if lane.near and not lane.has_left() and lane.phase is Phase.OPEN and lane.is_up and not lane.detectors.ill:
        said = "waiting_too_long" in lane.begin(moment).alarms
        lane.enter(Phase.OPEN, moment, lane.config.no_show_s)
        return [] if said else [lane.alarm("waiting_too_long", moment)]
    return _end_unused(lane, moment) + _next(lane, moment)


def closed_before(lane: LaneState, moment: Moment) -> list[Action]:
    """End a grant that the arm came down on before anybody was seen to use it.

    Where it was up already when it was told to rise, it was about to come down: it rises again.
    """
    rises_by = lane.raised_at + lane.config.barrier.travel_s
    if _was_up_already(lane, moment) and moment.now < rises_by and lane.near:
        lane.enter(Phase.OPENING, moment, rises_by - moment.now)
        return []
    return _nobody_came(lane, moment)


def _nobody_came(lane: LaneState, moment: Moment) -> list[Action]:
    """End all grants under an arm that has come down, and begin anew with who stands there."""
    come_down(lane)
    actions = _end_unused(lane, moment)
    for passage in lane.following:
        lane.passage = passage
        actions += _end_unused(lane, moment)
    lane.following.clear()
    return actions + rest(lane, moment)


def _end_unused(lane: LaneState, moment: Moment) -> list[Action]:
    passage = lane.begin(moment)
    found = passage.found
    is_small = found is not None and found.vehicle_class in TWO_WHEELED
    if is_small and not (lane.near and not lane.has_left()):
        return lane.end("assumed", moment)  # a loop does not see them
    has_left = lane.near is not None and lane.freed_at >= passage.began and not passage.backed
    if has_left:
        lane.detectors.passed_unseen()
    may_be_through = has_left or (lane.near is None and passage.outcome == "grant")
    if may_be_through and _nothing_tells(lane):
        return lane.end("assumed", moment)
    return lane.end("reversed" if passage.backed else "no_show", moment)


def _nothing_tells(lane: LaneState) -> bool:
    """Tell whether nothing under the arm or behind it, that is wired and well, could have seen who goes through."""
    beyond = {"safety_loop", "photocell", "arrival_loop" if lane.turned else "far_loop"}
    ill = lane.detectors.ill
    return "blind" in ill.values() or ill.keys() >= beyond & lane.config.barrier.pins.keys()


def come_after(lane: LaneState, moment: Moment) -> list[Action]:
    """Take who comes onto the loop before the open arm long after it was left as the next: the one with the grant has gone."""
    if lane.freed_at < lane.begin(moment).began or moment.now - lane.freed_at < NEXT_AFTER_S:
        return []
    actions = _end_unused(lane, moment)
    if lane.following:
        return actions + _next(lane, moment)
    lane.await_down(moment, CLOSING_AWAITED_S)
    return actions + arrive(lane, moment)


def come_under(lane: LaneState, moment: Moment) -> list[Action]:
    """Let who has the grant go through; one who comes from behind the arm when they have gone, comes the wrong way."""
    began = lane.begin(moment).began
    has_gone = lane.near is False and began <= lane.freed_at < lane.far_on_at
    if has_gone and lane.far and lane.config.direction != "both":
        return _end_unused(lane, moment) + _cross(lane, "wrong_way", moment)
    return begin_passing(lane, moment)


def gone_unseen(lane: LaneState, moment: Moment) -> list[Action]:
    """End a passage that only the loops before and behind the arm have seen: what is under it is blind.

    Who comes to the far loop long after the near one was left has come from the other side.
    """
    passage = lane.begin(moment)
    crossed_s = lane.far_on_at - lane.freed_at
    came = min(lane.freed_at, lane.far_on_at) >= passage.began and crossed_s <= CROSSES_WITHIN_S
    if passage.under_at is not None or lane.near or not came:
        return []
    lane.detectors.passed_unseen()
    return lane.end("passed", moment) + _next(lane, moment)


def leave_safety(lane: LaneState, moment: Moment) -> list[Action]:
    """End a passage when its vehicle has come out behind the arm; one that has come out before it has backed."""
    passage = lane.begin(moment)
    if not _is_behind(lane, passage, moment):
        flickers = passage.under_at is not None and 0 < moment.now - passage.under_at < FLICKER_S
        if flickers and not passage.backed:
            passage.under_at = None
        passage.backed = passage.backed or not flickers
        lane.enter(Phase.OPEN, moment, lane.config.no_show_s)
        return []
    actions = _look_for_the_arm(lane, moment) + lane.end("passed", moment)
    if passage.close_behind:
        actions += _second_went_too(lane, moment)
    return actions + _next(lane, moment)


def _is_behind(lane: LaneState, passage: Passage, moment: Moment) -> bool:
    """Tell whether who comes out from under the arm is behind it: the far loop says so, the near one, or what the next one shows.

    A vehicle that is only coming under the arm makes its loop flicker.
    """
    under_at = passage.under_at if passage.under_at is not None else moment.now
    if lane.kept is not None and is_of_the_next(lane, lane.kept):
        return True
    if 0 < moment.now - under_at < FLICKER_S and not lane.has_left():
        return False
    if lane.far is None or not lane.near:
        return lane.has_left() or lane.far_on_at >= under_at
    stays_far = bool(lane.far) and lane.has_left() and moment.now - under_at >= FLICKER_S
    return lane.far_on_at >= under_at or stays_far


def _next(lane: LaneState, moment: Moment) -> list[Action]:
    """Go on with who has a grant too, with who stands there now, or let the arm come down."""
    if lane.following:
        lane.passage = lane.following.pop(0)
        return stand_open(lane, moment)
    if lane.inputs.closed or lane.mode.opens:
        return rest(lane, moment)
    let_down(lane, moment)
    if lane.near and lane.leaving != lane.near_loop and not lane.turned:
        return arrive(lane, moment)
    return judge_kept(lane, moment) if lane.near is None else []


def close_up(lane: LaneState, moment: Moment) -> list[Action]:
    """Note that a second vehicle has come under the arm behind the first, with no gap that the loop there has seen."""
    passage = lane.begin(moment)
    came_after = passage.under_at is not None and lane.near_on_at > passage.under_at
    gap_s = lane.near_on_at - lane.freed_before
    flickers = 0 < moment.now - lane.near_on_at < FLICKER_S
    if not came_after or gap_s < MOMENT_S or flickers or passage.close_behind or lane.following or lane.inputs.safety is not True:
        return []
    passage.close_behind = True
    return [lane.observe("tailgating", moment, "close behind"), *lane.picture(moment), lane.alarm("tailgating", moment)]


def _second_went_too(lane: LaneState, moment: Moment) -> list[Action]:
    """Count who went through close behind, with a passage of their own."""
    passage = lane.begin(moment)
    passage.moves(None, lane.rules(moment), moment)
    return lane.end("tailgated", moment)


def passes_too_long(lane: LaneState, moment: Moment) -> list[Action]:
    """Say once that somebody stands under the arm."""
    lane.open_because = "standing_under_arm"
    return [lane.alarm("standing_under_arm", moment)]


def shut_over(lane: LaneState, moment: Moment) -> list[Action]:
    """Look at an arm that is down over an occupied loop: one of the two is broken, unless it is left at that moment."""
    actions: list[Action] = [] if lane.inputs.safety is False else [lane.alarm("arm_down_over_loop", moment)]
    come_down(lane)
    ends = lane.end("passed" if lane.has_left() else "unfinished", moment)
    return actions + ends + rest(lane, moment)


def lose_sight(lane: LaneState, moment: Moment) -> list[Action]:
    """End a passage whose detector can be believed no more; the arm stays up, and says why."""
    is_seen_gone = lane.has_left() and lane.near_loop not in lane.detectors.ill
    went = lane.phase is Phase.PASSING and is_seen_gone
    actions = lane.end("passed" if went else "unfinished", moment)
    return actions + rest(lane, moment)


# --- without one ----------------------------------------------------------------------------------


def raised_by_others(lane: LaneState, moment: Moment) -> list[Action]:
    """Note that the arm rises without our command: the barrier's own remote control; or a vehicle pushes it up."""
    if lane.phase is not Phase.CROSSING and lane.rises(moment.now):
        return _rises_after_all(lane, moment)
    set_aside(lane)
    if lane.phase is Phase.CROSSING and lane.crossing == "wrong_way":
        lane.enter(Phase.CROSSING, moment, lane.config.barrier.held_s)
        return []  # also who is let out against the lane's direction goes the wrong way
    if lane.inputs.safety:
        lane.crossing = "gate_crash"
        lane.begin(moment)
        lane.enter(Phase.CROSSING, moment, lane.config.barrier.travel_s)
        return []
    lane.begin(moment).opened = moment.now
    lane.after_grant = True  # whoever raised it means to let somebody in
    actions: list[Action] = [lane.observe("opened_by_others", moment)]
    lane.enter(Phase.OPEN, moment, lane.config.no_show_s)
    return actions


def _rises_after_all(lane: LaneState, moment: Moment) -> list[Action]:
    """Wait for an arm to come down again that rises by our own command, for somebody who is not here any more."""
    if lane.phase is Phase.IDLE:
        let_down(lane, moment)
    lane.await_down(moment, CLOSING_AWAITED_S)
    return []


def up_after_all(lane: LaneState, moment: Moment) -> list[Action]:
    """Take an arm that has come up over somebody as opened by others: nobody pushed it."""
    if lane.crossing != "gate_crash" or "gate_crash" in lane.begin(moment).alarms:
        return []
    lane.crossing = ""
    seen = [] if lane.mode.opens else [lane.observe("opened_by_others", moment)]
    return [*seen, *begin_passing(lane, moment)]


def trespass(lane: LaneState, moment: Moment) -> list[Action]:
    """Note who is under the arm with nobody having arrived: from the wrong side, it may be."""
    return _cross(lane, "wrong_way" if _is_from_far(lane, moment) else "loop_without_grant", moment)


def _is_from_far(lane: LaneState, moment: Moment) -> bool:
    return bool(lane.far) or moment.now - lane.far_on_at < FROM_FAR_S


def follow(lane: LaneState, moment: Moment) -> list[Action]:
    """Note who goes under the arm that is still up from the one before; nothing is ever closed onto them."""
    last = lane.passage
    passed = last is not None and last.ended is not None and last.result in WENT_THROUGH
    if lane.phase is Phase.CLOSING and passed and _is_the_same(lane, moment):
        return []
    if lane.phase is not Phase.CLOSING and (not lane.is_up or 0 < moment.now - lane.safety_off_at < MOMENT_S):
        return []  # under a lowered arm it is only a nose, and so soon only the tail of the one before
    if lane.phase is Phase.CLOSING and _comes_against(lane, moment):
        return _cross(lane, "wrong_way", moment)
    set_aside(lane)
    recent = lane.phase is Phase.CLOSING and passed and last is not None and last.result in OPENED_FOR
    return _cross(lane, "tailgating" if recent else _what_under_raised(lane), moment)


def _what_under_raised(lane: LaneState) -> str:
    """Name what somebody does who goes under the raised arm: it was raised for the one before, or for nobody."""
    behind_one = lane.phase is not Phase.CLOSING and lane.timers.at(Timer.ARM) is not None and lane.after_grant
    return "tailgating" if behind_one else "loop_without_grant"


def _comes_against(lane: LaneState, moment: Moment) -> bool:
    """Tell whether they came from behind the arm, and nobody over the near loop, since the last one was out from under it."""
    is_one_way = lane.config.direction != "both" or bool(lane.headed)
    only_from_far = lane.near is False and lane.near_on_at <= lane.safety_off_at < lane.far_on_at
    return is_one_way and only_from_far and _is_from_far(lane, moment)


def _is_the_same(lane: LaneState, moment: Moment) -> bool:
    """Tell whether it is still the vehicle that passed, lost for a while: nobody can have come behind it over the near loop."""
    gone_s = moment.now - lane.safety_off_at
    if lane.near is None:
        return 0 < gone_s < MOMENT_S
    return 0 < gone_s < SAME_VEHICLE_S and not lane.near and lane.near_on_at < lane.freed_at <= lane.safety_off_at


def _cross(lane: LaneState, what: str, moment: Moment) -> list[Action]:
    passage = lane.begin(moment)
    passage.under_at, passage.over_near = moment.now, bool(lane.near)
    passage.opened = moment.now if lane.is_up else None
    if not passage.moving:
        passage.moves(None, lane.rules(moment), moment)
    lane.crossing = what
    is_arm_gone = lane.open_because == "arm_not_down" and "arm_missing" not in lane.said
    lane.enter(Phase.CROSSING, moment, lane.config.barrier.held_s)
    actions: list[Action] = [lane.observe(what, moment), *lane.picture(moment), lane.alarm(what, moment)]
    return [*actions, *(_arm_is_missing(lane, moment) if is_arm_gone else [])]


def _arm_is_missing(lane: LaneState, moment: Moment) -> list[Action]:
    lane.said.add("arm_missing")
    return [lane.alarm("arm_missing", moment)]


def go_off(lane: LaneState, moment: Moment) -> list[Action]:
    """Take who leaves the loop as gone; who is under the lowered arm then drives through it."""
    if lane.inputs.safety:
        return _cross(lane, _what_under_raised(lane) if _may_be_up(lane) else "gate_crash", moment)
    return drive_off(lane, moment)


def _may_be_up(lane: LaneState) -> bool:
    """Tell whether the arm is up, or may still be from the one before where no limit tells of it."""
    return lane.is_up or (lane.inputs.arm == "unknown" and lane.timers.at(Timer.ARM) is not None)


def come_back(lane: LaneState, moment: Moment) -> list[Action]:
    """Note that who was only just under the arm is there again."""
    lane.begin(moment).under_at = moment.now
    lane.enter(Phase.CROSSING, moment, lane.config.barrier.held_s)
    return []


def pushed_up(lane: LaneState, moment: Moment) -> list[Action]:
    """Say that somebody stands under the arm, or that it was pushed up and not raised; or that they drew back at once."""
    if lane.inputs.safety is False:
        lane.crossing = ""
        return lane.end("withdrew", moment) + rest(lane, moment)
    if lane.crossing == "gate_crash" and "gate_crash" not in lane.begin(moment).alarms:
        return _cross(lane, "gate_crash", moment)
    lane.open_because = "standing_under_arm" if lane.is_up else lane.open_because
    return [lane.alarm("standing_under_arm", moment)]


def comes_out(lane: LaneState, moment: Moment) -> list[Action]:
    """Note that who is under the arm comes out where others arrive: from the wrong side."""
    flickers = lane.near_on_at < moment.now
    nobody_came = lane.crossing == "loop_without_grant" or lane.freed_at <= lane.safety_off_at
    may_be = nobody_came and not flickers and not lane.begin(moment).over_near
    if may_be and lane.crossing in ("loop_without_grant", "tailgating"):
        lane.crossing = "wrong_way"
        return [lane.observe("wrong_way", moment), lane.alarm("wrong_way", moment)]
    return []


def crossed(lane: LaneState, moment: Moment) -> list[Action]:
    """Say how it ended with who was under the arm without a grant."""
    what, passage = lane.crossing, lane.begin(moment)
    under_at = passage.under_at if passage.under_at is not None else moment.now
    if what == "wrong_way":
        went = lane.near is None or bool(lane.near) or lane.freed_at >= under_at
        went = went and not (lane.far and lane.near_on_at < under_at)
    else:
        went = not lane.near or lane.freed_at >= under_at or lane.far_on_at >= under_at
        went = went and (what != "loop_without_grant" or lane.is_up or lane.freed_at >= under_at or lane.far_on_at >= under_at)
    if not went and 0 < moment.now - under_at < FLICKER_S:
        lane.timers.set(Timer.PHASE, moment.now + FLICKER_S)
        return []  # the edge of somebody, it may be: they come under the arm for good, or not at all
    actions: list[Action] = []
    if went and what == "gate_crash":
        actions += _drove_through(lane, moment)
    lane.crossing = ""
    return actions + lane.end(THROUGH.get(what, "unauthorised") if went else "withdrew", moment) + rest(lane, moment)


def _drove_through(lane: LaneState, moment: Moment) -> list[Action]:
    """Raise the alarm, if it was not yet; the arm itself may be gone."""
    actions: list[Action] = []
    if "gate_crash" not in lane.begin(moment).alarms:
        actions = [lane.observe("gate_crash", moment), *lane.picture(moment), lane.alarm("gate_crash", moment)]
    return actions + _look_for_the_arm(lane, moment)


def _look_for_the_arm(lane: LaneState, moment: Moment) -> list[Action]:
    """Count vehicles, let in or not, under which the arm did not move: after some in a row it is not there any more."""
    lane.undetected = lane.undetected + 1 if lane.inputs.closed else 0
    if lane.undetected < ARM_MISSING_AFTER or "arm_missing" in lane.said:
        return []
    return _arm_is_missing(lane, moment)


# --- after it -------------------------------------------------------------------------------------


def come_to_rest(lane: LaneState, moment: Moment) -> list[Action]:
    """Take the lane as free: the arm is down."""
    come_down(lane)
    return rest(lane, moment)


def note_down(lane: LaneState, _moment: Moment) -> list[Action]:
    """Note that the arm has come down before who waits there."""
    come_down(lane)
    return []


def does_not_close(lane: LaneState, moment: Moment) -> list[Action]:
    """Say so once; the arm stays where it is, and the lane knows why it is open. With no limit to tell, it is down by now."""
    barrier = lane.config.barrier
    if lane.inputs.closed_limit is None and barrier.closed_limit is None and not lane.inputs.open_limit:
        return rest(lane, moment) if lane.phase is Phase.CLOSING else []
    ill = "sensor_failed" if lane.detectors.ill else "arm_not_down"
    lane.open_because = "vehicle_waiting" if lane.somebody_waits else ill
    return [lane.alarm("arm_not_down", moment)]


# --- held open ------------------------------------------------------------------------------------


def meet_held(lane: LaneState, moment: Moment) -> list[Action]:
    """Read who comes to a lane that stands open."""
    passage = lane.under_way
    if passage is not None and passage.under_at is None and lane.freed_at >= passage.began:
        actions = lane.end("left", moment)
    else:
        actions = []
    if passage is not None and passage.under_at is not None and lane.inputs.safety:
        return []  # the one before is still under the arm
    return actions + lane.look(lane.begin(moment)) + judge_kept(lane, moment)


def pass_held(lane: LaneState, moment: Moment) -> list[Action]:
    """Note that somebody goes through a lane that stands open; from the wrong side it is still the wrong way."""
    is_new = lane.under_way is None
    if is_new and _is_the_same(lane, moment):
        return []
    _turn_to_who_comes(lane)
    passage = lane.begin(moment)
    passage.under_at, passage.opened = moment.now, passage.opened if passage.opened is not None else moment.now
    if not passage.moving:
        passage.moves(None, lane.rules(moment), moment)
    passage.backwards = is_new and bool(lane.far) and not lane.near and lane.config.direction != "both"
    if not passage.backwards:
        return []
    if lane.mode is Mode.EVACUATION:
        passage.direction = "in" if lane.config.direction == "out" else "out"
        passage.moves(None, lane.rules(moment), moment)
        return []  # whichever way leads out is right
    return [lane.observe("wrong_way", moment), *lane.picture(moment), lane.alarm("wrong_way", moment)]


def _turn_to_who_comes(lane: LaneState) -> None:
    """In a lane of both directions, take the side from which somebody drives under the arm; no other arrival is waited for."""
    from_far, from_near = bool(lane.inputs.far_loop), bool(lane.inputs.arrival_loop)
    if lane.config.direction == "both" and from_far is not from_near:
        lane.turned = from_far


def leave_held(lane: LaneState, moment: Moment) -> list[Action]:
    """Count who went through a lane that stands open; keep it open."""
    passage = lane.under_way
    actions: list[Action] = []
    if passage is not None and passage.under_at is not None:
        if passage.backwards:
            actions = lane.end("passed" if lane.mode is Mode.EVACUATION else "wrong_way", moment)
            lane.leaving = lane.near_loop if lane.near else ""
        elif lane.has_left() or lane.far_on_at >= passage.under_at:
            actions = lane.end("passed", moment)
        else:
            passage.under_at = None
    if lane.somebody_waits and lane.under_way is None:
        actions += meet_held(lane, moment)
    return actions + raise_again(lane, moment)
