"""Edges as people see them."""

import json
from collections.abc import Sequence
from uuid import UUID

from access.contract.signature import fingerprint
from central.edges import repository
from central.edges.schemas import EdgeEventsAsked, EdgeEventShown, EdgesAsked, EdgeShown
from central.errors import RegistryError
from central.journal.repository import count_quarantined
from central.records import repository as records
from central.records.repository import check_in_sight, get
from central.records.schemas import Page
from central.registry import Work
from central.tables import Edge, Gate


def edges(work: Work) -> list[EdgeShown]:
    """Show all edges, oldest first, to who is at the machine."""
    return [shown(work, edge) for edge in repository.edges(work.session, work.actor.site)]


def page(work: Work, asked: EdgesAsked) -> Page[EdgeShown]:
    """Show one page of the edges, oldest first; RegistryError 422 for a gate that the actor does not see."""
    check_in_sight(work, Gate, asked.gate, "gate")
    rows = records.page(work, repository.narrowed(asked), Edge, asked)
    items = [shown(work, edge) for edge in rows[: asked.limit]]
    return Page(items=items, more=items[-1].id if len(rows) > asked.limit else None)


def events(work: Work, edge_id: UUID, asked: EdgeEventsAsked) -> Page[EdgeEventShown]:
    """Show one page of what became of an edge, newest first; RegistryError 404."""
    rows = repository.events(work.session, get(work, Edge, edge_id).id, asked)
    items = [EdgeEventShown.model_validate(event) for event in rows[: asked.limit]]
    return Page(items=items, more=items[-1].id if len(rows) > asked.limit else None)


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
