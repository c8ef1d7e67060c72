"""Routes of the urgent deny list."""

from typing import Annotated

from fastapi import APIRouter, Query

from access.contract.deny import DENIED_MAX, DenyList
from central.deny import services
from central.edges.requests import Signature, Signed
from central.edges.services import authenticate
from central.registry import TheRegistry

edge_router = APIRouter(tags=["edges"])


@edge_router.get("/deny")
def tell_denied(
    registry: TheRegistry,
    signed: Signed,
    signature: Signature,
    since: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=DENIED_MAX)] = DENIED_MAX,
) -> DenyList:
    """Tell a gate that is receiving many rules who may not pass any more by what changed after revision `since`, the newest."""
    with registry.write() as work:
        site_id = authenticate(work, signed, signature).site_id
    with registry.read() as work:
        return services.deny_list(work, site_id, since, limit)
