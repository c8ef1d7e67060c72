"""Routes of persons with their moves, of companies, residencies and documents."""

from uuid import UUID

from fastapi import APIRouter, Depends, Response

from central.people import moves
from central.people.companies import CompaniesAsked, companies
from central.people.documents import DocumentsAsked, documents
from central.people.moves import Moved, MoveIn, MoveOut
from central.people.residencies import ResidenciesAsked, residencies
from central.people.schemas import IdNumberAsked, PersonsAsked, PersonShown
from central.people.services import persons
from central.records.desk import ADesk, AWritingDesk, SeenIfGiven
from central.records.openapi import CREATES, READS
from central.records.routes import record_routes
from central.users.access import allow

acts = APIRouter(prefix="/persons", tags=["people"], dependencies=[Depends(allow("people"))])
asking = APIRouter(prefix="/persons", tags=["people"], dependencies=[Depends(allow("id numbers"))])


@asking.post(
    "/by-id-number",
    response_model=list[PersonShown],
    responses=READS,
    summary="List the persons who gave an ID number.",
    operation_id="find_persons_by_id_number",
)
def by_id_number(desk: ADesk, asked: IdNumberAsked) -> list[PersonShown]:
    """List the persons of a site who gave this ID number; the number is compared by its hash and kept nowhere.

    In the history of each person found stands who asked.
    """
    with desk.writing() as work:
        return persons.with_id_number(work, asked)


@acts.post(
    "/{record_id}/move-in", response_model=Moved, responses=CREATES, summary="Move a person in.", operation_id="move_in_person"
)
def move_in(desk: AWritingDesk, record_id: UUID, wanted: MoveIn, seen: SeenIfGiven) -> Response:
    """Let a person live in a unit from now on, or since `moved_in`; who had left becomes active again."""
    return desk.change(lambda work: moves.move_in(work, record_id, wanted, seen))


@acts.post(
    "/{record_id}/move-out", response_model=Moved, responses=CREATES, summary="Move a person out.", operation_id="move_out_person"
)
def move_out(desk: AWritingDesk, record_id: UUID, wanted: MoveOut, seen: SeenIfGiven) -> Response:
    """End a person's residency; with the last one the person leaves, and vehicles and cards end unless told otherwise."""
    return desk.change(lambda work: moves.move_out(work, record_id, wanted, seen))


router = APIRouter()
router.include_router(record_routes(persons, "people", one="person", asked=PersonsAsked))
router.include_router(asking)
router.include_router(acts)
router.include_router(record_routes(companies, "people", one="company", many="companies", asked=CompaniesAsked))
router.include_router(record_routes(residencies, "people", one="residency", many="residencies", asked=ResidenciesAsked))
router.include_router(record_routes(documents, "people", one="document", asked=DocumentsAsked))
