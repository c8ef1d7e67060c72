"""Shapes of the accounts by which users sign in."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from central.records.schemas import Name, Shown, Wanted

_FACTS: dict[str, Any] = {"issuer": "https://id.example.com", "subject": "248289761001"}


class IdentityWanted(Wanted):
    """An account at an OpenID provider: its `iss` and `sub`."""

    model_config = ConfigDict(json_schema_extra={"examples": [_FACTS]})

    issuer: Name
    subject: Annotated[Name, Field(max_length=255)]


class IdentityShown(Shown):
    """An account by which a user signs in; `by_rule`: the user was made by a rule when it came first."""

    issuer: str
    subject: str
    user_id: UUID
    by_rule: bool
    created_at: datetime


class IdentitiesShown(BaseModel):
    """All accounts of a user; there are seldom two."""

    items: list[IdentityShown]
