"""Tables of goods."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from central.tables import OfSite


class SlipReconciliation(OfSite):
    """A day whose slips the office has signed off: who did, when, and the `counts` that were before them then."""

    __tablename__ = "slip_reconciliations"
    __table_args__ = (UniqueConstraint("site_id", "day"),)
    day: Mapped[date]
    by_name: Mapped[str]
    by_role: Mapped[str]
    remark: Mapped[str]
    signed_at: Mapped[datetime]
    counts: Mapped[Any] = mapped_column(JSON)
