"""Records of workflows that no sheet opens, as rows: what a list shows, the parts of record and details beside each other."""

from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from central.files.columns import SheetColumn, column_of
from central.files.values import bare, fields_of
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
        self._columns = tuple(_columns(flow))
        self.columns = tuple(each for _, each in self._columns)

    def headers(self, language: str) -> list[str]:
        """Return the headers, none of them twice."""
        fields = [each.field for _, each in self._columns]
        return distinct(fields, [header_of(name, language, self.name) for name in fields])

    def page(self, work: Work, asked: Asked) -> Page[Any]:
        """Return one page of the list."""
        assert isinstance(asked, FlowAsked)
        return self._flow.page(work, asked)

    def cells(self, work: Work, site: Site, shown: Sequence[FlowShown], language: str) -> list[list[Cell]]:
        """Return the rows of the sheet."""
        del work
        return [self._row(each.model_dump(mode="json"), ZoneInfo(site.zone), language) for each in shown]

    def _row(self, shown: dict[str, Any], zone: ZoneInfo, language: str) -> list[Cell]:
        values = [(shown.get(part) or {} if part else shown).get(each.field) for part, each in self._columns]
        return [each.write(value, zone, language) for (_, each), value in zip(self._columns, values, strict=True)]


def distinct(names: Sequence[str], headers: Sequence[str]) -> list[str]:
    """Return the headers, the field's own name where another column has the same."""
    return [name if headers.count(header) > 1 else header for name, header in zip(names, headers, strict=True)]


def _columns(flow: Flow[Any]) -> Iterator[tuple[str, SheetColumn]]:
    """Yield of each column in which part of what is shown it is, and what it is; no name twice."""
    shown = flow.shown.model_fields
    own = {name: each.annotation for name, each in shown.items() if name not in LEFT_OUT}
    found = {name: ("", annotation) for name, annotation in own.items()}
    for part in PARTS:
        if part in shown:
            for name, annotation in fields_of(bare(shown[part].annotation)).items():
                found.setdefault(name, (part, annotation))
    for name, (part, annotation) in found.items():
        yield part, column_of(flow.kind, name, annotation, is_told=True)
