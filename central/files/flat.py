"""Records of workflows as rows: what a list shows, and the parts of the record and of its details beside each other."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select

from central.files.values import written
from central.records.offers import OFFERS
from central.registry import Work
from central.tables import Site
from central.workflows.schemas import FlowAsked
from central.workflows.services import Flow
from central.workflows.shapes import adapter
from central.workflows.tables import WorkflowRecord

BASE = ("number", "state", "opened_at", "changed_at", "due_at")


class FlowSheet:
    """A sheet of what one workflow moves; to be read by people, not to be imported."""

    def __init__(self, flow: Flow[Any]) -> None:
        self._flow = flow
        self.name = flow.kind
        self.areas = (OFFERS[flow.kind].area,)
        self._parts = [each.name for each in fields(flow.workflow.blank) if each.name not in BASE]
        self._details = [name for name in flow.details.model_fields if name not in (*BASE, *self._parts)]
        keys = OFFERS[flow.kind].asked.model_fields.keys() - FlowAsked.model_fields.keys()
        self._keys = sorted(keys - {*BASE, *self._parts, *self._details})

    @property
    def headers(self) -> tuple[str, ...]:
        """The fields that are its columns."""
        return (*BASE, *self._parts, *self._details, *self._keys)

    def rows_of(self, work: Work, asked: FlowAsked) -> Sequence[WorkflowRecord]:
        """Return one page of the list, and one row more if there are more."""
        return self._flow.rows(work, asked)

    def cells(self, work: Work, site: Site, rows: Sequence[WorkflowRecord]) -> list[list[str | int | bool | None]]:
        """Return the rows of the sheet, as they are by now."""
        return [[written(value, ZoneInfo(site.zone)) for value in self._values(work, row)] for row in rows]

    def _values(self, work: Work, row: WorkflowRecord) -> list[Any]:
        record = self._flow.workflow.ripened(self._flow.record(row), work.at)
        parts = adapter(type(record)).dump_python(record, mode="json")
        details = self._flow.details.model_validate(row.details)
        keys: dict[str, list[str]] = {}
        for name, value in self._flow.keys(record, details):
            keys.setdefault(name, []).append(value)
        base = [row.number, record.state, row.opened_at, row.changed_at, row.due_at]
        named = [parts.get(name) for name in self._parts] + [row.details.get(name) for name in self._details]
        return [*base, *named, *(keys.get(name) for name in self._keys)]
