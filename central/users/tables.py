"""Names that are taken, tokens of programs, and links of hosts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from central.tables import Base


class TakenName(Base):
    """A name that a user has, or programs: nobody else ever gets it, nor one that only looks like it (NFKC makes them one)."""

    __tablename__ = "taken_names"
    folded: Mapped[str] = mapped_column(primary_key=True)
    of_programs: Mapped[bool]


class ApiToken(Base):
    """A token of a program, by its hash: role, the site that it is bound to (NULL: all), and its end (NULL: none)."""

    __tablename__ = "api_tokens"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    site_id: Mapped[UUID | None] = mapped_column(ForeignKey("sites.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class HostLink(Base):
    """A link by which a resident announces visitors and answers for them, by the hash of its token."""

    __tablename__ = "host_links"
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("sites.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
