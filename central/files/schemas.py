"""Shapes of imports."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from central.masking.kinds import Personal
from central.records.schemas import Asked, Line, Name, OfSiteShown

State = Literal["queued", "running", "done", "failed", "cancelled"]
KindName = Annotated[str, Field(pattern=r"^[a-z_]{1,40}$", examples=["residents"])]


class ImportWanted(BaseModel):
    """What is to be done with a file: its kind and site; `dry_run`: only tried; `stop_on_error`: all or nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: KindName
    site: UUID
    name: Name = "sheet.csv"
    sheet: Line = ""
    dry_run: bool = False
    stop_on_error: bool = False


class ImportsAsked(Asked):
    """Which imports are wanted."""

    kind: KindName | None = None
    state: State | None = None


class FaultsAsked(BaseModel):
    """Which part of the errors of an import is wanted: those after the one numbered `after`."""

    model_config = ConfigDict(extra="forbid")

    after: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 200


WantedQuery = Annotated[ImportWanted, Query()]
ImportsQuery = Annotated[ImportsAsked, Query()]
FaultsQuery = Annotated[FaultsAsked, Query()]


class ImportShown(OfSiteShown):
    """An import and how far it is: rows that created or changed a record, left it as it was, or had errors and were left out.

    On trial these are what would be. `zh` and `en` say why it failed.
    """

    kind: str
    name: str
    sheet: str
    dry_run: bool
    stop_on_error: bool
    state: State
    rows_total: int | None
    rows_done: int
    created: int
    changed: int
    unchanged: int
    errors: int
    per_second: float | None
    eta_s: float | None
    by_name: str
    created_at: datetime
    run_at: datetime | None
    finished_at: datetime | None
    zh: str
    en: str


class FaultShown(BaseModel):
    """What is wrong with a row, by row and column as a spreadsheet names them (no column: the row as a whole)."""

    model_config = ConfigDict(from_attributes=True)

    n: int
    row: int | None
    column: str
    header: str
    zh: Annotated[str, Personal("report")]
    en: Annotated[str, Personal("report")]


class FaultsPage(BaseModel):
    """Errors of an import; where `more` is set, ask again with `after=more`. Not more than the first thousand are kept."""

    items: list[FaultShown]
    more: int | None
