"""Edges for the office: who asks to be a gate, who is one, and who no longer."""

from uuid import UUID

from fastapi import APIRouter, Depends, Response

from central.edges import directory, trust
from central.edges.schemas import (
    ApprovalWanted,
    EdgeEventShown,
    EdgeEventsQuery,
    EdgeShown,
    EdgesQuery,
    RevocationWanted,
    TokenMade,
    TokenWanted,
)
from central.edges.services import TOKEN_LASTS, new_enrolment_token
from central.records.desk import ADesk, AWritingDesk
from central.records.openapi import CREATES, READS
from central.records.schemas import Page
from central.registry import Work
from central.users.access import allow

router = APIRouter(tags=["edges"], dependencies=[Depends(allow("edges"))])


@router.get("/edges", operation_id="list_edges", responses=READS)
def list_edges(desk: ADesk, asked: EdgesQuery) -> Page[EdgeShown]:
    """List edges, oldest first."""
    with desk.reading() as work:
        return directory.page(work, asked)


@router.get("/edges/{edge_id}/events", operation_id="list_events_of_edge", responses=READS)
def list_events(desk: ADesk, edge_id: UUID, asked: EdgeEventsQuery) -> Page[EdgeEventShown]:
    """List what became of an edge, newest first."""
    with desk.reading() as work:
        return directory.events(work, edge_id, asked)


@router.post("/edges/tokens", operation_id="make_enrolment_token", responses=CREATES, status_code=201, response_model=TokenMade)
def make_token(desk: AWritingDesk, wanted: TokenWanted) -> Response:
    """Make a token that enrols one edge at a gate, once, within 30 minutes."""

    def make(work: Work) -> TokenMade:
        token = new_enrolment_token(work, wanted.site, wanted.gate, wanted.name)
        return TokenMade(token=token, expires_at=work.at + TOKEN_LASTS)

    return desk.tell_once(make)


@router.post("/edges/{edge_id}/approve", operation_id="approve_edge", responses=CREATES, response_model=EdgeShown)
def approve(desk: AWritingDesk, edge_id: UUID, wanted: ApprovalWanted) -> Response:
    """Let a waiting edge speak for its gate, in place of the box there was."""
    by = desk.visitor.name
    return desk.change(lambda work: directory.shown(work, trust.approve(work, edge_id, wanted.fingerprint, by)))


@router.post("/edges/{edge_id}/revoke", operation_id="revoke_edge", responses=CREATES, response_model=EdgeShown)
def revoke(desk: AWritingDesk, edge_id: UUID, wanted: RevocationWanted) -> Response:
    """Let an edge speak no more."""
    by = desk.visitor.name
    return desk.change(lambda work: directory.shown(work, trust.revoke(work, edge_id, wanted.reason, by)))
