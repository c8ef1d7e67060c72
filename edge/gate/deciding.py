"""What is presented at a lane: kept, decided on, or only written down; and what a decision makes the lane do."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

from access.case import Earlier
from access.codes import is_slip
from access.decision import ADMITTED, AWAITING, HOME_AWAITED, Decision, decide, is_doubted
from access.entries import ReadingAmended, ReadingTaken
from access.likeness import likeness
from access.matching import as_shown
from access.passing import on_return
from access.presence import Change
from access.reasons import REASONS
from edge.gate.actions import Action, Append, Look
from edge.gate.claiming import ask
from edge.gate.opening import CLOSING_AWAITED_S, open_for
from edge.gate.passage import Moment, Passage, Presentation
from edge.gate.phases import ASKING, UP, Phase, Timer
from edge.gate.records import decided, told_decision
from edge.gate.state import LaneState

READING_AWAITED_S = 6.0  # a vehicle on the loop that nothing was read of becomes the guard's question
DENIED_SHOWN_S = 10.0
SECOND_READING_KEPT_S = 15.0
PLATE_KEPT_S = 6.0  # a plate that was read on the approach; later, somebody else may stand there
SAME_PLATE_AGAIN_S = 10.0  # a plate that has just passed is still in the picture
UNWRITTEN_AGAIN_S = 1.0  # a card that is held before its reader is read again and again
DECISIONS_PER_PASSAGE_MAX = 20
EARLIER_MAX = 4
FOLLOWING_MAX = 4
SURE_OF_ANOTHER = 0.9  # of a plate that is read close behind another
TWO_WHEELED = frozenset({"motorcycle", "bicycle"})
NARROW = UP | {Phase.CROSSING}  # somebody is on the way through


def present(lane: LaneState, presentation: Presentation, moment: Moment) -> list[Action]:
    """Decide on a credential, keep it for whoever comes next, or only write it down."""
    if _is_repeat(lane, presentation, moment):
        return []
    if moment.now - presentation.received > SECOND_READING_KEPT_S:
        return [_written_down(lane, presentation, moment)]  # it comes late: who was read then need not be here now
    actions = _make_way(lane, moment)
    if is_of_the_next(lane, presentation):
        return actions + _close_up(lane, presentation, moment)
    if _decides_nothing(lane, presentation):
        return actions + (_beside(lane, presentation, moment) or [_written_down(lane, presentation, moment)])
    if _is_on_the_way(lane) or _is_early(lane, presentation) or _is_of_the_other_side(lane, presentation):
        if _is_unseen(lane) and (beside := _beside(lane, presentation, moment)):
            return actions + beside
        lane.kept = presentation
        return actions
    passage = lane.passage
    answered = passage is not None and lane.is_door and bool(passage.outcome) and not passage.awaiting
    if passage and (passage.decisions >= DECISIONS_PER_PASSAGE_MAX or answered):
        actions += lane.end(result_of(passage), moment)
    return actions + judge(lane, presentation, moment)


def judge_kept(lane: LaneState, moment: Moment) -> list[Action]:
    """Decide on what was presented while the lane was not ready for it; it counts from now."""
    kept, lane.kept = lane.kept, None
    kept_s = PLATE_KEPT_S if kept and kept.medium == "plate" else SECOND_READING_KEPT_S
    if kept is None or moment.now - kept.received > kept_s:
        return []
    # Its picture was taken far off: the one to keep is of the vehicle as it stands here now.
    return judge(lane, replace(kept, received=moment.now, capture="", plate_capture=kept.capture), moment)


def result_of(passage: Passage) -> str:
    """Name how a passage ended whose vehicle or person went away by itself."""
    return {"deny": "denied", "refer": "unanswered", "grant": "not_opened"}.get(passage.outcome, "left")


def _is_repeat(lane: LaneState, presentation: Presentation, moment: Moment) -> bool:
    """Tell whether this is the same again: its answer still stands, or it has only just passed.

    A plate that was doubtful and is read more surely now is not the same. A refusal stands as long as rules and mode do; one that
    was only for want of a journal stands for a moment.
    """
    passage = lane.passage
    if passage is not None and presentation.medium == "plate" and presentation.text in passage.misread:
        return passage.ended is None or _has_just_passed(passage, moment)
    if passage is None or (passage.text, passage.medium) != (presentation.text, presentation.medium):
        return False
    if passage.reason == "doubtful" and presentation.confidence > passage.confidence:
        return False
    if passage.outcome != "grant" and passage.code != presentation.code:
        return False  # the phone's code has turned
    if passage.ended is None and passage.reason == "store_failed":
        return moment.now - lane.since < UNWRITTEN_AGAIN_S
    if passage.ended is None:
        return bool(passage.outcome) and (passage.outcome != "deny" or passage.asked_under == _in_force(lane, moment))
    return passage.medium == "plate" and _has_just_passed(passage, moment)


def _has_just_passed(passage: Passage, moment: Moment) -> bool:
    return passage.ended is not None and passage.result == "passed" and moment.now - passage.ended < SAME_PLATE_AGAIN_S


def _in_force(lane: LaneState, moment: Moment) -> tuple[object, ...]:
    """Return what an answer hangs on beside the credential: with another one of these it may be another."""
    return (moment.rules.revision if moment.rules else None, lane.mode, lane.headed)


def _make_way(lane: LaneState, moment: Moment) -> list[Action]:
    """End the passage of a door that nothing tells of: who has a grant has gone through when the next one comes."""
    if lane.is_door and lane.phase is Phase.OPENING and is_blind_door(lane):
        actions = lane.end("assumed", moment)
        lane.enter(Phase.IDLE, moment)
        return actions
    return []


def is_blind_door(lane: LaneState) -> bool:
    """Tell whether no contact says that a door opens, nor a signal that somebody has gone through."""
    wired = lane.config.barrier.pins
    return not {"closed_limit", "open_limit", "passage_signal"} & set(wired)


def _decides_nothing(lane: LaneState, presentation: Presentation) -> bool:
    """Tell whether this opens for nobody: nothing is known of the lane, who was read has gone, or has a grant already.

    A vehicle's plate is often read after its card opened; kept, it would open for the stranger behind.
    """
    is_leaving = presentation.medium == "plate" and bool(lane.leaving) and not lane.somebody_waits
    if lane.phase is Phase.UNKNOWN or is_leaving or presentation.received < lane.freed_at:
        return True
    granted = lane.phase is Phase.INTERLOCKED or (lane.phase in UP and _is_on_the_way(lane))
    return granted and not (lane.is_door or (lane.near is not None and lane.has_left()))


def is_of_the_next(lane: LaneState, presentation: Presentation) -> bool:
    """Tell whether this can only be of another vehicle, close behind the one under way, though no loop has seen a gap.

    Who is under the arm is past the reader. Their plate and their card are both theirs; another plate or another card is not.
    """
    passage = lane.under_way
    gone_on = lane.phase is Phase.PASSING or (lane.phase is Phase.OPEN and passage is not None and passage.backed)
    has_left = lane.near is not None and lane.has_left()  # where no loop tells, their place at the reader may be another's
    if passage is None or passage.under_at is None or not gone_on or lane.is_door or has_left:
        return False
    if presentation.received < passage.under_at:
        return False
    if presentation.medium == "plate":
        sure = presentation.confidence >= SURE_OF_ANOTHER and bool(passage.plate)
        return sure and not _alike(presentation.text, passage.plate)
    return presentation.medium == passage.medium and presentation.text != passage.text


def _alike(one: str, other: str) -> bool:
    return likeness(one, (), other) is not None or likeness(other, (), one) is not None


def _close_up(lane: LaneState, presentation: Presentation, moment: Moment) -> list[Action]:
    """Keep what the next one shows while somebody is under the arm; once nobody is, the one before has passed."""
    if lane.phase is Phase.PASSING:
        lane.kept = presentation
        return []
    actions = lane.end("passed", moment)
    lane.enter(Phase.WAITING, moment, READING_AWAITED_S)
    return actions + judge(lane, presentation, moment)


def _is_on_the_way(lane: LaneState) -> bool:
    """Tell whether somebody is on the way through: what else is presented is the next one's."""
    raised_by_others = lane.phase is Phase.OPEN and lane.under_way is not None and not lane.under_way.outcome
    return lane.phase in NARROW and not raised_by_others


def _is_early(lane: LaneState, presentation: Presentation) -> bool:
    """Tell whether a plate was read of a vehicle that is not on this lane's loop yet."""
    there = lane.inputs.far_loop if _from_far(lane, presentation) else lane.inputs.arrival_loop
    return presentation.medium == "plate" and there is False


def _is_unseen(lane: LaneState) -> bool:
    """Tell whether the near loop has not seen who has a grant: it does not see bicycles."""
    return lane.near is False and lane.passage is not None and lane.freed_at < lane.passage.began


def _is_of_the_other_side(lane: LaneState, presentation: Presentation) -> bool:
    """Tell whether this comes from the side that must wait: somebody stands at the other one and is served first."""
    if lane.is_door or lane.config.direction != "both" or lane.phase not in ASKING:
        return False
    return bool(lane.near) and _from_far(lane, presentation) is not lane.turned


def _from_far(lane: LaneState, presentation: Presentation) -> bool:
    """Tell whether somebody presents behind the arm: on the way out of a lane of both directions that has a loop there."""
    two_sided = lane.config.direction == "both" and lane.config.barrier.far_loop is not None
    return two_sided and lane.direction(presentation.device) == "out"


def _written_down(lane: LaneState, presentation: Presentation, moment: Moment) -> Action:
    """Write down a reading that decides nothing; of a vehicle that has its decision it may correct what was read before."""
    passage = lane.under_way
    if passage is None:
        return lane.append(_reading(presentation), moment, "")
    is_plate = presentation.medium == "plate" and not lane.has_left()
    amends = is_plate and passage.plate not in ("", presentation.text)
    if is_plate and not passage.plate:
        passage.has_plate(presentation)
    kind = ReadingAmended if amends else ReadingTaken
    return lane.append(_reading(presentation, kind), moment, passage.id)


def _beside(lane: LaneState, presentation: Presentation, moment: Moment) -> list[Action]:
    """Decide on who rides beside the one that has a grant: two-wheelers come side by side, and each has their own grant.

    Of anything else a second credential says nothing: it is most often the same vehicle's.
    """
    if lane.phase not in UP or presentation.medium == "plate" or len(lane.following) >= FOLLOWING_MAX:
        return []
    if presentation.text in {passage.text for passage in lane.following}:
        return []
    first, lane.passage = lane.passage, None
    passage = _presented(lane, presentation, moment)
    decision = decide_now(lane, presentation, passage, moment)
    credential = decision.match.credential if decision else None
    is_beside = credential is not None and credential.vehicle_class in TWO_WHEELED
    if decision is None or not is_beside or decision.reason == HOME_AWAITED:  # who is to be asked about is the next one
        lane.passage = first
        return []
    actions = [lane.append(_reading(presentation), moment), *lane.picture(moment)]
    actions += _write(lane, decision.reason, decision.values, presentation, decision, moment)
    actions.append(told_decision(passage, lane.config.id))
    if passage.outcome == "grant":
        lane.following.append(passage)
    else:
        actions += lane.end(result_of(passage), moment)
    lane.passage = first
    return actions


def _presented(lane: LaneState, presentation: Presentation, moment: Moment) -> Passage:
    """Note on the passage under way what was presented."""
    passage = lane.begin(moment)
    passage.presented, passage.before = presentation, passage.earlier
    passage.decisions += 1
    passage.asked_under = _in_force(lane, moment)
    passage.text, passage.medium, passage.device = presentation.text, presentation.medium, presentation.device
    passage.code = presentation.code
    passage.confidence = presentation.confidence
    passage.direction = passage.direction if presentation.as_read_by_guard else lane.direction(presentation.device)
    passage.capture = presentation.capture or passage.capture or lane.new_id(moment.at)
    passage.shown = as_shown(presentation.medium, presentation.text)
    if not is_slip(presentation.code):  # which is nobody's: it is about what the vehicle that was read carries
        passage.belongs_to(None)
    if presentation.medium == "plate":
        passage.has_plate(presentation)
    return passage


def judge(lane: LaneState, presentation: Presentation, moment: Moment) -> list[Action]:
    """Write down a reading, decide on it and act on the decision."""
    if _from_far(lane, presentation) and not lane.near:
        lane.turned = True
    passage = _presented(lane, presentation, moment)
    actions: list[Action] = [lane.append(_reading(presentation), moment), *lane.picture(moment)]
    return actions + _ask_rules(lane, presentation, passage, moment)


def judge_corrected(lane: LaneState, presentation: Presentation, moment: Moment) -> list[Action]:
    """Decide on the plate of who stands here as a guard reads it; what was read before is written, and counts no more."""
    passage = lane.begin(moment)
    read = (*passage.misread, passage.plate, *(one.presented.text for one in passage.earlier if one.presented.medium == "plate"))
    passage.misread = tuple(text for text in dict.fromkeys(read) if text not in ("", presentation.text))
    _presented(lane, presentation, moment)
    amended = lane.append(_reading(presentation, ReadingAmended), moment)
    return [amended, *lane.picture(moment), *_ask_rules(lane, presentation, passage, moment)]


def judge_again(lane: LaneState, moment: Moment) -> list[Action]:
    """Ask the rules again about what was presented last, as if it were now; after the code of goods, about their vehicle."""
    passage = lane.begin(moment)
    presented = _cleared_vehicle(passage, moment) or passage.presented
    assert presented is not None
    passage.decisions += 1
    passage.asked_under = _in_force(lane, moment)
    passage.earlier = passage.before
    if not is_slip(passage.code):
        passage.belongs_to(None)
    return _ask_rules(lane, replace(presented, received=moment.now), passage, moment)


def _cleared_vehicle(passage: Passage, moment: Moment) -> Presentation | None:
    """Return the plate that was read before the code of a slip, where the goods of that vehicle were checked; else None."""
    subject = passage.moving[0].subject if passage.moving else ""
    if not is_slip(passage.code) or not subject or f"cleared:{subject}" not in moment.presence.facts:
        return None
    read = [one.presented for one in passage.earlier if one.presented.medium == "plate"]
    plate = next((one for one in reversed(read) if one.is_sure), read[-1] if read else None)
    if plate is None:
        return None
    return Presentation(
        passage.device,
        plate.medium,
        plate.raw,
        plate.text,
        moment.now,
        confidence=plate.confidence,
        characters=plate.characters,
        colour=plate.colour,
        vehicle_class=plate.vehicle_class,
        as_read_by_guard=plate.by_guard,
    )


def _ask_rules(lane: LaneState, presentation: Presentation, passage: Passage, moment: Moment) -> list[Action]:
    """Decide on what was presented, and act on the decision."""
    if lane.headed and passage.direction != lane.headed:
        return conclude(lane, "lane_other_way", {"shown": passage.shown}, presentation, None, moment)
    decision = decide_now(lane, presentation, passage, moment)
    if decision is None:
        return conclude(lane, "no_rules", {"shown": passage.shown}, presentation, None, moment)
    passage.shown = decision.match.shown
    concluded = conclude(lane, decision.reason, decision.values, presentation, decision, moment)
    asked = ask(lane, decision.claims, presentation, moment) if decision.reason == HOME_AWAITED else []
    shown = Earlier(presentation.presented(passage.direction, ()), moment.at)
    if decision.reason in AWAITING or presentation.medium == "plate":  # what its plate said goes on counting
        passage.earlier = (*passage.earlier, shown)[-EARLIER_MAX:]
    elif lane.is_door and decision.reason in ADMITTED:
        lane.admitted = (shown,)
    return concluded + asked + see_to(lane, decision, passage, moment)


def decide_now(
    lane: LaneState, by: Presentation, passage: Passage, moment: Moment, answers: Iterable[Change] = ()
) -> Decision | None:
    """Decide on what is presented, by all that is known now; `answers` are what home gates have said of this presentation."""
    rules = lane.rules(moment)
    if moment.rules is None or rules is None:
        return None
    # Who went first may be the escort of who comes behind; he is not the second person of a third.
    passage.considered = passage.earlier if rules.two_person else (*passage.earlier, *lane.admitted)
    as_set = rules if rules.mode == lane.mode.as_ruled else replace(rules, mode=lane.mode.as_ruled)
    presented, presence = by.presented(passage.direction, passage.considered), moment.presence.after(answers)
    own = decide(presented, as_set, moment.rules, presence, moment.at)
    if not moment.hearsay.spoken or not is_doubted(own, passage.direction):
        return own
    said = moment.hearsay.as_said(presence, moment.rules.peers, moment.at)
    return decide(presented, as_set, moment.rules, presence, moment.at, said)


def see_to(lane: LaneState, decision: Decision, passage: Passage, moment: Moment) -> list[Action]:
    """Do at once what a decision obliges the lane itself to."""
    due = {one.code for one in decision.obligations}
    actions: list[Action] = [lane.alarm(decision.reason, moment)] if "raise_alarm" in due else []
    if "read_again" in due:
        actions += [Look(camera, passage.id) for camera in lane.config.cameras]
    return actions


def conclude(
    lane: LaneState,
    reason: str,
    values: Mapping[str, object],
    by: Presentation,
    decision: Decision | None,
    moment: Moment,
) -> list[Action]:
    """Write a decision down and act on it."""
    passage = lane.begin(moment)
    entries = _write(lane, reason, values, by, decision, moment)
    if passage.outcome == "grant":
        return entries + open_for(lane, str(entries[-1].draft.id), by.received, moment)
    told: Action = told_decision(passage, lane.config.id)
    if lane.phase is Phase.HELD_OPEN:
        return [*entries, told]  # nothing bars the way; what the rules say of them is written
    if passage.awaiting:
        rules = lane.rules(moment)
        lane.enter(Phase.WAITING, moment, float(rules.factor_window_s) if rules else READING_AWAITED_S)
    elif passage.outcome == "refer":
        lane.enter(Phase.REFERRED, moment, lane.config.refer_timeout_s)
    else:
        lane.enter(Phase.DENIED, moment, DENIED_SHOWN_S)
    lane.timers.set(Timer.WAIT, lane.timers.at(Timer.WAIT) or moment.now + lane.config.waiting_max_s)
    return [*entries, told]


def _write(
    lane: LaneState,
    reason: str,
    values: Mapping[str, object],
    by: Presentation,
    decision: Decision | None,
    moment: Moment,
) -> list[Append]:
    """Note a decision on the passage under way and write it down."""
    passage = lane.begin(moment)
    passage.outcome, passage.reason, passage.values = REASONS[reason].outcome, reason, values
    passage.candidates = decision.candidates if decision else ()
    passage.obligations = decision.obligations if decision else ()
    passage.awaiting = reason in AWAITING
    if decision and decision.match.credential:
        passage.belongs_to(decision.match.credential)
    passage.moves(decision, lane.rules(moment), moment)
    entry = lane.append(decided(passage, by, decision, moment), moment)
    passage.used = passage.used or passage.outcome == "grant"
    passage.asked = entry.draft.body if passage.outcome == "refer" else None
    return [entry]


def store_failed(lane: LaneState, passage_id: str, moment: Moment) -> list[Action]:
    """Deny or refer, as the lane is set, where a grant could not be committed and so nothing was moved for it."""
    if behind := next((one for one in lane.following if one.id == passage_id), None):
        return _take_back_behind(lane, behind, moment)
    passage = lane.under_way
    if passage is None or passage.id != passage_id:
        return []
    refers = lane.config.on_store_failure == "refer"
    actions = _take_back(lane, passage, "refer" if refers else "deny", moment)
    lane.raised_at = -math.inf
    if lane.phase is not Phase.HELD_OPEN:
        phase, within_s = (Phase.REFERRED, lane.config.refer_timeout_s) if refers else (Phase.DENIED, DENIED_SHOWN_S)
        lane.enter(phase, moment, within_s)
        if lane.is_up:
            lane.await_down(moment, CLOSING_AWAITED_S)
    return actions


def _take_back(lane: LaneState, passage: Passage, outcome: str, moment: Moment) -> list[Action]:
    """Write down that a grant is void, and give back what it has used up."""
    lane.forget_commands(passage.id)
    passage.outcome, passage.reason, passage.values = outcome, "store_failed", {}
    again = Presentation(passage.device, passage.medium, "", passage.text, moment.now, code=passage.code)
    body = decided(passage, again, None, moment)
    unused = tuple(change for who in passage.moving for change in on_return(who)) if passage.used else ()
    passage.used = False
    return [lane.append(replace(body, facts=unused), moment, passage.id), told_decision(passage, lane.config.id)]


def _take_back_behind(lane: LaneState, passage: Passage, moment: Moment) -> list[Action]:
    """Take back the grant of who waits behind the one that is under the arm, who goes on."""
    lane.following.remove(passage)
    actions = _take_back(lane, passage, "deny", moment)
    first, lane.passage = lane.passage, passage
    actions += lane.end("denied", moment)
    lane.passage = first
    return actions


def _reading(by: Presentation, kind: type[ReadingTaken] = ReadingTaken) -> ReadingTaken:
    return kind(by.device, by.medium, by.confidence, raw=by.raw, text=by.text)
