"""Tables of parking spaces and quotas."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from central.tables import Holder, Versioned


class Quota(Versioned):
    """The parking spaces of a household or company together, and what becomes of a car too many."""

    __tablename__ = "quotas"
    __table_args__ = (UniqueConstraint("site_id", "name"), Index(None, "site_id", "unit"))
    name: Mapped[str]
    unit: Mapped[str]
    company_id: Mapped[UUID | None] = mapped_column(ForeignKey("companies.id"), index=True)
    over: Mapped[str]
    remark: Mapped[str]


class ParkingSpace(Holder):
    """A parking space, with whose it is and for how long; it counts for the quota that it names."""

    __tablename__ = "parking_spaces"
    __table_args__ = (
        UniqueConstraint("site_id", "number"),
        Index(None, "site_id", "unit"),
        Index(None, "site_id", "valid_until"),
    )
    number: Mapped[str]
    zone_id: Mapped[UUID | None] = mapped_column(ForeignKey("zones.id"), index=True)
    space_kind: Mapped[str]
    unit: Mapped[str]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    company_id: Mapped[UUID | None] = mapped_column(ForeignKey("companies.id"), index=True)
    quota_id: Mapped[UUID | None] = mapped_column(ForeignKey("quotas.id"), index=True)
    remark: Mapped[str]
