"""The lanes that a box says it is wired to: made when it enrols, changed only when people have approved the box."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from access.contract.sync import LaneWiring
from central.registry import Work
from central.sites import repository as sites_repository
from central.sites.schemas import LaneWanted
from central.sites.services import lanes
from central.tables import Edge, Lane

WIRED = {"site", "gate", "slug", "lane_kind", "direction"}


def lane_ids(work: Work, site_id: UUID, gate_id: UUID, wirings: Sequence[LaneWiring]) -> dict[str, UUID]:
    """Return the ids of these lanes of a gate by slug, making those that are missing."""
    return {wiring.slug: _existing_or_made(work, site_id, gate_id, wiring) for wiring in wirings}


def rewire(work: Work, edge: Edge) -> None:
    """Make the lanes what the edge is wired as; what the office has set of them stays."""
    for wiring in map(LaneWiring.model_validate, edge.wiring):
        lane = sites_repository.lane_by_slug(work.session, edge.gate_id, wiring.slug)
        if lane is not None:
            wired = _wanted(edge.site_id, edge.gate_id, wiring).model_dump(include=WIRED)
            lanes.change(work, lane.id, LaneWanted.model_validate(_set_by_office(work, lane) | wired))


def _existing_or_made(work: Work, site_id: UUID, gate_id: UUID, wiring: LaneWiring) -> UUID:
    lane = sites_repository.lane_by_slug(work.session, gate_id, wiring.slug)
    return lanes.create(work, _wanted(site_id, gate_id, wiring)).id if lane is None else lane.id


def _wanted(site_id: UUID, gate_id: UUID, wiring: LaneWiring) -> LaneWanted:
    return LaneWanted(
        site=site_id, gate=gate_id, slug=wiring.slug, name=wiring.slug, lane_kind=wiring.kind, direction=wiring.direction
    )


def _set_by_office(work: Work, lane: Lane) -> dict[str, Any]:
    shown = lanes.show(work, lane).model_dump(include=set(LaneWanted.model_fields))
    return shown | {"inner_zone": lane.inner_zone_id, "outer_zone": lane.outer_zone_id}
