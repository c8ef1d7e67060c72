"""Vehicles and what gates are told of them."""

from collections.abc import Sequence

from typing_extensions import override

from access.candidate_words import likeness_in_words
from access.contract.records import AnyRecord, VehicleRecord
from access.matching import NearPlate, registration_warnings
from access.plate_index import folded
from access.words import LANGUAGES
from central.access_rules.audience import Audience, of_credential
from central.records.repository import of_site
from central.records.services import Records
from central.records.validity import epoch_s, fill_validity
from central.registry import Work
from central.tables import Person, Site, Vehicle
from central.vehicles import repository
from central.vehicles.schemas import PlateWarning, VehicleRegistered, VehicleShown, VehicleWanted


class Vehicles(Records[Vehicle, VehicleWanted, VehicleShown]):
    """Vehicles; one plate is one vehicle of a site."""

    table = Vehicle
    wanted = VehicleWanted
    shown = VehicleShown
    taken = "another vehicle of the site has this plate"

    @override
    def fill(self, work: Work, site: Site, row: Vehicle, wanted: VehicleWanted) -> None:
        """Set all of a vehicle; the holder must be of the site."""
        if wanted.person is not None:
            of_site(work.session, Person, wanted.person, site.id, "person")
        fill_validity(row, wanted)
        row.plate, row.colour, row.vehicle_class = wanted.plate, wanted.colour, wanted.vehicle_class
        row.folded = folded(wanted.plate)
        row.person_id = wanted.person

    @override
    def key(self, wanted: VehicleWanted) -> dict[str, object]:
        return {"plate": wanted.plate}

    @override
    def audience(self, work: Work, row: Vehicle) -> Audience:
        return of_credential(work.session, row.status, row.person_id)

    @override
    def rules(self, site: Site, row: Vehicle) -> Sequence[AnyRecord]:
        """Tell plate, holder and validity."""
        shown = VehicleShown.model_validate(row)
        return (
            VehicleRecord(
                id=shown.id,
                plate=shown.plate,
                colour=shown.colour,
                vehicle_class=shown.vehicle_class,
                person=shown.person_id,
                status=shown.status,
                valid_from=epoch_s(shown.valid_from),
                valid_until=epoch_s(shown.valid_until),
            ),
        )

    @override
    def registered(self, work: Work, shown: VehicleShown) -> VehicleRegistered:
        """Add a warning for each plate that is one confusion from this one."""
        return with_warnings(work, shown)


vehicles = Vehicles()


def with_warnings(work: Work, vehicle: VehicleShown) -> VehicleRegistered:
    """Show a vehicle that was registered, with a warning for each plate of the site that is one confusion from its own."""
    neighbours = repository.alike(work.session, vehicle.site_id, vehicle.plate)
    warnings = [_warning(near) for near in registration_warnings(vehicle.plate, neighbours)]
    return VehicleRegistered(**vehicle.model_dump(), warnings=warnings)


def _warning(near: NearPlate) -> PlateWarning:
    zh, en = (likeness_in_words(near.likeness, language) for language in LANGUAGES)
    return PlateWarning(plate=near.plate, zh=zh, en=en)
