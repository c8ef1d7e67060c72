"""SQL of the rules stream."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from central.tables import RuleChange, Site


def revision(session: Session, site_id: UUID) -> int:
    """Return the revision that the site's rules are at."""
    return session.scalars(select(Site.revision).where(Site.id == site_id)).one()


def next_revision(session: Session, site: Site) -> int:
    """Count the site's revision up and return it; on PostgreSQL the row's lock puts publishers in line."""
    counted = update(Site).where(Site.id == site.id).values(revision=Site.revision + 1).returning(Site.revision)
    return session.scalars(counted, execution_options={"synchronize_session": False}).one()


def append(session: Session, change: RuleChange) -> None:
    """Add a change; what held until now ends where it begins."""
    session.execute(
        update(RuleChange)
        .where(
            RuleChange.site_id == change.site_id,
            RuleChange.kind == change.kind,
            RuleChange.record_id == change.record_id,
            RuleChange.to_revision.is_(None),
        )
        .values(to_revision=change.from_revision),
        execution_options={"synchronize_session": False},
    )
    session.add(change)


def changes(
    session: Session,
    site_id: UUID,
    gate_id: UUID,
    *,
    since: int | None,
    until: int,
    after: tuple[str, UUID] | None,
    limit: int,
) -> Sequence[RuleChange]:
    """Return what holds at `until`, by kind and id: what began after `since`, or with None all that is not gone."""
    began = RuleChange.data.is_not(None) if since is None else RuleChange.from_revision > since
    query = (
        select(RuleChange)
        .where(
            RuleChange.site_id == site_id,
            or_(RuleChange.gate_id.is_(None), RuleChange.gate_id == gate_id),
            began,
            RuleChange.from_revision <= until,
            or_(RuleChange.to_revision.is_(None), RuleChange.to_revision > until),
        )
        .order_by(RuleChange.kind, RuleChange.record_id)
        .limit(limit)
    )
    if after is not None:
        kind, record_id = after
        query = query.where(or_(RuleChange.kind > kind, and_(RuleChange.kind == kind, RuleChange.record_id > record_id)))
    return session.scalars(query).all()
