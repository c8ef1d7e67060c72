"""Tables of people: companies, who lived where and when, and where documents lie."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from central.tables import Bytewise, Holder, Versioned

LIVING_THERE = text("moved_out IS NULL")


class Company(Holder):
    """A company whose staff come through the gates, with the person who answers for it."""

    __tablename__ = "companies"
    __table_args__ = (UniqueConstraint("site_id", "name"),)
    name: Mapped[str]
    company_kind: Mapped[str]
    unit: Mapped[str]
    licence_number: Mapped[str]
    qualification_number: Mapped[str]
    responsible: Mapped[str]
    phone: Mapped[str]
    remark: Mapped[str]


class Residency(Versioned):
    """That a person lives or lived in a unit; `moved_in` is NULL where that was before moves were written down."""

    __tablename__ = "residencies"
    __table_args__ = (
        Index(
            "ix_residencies_living", "person_id", "unit", unique=True, sqlite_where=LIVING_THERE, postgresql_where=LIVING_THERE
        ),
        Index(None, "site_id", "unit"),
    )
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    unit: Mapped[str]
    relation: Mapped[str]
    moved_in: Mapped[datetime | None]
    moved_out: Mapped[datetime | None]
    slip: Mapped[str]
    reason: Mapped[str]


class Document(Versioned):
    """Where a document lies, on paper or as a file elsewhere; `subject`: an id, or the name of a unit."""

    __tablename__ = "documents"
    __table_args__ = (
        UniqueConstraint("site_id", "subject_kind", "subject", "document_kind", "number"),
        Index(None, "site_id", "valid_until"),
    )
    subject_kind: Mapped[str]
    subject: Mapped[str] = mapped_column(Bytewise)
    document_kind: Mapped[str]
    number: Mapped[str]
    place: Mapped[str]
    valid_until: Mapped[datetime | None]
    file_name: Mapped[str]
    sha256: Mapped[str]
    remark: Mapped[str]
