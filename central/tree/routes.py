"""Routes of the tree of all heads: for those who look whether anything was rewritten."""

from fastapi import APIRouter, Depends

from access.contract.heads import TreeHead
from central.records.desk import ADesk
from central.records.openapi import READS
from central.records.schemas import Page
from central.registry import TheRegistry
from central.tree import services
from central.tree.schemas import (
    ConsistencyQuery,
    ConsistencyShown,
    HeadInPrint,
    InclusionQuery,
    InclusionShown,
    PublishedQuery,
    PublishedShown,
)
from central.users.access import allow

router = APIRouter(prefix="/audit/tree", tags=["audit"], dependencies=[Depends(allow("audit"))], responses=READS)


@router.get("/head", operation_id="get_tree_head")
def get_head(desk: ADesk, registry: TheRegistry) -> TreeHead:
    """Show the signed head of the tree over all checkpoints and heads of the audit."""
    with desk.reading() as work:
        return services.head(work, registry.key)


@router.get("/inclusion", operation_id="prove_inclusion")
def prove_inclusion(desk: ADesk, registry: TheRegistry, asked: InclusionQuery) -> InclusionShown:
    """Prove that a checkpoint is in the tree."""
    with desk.reading() as work:
        return services.inclusion(work, registry.key, (asked.edge, asked.epoch, asked.seq), asked.size)


@router.get("/consistency", operation_id="prove_consistency")
def prove_consistency(desk: ADesk, registry: TheRegistry, asked: ConsistencyQuery) -> ConsistencyShown:
    """Prove that the tree only grew between two sizes."""
    with desk.reading() as work:
        return services.consistency(work, registry.key, asked.first, asked.second)


@router.get("/published", operation_id="list_published_heads")
def list_published(desk: ADesk, asked: PublishedQuery) -> Page[PublishedShown]:
    """List the heads that were published, or could not be, newest first."""
    with desk.reading() as work:
        return services.published(work, asked)


@router.get("/printed", operation_id="get_printed_head")
def get_in_print(desk: ADesk, registry: TheRegistry) -> HeadInPrint:
    """Show the head that was published last in a form to print."""
    with desk.reading() as work:
        return services.in_print(work, registry.key)
