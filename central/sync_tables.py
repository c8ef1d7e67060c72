"""Tables of sync beyond the journal itself: checkpoints, alarms that came first, shared facts, remote commands, health."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from central.tables import Base, Bytewise, OfSite


class JournalCheckpoint(Base):
    """A head that a gate has signed and the registry countersigned; `agrees` is NULL where the entries were not here to compare.

    `leaf`: its place in the tree of all heads, NULL until it is taken up, some seconds later.
    """

    __tablename__ = "journal_checkpoints"
    edge_id: Mapped[UUID] = mapped_column(ForeignKey("edges.id"), primary_key=True)
    epoch: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    head: Mapped[bytes]
    at_us: Mapped[int] = mapped_column(BigInteger)
    signature: Mapped[bytes]
    agrees: Mapped[bool | None]
    received_us: Mapped[int] = mapped_column(BigInteger)
    countersignature: Mapped[bytes]
    leaf: Mapped[int | None] = mapped_column(BigInteger)


_WAITING = text("leaf IS NULL")
Index("ix_journal_checkpoints_waiting", JournalCheckpoint.received_us, sqlite_where=_WAITING, postgresql_where=_WAITING)


class JournalGap(Base):
    """Entries that a gate has declared lost; `last` is NULL where nobody knows how far. `declared_us`: UTC, by the gate's clock.

    `follows` is the chain hash that the entries behind it follow; NULL until some have come.
    """

    __tablename__ = "journal_gaps"
    edge_id: Mapped[UUID] = mapped_column(ForeignKey("edges.id"), primary_key=True)
    epoch: Mapped[UUID] = mapped_column(primary_key=True)
    first: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    last: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str]
    declared_us: Mapped[int] = mapped_column(BigInteger)
    follows: Mapped[bytes | None]


class EarlyEntry(Base):
    """An alarm that was sent before its turn in the journal; it goes when the journal has come to it."""

    __tablename__ = "early_entries"
    edge_id: Mapped[UUID] = mapped_column(ForeignKey("edges.id"), primary_key=True)
    epoch: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    canonical: Mapped[bytes]
    personal: Mapped[bytes]
    received_at: Mapped[datetime]


class SharedFact(Base):
    """What one epoch of an edge has contributed to one named fact through `seq`; `cursor` is the site's count at the change."""

    __tablename__ = "shared_facts"
    __table_args__ = (Index(None, "site_id", "cursor"),)
    edge_id: Mapped[UUID] = mapped_column(ForeignKey("edges.id"), primary_key=True)
    epoch: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Bytewise, primary_key=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("sites.id"))
    seq: Mapped[int] = mapped_column(BigInteger)
    how: Mapped[str]
    value: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    plate: Mapped[str] = mapped_column(default="")
    at_us: Mapped[int] = mapped_column(BigInteger)
    cursor: Mapped[int] = mapped_column(BigInteger)


class RemoteCommand(OfSite):
    """What the office asked of a lane: who, why, until when, and what became of it."""

    __tablename__ = "remote_commands"
    __table_args__ = (Index(None, "gate_id", "expires_at"),)
    gate_id: Mapped[UUID] = mapped_column(ForeignKey("gates.id"))
    lane_id: Mapped[UUID] = mapped_column(ForeignKey("lanes.id"))
    act: Mapped[str]
    reason: Mapped[str]
    words: Mapped[str]
    minutes: Mapped[int]
    choice: Mapped[str]
    issuer: Mapped[str]
    issuer_name: Mapped[str]
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    claimed_by: Mapped[UUID | None]
    ended_at: Mapped[datetime | None]
    accepted: Mapped[bool | None]
    refusal: Mapped[str] = mapped_column(default="")


class EdgeHealth(Base):
    """What an edge said last of how it is: JSON of the contract's health message, and when it came."""

    __tablename__ = "edge_health"
    edge_id: Mapped[UUID] = mapped_column(ForeignKey("edges.id"), primary_key=True)
    at: Mapped[datetime]
    data: Mapped[str]


class EdgeEvent(Base):
    """What became of an edge, and by whom: `what` is enrolled, approved, second_box, wrong_key, or the status that it got."""

    __tablename__ = "edge_events"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    edge_id: Mapped[UUID] = mapped_column(ForeignKey("edges.id"), index=True)
    at: Mapped[datetime]
    what: Mapped[str]
    by: Mapped[str]
    words: Mapped[str]
