"""Vehicles and what gates are told of them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select
from typing_extensions import override

from access.candidate_words import likeness_in_words
from access.contract.records import AnyRecord, VehicleRecord
from access.matching import NearPlate, registration_warnings
from access.plate_index import folded
from access.words import LANGUAGES
from central.access_rules.audience import Audience, of_credential
from central.people.tables import Company
from central.records.repository import get, of_site
from central.records.repository import site as site_of
from central.records.schemas import Asked
from central.records.services import Records
from central.records.validity import epoch_s, fill_validity
from central.registry import Work
from central.tables import Person, Site, Vehicle
from central.vehicles import repository
from central.vehicles.details import NUMBERS
from central.vehicles.schemas import (
    PlateHeld,
    PlateWarning,
    VehicleRegistered,
    VehiclesAsked,
    VehicleShown,
    VehicleWanted,
)
from central.vehicles.tables import FormerPlate
from central.visits.telling import tell_plates

SET_AS_WANTED = ("colour", "vehicle_class", "electric", *NUMBERS, "make", "model", "body_colour", "remark")
# Plates that were taken or given up, of which visitors' gates are still to be told.
PLATES_MOVED = "plates moved"


class Vehicles(Records[Vehicle, VehicleWanted, VehicleShown]):
    """Vehicles; one plate is one vehicle of a site."""

    table = Vehicle
    wanted = VehicleWanted
    shown = VehicleShown
    taken = "another vehicle of the site has this plate, frame number or permit number"

    @override
    def fill(self, work: Work, site: Site, row: Vehicle, wanted: VehicleWanted) -> None:
        """Set all of a vehicle; holder and owner must be of the site. A plate that it had until now is written down."""
        if wanted.person is not None:
            of_site(work.session, Person, wanted.person, site.id, "person")
        if wanted.company is not None:
            of_site(work.session, Company, wanted.company, site.id, "company")
        fill_validity(row, wanted)
        for name in SET_AS_WANTED:
            setattr(row, name, getattr(wanted, name))
        row.person_id, row.company_id = wanted.person, wanted.company
        _set_plate(work, row, wanted.plate)

    @override
    def key(self, wanted: VehicleWanted) -> dict[str, object]:
        """Return the plate, or without one the first number that is given."""
        if wanted.plate is None:
            number = next((name for name in NUMBERS if getattr(wanted, name)), "plate")
            return {number: getattr(wanted, number)}
        return {"plate": wanted.plate}

    @override
    def narrowed(self, query: Select[Vehicle], asked: Asked) -> Select[Vehicle]:
        assert isinstance(asked, VehiclesAsked)
        if asked.had_plate is not None:
            query = query.where(repository.had_plate(asked.had_plate))
        return super().narrowed(query, asked.model_copy(update={"had_plate": None}))

    @override
    def audience(self, work: Work, row: Vehicle) -> Audience:
        return of_credential(work.session, row.status, row.person_id)

    @override
    def rules(self, site: Site, row: Vehicle) -> Sequence[AnyRecord]:
        """Tell plate, holder and validity; without a plate there is nothing that a gate could read."""
        if row.plate is None:
            return ()
        return (
            VehicleRecord(
                id=row.id,
                plate=row.plate,
                colour=row.colour,
                vehicle_class=row.vehicle_class,
                person=row.person_id,
                status=row.status,
                valid_from=epoch_s(row.valid_from),
                valid_until=epoch_s(row.valid_until),
            ),
        )

    @override
    def followed(self, work: Work, site: Site, row: Vehicle) -> None:
        """Tell gates anew of visitors' plates that were registered or given up; of many vehicles at once, with the first."""
        if plates := work.session.info.pop(PLATES_MOVED, ()):
            tell_plates(work.session, site, plates)

    @override
    def delete(self, work: Work, record_id: UUID, seen: int | None = None) -> None:
        row = get(work, Vehicle, record_id)
        plate, site = row.plate, site_of(work, row.site_id)
        super().delete(work, record_id, seen)
        if plate is not None:
            tell_plates(work.session, site, [plate])

    @override
    def registered(self, work: Work, shown: VehicleShown) -> VehicleRegistered:
        """Add a warning for each plate that is one confusion from this one."""
        return with_warnings(work, shown)

    def plates(self, work: Work, record_id: UUID) -> list[PlateHeld]:
        """Return the plates that a vehicle has and had, the newest first; RegistryError 404."""
        row = get(work, Vehicle, record_id)
        current = [] if row.plate is None else [PlateHeld(plate=row.plate, since=row.plate_since, until=None)]
        former = repository.former_plates(work.session, row.id)
        return current + [PlateHeld(plate=each.plate, since=each.since, until=each.until) for each in former]


vehicles = Vehicles()


def _set_plate(work: Work, row: Vehicle, plate: str | None) -> None:
    row.folded = "" if plate is None else folded(plate)
    if plate == row.plate:
        return
    work.session.info.setdefault(PLATES_MOVED, set()).update({plate, row.plate} - {None})
    if row.plate is not None:
        facts = {"vehicle_id": row.id, "plate": row.plate, "since": row.plate_since, "until": work.at}
        work.session.add(FormerPlate(id=work.new_id(), site_id=row.site_id, **facts))
    row.plate, row.plate_since = plate, None if plate is None else work.at


def with_warnings(work: Work, vehicle: VehicleShown) -> VehicleRegistered:
    """Show a vehicle that was registered, with a warning for each plate of the site that is one confusion from its own."""
    neighbours = [] if vehicle.plate is None else repository.alike(work.session, vehicle.site_id, vehicle.plate)
    warnings = [_warning(near) for near in registration_warnings(vehicle.plate or "", neighbours)]
    return VehicleRegistered(**vehicle.model_dump(), warnings=warnings)


def _warning(near: NearPlate) -> PlateWarning:
    zh, en = (likeness_in_words(near.likeness, language) for language in LANGUAGES)
    return PlateWarning(plate=near.plate, zh=zh, en=en)
