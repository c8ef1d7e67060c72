"""Enrolment, and the rules that an enrolled edge follows."""

import asyncio
from typing import Annotated
from uuid import UUID

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool

from access.contract.sync import EnrolReply, EnrolRequest, RulesPage
from central.access_rules.repository import revision
from central.access_rules.stream import rules_page
from central.edges import services
from central.edges.requests import Signature, Signed
from central.registry import Registry, TheRegistry

WAIT_S_MAX = 20
# Commits of other processes (the command line, a second worker) are not told to this one: look again at least so often.
LOOK_AGAIN_S = 1.0

router = APIRouter(tags=["edges"])


@router.post("/enrol")
def enrol(registry: TheRegistry, request: EnrolRequest) -> EnrolReply:
    """Enrol an edge by its one-time token."""
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
        await _changed(registry, site_id, since, wait)
    return await run_in_threadpool(page, site_id, gate_id)


async def _changed(registry: Registry, site_id: UUID, since: int, wait_s: float) -> None:
    """Return when the site's rules are not at `since`, or after `wait_s`; meanwhile no connection and no thread is held."""

    def current() -> int:
        with registry.read() as work:
            return revision(work.session, site_id)

    deadline = registry.clock() + wait_s
    with registry.notices.listening(site_id) as changed:
        while await run_in_threadpool(current) == since and (left_s := deadline - registry.clock()) > 0:
            try:
                await asyncio.wait_for(changed.wait(), min(left_s, LOOK_AGAIN_S))
            except TimeoutError:
                continue
            changed.clear()
