"""What the office keeps of a vehicle besides plate, class and holder; gates are told none of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

# Each of these is one vehicle's of a site, where it is given.
NUMBERS = ("frame_number", "permit_number")


class VehicleDetails:
    """Columns of vehicles: what it is and looks like, whose beside its holder, and the SHA-256 of its picture.

    `plate_since` is NULL where the plate was there before plates were written down. `body_colour` is that of the vehicle, not of
    its plate.
    """

    plate_since: Mapped[datetime | None]
    frame_number: Mapped[str] = mapped_column(default="", server_default="")
    permit_number: Mapped[str] = mapped_column(default="", server_default="")
    make: Mapped[str] = mapped_column(default="", server_default="")
    model: Mapped[str] = mapped_column(default="", server_default="")
    body_colour: Mapped[str] = mapped_column(default="", server_default="")
    electric: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    company_id: Mapped[UUID | None] = mapped_column(ForeignKey("companies.id"), index=True)
    remark: Mapped[str] = mapped_column(default="", server_default="")
    picture: Mapped[str] = mapped_column(default="", server_default="")


def indexes() -> tuple[Index, ...]:
    """Return the indexes of vehicles over these columns."""
    return tuple(_of_given(number) for number in NUMBERS)


def _of_given(number: str) -> Index:
    given: Any = text(f"{number} <> ''")
    return Index(f"ix_vehicles_{number}", "site_id", number, unique=True, sqlite_where=given, postgresql_where=given)
