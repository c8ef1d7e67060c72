"""Routes of visits, of who is not let in, and of hosts and their links."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from access.workflows.visit import VisitAnnounced, VisitAsked
from central.codes.services import printed_text
from central.records.desk import ADesk, AWritingDesk, SeenIfGiven
from central.records.openapi import CREATES, READS, WRITES
from central.records.routes import record_routes
from central.records.schemas import Page
from central.users.access import allow
from central.visits import badges, hosting, links
from central.visits.denied import denied_visitors
from central.visits.schemas import (
    BadgeShown,
    DeniedVisitorsAsked,
    HostAnswer,
    HostLinkHeld,
    HostLinkShown,
    HostLinkWanted,
    HostVisitsAsked,
    HostVisitShown,
    HostVisitWanted,
    VisitsAsked,
    VisitWanted,
    WalkInWanted,
)
from central.visits.services import facts_of, visits
from central.workflows.routes import Opens, flow_routes

OPENS = (Opens(VisitAnnounced, VisitWanted, facts_of), Opens(VisitAsked, WalkInWanted, facts_of, "/walk-in"))
of_visits = flow_routes(visits, "visits", OPENS, one="visit", asked=VisitsAsked)
of_links = APIRouter(prefix="/persons/{record_id}/host-link", tags=["host links"], dependencies=[Depends(allow("host links"))])
of_hosts = APIRouter(prefix="/host/visits", tags=["host"], dependencies=[Depends(allow("host"))])


@of_visits.get("/{record_id}/badge", operation_id="badge_of_visit", summary="Show what a visitor's badge says.", responses=READS)
def show_badge(desk: ADesk, record_id: UUID) -> BadgeShown:
    """Show all that is printed on a visitor's badge, in both languages."""
    code = printed_text(desk, visits.workflow.name, record_id)
    with desk.reading() as work:
        return badges.badge(work, record_id, code)


@of_links.get("", operation_id="get_host_link", summary="Show whether a host has a link.", responses=READS)
def show_link(desk: ADesk, record_id: UUID) -> HostLinkHeld:
    """Show since when and until when a person has a link, without its token."""
    with desk.reading() as work:
        return links.host_link(work, record_id)


@of_links.post(
    "",
    operation_id="create_host_link",
    summary="Give a host a link.",
    status_code=201,
    responses=CREATES,
    response_model=HostLinkShown,
)
def create_link(desk: AWritingDesk, record_id: UUID, wanted: HostLinkWanted) -> Response:
    """Give a person a link to announce visitors and answer for them; the token is shown this once, an earlier link ends."""
    return desk.tell_once(lambda work: links.new_host_link(work, record_id, wanted.days))


@of_links.delete("", operation_id="delete_host_link", summary="End a host's link.", status_code=204, responses=WRITES)
def delete_link(desk: AWritingDesk, record_id: UUID) -> Response:
    """End a person's link as host, if there is one."""
    return desk.change(lambda work: links.end_host_link(work, record_id))


@of_hosts.get("", operation_id="list_own_visits", summary="List the host's visits, oldest first.", responses=READS)
def list_own(desk: ADesk, asked: Annotated[HostVisitsAsked, Query()]) -> Page[HostVisitShown]:
    """List the visits that the holder of the link may answer for."""
    with desk.reading() as work:
        return hosting.page(work, asked)


@of_hosts.post(
    "",
    operation_id="open_own_visit",
    summary="Announce visitors as their host.",
    status_code=201,
    responses=CREATES,
    response_model=HostVisitShown,
)
def announce(desk: AWritingDesk, wanted: HostVisitWanted) -> Response:
    """Announce visitors; they are approved with it."""
    return desk.change(lambda work: hosting.announce(work, wanted), 201)


@of_hosts.post(
    "/{record_id}/approve",
    operation_id="approve_own_visit",
    summary="Approve a visit as its host.",
    responses=WRITES,
    response_model=HostVisitShown,
)
def approve(desk: AWritingDesk, record_id: UUID, seen: SeenIfGiven = None) -> Response:
    """Say yes to visitors who were announced, or who wait at the gate."""
    return desk.change(lambda work: hosting.answer(work, record_id, hosting.APPROVE, {}, seen))


@of_hosts.post(
    "/{record_id}/refuse",
    operation_id="refuse_own_visit",
    summary="Refuse a visit as its host.",
    responses=WRITES,
    response_model=HostVisitShown,
)
def refuse(desk: AWritingDesk, record_id: UUID, wanted: HostAnswer, seen: SeenIfGiven = None) -> Response:
    """Say no to visitors, and why."""
    return desk.change(lambda work: hosting.answer(work, record_id, hosting.REFUSE, wanted.model_dump(), seen))


@of_hosts.post(
    "/{record_id}/cancel",
    operation_id="cancel_own_visit",
    summary="Cancel a visit as its host.",
    responses=WRITES,
    response_model=HostVisitShown,
)
def cancel(desk: AWritingDesk, record_id: UUID, wanted: HostAnswer, seen: SeenIfGiven = None) -> Response:
    """Take a visit back, and say why."""
    return desk.change(lambda work: hosting.answer(work, record_id, hosting.CANCEL, wanted.model_dump(), seen))


router = APIRouter()
router.include_router(of_visits)
router.include_router(record_routes(denied_visitors, "blocks", one="denied-visitor", asked=DeniedVisitorsAsked))
router.include_router(of_links)
router.include_router(of_hosts)
