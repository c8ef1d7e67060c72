"""What a guard, a button or the office asks of a lane: done once, or refused with a reason, and written down either way."""

from collections.abc import Callable, Mapping

from access.entries import GuardActed, RemoteActed
from access.words import BODY_COLOURS, VEHICLE_CLASSES
from edge.booth_messages import GuardRequest
from edge.gate import guard_questions, undoing
from edge.gate.actions import Action, Answer
from edge.gate.arriving import rest
from edge.gate.deciding import FOLLOWING_MAX, conclude, result_of
from edge.gate.guard_questions import VEHICLE_ACTS, vehicle_acted
from edge.gate.modes import HOLD_MINUTES_MAX, STOP_DECIDING, after_minutes, apply_mode, set_by_guard, set_mode
from edge.gate.opening import is_locked, raise_again, raise_arm
from edge.gate.passage import Moment, Presentation
from edge.gate.phases import ASKING, UP, Mode, Phase
from edge.gate.question import set_aside
from edge.gate.state import LaneState

OFFICE = "office"
GUARD_REASONS = {"open_once": "guard_opened", "admit": "guard_admitted", "refuse": "guard_refused"}
OFFICE_REASONS = {"open_once": "office_opened"}
BUTTON_REASONS = {"push_button": "push_button", "remote": "remote_control", "exit_button": "exit_button"}
HOLD_MINUTES, HOLD_ALONE_MINUTES = 10, 10
CONVOY_MINUTES, CONVOY_MINUTES_MAX = 5, 30
PRESS_AGAIN_S = 1.0
PRESSES_MAX, PRESSES_WITHIN_S = 5, 10.0  # openings by hand: more would be a storm
ANSWERS = frozenset({"admit", "refuse", "passed"})
AT_THE_LANE = ANSWERS | VEHICLE_ACTS | {"correct", "decide_again", "undo"}  # who is asked about stands before the guard
HOLDS: Mapping[str, tuple[Mode, int, int]] = {
    "hold_open": (Mode.HELD_OPEN, HOLD_MINUTES, HOLD_MINUTES_MAX),
    "convoy": (Mode.CONVOY, CONVOY_MINUTES, CONVOY_MINUTES_MAX),
}
CLOSINGS: Mapping[str, Mode] = {"hold_closed": Mode.HELD_CLOSED, "out_of_service": Mode.OUT_OF_SERVICE}


def act(lane: LaneState, request: GuardRequest, moment: Moment) -> list[Action]:
    """Do what a guard asks, or say why not."""
    refusal = _refusal(lane, request, moment)
    passage_id = lane.passage.id if lane.passage and (refusal or _is_of_passage(lane, request)) else ""
    takes_back = None if refusal else undoing.before(lane, request, moment)
    if not refusal and request.act in GUARD_REASONS:
        if request.act == "open_once":
            set_aside(lane)
        passage_id = lane.begin(moment).id
    is_record = request.act in VEHICLE_ACTS and not refusal
    body = vehicle_acted(lane, request, moment) if is_record else written(request, refusal)
    acted = lane.append(body, moment, passage_id)
    answer = Answer(request.request, accepted=not refusal, refusal=refusal)
    if refusal:
        return [acted, answer]
    actions = _DO[request.act](lane, request, moment)
    undoing.done(lane, takes_back)
    return [acted, answer, *actions]


def _is_of_passage(lane: LaneState, request: GuardRequest) -> bool:
    undo = lane.undo if request.act == "undo" else None
    return undo.passage is not None if undo else request.act in AT_THE_LANE


def written(request: GuardRequest, refusal: str) -> GuardActed | RemoteActed:
    """Return what is written of an act of a guard, or of the office."""
    if request.source == OFFICE:
        return RemoteActed(
            request.act,
            request.reason,
            request.guard,
            request.request,
            not refusal,
            refusal,
            request.guard_name,
            request.words,
        )
    words = request.words if not request.second_name else f"{request.words} ({request.second_name})".strip()
    return GuardActed(
        request.act, request.reason, request.guard, request.request, not refusal, refusal, request.guard_name, words
    )


def _refusal(lane: LaneState, request: GuardRequest, moment: Moment) -> str:
    if moment.now > request.expires_mono:
        return "expired"
    if request.source == OFFICE and request.act in AT_THE_LANE:
        return "unknown_act"
    return _WHY_NOT.get(request.act, _unknown_act)(lane, request, moment)


def _unknown_act(_lane: LaneState, _request: GuardRequest, _moment: Moment) -> str:
    return "unknown_act"


def _cannot_open(lane: LaneState, _request: GuardRequest, moment: Moment) -> str:
    if lane.phase is Phase.UNKNOWN or len(lane.following) >= FOLLOWING_MAX:
        return "not_ready"
    if lane.mode in STOP_DECIDING:
        return lane.mode.value
    recent = [at for at in lane.opened_by_hand if moment.now - at < PRESSES_WITHIN_S]
    return "too_often" if len(recent) >= PRESSES_MAX else ""


def _never(_lane: LaneState, _request: GuardRequest, _moment: Moment) -> str:
    return ""


def _cannot_turn(lane: LaneState, request: GuardRequest, _moment: Moment) -> str:
    fits = lane.config.direction == "both" and request.choice in ("", "in", "out")
    return "" if fits else "not_reversible"


def _not_asked(lane: LaneState, request: GuardRequest, _moment: Moment) -> str:
    if lane.phase is Phase.UNKNOWN:
        return "not_ready"
    asked = lane.phase is Phase.REFERRED and lane.passage is not None and lane.passage.id == request.passage
    if not asked or (request.act == "passed" and lane.passage is not None and lane.passage.reason != "not_confirmed"):
        return "too_late"
    is_known = request.vehicle_class in ("", *VEHICLE_CLASSES) and request.colour in ("", *BODY_COLOURS)
    if request.act == "admit" and not is_known:
        return "unknown_act"
    return lane.mode.value if request.act == "admit" and lane.mode in STOP_DECIDING else ""


def _cannot_hold(lane: LaneState, request: GuardRequest, moment: Moment) -> str:
    _, _, most = HOLDS[request.act]
    if not 0 <= request.minutes <= most:
        return "too_long"
    alone = request.act != "hold_open" or request.minutes <= HOLD_ALONE_MINUTES
    if not alone and request.second in ("", request.guard):
        return "second_person_needed"
    return "interlocked" if lane.config.id in moment.barred else ""


def _cannot_resume(lane: LaneState, _request: GuardRequest, moment: Moment) -> str:
    is_set = set_by_guard(lane, moment)[0] is not None or lane.mode is not Mode.NORMAL
    can = lane.mode is not Mode.EVACUATION and (is_set or bool(lane.tripped) or bool(lane.open_because))
    return "" if can else "nothing_to_resume"


# --- what each act does ---------------------------------------------------------------------------


def _decide_by_hand(lane: LaneState, request: GuardRequest, moment: Moment) -> list[Action]:
    if request.act == "open_once":
        lane.opened_by_hand = [*lane.opened_by_hand, moment.now][-PRESSES_MAX:]
    if lane.phase is Phase.PASSING and not lane.is_door and request.act == "open_once":
        return _open_for_the_next(lane, request, moment)
    passage = lane.begin(moment)
    if request.act == "admit":
        passage.adopt(request.choice)
        passage.body_class = request.vehicle_class
    pictures = lane.picture(moment)
    return pictures + conclude(lane, _reason(request), _values(lane, request), _by(lane, request, moment), None, moment)


def _open_for_the_next(lane: LaneState, request: GuardRequest, moment: Moment) -> list[Action]:
    """Give the grant to who comes next: somebody is under the arm already, and has their own."""
    first, lane.passage = lane.passage, None
    lane.following.append(lane.begin(moment))
    pictures = lane.picture(moment)
    since = lane.since
    actions = conclude(lane, _reason(request), _values(lane, request), _by(lane, request, moment), None, moment)
    lane.passage = first
    lane.enter(Phase.PASSING, moment, lane.config.barrier.held_s)
    lane.since = since
    return pictures + actions


def _reason(request: GuardRequest) -> str:
    return (OFFICE_REASONS if request.source == OFFICE else GUARD_REASONS)[request.act]


def _source(request: GuardRequest) -> str:
    return OFFICE if request.source == OFFICE else "guard"


def _values(lane: LaneState, request: GuardRequest) -> dict[str, object]:
    before = lane.passage.values if lane.passage else {}
    seen = {"body_class": request.vehicle_class, "body_colour": request.colour}
    said = {name: value for name, value in seen.items() if value}
    return {**before, "why": request.reason, "words": request.words, "guard": request.guard_name, **said}


def _by(lane: LaneState, request: GuardRequest, moment: Moment) -> Presentation:
    text = lane.passage.text if lane.passage else ""
    return Presentation(request.guard, _source(request), "", text, moment.now, vehicle_class=request.vehicle_class)


def _has_passed(lane: LaneState, _request: GuardRequest, moment: Moment) -> list[Action]:
    """Take a grant that was not confirmed as used."""
    return lane.end("passed", moment) + rest(lane, moment)


def _hold(lane: LaneState, request: GuardRequest, moment: Moment) -> list[Action]:
    mode, usual, _ = HOLDS[request.act]
    until = after_minutes(moment, request.minutes or usual)
    return set_mode(lane, mode, moment, source=_source(request), reason=request.reason, until=until)


def _close_down(lane: LaneState, request: GuardRequest, moment: Moment) -> list[Action]:
    return set_mode(lane, CLOSINGS[request.act], moment, source=_source(request), reason=request.reason)


def _resume(lane: LaneState, request: GuardRequest, moment: Moment) -> list[Action]:
    """Put the lane in normal service, also where the office has it otherwise, and let an arm come down that was kept up."""
    rules = lane.rules(moment)
    is_normal = rules is None or rules.mode == Mode.NORMAL.value
    lane.tripped, lane.closings = "", 0
    lane.lowering = lane.lowering and not lane.open_because  # a close under way goes on; one that came to nothing is over
    actions = set_mode(lane, None if is_normal else Mode.NORMAL, moment, source=_source(request), reason=request.reason)
    if lane.phase is Phase.CLOSING:
        lane.open_because = ""
        actions += rest(lane, moment)
    return actions


def _direct(lane: LaneState, request: GuardRequest, moment: Moment) -> list[Action]:
    mode, until, _ = set_by_guard(lane, moment)
    return set_mode(lane, mode, moment, source=_source(request), reason=request.reason, until=until, headed=request.choice)


_WHY_NOT: Mapping[str, Callable[[LaneState, GuardRequest, Moment], str]] = {
    "open_once": _cannot_open,
    "admit": _not_asked,
    "refuse": _not_asked,
    "passed": _not_asked,
    "hold_open": _cannot_hold,
    "convoy": _cannot_hold,
    "hold_closed": _never,
    "out_of_service": _never,
    "resume": _cannot_resume,
    "direct": _cannot_turn,
    "correct": guard_questions.cannot_correct,
    "decide_again": guard_questions.cannot_decide_again,
    "nothing_carried": guard_questions.cannot_check_vehicle,
    "mark_loading": guard_questions.cannot_check_vehicle,
    "undo": undoing.cannot_undo,
}
_DO: Mapping[str, Callable[[LaneState, GuardRequest, Moment], list[Action]]] = {
    "open_once": _decide_by_hand,
    "admit": _decide_by_hand,
    "refuse": _decide_by_hand,
    "passed": _has_passed,
    "hold_open": _hold,
    "convoy": _hold,
    "hold_closed": _close_down,
    "out_of_service": _close_down,
    "resume": _resume,
    "direct": _direct,
    "correct": guard_questions.correct,
    "decide_again": guard_questions.decide_again,
    "nothing_carried": guard_questions.after_vehicle_check,
    "mark_loading": guard_questions.after_vehicle_check,
    "undo": undoing.undo,
}


# --- buttons --------------------------------------------------------------------------------------


def press(lane: LaneState, button: str, moment: Moment) -> list[Action]:
    """Open for a button: the booth's, a remote control's receiver, or the one inside a door, which always opens."""
    goes_out = button == "exit_button"
    if (lane.mode in STOP_DECIDING and not goes_out) or lane.phase is Phase.UNKNOWN:
        return [lane.observe("button_ignored", moment, button)]
    if lane.phase is Phase.HELD_OPEN:
        return raise_again(lane, moment)
    if lane.phase in UP:
        return _press_again(lane, button, moment)
    if lane.phase is Phase.INTERLOCKED:
        return [lane.observe("button_pressed", moment, button)]  # they have a grant, and wait for their turn
    set_aside(lane)
    actions = lane.end(result_of(lane.begin(moment)), moment) if goes_out and lane.phase in ASKING else []
    passage = lane.begin(moment)  # who goes out is not the one outside who is asked about
    if goes_out:
        passage.direction = "out"
    by = Presentation(button, "button", "", passage.text, moment.now)
    return actions + lane.picture(moment) + conclude(lane, BUTTON_REASONS[button], dict(passage.values), by, None, moment)


def _press_again(lane: LaneState, button: str, moment: Moment) -> list[Action]:
    """Send the command again for who presses again, not too often; nobody more is let through for it."""
    if moment.now - lane.raised_at < PRESS_AGAIN_S or is_locked(lane, moment):
        return []
    seen = lane.observe("button_pressed", moment, button)
    return [seen, *raise_arm(lane, str(seen.draft.id), moment.now, moment)]


def office_set(lane: LaneState, moment: Moment, before: str) -> list[Action]:
    """Follow the office where it has set the lane otherwise; what a guard had held before is over then."""
    rules = lane.rules(moment)
    mode, _, _ = set_by_guard(lane, moment)
    if lane.phase is Phase.UNKNOWN and not lane.mode_cause:
        return []  # taken up with the first inputs
    is_new = rules is not None and rules.mode != before
    if is_new and mode is not None and mode is not Mode.OUT_OF_SERVICE:
        return set_mode(lane, None, moment, source="office")
    return apply_mode(lane, moment, source="office")
