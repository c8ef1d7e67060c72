"""A renovation permit, from the application of a firm (or of an owner without one) to the end of the work."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from access.workflows.events import NEVER, Elapsed, Event, Fact, Reasoned, count
from access.workflows.guards import by_office
from access.workflows.machine import NEW, Cell, Record, Workflow, go
from access.workflows.refusals import Finding, Refusal

WORKERS_MAX = 500
# For how long gates still know of what is over, to say why it lets nobody in.
KEPT_AT_GATES: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class PermitTerms:
    """What is applied for: units, dates, hours, workers, who answers for it; `firm` empty: the owner renovates without one."""

    number: str = ""
    owner: str = ""
    firm: str = ""
    responsible: str = ""
    tenant: bool = False
    units: tuple[str, ...] = ()
    workers: int = 1
    valid_from: datetime = NEVER
    valid_until: datetime = NEVER
    schedule: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError for a number of workers or a window that is none."""
        count(self.workers, WORKERS_MAX)
        if self.valid_until < self.valid_from:
            raise ValueError("a permit's window ends before it begins")


@dataclass(frozen=True, slots=True)
class Permit(Record):
    """A permit; fees and deposit are noted in words, money is not handled here.

    `ended_at`: when the office ended it; `forgotten`: gates know no more of it.
    """

    terms: PermitTerms = field(default_factory=PermitTerms)
    papers: tuple[str, ...] = ()
    fees: str = ""
    deposit: str = ""
    ended_at: datetime = NEVER
    forgotten: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitDrafted(Event):
    """An application was begun, or changed while it is a draft."""

    terms: PermitTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitSubmitted(Event):
    """The responsible person applied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitSentBack(Reasoned):
    """The office wants something changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitWithdrawn(Reasoned):
    """Who applied wants it no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitRefused(Reasoned):
    """The office does not approve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PapersChecked(Event):
    """The office saw these papers."""

    papers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeesNoted(Event):
    """Fees and deposit were noted as settled, in words ("none" is a word)."""

    fees: str
    deposit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitApproved(Event):
    """The office approved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkBegun(Event):
    """The work began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitChanged(Event):
    """Units or end were changed, asked for by the responsible person."""

    asked_by: str
    units: tuple[str, ...]
    valid_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFinished(Event):
    """The work is done and was looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitRevoked(Reasoned):
    """The office ended the permit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitExpired(Elapsed):
    """The permit ran out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitForgotten(Elapsed):
    """The permit was over for some days: gates need not know of it any more."""


def papers_needed(terms: PermitTerms) -> frozenset[str]:
    """Return the papers that an application needs: a tenant brings the owner's consent, a firm its licence and qualification."""
    title = "owner_consent" if terms.tenant else "proof_of_title"
    return frozenset({title, "firm_licence", "firm_qualification"} if terms.firm else {title})


def responsible_of(terms: PermitTerms) -> str:
    """Return who answers for the work: the firm's responsible person, or an owner who renovates without a firm."""
    return terms.responsible if terms.firm else terms.owner


# --- guards ---------------------------------------------------------------------------------------


def _complete(permit: Permit, _event: PermitSubmitted) -> Refusal | None:
    terms = permit.terms
    given = {"units": terms.units, "responsible": responsible_of(terms)}
    missing = tuple(name for name, value in given.items() if not value)
    return Refusal("application_incomplete", {"missing": missing}) if missing else None


def _all_papers(permit: Permit, event: PapersChecked) -> Refusal | None:
    missing = tuple(sorted(papers_needed(permit.terms) - set(event.papers)))
    return Refusal("papers_missing", {"missing": missing}) if missing else None


def _settled(permit: Permit, _event: PermitApproved) -> Refusal | None:
    return None if permit.fees and permit.deposit else Refusal("fees_not_noted")


def _says_something(_permit: Permit, event: FeesNoted) -> Refusal | None:
    return None if event.fees.strip() or event.deposit.strip() else Refusal("fees_missing")


def _not_over(permit: Permit, event: PermitApproved) -> Refusal | None:
    until = permit.terms.valid_until
    return Refusal("application_over", {"until": until}) if event.at >= until else None


def _responsible_asked(permit: Permit, event: PermitChanged) -> Refusal | None:
    return None if event.asked_by == responsible_of(permit.terms) else Refusal("not_responsible", {"who": event.asked_by})


def _begun(permit: Permit, event: WorkBegun) -> Refusal | None:
    start = permit.terms.valid_from
    return Refusal("permit_not_yet", {"from": start}) if event.at < start else None


def _before_end(permit: Permit, event: PermitChanged) -> Refusal | None:
    return Refusal("renewed_too_late") if event.at >= permit.terms.valid_until else None


# --- what an event writes -------------------------------------------------------------------------


def _draft(permit: Permit, event: PermitDrafted) -> Permit:
    return replace(permit, terms=event.terms)


def _note_papers(permit: Permit, event: PapersChecked) -> Permit:
    return replace(permit, papers=event.papers)


def _note_fees(permit: Permit, event: FeesNoted) -> Permit:
    return replace(permit, fees=event.fees, deposit=event.deposit)


def _change(permit: Permit, event: PermitChanged) -> Permit:
    return replace(permit, terms=replace(permit.terms, units=event.units, valid_until=event.valid_until))


def _end(permit: Permit, event: WorkFinished | PermitRevoked | PermitExpired) -> Permit:
    return replace(permit, ended_at=event.at)


def _forget(permit: Permit, _event: PermitForgotten) -> Permit:
    return replace(permit, forgotten=True)


def due(permit: Permit, at: datetime) -> Elapsed | None:
    """Return what the clock has brought about by `at`: an approved permit ran out, or gates forget one that is over."""
    until = permit.terms.valid_until
    if permit.state in {"approved", "active"}:
        return PermitExpired(at=until) if at >= until else None
    if permit.ended_at == NEVER or permit.forgotten:
        return None
    end = permit.ended_at + KEPT_AT_GATES
    return PermitForgotten(at=end) if at >= end else None


_CHANGE: Mapping[type[Event], Cell] = {
    PermitChanged: go(by_office, _responsible_asked, _before_end),
    PermitRevoked: go("revoked", by_office),
    PermitExpired: go("expired"),
}
_WITHDRAW: Mapping[type[Event], Cell] = {PermitWithdrawn: go("withdrawn", by_office)}
_DECLINE: Mapping[type[Event], Cell] = {
    PermitSentBack: go("draft", by_office),
    PermitRefused: go("refused", by_office),
    **_WITHDRAW,
}
_LAST: Mapping[type[Event], Cell] = {PermitForgotten: go()}

WORKFLOW = Workflow(
    name="permit",
    blank=Permit(),
    moves={
        NEW: {PermitDrafted: go("draft")},
        "draft": {PermitDrafted: go("draft"), PermitSubmitted: go("submitted", _complete), **_WITHDRAW},
        "submitted": {PapersChecked: go("checked", by_office, _all_papers), **_DECLINE},
        "checked": {
            FeesNoted: go(by_office, _says_something),
            PermitApproved: go("approved", by_office, _settled, _not_over),
            **_DECLINE,
        },
        "approved": {WorkBegun: go("active", _begun), **_CHANGE},
        "active": {WorkFinished: go("finished", by_office), **_CHANGE},
        "finished": _LAST,
        "revoked": _LAST,
        "expired": _LAST,
        "withdrawn": {},
        "refused": {},
    },
    writes={
        PermitDrafted: _draft,
        PapersChecked: _note_papers,
        FeesNoted: _note_fees,
        PermitChanged: _change,
        WorkFinished: _end,
        PermitRevoked: _end,
        PermitExpired: _end,
        PermitForgotten: _forget,
    },
    due=due,
)


def advance(permit: Permit, event: Event) -> Permit | Refusal:
    """Return the permit after `event`, or why it may not be."""
    return WORKFLOW.advance(permit, event)


def reconcile(facts: Iterable[Fact]) -> tuple[Permit, tuple[Finding, ...]]:
    """Return the permit that the facts of several desks come to, and what was wrong among them."""
    return WORKFLOW.reconcile(facts)
