"""Tables of access rules."""

from datetime import date

from sqlalchemy import Date, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from central.tables import Versioned


class SpecialDay(Versioned):
    """A date that counts as another day of the week: 0 (Monday) to 6, or 7 for a holiday."""

    __tablename__ = "special_days"
    __table_args__ = (UniqueConstraint("site_id", "date"),)
    date: Mapped[date] = mapped_column(Date)
    counts_as: Mapped[int]
    name: Mapped[str]
