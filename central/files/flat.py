"""Records of workflows as rows: what a list shows of each, the parts of the record and of its details beside each other."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from central.files.values import bare, written
from central.files.words import header_of
from central.files.writing import Cell
from central.records.offers import OFFERS
from central.records.schemas import Asked, Page
from central.registry import Work
from central.tables import Site
from central.workflows.schemas import FlowAsked, FlowShown
from central.workflows.services import Flow

LEFT_OUT = frozenset({"id", "site_id", "version", "may", "record", "details"})
PARTS = ("record", "details")


class FlowSheet:
    """A sheet of what one workflow moves: to be read by people, not to be imported."""

    def __init__(self, flow: Flow[Any]) -> None:
        self._flow = flow
        self.name = flow.kind
        self.areas = (OFFERS[flow.kind].area,)
        self.asked = OFFERS[flow.kind].asked
        self._columns = tuple(_columns(flow.shown))

    def headers(self, language: str) -> list[str]:
        """Return the headers, none of them twice."""
        return distinct([name for _, name in self._columns], [header_of(name, language, self.name) for _, name in self._columns])

    def page(self, work: Work, asked: Asked) -> Page[Any]:
        """Return one page of the list."""
        assert isinstance(asked, FlowAsked)
        return self._flow.page(work, asked)

    def cells(self, work: Work, site: Site, shown: Sequence[FlowShown]) -> list[list[Cell]]:
        """Return the rows of the sheet."""
        del work
        return [self._row(each.model_dump(mode="json"), ZoneInfo(site.zone)) for each in shown]

    def _row(self, shown: dict[str, Any], zone: ZoneInfo) -> list[Cell]:
        values = [(shown.get(part) or {} if part else shown).get(name) for part, name in self._columns]
        times = {name for name, each in self._flow.shown.model_fields.items() if bare(each.annotation) is datetime}
        return [
            written(datetime.fromisoformat(value) if value and not part and name in times else value, zone)
            for (part, name), value in zip(self._columns, values, strict=True)
        ]


def distinct(names: Sequence[str], headers: Sequence[str]) -> list[str]:
    """Return the headers, the field's own name where another column has the same."""
    return [name if headers.count(header) > 1 else header for name, header in zip(names, headers, strict=True)]


def _columns(shown: type[FlowShown]) -> Iterator[tuple[str, str]]:
    """Yield of each column in which part of what is shown it is, and its name; no name twice."""
    own = [name for name in shown.model_fields if name not in LEFT_OUT]
    yield from (("", name) for name in own)
    for part in PARTS:
        if part in shown.model_fields:
            kind = bare(shown.model_fields[part].annotation)
            names = [each.name for each in fields(kind)] if is_dataclass(kind) else list(getattr(kind, "model_fields", ()))
            yield from ((part, name) for name in names if name not in own)
            own += names
