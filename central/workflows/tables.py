"""Records that are moved by workflows, what happened to them, and what they are found by."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from central.tables import Base, Bytewise, Versioned


class WorkflowRecord(Versioned):
    """A record of one workflow as its events have left it: `data` is the record of the state machine, as JSON.

    `details`: what the office knows of it besides (names, telephone, remarks); `due_at`: when time alone will move it next.
    """

    __tablename__ = "workflow_records"
    __table_args__ = (
        UniqueConstraint("site_id", "workflow", "number"),
        Index(None, "site_id", "workflow", "state", "id"),
        Index(None, "site_id", "workflow", "id"),
        Index(None, "workflow", "due_at"),
    )
    workflow: Mapped[str]
    number: Mapped[str]
    state: Mapped[str]
    data: Mapped[str]
    details: Mapped[Any] = mapped_column(JSON)
    opened_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    due_at: Mapped[datetime | None]


class WorkflowEvent(Base):
    """One event of a record, the `n`-th: JSON of the state machine's event. Events are only ever added."""

    __tablename__ = "workflow_events"
    record_id: Mapped[UUID] = mapped_column(ForeignKey("workflow_records.id"), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    name: Mapped[str]
    data: Mapped[str]
    at: Mapped[datetime]
    by_name: Mapped[str]
    by_role: Mapped[str]
    origin: Mapped[str]


class WorkflowKey(Base):
    """What a record is found by besides its number and state: a plate, unit, host, post, firm, ..."""

    __tablename__ = "workflow_keys"
    __table_args__ = (Index(None, "site_id", "name", "value", "record_id"),)
    record_id: Mapped[UUID] = mapped_column(ForeignKey("workflow_records.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(Bytewise, primary_key=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("sites.id"))
