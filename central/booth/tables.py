"""Tables of what guards did at booths: how far it was followed, what became of each act, and who was counted."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from central.tables import Base


class BoothCursor(Base):
    """How far an epoch has been followed."""

    __tablename__ = "booth_cursors"
    edge_id: Mapped[UUID] = mapped_column(ForeignKey("edges.id"), primary_key=True)
    epoch: Mapped[UUID] = mapped_column(primary_key=True)
    through: Mapped[int] = mapped_column(BigInteger)


class BoothParked(Base):
    """An entry that was parked as its epoch was followed: it is looked at when it has been taken in."""

    __tablename__ = "booth_parked"
    edge_id: Mapped[UUID] = mapped_column(ForeignKey("edges.id"), primary_key=True)
    epoch: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)


class BoothAct(Base):
    """An act of a guard, by its entry's id, and its `outcome`: done, refused or nonsense; `why`: a code, never words.

    `record_id` is NULL where it is about no record; `followed_at`: when the registry looked at it first.
    """

    __tablename__ = "booth_acts"
    __table_args__ = (Index(None, "site_id", "record_id", "at_us"), Index(None, "site_id", "outcome", "at_us"))
    id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("sites.id"))
    edge_id: Mapped[UUID] = mapped_column(ForeignKey("edges.id"))
    epoch: Mapped[UUID]
    seq: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    act: Mapped[str]
    record_id: Mapped[UUID | None]
    at_us: Mapped[int] = mapped_column(BigInteger)
    followed_at: Mapped[datetime]
    outcome: Mapped[str]
    why: Mapped[str]


class BoothCount(Base):
    """Somebody passed where no reader is, by the entry's id: `day` (YYYY-MM-DD) and `hour` on the site's clock."""

    __tablename__ = "counts"
    __table_args__ = (Index(None, "site_id", "day", "hour"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("sites.id"))
    gate_id: Mapped[UUID] = mapped_column(ForeignKey("gates.id"))
    at: Mapped[datetime]
    day: Mapped[str]
    hour: Mapped[int]
    what: Mapped[str]
    direction: Mapped[str]
    number: Mapped[int]
