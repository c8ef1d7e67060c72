"""Shapes of the audit."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict

from central.masking.kinds import Personal
from central.records.schemas import Asked, Limit, Line, Moment, Shown


class AuditAsked(Asked):
    """Which part of the audit is wanted: of a record, a kind of records, a person, an act, a time."""

    kind: Line | None = None
    record: UUID | None = None
    by: Line | None = None
    act: Line | None = None
    since: Moment | None = None
    until: Moment | None = None


AuditQuery = Annotated[AuditAsked, Query()]


class HistoryAsked(BaseModel):
    """Which page of the changes of one record is wanted."""

    model_config = ConfigDict(extra="forbid")

    act: Line | None = None
    by: Line | None = None
    after: UUID | None = None
    limit: Limit = 100


HistoryQuery = Annotated[HistoryAsked, Query()]


class AuditShown(Shown):
    """One change: of a created record all that it is, of a changed one what is otherwise; `at_us` in UTC microseconds.

    Of a list that grew at its end `after` holds only what was added, and `before` nothing.
    """

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "id": "0192f1f0-0000-7000-8000-0000000000a1",
                    "site_id": "0192f1f0-0000-7000-8000-000000000001",
                    "kind": "vehicles",
                    "record_id": "0192f1f0-0000-7000-8000-000000000031",
                    "version": 2,
                    "act": "changed",
                    "at_us": 1794556800000000,
                    "by_name": "wang.min",
                    "by_role": "registrar",
                    "origin": "10.0.8.21",
                    "reason": "换车",
                    "before": {"plate": "粤B12345"},
                    "after": {"plate": "粤B67890"},
                }
            ]
        },
    )

    site_id: UUID | None
    kind: str
    record_id: UUID
    version: int
    act: str
    at_us: int
    by_name: str
    by_role: str
    origin: str
    reason: Annotated[str, Personal("report")]
    before: Annotated[dict[str, Any] | None, Personal("facts")]
    after: Annotated[dict[str, Any] | None, Personal("facts")]
