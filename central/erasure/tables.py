"""Tables of erasures."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from central.tables import Base, OfSite


class Erasure(OfSite):
    """That somebody was erased: by which ids (never a name), who did it and why, and what went. It stays, and is the proof.

    `digest`: SHA-256 over the places erased, each over what was before it. `at_edge`, `at_epoch`, `at_seq`: how far the journals
    are gone through; `texts`: by what they are known in these, until that is over. `is_told`: gates are to erase them too.
    """

    __tablename__ = "erasures"
    __table_args__ = (Index(None, "state", "id"),)
    subject: Mapped[str]
    record_id: Mapped[UUID]
    persons: Mapped[list[Any]] = mapped_column(JSON)
    credentials: Mapped[list[Any]] = mapped_column(JSON)
    documents: Mapped[list[Any]] = mapped_column(JSON)
    texts: Mapped[list[Any]] = mapped_column(JSON)
    purpose: Mapped[str]
    by_name: Mapped[str]
    by_role: Mapped[str]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    state: Mapped[str]
    is_told: Mapped[bool]
    records: Mapped[int] = mapped_column(BigInteger)
    entries: Mapped[int] = mapped_column(BigInteger)
    pictures: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    at_edge: Mapped[UUID | None]
    at_epoch: Mapped[UUID | None]
    at_seq: Mapped[int] = mapped_column(BigInteger)


class ErasedPicture(Base):
    """A picture that was erased, by its SHA-256: a gate that was cut off may still send it. Its file goes after the commit."""

    __tablename__ = "erased_pictures"
    sha256: Mapped[str] = mapped_column(primary_key=True)
    is_file_left: Mapped[bool] = mapped_column(index=True)
