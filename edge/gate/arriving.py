"""Somebody comes to a lane, waits there, and goes away again undecided or refused; and how a lane comes to rest."""

from access.results import WENT_THROUGH
from edge.gate import question
from edge.gate.actions import Action
from edge.gate.deciding import READING_AWAITED_S, conclude, judge_kept, result_of
from edge.gate.opening import CLOSING_AWAITED_S, is_locked, raise_again, raise_arm, stand_open
from edge.gate.passage import Moment, Passage, Presentation
from edge.gate.phases import Mode, Phase, Timer
from edge.gate.state import MOMENT_S, LaneState

DENIED_LOOKED_AT_S = 10.0
FOR_A_WHILE = frozenset({"vehicle_waiting", "standing_under_arm", "door_held", "board_lost", *(mode.value for mode in Mode)})
SAID_OF_THEM = (
    *("direction", "medium", "device", "text", "code", "shown", "plate", "colour", "capture", "plate_capture"),
    *("confidence", "decisions"),
    *("found", "credential", "person", "category", "holder", "unit", "earlier", "asked_under", "presented", "before", "misread"),
)
LEAVING_S = 60.0  # who still stands on the way out then, is somebody else


def settle(lane: LaneState, moment: Moment) -> list[Action]:
    """Take the lane as the first inputs after a start or a loss find it; move nothing."""
    actions: list[Action] = []
    if lane.is_up and not lane.mode.opens:
        lane.open_because = "arm_up_at_start"
        actions.append(lane.observe("arm_up_at_start", moment))
    return actions + rest(lane, moment)


def lose_inputs(lane: LaneState, moment: Moment) -> list[Action]:
    """Know nothing any more: whatever was under way, nobody can say how it ended."""
    actions: list[Action] = []
    for passage in (lane.under_way, *lane.following):
        if passage is not None:
            lane.passage = passage
            actions += lane.end("board_lost", moment)
    lane.following.clear()
    lane.timers.cancel(Timer.ARM, Timer.CLOSE, Timer.RAISE)
    lane.lowering, lane.crossing, lane.leaving, lane.turned = False, "", "", False
    lane.open_because = "board_lost"
    lane.enter(Phase.UNKNOWN, moment)
    return actions


def rest(lane: LaneState, moment: Moment) -> list[Action]:
    """Begin anew: with who stands on the loop, or was read meanwhile; wait first for an arm that is still up."""
    actions = lane.end("unfinished", moment) + _end_following(lane, moment)
    if lane.mode.opens:
        return actions + stand_held(lane, moment)
    if lane.is_up or lane.lowering:
        let_down(lane, moment)
    else:
        come_down(lane)
        lane.enter(Phase.IDLE, moment)
    return [*actions, *_meet_next(lane, moment), *question.ask(lane, moment)]


def _end_following(lane: LaneState, moment: Moment) -> list[Action]:
    """End the grants of who would have come next under the same arm."""
    actions: list[Action] = []
    for passage in lane.following:
        lane.passage = passage
        actions += lane.end("no_show", moment)
    lane.following.clear()
    return actions


def let_down(lane: LaneState, moment: Moment) -> None:
    """Expect the arm to come down now; what kept it up for a while is over."""
    if lane.open_because in FOR_A_WHILE:
        lane.open_because = ""
    if lane.timers.at(Timer.ARM) is None and not lane.open_because:
        lane.await_down(moment, CLOSING_AWAITED_S)
    lane.enter(Phase.CLOSING, moment)


def come_down(lane: LaneState) -> None:
    """Note that the arm is down, or that nobody can say: nothing keeps it up any more."""
    lane.timers.cancel(Timer.ARM)
    lane.open_because, lane.lowering, lane.after_grant = "", False, False
    lane.closings = 0 if lane.inputs.closed else lane.closings


def stand_held(lane: LaneState, moment: Moment) -> list[Action]:
    """Stand open as the mode says; raise the arm if it is not up. Who drives through now is not the one that is asked about."""
    question.set_aside(lane)
    lane.enter(Phase.HELD_OPEN, moment)
    lane.open_because = lane.mode.value
    lane.timers.cancel(Timer.ARM)
    if lane.stays_up and not lane.is_door:
        return []
    if lane.rises(moment.now):
        lane.timers.set(Timer.RAISE, lane.raised_at + lane.config.barrier.travel_s)
        return []
    if is_locked(lane, moment):
        return raise_again(lane, moment)  # as soon as the others of the lock are shut
    lane.timers.set(Timer.RAISE, moment.now + lane.config.barrier.travel_s)
    return raise_arm(lane, lane.mode_cause, moment.now, moment)


def _meet_next(lane: LaneState, moment: Moment) -> list[Action]:
    """Take who stands there now: where one arrives, behind the arm in a lane of both directions, or nowhere that is wired."""
    last = lane.passage
    if last is not None and last.ended is not None and last.result in WENT_THROUGH and moment.now - last.ended < LEAVING_S:
        way_out = _way_out(lane, last)
        lane.leaving = way_out if getattr(lane.inputs, way_out) else ""
    lane.turned = False
    if lane.somebody_waits:
        return arrive(lane, moment)
    if lane.phase is Phase.IDLE and lane.inputs.far_loop and lane.leaving != "far_loop":
        return arrive_from_far(lane, moment)
    return judge_kept(lane, moment) if lane.near is None and lane.phase is Phase.IDLE else []


def _way_out(lane: LaneState, passage: Passage) -> str:
    """Name the loop that somebody leaves by."""
    backwards = passage.result == "wrong_way"
    return "arrival_loop" if lane.turned is not backwards else "far_loop"


def arrive(lane: LaneState, moment: Moment) -> list[Action]:
    """Take in a new arrival: read it, or decide on what was read of it on the approach."""
    question.set_aside(lane)
    last = lane.passage
    lane.enter(Phase.WAITING, moment, READING_AWAITED_S)
    lane.timers.set(Timer.WAIT, moment.now + lane.config.waiting_max_s)
    looks = lane.look(lane.begin(moment))
    if last is not None and _was_lost_for_a_moment(last, moment):
        return looks + _go_on(lane, last, moment)
    return looks + judge_kept(lane, moment)


def _was_lost_for_a_moment(last: Passage, moment: Moment) -> bool:
    """Tell whether who comes now never left: their loop only flickered, and had an answer for them already."""
    gone_s = moment.now - last.ended if last.ended is not None else 0.0
    return 0 < gone_s < MOMENT_S and last.result in ("denied", "unanswered") and bool(last.reason)


def _go_on(lane: LaneState, last: Passage, moment: Moment) -> list[Action]:
    """Give who stands here still the answer that they had; a question of theirs to the guard is put again."""
    passage = lane.begin(moment)
    for name in SAID_OF_THEM:
        setattr(passage, name, getattr(last, name))
    by = Presentation(last.device, last.medium, "", last.text, moment.now, confidence=last.confidence, colour=last.colour)
    actions = conclude(lane, last.reason, last.values, by, None, moment)
    passage.candidates, passage.obligations = last.candidates, last.obligations
    return actions


def arrive_from_far(lane: LaneState, moment: Moment) -> list[Action]:
    """Take in an arrival from behind the arm, where the lane serves both directions."""
    if lane.config.direction != "both" or lane.headed == "in":
        return []
    lane.turned = True
    return arrive(lane, moment)


def arrive_while_asked(lane: LaneState, moment: Moment) -> list[Action]:
    """Take in who comes while the guard is asked about somebody who is not here any more."""
    return arrive(lane, moment) if question.is_asked(lane) else []


def nothing_read(lane: LaneState, moment: Moment) -> list[Action]:
    """Ask the guard about a vehicle that nothing was read of."""
    passage = lane.begin(moment)
    if passage.awaiting and not lane.near:
        return drive_off(lane, moment)  # the second credential never came, and nobody stands here any more
    pictures = lane.picture(moment)
    nothing = Presentation(lane.config.id, "none", "", "", passage.began)
    return pictures + conclude(lane, "unread", {}, nothing, None, moment)


def nobody_answers(lane: LaneState, moment: Moment) -> list[Action]:
    """Say aloud that no guard answered, and ask again as long as somebody waits."""
    if _still_waits(lane, moment):
        lane.enter(Phase.REFERRED, moment, lane.config.refer_timeout_s)
        return [lane.alarm("refer_unanswered", moment)]
    return lane.end("unanswered", moment) + rest(lane, moment)


def _still_waits(lane: LaneState, moment: Moment) -> bool:
    """Tell whether somebody stands there; a loop occupied for so long that it counts as stuck may have a load checked on it."""
    passage = lane.begin(moment)
    if lane.detectors.ill.get(lane.near_loop) == "stuck" and passage.text:
        return moment.now - passage.began < question.QUESTION_LIFE_S
    return bool(lane.near) and not lane.detectors.ill


def forget_denied(lane: LaneState, moment: Moment) -> list[Action]:
    """Forget who was refused; while they stand there, look again later: their loop ends it, unless it fails."""
    if not lane.near or lane.detectors.ill:
        return drive_off(lane, moment)
    lane.timers.set(Timer.PHASE, moment.now + DENIED_LOOKED_AT_S)
    return lane.look(lane.begin(moment))  # another may stand there by now, and no loop has seen them change


def drive_off(lane: LaneState, moment: Moment) -> list[Action]:
    """End the passage of who went away."""
    return lane.end(result_of(lane.begin(moment)), moment) + rest(lane, moment)


def waits_too_long(lane: LaneState, moment: Moment) -> list[Action]:
    """Say once that somebody waits and gets nowhere."""
    return [lane.alarm("waiting_too_long", moment)] if lane.near else []


def open_at_last(lane: LaneState, moment: Moment) -> list[Action]:
    """Open for who waited for the other lane of the lock; where that one is not shut after all, wait on."""
    passage = lane.begin(moment)
    raised = raise_arm(lane, passage.cause, passage.received, moment)
    lane.enter(Phase.OPENING, moment, lane.config.no_show_s if lane.is_door else lane.config.barrier.travel_s)
    return [*raised, *(stand_open(lane, moment) if lane.inputs.arm == "up" else [])]


def lock_stays(lane: LaneState, moment: Moment) -> list[Action]:
    """Give up waiting for the other lane of the lock; who still stands there is a new arrival."""
    return [lane.alarm("interlock_timeout", moment), *lane.end("not_opened", moment), *rest(lane, moment)]
