"""The table of the audit."""

from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from central.tables import Base


class AuditEntry(Base):
    """One change: what of a record was otherwise before and after, by whom, from where and why. Entries are only ever added.

    `site_id` is NULL for what belongs to no site, and stays when a site goes; `version` is the record's own after the change.
    `act`: created, changed, deleted, or the name of a workflow's event. `seq`, `chain_hash`, `commitment` and `salt` are its
    place on the chain (`central.audit.chain`): where before, after and reason were erased the salt is NULL, the commitment stays.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index(None, "record_id", "id"),
        Index(None, "site_id", "id"),
        Index(None, "site_id", "kind", "id"),
        Index(None, "by_name", "id"),
        Index(None, "kind", "id"),
        Index(None, "act", "id"),
        Index(None, "seq", unique=True),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID | None]
    kind: Mapped[str]
    record_id: Mapped[UUID]
    version: Mapped[int] = mapped_column(BigInteger)
    act: Mapped[str]
    at_us: Mapped[int] = mapped_column(BigInteger)
    by_name: Mapped[str]
    by_role: Mapped[str]
    origin: Mapped[str]
    reason: Mapped[str]
    before: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    after: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    seq: Mapped[int | None] = mapped_column(BigInteger)
    chain_hash: Mapped[bytes | None]
    commitment: Mapped[bytes | None]
    salt: Mapped[bytes | None]
