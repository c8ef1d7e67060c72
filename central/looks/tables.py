"""The table of looks; it is only added to."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from central.tables import Base, Bytewise


class Look(Base):
    """One look: who (`by_id`: the user or token), in what role, from where, when, at whom, and for what purpose.

    `subject_kind` and `subject_id`: the record or entry that was looked at; `person_id`: the person that it is about, or is.
    `sought`: a keyed hash of what was searched by, as a plate or a card, or of the plate of an entry: equal ones are about the
    same. `rows`: how much left in a file.
    """

    __tablename__ = "looks"
    __table_args__ = (
        Index(None, "site_id", "at_us"),
        Index(None, "by_name", "at_us"),
        Index(None, "person_id", "at_us"),
        Index(None, "subject_id", "at_us"),
        Index(None, "sought", "at_us"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID | None] = mapped_column(ForeignKey("sites.id"))
    at_us: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    by_id: Mapped[UUID | None]
    by_name: Mapped[str] = mapped_column(Bytewise)
    by_role: Mapped[str]
    origin: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID | None]
    person_id: Mapped[UUID | None]
    sought: Mapped[bytes | None]
    fields: Mapped[list[Any]]
    purpose: Mapped[str]
    rows: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
