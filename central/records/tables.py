"""What records of all kinds need beside themselves: replies that may be asked for again, and consecutive numbers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from central.tables import Base


class IdempotencyKey(Base):
    """A request done under a key of its sender: `digest` is of the request, the rest is the reply (status 0: not yet)."""

    __tablename__ = "idempotency_keys"
    owner: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[bytes]
    status: Mapped[int]
    etag: Mapped[str]
    body: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(index=True)


class Counter(Base):
    """The last of the consecutive numbers that a site has given out under one name."""

    __tablename__ = "counters"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger)
