"""What the office hands out and takes back: cards and parking permits. One number has one holder at a time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from access.workflows.events import Elapsed, Event, Fact, Reasoned
from access.workflows.machine import NEW, Cell, Record, Workflow, go
from access.workflows.refusals import Finding, Refusal

# Whether a kind goes back to stock for another holder; a permit is made out to one vehicle and is not.
REUSABLE: Mapping[str, bool] = {
    "vehicle_card": True,
    "lift_card": True,
    "housekeeping_card": True,
    "resident_card": True,
    "staff_card": True,
    "visitor_card": True,
    "motor_permit": False,
    "non_motor_permit": False,
}


@dataclass(frozen=True, slots=True)
class Holding:
    """Who has it, for what (plate, frame number, space), with which deposit (in words), until when (None: no end)."""

    holder: str
    bound_to: str = ""
    deposit: str = ""
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Card(Record):
    """A card or permit: its kind, its number, and its holding while it has one."""

    kind: str = ""
    number: str = ""
    holding: Holding | None = None
    replaced_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardStocked(Event):
    """It came into stock."""

    kind: str
    number: str

    def __post_init__(self) -> None:
        """Raise ValueError for a kind that is none."""
        Event.__post_init__(self)
        if self.kind not in REUSABLE:
            raise ValueError(f"{self.kind!r} is no kind of card")


@dataclass(frozen=True, slots=True, kw_only=True)
class CardIssued(Event):
    """It was given to a holder."""

    holding: Holding


@dataclass(frozen=True, slots=True, kw_only=True)
class CardActivated(Event):
    """It may be used from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFrozen(Reasoned):
    """It may not be used for the time being."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardThawed(Reasoned):
    """It may be used again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRenewed(Event):
    """Its validity was extended."""

    valid_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CardLost(Event):
    """The holder reported it lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardReplaced(Event):
    """The holder has another number instead."""

    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardReturned(Event):
    """It came back; the deposit is settled (in words)."""

    deposit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRevoked(Reasoned):
    """The office ended it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRestocked(Event):
    """It went back to stock, the link to its last holder wiped; the holder stays in the history of events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardExpired(Elapsed):
    """Its validity ended."""


# --- guards ---------------------------------------------------------------------------------------


def _has_holder(_card: Card, event: CardIssued) -> Refusal | None:
    return None if event.holding.holder else Refusal("holder_missing")


def _permit_bound(card: Card, event: CardIssued) -> Refusal | None:
    is_permit = card.kind in {"motor_permit", "non_motor_permit"}
    return Refusal("permit_unbound") if is_permit and not event.holding.bound_to else None


def _later(card: Card, event: CardRenewed) -> Refusal | None:
    until = card.holding.valid_until if card.holding else None
    return Refusal("not_later", {"until": until}) if until is None or event.valid_until <= until else None


def _new_number(card: Card, event: CardReplaced) -> Refusal | None:
    return Refusal("number_not_new", {"number": event.number}) if event.number == card.number else None


def _reusable(card: Card, _event: CardRestocked) -> Refusal | None:
    return None if REUSABLE[card.kind] else Refusal("not_reusable", {"kind": card.kind})


# --- what an event writes -------------------------------------------------------------------------


def _stock(card: Card, event: CardStocked) -> Card:
    return replace(card, kind=event.kind, number=event.number)


def _issue(card: Card, event: CardIssued) -> Card:
    return replace(card, holding=event.holding)


def _renew(card: Card, event: CardRenewed) -> Card:
    return card if card.holding is None else replace(card, holding=replace(card.holding, valid_until=event.valid_until))


def _replace(card: Card, event: CardReplaced) -> Card:
    return replace(card, replaced_by=event.number)


def _settle(card: Card, event: CardReturned) -> Card:
    return card if card.holding is None else replace(card, holding=replace(card.holding, deposit=event.deposit))


def _wipe(card: Card, _event: CardRestocked) -> Card:
    return replace(card, holding=None, replaced_by="")


def due(card: Card, at: datetime) -> Elapsed | None:
    """Return what the clock has brought about by `at`: the validity ended."""
    until = card.holding.valid_until if card.holding else None
    if until is None or at < until or card.state not in {"issued", "active", "frozen"}:
        return None
    return CardExpired(at=until)


_IN_HAND: Mapping[type[Event], Cell] = {
    CardRenewed: go(_later),
    CardLost: go("lost"),
    CardReturned: go("returned"),
    CardRevoked: go("revoked"),
    CardExpired: go("expired"),
}
_BACK: Mapping[type[Event], Cell] = {CardRestocked: go("stock", _reusable)}

WORKFLOW = Workflow(
    name="card",
    blank=Card(),
    moves={
        NEW: {CardStocked: go("stock")},
        "stock": {CardIssued: go("issued", _has_holder, _permit_bound)},
        "issued": {CardActivated: go("active"), **_IN_HAND},
        "active": {CardFrozen: go("frozen"), **_IN_HAND},
        "frozen": {CardThawed: go("active"), **_IN_HAND},
        "lost": {CardReplaced: go("replaced", _new_number), CardReturned: go("returned"), CardRevoked: go("revoked")},
        "replaced": {CardReturned: go("returned")},
        "returned": _BACK,
        # Not active at once: it may have been frozen when its time ended.
        "expired": {CardRenewed: go("issued", _later), CardReturned: go("returned"), CardLost: go("lost"), **_BACK},
        "revoked": {CardReturned: go("returned"), **_BACK},
    },
    writes={
        CardStocked: _stock,
        CardIssued: _issue,
        CardRenewed: _renew,
        CardReplaced: _replace,
        CardReturned: _settle,
        CardRestocked: _wipe,
    },
    findings={(CardIssued, "not_now"): "issued_twice"},
    due=due,
)


def advance(card: Card, event: Event) -> Card | Refusal:
    """Return the card after `event`, or why it may not be."""
    return WORKFLOW.advance(card, event)


def reconcile(facts: Iterable[Fact]) -> tuple[Card, tuple[Finding, ...]]:
    """Return the card that the facts of several desks come to, and what was wrong among them."""
    return WORKFLOW.reconcile(facts)
