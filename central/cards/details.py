"""What the office keeps of a card besides its number and holder; gates are told none of it but the status."""

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column


class CardDetails:
    """Columns of cards: what it is, what stands on it, and its custody.

    `state` is where the card's workflow stands; the status, which gates are told, follows from it. `deposit` is noted in words.
    `visit_id`: the visit with which it is lent; such a card has no person.
    """

    kind: Mapped[str] = mapped_column(default="resident_card", server_default="resident_card")
    strength: Mapped[str] = mapped_column(default="uid", server_default="uid")
    printed: Mapped[str] = mapped_column(default="", server_default="")
    floors: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    state: Mapped[str] = mapped_column(server_default="active")
    bound_to: Mapped[str] = mapped_column(default="", server_default="")
    deposit: Mapped[str] = mapped_column(default="", server_default="")
    visit_id: Mapped[UUID | None] = mapped_column(ForeignKey("workflow_records.id"), index=True)
    replaced_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("cards.id"), index=True)


def indexes() -> tuple[Index, ...]:
    """Return the indexes of cards over these columns."""
    return (Index(None, "site_id", "printed"), Index(None, "state", "valid_until"))
