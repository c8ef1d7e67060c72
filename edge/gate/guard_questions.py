"""What a guard does about who stands at a lane, beside letting in or not: read the plate, look at the goods, ask once more."""

from dataclasses import replace

from access.acting.act import Act, Changes
from access.acting.facts import facts_of
from access.acts import VehicleActed
from access.case import GUARD
from access.plate import UNKNOWN, normalise
from edge.booth_messages import GuardRequest
from edge.gate.actions import Action
from edge.gate.deciding import DECISIONS_PER_PASSAGE_MAX, judge_again, judge_corrected
from edge.gate.passage import Moment, Passage, Presentation
from edge.gate.phases import ASKING, Phase
from edge.gate.question import REASON as NOT_CONFIRMED
from edge.gate.state import LaneState

VEHICLE_ACTS = frozenset({"nothing_carried", "mark_loading"})
ABOUT_GOODS = frozenset({"goods_check", "goods_slip", "goods_slip_early", "code_slip", "code_slip_other"})
PLATE_TYPED_MAX = 20
_NO_RULES_ASKED = frozenset({"unread", NOT_CONFIRMED})
_ANSWERED = frozenset({Phase.REFERRED, Phase.DENIED})


def waits_for_goods(lane: LaneState) -> bool:
    """Tell whether the guard is asked what a vehicle carries."""
    return lane.phase is Phase.REFERRED and lane.passage is not None and lane.passage.reason in ABOUT_GOODS


def subject_of(passage: Passage) -> str:
    """Name who or what would move, as the presence calls it; "" where nobody can tell."""
    return passage.moving[0].subject if passage.moving else ""


# --- why not --------------------------------------------------------------------------------------


def cannot_correct(lane: LaneState, request: GuardRequest, _moment: Moment) -> str:
    """Say why a plate cannot be corrected ("": it can): only of who waits for the guard, or was denied."""
    passage = _of(lane, request)
    if lane.is_door:
        return "unknown_act"
    if passage is None or lane.phase not in _ANSWERED or passage.reason == NOT_CONFIRMED:
        return "too_late"
    text = normalise(request.choice) if len(request.choice) <= PLATE_TYPED_MAX else ""
    if not text or UNKNOWN in text:
        return "no_plate"
    return "too_often" if passage.decisions >= DECISIONS_PER_PASSAGE_MAX else ""


def cannot_decide_again(lane: LaneState, request: GuardRequest, _moment: Moment) -> str:
    """Say why the rules cannot be asked again: only about a question that they were asked about."""
    passage = _of(lane, request)
    if passage is None or lane.phase is not Phase.REFERRED:
        return "too_late"
    if passage.presented is None or passage.reason in _NO_RULES_ASKED:
        return "nothing_read"
    return "too_often" if passage.decisions >= DECISIONS_PER_PASSAGE_MAX else ""


def cannot_check_vehicle(lane: LaneState, request: GuardRequest, moment: Moment) -> str:
    """Say why nothing can be said of what a vehicle carries: it must be the one that stands here."""
    passage = _of(lane, request)
    if passage is None or lane.phase not in ASKING:
        return "too_late"
    if lane.is_door or not request.choice or request.choice != subject_of(passage):
        return "other_vehicle"
    facts = _facts(lane, request, moment)
    return facts if isinstance(facts, str) else ""


def _of(lane: LaneState, request: GuardRequest) -> Passage | None:
    passage = lane.under_way
    return passage if passage is not None and passage.id == request.passage else None


# --- what is done ---------------------------------------------------------------------------------


def correct(lane: LaneState, request: GuardRequest, moment: Moment) -> list[Action]:
    """Ask the rules about the plate as the guard reads it."""
    typed = Presentation(GUARD, "plate", request.choice, normalise(request.choice), moment.now, as_read_by_guard=True)
    before = lane.begin(moment).presented
    if before is not None and before.medium == "plate":
        typed = replace(typed, colour=before.colour, vehicle_class=before.vehicle_class)
    return judge_corrected(lane, typed, moment)


def decide_again(lane: LaneState, _request: GuardRequest, moment: Moment) -> list[Action]:
    """Ask the rules about the same once more."""
    return judge_again(lane, moment)


def after_vehicle_check(lane: LaneState, _request: GuardRequest, moment: Moment) -> list[Action]:
    """Ask the rules once more where the question was about goods."""
    passage = lane.passage
    can = passage is not None and passage.presented is not None and passage.decisions < DECISIONS_PER_PASSAGE_MAX
    return judge_again(lane, moment) if can and waits_for_goods(lane) else []


def vehicle_acted(lane: LaneState, request: GuardRequest, moment: Moment) -> VehicleActed:
    """Return what is written of a look at what a vehicle carries."""
    facts = _facts(lane, request, moment)
    assert not isinstance(facts, str)
    return VehicleActed(
        identity=request.choice,
        act=request.act,
        guard=request.badge or request.guard,
        request=request.request,
        facts=facts,
        role=request.role,
        words=request.words,
        guard_name=request.guard_name,
    )


def _facts(lane: LaneState, request: GuardRequest, moment: Moment) -> Changes | str:
    rules = lane.rules(moment)
    where = rules.name_in_facts if rules else lane.config.id
    return facts_of(Act(VehicleActed.kind, request.choice, request.act, {}, where, moment.at), moment.presence)
