"""What the office keeps of a person besides name, status and levels; gates are told hardly any of it."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

STAFF_NUMBER_GIVEN = text("staff_number <> ''")


class PersonDetails:
    """Columns of persons: relation to the unit, employment, parking, telephone, marks, and what is kept of an ID number.

    `id_tail` and `id_hash` are its last four characters and its hash under the registry's key: itself it is kept nowhere.
    """

    relation: Mapped[str] = mapped_column(default="", server_default="")
    namesake: Mapped[str] = mapped_column(default="", server_default="")
    company_id: Mapped[UUID | None] = mapped_column(ForeignKey("companies.id"), index=True)
    quota_id: Mapped[UUID | None] = mapped_column(ForeignKey("quotas.id"), index=True)
    staff_number: Mapped[str] = mapped_column(default="", server_default="")
    department: Mapped[str] = mapped_column(default="", server_default="")
    phone: Mapped[str] = mapped_column(default="", server_default="")
    phone_tail: Mapped[str] = mapped_column(default="", server_default="")
    vip: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    vip_note: Mapped[str] = mapped_column(default="", server_default="")
    escorted: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    first_person: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    remark: Mapped[str] = mapped_column(default="", server_default="")
    id_tail: Mapped[str] = mapped_column(default="", server_default="")
    id_hash: Mapped[bytes | None]


def indexes() -> tuple[Index, ...]:
    """Return the indexes of persons over these columns; a staff number is one person's of a site."""
    given = STAFF_NUMBER_GIVEN
    return (
        Index("ix_persons_staff_number", "site_id", "staff_number", unique=True, sqlite_where=given, postgresql_where=given),
        Index(None, "site_id", "phone_tail"),
        Index(None, "site_id", "id_hash"),
    )
