"""The picture of a vehicle: kept beside it, and part of what is changed and shown of it."""

from functools import partial
from hashlib import sha256
from typing import Final
from uuid import UUID

from central.errors import RegistryError
from central.images import Jpeg, as_jpeg
from central.records.repository import get
from central.registry import Work
from central.tables import Vehicle
from central.vehicles.schemas import VehicleShown
from central.vehicles.services import vehicles
from central.vehicles.tables import VehiclePicture

SIDE_MAX: Final = 1280
BYTES_MAX: Final = 200_000


def drawn(data: bytes) -> Jpeg:
    """Return a picture as it is kept of a vehicle; RegistryError 422, and 429 while another is read."""
    return as_jpeg(data, SIDE_MAX, BYTES_MAX)


def find_picture(work: Work, record_id: UUID) -> tuple[str, bytes]:
    """Return the picture of a vehicle, behind its SHA-256; RegistryError 404."""
    row = get(work, Vehicle, record_id)
    return row.picture, _existing(work, row).data


def put_picture(work: Work, record_id: UUID, picture: Jpeg, seen: int | None = None) -> VehicleShown:
    """Make this the picture of a vehicle; RegistryError 404, and 409 unless it is as it was `seen` (None: any)."""
    row = get(work, Vehicle, record_id, changing=True)
    vehicles.check_seen(work, row, seen)
    work.session.merge(VehiclePicture(vehicle_id=row.id, data=picture.data))
    return vehicles.amend(work, row, partial(setattr, row, "picture", sha256(picture.data).hexdigest()))


def delete_picture(work: Work, record_id: UUID, seen: int | None = None) -> None:
    """Delete the picture of a vehicle; RegistryError 404, and 409 unless it is as it was `seen` (None: any)."""
    row = get(work, Vehicle, record_id, changing=True)
    vehicles.check_seen(work, row, seen)
    work.session.delete(_existing(work, row))
    vehicles.amend(work, row, partial(setattr, row, "picture", ""))


def _existing(work: Work, row: Vehicle) -> VehiclePicture:
    found = work.session.get(VehiclePicture, row.id)
    if found is None:
        raise RegistryError("there is no such picture", 404, "id")
    return found
