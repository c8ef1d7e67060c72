"""The decision: what was presented, at which lane, under which rules, when -> grant, deny or refer, and how it came about."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from access.card import CardNumber
from access.case import NOTHING, PASSES, Case, Companion, Earlier, Presented, Verdict
from access.finding import find
from access.immutable import immutable
from access.likeness import Likeness
from access.matching import Candidate, Match, as_shown
from access.obligations import Obligation
from access.on_record import Credential, LaneRules, Validity
from access.passing import Passing, papers_of, passing, subject_of
from access.plate import shown
from access.presence import Known, Presence, Value
from access.reasons import REASONS
from access.rules import RULES
from access.rules.two_person import accompanying
from access.snapshot import Snapshot

# What a credential comes to that is good, where the lane asks for a second one.
AWAITING = frozenset({"factor_awaited", "person_awaited", "escort_awaited"})
ADMITTED = frozenset({"access_ok"})  # an escort goes first, and needs nobody


class Step(NamedTuple):
    """One rule that was looked at: what it saw, and the reason that it concluded with (empty: it let pass)."""

    rule: str
    saw: Mapping[str, Any]
    concluded: str


_SILENT: Mapping[str, Step] = {name: Step(name, NOTHING, "") for name in RULES}  # of rules that had nothing to say


@immutable
class Explanation:
    """How a decision came about: every rule looked at, the revision of the rules, and all that was read beside them.

    `reads` are the presence values by name; `companions` the credentials presented shortly before that counted.
    """

    steps: tuple[Step, ...]
    revision: int
    reads: Mapping[str, Value | None]
    companions: tuple[Companion, ...]


@immutable
class Decision:
    """Grant, deny or refer, with the reason and the values of its sentence.

    `passing` is what a passage on it would change, `company` that of those who pass with the holder: the other of two persons,
    the guests of an escort, the escort of a guest.
    """

    outcome: str
    reason: str
    values: Mapping[str, Any]
    explanation: Explanation
    candidates: tuple[Candidate, ...]
    obligations: tuple[Obligation, ...]
    match: Match
    passing: Passing
    company: tuple[Passing, ...] = ()


def decide(presented: Presented, lane: LaneRules, snapshot: Snapshot, presence: Presence, at: datetime) -> Decision:
    """Ask the rules in order; the first that concludes decides, and where none objects the holder may pass.

    Pure: `at` is aware, everything known is an argument, and the same arguments give the same decision.
    """
    known = Known(presence)
    presented = _written(presented)
    found, adopted = _found(presented, lane, snapshot, known, at)
    companions = _Companions(presented, lane, snapshot, known, at)
    decision = _decide(_case(presented, found, adopted, companions, lane, snapshot, known, at))
    if adopted is not None and decision.outcome == "deny":
        # Whose plate was not surely read is not sent away for another's sake: it is a question as ever.
        return decide(presented, replace(lane, inexact=()), snapshot, presence, at)
    return decision


def _written(presented: Presented) -> Presented:
    """Return what can be looked up: half a surrogate is no character, and stands for none on record."""
    if presented.text.isascii() and not presented.earlier:
        return presented
    earlier = tuple(replace(one, presented=_written(one.presented)) for one in presented.earlier)
    text = presented.text.encode("utf-8", "replace").decode()
    return (
        presented if text == presented.text and earlier == presented.earlier else replace(presented, text=text, earlier=earlier)
    )


def _found(
    presented: Presented, lane: LaneRules, snapshot: Snapshot, known: Known, at: datetime
) -> tuple[Match, Candidate | None]:
    """Look it up; what is no card's number is on nobody's record, and of several credentials the one that is in use is meant."""
    if presented.medium == "card" and not _is_card(presented):
        return Match(as_shown("card", presented.text), (), (), None, None), None
    found, adopted = find(presented, lane, snapshot, known)
    if len(found.exact) < 2:
        return found, adopted
    holders = {one.person.id if one.person else None for one in found.exact}
    used = tuple(one for one in found.exact if one.status == "active" and Validity(one.valid_from, one.valid_until).holds(at))
    if len(holders) == 1 and None not in holders:
        return replace(found, exact=(used or found.exact)[:1]), adopted
    is_lost = any(one.status == "lost" for one in found.exact)  # its finder may be who shows it
    return replace(found, exact=used if len(used) == 1 and not is_lost else found.exact), adopted


def _is_card(presented: Presented) -> bool:
    try:
        CardNumber(bytes.fromhex(presented.raw), presented.bits)
    except ValueError:
        return False
    return True


def decide_on(
    presented: Presented,
    credential: Credential,
    companions: tuple[Companion, ...],
    lane: LaneRules,
    snapshot: Snapshot,
    presence: Presence,
    at: datetime,
    *,
    is_inexact: bool = False,
) -> Decision:
    """Decide again where the text that was presented is erased, but which credential it was, is still known.

    `is_inexact`: the lane had opened on it as on a doubtful look-alike.
    """
    block = snapshot.blocked_plate(presented.text) if presented.medium == "plate" else None
    found = Match(as_shown(presented.medium, presented.text), (credential,), (), block, None)
    is_adopted = is_inexact and credential.person is not None and credential.person.category in lane.inexact
    adopted = Candidate(credential, Likeness()) if is_adopted else None
    return _decide(_case(presented, found, adopted, _Recorded(companions), lane, snapshot, Known(presence), at))


def _case(
    presented: Presented,
    found: Match,
    adopted: Candidate | None,
    companions: "_Companions | _Recorded",
    lane: LaneRules,
    snapshot: Snapshot,
    known: Known,
    at: datetime,
) -> Case:
    plate = presented.text if presented.medium == "plate" else ""
    credential = found.credential
    return Case(
        presented,
        lane,
        snapshot,
        known,
        at,
        found,
        credential,
        credential.person if credential else None,
        adopted,
        subject_of(credential, plate, snapshot) if credential or not found.exact else "",
        papers_of(credential, presented.direction, lane, snapshot, at, known.value),
        companions,
    )


def _decide(case: Case) -> Decision:
    steps, due = [], []
    verdict = Verdict()
    for name, rule in RULES.items():
        verdict = rule(case)
        steps.append(_SILENT[name] if verdict is PASSES else Step(name, verdict.saw, verdict.reason))
        if verdict.reason:
            due = [*verdict.obligations]
            break
        if verdict.obligations:
            due += verdict.obligations
    else:
        verdict = _nobody_objects(case)
        due += verdict.obligations
    return Decision(
        REASONS[verdict.reason].outcome,
        verdict.reason,
        {**case.match.described(), **verdict.values},
        Explanation(tuple(steps), case.snapshot.revision, case.known.reads, case.companions.found),
        verdict.candidates or case.match.candidates,
        tuple(one for at, one in enumerate(due) if one not in due[:at]),
        case.match,
        passing(
            case.credential, _plate(case), case.presented.direction, case.lane, case.snapshot, case.papers, case.vehicle_class
        ),
        tuple(_moves_along(one, case) for one in accompanying(case)) if case.companions.found else (),
    )


def _plate(case: Case) -> str:
    """Return the plate of who stands here: as presented, else as shown by a companion."""
    if case.presented.medium == "plate":
        return case.presented.text
    return next((one.credential.shown for one in reversed(case.companions.found) if one.medium == "plate"), "")


def _moves_along(other: Credential, case: Case) -> Passing:
    direction, lane, snapshot = case.presented.direction, case.lane, case.snapshot
    papers = papers_of(other, direction, lane, snapshot, case.at, case.known.value)
    return passing(other, "", direction, lane, snapshot, papers)


def _nobody_objects(case: Case) -> Verdict:
    if case.adopted is not None:
        return Verdict("inexact_ok", {"near": shown(case.adopted.credential.shown)}, obligations=(Obligation("compare_picture"),))
    if case.papers.visit:
        return Verdict("visit_ok")
    if used := case.papers.contractor_pass:
        return Verdict("pass_ok", {"number": used.number})
    return Verdict("access_ok")


@immutable
class _Recorded:
    """Companions that are known already."""

    found: tuple[Companion, ...]

    def __call__(self) -> tuple[Companion, ...]:
        return self.found


class _Companions:
    """What was presented shortly before and would pass, if it were not for the second credential; looked up when a rule asks."""

    def __init__(self, presented: Presented, lane: LaneRules, snapshot: Snapshot, known: Known, at: datetime) -> None:
        self._asked = (presented.earlier, lane, snapshot, known, at)
        self._looked = False
        self.found: tuple[Companion, ...] = ()

    def __call__(self) -> tuple[Companion, ...]:
        if not self._looked:
            self._looked, self.found = True, tuple(self._find(*self._asked))
        return self.found

    @staticmethod
    def _find(every: tuple[Earlier, ...], lane: LaneRules, snapshot: Snapshot, known: Known, at: datetime) -> Iterator[Companion]:
        window = timedelta(seconds=lane.factor_window_s)
        for earlier in every:
            if not timedelta(0) <= at - earlier.at <= window:
                continue
            alone = replace(earlier.presented, earlier=())
            found, adopted = _found(alone, lane, snapshot, known, at)
            decision = _decide(_case(alone, found, adopted, _Recorded(()), lane, snapshot, known, earlier.at))
            if found.credential and decision.reason in AWAITING | ADMITTED:
                yield Companion(alone.medium, found.credential, earlier.at)
