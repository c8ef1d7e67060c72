"""Tables of contractors."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from central.tables import Base


class PermitSchedule(Base):
    """The hours of a permit that is not over: what keeps the schedule from being deleted."""

    __tablename__ = "permit_schedules"
    permit_id: Mapped[UUID] = mapped_column(ForeignKey("workflow_records.id"), primary_key=True)
    schedule_id: Mapped[UUID] = mapped_column(ForeignKey("schedules.id"), index=True)


class WorkerPhoto(Base):
    """The small photo of a pass's holder, named by its SHA-256.

    It lies here and not among the pictures of the gates: it is small, goes with the record into each copy of the database, and is
    gone with the last pass that bears it.
    """

    __tablename__ = "worker_photos"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[bytes]
    kept_at: Mapped[datetime]
