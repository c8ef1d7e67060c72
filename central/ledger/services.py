"""The ledger as people look at it and sign it off."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import selectinload

from central.audit import services as audit
from central.errors import RegistryError
from central.ledger import told, words
from central.ledger.findings import KINDS, SEVERITIES
from central.ledger.schemas import ConflictCounts, ConflictsAsked, ConflictSigned, ConflictWhole, ContradictionShown, CountsAsked
from central.ledger.tables import Conflict, ConflictEntry
from central.log.services import utc_of
from central.records import repository as records
from central.records.concurrency import check_seen
from central.records.schemas import Page
from central.registry import Work
from central.tables import Gate, Site

KIND: Final = "conflict"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def page(work: Work, asked: ConflictsAsked) -> Page[ContradictionShown]:
    """Show one page, newest found first; RegistryError 422 for a gate beyond the actor's bounds."""
    records.check_in_sight(work, Gate, asked.gate, "gate")
    row = Conflict
    query = select(row).where(*_of_sites(work, asked.site), *_narrowed(asked)).options(selectinload(row.entries))
    if asked.after is not None:
        query = query.where(row.id < asked.after)
    rows = work.session.scalars(query.order_by(row.id.desc()).limit(asked.limit + 1)).all()
    zones = _zones(work)
    items = [ContradictionShown(**_facts(each, zones[each.site_id])) for each in rows[: asked.limit]]
    return Page(items=items, more=items[-1].id if len(rows) > asked.limit else None)


def get(work: Work, record_id: UUID) -> ConflictWhole:
    """Show one with both stories; RegistryError 404."""
    return _whole(work, records.get(work, Conflict, record_id))


def counts(work: Work, asked: CountsAsked) -> ConflictCounts:
    """Count what waits to be signed off."""
    row = Conflict
    query = select(row.kind, row.severity, func.count(), func.min(row.found_at)).where(*_of_sites(work, asked.site))
    found = work.session.execute(query.where(row.state == "open").group_by(row.kind, row.severity)).all()
    return ConflictCounts(
        open=sum(count for _, _, count, _ in found),
        by_severity={each: sum(count for _, severity, count, _ in found if severity == each) for each in SEVERITIES},
        by_kind={each: sum(count for kind, _, count, _ in found if kind == each) for each in KINDS},
        oldest_found_at=min((first for *_, first in found), default=None),
    )


def sign_off(work: Work, record_id: UUID, wanted: ConflictSigned, seen: int | None = None) -> ConflictWhole:
    """Sign it off, with words; RegistryError 404, and 409 where that was done, or it is not as it was `seen` (None: any)."""
    row = records.get(work, Conflict, record_id, changing=True)
    if row.state == "signed":
        raise RegistryError("this was signed off already, by {name}", 409, "state", name=row.signed_by)
    check_seen(work, KIND, row.id, {"version": row.version, "state": row.state}, seen, wanted.model_dump(mode="json"))
    before = {"state": row.state, "words": row.words}
    row.state, row.words = "signed", wanted.words
    row.signed_at, row.signed_by, row.signed_role = work.at, str(work.actor.person or work.actor.name), work.actor.role
    row.version += 1
    after = {"state": row.state, "words": row.words}
    audit.note(work, KIND, row.id, row.site_id, "signed", version=row.version, before=before, after=after)
    work.session.flush()
    return _whole(work, row)


def _of_sites(work: Work, site: UUID | None) -> list[ColumnElement[bool]]:
    return [Conflict.site_id == each for each in {site, work.actor.site} - {None}]


def _narrowed(asked: ConflictsAsked) -> list[ColumnElement[bool]]:
    row, entry = Conflict, ConflictEntry
    given = {row.state: asked.state, row.kind: asked.kind, row.severity: asked.severity}
    conditions = [column == value for column, value in given.items() if value is not None]
    if asked.gate is not None:
        conditions.append(exists().where(entry.conflict_id == row.id, entry.gate_id == asked.gate))
    if asked.since is not None:
        conditions.append(row.at_us >= _us(asked.since))
    if asked.until is not None:
        conditions.append(row.at_us < _us(asked.until))
    return conditions


def _us(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def _zones(work: Work) -> dict[UUID, ZoneInfo]:
    return {site: ZoneInfo(zone) for site, zone in work.session.execute(select(Site.id, Site.zone))}


def _whole(work: Work, row: Conflict) -> ConflictWhole:
    zone = ZoneInfo(work.session.get_one(Site, row.site_id).zone)
    return ConflictWhole(**_facts(row, zone), stories=told.stories(work, row))


def _facts(row: Conflict, zone: ZoneInfo) -> dict[str, Any]:
    same = ("id", "site_id", "version", "kind", "severity", "state", "round", "found_at", "changed_at")
    signed = ("signed_at", "signed_by", "signed_role", "words")
    return {
        **{name: getattr(row, name) for name in (*same, *signed)},
        "kind_words": told.in_both(words.KINDS, row.kind),
        "severity_words": told.in_both(words.SEVERITIES, row.severity),
        "state_words": told.in_both(words.STATES, row.state),
        "sentence": told.sentence(row, zone),
        "gates": told.gates_of(row.entries),
        "at": utc_of(row.at_us),
    }
