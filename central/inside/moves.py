"""Who came and went in a time, read from the log page by page: passages that ended with somebody through, and guards' acts."""

import heapq
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.orm import Session

from access.acting.visits import visitor_at
from access.presence import OUTSIDE
from access.sealing import Opened, unseal
from central.inside.repository import IS_LOGGED, KEYS_PER_QUERY, AnyRow
from central.inside.stays import Move, Way
from central.journal.projection import as_id
from central.ledger.marks import changes_of
from central.records.many import among
from central.tables import JournalEntry, Lane

PASSAGE: Final = "passage"
ACTS: Final = ("pass", "visit")
CAME: Final = frozenset({"HostAgreed", "VisitorsArrived", "WorkerEntered"})
WENT: Final = frozenset({"VisitorsLeft", "WorkerLeft"})
PARTY_MAX: Final = 200
# How far back the entry of an exit is looked for, and among how many decisions on the same subject.
LOOKED_BACK: Final = timedelta(days=400)
LOOKED_THROUGH: Final = 20

_COLUMNS: Final = (
    JournalEntry.at_us,
    JournalEntry.id,
    JournalEntry.site_id,
    JournalEntry.gate_id,
    JournalEntry.lane_id,
    JournalEntry.edge_id,
    JournalEntry.kind,
    JournalEntry.passage,
    JournalEntry.reason,
    JournalEntry.category,
    JournalEntry.plate,
    JournalEntry.card,
    JournalEntry.person_id,
    JournalEntry.record_id,
)
_BYTES: Final = (JournalEntry.canonical, JournalEntry.personal)


class Span(NamedTuple):
    """A time (UTC us, up to but not including `until`) of some sites."""

    sites: Sequence[UUID]
    since: int
    until: int


@dataclass(slots=True)
class Reader:
    """Reads moves; `read` counts the entries that it looked at."""

    session: Session
    read: int = 0
    _outer: dict[UUID, bool] = field(default_factory=dict)
    _seen: set[UUID] = field(default_factory=set)

    def moves(self, span: Span) -> Iterator[Move]:
        """Yield the moves of decisions and acts of a time, in order: only a page and who was on the way are held in memory."""
        waiting: list[tuple[tuple[int, UUID, str, int], Move]] = []
        for page in self._pages(span):
            for n, move in enumerate(self.of(page)):
                heapq.heappush(waiting, ((*move.place, move.subject, n), move))
            # A passage ends after its decision: so nothing earlier can come any more.
            while waiting and waiting[0][1].at_us < page[-1].at_us:
                yield heapq.heappop(waiting)[1]
        while waiting:
            yield heapq.heappop(waiting)[1]

    def last_before(self, move: Move, decision: AnyRow, since: int) -> Move | None:
        """Return the last move of the same subject before a time, by what was shown then; None where none is found."""
        found: list[Move] = []
        for condition in _same(decision, move):
            query = select(*_COLUMNS).where(condition, JournalEntry.site_id == move.site, JournalEntry.at_us < since)
            query = query.where(JournalEntry.at_us >= since - LOOKED_BACK // timedelta(microseconds=1))
            rows = self.session.execute(query.order_by(JournalEntry.at_us.desc(), JournalEntry.id.desc()).limit(LOOKED_THROUGH))
            found += [one for one in Reader(self.session).of(rows.all()) if one.subject == move.subject]
        return max((one for one in found if one.at_us < move.at_us), key=lambda one: one.place, default=None)

    def decisions(self, ids: Iterable[UUID]) -> dict[UUID, AnyRow]:
        """Return what is asked of decisions, by their ids."""
        return {row.id: row for row in _each(self.session, (*_COLUMNS, *_BYTES), JournalEntry.id, list(ids))}

    def _pages(self, span: Span) -> Iterator[Sequence[AnyRow]]:
        for site in span.sites:
            behind: tuple[int, UUID] | None = None
            while page := self._page(site, span, behind):
                yield page
                behind = (page[-1].at_us, page[-1].id)

    def _page(self, site: UUID, span: Span, behind: tuple[int, UUID] | None) -> Sequence[AnyRow]:
        row = JournalEntry
        query = select(*_COLUMNS).where(row.site_id == site, IS_LOGGED, row.at_us >= span.since, row.at_us < span.until)
        if behind is not None:
            query = query.where(tuple_(row.at_us, row.id) > behind)
        page = self.session.execute(query.order_by(row.at_us, row.id).limit(KEYS_PER_QUERY)).all()
        self.read += len(page)
        return page

    def of(self, rows: Sequence[AnyRow]) -> Iterator[Move]:
        """Yield the moves of these decisions and acts, each passage once."""
        decided = _decided(rows)
        edges = {edge for edge, _ in decided}
        passages = {passage for _, passage in decided}
        wanted = (JournalEntry.edge_id.in_(edges), JournalEntry.kind == PASSAGE)
        columns = (JournalEntry.passage, *_COLUMNS[:6], JournalEntry.canonical)
        ends = [
            one
            for one in _each(self.session, columns, JournalEntry.passage, list(passages), *wanted)
            if (one.edge_id, one.passage) in decided and one.id not in self._seen
        ]
        self._learn_lanes({one.lane_id for one in ends if one.lane_id is not None})
        for end in ends:
            self._seen.add(end.id)
            yield from self._of_passage(end, decided[end.edge_id, end.passage])
        acts = {row.id: row for row in rows if row.kind in ACTS and row.reason in CAME | WENT}
        for act in _each(self.session, (JournalEntry.id, JournalEntry.canonical), JournalEntry.id, list(acts)):
            yield from _of_act(acts[act.id], unseal(act.canonical))

    def _of_passage(self, end: AnyRow, decision: AnyRow) -> Iterator[Move]:
        opened = unseal(end.canonical)
        way = self._way(end.lane_id, str(opened.fields.get("direction")))
        for subject, zone, shared in moved(opened.fields):
            out = zone == OUTSIDE
            if out or way == "in":
                yield Move(
                    end.site_id,
                    subject,
                    "out" if out else "in",
                    end.at_us,
                    end.id,
                    end.gate_id,
                    end.lane_id,
                    decision.category or "",
                    decision.id,
                    shared,
                )

    def _way(self, lane: UUID | None, direction: str) -> Way | None:
        """Return "in" for who comes onto the site; between zones of it nobody does."""
        if direction == "in" and (lane is None or self._outer.get(lane, True)):
            return "in"
        return None

    def _learn_lanes(self, lanes: Collection[UUID]) -> None:
        unknown = [lane for lane in lanes if lane not in self._outer]
        if unknown:
            query = select(Lane.id, Lane.outer_zone_id).where(among(self.session, Lane.id, unknown))
            self._outer |= {one.id: one.outer_zone_id is None for one in self.session.execute(query)}


def moved(fields: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """Yield whom a passage moved: name, the zone that they are in now, and whether several may bear the name.

    Who hands in or gets back the duplicate of a pass goes by the pass, as where a guard lets them in and out.
    """
    found: list[tuple[str, str, bool]] = []
    for how, name, value, _ in changes_of(fields):
        family, _, of = name.partition(":")
        if family == "at" and how == "set" and isinstance(value, list | tuple) and value and isinstance(value[0], str):
            found.append((of, value[0], False))
        elif family == "held" and how in ("set", "drop") and found:
            found[-1] = (f"pass:{of}", found[-1][1], False)
        elif family == "party" and found and found[-1][0] == visitor_at(of).partition(":")[2]:
            found[-1] = (found[-1][0], found[-1][1], True)
    return iter(found)


def _of_act(row: AnyRow, opened: Opened) -> Iterator[Move]:
    """Yield who was let in or out by a guard where no reader is; an act that changed nothing moved nobody."""
    if not opened.fields.get("facts"):
        return
    identity, is_visit = str(opened.fields.get("identity", "")), row.kind == "visit"
    subject = visitor_at(identity).partition(":")[2] if is_visit else f"pass:{identity}"
    values = opened.fields.get("values")
    people = values.get("people", 1) if is_visit and isinstance(values, Mapping) else 1
    way: Way = "in" if row.reason in CAME else "out"
    category = "visitor" if is_visit else "contractor"
    for _ in range(min(people, PARTY_MAX) if isinstance(people, int) else 1):
        yield Move(row.site_id, subject, way, row.at_us, row.id, row.gate_id, row.lane_id, category, row.id, shared=is_visit)


def _decided(rows: Sequence[AnyRow]) -> dict[tuple[UUID, str], AnyRow]:
    """Return the decision that says most of who passes, by edge and passage."""
    found: dict[tuple[UUID, str], AnyRow] = {}
    for row in rows:
        if row.kind == "decision" and row.passage is not None:
            key = (row.edge_id, row.passage)
            if key not in found or _told(row) >= _told(found[key]):
                found[key] = row
    return found


def _told(row: AnyRow) -> int:
    return sum(value is not None for value in (row.plate, row.card, row.person_id, row.record_id)) + bool(row.category)


def _same(decision: AnyRow, move: Move) -> Iterator[ColumnElement[bool]]:
    """Yield by what else the same subject may have been decided on."""
    row = JournalEntry
    record = as_id(move.subject.removeprefix("pass:")) if move.subject.startswith("pass:") else decision.record_id
    for column, value in (
        (row.plate, decision.plate),
        (row.person_id, decision.person_id),
        (row.card, decision.card),
        (row.record_id, record),
    ):
        if value is not None:
            yield column == value


def _each(
    session: Session, columns: Sequence[Any], column: Any, values: Sequence[Any], *conditions: ColumnElement[bool]
) -> Iterator[AnyRow]:
    for at in range(0, len(values), KEYS_PER_QUERY):
        part = values[at : at + KEYS_PER_QUERY]
        yield from session.execute(select(*columns).where(among(session, column, part), *conditions))
