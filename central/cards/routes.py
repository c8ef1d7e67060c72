"""Routes of cards and codes."""

from central.cards.schemas import CardsAsked
from central.cards.services import cards
from central.records.routes import record_routes

router = record_routes(cards, "cards", one="card", asked=CardsAsked)
