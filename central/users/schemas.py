"""Shapes of users and sign-in."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, SecretStr

from central.records.schemas import Name, Shown, Wanted
from central.users.rights import Role

Password = Annotated[SecretStr, Field(min_length=8, max_length=200)]


class UserShown(Shown):
    """A user."""

    name: str
    role: Role


class SignInWanted(Wanted):
    """Name and password of a user."""

    name: Name
    password: Annotated[SecretStr, Field(max_length=200)]


class Token(Wanted):
    """A bearer token, shown once."""

    token: str
    expires_at: datetime
    user: UUID
