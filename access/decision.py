"""The decision: what was presented, at which lane, under which rules, when -> grant, deny or refer, and how it came about."""

from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from access.card import CardNumber
from access.case import NOTHING, PASSES, Case, Companion, Earlier, Presented, Verdict
from access.claims import Claim, claims_of, counted
from access.codes import VISIT, is_alone, is_slip, known_by_code
from access.finding import find
from access.immutable import immutable
from access.likeness import Likeness
from access.matching import Candidate, Match, as_shown, match
from access.obligations import Obligation
from access.on_record import Credential, LaneRules, Person, Validity
from access.passes import is_name, is_signed
from access.passing import NO_PAPERS, Papers, Passing, Standing, papers_of, passing, standing, takes_room
from access.peers import AsSaid
from access.plate import shown
from access.presence import Known, Presence, Value
from access.reasons import REASONS
from access.rules import RULES
from access.rules.home import claims_needed
from access.rules.two_person import accompanying
from access.snapshot import Snapshot

# What a credential comes to that is good, where the lane asks for a second one.
AWAITING = frozenset({"factor_awaited", "person_awaited", "escort_awaited"})
PEER_SAYS = "peer_says"
HOME_AWAITED = "home_awaited"  # another gate is to be asked first
ADMITTED = frozenset({"access_ok"})  # an escort goes first, and needs nobody
STANDS_OPEN = frozenset({"evacuation", "lane_held_open"})


class Step(NamedTuple):
    """One rule that was looked at: what it saw, and the reason that it concluded with (empty: it let pass)."""

    rule: str
    saw: Mapping[str, Any]
    concluded: str


_SILENT: Mapping[str, Step] = {name: Step(name, NOTHING, "") for name in RULES}  # of rules that had nothing to say


@immutable
class Explanation:
    """How a decision came about: every rule looked at, the revision of the rules, and all that was read beside them.

    `reads` are the presence values by name; `companions` the credentials presented shortly before that counted; `vehicle` the id
    of the registered one whose plate was read before a card ("": none). `heard` are the facts that were otherwise as neighbours
    said: value, whose word (edge), and when it was heard (UTC us).
    """

    steps: tuple[Step, ...]
    revision: int
    reads: Mapping[str, Value | None]
    companions: tuple[Companion, ...]
    vehicle: str = ""
    heard: Mapping[str, tuple[Value | None, UUID, int]] = field(default_factory=dict)


@immutable
class Decision:
    """Grant, deny or refer, with the reason and the values of its sentence.

    `passing` is what a passage on it would change, `company` that of those who pass with the holder: the other of two persons,
    the guests of an escort, the escort of a guest. `claims` are to be asked for of home gates before it is decided again.
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
    claims: tuple[Claim, ...] = ()


def decide(
    presented: Presented, lane: LaneRules, snapshot: Snapshot, presence: Presence, at: datetime, said: AsSaid | None = None
) -> Decision:
    """Ask the rules in order; the first that concludes decides, and where none objects the holder may pass.

    Pure: `at` is aware, everything known is an argument, and the same arguments give the same decision. What neighbours `said`
    lets nobody in: whom it would not let in, who may by what is known here, is the guard's question.
    """
    own = _decide_by(presented, lane, snapshot, presence, at)
    if said is None or not is_doubted(own, presented.direction):
        return own
    return as_doubted(own, _decide_by(presented, lane, snapshot, said.presence, at), presence, said, snapshot, at)


def is_doubted(own: Decision, direction: str) -> bool:
    """Tell whether what neighbours say can make a difference: who leaves, or is not let in anyway, is not doubted."""
    return own.outcome == "grant" and direction == "in"


def as_doubted(own: Decision, theirs: Decision, presence: Presence, said: AsSaid, snapshot: Snapshot, at: datetime) -> Decision:
    """Return the decision by what is known here, with what was read of the neighbours' word; a question where that differs."""
    reads = theirs.explanation.reads
    heard = {name: (reads[name], *said.said[name]) for name in reads.keys() & said.said.keys()}
    known = {name: value for name, value in Known(presence).all_of(reads).items() if name not in own.explanation.reads}
    explained = replace(own.explanation, reads={**own.explanation.reads, **known}, heard=heard)
    if theirs.outcome == "grant":
        return replace(own, explanation=explained)
    peers = [snapshot.peers[edge] for edge in dict.fromkeys(edge for _, edge, _ in heard.values()) if edge in snapshot.peers]
    heard_us = max((when for _, _, when in heard.values()), default=0)
    about = {
        "gate": ", ".join(sorted(one.name or one.slug for one in peers)),
        "minutes": max(0, int((at.timestamp() - heard_us / 1e6) // 60)),
    }
    doubt = Step("neighbours", {"said": theirs.reason}, PEER_SAYS)
    values = {**own.values, **theirs.values, **about, "says": theirs.reason}
    explained = replace(explained, steps=(*explained.steps, doubt))
    return replace(own, outcome="refer", reason=PEER_SAYS, values=values, explanation=explained)


def _decide_by(presented: Presented, lane: LaneRules, snapshot: Snapshot, presence: Presence, at: datetime) -> Decision:
    known = Known(presence)
    presented = _written(presented, snapshot, at)
    if presented.by_guard:
        lane = replace(lane, inexact=(), emergency_plates="refer")
    found, adopted = _found(presented, lane, snapshot, known, at)
    companions = _Companions(presented, lane, snapshot, known, at)
    decision = _decide(_case(presented, found, adopted, companions, lane, snapshot, known, at))
    if adopted is not None and decision.outcome == "deny":
        # Whose plate was not surely read is not sent away for another's sake: it is a question as ever.
        return _decide_by(presented, replace(lane, inexact=()), snapshot, presence, at)
    return decision


def _written(presented: Presented, snapshot: Snapshot, at: datetime) -> Presented:
    """Return what can be looked up: of a signed pass what it says; half a surrogate is no character, and on no record."""
    if presented.medium == "code" and presented.code is None and is_signed(presented.text):
        code = snapshot.shown_code(presented.text, at)
        presented = replace(presented, raw=code.name, text=code.name, code=code)
    if presented.text.isascii() and not presented.earlier:
        return presented
    earlier = tuple(replace(one, presented=_written(one.presented, snapshot, one.at)) for one in presented.earlier)
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
    is_of_code = presented.medium == "code" and (presented.code is not None or is_name(presented.text))
    found, adopted = (_of_code(presented, snapshot), None) if is_of_code else find(presented, lane, snapshot, known)
    if len(found.exact) < 2:
        return found, adopted
    holders = {one.person.id if one.person else None for one in found.exact}
    used = tuple(one for one in found.exact if one.status == "active" and Validity(one.valid_from, one.valid_until).holds(at))
    if len(holders) == 1 and None not in holders:
        return replace(found, exact=(used or found.exact)[:1]), adopted
    is_lost = any(one.status == "lost" for one in found.exact)  # its finder may be who shows it
    return replace(found, exact=used if len(used) == 1 and not is_lost else found.exact), adopted


def _of_code(presented: Presented, snapshot: Snapshot) -> Match:
    """Return whose a signed pass is: who is on record by its name, else the visitor it speaks of; by its name alone nobody's."""
    says = presented.code.says if presented.code else None
    if says is None:
        return Match(as_shown("code", presented.text), (), (), None, None)
    found = match("code", presented.raw, says.name, 0, snapshot)
    return found if found.exact or says.kind != VISIT else replace(found, exact=(known_by_code(says).credential,))


def _is_card(presented: Presented) -> bool:
    try:
        CardNumber(bytes.fromhex(presented.raw), presented.bits)
    except ValueError:
        return False
    return True


def decide_on(
    presented: Presented,
    credential: Credential | None,
    companions: tuple[Companion, ...],
    lane: LaneRules,
    snapshot: Snapshot,
    presence: Presence,
    at: datetime,
    *,
    is_inexact: bool = False,
) -> Decision:
    """Decide again where the text that was presented is erased, but which credential it was, is still known.

    `is_inexact`: the lane had opened on it as on a doubtful look-alike. Without a credential a signed pass is whose it says.
    """
    if credential is None:
        found = _of_code(presented, snapshot)
        return _decide(_case(presented, found, None, _Recorded(companions), lane, snapshot, Known(presence), at))
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
    credential = found.credential
    stands = _standing(presented, credential, _before(presented, companions), lane, snapshot, known)
    goer = stands.mover if is_slip(presented.code) else credential
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
        stands.vehicle,
        stands.mover,
        stands.vehicle if stands.vehicle is not stands.mover and _is_surely_there(presented) else None,
        stands.subject if credential or not found.exact else "",
        papers_of(goer, presented.direction, lane, snapshot, at, known.value, presented.code),
        companions,
    )


def _standing(
    presented: Presented, credential: Credential | None, before: str, lane: LaneRules, snapshot: Snapshot, known: Known
) -> Standing:
    """Return who stands there: with a code of goods, which is nobody's, the vehicle whose plate was read before."""
    plate = presented.text if presented.medium == "plate" else ""
    if is_slip(presented.code) and _is_surely_there(presented):
        plate, registered = before, snapshot.plate(before)
        credential = registered[0] if len(registered) == 1 else None
    return standing(credential, plate, before, presented.direction, lane, snapshot, known.value)


def _decide(case: Case) -> Decision:
    steps, verdict, due = _asked(case)
    along = accompanying(case)
    return Decision(
        REASONS[verdict.reason].outcome,
        verdict.reason,
        {**_described(case), **verdict.values},
        Explanation(tuple(steps), case.snapshot.revision, case.known.reads, case.companions.found, _vehicle_before(case)),
        verdict.candidates or case.match.candidates,
        _each_once([*due, *(one for other in along for one in other.obligations)]),
        case.match,
        *_moves(case, verdict.reason, along),
        tuple(claims_needed(case)) if verdict.reason == HOME_AWAITED else (),
    )


def _described(case: Case) -> Mapping[str, Any]:
    described = case.match.described()
    return {**described, "holder": case.match.shown} if is_alone(case.credential, case.presented.code) else described


def _vehicle_before(case: Case) -> str:
    return str(case.vehicle.id) if case.vehicle and case.presented.medium != "plate" else ""


def _each_once(due: list[Obligation]) -> tuple[Obligation, ...]:
    return tuple(one for at, one in enumerate(due) if one not in due[:at])


def _before(presented: Presented, companions: "_Companions | _Recorded") -> str:
    """Return the plate that was read before a card or code, as far as it is still known."""
    if presented.medium == "plate":
        return ""
    if here := _stands_here(presented):
        return here.text
    return next((one.credential.shown for one in reversed(companions.found) if one.medium == "plate"), "")


def _stands_here(presented: Presented) -> Presented | None:
    """Return the plate of who stands here: of several that were read the last sure one, else the last."""
    return next((one for one in reversed(presented.plates) if one.is_sure), presented.plates[-1] if presented.plates else None)


def _asked(case: Case, waited: list[str] | None = None) -> tuple[list[Step], Verdict, list[Obligation]]:
    """Ask the rules in order; returns what each said, the verdict, and the obligations.

    With `waited` nobody is kept waiting for a second credential: the reasons for which they would be are put there instead.
    """
    steps: list[Step] = []
    due: list[Obligation] = []
    for name, rule in RULES.items():
        verdict = rule(case)
        if waited is not None and verdict.reason in AWAITING:
            waited.append(verdict.reason)
            verdict = PASSES
        if waited is not None and name == "home":  # is asked for as they pass
            verdict = PASSES
        steps.append(_SILENT[name] if verdict is PASSES else Step(name, verdict.saw, verdict.reason))
        if verdict.reason:
            return steps, verdict, [*verdict.obligations]
        if verdict.obligations:
            due += verdict.obligations
    verdict = _nobody_objects(case)
    return steps, verdict, [*due, *verdict.obligations]


def _moves(case: Case, reason: str, along: tuple[Companion, ...]) -> tuple[Passing, tuple[Passing, ...]]:
    """Return what a passage would change, and what it would for those who pass with the holder.

    One vehicle passes: the mover's, or that of a plate which was surely read before somebody else's card; all others ride along.
    """
    direction, lane = case.presented.direction, case.lane
    beside = case.beside
    as_vehicle = takes_room(lane, case.vehicle_class)
    subject, mover = case.subject, case.mover
    if reason in STANDS_OPEN and not case.presented.is_sure:  # nobody asked whose plate that was
        subject, mover = "", None
    papers = _used(case.papers, reason, direction)
    drives = as_vehicle and beside is None
    claimed = _claimed(case, case.person, papers)
    here = case.snapshot.lanes_in_facts
    own = passing(subject, mover, direction, lane, papers, holder=case.person, as_vehicle=drives, claimed=claimed, own_lanes=here)
    if beside is None and not along:
        return own, ()
    vehicles = (passing(str(beside.id), beside, direction, lane, NO_PAPERS, as_vehicle=as_vehicle),) if beside else ()
    return own, (*vehicles, *(_rides_along(other, case) for other in along))


def _is_surely_there(presented: Presented) -> bool:
    """Tell whether the vehicle of a plate that was read before a card is what stands here, not what the plate was misread as."""
    here = _stands_here(presented)
    return here is not None and here.is_sure


def _used(papers: Papers, reason: str, direction: str) -> Papers:
    """Return the papers that a passage counts for: where a lane stands open nobody looks at them; a party that leaves, does."""
    if reason not in STANDS_OPEN:
        return papers
    return NO_PAPERS if direction == "in" else replace(papers, contractor_pass=None)


def _rides_along(other: Companion, case: Case) -> Passing:
    direction, lane = case.presented.direction, case.lane
    papers = papers_of(other.credential, direction, lane, case.snapshot, case.at, case.known.value, other.code)
    name = str(other.credential.person.id) if other.credential.person else ""
    claimed = _claimed(case, other.credential.person, papers)
    here = case.snapshot.lanes_in_facts
    return passing(name, other.credential, direction, lane, papers, as_vehicle=False, claimed=claimed, own_lanes=here)


def _claimed(case: Case, person: Person | None, papers: Papers) -> tuple[tuple[str, int], ...]:
    """Return what home gates have counted already of what somebody uses here."""
    if person is None or not case.snapshot.is_strict:
        return ()
    return counted(case.known, claims_of(person.id, papers, case.presented.direction, case.lane, case.snapshot))


def _nobody_objects(case: Case) -> Verdict:
    if case.adopted is not None:
        near = shown(case.adopted.credential.shown)
        return Verdict("inexact_ok", {"near": near}, obligations=(Obligation("compare_picture"),), candidates=(case.adopted,))
    if case.papers.by_code:
        return Verdict("code_ok")
    if visit := case.papers.visit:
        return Verdict("visit_ok", {"host": visit.host})
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
        self._asked = (presented, lane, snapshot, known, at)
        self._looked = False
        self.found: tuple[Companion, ...] = ()

    def __call__(self) -> tuple[Companion, ...]:
        if not self._looked:
            self._looked, self.found = True, tuple(self._find(*self._asked))
        return self.found

    @staticmethod
    def _find(presented: Presented, lane: LaneRules, snapshot: Snapshot, known: Known, at: datetime) -> Iterator[Companion]:
        window, stands_here = timedelta(seconds=lane.factor_window_s), _stands_here(presented)
        for earlier in presented.earlier:
            shown = earlier.presented
            if not timedelta(0) <= at - earlier.at <= window or shown.direction != presented.direction:
                continue
            if shown.medium == "plate" and shown is not stands_here:
                continue
            plates = (Earlier(plate, earlier.at) for plate in presented.plates if plate is not shown)
            alone = replace(shown, earlier=tuple(plates))  # its vehicle may have been read after it
            found, adopted = _found(alone, lane, snapshot, known, at)
            case = _case(alone, found, adopted, _Recorded(()), lane, snapshot, known, earlier.at)
            waited: list[str] = []
            _, verdict, due = _asked(case, waited)
            if found.credential and REASONS[verdict.reason].outcome == "grant" and (waited or verdict.reason in ADMITTED):
                theirs = tuple(one for one in due if one.code != "note_alone")  # they are not
                yield Companion(alone.medium, found.credential, earlier.at, theirs, alone.code)
