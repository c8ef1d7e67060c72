"""The dry run: how much of each class is past its time and would go, and how much of it a hold keeps back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from central.registry import Work
from central.retention import clock, forgetting, holds, keeping, others
from central.retention.forgetting import OfJournals
from central.retention.holds import Held
from central.retention.profiles import cutoff
from central.retention.schemas import DueShown
from central.retention.tables import RetentionMark
from central.sites.existing import existing_site
from central.tables import Edge, JournalEntry, Person, Picture, QuarantinedEntry
from central.workflows.tables import WorkflowRecord


def count(work: Work, site_id: UUID) -> DueShown:
    """Count what would go of a site now, whatever the cap of one run; changes nothing. RegistryError 404."""
    site = existing_site(work, site_id)
    days, held = keeping.days_of(work.session, site.id), holds.held_of(work, site.id)
    before = {what: cutoff(number, work.at) for what, number in days.facts().items()}
    events, kept = _entries(work, site.id, "events", before["events"], held)
    identity, kept_names = _entries(work, site.id, "identity", before["identity"], held)
    return DueShown(
        site=site.id,
        at=work.at,
        fault=clock.shown(work).fault,
        events=events,
        identity=identity,
        pictures=_pictures(work, site.id, before["pictures"], held),
        fragments=_fragments(work, site.id, before["fragments"], held),
        audit=_audit(work, site.id, before["audit"], held),
        held=max(kept, kept_names),
    )


def _entries(work: Work, site_id: UUID, what: OfJournals, before: datetime | None, held: Held) -> tuple[int, int]:
    """Return how many entries would go, and how many are held: with holds each is looked at, else the database counts."""
    if before is None:
        return 0, 0
    going = kept = 0
    for epoch in forgetting.epochs(work.session, site_id):
        mark = work.session.get(RetentionMark, (site_id, what, epoch.edge, epoch.id))
        after = mark.through if mark is not None else 0
        if not held:
            going += sum(_counted(work, table, epoch, after, before) for table in (JournalEntry, QuarantinedEntry))
            continue
        while rows := forgetting.stretch(work.session, epoch, after, forgetting.CHUNK):
            old = [row for row in rows if row.received_at < before]
            holding = sum(held.holds(row.stood) for row in old)
            going, kept, after = going + len(old) - holding, kept + holding, rows[-1].seq
    return going, kept


def _counted(work: Work, table: Any, epoch: forgetting.Epoch, after: int, before: datetime) -> int:
    of_epoch = (table.edge_id == epoch.edge, table.epoch == epoch.id, table.seq > after)
    return work.session.scalar(select(func.count()).select_from(table).where(*of_epoch, table.received_at < before)) or 0


def _pictures(work: Work, site_id: UUID, before: datetime | None, held: Held) -> int:
    if before is None:
        return 0
    row, captures = Picture, others.captures_held(work.session, site_id, held)
    old = select(row.edge_id, row.capture).join(Edge, Edge.id == row.edge_id)
    old = old.where(Edge.site_id == site_id, row.received_at < before)
    if not captures:
        return work.session.scalar(select(func.count()).select_from(old.subquery())) or 0
    return sum((edge, capture) not in captures for edge, capture in work.session.execute(old))


def _fragments(work: Work, site_id: UUID, before: datetime | None, held: Held) -> int:
    if before is None:
        return 0
    persons = select(Person.id).where(*others.gone_persons(site_id, before), Person.id.not_in(held.persons))
    row = WorkflowRecord
    papers = select(row.id).where(*others.past_papers(site_id, before), row.id.not_in(held.records))
    count = sum(work.session.scalar(select(func.count()).select_from(some.subquery())) or 0 for some in (persons, papers))
    return count + len(others.applicants_due(work, site_id, before, held))


def _audit(work: Work, site_id: UUID, before: datetime | None, held: Held) -> int:
    return 0 if before is None else others.audit_due(work, site_id, before, held)
