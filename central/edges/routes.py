"""Enrolment, and the rules that an enrolled edge follows."""

import asyncio
from typing import Annotated
from uuid import UUID

import structlog
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from access.contract.sync import EnrolReply, EnrolRequest, RulesPage
from central.access_rules.repository import revision
from central.access_rules.stream import rules_page
from central.edges import repository, services, trust
from central.edges.requests import Signature, Signed
from central.problems import problem
from central.registry import Registry, TheRegistry

WAIT_S_MAX = 20
# Commits of other processes (the command line, a second worker) are not told to this one: look again at least so often.
LOOK_AGAIN_S = 1.0

log = structlog.get_logger("central.edges")
router = APIRouter(tags=["edges"])


def wrong_key(request: Request, error: Exception) -> Response:
    """Refuse what speaks with an edge's id and another key, and let people know."""
    assert isinstance(error, services.WrongKeyError)
    registry: Registry = request.app.state.registry
    source = request.client.host if request.client else "unknown"
    with registry.write() as work:
        is_news = trust.suspect(work, error.edge, f"from {source}")
    if is_news:
        log.warning("another key speaks as an edge", edge=str(error.edge), source=source)
    return problem(error.status_code, error.message, field=error.field)


@router.post("/enrol")
def enrol(registry: TheRegistry, request: EnrolRequest) -> EnrolReply:
    """Take a box in by its one-time token; it waits until people have compared fingerprints."""
    public_key = registry.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    with registry.write() as work:
        return services.enrol(work, request, public_key)


@router.get("/rules")
async def rules(
    registry: TheRegistry,
    signed: Signed,
    signature: Signature,
    since: Annotated[int, Query(ge=0)],
    wait: Annotated[int, Query(ge=0, le=WAIT_S_MAX)] = 0,
    after: Annotated[str, Query(max_length=100)] = "",
    until: Annotated[int | None, Query(ge=0)] = None,
) -> RulesPage:
    """Tell what has changed after revision `since`; with `wait`, hold the answer back until something has (seconds)."""

    def authenticate() -> tuple[UUID, UUID]:
        with registry.write() as work:
            edge = services.authenticate(work, signed, signature)
            return edge.site_id, edge.gate_id

    def page(site_id: UUID, gate_id: UUID) -> RulesPage:
        with registry.read() as work:
            return rules_page(work.session, site_id, gate_id, since, after, until)

    site_id, gate_id = await run_in_threadpool(authenticate)
    if wait and until is None:
        await _changed(registry, signed.edge, site_id, since, wait)
    return await run_in_threadpool(page, site_id, gate_id)


async def _changed(registry: Registry, edge_id: UUID, site_id: UUID, since: int, wait_s: float) -> None:
    """Return when the site's rules are not at `since`, or after `wait_s`; meanwhile no connection and no thread is held.

    RegistryError 403 as soon as the edge may not speak any more.
    """

    def current() -> int:
        with registry.read() as work:
            trust.check_speaks(repository.known_edge(work.session, edge_id))
            return revision(work.session, site_id)

    deadline = registry.clock() + wait_s
    with registry.notices.listening(site_id) as changed:
        while await run_in_threadpool(current) == since and (left_s := deadline - registry.clock()) > 0:
            try:
                await asyncio.wait_for(changed.wait(), min(left_s, LOOK_AGAIN_S))
            except TimeoutError:
                continue
            changed.clear()
