"""The home gate's word: where a site is strict, a pass that another gate counts is used here only with that gate's word."""

from collections.abc import Iterator
from itertools import chain

from access.case import PASSES, Case, Verdict
from access.claims import NO, SILENT, YES, Claim, answer, claims_of
from access.passing import papers_of
from access.rules.two_person import accompanying


def home(case: Case) -> Verdict:
    """Wait for the home gates of what is used here; refer where one says no, or says nothing, or nobody knows which it is."""
    if not case.snapshot.is_strict or not case.enters:
        return PASSES
    claims = tuple(claims_needed(case))
    answers = {claim: answer(case.known, claim.id) for claim in claims if claim.home is not None}
    saw = {"claims": [[str(claim.id), *answers.get(claim, ())] for claim in claims]} if claims else {}
    if len(answers) < len(claims):
        return Verdict("home_unknown", saw=saw)
    for said, reason in ((NO, "home_says_no"), (SILENT, "home_silent"), ("", "home_awaited")):
        refusing = next((claim for claim, (word, _) in answers.items() if word == said), None)
        if refusing is not None:
            return Verdict(reason, _values(case, refusing, answers[refusing][1]), saw)
    return Verdict("" if all(word == YES for word, _ in answers.values()) else "home_silent", saw=saw)


def claims_needed(case: Case) -> Iterator[Claim]:
    """Yield what must be claimed for who shows a credential, and for those who come in with them."""
    direction, lane, rules = case.presented.direction, case.lane, case.snapshot
    if case.person is not None:
        yield from claims_of(case.person.id, case.papers, direction, lane, rules)
    for other in accompanying(case):
        if person := other.credential.person:
            papers = papers_of(other.credential, direction, lane, rules, case.at, case.known.value, other.code)
            yield from claims_of(person.id, papers, direction, lane, rules)


def _values(case: Case, claim: Claim, why: str) -> dict[str, str]:
    names = (peer.name or peer.slug for peer in case.snapshot.peers.values() if peer.gate == claim.home)
    named = dict(chain((("home", name) for name in names), (("home_why", why),) if why else ()))
    return {name: str(value) for name, value in named.items()}
