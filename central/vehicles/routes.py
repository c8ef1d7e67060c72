"""Routes of vehicles."""

from uuid import UUID

from fastapi import APIRouter, Depends

from central.records.schemas import AskedQuery, Page
from central.registry import TheRegistry
from central.users.access import allow
from central.vehicles.schemas import VehicleRegistered, VehicleShown, VehicleWanted
from central.vehicles.services import vehicles, with_warnings

router = APIRouter(tags=["vehicles"], dependencies=[Depends(allow(write=("admin", "clerk")))])


@router.get("/vehicles")
def list_vehicles(registry: TheRegistry, asked: AskedQuery) -> Page[VehicleShown]:
    """List vehicles, oldest first."""
    with registry.read() as work:
        return vehicles.page(work, asked)


@router.get("/vehicles/{record_id}")
def get_vehicle(registry: TheRegistry, record_id: UUID) -> VehicleShown:
    """Show one vehicle."""
    with registry.read() as work:
        return vehicles.get(work, record_id)


@router.post("/vehicles", status_code=201)
def create_vehicle(registry: TheRegistry, wanted: VehicleWanted) -> VehicleRegistered:
    """Create a vehicle; warns of plates that are one confusion from its own."""
    with registry.write() as work:
        return with_warnings(work, vehicles.create(work, wanted))


@router.put("/vehicles/{record_id}")
def change_vehicle(registry: TheRegistry, record_id: UUID, wanted: VehicleWanted) -> VehicleRegistered:
    """Change a vehicle, as a whole; warns of plates that are one confusion from its own."""
    with registry.write() as work:
        return with_warnings(work, vehicles.change(work, record_id, wanted))


@router.delete("/vehicles/{record_id}", status_code=204)
def delete_vehicle(registry: TheRegistry, record_id: UUID) -> None:
    """Delete a vehicle."""
    with registry.write() as work:
        vehicles.delete(work, record_id)
