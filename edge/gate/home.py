"""This gate as the home of passes: counts a use for another gate before it says yes to it, once for each claim."""

from collections.abc import Container, Iterable
from uuid import UUID

from access.entries import Body, FactsChanged
from access.on_record import ContractorPass, Visit
from access.passes import ORIGINAL, name_of
from access.passing import given_back
from access.presence import Change, Presence
from access.snapshot import Snapshot
from edge.gate.passage import Moment
from edge.peer_messages import ClaimAnswered, ClaimMade

FROM_CLAIM = "claim:"
CLAIMED, UNWRITTEN = "claimed", "unwritten"
ANSWERS_MAX = 1000


class HomeBook:
    """What was answered to claims of other gates: the same claim again gets the same answer, and counts once."""

    def __init__(self, answers: Iterable[ClaimAnswered] = ()) -> None:
        """Begin with the claims that were granted before, oldest first."""
        self._answers = {_key(one.edge, one.nonce): one for one in answers}
        self._counted: dict[tuple[str, str], tuple[str, int]] = {}

    def answer(self, claim: ClaimMade, moment: Moment, on_their_way: Container[str] = ()) -> tuple[Body | None, ClaimAnswered]:
        """Return the answer, and the entry that is to be committed before a first yes.

        `on_their_way`: the passes by which somebody was let in at this gate who has not come through yet.
        """
        key = _key(claim.edge, claim.nonce)
        if key in self._answers:
            return None, self._answers[key]
        why = _why_not(claim, moment) or ("held" if claim.paper == "pass" and claim.identity in on_their_way else "")
        at_us = round(moment.at.timestamp() * 1e6)
        answer = ClaimAnswered(claim.edge, claim.nonce, not why, why, at_us)
        self._remember(key, answer)
        if why:
            return None, answer
        change = _change(claim, at_us)
        self._counted[key] = (change[1], at_us)
        return FactsChanged(f"{FROM_CLAIM}{claim.edge}/{claim.nonce}", CLAIMED, (change,)), answer

    def unwritten(self, edge: str, nonce: str) -> tuple[Body, ClaimAnswered] | None:
        """Return what undoes a use that could not be committed, and the answer that stands instead."""
        key = _key(edge, nonce)
        if key not in self._counted:
            return None
        answer = self._answers[key] = ClaimAnswered(key[0], nonce, yes=False, why=UNWRITTEN)
        return FactsChanged(f"{FROM_CLAIM}{key[0]}", UNWRITTEN, given_back([self._counted.pop(key)])), answer

    def _remember(self, key: tuple[str, str], answer: ClaimAnswered) -> None:
        self._answers[key] = answer
        while len(self._answers) > ANSWERS_MAX:
            oldest = next(iter(self._answers))
            del self._answers[oldest]
            self._counted.pop(oldest, None)


def _key(edge: str, nonce: str) -> tuple[str, str]:
    return edge, nonce


def granted_in(body: FactsChanged, at_us: int) -> ClaimAnswered | None:
    """Return the claim that an entry says was granted, None where it says nothing of the kind."""
    edge, _, nonce = body.source.removeprefix(FROM_CLAIM).partition("/")
    is_claim = body.source.startswith(FROM_CLAIM) and body.reason == CLAIMED and bool(nonce)
    return ClaimAnswered(edge, nonce, yes=True, at_us=at_us) if is_claim else None


def _change(claim: ClaimMade, at_us: int) -> Change:
    if claim.paper == "visit":
        return "add", f"uses:{claim.identity}", 1
    return "set", f"held:{claim.identity}", [claim.lane, at_us // 1_000_000, f"permit:{claim.permit}"]


def _why_not(claim: ClaimMade, moment: Moment) -> str:
    """Say why a use is not counted here, a code of `access.words.HOME_WHYS`; "" where one is left."""
    rules = moment.rules
    if rules is None:
        return "no_rules"
    paper = _on_record(claim, rules)
    if paper is not None and paper.home not in {lane.gate for lane in rules.lanes.values()}:
        return "not_home"
    if paper is not None and paper.status != ("approved" if isinstance(paper, Visit) else "active"):
        return "not_approved"
    if _is_taken_back(claim, rules):
        return "not_approved"
    if claim.paper == "visit":
        # One that was made since our rules came is known to the other gate alone.
        allowed = paper.uses * paper.party if isinstance(paper, Visit) else claim.allowed
        return "used_up" if _count(moment.presence, f"uses:{claim.identity}") >= allowed else ""
    return "held" if f"held:{claim.identity}" in moment.presence.facts else ""


def _on_record(claim: ClaimMade, rules: Snapshot) -> Visit | ContractorPass | None:
    person = UUID(claim.person)
    papers = rules.visits(person) if claim.paper == "visit" else rules.passes(person)
    return next((one for one in papers if str(one.id) == claim.identity), None)


def _is_taken_back(claim: ClaimMade, rules: Snapshot) -> bool:
    """Tell whether its code is known here as good no more: of a visit or pass that was taken back that is all one knows."""
    part = ORIGINAL if claim.paper == "pass" else ""
    return any(one.status != "active" for one in rules.code(name_of(claim.paper, UUID(claim.identity), part)))


def _count(presence: Presence, name: str) -> int:
    value = presence.facts.get(name)
    return value if isinstance(value, int) else 0
