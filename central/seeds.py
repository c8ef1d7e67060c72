"""A small estate from a file: put in by natural keys, so that a second time changes nothing."""

import json
import tomllib
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from access.contract.record_fields import Category, Slug
from access.contract.records import Span
from central.access_rules.schemas import BlockWanted, LevelWanted, ScheduleWanted
from central.access_rules.services import blocks, levels, schedules
from central.cards.schemas import CardWanted
from central.cards.services import cards
from central.duty.schemas import GuardWanted
from central.duty.services import guards
from central.errors import RegistryError, SeedError
from central.people.schemas import PersonWanted
from central.people.services import persons
from central.registry import Work
from central.sites.schemas import Direction, GateWanted, LaneKind, LaneWanted, Mode, SiteWanted, Unknown
from central.sites.services import gates, lanes, put_site
from central.vehicles.schemas import Colour, VehicleClass, VehicleWanted
from central.vehicles.services import vehicles


class Part(BaseModel):
    """Base of all parts of a seed: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LaneSeed(Part):
    """A lane."""

    slug: Slug
    name: str = ""
    kind: LaneKind = "vehicle"
    direction: Direction
    mode: Mode = "normal"
    unknown: Unknown = "refer"


class GateSeed(Part):
    """A gate with its lanes."""

    slug: Slug
    name: str
    lanes: tuple[LaneSeed, ...] = ()


class ScheduleSeed(Part):
    """A schedule."""

    name: str
    spans: tuple[Span, ...]


class GrantSeed(Part):
    """A grant; lanes as GATE/LANE, the schedule by name."""

    lanes: tuple[str, ...] = ()
    direction: Direction = "both"
    schedule: str = ""


class LevelSeed(Part):
    """An access level."""

    name: str
    grants: tuple[GrantSeed, ...]


class VehicleSeed(Part):
    """A vehicle of a person."""

    plate: str
    colour: Colour = ""
    vehicle_class: VehicleClass = "car"


class CardSeed(Part):
    """A card (hex) or a code of a person."""

    raw: str | None = None
    bits: int | None = None
    code: str | None = None


class PersonSeed(Part):
    """A person with levels (by name), vehicles and cards."""

    name: str
    unit: str = ""
    category: Category = "resident"
    levels: tuple[str, ...] = ()
    vehicles: tuple[VehicleSeed, ...] = ()
    cards: tuple[CardSeed, ...] = ()


class GuardSeed(Part):
    """A guard."""

    name: str
    badge: str
    pin: SecretStr


class BlockSeed(Part):
    """A blocked plate or card."""

    plate: str | None = None
    raw: str | None = None
    reason: str


class SiteSeed(Part):
    """A site with all that belongs to it."""

    slug: Slug
    name: str
    zone: str = "Asia/Shanghai"
    gates: tuple[GateSeed, ...] = ()
    schedules: tuple[ScheduleSeed, ...] = ()
    levels: tuple[LevelSeed, ...] = ()
    persons: tuple[PersonSeed, ...] = ()
    guards: tuple[GuardSeed, ...] = ()
    blocks: tuple[BlockSeed, ...] = ()


class Seed(Part):
    """All sites of a file."""

    sites: Annotated[tuple[SiteSeed, ...], Field(min_length=1)]


def read_seed(path: Path) -> Seed:
    """Read a TOML or JSON file; raises SeedError naming what is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
        return Seed.model_validate(json.loads(text) if path.suffix == ".json" else tomllib.loads(text))
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise SeedError(f"{path}: {'; '.join(faults)}") from error
    except (OSError, ValueError) as error:
        raise SeedError(f"{path}: {error}") from error


def put_seed(work: Work, seed: Seed) -> None:
    """Put every record in, or make it what the file says; raises SeedError and RegistryError."""
    try:
        for site in seed.sites:
            _put_site(work, site)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        raise SeedError(f"{'.'.join(map(str, fault['loc']))} {fault['input']!r}: {fault['msg']}") from error


def _put_site(work: Work, seed: SiteSeed) -> None:
    site = put_site(work, SiteWanted(slug=seed.slug, name=seed.name, zone=seed.zone)).id
    lane_ids = _put_gates(work, site, seed)
    schedule_ids = {
        each.name: schedules.put(work, ScheduleWanted(site=site, name=each.name, spans=each.spans)).id for each in seed.schedules
    }
    level_ids = {each.name: _put_level(work, site, each, lane_ids, schedule_ids) for each in seed.levels}
    for person in seed.persons:
        _put_person(work, site, person, level_ids)
    for guard in seed.guards:
        guards.put(work, GuardWanted(site=site, name=guard.name, badge=guard.badge, pin=guard.pin))
    for block in seed.blocks:
        blocks.put(work, BlockWanted(site=site, **block.model_dump()))


def _put_gates(work: Work, site: UUID, seed: SiteSeed) -> dict[str, UUID]:
    """Return the ids of the lanes by GATE/LANE."""
    ids = {}
    for gate in seed.gates:
        gate_id = gates.put(work, GateWanted(site=site, slug=gate.slug, name=gate.name)).id
        for lane in gate.lanes:
            facts: dict[str, Any] = lane.model_dump(exclude={"kind"})
            wanted = LaneWanted(site=site, gate=gate_id, lane_kind=lane.kind, **facts)
            ids[f"{gate.slug}/{lane.slug}"] = lanes.put(work, wanted).id
    return ids


def _put_level(work: Work, site: UUID, seed: LevelSeed, lane_ids: dict[str, UUID], schedule_ids: dict[str, UUID]) -> UUID:
    grants = [
        {
            "lanes": [_named(lane_ids, name, "lane") for name in grant.lanes],
            "direction": grant.direction,
            "schedule": _named(schedule_ids, grant.schedule, "schedule") if grant.schedule else None,
        }
        for grant in seed.grants
    ]
    return levels.put(work, LevelWanted.model_validate({"site": site, "name": seed.name, "grants": grants})).id


def _put_person(work: Work, site: UUID, seed: PersonSeed, level_ids: dict[str, UUID]) -> None:
    held = frozenset(_named(level_ids, name, "level") for name in seed.levels)
    wanted = PersonWanted(site=site, name=seed.name, unit=seed.unit, category=seed.category, levels=held)
    person = persons.put(work, wanted).id
    for vehicle in seed.vehicles:
        vehicles.put(work, VehicleWanted(site=site, person=person, **vehicle.model_dump()))
    for card in seed.cards:
        cards.put(work, CardWanted(site=site, person=person, **card.model_dump()))


def _named(ids: dict[str, UUID], name: str, kind: str) -> UUID:
    if name not in ids:
        raise RegistryError("the file names no {kind} {name!r}", 422, kind, kind=kind, name=name)
    return ids[name]
