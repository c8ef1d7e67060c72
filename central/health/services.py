"""Keeping what a gate said last of itself."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select

from access.contract.health import Health, HealthTaken
from central.errors import RegistryError
from central.records.repository import in_sight
from central.registry import Work
from central.rules_changes.services import rules_changes
from central.sync_tables import EdgeHealth
from central.tables import Edge


def take_health(work: Work, edge: Edge, told: Health) -> HealthTaken:
    """Keep it in the place of what was told before; RegistryError 403."""
    if told.edge != edge.id:
        raise RegistryError("this is another edge's health", 403, "edge")
    work.session.merge(EdgeHealth(edge_id=edge.id, at=work.at, data=told.model_dump_json()))
    rules_changes.note_installed(work, edge, told.revision)
    return HealthTaken(received_us=round(work.at.timestamp() * 1_000_000))


def healths(work: Work) -> Mapping[UUID, Health]:
    """Return what every edge said last, by edge."""
    query = select(EdgeHealth).join(Edge, Edge.id == EdgeHealth.edge_id).where(in_sight(work, Edge.site_id))
    return {row.edge_id: Health.model_validate_json(row.data) for row in work.session.scalars(query)}
