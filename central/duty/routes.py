"""Routes of guards."""

from uuid import UUID

from fastapi import APIRouter, Depends

from central.duty.schemas import GuardShown, GuardWanted
from central.duty.services import guards
from central.records.schemas import AskedQuery, Page
from central.registry import TheRegistry
from central.users.access import allow

router = APIRouter(tags=["duty"], dependencies=[Depends(allow(write=("admin",)))])


@router.get("/guards")
def list_guards(registry: TheRegistry, asked: AskedQuery) -> Page[GuardShown]:
    """List guards, oldest first."""
    with registry.read() as work:
        return guards.page(work, asked)


@router.get("/guards/{record_id}")
def get_guard(registry: TheRegistry, record_id: UUID) -> GuardShown:
    """Show one guard."""
    with registry.read() as work:
        return guards.get(work, record_id)


@router.post("/guards", status_code=201)
def create_guard(registry: TheRegistry, wanted: GuardWanted) -> GuardShown:
    """Create a guard."""
    with registry.write() as work:
        return guards.create(work, wanted)


@router.put("/guards/{record_id}")
def change_guard(registry: TheRegistry, record_id: UUID, wanted: GuardWanted) -> GuardShown:
    """Change a guard, as a whole."""
    with registry.write() as work:
        return guards.change(work, record_id, wanted)


@router.delete("/guards/{record_id}", status_code=204)
def delete_guard(registry: TheRegistry, record_id: UUID) -> None:
    """Delete a guard."""
    with registry.write() as work:
        guards.delete(work, record_id)
