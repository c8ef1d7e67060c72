"""Routes of persons."""

from uuid import UUID

from fastapi import APIRouter, Depends

from central.people.schemas import PersonShown, PersonWanted
from central.people.services import persons
from central.records.schemas import AskedQuery, Page
from central.registry import TheRegistry
from central.users.access import allow

router = APIRouter(tags=["people"], dependencies=[Depends(allow(write=("admin", "clerk")))])


@router.get("/persons")
def list_persons(registry: TheRegistry, asked: AskedQuery) -> Page[PersonShown]:
    """List persons, oldest first."""
    with registry.read() as work:
        return persons.page(work, asked)


@router.get("/persons/{record_id}")
def get_person(registry: TheRegistry, record_id: UUID) -> PersonShown:
    """Show one person."""
    with registry.read() as work:
        return persons.get(work, record_id)


@router.post("/persons", status_code=201)
def create_person(registry: TheRegistry, wanted: PersonWanted) -> PersonShown:
    """Create a person."""
    with registry.write() as work:
        return persons.create(work, wanted)


@router.put("/persons/{record_id}")
def change_person(registry: TheRegistry, record_id: UUID, wanted: PersonWanted) -> PersonShown:
    """Change a person, as a whole."""
    with registry.write() as work:
        return persons.change(work, record_id, wanted)


@router.delete("/persons/{record_id}", status_code=204)
def delete_person(registry: TheRegistry, record_id: UUID) -> None:
    """Delete a person."""
    with registry.write() as work:
        persons.delete(work, record_id)
