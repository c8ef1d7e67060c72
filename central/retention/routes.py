"""Routes of retention: profiles, what would go, holds, runs with their proofs, the clock."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from central.records.desk import ADesk, AWritingDesk, Seen
from central.records.openapi import CREATES, READS, WRITES
from central.records.schemas import Page
from central.retention import clock, due, holds, keeping, proofs
from central.retention.schemas import (
    ClockShown,
    ClockWanted,
    DueShown,
    HoldEnded,
    HoldsAsked,
    HoldShown,
    HoldWanted,
    ProfilesShown,
    RetentionShown,
    RetentionWanted,
    RunsAsked,
    RunShown,
)
from central.users.access import allow

router = APIRouter(tags=["retention"])
of_site = APIRouter(dependencies=[Depends(allow("retention"))])
of_clock = APIRouter(prefix="/retention/clock", dependencies=[Depends(allow("retention clock"))])


@of_site.get("/retention/profiles", operation_id="list_retention_profiles", responses=READS)
def list_profiles() -> ProfilesShown:
    """List the profiles that are ready, and the bounds of a site's own days."""
    return keeping.ready()


@of_site.get("/sites/{record_id}/retention", operation_id="get_retention", responses=READS, response_model=RetentionShown)
def get_retention(desk: ADesk, record_id: UUID) -> Response:
    """Show what a site keeps how long; until somebody chooses it keeps everything."""
    return desk.show(lambda work: keeping.get(work, record_id))


@of_site.put("/sites/{record_id}/retention", operation_id="choose_retention", responses=WRITES, response_model=RetentionShown)
def choose_retention(desk: AWritingDesk, record_id: UUID, wanted: RetentionWanted, seen: Seen) -> Response:
    """Choose what a site keeps how long: a ready profile, everything, or days of its own."""
    return desk.change(lambda work: keeping.choose(work, record_id, wanted, seen))


@of_site.get("/sites/{record_id}/retention/due", operation_id="count_due", responses=READS)
def count_due(desk: ADesk, record_id: UUID) -> DueShown:
    """Count what is past its time at a site and would go; nothing is changed."""
    with desk.reading() as work:
        return due.count(work, record_id)


@of_site.get("/legal-holds", operation_id="list_legal_holds", responses=READS)
def list_holds(desk: ADesk, asked: Annotated[HoldsAsked, Query()]) -> Page[HoldShown]:
    """List legal holds, oldest first."""
    with desk.reading() as work:
        return holds.page(work, asked)


@of_site.get("/legal-holds/{record_id}", operation_id="get_legal_hold", responses=READS, response_model=HoldShown)
def get_hold(desk: ADesk, record_id: UUID) -> Response:
    """Show a legal hold."""
    return desk.show(lambda work: holds.get(work, record_id))


@of_site.post("/legal-holds", operation_id="place_legal_hold", responses=CREATES, status_code=201, response_model=HoldShown)
def place_hold(desk: AWritingDesk, wanted: HoldWanted) -> Response:
    """Have something kept whatever its time, until this is ended or over."""
    return desk.change(lambda work: holds.place(work, wanted), 201)


@of_site.post("/legal-holds/{record_id}/end", operation_id="end_legal_hold", responses=CREATES, response_model=HoldShown)
def end_hold(desk: AWritingDesk, record_id: UUID, wanted: HoldEnded) -> Response:
    """End a legal hold: what it kept goes in its time."""
    return desk.change(lambda work: holds.end(work, record_id, wanted))


@of_site.get("/retention/runs", operation_id="list_retention_runs", responses=READS)
def list_runs(desk: ADesk, asked: Annotated[RunsAsked, Query()]) -> Page[RunShown]:
    """List the runs in which something went, with their signed proofs, each checked now."""
    with desk.reading() as work:
        return proofs.page(work, desk.registry.key.public_key(), asked)


@of_site.get("/retention/runs/{record_id}", operation_id="get_retention_run", responses=READS)
def get_run(desk: ADesk, record_id: UUID) -> RunShown:
    """Show a run with its signed proof, checked now."""
    with desk.reading() as work:
        return proofs.get(work, desk.registry.key.public_key(), record_id)


@of_clock.get("", operation_id="get_retention_clock", responses=READS)
def get_clock(desk: ADesk) -> ClockShown:
    """Show whether the clock can be believed; where it cannot, nothing is deleted."""
    with desk.reading() as work:
        return clock.shown(work)


@of_clock.post("/confirm", operation_id="confirm_retention_clock", responses=CREATES, response_model=ClockShown)
def confirm_clock(desk: AWritingDesk, wanted: ClockWanted) -> Response:
    """Say that the clock was compared with another and is right, so that deletion goes on."""
    return desk.change(lambda work: clock.confirm(work, wanted))


router.include_router(of_site)
router.include_router(of_clock)
