"""Routes of places: their records, what a site has set, and its plan."""

from uuid import UUID

from fastapi import APIRouter, Depends, Response

from central.codes.reuse import change_settings
from central.images import as_jpeg
from central.places import plan, settings
from central.places.schemas import BuildingsAsked, MarksShown, MarksWanted, PlanShown, PostsAsked, UnitsAsked, ZonesAsked
from central.places.services import buildings, posts, units, zones
from central.places.settings import SettingsShown, SiteSettings
from central.records.desk import ADesk, AWritingDesk, Seen
from central.records.openapi import CREATES, READS, WRITES, problems
from central.records.pictures import GIVEN, SENT, IfNoneMatch, SentPicture, given
from central.records.routes import record_routes
from central.users.access import allow

router = APIRouter()
of_site = APIRouter(prefix="/sites/{record_id}", tags=["places"], dependencies=[Depends(allow("places"))])


@of_site.get("/settings", operation_id="get_site_settings", responses=READS, response_model=SettingsShown)
def get_site_settings(desk: ADesk, record_id: UUID) -> Response:
    """Show what a site has set."""
    return desk.show(lambda work: settings.get_settings(work, record_id))


@of_site.put("/settings", operation_id="change_site_settings", responses=WRITES, response_model=SettingsShown)
def change_site_settings(desk: AWritingDesk, record_id: UUID, wanted: SiteSettings, seen: Seen) -> Response:
    """Change what a site has set, as a whole: what is left out gets its default."""
    return desk.change(lambda work: change_settings(work, record_id, wanted, seen))


@of_site.put(
    "/plan",
    operation_id="put_site_plan",
    responses=CREATES | problems(429),
    response_model=PlanShown,
    openapi_extra=SENT,
)
def put_site_plan(desk: AWritingDesk, record_id: UUID, body: SentPicture) -> Response:
    """Keep a picture (JPEG or PNG, up to 10 MiB) as the plan of a site; marks on a former one stay where they are."""
    # Before anything is asked of the database: nobody waits for the picture with the turn to write in hand.
    picture = as_jpeg(body, plan.SIDE_MAX)
    return desk.change(lambda work: plan.put_plan(work, record_id, picture))


@of_site.get("/plan", operation_id="get_site_plan", responses=READS | GIVEN, response_class=Response)
def get_site_plan(desk: ADesk, record_id: UUID, if_none_match: IfNoneMatch = "") -> Response:
    """Give the plan of a site (JPEG)."""
    with desk.reading() as work:
        found = plan.find_plan(work, record_id)
        return given(found.sha256, if_none_match, lambda: found.image)


@of_site.delete("/plan", operation_id="delete_site_plan", responses=CREATES, status_code=204)
def delete_site_plan(desk: AWritingDesk, record_id: UUID) -> Response:
    """Delete the plan of a site, with its marks."""
    return desk.change(lambda work: plan.delete_plan(work, record_id))


@of_site.get("/plan/marks", operation_id="get_plan_marks", responses=READS, response_model=MarksShown)
def get_plan_marks(desk: ADesk, record_id: UUID) -> Response:
    """Show where gates, lanes and posts are on the plan of a site."""
    return desk.show(lambda work: plan.get_marks(work, record_id))


@of_site.put("/plan/marks", operation_id="put_plan_marks", responses=WRITES, response_model=MarksShown)
def put_plan_marks(desk: AWritingDesk, record_id: UUID, wanted: MarksWanted, seen: Seen) -> Response:
    """Place gates, lanes and posts on the plan of a site, all at once."""
    return desk.change(lambda work: plan.put_marks(work, record_id, wanted, seen))


router.include_router(of_site)
router.include_router(record_routes(buildings, "places", one="building", asked=BuildingsAsked))
router.include_router(record_routes(units, "places", one="unit", asked=UnitsAsked))
router.include_router(record_routes(zones, "places", one="zone", asked=ZonesAsked))
router.include_router(record_routes(posts, "places", one="post", asked=PostsAsked))
