"""Edges as people see them."""

import json
from collections.abc import Sequence
from uuid import UUID

from access.contract.signature import fingerprint
from central.edges import repository
from central.edges.schemas import EdgeEventShown, EdgeShown
from central.errors import RegistryError
from central.journal.repository import count_quarantined
from central.records.repository import get
from central.registry import Work
from central.tables import Edge

EVENTS_MAX = 200


def edges(work: Work) -> list[EdgeShown]:
    """Show all edges, oldest first: a site has few."""
    return [shown(work, edge) for edge in repository.edges(work.session, work.actor.site)]


def events(work: Work, edge_id: UUID) -> list[EdgeEventShown]:
    """Show what became of an edge, newest first; RegistryError 404."""
    edge = get(work, Edge, edge_id)
    return [EdgeEventShown.model_validate(event) for event in repository.events(work.session, edge.id, EVENTS_MAX)]


def shown(work: Work, edge: Edge) -> EdgeShown:
    """Show one edge with what it said last of how it is."""
    health = repository.health(work.session, edge.id)
    return EdgeShown(
        id=edge.id,
        site_id=edge.site_id,
        gate_id=edge.gate_id,
        name=edge.name,
        status=edge.status,
        note=edge.note,
        fingerprint=fingerprint(edge.public_key),
        enrolled_at=edge.enrolled_at,
        approved_at=edge.approved_at,
        last_seen_at=edge.last_seen_at,
        health=health and json.loads(health.data),
        health_at=health and health.at,
        parked=count_quarantined(work.session, edge.id),
    )


def in_a_line(edge: EdgeShown) -> str:
    """Tell an edge in one line, with the backlog that it named last, and what of its entries could not be taken in."""
    waiting = (edge.health or {}).get("waiting")
    backlog = f"{waiting} entries wait" if waiting else ""
    parked = f"{edge.parked} parked" if edge.parked else ""
    parts = (edge.name, edge.status, edge.fingerprint, edge.last_seen_at or "never seen", backlog, parked, edge.note)
    return " · ".join(str(part) for part in parts if part)


def named(work: Work, text: str) -> Edge:
    """Return the edge with this id, or the only one with this name; RegistryError 404, and 409 where several have it."""
    found = _matching(repository.edges(work.session, work.actor.site), text)
    if not found:
        raise RegistryError("there is no edge {name}", 404, "edge", name=text)
    if len(found) > 1:
        ids = ", ".join(f"{edge.id} ({edge.status})" for edge in found)
        raise RegistryError("several edges are called {name}: name one by its id: {ids}", 409, "edge", name=text, ids=ids)
    return found[0]


def _matching(known: Sequence[Edge], text: str) -> list[Edge]:
    by_id = [edge for edge in known if str(edge.id) == text.lower()]
    return by_id or [edge for edge in known if edge.name == text]
