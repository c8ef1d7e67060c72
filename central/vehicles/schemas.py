"""Shapes of vehicles."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from access.plate import normalise
from central.records.schemas import HolderShown, HolderWanted

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


class VehicleShown(HolderShown):
    """A vehicle; the plate in normal form."""

    plate: str
    colour: str
    vehicle_class: VehicleClass
    person_id: UUID | None
