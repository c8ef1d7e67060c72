"""Tables of the conflict ledger: what was found and who signed it, and what the finding works with."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from central.tables import Base, Bytewise, Versioned


class Conflict(Versioned):
    """One contradiction: `key` says of what it is one of its kind, `topic` by which marks it was found.

    Signed rows never change: what comes to light afterwards makes a row of the next `round`. `facts`: numbers and codes of its
    sentence, nothing personal. `at_us`: the latest of its entries, as its gate stamped it.
    """

    __tablename__ = "conflicts"
    __table_args__ = (
        UniqueConstraint("site_id", "kind", "key", "round"),
        Index(None, "site_id", "state", "id"),
        Index(None, "site_id", "topic"),
    )
    kind: Mapped[str]
    key: Mapped[str] = mapped_column(Bytewise)
    topic: Mapped[str] = mapped_column(Bytewise)
    round: Mapped[int]
    severity: Mapped[str]
    state: Mapped[str]
    facts: Mapped[Any] = mapped_column(JSON)
    at_us: Mapped[int] = mapped_column(BigInteger)
    found_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    signed_at: Mapped[datetime | None]
    signed_by: Mapped[str | None]
    signed_role: Mapped[str | None]
    words: Mapped[str | None]
    entries: Mapped[list["ConflictEntry"]] = relationship(order_by="ConflictEntry.n", cascade="all, delete-orphan")


class ConflictEntry(Base):
    """The place of an entry that one of the stories of a contradiction is told by, the `n`-th."""

    __tablename__ = "conflict_entries"
    __table_args__ = (Index(None, "gate_id", "conflict_id"),)
    conflict_id: Mapped[UUID] = mapped_column(ForeignKey("conflicts.id"), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[UUID]
    edge_id: Mapped[UUID]
    epoch: Mapped[UUID]
    seq: Mapped[int] = mapped_column(BigInteger)
    gate_id: Mapped[UUID]
    lane_id: Mapped[UUID | None]
    at_us: Mapped[int] = mapped_column(BigInteger)
    quality: Mapped[str]


class ConflictMark(Base):
    """What an entry says of one topic, as `central.ledger.marks.Mark`; `number` is what it adds, where it adds."""

    __tablename__ = "conflict_marks"
    __table_args__ = (Index(None, "site_id", "topic", "at_us"),)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    topic: Mapped[str] = mapped_column(Bytewise, primary_key=True)
    edge_id: Mapped[UUID] = mapped_column(primary_key=True)
    epoch: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    entry_id: Mapped[UUID]
    gate_id: Mapped[UUID]
    lane_id: Mapped[UUID | None]
    at_us: Mapped[int] = mapped_column(BigInteger)
    quality: Mapped[str]
    number: Mapped[int] = mapped_column(BigInteger)
    what: Mapped[Any] = mapped_column(JSON)


class ConflictCursor(Base):
    """How far an epoch has been looked through, and from where (`begun`): what came long before the ledger began is not."""

    __tablename__ = "conflict_cursors"
    edge_id: Mapped[UUID] = mapped_column(ForeignKey("edges.id"), primary_key=True)
    epoch: Mapped[UUID] = mapped_column(primary_key=True)
    begun: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    through: Mapped[int] = mapped_column(BigInteger)


class ConflictOffice(Base):
    """How far the office's changes have been looked through, by their place on the chain of the audit: one row."""

    __tablename__ = "conflict_office"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    through: Mapped[int] = mapped_column(BigInteger)


class ConflictParked(Base):
    """An entry that was parked as its epoch was looked through: it is looked at when it has been taken in."""

    __tablename__ = "conflict_parked"
    edge_id: Mapped[UUID] = mapped_column(ForeignKey("edges.id"), primary_key=True)
    epoch: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)


class ConflictTurn(Base):
    """A site's row, locked by whoever looks through its entries: two who did would each miss what the other sees."""

    __tablename__ = "conflict_turns"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("sites.id"), primary_key=True)
