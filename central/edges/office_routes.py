"""Edges for the office: who asks to be a gate, who is one, and who no longer."""

from uuid import UUID

from fastapi import APIRouter, Depends

from central.edges import directory, trust
from central.edges.schemas import ApprovalWanted, EdgeEventShown, EdgeShown, RevocationWanted, TokenMade, TokenWanted
from central.edges.services import TOKEN_LASTS, new_enrolment_token
from central.registry import TheRegistry
from central.users.access import SignedInVisitor, allow

router = APIRouter(tags=["edges"], dependencies=[Depends(allow("edges"))])


@router.get("/edges")
def list_edges(registry: TheRegistry) -> list[EdgeShown]:
    """List all edges, oldest first."""
    with registry.read() as work:
        return directory.edges(work)


@router.get("/edges/{edge_id}/events")
def list_events(registry: TheRegistry, edge_id: UUID) -> list[EdgeEventShown]:
    """List what became of an edge, newest first."""
    with registry.read() as work:
        return directory.events(work, edge_id)


@router.post("/edges/tokens", status_code=201)
def make_token(registry: TheRegistry, wanted: TokenWanted) -> TokenMade:
    """Make a token that enrols one edge at a gate, once, within 30 minutes."""
    with registry.write() as work:
        token = new_enrolment_token(work, wanted.site, wanted.gate, wanted.name)
        return TokenMade(token=token, expires_at=work.at + TOKEN_LASTS)


@router.post("/edges/{edge_id}/approve")
def approve(registry: TheRegistry, visitor: SignedInVisitor, edge_id: UUID, wanted: ApprovalWanted) -> EdgeShown:
    """Let a waiting edge speak for its gate, in place of the box there was."""
    with registry.write() as work:
        return directory.shown(work, trust.approve(work, edge_id, wanted.fingerprint, visitor.name))


@router.post("/edges/{edge_id}/revoke")
def revoke(registry: TheRegistry, visitor: SignedInVisitor, edge_id: UUID, wanted: RevocationWanted) -> EdgeShown:
    """Let an edge speak no more."""
    with registry.write() as work:
        return directory.shown(work, trust.revoke(work, edge_id, wanted.reason, visitor.name))
