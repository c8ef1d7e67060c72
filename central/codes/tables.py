"""The keys that sign passes (their public halves), and the codes that were issued."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from central.tables import Base, OfSite


class PassKeyRow(OfSite):
    """A key of a site by which gates check codes: `active`, `retired` or `revoked`; it signs from `signs_from` on.

    The private half lies beside the database (`central.codes.private`), never in it.
    """

    __tablename__ = "pass_keys"
    __table_args__ = (UniqueConstraint("site_id", "kid"),)
    kid: Mapped[str]
    public_key: Mapped[bytes]
    status: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    signs_from: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")


class IssuedCode(Base):
    """That a code of a record was issued, for which terms (`claims`) and by which key; its text is made again of the record.

    `forget_at`: when gates need not know of it any more (NULL: they do not). Times in `_s` are epoch seconds.
    """

    __tablename__ = "issued_codes"
    __table_args__ = (Index(None, "site_id", "kid", "valid_until_s"), Index(None, "forget_at"))
    record_id: Mapped[UUID] = mapped_column(ForeignKey("workflow_records.id"), primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    turns: Mapped[bool] = mapped_column(primary_key=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("sites.id"))
    kid: Mapped[str]
    issued_s: Mapped[int] = mapped_column(BigInteger)
    valid_from_s: Mapped[int] = mapped_column(BigInteger)
    valid_until_s: Mapped[int] = mapped_column(BigInteger)
    claims: Mapped[Any] = mapped_column(JSON)
    forget_at: Mapped[datetime | None]
