"""Tables of cards: what happened to each."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from central.tables import Base


class CardEvent(Base):
    """One event of a card, the `n`-th: JSON of the state machine's event. Events are only ever added, and outlive the card."""

    __tablename__ = "card_events"
    card_id: Mapped[UUID] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    site_id: Mapped[UUID]
    name: Mapped[str]
    data: Mapped[str]
    at: Mapped[datetime]
    by_name: Mapped[str]
    by_role: Mapped[str]
    origin: Mapped[str]
