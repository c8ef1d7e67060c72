"""Buildings, units, zones and posts."""

from collections.abc import Sequence

from sqlalchemy import update
from typing_extensions import override

from access.contract.records import AnyRecord, ZoneRecord
from central.places.schemas import (
    BuildingShown,
    BuildingWanted,
    PostShown,
    PostWanted,
    UnitShown,
    UnitWanted,
    ZoneShown,
    ZoneWanted,
)
from central.places.tables import Building, Post, Unit
from central.records.repository import of_site
from central.records.services import Records
from central.registry import Work
from central.tables import Gate, Site, Zone


class Buildings(Records[Building, BuildingWanted, BuildingShown]):
    """Buildings; their units are labelled after them."""

    table = Building
    wanted = BuildingWanted
    shown = BuildingShown
    taken = "another building of the site has this name"
    in_use = "the building still has units"

    @override
    def fill(self, work: Work, site: Site, row: Building, wanted: BuildingWanted) -> None:
        """Set name and floors."""
        row.name, row.floors = wanted.name, wanted.floors

    @override
    def key(self, wanted: BuildingWanted) -> dict[str, object]:
        return {"name": wanted.name}

    @override
    def followed(self, work: Work, site: Site, row: Building) -> None:
        """Label its units anew where its name is another."""
        label = row.name + "-" + Unit.number
        anew = update(Unit).where(Unit.building_id == row.id, Unit.label != label).values(label=label, version=Unit.version + 1)
        work.session.execute(anew, execution_options={"synchronize_session": False})


class Units(Records[Unit, UnitWanted, UnitShown]):
    """Homes, shops and offices."""

    table = Unit
    wanted = UnitWanted
    shown = UnitShown
    taken = "another unit of the site has this number or label"

    @override
    def fill(self, work: Work, site: Site, row: Unit, wanted: UnitWanted) -> None:
        """Set all of a unit, and the label."""
        building = of_site(work.session, Building, wanted.building, site.id, "building")
        row.building_id, row.number, row.label = building.id, wanted.number, f"{building.name}-{wanted.number}"
        row.floor, row.use = wanted.floor, wanted.use

    @override
    def key(self, wanted: UnitWanted) -> dict[str, object]:
        return {"building_id": wanted.building, "number": wanted.number}


class Zones(Records[Zone, ZoneWanted, ZoneShown]):
    """Zones; every gate counts for them."""

    table = Zone
    wanted = ZoneWanted
    shown = ZoneShown
    taken = "another zone of the site has this name"
    in_use = "a lane still leads into or out of the zone, or parking spaces lie in it"

    @override
    def fill(self, work: Work, site: Site, row: Zone, wanted: ZoneWanted) -> None:
        """Set all of a zone."""
        row.name, row.capacity, row.full = wanted.name, wanted.capacity, wanted.full
        row.anti_passback, row.minutes = wanted.anti_passback, wanted.minutes

    @override
    def key(self, wanted: ZoneWanted) -> dict[str, object]:
        return {"name": wanted.name}

    @override
    def rules(self, site: Site, row: Zone) -> Sequence[AnyRecord]:
        """Tell all of it."""
        return (ZoneRecord(**ZoneShown.model_validate(row).model_dump(exclude={"site_id", "version"})),)


class Posts(Records[Post, PostWanted, PostShown]):
    """Posts: where guards stand and duplicates hang."""

    table = Post
    wanted = PostWanted
    shown = PostShown
    taken = "another post of the site has this name"

    @override
    def fill(self, work: Work, site: Site, row: Post, wanted: PostWanted) -> None:
        """Set name and gate."""
        row.name = wanted.name
        row.gate_id = None if wanted.gate is None else of_site(work.session, Gate, wanted.gate, site.id, "gate").id

    @override
    def key(self, wanted: PostWanted) -> dict[str, object]:
        return {"name": wanted.name}


buildings = Buildings()
units = Units()
zones = Zones()
posts = Posts()
