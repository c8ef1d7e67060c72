"""What gates ask about each other."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool

from access.contract.facts import FACTS_PER_PAGE_MAX, FactsPage
from central.edges.polls import WAIT_S_MAX, ThePolls
from central.edges.requests import Signature, Signed
from central.edges.services import authenticate
from central.facts import services
from central.registry import TheRegistry

edge_router = APIRouter(tags=["facts"])


@edge_router.get("/facts")
async def facts(
    registry: TheRegistry,
    signed: Signed,
    signature: Signature,
    polls: ThePolls,
    request: Request,
    epoch: UUID,
    after: Annotated[int, Query(ge=0)],
    wait: Annotated[int, Query(ge=0, le=WAIT_S_MAX)] = 0,
    limit: Annotated[int, Query(ge=1, le=FACTS_PER_PAGE_MAX)] = FACTS_PER_PAGE_MAX,
) -> FactsPage:
    """Tell what was recorded after a cursor, but in the gate's present epoch; with `wait`, hold the answer back for something."""

    def site_of() -> UUID:
        with registry.write() as work:
            edge = authenticate(work, signed, signature)
            edge.facts_through = after
            return edge.site_id

    def page() -> FactsPage:
        with registry.read() as work:
            return services.page(work, site_id, epoch, after, limit)

    site_id = await run_in_threadpool(site_of)
    topic = services.topic(site_id)
    await polls.wait(request, signed.edge, topic, lambda work: services.has_news(work, site_id, epoch, after), wait)
    return await run_in_threadpool(page)
