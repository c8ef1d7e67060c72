"""Shapes of users, their sessions, signing in, and the tokens of programs."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from central.records.schemas import Asked, Limit, Name, Shown, VersionedShown, Wanted
from central.users.rights import Area, Role

PASSWORD_LENGTH_MIN = 8
TOKEN_DAYS_MAX = 3650
OVERLAP_HOURS_MAX = 24 * 30
# When a session began, and the first half of the hash of its token, by which nobody is let in.
SessionPlace = Annotated[
    str, Field(pattern=r"^[0-9]{1,16}:[0-9a-f]{32}$", examples=["1794556800000000:5d41402abc4b2a76b9719d911017c592"])
]
Password = Annotated[SecretStr, Field(min_length=PASSWORD_LENGTH_MIN, max_length=200)]
Badge = Annotated[str, Field(pattern=r"^[0-9]{1,10}$")]
TokenDays = Annotated[int, Field(ge=1, le=TOKEN_DAYS_MAX)]
Scopes = Annotated[dict[Area, Literal["read", "write"]], Field(min_length=1)]
GivenPassword = Annotated[SecretStr, Field(max_length=200)]
SITE = "0192f1f0-0000-7000-8000-000000000001"
ID = "0192f1f0-0000-7000-8000-0000000000b1"
AT = "2026-11-02T08:00:00Z"


def _example(facts: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [facts]})


class UserWanted(Wanted):
    """What may be set of a user; without a site all sites are seen.

    `badge`: what a guard acts under at the site, if it is not the name. Name and badge never change.
    """

    model_config = _example({"name": "wang.min", "role": "guard", "site": SITE, "badge": "101"})

    name: Name
    role: Role
    site: UUID | None = None
    badge: Badge | None = None


class UsersAsked(Asked):
    """Which users are wanted."""

    name: Name | None = None
    role: Role | None = None
    disabled: bool | None = None


UsersQuery = Annotated[UsersAsked, Query()]


class UserShown(VersionedShown):
    """A user; whoever is disabled cannot sign in."""

    model_config = _example(
        {
            "id": ID,
            "version": 1,
            "name": "wang.min",
            "role": "guard",
            "site_id": SITE,
            "badge": "101",
            "created_at": AT,
            "disabled_at": None,
            "has_password": True,
        }
    )

    name: str
    role: Role
    site_id: UUID | None
    badge: str | None
    created_at: datetime
    disabled_at: datetime | None
    has_password: bool


class LinkMade(BaseModel):
    """A link that signs a user in once, shown once: its token, and the page of the office that takes it."""

    model_config = _example({"token": "q1w2e3r4t5y6u7i8o9p0aa", "path": "/sign-in?link=q1w2e3r4t5y6u7i8o9p0aa", "expires_at": AT})

    token: str
    path: str
    expires_at: datetime


class SessionsAsked(BaseModel):
    """Which page of the sessions of a user is wanted."""

    model_config = ConfigDict(extra="forbid")

    after: SessionPlace | None = None
    limit: Limit = 100


SessionsQuery = Annotated[SessionsAsked, Query()]


class SessionShown(Shown):
    """A session of a user: what signed in (`agent`, as it calls itself) and from where, when it was used last, and its end.

    Unless it is used it ends at `idle_at`, else at `expires_at`. `own`: the one that asks.
    """

    model_config = _example(
        {
            "id": ID,
            "agent": "Mozilla/5.0 (X11; Linux x86_64)",
            "origin": "10.0.0.7",
            "created_at": AT,
            "seen_at": AT,
            "idle_at": "2026-11-02T12:00:00Z",
            "expires_at": "2026-11-02T20:00:00Z",
            "own": False,
        }
    )

    agent: str
    origin: str
    created_at: datetime
    seen_at: datetime
    idle_at: datetime
    expires_at: datetime
    own: bool


class SignInWanted(Wanted):
    """Name and password of a user."""

    model_config = _example({"name": "wang.min", "password": "a long password"})

    name: Name
    password: GivenPassword


class LinkSignInWanted(Wanted):
    """The token of a one-time link, and the password to sign in by from now on, if one is wanted."""

    model_config = _example({"link": "q1w2e3r4t5y6u7i8o9p0aa", "password": "a long password"})

    link: Annotated[str, Field(min_length=1, max_length=100)]
    password: Password | None = None


class PasswordWanted(Wanted):
    """The password that there is, and the one that shall be."""

    model_config = _example({"old": "a long password", "new": "another long password"})

    old: GivenPassword
    new: Password


class Token(Wanted):
    """A bearer token, shown once."""

    model_config = _example({"token": "Zm9vYmFyYmF6cXV4", "expires_at": "2026-11-02T20:00:00Z", "user": ID})

    token: str
    expires_at: datetime
    user: UUID


class MeShown(BaseModel):
    """Who is signed in, until when (null: no end), the site that is seen (null: all), and what may be done in which area.

    Of a program whose token has scopes, only what is within them.
    """

    model_config = _example(
        {
            "name": "wang.min",
            "role": "registrar",
            "site_id": SITE,
            "expires_at": AT,
            "areas": {"people": "write", "log": "read"},
        }
    )

    name: str
    role: str
    site_id: UUID | None
    expires_at: datetime | None
    areas: dict[Area, Literal["read", "write"]]


class ApiTokenWanted(Wanted):
    """What a program is called, its role, the site that it sees (null: all), and for how long: null, until revoked, is said too.

    `scopes`: the areas that it is for, within what the role may; null: all of them.
    """

    model_config = _example(
        {"name": "parking-billing", "role": "integration", "site": SITE, "scopes": {"duty": "read"}, "expires_in_days": 365}
    )

    name: Name
    role: Role
    site: UUID | None = None
    scopes: Scopes | None = None
    expires_in_days: TokenDays | None


class TokenRotationWanted(Wanted):
    """For how long the new token is (null: until revoked), and for how many hours the old one still works beside it."""

    model_config = _example({"expires_in_days": 365, "overlap_hours": 24})

    expires_in_days: TokenDays | None
    overlap_hours: Annotated[int, Field(ge=0, le=OVERLAP_HOURS_MAX)] = 24


class ApiTokensAsked(Asked):
    """Which tokens are wanted; `revoked`: those that were, or those that were not."""

    name: Name | None = None
    role: Role | None = None
    revoked: bool | None = None


ApiTokensQuery = Annotated[ApiTokensAsked, Query()]


class ApiTokenShown(Shown):
    """A token of a program, without what it authenticates by; `replaces_id`: the one that it was rotated from."""

    model_config = _example(
        {
            "id": ID,
            "name": "parking-billing",
            "role": "integration",
            "site_id": SITE,
            "scopes": {"duty": "read"},
            "replaces_id": None,
            "created_at": AT,
            "used_at": AT,
            "expires_at": None,
            "revoked_at": None,
        }
    )

    name: str
    role: Role
    site_id: UUID | None
    scopes: dict[str, Literal["read", "write"]] | None
    replaces_id: UUID | None
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None


class ApiTokenMade(ApiTokenShown):
    """A new token of a program; `token` is shown this once."""

    token: str
