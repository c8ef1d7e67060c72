"""What gates are told of visits, and what a gate that knows it decides."""

from datetime import timedelta
from uuid import UUID

from access.case import Presented
from access.contract.records import AnyRecord
from access.decision import decide
from access.presence import Presence
from central.access_rules.stream import rules_page
from central.records.services import Put
from central.tables import Site
from central.vehicles.schemas import VehicleWanted
from central.vehicles.services import vehicles
from central.visits.denied import denied_visitors
from central.visits.schemas import DeniedVisitorWanted
from tests.access.rules_world import snapshot
from tests.central.databases import ON_ONE
from tests.central.visits.world import World, done

HOUR = timedelta(hours=1)
PLATE = "粤B12345"
SHOWN_PLATE = Presented("plate", PLATE, PLATE, "in", confidence=0.99)


def living(world: World) -> tuple[AnyRecord, ...]:
    """Return all that the gate `east` knows now."""
    with world.registry.read() as work:
        page = rules_page(work.session, UUID(world.site), UUID(world.gate), since=0)
    return tuple(upsert.record for upsert in page.upserts)


def of_visits(world: World) -> list[str]:
    return sorted(
        one.kind for one in living(world) if one.kind in {"visit", "vehicle"} or getattr(one, "category", "") == "visitor"
    )


def decided(world: World, later: timedelta, lane: str = "in-1", presented: Presented = SHOWN_PLATE) -> tuple[str, list[str]]:
    """Return the reason and the obligations with which the gate decides on what is shown."""
    rules = snapshot(1, [(one.kind, one.id, one.model_dump(mode="json")) for one in living(world)])
    at = world.now[0] + later
    known = Presence().after([("set", "rules", int(at.timestamp()))])
    decision = decide(presented, rules.lanes[lane], rules, known, at)
    return decision.reason, [due.code for due in decision.obligations]


@ON_ONE
def test_a_plate_is_let_in_while_its_visit_lasts_and_then_no_more(world: World) -> None:
    for slug, gate in (("in-1", world.gate), ("in-2", world.made("/gates", slug="north", name="北门"))):
        world.made("/lanes", gate=gate, slug=slug, name=slug, lane_kind="vehicle", direction="in")
    place = world.announce(valid_from=world.at(HOUR), plates=[PLATE], gates=["east", "west"], category="important")
    assert of_visits(world) == []
    done(world.admin.post(f"{place}/approve"), "approved")
    assert of_visits(world) == ["person", "vehicle", "visit"]
    assert "张伟" not in str(living(world))
    assert "李小明" not in str(living(world))
    assert decided(world, timedelta())[0] == "visit_not_yet"
    assert decided(world, 2 * HOUR) == ("visit_ok", ["tell_host", "escort"])
    assert decided(world, world.lasts)[0] == "visit_over"
    world.now[0] += 2 * HOUR
    done(world.arrive(place, met=["tell_host", "escort"]), "in")
    done(world.admin.post(f"{place}/cancel", json={"reason": "不来了"}), "in")
    assert decided(world, timedelta())[0] == "visit_refused"
    assert of_visits(world) == ["person", "vehicle", "visit"]
    done(world.guard.post(f"{place}/leave", json={"gate": "west"}), "out")
    assert of_visits(world) == ["person"], "as long as somebody may show the code that was taken back"
    again = world.approved(plates=[PLATE], uses=2, category="important")
    done(world.arrive(again, met=["tell_host", "escort"]), "in")
    done(world.guard.post(f"{again}/leave", json={"gate": "west"}), "out")
    assert decided(world, timedelta())[0] == "visit_ok"
    world.pass_time(world.lasts)
    assert of_visits(world) == ["person", "person"]


@ON_ONE
def test_a_plate_has_one_holder_at_a_time(world: World) -> None:
    world.made("/lanes", gate=world.gate, slug="in-1", name="in-1", lane_kind="vehicle", direction="in")
    tomorrow = world.approved(plates=[PLATE], valid_from=world.at(20 * HOUR), valid_until=world.at(24 * HOUR))
    today = world.approved(plates=[PLATE])
    assert of_visits(world) == ["person", "person", "vehicle", "visit", "visit"]
    assert decided(world, timedelta())[0] == "visit_ok"
    assert decided(world, 21 * HOUR)[0] == "visit_over"
    done(world.admin.post(f"{today}/cancel", json={"reason": "改期"}), "cancelled")
    assert decided(world, timedelta())[0] == "visit_not_yet"
    assert decided(world, 21 * HOUR)[0] == "visit_ok"
    level = world.made("/levels", name="everywhere", grants=[{}])
    resident = world.made("/persons", name="赵六", levels=[level])
    done(world.admin.post(f"{tomorrow}/cancel", json={"reason": "改期"}), "cancelled")
    world.made("/vehicles", plate=PLATE, person=resident)
    world.approved(plates=[PLATE])
    assert of_visits(world) == ["person", "person", "person", "vehicle", "visit"]
    assert decided(world, timedelta())[0] == "access_ok"


@ON_ONE
def test_a_plate_that_is_registered_or_given_up_has_one_holder(world: World) -> None:
    world.made("/lanes", gate=world.gate, slug="in-1", name="in-1", lane_kind="vehicle", direction="in")
    world.approved(plates=[PLATE])
    assert decided(world, timedelta())[0] == "visit_ok"
    resident = world.made("/persons", name="赵六", levels=[world.made("/levels", name="everywhere", grants=[{}])])
    vehicle = world.made("/vehicles", plate=PLATE, person=resident)
    assert (of_visits(world), decided(world, timedelta())[0]) == (["person", "vehicle", "visit"], "access_ok")
    changed = {"site": world.site, "person": resident, "plate": "粤B67890"}
    assert world.admin.put(f"/vehicles/{vehicle}", json=changed).status_code == 200
    assert (of_visits(world), decided(world, timedelta())[0]) == (["person", "vehicle", "vehicle", "visit"], "visit_ok")
    with world.registry.write() as work:
        site = work.session.get_one(Site, UUID(world.site))
        wanted = [VehicleWanted(site=site.id, plate=plate) for plate in (PLATE, "粤B11111")]
        _, other = vehicles.put_many(work, site, wanted)
    assert isinstance(other, Put)
    assert of_visits(world) == ["person", "vehicle", "vehicle", "vehicle", "visit"]
    ours = [one.id for one in living(world) if one.kind == "vehicle" and one.plate == PLATE]
    assert world.admin.delete(f"/vehicles/{ours[0]}").status_code == 204
    assert (len(ours), decided(world, timedelta())[0]) == (1, "visit_ok")


@ON_ONE
def test_who_is_denied_is_not_let_in_by_plate_either(world: World) -> None:
    world.made("/lanes", gate=world.gate, slug="in-1", name="in-1", lane_kind="vehicle", direction="in")
    world.approved(plates=[PLATE])
    assert decided(world, timedelta())[0] == "visit_ok"
    for given in ({"plate": PLATE}, {"name": "张 伟", "phone": "13800138000"}, {"name": "张伟"}):
        entry = world.made("/denied-visitors", reason="曾盗窃", **given)
        assert decided(world, timedelta())[0] == "visit_refused", given
        over = {"site": world.site, "reason": "已处理", **given, "valid_until": world.now[0].isoformat()}
        assert world.admin.put(f"/denied-visitors/{entry}", json=over).status_code == 200
        assert decided(world, timedelta())[0] == "visit_ok", given
        world.admin.put(f"/denied-visitors/{entry}", json={**over, "valid_until": None}).raise_for_status()
        assert decided(world, timedelta())[0] == "visit_refused", given
        assert world.admin.delete(f"/denied-visitors/{entry}").status_code == 204
        assert decided(world, timedelta())[0] == "visit_ok", given


@ON_ONE
def test_who_is_denied_no_longer_is_let_in_again_when_that_time_comes(world: World) -> None:
    world.made("/lanes", gate=world.gate, slug="in-1", name="in-1", lane_kind="vehicle", direction="in")
    world.approved(plates=[PLATE])
    inside = world.approved(details={"name": "王五", "phone": None})
    done(world.arrive(inside), "in")
    world.approved(details={"name": "赵六", "phone": None})
    for name, until in (("张伟", HOUR), ("王五", HOUR), ("赵六", HOUR), ("赵六", 2 * HOUR)):
        plate = {"plate": "粤B00000", "phone": "13900139000"} if until != HOUR else {}
        world.made("/denied-visitors", name=name, reason="曾盗窃", valid_until=world.at(until), **plate)
    done(world.admin.post(f"{inside}/cancel", json={"reason": "不来了"}), "in")
    assert (decided(world, timedelta())[0], moved(world)) == ("visit_refused", (False, 0, False))
    world.now[0] += HOUR
    # Taken back is another thing than denied, and one of them is denied by another entry still.
    assert (moved(world), statuses(world)) == ((True, 1, False), ["approved", "cancelled", "cancelled"])
    assert decided(world, timedelta())[0] == "visit_ok"
    world.now[0] += HOUR
    assert (moved(world), statuses(world)) == ((True, 1, False), ["approved", "approved", "cancelled"])


@ON_ONE
def test_a_sheet_of_who_is_denied_is_told_at_once(world: World) -> None:
    for name in ("张伟", "王五", "赵六", "孙七"):
        world.approved(details={"name": name, "phone": None}, plates=[PLATE] if name == "孙七" else [])
    given = ({"name": "张 伟"}, {"name": "王五"}, {"name": "", "plate": PLATE}, {"name": "周八"})
    with world.registry.write() as work:
        site = work.session.get_one(Site, UUID(world.site))
        before = site.revision
        denied_visitors.put_many(work, site, [DeniedVisitorWanted(site=site.id, reason="曾盗窃", **facts) for facts in given])
        work.session.refresh(site)
        told = site.revision - before
    assert (told, statuses(world)) == (1, ["approved", "cancelled", "cancelled", "cancelled"])


def statuses(world: World) -> list[str]:
    return sorted(one.status for one in living(world) if one.kind == "visit")


def moved(world: World) -> tuple[bool, int, bool]:
    """Return whether the clock had denied visitors to move, how many visits it told anew, and whether it has more."""
    with world.registry.write() as work:
        return denied_visitors.is_due(work), denied_visitors.ripen(work), denied_visitors.is_due(work)


@ON_ONE
def test_a_visit_to_a_gate_knows_its_lanes_as_they_come_and_go(world: World) -> None:
    place = world.approved(gates=["east"])
    assert of_visits(world) == []
    lanes = []
    for slug in ("in-1", "in-2"):
        lanes.append(world.made("/lanes", gate=world.gate, slug=slug, name=slug, lane_kind="vehicle", direction="in"))
        assert [len(one.lanes) for one in living(world) if one.kind == "visit"] == [len(lanes)]
    change = {"site": world.site, "changes": [{"kind": "lanes", "id": lanes[1], "wanted": None}]}
    drafted = f"/rules-changes/{world.admin.post('/rules-changes', json=change).raise_for_status().json()['id']}"
    for act, left in (("try", 2), ("approve", 2), ("publish", 1), ("roll-back", 2)):
        world.admin.post(f"{drafted}/{act}", json={} if act == "roll-back" else None).raise_for_status()
        assert [len(one.lanes) for one in living(world) if one.kind == "visit"] == [left], act
    done(world.arrive(place), "in")
    for lane in lanes:
        assert world.admin.delete(f"/lanes/{lane}").status_code == 204
    assert of_visits(world) == []
    done(world.guard.post(f"{place}/leave", json={"gate": "east"}), "out")
    assert of_visits(world) == ["person"], "its code is used up"
