"""Visitor cards lent with a visit: out of the site's stock of them, and back into it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import Select, select

from access.workflows.refusals import Refusal
from access.workflows.visit import WORKFLOW, CardGivenBack, CardLent, LentCardLost
from central.cards.printed import forms_of, readings
from central.cards.repository import IN_HAND, has_number
from central.cards.services import cards
from central.cards.told import called
from central.errors import RegistryError
from central.places.at_booth import VISITOR_CARD
from central.registry import Work
from central.tables import Card
from central.workflows import repository
from central.workflows.services import RefusedError
from central.workflows.tables import WorkflowRecord

OfCard: TypeAlias = CardLent | CardGivenBack | LentCardLost


def card_of(work: Work, row: WorkflowRecord, event: OfCard) -> tuple[Card | None, OfCard]:
    """Return the card that an event is about, and the event with what stands on it.

    RegistryError 422 and 409, naming the field, where there is none to be lent. None is one that a visit has from before cards
    were asked of the stock.
    """
    if not event.card or not event.card.isprintable():
        raise RegistryError("the card must be named", 422, "card")
    card = _to_lend(work, row, event.card) if isinstance(event, CardLent) else _lent(work, row, event.card)
    return card, event if card is None else replace(event, card=called(card))


def move(work: Work, row: WorkflowRecord, card: Card | None, event: OfCard) -> None:
    """Let the card follow what happened to it with the visit."""
    match event:
        case _ if card is None:
            pass
        case CardLent():
            cards.lend(work, card, row)
        case CardGivenBack():
            cards.take_back(work, card)
        case LentCardLost():
            cards.lose(work, card)


def _to_lend(work: Work, row: WorkflowRecord, named: str) -> Card:
    found = _visitor_cards(work, row.site_id, named)
    if not found:
        raise _no_card(work, row.site_id)
    in_stock = [card for card in found if card.state == "stock"]
    if len(in_stock) > 1:
        raise RegistryError("more than one record has this name or number", 409, "card")
    card = (in_stock or found)[0]
    number = called(card)
    is_lent = card.visit_id is not None and card.state in IN_HAND
    if is_lent or repository.with_key(work.session, row.site_id, WORKFLOW.name, "card", number):
        raise RefusedError(Refusal("card_lent_already", {"card": number}), row.state, "card")
    if not in_stock:
        facts = {"code": "not_now", "state": card.state}
        raise RegistryError("card {number} is not in stock", 409, "card", facts, number=number)
    return card


def _lent(work: Work, row: WorkflowRecord, named: str) -> Card | None:
    of_visit = work.session.scalars(select(Card).where(Card.visit_id == row.id).order_by(Card.id)).all()
    meant = {card.id for card in _visitor_cards(work, row.site_id, named)}
    return next((card for card in of_visit if called(card) == named or card.id in meant), None)


def _visitor_cards(work: Work, site_id: UUID, named: str) -> Sequence[Card]:
    """Return the visitor cards of the site that bear this text, or whose number it is in any form in which it is printed."""
    by_number = has_number(named, forms_of(readings(named)))
    return work.session.scalars(_of_visitors(site_id).where(by_number).order_by(Card.id)).all()


def _no_card(work: Work, site_id: UUID) -> RegistryError:
    if work.session.scalars(_of_visitors(site_id).limit(1)).first() is None:
        return RegistryError("the site keeps no visitor cards: take them into stock first", 422, "card")
    return RegistryError("the site has no such visitor card", 422, "card")


def _of_visitors(site_id: UUID) -> Select[Card]:
    return select(Card).where(Card.site_id == site_id, Card.kind == VISITOR_CARD)
