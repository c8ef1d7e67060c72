"""Routes of sites, gates and lanes."""

from uuid import UUID

from fastapi import APIRouter, Depends

from central.records.schemas import AskedQuery, Page
from central.registry import TheRegistry
from central.sites import services
from central.sites.schemas import GateShown, GateWanted, LaneShown, LaneWanted, SiteShown, SiteWanted
from central.sites.services import gates, lanes
from central.users.access import allow

router = APIRouter(tags=["sites"], dependencies=[Depends(allow(write=("admin",)))])


@router.get("/sites")
def list_sites(registry: TheRegistry, asked: AskedQuery) -> Page[SiteShown]:
    """List sites, oldest first."""
    with registry.read() as work:
        return services.page_sites(work, asked)


@router.get("/sites/{record_id}")
def get_site(registry: TheRegistry, record_id: UUID) -> SiteShown:
    """Show one site."""
    with registry.read() as work:
        return services.get_site(work, record_id)


@router.post("/sites", status_code=201)
def create_site(registry: TheRegistry, wanted: SiteWanted) -> SiteShown:
    """Create a site."""
    with registry.write() as work:
        return services.create_site(work, wanted)


@router.put("/sites/{record_id}")
def change_site(registry: TheRegistry, record_id: UUID, wanted: SiteWanted) -> SiteShown:
    """Change a site, as a whole."""
    with registry.write() as work:
        return services.change_site(work, record_id, wanted)


@router.delete("/sites/{record_id}", status_code=204)
def delete_site(registry: TheRegistry, record_id: UUID) -> None:
    """Delete a site."""
    with registry.write() as work:
        services.delete_site(work, record_id)


@router.get("/gates")
def list_gates(registry: TheRegistry, asked: AskedQuery) -> Page[GateShown]:
    """List gates, oldest first."""
    with registry.read() as work:
        return gates.page(work, asked)


@router.get("/gates/{record_id}")
def get_gate(registry: TheRegistry, record_id: UUID) -> GateShown:
    """Show one gate."""
    with registry.read() as work:
        return gates.get(work, record_id)


@router.post("/gates", status_code=201)
def create_gate(registry: TheRegistry, wanted: GateWanted) -> GateShown:
    """Create a gate."""
    with registry.write() as work:
        return gates.create(work, wanted)


@router.put("/gates/{record_id}")
def change_gate(registry: TheRegistry, record_id: UUID, wanted: GateWanted) -> GateShown:
    """Change a gate, as a whole."""
    with registry.write() as work:
        return gates.change(work, record_id, wanted)


@router.delete("/gates/{record_id}", status_code=204)
def delete_gate(registry: TheRegistry, record_id: UUID) -> None:
    """Delete a gate."""
    with registry.write() as work:
        gates.delete(work, record_id)


@router.get("/lanes")
def list_lanes(registry: TheRegistry, asked: AskedQuery) -> Page[LaneShown]:
    """List lanes, oldest first."""
    with registry.read() as work:
        return lanes.page(work, asked)


@router.get("/lanes/{record_id}")
def get_lane(registry: TheRegistry, record_id: UUID) -> LaneShown:
    """Show one lane."""
    with registry.read() as work:
        return lanes.get(work, record_id)


@router.post("/lanes", status_code=201)
def create_lane(registry: TheRegistry, wanted: LaneWanted) -> LaneShown:
    """Create a lane."""
    with registry.write() as work:
        return lanes.create(work, wanted)


@router.put("/lanes/{record_id}")
def change_lane(registry: TheRegistry, record_id: UUID, wanted: LaneWanted) -> LaneShown:
    """Change a lane, as a whole."""
    with registry.write() as work:
        return lanes.change(work, record_id, wanted)


@router.delete("/lanes/{record_id}", status_code=204)
def delete_lane(registry: TheRegistry, record_id: UUID) -> None:
    """Delete a lane."""
    with registry.write() as work:
        lanes.delete(work, record_id)
