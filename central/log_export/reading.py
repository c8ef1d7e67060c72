"""The rows of an export, chunk by chunk: each a short read of its own, so that nobody who reads slowly holds the database."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from central.actors import Actor
from central.files.writing import Cell
from central.log import repository, services
from central.log.schemas import Row, Search
from central.log.searching import find
from central.log_export.cells import Names, cells
from central.registry import Registry, Work
from central.replica import BehindError
from central.tables import Gate, JournalEntry, Lane, Site

CHUNK: Final = 500
# Of counting, where a row is no more than its time and id.
COUNTED_AT_ONCE: Final = 20_000


class StoppedError(Exception):
    """Whoever wanted the rows does not any more."""


class _Chunk(NamedTuple):
    rows: list[list[Cell]]
    more: str | None
    moment: datetime


def whole(wanted: Search) -> Search:
    """Return a search of all pages."""
    return wanted.model_copy(update={"older": None, "newer": None})


class LogRows:
    """All rows that a search finds, newest first, as cells; what came to the registry after the first chunk is left out.

    `before_each` is told before each chunk how many rows there were so far, and may raise to stop.
    """

    def __init__(
        self,
        registry: Registry,
        actor: Actor,
        wanted: Search,
        language: str,
        before_each: Callable[[int], None] = lambda _done: None,
    ) -> None:
        self._registry, self._actor, self._wanted, self._language = registry, actor, whole(wanted), language
        self._before_each = before_each
        self._names = Names({}, {})
        self.done = 0

    def __iter__(self) -> Iterator[list[Cell]]:
        """Yield the rows; StoppedError where nobody wants them any more."""
        after: str | None = None
        moment: datetime | None = None
        while True:
            self._before_each(self.done)
            rows, after, moment = self._chunk(after, moment)
            for row in rows:
                self.done += 1
                yield row
            if after is None:
                self._before_each(self.done)
                return

    def _chunk(self, after: str | None, moment: datetime | None) -> _Chunk:
        def read(work: Work) -> _Chunk:
            if moment is not None and work.as_of is not None and work.as_of < moment:
                raise BehindError  # the replica does not have all that was there as the export began
            wanted = self._wanted.model_copy(update={"older": after})
            found = repository.search(work, wanted, CHUNK)
            # A clock that was set back does not hide what is here.
            bound = moment or max([work.as_of or work.at, *(row.received_at for row in found)])
            kept = [row for row in found if row.received_at <= bound]
            more = services.cursor(found[-1]) if len(found) == CHUNK else None
            return _Chunk(self._cells(work, kept), more, bound)

        return self._registry.searched(self._actor, read)

    def _cells(self, work: Work, found: Sequence[JournalEntry]) -> list[list[Cell]]:
        rows = services.rows_of(work, found)
        self._names = _named(work, self._names, rows)
        return [cells(row, self._names, self._language) for row in rows]


def count(registry: Registry, actor: Actor, wanted: Search, before_each: Callable[[int], None] = lambda _done: None) -> int:
    """Return how many rows a search finds, counted in short reads as well."""
    total, after = 0, None
    while True:
        before_each(0)
        older = whole(wanted).model_copy(update={"older": after})
        keys = registry.searched(actor, lambda work, older=older: find(work, older, COUNTED_AT_ONCE))  # type: ignore[misc]
        total += len(keys)
        if len(keys) < COUNTED_AT_ONCE:
            return total
        at_us, identity = min(keys)
        after = f"{at_us}-{identity.hex}"


def has_more(work: Work, wanted: Search, most: int) -> bool:
    """Tell whether a search finds more rows than that."""
    return len(find(work, whole(wanted), most + 1)) > most


def _named(work: Work, known: Names, rows: Sequence[Row]) -> Names:
    """Return the names, with those of places that were not met before."""
    called, zones = dict(known.called), dict(known.zones)
    met: set[UUID] = {place for row in rows for place in (row.gate, row.lane) if place is not None} - called.keys()
    if met:
        for table in (Gate, Lane):
            called |= {one.id: one.name for one in work.session.execute(select(table.id, table.name).where(table.id.in_(met)))}
        called = dict.fromkeys(met, "") | called
    if sites := {row.site for row in rows} - zones.keys():
        for site in work.session.execute(select(Site.id, Site.name, Site.zone).where(Site.id.in_(sites))):
            called[site.id], zones[site.id] = site.name, ZoneInfo(site.zone)
    return Names(called, zones)
