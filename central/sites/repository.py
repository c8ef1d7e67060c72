"""SQL of sites, gates and lanes."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from central.places.tables import SitePlan, SiteSettingsRow
from central.privacy.tables import PrivacySettingsRow
from central.records.tables import Counter
from central.retention.tables import RetentionProfile
from central.sites.schemas import SitesAsked
from central.tables import Edge, Gate, Lane, RuleChange, RuleMark, Site


def get_site(session: Session, site_id: UUID, *, changing: bool = False) -> Site | None:
    """Return a site by id, locked where it is to be changed."""
    return session.get(Site, site_id, with_for_update=changing or None, populate_existing=changing)


def site_by_slug(session: Session, slug: str) -> Site | None:
    """Return a site by its slug."""
    return session.scalars(select(Site).where(Site.slug == slug)).one_or_none()


def sites(session: Session, after: UUID | None, limit: int) -> Sequence[Site]:
    """Return up to `limit` sites in the order of their ids, behind `after`."""
    query = select(Site).order_by(Site.id).limit(limit)
    return session.scalars(query if after is None else query.where(Site.id > after)).all()


def page(session: Session, asked: SitesAsked, only: UUID | None) -> Sequence[Site]:
    """Return up to one more than `asked.limit` sites by their ids, behind `asked.after`; `only` this one if given."""
    query = select(Site).order_by(Site.id).limit(asked.limit + 1)
    if asked.after is not None:
        query = query.where(Site.id > asked.after)
    for site_id in {asked.site, only} - {None}:
        query = query.where(Site.id == site_id)
    return session.scalars(query if asked.slug is None else query.where(Site.slug == asked.slug)).all()


def delete_site(session: Session, site: Site) -> None:
    """Delete a site with its settings, plan and the history of its own record; what else still refers to it forbids it."""
    for table in (RuleChange, RuleMark, Counter, SiteSettingsRow, SitePlan, RetentionProfile, PrivacySettingsRow):
        session.execute(delete(table).where(table.site_id == site.id))
    session.delete(site)


def gate_by_slug(session: Session, site_id: UUID, slug: str) -> Gate | None:
    """Return a gate of the site by its slug."""
    return session.scalars(select(Gate).where(Gate.site_id == site_id, Gate.slug == slug)).one_or_none()


def has_edges(session: Session, gate_id: UUID) -> bool:
    """Tell whether a box was ever enrolled for a gate; asked without waiting for boxes that somebody has locked."""
    return session.scalars(select(exists().where(Edge.gate_id == gate_id))).one()


def gates(session: Session) -> Sequence[Gate]:
    """Return all gates, by name: there are few."""
    return session.scalars(select(Gate).order_by(Gate.name, Gate.id)).all()


def lanes(session: Session, gate_id: UUID | None = None) -> Sequence[Lane]:
    """Return the lanes of a gate, or of all gates, by slug."""
    query = select(Lane).order_by(Lane.gate_id, Lane.slug)
    return session.scalars(query if gate_id is None else query.where(Lane.gate_id == gate_id)).all()


def lane_by_slug(session: Session, gate_id: UUID, slug: str) -> Lane | None:
    """Return a lane of the gate by its slug."""
    return session.scalars(select(Lane).where(Lane.gate_id == gate_id, Lane.slug == slug)).one_or_none()
