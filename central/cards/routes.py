"""Routes of cards and codes."""

from uuid import UUID

from fastapi import APIRouter, Depends

from central.cards.schemas import CardShown, CardWanted
from central.cards.services import cards
from central.records.schemas import AskedQuery, Page
from central.registry import TheRegistry
from central.users.access import allow

router = APIRouter(tags=["cards"], dependencies=[Depends(allow(write=("admin", "clerk")))])


@router.get("/cards")
def list_cards(registry: TheRegistry, asked: AskedQuery) -> Page[CardShown]:
    """List cards, oldest first."""
    with registry.read() as work:
        return cards.page(work, asked)


@router.get("/cards/{record_id}")
def get_card(registry: TheRegistry, record_id: UUID) -> CardShown:
    """Show one card."""
    with registry.read() as work:
        return cards.get(work, record_id)


@router.post("/cards", status_code=201)
def create_card(registry: TheRegistry, wanted: CardWanted) -> CardShown:
    """Create a card."""
    with registry.write() as work:
        return cards.create(work, wanted)


@router.put("/cards/{record_id}")
def change_card(registry: TheRegistry, record_id: UUID, wanted: CardWanted) -> CardShown:
    """Change a card, as a whole."""
    with registry.write() as work:
        return cards.change(work, record_id, wanted)


@router.delete("/cards/{record_id}", status_code=204)
def delete_card(registry: TheRegistry, record_id: UUID) -> None:
    """Delete a card."""
    with registry.write() as work:
        cards.delete(work, record_id)
