"""Buildings, units, zones and posts."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from sqlalchemy import ColumnElement
from typing_extensions import override

from access.contract.records import AnyRecord, ZoneRecord
from access.workflows.contractor_pass import WORKFLOW as CONTRACTOR_PASS
from central.access_rules.ruled import Ruled, check_direct
from central.duty.at_booth import tell_shifts_with
from central.errors import RegistryError
from central.places import repository
from central.places.at_booth import tell_gates, tell_settings, unit_record
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
from central.records.repository import get, of_site
from central.records.repository import site as site_of
from central.records.services import Records
from central.registry import Work
from central.tables import Gate, Site, Zone
from central.workflows.repository import with_key


class Buildings(Records[Building, BuildingWanted, BuildingShown]):
    """Buildings; their units are labelled after them."""

    table = Building
    wanted = BuildingWanted
    shown = BuildingShown
    taken = "another building of the site has this name"
    in_use = "the building still has units"

    @override
    def fill(self, work: Work, site: Site, row: Building, wanted: BuildingWanted) -> None:
        """Set name and floors; a name that units are called by stays."""
        if row.name not in (None, wanted.name):
            _check_unnamed(work, Unit.building_id == row.id, "name")
            if repository.is_label_of_others(work.session, row.id, wanted.name):
                raise RegistryError("another unit of the site has this number or label", 409, "name")
        row.name, row.floors = wanted.name, wanted.floors

    @override
    def key(self, wanted: BuildingWanted) -> dict[str, object]:
        return {"name": wanted.name}

    @override
    def followed(self, work: Work, site: Site, row: Building) -> None:
        """Label its units anew where its name is another."""
        for unit in repository.units_of(work.session, row.id):
            label = label_of(row, unit.number)
            if unit.label != label:
                units.amend(work, unit, partial(setattr, unit, "label", label))


class Units(Records[Unit, UnitWanted, UnitShown]):
    """Homes, shops and offices."""

    table = Unit
    wanted = UnitWanted
    shown = UnitShown
    taken = "another unit of the site has this number or label"

    @override
    def fill(self, work: Work, site: Site, row: Unit, wanted: UnitWanted) -> None:
        """Set all of a unit, and the label; one that records of the present name stays."""
        building = of_site(work.session, Building, wanted.building, site.id, "building")
        label = label_of(building, wanted.number)
        if row.label not in (None, label):
            _check_unnamed(work, Unit.id == row.id, "building" if row.number == wanted.number else "number")
        row.building_id, row.number, row.label = building.id, wanted.number, label
        row.floor, row.use = wanted.floor, wanted.use

    @override
    def delete(self, work: Work, record_id: UUID, seen: int | None = None) -> None:
        row = get(work, Unit, record_id, changing=True)
        _check_unnamed(work, Unit.id == row.id, "")
        super().delete(work, record_id, seen)

    @override
    def key(self, wanted: UnitWanted) -> dict[str, object]:
        return {"building_id": wanted.building, "number": wanted.number}

    @override
    def at_booths(self, work: Work, site: Site, row: Unit) -> Sequence[AnyRecord]:
        """Show each unit: somebody may want to go there."""
        return (unit_record(work.session.get_one(Building, row.building_id), row),)


def label_of(building: Building, number: str) -> str:
    """Return what a unit is called: persons, spaces and papers name it so."""
    return f"{building.name}-{number}"


def _check_unnamed(work: Work, which: ColumnElement[bool], field: str) -> None:
    """Raise RegistryError 409 where people, spaces, papers or keys are registered under the label of one of these units."""
    label = repository.label_in_use(work.session, which)
    if label is not None:
        words = "people, spaces, documents, quotas or keys are registered under {label}: change those first"
        raise RegistryError(words, 409, field, label=label)


class Zones(Ruled[Zone, ZoneWanted, ZoneShown]):
    """Zones; every gate counts for them."""

    table = Zone
    wanted = ZoneWanted
    shown = ZoneShown
    taken = "another zone of the site has this name"
    in_use = "a lane still leads into or out of the zone, or parking spaces lie in it"

    @override
    def fill(self, work: Work, site: Site, row: Zone, wanted: ZoneWanted) -> None:
        """Set all of a zone."""
        check_direct(work, site)
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
    """Posts: where guards stand and duplicates hang; booths show their names."""

    table = Post
    wanted = PostWanted
    shown = PostShown
    taken = "another post of the site has this name"

    @override
    def fill(self, work: Work, site: Site, row: Post, wanted: PostWanted) -> None:
        """Set name and gate; a post where duplicates hang keeps its name, by which their holders leave."""
        if row.name not in (None, wanted.name):
            _check_no_duplicates(work, row)
        row.name = wanted.name
        row.gate_id = None if wanted.gate is None else of_site(work.session, Gate, wanted.gate, site.id, "gate").id

    @override
    def delete(self, work: Work, record_id: UUID, seen: int | None = None) -> None:
        row = get(work, Post, record_id, changing=True)
        _check_no_duplicates(work, row)
        site = site_of(work, row.site_id)
        super().delete(work, record_id, seen)
        tell_settings(work, site)
        tell_gates(work, site)

    @override
    def key(self, wanted: PostWanted) -> dict[str, object]:
        return {"name": wanted.name}

    @override
    def followed(self, work: Work, site: Site, row: Post) -> None:
        """Show what the post is called by now, also at its shifts."""
        tell_settings(work, site)
        tell_gates(work, site)
        tell_shifts_with(work, site, "post_id", str(row.id))


def _check_no_duplicates(work: Work, post: Post) -> None:
    """Raise RegistryError 409 where duplicates of contractors' passes hang at the post."""
    if with_key(work.session, post.site_id, CONTRACTOR_PASS.name, "post", post.name):
        raise RegistryError("duplicates of contractors hang at {post}: have those given back first", 409, "name", post=post.name)


buildings = Buildings()
units = Units()
zones = Zones()
posts = Posts()
