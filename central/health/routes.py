"""Routes of the gates' health."""

from fastapi import APIRouter, Depends

from access.contract.health import Health, HealthTaken
from central.edges.requests import Signature, Signed, read_message
from central.edges.services import authenticate
from central.health import services
from central.health.schemas import HealthQuery, HealthShown
from central.records.desk import ADesk
from central.records.openapi import READS
from central.records.schemas import Page
from central.registry import TheRegistry
from central.users.access import allow

edge_router = APIRouter(tags=["edges"])
router = APIRouter(tags=["health"], dependencies=[Depends(allow("health"))])


@edge_router.post("/health")
def take_health(registry: TheRegistry, signed: Signed, signature: Signature) -> HealthTaken:
    """Take what a gate says of itself (JSON)."""
    with registry.write() as work:
        return services.take_health(work, authenticate(work, signed, signature), read_message(Health, signed.body, "health"))


@router.get("/edge-health", operation_id="list_health", responses=READS)
def list_health(desk: ADesk, asked: HealthQuery) -> Page[HealthShown]:
    """List what each edge said last of itself."""
    with desk.reading() as work:
        return services.page(work, asked)
