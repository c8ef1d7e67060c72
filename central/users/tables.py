"""Names that are taken, tokens of programs, links of hosts, wrong passwords, and who another house vouches for."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from central.tables import Base


class TakenName(Base):
    """A name that a user has, or programs: nobody else ever gets it, nor one that only looks like it (NFKC makes them one)."""

    __tablename__ = "taken_names"
    folded: Mapped[str] = mapped_column(primary_key=True)
    of_programs: Mapped[bool]


class ApiToken(Base):
    """A token of a program, by its hash: role, the site that it is bound to (NULL: all), and its end (NULL: none).

    `scopes`: what of its role it is for, read or write by area (NULL: all). `replaces_id`: the token that it takes over from.
    """

    __tablename__ = "api_tokens"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    site_id: Mapped[UUID | None] = mapped_column(ForeignKey("sites.id"))
    scopes: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    replaces_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class WrongPasswords(Base):
    """How often a name was tried from a place, or any name from it, by a keyed hash: a name may be a password typed too early.

    Nothing is tried before `until_at`; all is forgotten at `forget_at`.
    """

    __tablename__ = "wrong_passwords"
    who: Mapped[bytes] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
    until_at: Mapped[datetime]
    forget_at: Mapped[datetime] = mapped_column(index=True)


class OidcIdentity(Base):
    """The account at an OpenID provider by which a user signs in; `by_rule`: the user was made by a rule, and keeps to it."""

    __tablename__ = "oidc_identities"
    __table_args__ = (Index(None, "issuer", "subject", unique=True),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    issuer: Mapped[str]
    subject: Mapped[str]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    by_rule: Mapped[bool]
    created_at: Mapped[datetime]


class OidcTry(Base):
    """Somebody is on the way to the provider and back: what must come back, for this browser alone, and once."""

    __tablename__ = "oidc_tries"
    state_hash: Mapped[bytes] = mapped_column(primary_key=True)
    browser_hash: Mapped[bytes]
    nonce: Mapped[str]
    verifier: Mapped[str]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class HostLink(Base):
    """A link by which a resident announces visitors and answers for them, by the hash of its token."""

    __tablename__ = "host_links"
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("sites.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
