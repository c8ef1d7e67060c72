"""What comes of asking home gates: the lane decides again with their word or silence; what came too late is given back."""

from dataclasses import replace

from access.claims import NO, SILENT, YES, told
from access.decision import HOME_AWAITED, Decision
from edge.gate.actions import Action
from edge.gate.claiming import give_back
from edge.gate.deciding import conclude, decide_now, see_to
from edge.gate.passage import Moment
from edge.gate.phases import Phase, Timer
from edge.gate.state import Asking, LaneState
from edge.peer_messages import ClaimAnswered


def answered(lane: LaneState, answer: ClaimAnswered, moment: Moment) -> list[Action]:
    """Take a home gate's answer to a claim of this lane; that of another, or one that was given before, says nothing."""
    edge, claim = lane.unanswered.get(answer.nonce, ("", None))
    if claim is None or edge != answer.edge:
        return []
    del lane.unanswered[answer.nonce]
    asking = lane.asking
    if asking is None or answer.nonce not in asking.open or not _waits(lane, asking):
        return give_back(lane, [(claim.counted, answer.at_us)], moment) if answer.yes else []
    del asking.open[answer.nonce]
    asking.answers[claim.fact] = told(YES if answer.yes else NO, claim.home, answer.why, answer.at_us)
    if answer.yes:
        asking.counted.append((claim.counted, answer.at_us))
    return [] if asking.open and answer.yes else _decide_again(lane, asking, moment)


def silent(lane: LaneState, moment: Moment) -> list[Action]:
    """Go on without those who have not answered."""
    asking = lane.asking
    return _decide_again(lane, asking, moment) if asking is not None else []


def _waits(lane: LaneState, asking: Asking) -> bool:
    """Tell whether who was asked about still waits for the answer."""
    passage = lane.under_way
    return lane.phase is Phase.WAITING and passage is not None and (passage.id, passage.reason) == (asking.passage, HOME_AWAITED)


def _leave(lane: LaneState, asking: Asking, moment: Moment) -> list[Action]:
    lane.asking = None
    lane.timers.cancel(Timer.HOME)
    return give_back(lane, asking.counted, moment)


def _decide_again(lane: LaneState, asking: Asking, moment: Moment) -> list[Action]:
    """Decide again by what home gates have said: where not all said yes, or it is no grant all the same, all is given back."""
    if not _waits(lane, asking):
        return _leave(lane, asking, moment)
    for claim in asking.open.values():
        asking.answers.setdefault(claim.fact, told(SILENT, claim.home, "", 0))
    all_yes = all(isinstance(value, list) and value[0] == YES for value in asking.answers.values())
    answers = asking.answers if all_yes else {name: _not_counted(value) for name, value in asking.answers.items()}
    passage = lane.begin(moment)
    kept, passage.earlier = passage.earlier, asking.earlier
    decision = decide_now(lane, asking.by, passage, moment, [("set", name, value) for name, value in answers.items()])
    passage.earlier = kept
    lane.asking = None
    lane.timers.cancel(Timer.HOME)
    if decision is None:
        returned = give_back(lane, asking.counted, moment)
        return returned + conclude(lane, "no_rules", {"shown": passage.shown}, asking.by, None, moment)
    if decision.reason == HOME_AWAITED:  # of another pass now: once is enough
        decision = replace(decision, outcome="refer", reason="home_silent")
    returned = [] if decision.outcome == "grant" else give_back(lane, asking.counted, moment)
    decision = _without_claims(decision) if returned else decision
    concluded = conclude(lane, decision.reason, decision.values, asking.by, decision, moment)
    return returned + concluded + see_to(lane, decision, passage, moment)


def _not_counted(value: object) -> list[object]:
    """Return the word of a home gate without a use that is given back."""
    assert isinstance(value, list)
    return [SILENT, *value[1:]] if value[0] == YES else value


def _without_claims(decision: Decision) -> Decision:
    """Return a decision whose passage counts for itself what was given back: the guard may let them in."""
    company = tuple(replace(who, claimed=()) for who in decision.company)
    return replace(decision, passing=replace(decision.passing, claimed=()), company=company)
