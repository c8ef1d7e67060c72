"""A goods-release slip: asked for by one who has the right, approved, released line by line over several trips, collected."""

import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from hashlib import sha256

from access.workflows.events import NEVER, Elapsed, Event, Fact, Reasoned
from access.workflows.guards import by_goods_office, by_leader
from access.workflows.machine import NEW, Cell, Record, Workflow, go, no
from access.workflows.quantities import plain
from access.workflows.refusals import Finding, Refusal

LINES_MAX = 50
# What each kind of applicant must bring besides the own identity.
RIGHTS: Mapping[str, str] = {
    "owner": "",
    "tenant": "owner_consent",
    "third_party": "authorisation",
    "company": "company_stamp",
    "decoration": "contractor_confirmation",
}


@dataclass(frozen=True, slots=True)
class SlipLine:
    """One line: what, how much (see quantities.quantity), in which unit, with remark and pictures by reference."""

    number: int
    item: str
    asked: Decimal
    unit: str = ""
    remark: str = ""
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """A document shown, by reference; an authorisation names the person and what that person may take out."""

    kind: str
    reference: str
    person: str = ""
    lines: tuple[SlipLine, ...] = ()


@dataclass(frozen=True, slots=True)
class SlipTerms:
    """What a slip says; `plates` empty: any vehicle; `replaces` is the number of the slip that it corrects.

    `day`: its last day on the calendar of the site (YYYY-MM-DD), by which the office reconciles it.
    """

    number: str = ""
    right: str = "owner"
    applicant: str = ""
    papers: tuple[Paper, ...] = ()
    lines: tuple[SlipLine, ...] = ()
    plates: tuple[str, ...] = ()
    valid_until: datetime = NEVER
    day: str = ""
    replaces: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError for a right that is none, and lines that are too many or share a number."""
        if self.right not in RIGHTS:
            raise ValueError(f"{self.right!r} is no right to take goods out")
        if len(self.lines) > LINES_MAX or len({line.number for line in self.lines}) != len(self.lines):
            raise ValueError(f"a slip has up to {LINES_MAX} lines, each with its own number")


@dataclass(frozen=True, slots=True)
class Released:
    """How much of one line goes out with a trip."""

    line: int
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Trip:
    """What went out at once: when, where, carried by whom, in which vehicle (empty: on foot), checked by which guard."""

    at: datetime
    gate: str
    guard: str
    carrier: str
    plate: str
    released: tuple[Released, ...]


@dataclass(frozen=True, slots=True)
class ReleaseSlip(Record):
    """A slip and its trips; `only_gate` is where one approved at night without network is valid, `review` how it was judged.

    `presented_at`: the gate at which it was shown last; `collected_by`: the guard who took the paper; `forgotten`: by gates.
    """

    terms: SlipTerms = field(default_factory=SlipTerms)
    drafted_by: str = ""
    approved_by: str = ""
    at_night: bool = False
    only_gate: str = ""
    review: str = ""
    replaced_by: str = ""
    presented_at: str = ""
    collected_by: str = ""
    forgotten: bool = False
    trips: tuple[Trip, ...] = ()

    def released(self, line: int) -> Decimal:
        """Return how much of `line` went out so far, over all trips."""
        return sum((part.quantity for trip in self.trips for part in trip.released if part.line == line), Decimal())

    def left(self) -> dict[int, Decimal]:
        """Return how much of each line may still go out; below 0 where two gates released too much."""
        return {line.number: line.asked - self.released(line.number) for line in self.terms.lines}


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipDrafted(Event):
    """The goods were written down."""

    terms: SlipTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipSubmitted(Event):
    """The applicant asks for approval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipApproved(Event):
    """The office approved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipApprovedAtNight(Reasoned):
    """The shift leader approved, nobody else being reachable; without network the slip is valid at `only_gate` alone."""

    only_gate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NightApprovalReviewed(Event):
    """The office looked at a night's approval the next day."""

    review: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipCancelled(Reasoned):
    """The slip was taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipPresented(Event):
    """The slip was shown at a gate."""

    gate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TripReleased(Event):
    """The guard (`by`) ticked lines off and let a trip out."""

    gate: str
    carrier: str
    released: tuple[Released, ...]
    plate: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError for a trip that carries nothing, or less than nothing."""
        Event.__post_init__(self)
        if not self.released or any(part.quantity <= 0 for part in self.released):
            raise ValueError("a trip carries something")


@dataclass(frozen=True, slots=True, kw_only=True)
class MismatchFound(Event):
    """What is carried is not what the slip says."""

    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipCorrected(Event):
    """The office made out a corrected slip under a new number."""

    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipCollected(Event):
    """The guard took the paper: nothing goes out on it any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipExpired(Elapsed):
    """The slip's day is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipForgotten(Elapsed):
    """The day of a slip that was used in part is over: gates need not know of it any more; its paper is still out."""


# --- guards ---------------------------------------------------------------------------------------


def _says_how(_slip: ReleaseSlip, event: NightApprovalReviewed) -> Refusal | None:
    return None if event.review.strip() else Refusal("review_missing")


def _says_what(_slip: ReleaseSlip, event: MismatchFound) -> Refusal | None:
    return None if event.what.strip() else Refusal("mismatch_missing")


def _not_collected(slip: ReleaseSlip, _event: SlipCollected) -> Refusal | None:
    return Refusal("slip_collected") if slip.collected_by else None


def _has_lines(slip: ReleaseSlip, _event: SlipSubmitted) -> Refusal | None:
    return None if slip.terms.lines else Refusal("slip_empty")


def _has_right(slip: ReleaseSlip, _event: SlipSubmitted) -> Refusal | None:
    terms = slip.terms
    needed = RIGHTS[terms.right]
    if not needed:
        return None
    papers = [paper for paper in terms.papers if paper.kind == needed]
    if not papers:
        return Refusal("papers_missing", {"missing": (needed,)})
    if terms.right == "third_party" and not any(_authorises(paper, terms) for paper in papers):
        return Refusal("not_authorised", {"who": terms.applicant})
    return None


def _authorises(paper: Paper, terms: SlipTerms) -> bool:
    """Tell whether the paper names the applicant, and of each item at least what all lines ask for."""
    asked, named = _by_item(terms.lines), _by_item(paper.lines)
    return paper.person == terms.applicant and all(count <= named.get(item, 0) for item, count in asked.items())


def _by_item(lines: Iterable[SlipLine]) -> dict[tuple[str, str], Decimal]:
    totals: dict[tuple[str, str], Decimal] = {}
    for line in lines:
        totals[line.item, line.unit] = totals.get((line.item, line.unit), Decimal()) + line.asked
    return totals


def _not_own(slip: ReleaseSlip, event: Event) -> Refusal | None:
    return Refusal("own_request") if event.by.id in {slip.drafted_by, slip.terms.applicant} else None


def _awaits_review(slip: ReleaseSlip, event: Event) -> Refusal | None:
    if not is_review_due(slip):
        return Refusal("no_review_due")
    return Refusal("own_request") if event.by.id == slip.approved_by else None


def _on_its_day(slip: ReleaseSlip, event: Event) -> Refusal | None:
    until = slip.terms.valid_until
    return Refusal("slip_over", {"until": until}) if event.at >= until else None


def _valid_here(slip: ReleaseSlip, event: SlipPresented | TripReleased) -> Refusal | None:
    if slip.only_gate in {"", event.gate}:
        return None
    return Refusal("wrong_gate", {"gates": (slip.only_gate,)})


def _checked_by_another(slip: ReleaseSlip, event: TripReleased) -> Refusal | None:
    return Refusal("issuer_checks") if event.by.id == slip.approved_by else None


def _carried(slip: ReleaseSlip, event: TripReleased) -> Refusal | None:
    if not event.carrier.strip():
        return Refusal("carrier_missing")
    plates = slip.terms.plates
    return Refusal("other_vehicle", {"plates": plates}) if event.plate and plates and event.plate not in plates else None


def _on_slip(slip: ReleaseSlip, event: TripReleased) -> Refusal | None:
    known = {line.number for line in slip.terms.lines}
    stray = sorted({part.line for part in event.released} - known)
    return Refusal("line_unknown", {"line": stray[0]}) if stray else None


def _still_left(slip: ReleaseSlip, event: TripReleased) -> Refusal | None:
    over = [(number, rest) for number, rest in _record_trip(slip, event).left().items() if rest < 0]
    return Refusal("over_released", {"line": over[0][0], "left": slip.left()[over[0][0]]}) if over else None


def _new_number(slip: ReleaseSlip, event: SlipCorrected) -> Refusal | None:
    return Refusal("number_not_new", {"number": event.number}) if event.number == slip.terms.number else None


# --- what an event writes -------------------------------------------------------------------------


def _draft(slip: ReleaseSlip, event: SlipDrafted) -> ReleaseSlip:
    return replace(slip, terms=event.terms, drafted_by=event.by.id)


def _approve(slip: ReleaseSlip, event: SlipApproved) -> ReleaseSlip:
    return replace(slip, approved_by=event.by.id)


def _approve_at_night(slip: ReleaseSlip, event: SlipApprovedAtNight) -> ReleaseSlip:
    return replace(slip, approved_by=event.by.id, at_night=True, only_gate=event.only_gate)


def _review(slip: ReleaseSlip, event: NightApprovalReviewed) -> ReleaseSlip:
    return replace(slip, review=event.review)


def _present(slip: ReleaseSlip, event: SlipPresented) -> ReleaseSlip:
    return replace(slip, presented_at=event.gate)


def _collect(slip: ReleaseSlip, event: SlipCollected) -> ReleaseSlip:
    return replace(slip, collected_by=event.by.id)


def _forget(slip: ReleaseSlip, _event: SlipForgotten) -> ReleaseSlip:
    return replace(slip, forgotten=True)


def _record_trip(slip: ReleaseSlip, event: TripReleased) -> ReleaseSlip:
    trip = Trip(event.at, event.gate, event.by.id, event.carrier, event.plate, event.released)
    gone = replace(slip, trips=(*slip.trips, trip))
    return replace(gone, state="partly_released" if any(rest > 0 for rest in gone.left().values()) else "released")


def _correct(slip: ReleaseSlip, event: SlipCorrected) -> ReleaseSlip:
    return replace(slip, replaced_by=event.number)


def due(slip: ReleaseSlip, at: datetime) -> Elapsed | None:
    """Return what the clock has brought about by `at`: the slip's day is over (one that was used still waits to be collected)."""
    until = slip.terms.valid_until
    if at < until or slip.state not in {"draft", "submitted", "approved", "presented", "partly_released", "held"}:
        return None
    if slip.trips:
        return None if slip.forgotten else SlipForgotten(at=until)
    return SlipExpired(at=until)


_TRIP = go("partly_released", "released", _on_its_day, _valid_here, _checked_by_another, _carried, _on_slip, _still_left)
_REVIEW: Mapping[type[Event], Cell] = {NightApprovalReviewed: go(by_goods_office, _awaits_review, _says_how)}


def _ended(refusal: str) -> Mapping[type[Event], Cell]:
    """Return the cells of a state in which nothing goes out: showing the slip and a trip are refused alike."""
    return {SlipPresented: no(refusal), TripReleased: no(refusal)}


WORKFLOW = Workflow(
    name="release_slip",
    blank=ReleaseSlip(),
    moves={
        NEW: {SlipDrafted: go("draft")},
        "draft": {
            SlipSubmitted: go("submitted", _has_lines, _has_right),
            SlipCancelled: go("cancelled"),
            SlipExpired: go("expired"),
        },
        "submitted": {
            SlipApproved: go("approved", by_goods_office, _not_own),
            SlipApprovedAtNight: go("approved", by_leader, _not_own),
            SlipCancelled: go("cancelled"),
            SlipExpired: go("expired"),
            TripReleased: no("slip_not_approved"),
        },
        "approved": {
            SlipPresented: go("presented", _on_its_day, _valid_here),
            SlipCancelled: go("cancelled"),
            SlipExpired: go("expired"),
            TripReleased: no("slip_not_presented"),
            **_REVIEW,
        },
        "presented": {
            SlipPresented: go(_on_its_day, _valid_here),
            TripReleased: _TRIP,
            MismatchFound: go("held", _says_what),
            SlipCancelled: go("cancelled"),
            SlipExpired: go("expired"),
            **_REVIEW,
        },
        "partly_released": {
            SlipPresented: go(_on_its_day, _valid_here),
            TripReleased: _TRIP,
            MismatchFound: go("held", _says_what),
            SlipCancelled: go("cancelled"),
            SlipForgotten: go(),
            SlipCollected: go("collected"),
            **_REVIEW,
        },
        "released": {
            SlipPresented: no("slip_used_up"),
            TripReleased: no("slip_used_up"),
            SlipCollected: go("collected"),
            **_REVIEW,
        },
        "held": {
            SlipCorrected: go("corrected", by_goods_office, _new_number),
            SlipCancelled: go("cancelled"),
            SlipExpired: go("expired"),
            SlipForgotten: go(),
            **_ended("slip_held"),
            **_REVIEW,
        },
        "collected": {**_ended("slip_collected"), **_REVIEW},
        "corrected": {**_ended("slip_corrected"), SlipCollected: go(_not_collected), **_REVIEW},
        "cancelled": {**_ended("slip_cancelled"), SlipCollected: go("collected"), **_REVIEW},
        "expired": {**_ended("slip_over_now"), SlipCollected: go("collected"), **_REVIEW},
    },
    writes={
        SlipDrafted: _draft,
        SlipApproved: _approve,
        SlipApprovedAtNight: _approve_at_night,
        NightApprovalReviewed: _review,
        SlipPresented: _present,
        TripReleased: _record_trip,
        SlipCorrected: _correct,
        SlipCollected: _collect,
        SlipForgotten: _forget,
    },
    happens=frozenset({TripReleased}),
    findings={
        (SlipPresented, "slip_used_up"): "shown_after_end",
        (SlipPresented, "slip_collected"): "shown_after_end",
        (SlipPresented, "slip_corrected"): "shown_after_end",
        (SlipPresented, "slip_cancelled"): "shown_after_end",
        (SlipPresented, "slip_over"): "shown_after_end",
        (SlipPresented, "slip_over_now"): "shown_after_end",
        (TripReleased, "over_released"): "over_released",
        (TripReleased, "slip_used_up"): "over_released",
        (TripReleased, "slip_collected"): "pass_used_twice",
        (TripReleased, "slip_cancelled"): "released_after_revocation",
        (TripReleased, "slip_corrected"): "released_after_revocation",
        (TripReleased, "slip_held"): "released_after_revocation",
        (TripReleased, "slip_over"): "released_outside_window",
        (TripReleased, "slip_over_now"): "released_outside_window",
        (TripReleased, "slip_not_approved"): "released_unapproved",
        (TripReleased, "not_now"): "released_unapproved",
    },
    due=due,
)


def advance(slip: ReleaseSlip, event: Event) -> ReleaseSlip | Refusal:
    """Return the slip after `event`, or why it may not be."""
    return WORKFLOW.advance(slip, event)


def reconcile(facts: Iterable[Fact]) -> tuple[ReleaseSlip, tuple[Finding, ...]]:
    """Return the slip that the facts of gates and office come to, and what was wrong among them."""
    return WORKFLOW.reconcile(facts)


def is_outstanding(slip: ReleaseSlip) -> bool:
    """Tell whether the paper may still be out of the office: approved once and not collected."""
    return bool(slip.approved_by) and not slip.collected_by


def over_what_was_left(slip: ReleaseSlip, lines: Iterable[SlipLine]) -> tuple[str, Decimal] | None:
    """Return an item of which these lines ask for more than a slip left, and what it left; of what it named, where goods went."""
    if not slip.trips:
        return None
    rest = slip.left()
    left, asked = _by_item(replace(line, asked=rest[line.number]) for line in slip.terms.lines), _by_item(lines)
    return next(((of[0], left[of]) for of in left if asked.get(of, 0) > left[of]), None)


def is_review_due(slip: ReleaseSlip) -> bool:
    """Tell whether a night's approval waits for the office to look at it."""
    return slip.at_night and not slip.review


def lines_digest(lines: Iterable[SlipLine]) -> str:
    """Return the SHA-256 (hex) of what lines say, by which the lines on a paper are known to be those that were approved.

    It is taken of a JSON array in UTF-8 without white space: for each line, by number, an array of number, item, quantity (as
    text, with no zeros behind that say nothing), unit and remark; texts in Unicode's form NFC. Pictures are not part of it.
    """
    told = [
        [line.number, *(unicodedata.normalize("NFC", text) for text in (line.item, plain(line.asked), line.unit, line.remark))]
        for line in sorted(lines, key=lambda line: line.number)
    ]
    return sha256(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
