"""Keeping what a gate said last of itself."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from access.contract.health import Health, HealthTaken
from central.errors import RegistryError
from central.registry import Work
from central.sync_tables import EdgeHealth
from central.tables import Edge


def take_health(work: Work, edge: Edge, told: Health) -> HealthTaken:
    """Keep it in the place of what was told before; RegistryError 403."""
    if told.edge != edge.id:
        raise RegistryError("this is another edge's health", 403, "edge")
    work.session.merge(EdgeHealth(edge_id=edge.id, at=work.at, data=told.model_dump_json()))
    return HealthTaken(received_us=round(work.at.timestamp() * 1_000_000))


def healths(session: Session) -> Mapping[UUID, Health]:
    """Return what every edge said last, by edge."""
    return {row.edge_id: Health.model_validate_json(row.data) for row in session.scalars(select(EdgeHealth))}
