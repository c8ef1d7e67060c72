"""In whose custody a card is: its workflow, kept in the card's own row, with the events that led there beside it.

A card that nothing has happened to yet has no events written down: the row itself tells of its first ones, and they are written
with the next.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from access.card import CardNumber
from access.workflows.card import (
    WORKFLOW,
    CardIssued,
    CardRenewed,
    CardReplaced,
    CardReturned,
    CardStocked,
    Holding,
)
from access.workflows.card import Card as Custody
from access.workflows.events import Elapsed, Event, Reasoned, Who
from access.workflows.machine import NEW
from access.workflows.refusals import Refusal
from central.actors import REGISTRY
from central.audit.repository import of_record
from central.audit.schemas import HistoryAsked
from central.cards import repository
from central.cards.schemas import CardWanted
from central.cards.tables import CardEvent
from central.errors import RegistryError
from central.records.repository import get
from central.records.schemas import Page
from central.registry import Work
from central.tables import Card, Person, Site
from central.workflows.schemas import EventsAsked, EventShown
from central.workflows.services import RefusedError
from central.workflows.shapes import adapter
from central.workflows.tables import WorkflowRecord

KIND: Final = "cards"
# What gates are told where their words do not have the state: nobody may come in by such a card.
_TOLD: Mapping[str, str] = {"stock": "returned", "issued": "frozen", "replaced": "lost"}
# In these nobody has a right to the card any more: it may go to another.
FREE: Final = frozenset({"stock", "returned", "expired", "revoked"})
# What the office decided of a card in these, it decides of it again.
SET_ASIDE: Final = frozenset({"frozen", "revoked"})
# How a holder is named who has a card with a visit; any other is a person's id.
WITH_VISIT: Final = "visit:"
FIELDS: Mapping[str, str] = {
    "reason_missing": "reason",
    "holder_missing": "person",
    "not_later": "valid_until",
    "number_not_new": "card",
}


def custody_of(row: Card) -> Custody:
    """Return the card as its workflow knows it."""
    holding = None
    if holder := _holder_of(row):
        holding = Holding(holder, row.bound_to or "", row.deposit or "", row.valid_until)
    return Custody(row.state, row.kind, number_on(row), holding)


def _holder_of(row: Card) -> str:
    if row.visit_id is not None:
        return f"{WITH_VISIT}{row.visit_id}"
    return "" if row.person_id is None else str(row.person_id)


def number_on(row: Card) -> str:
    """Return what people call a card by: what is printed on it, or would be; of a code only the end."""
    if row.raw is None or row.bits is None:
        return f"…{row.tail}"
    printed = CardNumber(row.raw, row.bits).printed()
    return row.printed or printed.get("10") or printed.get("8") or printed["hex"]


def happen(work: Work, row: Card, events: Iterable[Event]) -> None:
    """Let events happen to a locked row, after all that time has done to it; RefusedError."""
    was = custody_of(row)
    if happened := _moved(work, row, events):
        _write_down(work, row, was, happened)


def _moved(work: Work, row: Card, events: Iterable[Event]) -> list[Event]:
    """Move the row, and return what happened: what time has done comes first."""
    custody, happened = custody_of(row), list[Event]()
    for event in (*_elapsed(custody, work.at), *events):
        moved = WORKFLOW.advance(custody, event)
        if isinstance(moved, Refusal):
            zone = ZoneInfo(work.session.get_one(Site, row.site_id).zone)
            raise RefusedError(moved, custody.state, FIELDS.get(moved.code, ""), zone)
        custody = moved
        happened.append(event)
    if happened:
        _lay_down(row, custody)
    return happened


def _elapsed(custody: Custody, at: datetime) -> tuple[Event, ...]:
    event = WORKFLOW.due(custody, at)
    return () if event is None else (event,)


def _lay_down(row: Card, custody: Custody) -> None:
    holding = custody.holding or Holding("")
    row.state, row.status = custody.state, _TOLD.get(custody.state, custody.state)
    holder, with_visit = holding.holder.removeprefix(WITH_VISIT), holding.holder.startswith(WITH_VISIT)
    identity = UUID(holder) if holder else None
    row.person_id, row.visit_id = (None, identity) if with_visit else (identity, None)
    row.bound_to, row.deposit, row.valid_until = holding.bound_to, holding.deposit, holding.valid_until
    if row.state == "stock":
        row.valid_from = row.replaced_by_id = None


# --- what is wanted of it, and the acts that lead there -------------------------------------------


def settle(work: Work, row: Card, wanted: CardWanted) -> None:
    """Let a card be held as is wanted, by the acts that lead there; RegistryError 409 where somebody else has it."""
    if not row.state:
        row.state = "stock" if wanted.person is None else "active"
        row.status, row.person_id = _TOLD.get(row.state, row.state), wanted.person
        _correct(row, wanted)
    acts = steps(work, row, wanted)
    if not acts and wanted.valid_until is None:
        _correct(row, wanted)
        return
    was, happened = custody_of(row), list[Event]()
    if acts:
        holding = Holding(str(wanted.person or ""), wanted.bound_to, wanted.deposit, wanted.valid_until)
        reason = work.actor.reason or "records brought up to date"
        happened = _moved(work, row, [_event(kind, was, holding, work.at, work.actor.who, reason) for kind in acts])
    _correct(row, wanted)
    happened += _moved(work, row, ())
    if happened:
        _write_down(work, row, was, happened)


def _correct(row: Card, wanted: CardWanted) -> None:
    # One that is lent was given out for the visit.
    row.bound_to = wanted.bound_to if row.visit_id is None else row.bound_to
    row.deposit = wanted.deposit
    row.valid_from, row.valid_until = wanted.valid_from, wanted.valid_until


def steps(work: Work, row: Card, wanted: CardWanted) -> Sequence[type[Event]]:
    """Return the events that lead to what is wanted of a card; RegistryError 409 and 422 where none can."""
    is_same_holder = wanted.person == row.person_id
    if is_same_holder and wanted.status == row.status:
        return ()
    check_not_lent(work, row, "person")
    if wanted.person is not None:
        check_free(work, row, wanted.person)
    goal = _goal(work, row, wanted)
    if is_same_holder:
        return () if goal == row.state else _way(row.state, goal)
    return (*_way(row.state, "stock"), *_way("stock", goal))


def check_free(work: Work, row: Card, person: UUID) -> None:
    """Raise RegistryError 409 naming both where the card is somebody else's, who has not given it back, or a visitor lost it."""
    facts = {"code": "not_now", "state": row.state}
    if row.visit_id is not None and row.state == "lost":
        raise RegistryError("card {number} is not in stock", 409, "person", facts, number=number_on(row))
    if row.state in FREE or row.person_id in (None, person):
        return
    holder, other = (work.session.get_one(Person, one).name for one in (row.person_id, person))
    raise RegistryError(
        "card {number} is with {holder}: {other} cannot have it before it is back",
        409,
        "person",
        facts,
        number=number_on(row),
        holder=holder,
        other=other,
    )


def check_not_lent(work: Work, row: Card, field: str) -> None:
    """Raise RegistryError 409 where a visitor has the card: it is given back, or reported lost, with the visit."""
    if row.visit_id is not None and row.state in repository.IN_HAND:
        raise of_visit(work, row, row.visit_id, field)


def of_visit(work: Work, row: Card, visit_id: UUID, field: str) -> RegistryError:
    """Return the refusal of what is done with a visit, and not with its card."""
    return RegistryError(
        "card {number} goes with visit {visit}: it is given back, or reported lost, there",
        409,
        field,
        {"code": "not_now", "state": row.state},
        number=number_on(row),
        visit=work.session.get_one(WorkflowRecord, visit_id).number,
    )


def way_back(row: Card, at: datetime, by: Who) -> Sequence[Event]:
    """Return the events by which a card that was lent comes back into stock; of one revoked or frozen, into the office.

    None of one that the office has already.
    """
    if row.state == "returned":
        return ()
    custody, empty = custody_of(row), Holding("")
    kinds = (CardReturned,) if row.state in SET_ASIDE else _way(row.state, "stock")
    return [_event(kind, custody, empty, at, by, "") for kind in kinds]


def _goal(work: Work, row: Card, wanted: CardWanted) -> str:
    """Return the state that is wanted."""
    status, is_over = wanted.status, wanted.valid_until is not None and wanted.valid_until <= work.at
    if wanted.person is None:
        if status not in ("active", "returned"):
            raise RegistryError("without a holder a card is in stock", 422, "person")
        return "stock"
    if is_over and status in ("active", "frozen", "expired"):
        # It expires by itself, once it is in the holder's hands.
        is_there = wanted.person == row.person_id and row.state in (*repository.IN_HAND, "expired")
        return row.state if is_there else "active"
    if status == "expired":
        raise RegistryError("a card has expired when its time is over", 422, "valid_until")
    if status == "returned" and row.state == "stock":
        return "active"
    return "revoked" if status == "confiscated" else status


@cache
def _way(state: str, goal: str) -> tuple[type[Event], ...]:
    """Return the shortest way from one state to another; empty where there is none, or nothing to do."""
    ways: dict[str, tuple[type[Event], ...]] = {state: ()}
    waiting = deque([state])
    while waiting:
        here = waiting.popleft()
        for event, cell in WORKFLOW.moves[here].items():
            if issubclass(event, Elapsed | CardRenewed | CardReplaced) or len(cell.targets) != 1:
                continue
            [there] = cell.targets
            if there not in ways:
                ways[there] = (*ways[here], event)
                waiting.append(there)
    return ways.get(goal, ())


def _event(kind: type[Event], card: Custody, holding: Holding, at: datetime, by: Who, reason: str) -> Event:
    facts: dict[str, Any] = {}
    if kind is CardStocked:
        facts = {"kind": card.kind, "number": card.number}
    elif kind is CardIssued:
        facts = {"holding": holding}
    elif kind is CardReturned:
        facts = {"deposit": card.holding.deposit if card.holding else ""}
    elif issubclass(kind, Reasoned):
        facts = {"reason": reason}
    return kind(at=at, by=by, **facts)


# --- what happened to it --------------------------------------------------------------------------


def events(work: Work, card_id: UUID, asked: EventsAsked) -> Page[EventShown]:
    """Show one page of what happened to a card, in order, also to one that is deleted; RegistryError 404."""
    rows = [row for row in repository.events(work.session, card_id) if work.actor.sees(row.site_id)]
    if not rows:
        card = get(work, Card, card_id)
        rows = _first(work, card, custody_of(card))
    if asked.after is not None:
        behind = next((row.n for row in rows if row.id == asked.after), len(rows))
        rows = rows[behind:]
    found = [row for row in rows if asked.name in (None, row.name) and asked.by in (None, row.by_name)]
    items = [_shown(row) for row in found[: asked.limit]]
    return Page(items=items, more=items[-1].id if len(found) > asked.limit else None)


def _write_down(work: Work, row: Card, was: Custody, happened: Sequence[Event]) -> None:
    """Keep events of a card; before the first of them those that the row told of by itself, as it `was`."""
    so_far = repository.events_so_far(work.session, row.id)
    first = [] if so_far else _first(work, row, was)
    start = so_far + len(first) + 1
    rest = [_kept(row, n, event, work.new_id(), work.actor.origin) for n, event in enumerate(happened, start=start)]
    work.session.add_all([*first, *rest])


def _first(work: Work, row: Card, custody: Custody) -> list[CardEvent]:
    """Return the events by which a card came to be in this custody, by when and by whom it was registered."""
    at, by, origin = work.at, work.actor.who, work.actor.origin
    created = of_record(work, KIND, row.id, HistoryAsked(act="created", limit=1))
    if created:
        at = datetime.fromtimestamp(created[0].at_us / 1_000_000, UTC)
        by, origin = Who(created[0].by_name, created[0].by_role), created[0].origin
    elif row in work.session:
        # From before changes were written down.
        by, origin = REGISTRY.who, ""
    kinds = _way(NEW, custody.state) or _way(NEW, "active")
    made = [_event(kind, custody, custody.holding or Holding(""), at, by, "as registered") for kind in kinds]
    return [_kept(row, n, event, uuid5(row.id, str(n)), origin) for n, event in enumerate(made, start=1)]


def _kept(row: Card, n: int, event: Event, event_id: UUID, origin: str) -> CardEvent:
    return CardEvent(
        card_id=row.id,
        n=n,
        id=event_id,
        site_id=row.site_id,
        name=type(event).__name__,
        data=adapter(type(event)).dump_json(event).decode(),
        at=event.at,
        by_name=event.by.id,
        by_role=event.by.role,
        origin=origin,
    )


def _shown(row: CardEvent) -> EventShown:
    data = {name: value for name, value in adapter(dict).validate_json(row.data).items() if name not in ("at", "by")}
    facts = {name: getattr(row, name) for name in ("n", "id", "name", "at", "by_name", "by_role", "origin")}
    return EventShown(**facts, data=data)
