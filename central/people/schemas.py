"""Shapes of persons."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from access.contract.records import Status
from central.records.schemas import Asked, HolderShown, HolderWanted, Line, Name

Category = Literal["resident", "tenant", "family", "staff", "company", "contractor", "visitor", "vip"]


class PersonWanted(HolderWanted):
    """What may be set of a person; `levels` are ids of access levels of the same site."""

    name: Name
    unit: Line = ""
    category: Category = "resident"
    levels: Annotated[frozenset[UUID], Field(max_length=20)] = frozenset()


class PersonsAsked(Asked):
    """Which persons are wanted."""

    name: Line | None = None
    unit: Line | None = None
    category: Category | None = None
    status: Status | None = None


class PersonShown(HolderShown):
    """A person, with the full name: for the office only."""

    name: str
    unit: str
    category: Category
    levels: tuple[UUID, ...]
