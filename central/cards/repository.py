"""SQL of cards."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Text, cast, func, or_, select
from sqlalchemy.orm import Session

from access.card import CardNumber
from central.access_rules.repository import is_of_card
from central.cards.tables import CardEvent
from central.records.repository import in_sight
from central.records.turns import take_turns
from central.registry import Work
from central.tables import Card

IN_HAND = ("issued", "active", "frozen")
DUE_PER_TURN = 200


def has_number(text: str, numbers: Sequence[CardNumber]) -> ColumnElement[bool]:
    """Return the condition that a card has one of these numbers, or bears this text."""
    return or_(Card.printed == text, *(is_of_card(Card.raw, number) for number in numbers))


def has_floors() -> ColumnElement[bool]:
    """Return the condition that a card opens floors of a lift."""
    return cast(Card.floors, Text) != "[]"


def due(session: Session, at: datetime) -> Sequence[Card]:
    """Return cards whose time has ended by `at`, locked; not all at once."""
    take_turns(session, select(Card.site_id).where(_is_due(at)).distinct())
    query = select(Card).where(_is_due(at)).order_by(Card.valid_until).limit(DUE_PER_TURN)
    return session.scalars(query.with_for_update(skip_locked=True)).all()


def is_due(session: Session, at: datetime) -> bool:
    """Tell whether the time of a card has ended by `at`; locks nothing."""
    return session.scalars(select(Card.id).where(_is_due(at)).limit(1)).first() is not None


def _is_due(at: datetime) -> ColumnElement[bool]:
    is_held = or_(Card.person_id.is_not(None), Card.visit_id.is_not(None))
    return Card.state.in_(IN_HAND) & (Card.valid_until <= at) & is_held


def events(session: Session, card_id: UUID) -> Sequence[CardEvent]:
    """Return what was written down of a card, in order."""
    return session.scalars(select(CardEvent).where(CardEvent.card_id == card_id).order_by(CardEvent.n)).all()


def events_so_far(session: Session, card_id: UUID) -> int:
    """Return how many events of a card were written down."""
    return session.scalars(select(func.count()).where(CardEvent.card_id == card_id)).one()


def counted(work: Work, site_id: UUID | None) -> Sequence[Row[str, str, str, int]]:
    """Return how many cards in sight there are of each kind and strength in each state."""
    said = (Card.kind, Card.strength, Card.state)
    query = select(*said, func.count().label("count")).where(in_sight(work, Card.site_id)).group_by(*said).order_by(*said)
    return work.session.execute(query if site_id is None else query.where(Card.site_id == site_id)).all()
