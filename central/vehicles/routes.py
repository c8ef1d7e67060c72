"""Routes of vehicles, their plates and pictures; who registers one is warned of plates that are one confusion from its own."""

from uuid import UUID

from fastapi import APIRouter, Depends, Response

from central.images import Jpeg
from central.records.desk import ADesk, AWritingDesk, SeenIfGiven
from central.records.openapi import CREATES, READS, problems
from central.records.pictures import GIVEN, SENT, IfNoneMatch, SentPicture, given
from central.records.routes import record_routes
from central.users.access import allow
from central.vehicles import pictures
from central.vehicles.schemas import PlateHeld, VehicleRegistered, VehiclesAsked, VehicleShown
from central.vehicles.services import vehicles

of_vehicle = APIRouter(prefix="/vehicles/{record_id}", tags=["vehicles"], dependencies=[Depends(allow("vehicles"))])


@of_vehicle.get("/plates", responses=READS, operation_id="list_plates_of_vehicle", summary="List the plates of a vehicle.")
def list_plates(desk: ADesk, record_id: UUID) -> list[PlateHeld]:
    """List the plates that a vehicle has and had, the newest first."""
    with desk.reading() as work:
        return vehicles.plates(work, record_id)


@of_vehicle.get(
    "/picture",
    responses=READS | GIVEN,
    response_class=Response,
    operation_id="get_picture_of_vehicle",
    summary="Give the picture of a vehicle.",
)
def get_picture(desk: ADesk, record_id: UUID, if_none_match: IfNoneMatch = "") -> Response:
    """Give the picture of a vehicle (JPEG)."""
    with desk.reading() as work:
        sha256, data = pictures.find_picture(work, record_id)
    return given(sha256, if_none_match, lambda: data)


@of_vehicle.put(
    "/picture",
    responses=CREATES | problems(429),
    response_model=VehicleShown,
    openapi_extra=SENT,
    operation_id="put_picture_of_vehicle",
    summary="Keep a picture of a vehicle.",
)
def put_picture(desk: AWritingDesk, record_id: UUID, body: SentPicture, seen: SeenIfGiven) -> Response:
    """Keep a picture (JPEG or PNG, up to 10 MiB) of a vehicle, drawn anew small and without metadata."""
    # Before anything is asked of the database: nobody waits for the picture with the turn to write in hand.
    picture: Jpeg = pictures.drawn(body)
    return desk.change(lambda work: pictures.put_picture(work, record_id, picture, seen))


@of_vehicle.delete(
    "/picture",
    responses=CREATES,
    status_code=204,
    operation_id="delete_picture_of_vehicle",
    summary="Delete the picture of a vehicle.",
)
def delete_picture(desk: AWritingDesk, record_id: UUID, seen: SeenIfGiven) -> Response:
    """Delete the picture of a vehicle."""
    return desk.change(lambda work: pictures.delete_picture(work, record_id, seen))


router = APIRouter()
router.include_router(record_routes(vehicles, "vehicles", one="vehicle", asked=VehiclesAsked, registered=VehicleRegistered))
router.include_router(of_vehicle)
