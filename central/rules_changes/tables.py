"""Tables of rules changes."""

from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from central.tables import Base


class RulesDraft(Base):
    """What a rules change is to do and has done.

    `changes`: of each record what is wanted, and what it was when that was drafted, as `RecordChange`. `told`: what gates would
    be told of it, as `Draft`. `trial`: what came of it on the log, as `TrialShown`. `replaced_revision`: the one before it.
    """

    __tablename__ = "rules_drafts"
    record_id: Mapped[UUID] = mapped_column(ForeignKey("workflow_records.id"), primary_key=True)
    changes: Mapped[list[Any]]
    told: Mapped[Any] = mapped_column(JSON)
    trial: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    replaced_revision: Mapped[int] = mapped_column(BigInteger)
