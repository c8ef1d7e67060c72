"""Rows that are put into the database many at a time: as the session would, held by it as read, and refused by the same words."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import inspect, select

from central.access_rules.repository import living
from central.errors import RegistryError
from central.kinds import KINDS
from central.records.many import add_many
from central.records.repository import flush
from central.registry import Registry, Work
from central.sites.schemas import SiteWanted
from central.sites.services import put_site
from central.tables import Card, Grant, GrantLane, Level, RuleChange, Vehicle

# Columns of which only the database has a default: `fill` sets them.
FILLED = {("vehicles", "folded"), ("cards", "state")}
MIDNIGHT = datetime(2026, 7, 1, tzinfo=UTC)


def vehicle(work: Work, site: UUID, plate: str | None, **facts: Any) -> Vehicle:
    given = {"status": "active", "colour": "blue", "vehicle_class": "car", "folded": "", **facts}
    return Vehicle(id=work.new_id(), site_id=site, version=1, plate=plate, **given)


def test_rows_are_added_with_what_belongs_to_them(registry: Registry) -> None:
    with registry.write() as work:
        site = put_site(work, SiteWanted(slug="lakeside", name="s")).id
        cars = [vehicle(work, site, "粤B1", valid_from=MIDNIGHT), vehicle(work, site, None, electric=True)]
        add_many(work.session, cars)
        assert all(inspect(each).persistent and not inspect(each).unloaded for each in cars)
        assert not [*work.session.dirty, *work.session.new]
        card = Card(
            id=work.new_id(), site_id=site, medium="card", raw=b"\0\\\n", bits=24, tail="1", status="active", state="active"
        )
        add_many(work.session, [card])
        grants = [Grant(position=position, direction="in") for position in range(2)]
        level = Level(id=work.new_id(), site_id=site, name="住户", grants=grants)
        add_many(work.session, [level])
        level.name = "员工"
        add_many(work.session, [])
    with registry.read() as work:
        first, second = work.session.scalars(select(Vehicle).order_by(Vehicle.id))
        assert (first.plate, first.valid_from, first.electric, first.frame_number, first.version) == (
            "粤B1",
            MIDNIGHT,
            False,
            "",
            1,
        )
        assert (second.plate, second.person_id, second.electric) == (None, None, True)
        kept = work.session.scalars(select(Card)).one()
        assert (kept.raw, kept.floors, kept.kind) == (b"\0\\\n", [], "resident_card")
        changed = work.session.scalars(select(Level)).one()
        assert (changed.name, [each.position for each in changed.grants]) == ("员工", [0, 1])


def test_what_is_refused_of_many_is_named(registry: Registry) -> None:
    with registry.write() as work:
        site = put_site(work, SiteWanted(slug="lakeside", name="s")).id
        add_many(work.session, [vehicle(work, site, "粤B1")])
    for facts, words, field in (
        ({"plate": "粤B1"}, "the plate is taken", "plate"),
        ({"plate": "粤B2", "person_id": UUID(int=1)}, "what it refers to was deleted meanwhile", ""),
    ):
        with registry.write() as work, pytest.raises(RegistryError, match=words) as refused, work.session.begin_nested():
            flush(work.session, "the plate is taken", [vehicle(work, site, "粤B3"), vehicle(work, site, **facts)])
        assert (refused.value.status_code, refused.value.field) == (409, field)
    with registry.write() as work:
        level = Level(id=work.new_id(), site_id=site, name="住户", grants=[Grant(position=0, direction="in")])
        level.grants[0].opened = [GrantLane(lane_id=UUID(int=1))]
        with pytest.raises(RegistryError, match="was deleted meanwhile"), work.session.begin_nested():
            flush(work.session, "the name is taken", [level])
    with registry.read() as work:
        assert work.session.scalars(select(Vehicle.plate)).all() == ["粤B1"]
        assert not work.session.scalars(select(Level.id)).all()


def test_only_what_is_filled_in_is_left_to_the_database() -> None:
    columns = ((records.kind, column) for records in KINDS for column in records.table.__table__.columns)
    left = {(kind, each.name) for kind, each in columns if each.server_default is not None and each.default is None}
    assert left == FILLED


def test_what_holds_of_many_records(registry: Registry) -> None:
    with registry.write() as work:
        site = put_site(work, SiteWanted(slug="lakeside", name="s")).id
        ids = [work.new_id() for _ in range(3)]
        facts = {"site_id": site, "kind": "vehicle", "audience": "*"}
        gone = {"from_revision": 7, "to_revision": None, "data": None}
        for record_id, held in ((ids[0], {"data": "now", "from_revision": 5, "to_revision": None}), (ids[1], gone)):
            work.session.add(RuleChange(record_id=record_id, **facts, **held))
            work.session.add(RuleChange(record_id=record_id, **facts, data="before", from_revision=4, to_revision=5))
        work.session.flush()
        assert [(each.record_id, each.data) for each in living(work.session, site, "vehicle", ids)] == [(ids[0], "now")]
        assert not list(living(work.session, site, "card", ids))
        assert not list(living(work.session, site, "vehicle", []))
