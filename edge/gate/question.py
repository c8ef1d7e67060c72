"""A grant not confirmed when the program stopped: the guard is asked whether they have passed, when nobody else waits."""

from access.codes import read_back
from access.decision import decide
from access.entries import Decided
from access.matching import as_shown
from edge.gate.actions import Action
from edge.gate.deciding import conclude
from edge.gate.passage import Moment, Presentation
from edge.gate.phases import Phase
from edge.gate.state import LaneState

QUESTION_LIFE_S = 1800.0  # the guard may come back later
REASON = "not_confirmed"


def is_asked(lane: LaneState) -> bool:
    """Tell whether the guard is being asked it now."""
    return lane.phase is Phase.REFERRED and lane.passage is not None and lane.passage.reason == REASON


def ask(lane: LaneState, moment: Moment) -> list[Action]:
    """Ask it where the lane is free: for the first time, or again after somebody else came first."""
    if lane.phase is not Phase.IDLE:
        return []
    if lane.question is not None:
        return _ask_again(lane, moment)
    was, lane.unconfirmed = lane.unconfirmed, None
    last = lane.passage
    if was is None or (last is not None and last.text == was.text and last.result == "passed"):
        return []  # they stood here still, and have passed since
    return _ask_first(lane, was, moment)


def set_aside(lane: LaneState) -> bool:
    """Make room for who comes now: the question can wait; tell whether there was one."""
    if not is_asked(lane):
        return False
    lane.question, lane.passage = lane.passage, None
    return True


def _ask_first(lane: LaneState, was: Decided, moment: Moment) -> list[Action]:
    """Ask; if they have passed, it moves what it would have moved, and if not, what it had used up is given back."""
    passage = lane.begin(moment)
    passage.medium, passage.text, passage.device, passage.direction = was.medium, was.text, was.device, was.direction
    passage.shown, passage.holder, passage.unit = as_shown(was.medium, was.text), was.holder, was.unit
    passage.category, passage.credential, passage.person = was.category, was.credential, was.person
    passage.plate = was.text if was.medium == "plate" else ""
    passage.code = read_back(was.code, was.text)
    passage.capture = was.capture
    passage.plate_capture = was.capture if was.medium == "plate" else ""
    by = Presentation(was.device, "none", "", was.text, moment.now)
    actions = conclude(lane, REASON, {"shown": passage.shown}, by, None, moment)
    rules = lane.rules(moment)
    if moment.rules and rules:
        again = Presentation(was.device, was.medium, was.text, was.text, moment.now, was.bits, code=passage.code)
        shown = again.presented(was.direction, ())
        passage.moves(decide(shown, rules, moment.rules, moment.presence, moment.at), rules, moment)
        passage.used = True
    lane.enter(Phase.REFERRED, moment, QUESTION_LIFE_S)
    return actions


def _ask_again(lane: LaneState, moment: Moment) -> list[Action]:
    lane.passage, lane.question = lane.question, None
    began = lane.passage.began if lane.passage else moment.now
    if moment.now >= began + QUESTION_LIFE_S:
        return lane.end("unanswered", moment)
    lane.enter(Phase.REFERRED, moment, began + QUESTION_LIFE_S - moment.now)
    return []
