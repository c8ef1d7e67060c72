"""All that is known of a plate, person or card, newest first: at gates, with visits, passes and slips, in the registry."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from heapq import nlargest
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, literal, or_, select, tuple_
from sqlalchemy.types import Uuid

from access.words import LANGUAGES, worded
from access.workflows.words import EVENTS
from central.audit.tables import AuditEntry
from central.errors import RegistryError
from central.inside import subjects
from central.inside.repository import IS_LOGGED
from central.inside.schemas import TimelineAsked, TimelineItem, TimelinePage
from central.inside.services import credential_in
from central.inside.subjects import Subject
from central.log.searching import sites_in_sight
from central.log.services import EPOCH, opened_by, tales_of, utc_of
from central.log.words import explained
from central.records.many import among
from central.records.repository import site as check_site
from central.registry import Work
from central.tables import JournalEntry
from central.users.rights import RIGHTS, Area
from central.workflows.tables import WorkflowEvent, WorkflowRecord

US: Final = timedelta(microseconds=1)
_LAST: Final = datetime(9999, 12, 31, tzinfo=UTC)
Key = tuple[int, UUID]
# In which area the records of a workflow are; of others nothing is told.
AREAS: Final[Mapping[str, Area]] = {
    "visit": "visits",
    "contractor_pass": "contractors",
    "permit": "contractors",
    "release_slip": "goods",
    "office_key": "keys",
    "card": "cards",
}
_DECIDED: Final = ("decision", "passage")


class Bounds(NamedTuple):
    """Which part of the timeline is read: below a key, in a time, so many of each source."""

    below: Key | None
    since: int | None
    until: int | None
    limit: int


def timeline(work: Work, asked: TimelineAsked) -> TimelinePage:
    """Return one page of what happened to a plate, person or card; RegistryError 422 for none of these, or several."""
    if sum(map(bool, (asked.plate, asked.person, asked.card))) != 1:
        raise RegistryError("ask for a plate, a person or a card: for one of them", 422, "plate")
    if asked.site is not None:
        check_site(work, asked.site)
    found = subjects.found(work, asked, sites_in_sight(work, asked.site))
    bounds = Bounds(_cursor(asked.older), _us(asked.since), _us(asked.until), asked.limit + 1)
    may = _Rights(work.actor.role)
    rows: dict[Key, Any] = {}
    for source in _sources(work, found, bounds, asked, may):
        for key, row in source:
            rows.setdefault(key, row)
    keys = nlargest(bounds.limit, rows)
    page = keys[: asked.limit]
    items = _shown(work, [rows[key] for key in page], found.records)
    wanted = [one for one in items if not asked.kind or one.kind in asked.kind]
    older = f"{page[-1][0]}-{page[-1][1].hex}" if len(keys) > asked.limit else None
    return TimelinePage(items=wanted, older=older, left_out=may.left_out(found.records.values()))


class _Rights:
    """What of a timeline a role may read besides the log."""

    def __init__(self, role: str) -> None:
        self._role = role

    def reads(self, area: Area) -> bool:
        return self._role in RIGHTS[area].read

    def records(self, known: Collection[WorkflowRecord]) -> list[UUID]:
        return [one.id for one in known if (area := AREAS.get(one.workflow)) and self.reads(area)]

    def left_out(self, known: Collection[WorkflowRecord]) -> list[str]:
        areas = {area for one in known if (area := AREAS.get(one.workflow)) and not self.reads(area)}
        return sorted(areas | (set() if self.reads("audit") else {"audit"}))


Rows = Sequence[tuple[Key, Any]]


def _sources(work: Work, found: Subject, bounds: Bounds, asked: TimelineAsked, may: _Rights) -> Iterator[Rows]:
    for condition in found.conditions:
        yield _entries(work, condition, found.sites, bounds, asked)
    if not asked.kind or "event" in asked.kind:
        yield _events(work, may.records(found.records.values()), bounds)
    if may.reads("audit") and (not asked.kind or "change" in asked.kind):
        yield _changes(work, found, bounds)


def _entries(work: Work, condition: ColumnElement[bool], sites: Sequence[UUID], bounds: Bounds, asked: TimelineAsked) -> Rows:
    row = JournalEntry
    query = select(row).where(condition, IS_LOGGED, row.site_id.in_(sites), *_within(row.at_us, row.id, bounds))
    if asked.kind:
        kinds = {"decision" if kind in _DECIDED else kind for kind in asked.kind}
        query = query.where(row.kind.in_(sorted(kinds)))
    found = work.session.scalars(query.order_by(row.at_us.desc(), row.id.desc()).limit(bounds.limit))
    return [((one.at_us, one.id), one) for one in found]


def _events(work: Work, records: Sequence[UUID], bounds: Bounds) -> Rows:
    if not records:
        return []
    row = WorkflowEvent
    query = select(row).where(among(work.session, row.record_id, records))
    if bounds.since is not None:
        query = query.where(row.at >= utc_of(bounds.since))
    if bounds.until is not None:
        query = query.where(row.at < utc_of(bounds.until))
    if bounds.below is not None:
        at = utc_of(bounds.below[0])
        query = query.where(or_(row.at < at, (row.at == at) & (row.id < bounds.below[1])))
    found = work.session.scalars(query.order_by(row.at.desc(), row.id.desc()).limit(bounds.limit))
    return [(((one.at - EPOCH) // US, one.id), one) for one in found]


def _changes(work: Work, found: Subject, bounds: Bounds) -> Rows:
    if not found.changed:
        return []
    row = AuditEntry
    query = select(row).where(among(work.session, row.record_id, sorted(found.changed)), row.site_id.in_(found.sites))
    query = query.where(row.kind.in_(subjects.KINDS), *_within(row.at_us, row.id, bounds))
    rows = work.session.scalars(query.order_by(row.at_us.desc(), row.id.desc()).limit(bounds.limit))
    return [((one.at_us, one.id), one) for one in rows]


def _within(at_us: Any, identity: Any, bounds: Bounds) -> Iterator[ColumnElement[bool]]:
    if bounds.since is not None:
        yield at_us >= bounds.since
    if bounds.until is not None:
        yield at_us < bounds.until
    if bounds.below is not None:
        yield tuple_(at_us, identity) < tuple_(literal(bounds.below[0]), literal(bounds.below[1], Uuid()))


# --- showing --------------------------------------------------------------------------------------


def _shown(work: Work, rows: Sequence[Any], records: Mapping[UUID, WorkflowRecord]) -> list[TimelineItem]:
    entries = [row for row in rows if isinstance(row, JournalEntry)]
    tales = tales_of(work, entries)
    results = _results(work, entries)
    named = {**records, **_named(work, {row.record_id for row in entries if row.record_id is not None} - records.keys())}
    items = []
    for row in rows:
        if isinstance(row, JournalEntry):
            passage = (row.edge_id, row.passage or "")
            tale = tales.get(passage)
            items.append(_entry(work, row, tale.story if tale else {}, results.get(passage, ""), named))
        else:
            items.append(_event(row, records[row.record_id]) if isinstance(row, WorkflowEvent) else _change(row))
    return items


def _named(work: Work, ids: Collection[UUID]) -> dict[UUID, WorkflowRecord]:
    if not ids:
        return {}
    query = select(WorkflowRecord).where(among(work.session, WorkflowRecord.id, sorted(ids)))
    return {one.id: one for one in work.session.scalars(query) if work.actor.sees(one.site_id)}


def _results(work: Work, entries: Sequence[JournalEntry]) -> dict[tuple[UUID, str], str]:
    """Return how the passages of these entries ended, of those that have."""
    passages = {(row.edge_id, row.passage) for row in entries if row.passage is not None}
    if not passages:
        return {}
    row = JournalEntry
    query = select(row).where(row.passage.in_({passage for _, passage in passages}), row.kind == "passage")
    ends = work.session.scalars(query.where(row.edge_id.in_({edge for edge, _ in passages})))
    return {(end.edge_id, end.passage or ""): str(opened_by(work, end).fields.get("result", "")) for end in ends}


def _entry(
    work: Work, row: JournalEntry, story: dict[str, str], result: str, records: Mapping[UUID, WorkflowRecord]
) -> TimelineItem:
    fields = opened_by(work, row).fields
    record = records.get(row.record_id) if row.record_id is not None else None
    return TimelineItem(
        id=row.id,
        at=utc_of(row.at_us),
        kind="passage" if row.kind == "decision" and result else row.kind,
        site=row.site_id,
        gate=row.gate_id,
        lane=row.lane_id,
        act=row.outcome or str(fields.get("act") or ""),
        reason=row.reason or "",
        result=result,
        by=str(fields.get("guard_name") or row.guard or ""),
        workflow=record.workflow if record else "",
        record=row.record_id,
        number=record.number if record else "",
        credential=credential_in(fields),
        sentence=explained(row.kind, fields),
        story=story,
        facts={},
    )


def _event(row: WorkflowEvent, record: WorkflowRecord) -> TimelineItem:
    return TimelineItem(
        **_of_registry(row.id, row.at, "event", record.site_id),
        act=row.name,
        reason="",
        by=row.by_name,
        workflow=record.workflow,
        record=record.id,
        number=record.number,
        sentence={language: worded(EVENTS, row.name, language) for language in LANGUAGES},
        facts=json.loads(row.data),
    )


def _change(row: AuditEntry) -> TimelineItem:
    return TimelineItem(
        **_of_registry(row.id, utc_of(row.at_us), "change", row.site_id),
        act=row.act,
        reason=row.reason,
        by=row.by_name,
        workflow=row.kind,
        record=row.record_id,
        number="",
        sentence={},
        facts={"before": row.before or {}, "after": row.after or {}},
    )


def _of_registry(identity: UUID, at: datetime, kind: str, site: UUID | None) -> dict[str, Any]:
    place: dict[str, Any] = {"gate": None, "lane": None, "result": "", "credential": "", "story": {}}
    return {"id": identity, "at": at, "kind": kind, "site": site, **place}


def _cursor(cursor: str | None) -> Key | None:
    if cursor is None:
        return None
    at_us, _, identity = cursor.partition("-")
    latest = (_LAST - EPOCH) // US
    return min(int(at_us), latest), UUID(identity)


def _us(at: datetime | None) -> int | None:
    return None if at is None else (at - EPOCH) // US
