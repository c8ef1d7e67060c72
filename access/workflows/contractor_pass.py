"""A contractor's temporary pass: its life, and where its duplicate hangs while the holder is inside.

The life is the state; presence is the duplicate: it hangs on the board of a post (`held_at`), or the holder has it (empty).
A holder who left by another post has `left_by` set: the duplicate is in transfer and both posts have an open item.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from access.on_record import PERMIT_IN_FORCE
from access.workflows.events import ITEMS_MAX, NEVER, Elapsed, Event, Fact, Reasoned
from access.workflows.guards import by_office
from access.workflows.machine import NEW, Cell, Record, Workflow, go, no
from access.workflows.pass_terms import PassTerms
from access.workflows.refusals import Finding, Refusal

# Trades that show a certificate before a pass is issued.
CERTIFIED_TRADES = frozenset({"electrician", "plumber", "gas_fitter"})
# The marks of the two parts: what is read off a part is the number with its mark.
ORIGINAL: Final = "O"
DUPLICATE: Final = "D"
# For how long gates still know of what is over, to say why it lets nobody in.
KEPT_AT_GATES: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ContractorPass(Record):
    """A pass; `violations` are outstanding against the holder, `replaced_by` is the number that a lost one was re-issued as.

    `revoked_at`: when the office ended it; `forgotten`: gates know no more of it.
    """

    terms: PassTerms = field(default_factory=PassTerms)
    held_at: str = ""
    left_by: str = ""
    entered_at: datetime = NEVER
    violations: tuple[str, ...] = ()
    replaced_by: str = ""
    deposit: str = ""
    revoked_at: datetime = NEVER
    forgotten: bool = False

    @property
    def is_inside(self) -> bool:
        """Tell whether the holder is inside: a duplicate hangs, and nobody saw the holder leave."""
        return bool(self.held_at) and not self.left_by

    @property
    def is_in_transfer(self) -> bool:
        """Tell whether the holder is out by another post and the duplicate is on its way."""
        return bool(self.held_at and self.left_by)


@dataclass(frozen=True, slots=True, kw_only=True)
class PassIssued(Event):
    """The office made out both parts; `violations` were outstanding on the lost pass that this one replaces."""

    terms: PassTerms
    violations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PassHandedOver(Event):
    """The person took the pass and paid the deposit (as noted, in words)."""

    deposit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassLost(Event):
    """The original was reported lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassReplaced(Event):
    """A lost pass was re-issued under a new number."""

    number: str = ""
    deposit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassConfiscated(Reasoned):
    """A guard took the original away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassRestored(Reasoned):
    """The office gave a confiscated pass back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassRevoked(Reasoned):
    """The office ended the pass for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassReturned(Event):
    """Both parts are back and the deposit is settled (in words)."""

    deposit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PassChanged(Event):
    """Units or end were changed, asked for by the firm's responsible person; person and number never change."""

    asked_by: str
    units: tuple[str, ...]
    valid_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PassCutShort(Event):
    """The permit ends, or is to end, before the pass does: so does the pass."""

    valid_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ViolationReported(Event):
    """Something was done that the permit forbids, as being in a wrong unit."""

    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ViolationSettled(Reasoned):
    """The office settled what was outstanding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerEntered(Event):
    """The holder showed the original and handed the duplicate in at `post`; both as read off the parts, with their marks.

    The rest is what the gate knew: the permit's state and units, how many more workers it lets in, and whether these are working
    hours; of whom nothing is known, nobody is let in.
    """

    post: str
    original: str
    duplicate: str
    permit_state: str = ""
    permit_units: tuple[str, ...] = ()
    places_left: int = 0
    in_hours: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerLeft(Event):
    """The holder went out at `post`; where the duplicate hangs there, it was given back."""

    post: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderPassed(Event):
    """A lane let the holder pass: after that the duplicate hangs at `held_at` (empty: its holder has it).

    `left_by` is the post that the holder has left by, where that is another one.
    """

    held_at: str = ""
    left_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateBroughtBack(Event):
    """A duplicate in transfer reached its holder or the office."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateCounted(Event):
    """At a handover the board of `post` was counted, and this duplicate `found` on it or not."""

    post: str
    found: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CountDiffered(DuplicateCounted):
    """The count said otherwise than the record, by which it hung at `recorded` (empty: nowhere): the board is believed."""

    recorded: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PassExpired(Elapsed):
    """The pass ran out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassForgotten(Elapsed):
    """The pass was over for some days, its duplicate back: gates need not know of it any more."""


def part_code(number: str, mark: str) -> str:
    """Return what one of the two parts of a pass bears."""
    return f"{number}-{mark}"


# --- guards ---------------------------------------------------------------------------------------


def _papers_shown(_pass: ContractorPass, event: PassIssued) -> Refusal | None:
    """Ask an owner's own worker for somebody who vouches for the identity, and some trades for a certificate."""
    terms = event.terms
    needed = {"identity_guarantee"} if not terms.firm else set()
    needed |= {"trade_certificate"} if terms.trade in CERTIFIED_TRADES else set()
    missing = tuple(sorted(needed - set(terms.papers)))
    return Refusal("papers_missing", {"missing": missing}) if missing else None


def _both_parts_back(held: ContractorPass, _event: Event) -> Refusal | None:
    return Refusal("duplicate_still_held", {"post": held.held_at}) if held.held_at else None


def _responsible_asked(held: ContractorPass, event: PassChanged) -> Refusal | None:
    responsible = held.terms.responsible
    return None if event.asked_by == responsible else Refusal("not_responsible", {"who": event.asked_by})


def _before_end(held: ContractorPass, event: PassChanged) -> Refusal | None:
    return Refusal("renewed_too_late") if event.at >= held.terms.valid_until else None


def _new_number(held: ContractorPass, event: PassReplaced) -> Refusal | None:
    return Refusal("number_not_new", {"number": event.number}) if event.number == held.terms.number else None


def _parts_match(held: ContractorPass, event: WorkerEntered) -> Refusal | None:
    if not event.duplicate:
        return Refusal("duplicate_missing")
    wanted = tuple(part_code(held.terms.number, mark) for mark in (ORIGINAL, DUPLICATE))
    if (event.original, event.duplicate) != wanted:
        return Refusal("duplicate_of_another", {"original": event.original, "duplicate": event.duplicate})
    return None


def _not_inside(held: ContractorPass, _event: WorkerEntered) -> Refusal | None:
    if held.is_in_transfer:
        return Refusal("duplicate_in_transfer", {"post": held.held_at})
    return Refusal("already_inside", {"post": held.held_at}) if held.held_at else None


def _permit_allows(held: ContractorPass, event: WorkerEntered) -> Refusal | None:
    if event.permit_state not in PERMIT_IN_FORCE:
        return Refusal("permit_not_in_force", {"permit_state": event.permit_state})
    if outside := tuple(unit for unit in held.terms.units if unit not in event.permit_units):
        return Refusal("unit_not_permitted", {"units": outside})
    return Refusal("too_many_workers") if event.places_left < 1 else None


def _valid_now(held: ContractorPass, event: WorkerEntered) -> Refusal | None:
    terms = held.terms
    if not terms.valid_from <= event.at < terms.valid_until:
        return Refusal("pass_not_valid_now", {"from": terms.valid_from, "until": terms.valid_until})
    return None if event.in_hours else Refusal("outside_hours")


def _no_violation(held: ContractorPass, _event: Event) -> Refusal | None:
    return Refusal("violation_outstanding", {"what": held.violations}) if held.violations else None


def _not_too_many(held: ContractorPass, _event: ViolationReported) -> Refusal | None:
    return Refusal("too_many_items", {"limit": ITEMS_MAX}) if len(held.violations) >= ITEMS_MAX else None


def _came_in_here(held: ContractorPass, event: WorkerLeft) -> Refusal | None:
    if not held.is_inside:
        return Refusal("not_inside")
    if event.post != held.held_at and not held.terms.leaves_anywhere:
        return Refusal("duplicate_elsewhere", {"post": held.held_at})
    return None


def _in_transfer(held: ContractorPass, _event: DuplicateBroughtBack) -> Refusal | None:
    return None if held.is_in_transfer else Refusal("not_in_transfer")


def differs(held: ContractorPass, event: DuplicateCounted) -> bool:
    """Tell whether a count says otherwise than the record."""
    return event.found != (event.post == held.held_at)


def _differs(held: ContractorPass, event: CountDiffered) -> Refusal | None:
    is_so = differs(held, event) and event.recorded == held.held_at
    return None if is_so else Refusal("count_as_expected", {"post": event.post})


def _may_be_found(held: ContractorPass, event: CountDiffered) -> Refusal | None:
    """Let a duplicate be missed, but not found, of a pass whose both parts are back."""
    return Refusal("pass_returned") if event.found and held.state == "returned" else None


def _as_expected(held: ContractorPass, event: DuplicateCounted) -> Refusal | None:
    if event.found and event.post != held.held_at:
        return Refusal("duplicate_not_expected", {"post": event.post})
    if not event.found and event.post == held.held_at:
        return Refusal("duplicate_not_on_board", {"post": event.post})
    return None


# --- what an event writes -------------------------------------------------------------------------


def _issue(held: ContractorPass, event: PassIssued) -> ContractorPass:
    return replace(held, terms=event.terms, violations=event.violations)


def _note_deposit(held: ContractorPass, event: PassHandedOver | PassReturned) -> ContractorPass:
    return replace(held, deposit=event.deposit)


def _replace(held: ContractorPass, event: PassReplaced) -> ContractorPass:
    """Hand what is outstanding on to the new pass."""
    return replace(held, replaced_by=event.number, deposit=event.deposit, violations=())


def _revoke(held: ContractorPass, event: PassRevoked) -> ContractorPass:
    return replace(held, revoked_at=event.at)


def _forget(held: ContractorPass, _event: PassForgotten) -> ContractorPass:
    return replace(held, forgotten=True)


def _change(held: ContractorPass, event: PassChanged) -> ContractorPass:
    return replace(held, terms=replace(held.terms, units=event.units, valid_until=event.valid_until))


def _cut_short(held: ContractorPass, event: PassCutShort) -> ContractorPass:
    return replace(held, terms=replace(held.terms, valid_until=min(held.terms.valid_until, event.valid_until)))


def _accuse(held: ContractorPass, event: ViolationReported) -> ContractorPass:
    return replace(held, violations=(*held.violations, event.what))


def _settle(held: ContractorPass, _event: ViolationSettled) -> ContractorPass:
    return replace(held, violations=())


def _hang(held: ContractorPass, event: WorkerEntered) -> ContractorPass:
    return replace(held, held_at=event.post, left_by="", entered_at=event.at)


def _leave(held: ContractorPass, event: WorkerLeft) -> ContractorPass:
    if not held.held_at or event.post == held.held_at:
        return replace(held, held_at="", left_by="")
    return replace(held, left_by=event.post)


def _move(held: ContractorPass, event: HolderPassed) -> ContractorPass:
    """Go by what the gate wrote of the duplicate; a second one that hangs elsewhere is found by that too, and not here."""
    if event.held_at and held.state in _IN_THE_OFFICE:
        return held
    entered_at = event.at if event.held_at and not event.left_by else held.entered_at
    return replace(held, held_at=event.held_at, left_by=event.left_by, entered_at=entered_at)


def _bring_back(held: ContractorPass, _event: DuplicateBroughtBack) -> ContractorPass:
    return replace(held, held_at="", left_by="")


def _believe_count(held: ContractorPass, event: DuplicateCounted) -> ContractorPass:
    """Settle what the gates recorded apart by what was seen on a board."""
    if event.found and event.post != held.held_at:
        if held.state in _IN_THE_OFFICE:
            return held
        # Nobody saw the holder come in: by the time of the count at the latest.
        entered_at = event.at if held.entered_at == NEVER else held.entered_at
        return replace(held, held_at=event.post, left_by="", entered_at=entered_at)
    if not event.found and event.post == held.held_at:
        return replace(held, held_at="", left_by="")
    return held


def due(held: ContractorPass, at: datetime) -> Elapsed | None:
    """Return what the clock has brought about by `at`: the pass ran out, or is over for so long that gates forget it."""
    until = held.terms.valid_until
    if held.state in {"issued", "active"}:
        return PassExpired(at=until) if at >= until else None
    # Somebody who is inside is known at the gates until the duplicate is back.
    if held.state not in _FORGOTTEN_LATER or held.forgotten or held.held_at:
        return None
    end = (held.revoked_at if held.state == "revoked" else until) + KEPT_AT_GATES
    return PassForgotten(at=end) if at >= end else None


# The office has both parts: a duplicate that is found somewhere all the same says nothing of anybody inside.
_IN_THE_OFFICE: Final = frozenset({NEW, "issued", "returned"})
_FORGOTTEN_LATER: Final = frozenset({"lost", "confiscated", "expired", "revoked"})
# A holder who is inside must always be able to leave, and a board to be counted, whatever became of the pass.
_PRESENCE: Mapping[type[Event], Cell] = {
    WorkerLeft: go(_came_in_here),
    HolderPassed: go(),
    DuplicateBroughtBack: go(_in_transfer),
    DuplicateCounted: go(_as_expected),
    CountDiffered: go(_may_be_found, _differs),
}
_CONDUCT: Mapping[type[Event], Cell] = {ViolationReported: go(_not_too_many), ViolationSettled: go(by_office)}
# One that is lost or taken away may yet come back to somebody's hands.
_CUT: Mapping[type[Event], Cell] = {PassCutShort: go()}
_END: Mapping[type[Event], Cell] = {
    PassRevoked: go("revoked", by_office),
    PassReturned: go("returned", _both_parts_back, _no_violation),
}
_OVER: Mapping[type[Event], Cell] = {**_PRESENCE, **_CONDUCT, **_END, PassForgotten: go()}

WORKFLOW = Workflow(
    name="contractor_pass",
    blank=ContractorPass(),
    moves={
        NEW: {PassIssued: go("issued", by_office, _papers_shown)},
        "issued": {
            PassHandedOver: go("active"),
            PassExpired: go("expired"),
            WorkerEntered: no("pass_not_active"),
            **_CUT,
            **_CONDUCT,
            **_END,
        },
        "active": {
            WorkerEntered: go(_not_inside, _no_violation, _permit_allows, _valid_now, _parts_match),
            **_PRESENCE,
            **_CONDUCT,
            PassChanged: go(by_office, _responsible_asked, _before_end),
            **_CUT,
            PassLost: go("lost"),
            PassConfiscated: go("confiscated"),
            PassExpired: go("expired"),
            **_END,
        },
        "lost": {
            PassReplaced: go("replaced", by_office, _new_number),
            WorkerEntered: no("pass_lost"),
            PassConfiscated: go("confiscated"),
            **_CUT,
            **_OVER,
        },
        "confiscated": {PassRestored: go("active", by_office), WorkerEntered: no("pass_confiscated"), **_CUT, **_OVER},
        "expired": {PassConfiscated: go("confiscated"), WorkerEntered: no("pass_expired"), **_OVER},
        "replaced": {WorkerEntered: no("pass_lost"), PassConfiscated: go(), **_PRESENCE},
        "returned": {WorkerEntered: no("pass_returned"), **_PRESENCE},
        "revoked": {WorkerEntered: no("pass_revoked"), PassConfiscated: go(), **_PRESENCE, **_CONDUCT, PassForgotten: go()},
    },
    writes={
        PassIssued: _issue,
        PassHandedOver: _note_deposit,
        PassReplaced: _replace,
        PassRevoked: _revoke,
        PassForgotten: _forget,
        PassReturned: _note_deposit,
        PassChanged: _change,
        PassCutShort: _cut_short,
        ViolationReported: _accuse,
        ViolationSettled: _settle,
        WorkerEntered: _hang,
        WorkerLeft: _leave,
        HolderPassed: _move,
        DuplicateBroughtBack: _bring_back,
        DuplicateCounted: _believe_count,
        CountDiffered: _believe_count,
    },
    happens=frozenset({WorkerEntered, WorkerLeft, HolderPassed, DuplicateBroughtBack, DuplicateCounted, CountDiffered}),
    findings={
        (WorkerEntered, "pass_revoked"): "admitted_after_revocation",
        (WorkerEntered, "pass_lost"): "admitted_after_revocation",
        (WorkerEntered, "pass_confiscated"): "admitted_after_revocation",
        (WorkerEntered, "pass_returned"): "admitted_after_revocation",
        (WorkerEntered, "already_inside"): "duplicate_held_twice",
        (WorkerEntered, "duplicate_in_transfer"): "duplicate_held_twice",
        (WorkerEntered, "outside_hours"): "admitted_outside_window",
        (WorkerEntered, "pass_not_valid_now"): "admitted_outside_window",
        (WorkerEntered, "pass_expired"): "admitted_outside_window",
        (WorkerLeft, "not_inside"): "duplicate_given_back_unheld",
        (WorkerLeft, "duplicate_elsewhere"): "left_by_other_post",
        (DuplicateCounted, "duplicate_not_expected"): "duplicate_count_differs",
        (DuplicateCounted, "duplicate_not_on_board"): "duplicate_count_differs",
        (CountDiffered, "pass_returned"): "duplicate_count_differs",
    },
    due=due,
)


def advance(held: ContractorPass, event: Event) -> ContractorPass | Refusal:
    """Return the pass after `event`, or why it may not be."""
    return WORKFLOW.advance(held, event)


def reconcile(facts: Iterable[Fact]) -> tuple[ContractorPass, tuple[Finding, ...]]:
    """Return the pass that the facts of posts and office come to, and what was impossible among them."""
    return WORKFLOW.reconcile(facts)
