"""Buildings, units, zones, posts, what lanes ask for, and what a site has set: over the API, and as gates are told of it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import httpx

from access.contract.records import LaneRecord, ZoneRecord
from access.workflows.visit import CATEGORIES
from central.edges import repository as edges
from central.edges.wiring import rewire
from central.places.settings import SiteSettings, settings_of
from central.registry import Registry
from central.users.rights import Role
from tests.central.contractors.agreed import approved, done, held
from tests.central.databases import ON_ONE
from tests.central.gate import Gate

TERMS: dict[str, Any] = {
    "classes": ["car", "large"],
    "emergency": "refer",
    "officers": "grant",
    "factors": "plate+card",
    "factor_window_s": 20,
    "two_person": True,
    "inexact": ["resident"],
    "goods_checks": ["slip"],
}


def make(admin: httpx.Client, kind: str, site: str, **facts: Any) -> dict[str, Any]:
    made: dict[str, Any] = admin.post(f"/{kind}", json={"site": site, **facts}).raise_for_status().json()
    return made


def told(gate: Gate, kind: str) -> list[Any]:
    return [upsert.record for upsert in gate.rules("since=0").upserts if upsert.record.kind == kind]


def test_buildings_units_and_posts(admin: httpx.Client, site: str, sign_in: Callable[[Role], httpx.Client]) -> None:
    three = make(admin, "buildings", site, name="3", floors=18)
    home = make(admin, "units", site, building=three["id"], number="1201", floor=12)
    shop = make(admin, "units", site, building=three["id"], number="S-1", floor=1, use="shop")
    assert (home["label"], home["use"], shop["label"]) == ("3-1201", "home", "3-S-1")

    def found(**asked: str) -> list[str]:
        return [unit["label"] for unit in admin.get("/units", params=asked).raise_for_status().json()["items"]]

    assert found(label="3-1201") == ["3-1201"]
    assert found(use="shop", building_id=three["id"]) == ["3-S-1"]
    assert found(number="1201", floor="1") == []
    admin.put(f"/buildings/{three['id']}", json={"site": site, "name": "3A", "floors": 18}).raise_for_status()
    assert (found(label="3A-1201"), found(label="3-1201")) == (["3A-1201"], [])
    unit = {"site": site, "building": three["id"], "number": "1202", "floor": 12}
    stale = admin.put(f"/units/{home['id']}", json=unit, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["current"]["label"]) == (409, "3A-1201")
    assert admin.put(f"/units/{home['id']}", json=unit).json()["label"] == "3A-1202"
    assert admin.get(f"/units/{home['id']}/history").json()["items"][0]["after"] == {"number": "1202", "label": "3A-1202"}

    gate = make(admin, "gates", site, slug="east", name="东门")["id"]
    post = make(admin, "posts", site, name="东门岗", gate=gate)
    lobby = make(admin, "posts", site, name="大堂岗")
    assert [each["id"] for each in admin.get("/posts", params={"gate_id": gate}).json()["items"]] == [post["id"]]
    assert lobby["gate_id"] is None

    other = admin.post("/sites", json={"slug": "hillside", "name": "山庄"}).json()["id"]
    make(admin, "buildings", site, name="3A-1")
    for method, path, facts, status, field in (
        ("POST", "/buildings", {"name": "3A"}, 409, "name"),
        ("POST", "/buildings", {"name": "x" * 61}, 422, "name"),
        ("POST", "/units", {"building": three["id"], "number": "1202"}, 409, "number"),
        ("POST", "/units", {"site": other, "building": three["id"], "number": "1"}, 422, "building"),
        ("POST", "/units", {"building": three["id"], "number": "1", "floor": 2**31}, 422, "floor"),
        ("POST", "/units", {"building": three["id"], "number": "1", "label": "7-1"}, 422, "label"),
        ("POST", "/posts", {"name": "东门岗"}, 409, "name"),
        ("PUT", f"/posts/{lobby['id']}", {"name": "东门岗", "gate": gate}, 409, "name"),
        ("POST", "/posts", {"site": other, "name": "x", "gate": gate}, 422, "gate"),
        ("DELETE", f"/buildings/{three['id']}", {}, 409, None),
        ("DELETE", f"/gates/{gate}", {}, 409, None),
    ):
        refused = admin.request(method, path, json={"site": site, **facts})
        assert (refused.status_code, refused.json().get("field")) == (status, field), (path, facts, refused.text)
    guard = sign_in("guard")
    assert guard.get("/posts").status_code == 200
    assert guard.post("/posts", json={"site": site, "name": "x"}).status_code == 403


def test_what_is_lived_in_keeps_its_label(admin: httpx.Client, site: str) -> None:
    building, other = (make(admin, "buildings", site, name=name)["id"] for name in ("C", "D-1"))
    home, empty = (make(admin, "units", site, building=building, number=number)["id"] for number in ("101", "102"))
    make(admin, "units", site, building=other, number="101")
    renamed = {"site": site, "name": "D"}
    admin.put(f"/buildings/{building}", json=renamed).raise_for_status()
    newest, _ = admin.get(f"/units/{home}/history").json()["items"]
    assert (newest["version"], newest["before"], newest["after"]) == (2, {"label": "C-101"}, {"label": "D-101"})
    make(admin, "units", site, building=other, number="7")
    make(admin, "units", site, building=building, number="2-7")
    clash = admin.put(f"/buildings/{other}", json={"site": site, "name": "D-2"})
    assert (clash.status_code, clash.json()["field"]) == (409, "name"), "D-2-7 is another's"

    person = make(admin, "persons", site, name="李小明", unit="D-101")["id"]
    unit = {"site": site, "building": building, "number": "103"}
    for method, path, facts, field in (
        ("PUT", f"/buildings/{building}", {"site": site, "name": "E"}, "name"),
        ("PUT", f"/units/{home}", unit, "number"),
        ("PUT", f"/units/{home}", unit | {"number": "101", "building": other}, "building"),
        ("DELETE", f"/units/{home}", {}, None),
    ):
        refused = admin.request(method, path, json=facts)
        assert (refused.status_code, refused.json().get("field")) == (409, field), path
        assert refused.json()["zh"] == "仍有人员、车位、证件资料、名额或钥匙登记在 D-101，请先变更"
    assert admin.put(f"/units/{empty}", json=unit).json()["label"] == "D-103"
    admin.delete(f"/persons/{person}").raise_for_status()
    key = admin.post("/keys", json={"site": site, "unit": "D-103", "label": "7", "place": "A12", "owner": "李明"})
    assert (key.status_code, admin.delete(f"/units/{empty}").status_code) == (201, 409)
    admin.delete(f"/units/{home}").raise_for_status()


@ON_ONE
def test_a_post_keeps_its_name_while_duplicates_hang_there(admin: httpx.Client, site: str) -> None:
    post = f"/posts/{make(admin, 'posts', site, name='东门岗')['id']}"
    worker, number = held(admin, site, approved(admin, site), "w1")
    done(admin, worker, "enter", post="东门岗", original=f"{number}-O", duplicate=f"{number}-D")
    renamed = {"site": site, "name": "东岗"}
    for refused in (admin.put(post, json=renamed), admin.delete(post)):
        assert (refused.status_code, refused.json().get("field")) == (409, "name")
        assert refused.json()["zh"] == "东门岗 仍挂有副证，请先交还"
    gate = make(admin, "gates", site, slug="east", name="东门")["id"]
    assert admin.put(post, json=renamed | {"name": "东门岗", "gate": gate}).json()["gate_id"] == gate
    done(admin, worker, "leave", post="东门岗")
    assert admin.put(post, json=renamed).json()["name"] == "东岗"
    assert admin.delete(post).status_code == 204


def test_zones_and_what_lanes_ask_for_are_told_to_gates(registry: Registry, admin: httpx.Client, site: str, gate: Gate) -> None:
    lane_id = str(gate.enrolled.lanes["in-1"])
    as_enrolled = next(lane for lane in told(gate, "lane") if str(lane.id) == lane_id)
    plain = {name: getattr(as_enrolled, name) for name in ("id", "gate", "slug", "name", "lane_kind", "direction")}
    assert as_enrolled == LaneRecord(**plain), "what nobody has set is as the contract has it"

    yard = make(admin, "zones", site, name="地面")["id"]
    garage = make(admin, "zones", site, name="地库", capacity=120, full="deny", anti_passback="timed", minutes=5)["id"]
    assert {zone.name: zone for zone in told(gate, "zone")} == {
        "地面": ZoneRecord(id=UUID(yard), name="地面"),
        "地库": ZoneRecord(id=UUID(garage), name="地库", capacity=120, full="deny", anti_passback="timed", minutes=5),
    }
    shown = admin.get(f"/lanes/{lane_id}").json()
    wanted = {"site": site, "gate": shown["gate_id"]} | {name: shown[name] for name in ("slug", "name", "lane_kind", "direction")}
    changed = admin.put(f"/lanes/{lane_id}", json={**wanted, **TERMS, "inner_zone": garage, "outer_zone": yard})
    assert (changed.status_code, changed.json()["inner_zone_id"]) == (200, garage)
    assert TERMS.items() <= changed.json().items()
    entry, *_ = admin.get(f"/lanes/{lane_id}/history").json()["items"]
    assert entry["after"].keys() == TERMS.keys() | {"inner_zone_id", "outer_zone_id"}
    [record] = [lane for lane in told(gate, "lane") if str(lane.id) == lane_id]
    assert record == LaneRecord(**plain, inner_zone=UUID(garage), outer_zone=UUID(yard), **TERMS)
    assert [lane["id"] for lane in admin.get("/lanes", params={"inner_zone_id": garage}).json()["items"]] == [lane_id]

    with registry.write() as work:  # a box that was approved anew says only how it is wired
        rewire(work, edges.known_edge(work.session, gate.enrolled.edge))
    assert admin.get(f"/lanes/{lane_id}").json() == changed.json()

    nobody = str(uuid4())
    for facts, field in (
        ({"inner_zone": yard, "outer_zone": yard}, "outer_zone"),
        ({"inner_zone": nobody}, "inner_zone"),
        ({"factors": "x"}, "factors"),
    ):
        refused = admin.put(f"/lanes/{lane_id}", json=wanted | facts)
        assert (refused.status_code, refused.json()["field"]) == (422, field)
    assert admin.delete(f"/zones/{garage}").status_code == 409
    assert admin.put(f"/lanes/{lane_id}", json=wanted).json()["classes"] == []
    assert admin.delete(f"/zones/{garage}").status_code == 204
    assert [zone.name for zone in told(gate, "zone")] == ["地面"]


def test_what_a_site_has_set(registry: Registry, admin: httpx.Client, site: str, sign_in: Callable[[Role], httpx.Client]) -> None:
    path = f"/sites/{site}/settings"
    first = admin.get(path)
    assert (first.status_code, first.headers["ETag"]) == (200, '"0"')
    assert [(each["code"], tuple(each["obligations"]), each["admitted"]) for each in first.json()["visitor_categories"]] == [
        (each.code, each.obligations, each.admitted) for each in CATEGORIES
    ]
    assert [shift["name"] for shift in first.json()["shifts"]] == ["早班", "中班", "夜班"]
    with registry.read() as work:
        assert settings_of(work.session, UUID(site)) == SiteSettings()

    hours = make(admin, "schedules", site, name="装修时间", spans=[{"days": [0], "start": "08:00", "end": "18:00"}])["id"]
    courier = {"code": "courier", "zh": "快递", "en": "courier", "obligations": ["tell_host"]}
    wanted = {"visitor_categories": [courier], "host_answer_minutes": 5, "work_hours_schedule": hours}
    set_by_one = admin.put(path, json=wanted, headers={"If-Match": '"0"'})
    assert (set_by_one.status_code, set_by_one.headers["ETag"]) == (200, '"1"')
    assert admin.put(path, json=wanted).json()["version"] == 1, "the same again is no change"
    late = admin.put(path, json={"host_answer_minutes": 20}, headers={"If-Match": '"0"'})
    difference = {"field": "host_answer_minutes", "yours": 20, "current": 5}
    assert late.status_code == 409
    assert difference in late.json()["difference"]
    with registry.read() as work:
        settings = settings_of(work.session, UUID(site))
    assert (settings.host_answer_minutes, settings.visit_hours_max, settings.work_hours_schedule) == (5, 72, UUID(hours))
    assert settings.visitor_categories[0].obligations == ("tell_host",)
    [entry] = admin.get("/audit", params={"kind": "site_settings"}).json()["items"]
    assert entry["after"].keys() == wanted.keys()
    assert entry["before"]["host_answer_minutes"] == 10

    assert admin.delete(f"/schedules/{hours}").status_code == 409
    for facts, field in (
        ({"visitor_categories": [courier, courier]}, "visitor_categories"),
        ({"visitor_categories": []}, "visitor_categories"),
        ({"visitor_categories": [courier | {"code": "No Code"}]}, "visitor_categories.0.code"),
        ({"shifts": [{"name": "早班", "start": "24:00", "end": "08:00"}]}, "shifts.0.start"),
        ({"equipment": [{"code": "radio", "zh": "对\u202e讲机", "en": "radio"}]}, "equipment.0.zh"),
        ({"host_answer_minutes": 0}, "host_answer_minutes"),
        ({"work_hours_schedule": str(uuid4())}, "work_hours_schedule"),
        ({"version": 9}, "version"),
    ):
        refused = admin.put(path, json=facts)
        assert (refused.status_code, refused.json()["field"]) == (422, field), refused.text
    assert admin.put(path, json={}, headers={"If-Match": "1"}).status_code == 422
    assert admin.get(f"/sites/{uuid4()}/settings").status_code == 404
    guard = sign_in("guard")
    assert (guard.get(path).status_code, guard.put(path, json={}).status_code) == (200, 403)
    assert admin.put(path, json={}).json()["work_hours_schedule"] is None
    assert admin.delete(f"/schedules/{hours}").status_code == 204
    assert admin.delete(f"/sites/{site}").status_code == 204, "settings go with their site"
