"""Asking home gates: a lane that may let in only with their word asks each once, and waits for a moment."""

from collections.abc import Iterable
from uuid import UUID

from access.claims import SILENT, Claim, told
from access.entries import FactsChanged
from access.passing import given_back
from access.snapshot import Snapshot
from edge.gate.actions import Action
from edge.gate.passage import Moment, Presentation
from edge.gate.phases import Phase, Timer
from edge.gate.state import Asking, LaneState
from edge.peer_messages import HomeAsked

ANSWER_S = 0.3  # a home gate on the LAN answers in some milliseconds; whoever waits at the arm shall not wait for a dead one
UNANSWERED_MAX = 64
GIVEN_BACK = "given_back"


def ask(lane: LaneState, claims: Iterable[Claim], by: Presentation, moment: Moment) -> list[Action]:
    """Ask the home gates; those that nobody knows a box of are silent at once."""
    actions = give_back(lane, lane.asking.counted, moment) if lane.asking else []
    passage = lane.begin(moment)
    asking = lane.asking = Asking(by, passage.id, passage.earlier)
    lane.enter(Phase.WAITING, moment)
    rules = lane.rules(moment)
    here = rules.name_in_facts if rules else lane.config.id
    for claim in claims:
        edge = home_edge(moment.rules, claim.home)
        if edge is None:
            asking.answers[claim.fact] = told(SILENT, None, "", 0)
            continue
        nonce = lane.new_id(moment.at)
        asking.open[nonce] = claim
        lane.unanswered[nonce] = (str(edge), claim)
        actions.append(_asked(edge, nonce, claim, here))
    while len(lane.unanswered) > UNANSWERED_MAX:
        del lane.unanswered[next(iter(lane.unanswered))]
    lane.timers.set(Timer.HOME, moment.now + (ANSWER_S if asking.open else 0.0))
    return actions


def _asked(edge: UUID, nonce: str, claim: Claim, lane: str) -> HomeAsked:
    return HomeAsked(str(edge), nonce, claim.kind, str(claim.id), str(claim.person), claim.allowed, claim.permit, lane)


def home_edge(rules: Snapshot | None, home: UUID | None) -> UUID | None:
    """Return the box at a gate, None where the rules know of none."""
    return min((peer.id for peer in rules.peers.values() if peer.gate == home), default=None) if rules else None


def give_back(lane: LaneState, counted: Iterable[tuple[str, int]], moment: Moment) -> list[Action]:
    """Undo uses that home gates have counted for this gate, and that nobody uses."""
    facts = given_back(counted)
    passage = lane.under_way.id if lane.under_way else ""
    return [lane.append(FactsChanged("claim:", GIVEN_BACK, facts), moment, passage)] if facts else []
