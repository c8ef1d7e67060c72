"""A visit: announced and approved, or asked for at the gate; its party counted in and out; its cards lent and given back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, get_args

from access.workflows.events import NEVER, Elapsed, Event, Fact, Reasoned, count
from access.workflows.machine import NEW, Cell, Record, Workflow, go, no
from access.workflows.refusals import Finding, Refusal

PARTY_MAX = 200
USES_MAX = 1_000
# By what means a host's word came; a standing rule (couriers, repairs) stands for a host.
Means = Literal["phone", "intercom", "in_person", "app", "standing_rule"]
MEANS: tuple[Means, ...] = get_args(Means)
OFFICE_ROLES = frozenset({"registrar", "front_desk", "site_manager"})


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of visitor: whether it may come in at all, and what must be done before it does. A site sets its own.

    `standing_rule`: a rule of the site stands for the word of a host, who is not asked each time.
    """

    code: str
    obligations: tuple[str, ...] = ()
    admitted: bool = True
    standing_rule: bool = False


# The ordinary visitor without appointment.
UNANNOUNCED = Category("unannounced", ("wait_outside",))
# The kinds of the duty handbooks. None comes in by a standing rule: a site that has one for couriers or repairs says so.
CATEGORIES = (
    Category("vip", ("lead_in", "tell_leaders")),
    Category("important", ("tell_host", "escort")),
    Category("appointment", ("lead_in",)),
    UNANNOUNCED,
    Category("service", ("department_confirms",)),
    Category("staff", ("confirm_staff",)),
    Category("hawker", admitted=False),
)


@dataclass(frozen=True, slots=True)
class VisitTerms:
    """What was asked for: who may answer, how many come, when, through which gates (none: all) and how often.

    A person counts once for each use: a party of three with two uses is let in six persons long, three at a time.
    `host` is a person's id, a unit or a department, `host_name` what it is called at the gate, `unit` the unit that is visited.
    """

    category: Category = UNANNOUNCED
    host: str = ""
    host_name: str = ""
    unit: str = ""
    deputies: tuple[str, ...] = ()
    party: int = 1
    uses: int = 1
    gates: tuple[str, ...] = ()
    plates: tuple[str, ...] = ()
    valid_from: datetime = NEVER
    valid_until: datetime = NEVER
    answer_by: datetime | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for counts and windows that are none."""
        count(self.party, PARTY_MAX)
        count(self.uses, USES_MAX)
        if self.valid_until < self.valid_from:
            raise ValueError("a visit's window ends before it begins")


@dataclass(frozen=True, slots=True)
class Visit(Record):
    """A visit: `arrived` counts all persons ever let in, `inside` those who have not left; `lent` are cards not given back."""

    terms: VisitTerms = VisitTerms()
    arrived: int = 0
    inside: int = 0
    cancelled: bool = False
    agreed_by: str = ""
    means: str = ""
    lent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitAnnounced(Event):
    """A host or the office announced visitors."""

    terms: VisitTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitAsked(Event):
    """Somebody stands at the gate unannounced; the guard took down what is asked."""

    terms: VisitTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitApproved(Event):
    """Host or office approved a visit: one announced, or one of somebody who waits at the gate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRefused(Reasoned):
    """Host, office or guard said no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitCancelled(Reasoned):
    """Host or office took the visit back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostAgreed(Event):
    """The host of a walk-in said yes, and the guard let `people` in: who said it and by what means (see MEANS)."""

    said_by: str
    means: Means
    gate: str
    people: int = 1
    met: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raise ValueError for a count or means that is none."""
        Event.__post_init__(self)
        count(self.people, PARTY_MAX)
        if self.means not in MEANS:
            raise ValueError(f"{self.means!r} is no means by which a host agrees")


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorsArrived(Event):
    """`people` of the party are let in at `gate`; `met` names the obligations that the guard saw to."""

    gate: str
    people: int = 1
    met: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raise ValueError for a count that is none."""
        Event.__post_init__(self)
        count(self.people, PARTY_MAX)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorsLeft(Event):
    """`people` of the party went out at `gate`."""

    gate: str
    people: int = 1

    def __post_init__(self) -> None:
        """Raise ValueError for a count that is none."""
        Event.__post_init__(self)
        count(self.people, PARTY_MAX)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorsPassed(Event):
    """A lane let `people` of the party pass, in or out: more than may be inside are none, nor fewer than nobody."""

    way: Literal["in", "out"]
    people: int = 1

    def __post_init__(self) -> None:
        """Raise ValueError for a count that is none."""
        Event.__post_init__(self)
        count(self.people, PARTY_MAX)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardLent(Event):
    """A visitor card was lent for the stay."""

    card: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardGivenBack(Event):
    """A lent visitor card came back."""

    card: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LentCardLost(Event):
    """A lent visitor card will not come back: nobody waits for it any more."""

    card: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTimeEnded(Elapsed):
    """Nobody answered in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitExpired(Elapsed):
    """The window ended before anybody, or all who may, had come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitOverstayed(Elapsed):
    """The window ended with somebody inside."""


# --- guards ---------------------------------------------------------------------------------------


def _admissible(_visit: Visit, event: VisitAnnounced | VisitAsked) -> Refusal | None:
    category = event.terms.category
    return None if category.admitted else Refusal("category_turned_away", {"category": category.code})


def _may_answer(visit: Visit, event: Event) -> Refusal | None:
    # By role too: a unit or department may be called what a guard is.
    if event.by.role in OFFICE_ROLES or (event.by.role == "host" and event.by.id in hosts_of(visit)):
        return None
    return Refusal("not_the_host", {"who": event.by.id})


def _host_said_it(visit: Visit, event: HostAgreed) -> Refusal | None:
    if event.means == "standing_rule":
        category = visit.terms.category
        return None if category.standing_rule else Refusal("no_standing_rule", {"category": category.code})
    if event.said_by in hosts_of(visit):
        return None
    return Refusal("not_the_host", {"who": event.said_by})


def hosts_of(visit: Visit) -> tuple[str, ...]:
    """Return who may answer for a visit."""
    return (visit.terms.host, *visit.terms.deputies)


def _not_cancelled(visit: Visit, _event: Event) -> Refusal | None:
    return Refusal("visit_cancelled") if visit.cancelled else None


def _in_window(visit: Visit, event: Event) -> Refusal | None:
    terms = visit.terms
    if event.at < terms.valid_from:
        return Refusal("visit_not_yet", {"from": terms.valid_from})
    return Refusal("visit_over", {"until": terms.valid_until}) if event.at >= terms.valid_until else None


def _gate_allowed(visit: Visit, event: VisitorsArrived | HostAgreed) -> Refusal | None:
    gates = visit.terms.gates
    return Refusal("wrong_gate", {"gates": gates}) if gates and event.gate not in gates else None


def _within_party(visit: Visit, event: VisitorsArrived | HostAgreed) -> Refusal | None:
    terms = visit.terms
    if visit.arrived + event.people > terms.party * terms.uses:
        return Refusal("visit_used_up", {"uses": terms.uses})
    if visit.inside + event.people > terms.party:
        return Refusal("party_full", {"party": terms.party, "inside": visit.inside})
    return None


def _obligations_met(visit: Visit, event: VisitorsArrived | HostAgreed) -> Refusal | None:
    missing = tuple(duty for duty in visit.terms.category.obligations if duty not in event.met)
    return Refusal("obligations_open", {"missing": missing}) if missing else None


def _are_inside(visit: Visit, event: VisitorsLeft) -> Refusal | None:
    return None if event.people <= visit.inside else Refusal("more_left_than_inside", {"inside": visit.inside})


def _card_free(visit: Visit, event: CardLent) -> Refusal | None:
    return Refusal("card_lent_already", {"card": event.card}) if event.card in visit.lent else None


def _card_out(visit: Visit, event: CardGivenBack | LentCardLost) -> Refusal | None:
    return None if event.card in visit.lent else Refusal("card_not_lent", {"card": event.card})


# --- what an event writes -------------------------------------------------------------------------


def _asked_for(visit: Visit, event: VisitAnnounced | VisitAsked) -> Visit:
    return replace(visit, terms=event.terms)


def _take_back(visit: Visit, _event: VisitCancelled) -> Visit:
    return replace(visit, cancelled=True)


def _count_in(visit: Visit, event: VisitorsArrived | HostAgreed) -> Visit:
    return replace(visit, state="in", arrived=visit.arrived + event.people, inside=visit.inside + event.people)


def _agree(visit: Visit, event: HostAgreed) -> Visit:
    return replace(_count_in(visit, event), agreed_by=event.said_by, means=event.means)


def _count_out(visit: Visit, event: VisitorsLeft) -> Visit:
    left = max(visit.inside - event.people, 0)
    still = "overstayed" if visit.state == "overstayed" else "in"
    return replace(visit, state=still if left else "out", inside=left)


def _pass(visit: Visit, event: VisitorsPassed) -> Visit:
    party, uses = visit.terms.party, visit.terms.uses
    if event.way == "in":
        arrived, inside = min(visit.arrived + event.people, party * uses), min(visit.inside + event.people, party)
        visit = replace(visit, arrived=arrived, inside=inside)
    else:
        visit = replace(visit, inside=max(visit.inside - event.people, 0))
    if not visit.inside:
        return replace(visit, state="out") if visit.state in {"in", "overstayed"} else visit
    is_over = visit.state in {"overstayed", "expired"} or (visit.state == "out" and event.at >= visit.terms.valid_until)
    return replace(visit, state="overstayed" if is_over else "in")


def _lend(visit: Visit, event: CardLent) -> Visit:
    return replace(visit, lent=(*visit.lent, event.card))


def _give_back(visit: Visit, event: CardGivenBack | LentCardLost) -> Visit:
    return replace(visit, lent=tuple(card for card in visit.lent if card != event.card))


def may_come_again(visit: Visit) -> bool:
    """Tell whether somebody may still come in who is not inside: not all entries are used up, and nobody took the visit back."""
    return not visit.cancelled and visit.arrived < visit.terms.party * visit.terms.uses


def due(visit: Visit, at: datetime) -> Elapsed | None:
    """Return what the clock has brought about by `at`: no answer, a window over, an overstay."""
    terms = visit.terms
    waiting = visit.state in {"announced", "asked"}
    if waiting and terms.answer_by is not None and terms.answer_by <= min(at, terms.valid_until):
        return AnswerTimeEnded(at=terms.answer_by)
    if at < terms.valid_until:
        return None
    if waiting or visit.state == "approved" or (visit.state == "out" and may_come_again(visit)):
        return VisitExpired(at=terms.valid_until)
    return VisitOverstayed(at=terms.valid_until) if visit.state == "in" else None


_ENTRY = (_not_cancelled, _in_window, _gate_allowed, _within_party, _obligations_met)
_BACK: Mapping[type[Event], Cell] = {CardGivenBack: go(_card_out), LentCardLost: go(_card_out)}

WORKFLOW = Workflow(
    name="visit",
    blank=Visit(),
    moves={
        NEW: {VisitAnnounced: go("announced", _admissible), VisitAsked: go("asked", _admissible)},
        "announced": {
            VisitApproved: go("approved", _may_answer),
            VisitRefused: go("refused", _may_answer),
            VisitCancelled: go("cancelled", _may_answer),
            AnswerTimeEnded: go("refused"),
            VisitExpired: go("expired"),
            VisitorsArrived: no("visit_not_approved"),
        },
        "asked": {
            HostAgreed: go("in", _host_said_it, *_ENTRY),
            VisitApproved: go("approved", _may_answer),
            VisitRefused: go("refused"),
            AnswerTimeEnded: go("refused"),
            VisitExpired: go("expired"),
            VisitorsArrived: no("visit_not_approved"),
        },
        "approved": {
            VisitorsArrived: go("in", *_ENTRY),
            VisitorsPassed: go("approved", "in"),
            VisitCancelled: go("cancelled", _may_answer),
            VisitExpired: go("expired"),
        },
        "in": {
            VisitorsArrived: go("in", *_ENTRY),
            VisitorsLeft: go("in", "out", _are_inside),
            VisitorsPassed: go("in", "out"),
            VisitCancelled: go(_may_answer),
            VisitOverstayed: go("overstayed"),
            CardLent: go(_card_free),
            **_BACK,
        },
        "out": {
            VisitorsArrived: go("in", *_ENTRY),
            VisitorsPassed: go("in", "out", "overstayed"),
            VisitCancelled: go(_may_answer),
            VisitExpired: go("expired"),
            **_BACK,
        },
        "overstayed": {
            VisitorsArrived: no("visit_over_now"),
            VisitorsLeft: go("overstayed", "out", _are_inside),
            VisitorsPassed: go("overstayed", "out"),
            CardLent: go(_card_free),
            **_BACK,
        },
        "refused": {VisitorsArrived: no("visit_refused"), HostAgreed: no("visit_refused")},
        "cancelled": {VisitorsArrived: no("visit_cancelled")},
        "expired": {
            VisitorsArrived: no("visit_over_now"),
            VisitorsPassed: go("overstayed", "expired"),
            HostAgreed: no("visit_over_now"),
            **_BACK,
        },
    },
    writes={
        VisitAnnounced: _asked_for,
        VisitAsked: _asked_for,
        VisitCancelled: _take_back,
        HostAgreed: _agree,
        VisitorsArrived: _count_in,
        VisitorsLeft: _count_out,
        VisitorsPassed: _pass,
        CardLent: _lend,
        CardGivenBack: _give_back,
        LentCardLost: _give_back,
    },
    happens=frozenset({HostAgreed, VisitorsArrived, VisitorsLeft, VisitorsPassed, CardLent, CardGivenBack, LentCardLost}),
    findings={
        (VisitorsArrived, "visit_cancelled"): "admitted_after_revocation",
        (VisitorsArrived, "visit_used_up"): "pass_used_twice",
        (VisitorsArrived, "party_full"): "pass_used_twice",
        (VisitorsArrived, "visit_over_now"): "admitted_outside_window",
        (VisitorsArrived, "visit_over"): "admitted_outside_window",
        (VisitorsArrived, "visit_not_yet"): "admitted_outside_window",
        (VisitorsArrived, "visit_not_approved"): "admitted_unapproved",
        (VisitorsArrived, "visit_refused"): "admitted_unapproved",
        (HostAgreed, "visit_refused"): "admitted_unapproved",
        (HostAgreed, "visit_used_up"): "pass_used_twice",
        (HostAgreed, "not_now"): "pass_used_twice",
        (HostAgreed, "visit_over_now"): "admitted_outside_window",
        (VisitorsLeft, "more_left_than_inside"): "left_without_entry",
        (VisitorsLeft, "not_now"): "left_without_entry",
    },
    due=due,
)


def advance(visit: Visit, event: Event) -> Visit | Refusal:
    """Return the visit after `event`, or why it may not be."""
    return WORKFLOW.advance(visit, event)


def reconcile(facts: Iterable[Fact]) -> tuple[Visit, tuple[Finding, ...]]:
    """Return the visit that the facts of gates and office come to, and what was wrong among them."""
    return WORKFLOW.reconcile(facts)


def open_items(visit: Visit) -> tuple[str, ...]:
    """Return what a shift must still see to: cards not given back though nobody is inside any more."""
    return visit.lent if visit.state in {"out", "cancelled", "expired"} else ()
