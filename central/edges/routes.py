"""Enrolment, and the rules that an enrolled edge follows."""

from typing import Annotated
from uuid import UUID

import structlog
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from access.contract.signature import SIGNATURE_HEADER
from access.contract.sync import RECORDS_PER_PAGE_MAX, EnrolReply, EnrolRequest, PepperTold, RulesPage
from central import problems
from central.access_rules.stream import is_news, rules_page
from central.duty.peppers import pepper_of
from central.edges import services, trust
from central.edges.polls import WAIT_S_MAX, ThePolls
from central.edges.requests import Signature, Signed, signed_request
from central.registry import Registry, TheRegistry
from central.wire import is_of_edges

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
    return problems.refused(request, error)


async def invalid(request: Request, error: Exception) -> Response:
    """Refuse parameters: by a `field`, which a gate believes for good, only to who has signed them. Raises RegistryError."""
    if is_of_edges(request.scope) and SIGNATURE_HEADER in request.headers:
        registry: Registry = request.app.state.registry
        signed, signature = await signed_request(request), request.headers[SIGNATURE_HEADER]

        def check() -> None:
            services.check_signature(services.known(registry, signed.edge).public_key, signed, signature)

        await run_in_threadpool(check)
    return problems.invalid(request, error)


@router.post("/enrol")
def enrol(registry: TheRegistry, request: EnrolRequest) -> EnrolReply:
    """Take a box in by its one-time token; it waits until people have compared fingerprints."""
    public_key = registry.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    with registry.write() as work:
        return services.enrol(work, request, public_key)


@router.get("/pepper")
def pepper(registry: TheRegistry, signed: Signed, signature: Signature) -> PepperTold:
    """Tell a gate that people have approved the pepper of its site, under which the PINs of its guards are hashed."""
    with registry.write() as work:
        edge = services.authenticate(work, signed, signature)
        return PepperTold(pepper=pepper_of(work, edge.site_id).hex())


@router.get("/rules")
async def rules(
    registry: TheRegistry,
    signed: Signed,
    signature: Signature,
    polls: ThePolls,
    request: Request,
    since: Annotated[int, Query(ge=0)],
    wait: Annotated[int, Query(ge=0, le=WAIT_S_MAX)] = 0,
    after: Annotated[str, Query(max_length=100)] = "",
    until: Annotated[int | None, Query(ge=0)] = None,
    mark: Annotated[str, Query(max_length=64)] = "",
    limit: Annotated[int, Query(ge=1, le=RECORDS_PER_PAGE_MAX)] = RECORDS_PER_PAGE_MAX,
) -> RulesPage:
    """Tell what has changed after revision `since`; with `wait`, hold the answer back until something has (seconds)."""

    def authenticate() -> tuple[UUID, UUID]:
        with registry.write() as work:
            edge = services.authenticate(work, signed, signature)
            return edge.site_id, edge.gate_id

    def page(site_id: UUID, gate_id: UUID) -> RulesPage:
        with registry.read() as work:
            return rules_page(work.session, site_id, gate_id, since, after, until, limit, mark)

    site_id, gate_id = await run_in_threadpool(authenticate)
    if wait and until is None:
        await polls.wait(request, signed.edge, site_id, lambda work: is_news(work.session, site_id, since, mark), wait)
    return await run_in_threadpool(page, site_id, gate_id)
