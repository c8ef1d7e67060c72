"""What gates ask about each other."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool

from access.contract.facts import FACTS_PER_PAGE_MAX, FactsPage
from central.edges import repository as edges
from central.edges import trust
from central.edges.requests import Signature, Signed
from central.edges.services import authenticate
from central.facts import services
from central.registry import TheRegistry
from central.waiting import WAIT_S_MAX, until

edge_router = APIRouter(tags=["facts"])


@edge_router.get("/facts")
async def facts(
    registry: TheRegistry,
    signed: Signed,
    signature: Signature,
    after: Annotated[int, Query(ge=0)],
    wait: Annotated[int, Query(ge=0, le=WAIT_S_MAX)] = 0,
    limit: Annotated[int, Query(ge=1, le=FACTS_PER_PAGE_MAX)] = FACTS_PER_PAGE_MAX,
) -> FactsPage:
    """Tell what other gates have recorded after a cursor; with `wait`, hold the answer back until there is something."""

    def site_of() -> UUID:
        with registry.write() as work:
            return authenticate(work, signed, signature).site_id

    def has_news() -> bool:
        with registry.read() as work:
            trust.check_speaks(edges.known_edge(work.session, signed.edge))
            return services.has_news(work, site_id, signed.edge, after)

    def page() -> FactsPage:
        with registry.read() as work:
            return services.page(work, site_id, signed.edge, after, limit)

    site_id = await run_in_threadpool(site_of)
    await until(registry, services.topic(site_id), has_news, wait)
    return await run_in_threadpool(page)
