"""What the log keeps beside the entries, in the transaction that stores them: the plates that there are, and counts."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from central.tables import Base, Bytewise

HOURS: Final = tuple(f"h{hour:02}" for hour in range(24))
# In a key there is no NULL: what was at no lane.
NO_LANE: Final = UUID(int=0)


class LogPlate(Base):
    """A plate (normal form) that entries of a site have.

    `folded` is what it has in common with its look-alikes (`access.plate_index`): in it parts are looked for, on PostgreSQL by an
    index of trigrams, on SQLite by the table `log_plate_parts`, which triggers keep beside this one (migration 0027).
    """

    __tablename__ = "log_plates"
    __table_args__ = (Index(None, "site_id", "plate_reversed"), Index(None, "site_id", "folded"))
    site_id: Mapped[UUID] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    plate: Mapped[str] = mapped_column(Bytewise, primary_key=True)
    plate_reversed: Mapped[str] = mapped_column(Bytewise)
    folded: Mapped[str] = mapped_column(Bytewise)


class LogCount(Base):
    """How much of one sort a lane had on a day, by the clock of its site: in all, and in each hour (`h00` to `h23`).

    `outcome`: that of decisions, `passed` or `not_passed` of passages, else the kind of the entry. What no entry says is empty.
    Entries that are forgotten in their time stay counted.
    """

    __tablename__ = "log_counts"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    gate_id: Mapped[UUID] = mapped_column(primary_key=True)
    lane_id: Mapped[UUID] = mapped_column(primary_key=True)
    outcome: Mapped[str] = mapped_column(Bytewise, primary_key=True)
    category: Mapped[str] = mapped_column(Bytewise, primary_key=True)
    guard: Mapped[str] = mapped_column(Bytewise, primary_key=True)
    total: Mapped[int] = mapped_column(server_default=text("0"))


for _hour in HOURS:
    # As many columns as a day has hours: so a year's counts by the day, and those by the hour, are sums over the same few rows.
    setattr(LogCount, _hour, mapped_column(_hour, server_default=text("0"), nullable=False, type_=LogCount.total.type))


class LogExport(Base):
    """A sheet of the log that is made beside: who wants what of it and what for, how far it is; its file lies in `exports`.

    `by_id`, `by_role`, `by_site`: it is theirs alone, as long as they see what they saw. `wanted`: the search, forgotten as soon
    as it has ended. `tries`: how often it was begun. It is deleted after a day.
    """

    __tablename__ = "log_exports"
    __table_args__ = (Index(None, "state", "id"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID | None] = mapped_column(ForeignKey("sites.id"))
    by_id: Mapped[UUID | None]
    by_name: Mapped[str]
    by_role: Mapped[str]
    by_site: Mapped[UUID | None]
    origin: Mapped[str]
    look_id: Mapped[UUID]
    wanted: Mapped[Any] = mapped_column(JSON)
    form: Mapped[str]
    language: Mapped[str]
    purpose: Mapped[str]
    state: Mapped[str]
    tries: Mapped[int]
    rows_total: Mapped[int | None] = mapped_column(BigInteger)
    rows_done: Mapped[int] = mapped_column(BigInteger)
    size: Mapped[int] = mapped_column(BigInteger)
    fault_zh: Mapped[str]
    fault_en: Mapped[str]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
