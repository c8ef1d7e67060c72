"""Routes of sites, gates and lanes."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from central.audit.schemas import AuditShown, HistoryQuery
from central.records.desk import ADesk, AWritingDesk, Seen
from central.records.openapi import CREATES, READS, WRITES
from central.records.routes import record_routes
from central.records.schemas import Page
from central.sites import services
from central.sites.schemas import GatesAsked, LanesAsked, SitesAsked, SiteShown, SiteWanted
from central.sites.services import gates, lanes
from central.users.access import allow

router = APIRouter()
sites = APIRouter(prefix="/sites", tags=["places"], dependencies=[Depends(allow("places"))])


@sites.get("", operation_id="list_sites", responses=READS)
def list_sites(desk: ADesk, asked: Annotated[SitesAsked, Query()]) -> Page[SiteShown]:
    """List sites, oldest first."""
    with desk.reading() as work:
        return services.page_sites(work, asked)


@sites.get("/{record_id}", operation_id="get_site", responses=READS, response_model=SiteShown)
def get_site(desk: ADesk, record_id: UUID) -> Response:
    """Show one site."""
    return desk.show(lambda work: services.get_site(work, record_id))


@sites.get("/{record_id}/history", operation_id="history_of_site", responses=READS)
def history_of_site(desk: ADesk, record_id: UUID, asked: HistoryQuery) -> Page[AuditShown]:
    """List what was changed of a site itself, newest first."""
    with desk.reading() as work:
        return services.history_of_site(work, record_id, asked)


@sites.post("", operation_id="create_site", responses=CREATES, status_code=201, response_model=SiteShown)
def create_site(desk: AWritingDesk, wanted: SiteWanted) -> Response:
    """Create a site."""
    return desk.change(lambda work: services.create_site(work, wanted), 201)


@sites.put("/{record_id}", operation_id="change_site", responses=WRITES, response_model=SiteShown)
def change_site(desk: AWritingDesk, record_id: UUID, wanted: SiteWanted, seen: Seen) -> Response:
    """Change a site, as a whole."""
    return desk.change(lambda work: services.change_site(work, record_id, wanted, seen))


@sites.delete("/{record_id}", operation_id="delete_site", responses=WRITES, status_code=204)
def delete_site(desk: AWritingDesk, record_id: UUID, seen: Seen) -> Response:
    """Delete a site."""
    return desk.change(lambda work: services.delete_site(work, record_id, seen))


router.include_router(sites)
router.include_router(record_routes(gates, "places", one="gate", asked=GatesAsked))
router.include_router(record_routes(lanes, "places", one="lane", asked=LanesAsked))
