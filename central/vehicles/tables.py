"""Tables of vehicles: plates that they had, and their pictures."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from central.tables import Base, Bytewise, OfSite


class FormerPlate(OfSite):
    """A plate that a vehicle had until it got another; `since` is NULL where that was before plates were written down."""

    __tablename__ = "former_plates"
    __table_args__ = (Index(None, "site_id", "plate"),)
    vehicle_id: Mapped[UUID] = mapped_column(ForeignKey("vehicles.id", ondelete="CASCADE"), index=True)
    plate: Mapped[str] = mapped_column(Bytewise)
    since: Mapped[datetime | None]
    until: Mapped[datetime]


class VehiclePicture(Base):
    """The picture of a vehicle, a JPEG; its SHA-256 stands with the vehicle."""

    __tablename__ = "vehicle_pictures"
    vehicle_id: Mapped[UUID] = mapped_column(ForeignKey("vehicles.id", ondelete="CASCADE"), primary_key=True)
    data: Mapped[bytes]
