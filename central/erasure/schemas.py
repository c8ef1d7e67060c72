"""Shapes of erasures."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict

from central.erasure.subjects import Kind
from central.masking.kinds import Personal
from central.records.schemas import Asked, Name, Shown, Wanted

State = Literal["running", "held", "done"]


class ErasureAsked(Wanted):
    """Who is to be erased: a person, or whom a visit or a contractor pass is of, by its id."""

    subject: Kind
    record: UUID


class ErasureWanted(ErasureAsked):
    """Somebody is to be erased, for this `purpose`, which names nobody and stays."""

    purpose: Name


class ErasureCounted(Wanted):
    """What an erasure would take: records of the office, entries of the gates' journals, and pictures, at least so many."""

    records: int
    entries: int
    pictures: int


class ErasureShown(Shown):
    """An erasure, by ids alone: who did it, when and why, and what went so far.

    `digest`: SHA-256 over the places in the journals from which something went, each over those before it. `is_told`: gates are
    told to erase the same.
    """

    model_config = ConfigDict(from_attributes=True)

    site_id: UUID
    subject: Kind
    record_id: UUID
    persons: list[UUID]
    credentials: list[UUID]
    documents: list[UUID]
    purpose: Annotated[str, Personal("report")]
    by_name: str
    by_role: str
    created_at: datetime
    finished_at: datetime | None
    state: State
    is_told: bool
    records: int
    entries: int
    pictures: int
    digest: str


class ErasuresAsked(Asked):
    """Which erasures are wanted."""

    state: State | None = None
