"""Shapes of vehicles."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from access.contract.records import Status
from access.plate import normalise
from central.records.schemas import Asked, HolderShown, HolderWanted

VehicleClass = Literal["car", "large", "motorcycle", "tricycle", "bicycle"]
Colour = Literal["", "blue", "green", "yellow", "yellow-green", "white", "black"]


def normal_plate(raw: str) -> str:
    """Return the normal form of a plate as typed; ValueError for what can be none."""
    text = normalise(raw)
    if len(text) < 2 or not text.isalnum():
        raise ValueError("is no plate")
    return text


Plate = Annotated[str, Field(max_length=64), AfterValidator(normal_plate)]


class VehicleWanted(HolderWanted):
    """What may be set of a vehicle; the plate in any spelling; `person` is its holder."""

    plate: Plate
    colour: Colour = ""
    vehicle_class: VehicleClass = "car"
    person: UUID | None = None


class VehiclesAsked(Asked):
    """Which vehicles are wanted."""

    plate: Plate | None = None
    vehicle_class: VehicleClass | None = None
    person_id: UUID | None = None
    status: Status | None = None


class VehicleShown(HolderShown):
    """A vehicle; the plate in normal form."""

    plate: str
    colour: str
    vehicle_class: VehicleClass
    person_id: UUID | None


class PlateWarning(BaseModel):
    """Another plate of the site that this one may be misread as, and why, in both languages."""

    plate: str
    zh: str
    en: str


class VehicleRegistered(VehicleShown):
    """A vehicle as it was registered. A plate one confusion from it is no error: both will be asked about more often."""

    warnings: list[PlateWarning]
