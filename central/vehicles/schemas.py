"""Shapes of vehicles."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, model_validator

from access.contract.record_fields import Status
from access.plate import normalise
from central.masking.kinds import Personal
from central.records.schemas import Asked, HolderShown, HolderWanted, Line, Prose

VehicleClass = Literal["car", "large", "motorcycle", "tricycle", "bicycle"]
Colour = Literal["", "blue", "green", "yellow", "yellow-green", "white", "black"]
# These are registered by another number where they bear no plate.
WITHOUT_PLATE = frozenset({"tricycle", "bicycle"})


def normal_plate(raw: str) -> str:
    """Return the normal form of a plate as typed; ValueError for what can be none."""
    text = normalise(raw)
    if len(text) < 2 or not text.isalnum():
        raise ValueError("is no plate")
    return text


def _normal_number(raw: str) -> str:
    return "".join(raw.upper().split())


Plate = Annotated[str, Field(max_length=64), AfterValidator(normal_plate)]
# As long as gates know them.
ToldPlate = Annotated[Plate, Field(max_length=12)]
Number = Annotated[Line, Field(max_length=40), AfterValidator(_normal_number)]
Short = Annotated[Line, Field(max_length=60)]


class VehicleWanted(HolderWanted):
    """What may be set of a vehicle; the plate in any spelling; `person` holds it, `company` owns it.

    `colour` is that of the plate, `body_colour` that of the vehicle. An e-bike is a bicycle that is electric. Bicycles and
    tricycles without a plate have a frame number or a permit number, and gates are not told of them.
    """

    plate: Plate | None = None
    colour: Colour = ""
    vehicle_class: VehicleClass = "car"
    electric: bool = False
    frame_number: Number = ""
    permit_number: Number = ""
    make: Short = ""
    model: Short = ""
    body_colour: Short = ""
    person: UUID | None = None
    company: UUID | None = None
    remark: Prose = ""

    @model_validator(mode="after")
    def _can_be_told_apart(self) -> Self:
        if self.plate is None and self.vehicle_class not in WITHOUT_PLATE:
            raise ValueError("a motor vehicle is registered by its plate")
        if not (self.plate or self.frame_number or self.permit_number):
            raise ValueError("a vehicle without plate has a frame number or a permit number")
        return self


class VehiclesAsked(Asked):
    """Which vehicles are wanted; `had_plate`: that have or had this plate."""

    plate: Plate | None = None
    had_plate: Plate | None = None
    vehicle_class: VehicleClass | None = None
    electric: bool | None = None
    frame_number: Number | None = None
    permit_number: Number | None = None
    person_id: UUID | None = None
    company_id: UUID | None = None
    status: Status | None = None


class VehicleShown(HolderShown):
    """A vehicle; the plate in normal form; `picture` is the SHA-256 of its picture, if there is one."""

    plate: Annotated[str | None, Personal("plate")]
    colour: str
    vehicle_class: VehicleClass
    electric: bool
    frame_number: Annotated[str, Personal("plate")]
    permit_number: Annotated[str, Personal("plate")]
    make: str
    model: str
    body_colour: str
    person_id: UUID | None
    company_id: UUID | None
    remark: Annotated[str, Personal("note")]
    picture: Annotated[str, Personal("photo")]


class PlateHeld(BaseModel):
    """A plate that a vehicle has or had; without `since`: from before plates were written down; without `until`: still."""

    plate: Annotated[str, Personal("plate")]
    since: datetime | None
    until: datetime | None


class PlateWarning(BaseModel):
    """Another plate of the site that this one may be misread as, and why, in both languages."""

    plate: Annotated[str, Personal("plate")]
    zh: Annotated[str, Personal("report")]
    en: Annotated[str, Personal("report")]


class VehicleRegistered(VehicleShown):
    """A vehicle as it was registered. A plate one confusion from it is no error: both will be asked about more often."""

    warnings: list[PlateWarning]
