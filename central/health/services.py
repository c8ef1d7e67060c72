"""Keeping what a gate said last of itself."""

from sqlalchemy import select

from access.contract.health import Health, HealthTaken
from central.errors import RegistryError
from central.health.schemas import HealthAsked, HealthShown
from central.records.repository import check_in_sight, in_sight
from central.records.schemas import Page
from central.registry import Work
from central.rules_changes.services import rules_changes
from central.sync_tables import EdgeHealth
from central.tables import Edge, Gate


def take_health(work: Work, edge: Edge, told: Health) -> HealthTaken:
    """Keep it in the place of what was told before; RegistryError 403."""
    if told.edge != edge.id:
        raise RegistryError("this is another edge's health", 403, "edge")
    work.session.merge(EdgeHealth(edge_id=edge.id, at=work.at, data=told.model_dump_json()))
    rules_changes.note_installed(work, edge, told.revision)
    return HealthTaken(received_us=round(work.at.timestamp() * 1_000_000))


def page(work: Work, asked: HealthAsked) -> Page[HealthShown]:
    """Show one page of what the edges said last; RegistryError 422 for a gate that the actor does not see."""
    check_in_sight(work, Gate, asked.gate, "gate")
    query = select(EdgeHealth, Edge).join(Edge, Edge.id == EdgeHealth.edge_id).where(in_sight(work, Edge.site_id))
    for column, wanted in ((Edge.site_id, asked.site), (Edge.gate_id, asked.gate), (Edge.status, asked.status)):
        query = query if wanted is None else query.where(column == wanted)
    if asked.silent_since is not None:
        query = query.where(EdgeHealth.at < asked.silent_since)
    if asked.after is not None:
        query = query.where(Edge.id > asked.after)
    rows = work.session.execute(query.order_by(Edge.id).limit(asked.limit + 1)).all()
    items = [_shown(row, edge) for row, edge in rows[: asked.limit]]
    return Page(items=items, more=items[-1].edge if len(rows) > asked.limit else None)


def _shown(row: EdgeHealth, edge: Edge) -> HealthShown:
    health = Health.model_validate_json(row.data)
    return HealthShown(edge=edge.id, site=edge.site_id, gate=edge.gate_id, received_at=row.at, health=health)
