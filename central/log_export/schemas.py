"""Shapes of exports of the log."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from central.log.schemas import Search
from central.log_export.words import Form, Language
from central.masking.kinds import Personal
from central.records.schemas import Line, Shown, Wanted

State = Literal["queued", "running", "done", "failed"]
Purpose = Annotated[Line, Field(max_length=200, examples=["业主投诉 2026-118"])]


class LogSheetAsked(Search):
    """What of the log is wanted, as the list has it; all of its pages, whatever `older`, `newer` and `limit` say."""

    language: Language | None = None


class LogExportWanted(Wanted):
    """A sheet that is to be made beside: what is searched for, in which form and language, and what for."""

    search: Search = Search()
    form: Form = "csv"
    language: Language = "zh"
    purpose: Purpose = ""


class LogExportShown(Shown):
    """An export and how far it is: rows so far, of about how many (none: not counted yet). `zh` and `en` say why it failed.

    From `expires_at` on it is gone.
    """

    form: Form
    language: Language
    purpose: Annotated[str, Personal("report")]
    state: State
    rows_done: int
    rows_total: int | None
    size: int
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime
    zh: str
    en: str


class LogExportsShown(BaseModel):
    """The exports of who asks, oldest first."""

    items: list[LogExportShown]


SheetQuery = Annotated[LogSheetAsked, Query()]
