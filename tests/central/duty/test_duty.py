"""Guards in and out of force, incidents, the duty log, patrols, and what the board shows, over the API."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
from sqlalchemy import select

from access.contract.health import Health
from access.contract.records import GuardRecord
from access.workflows.shift import Shift
from central.duty.handover import sheet
from central.duty.services import guards
from central.health.services import take_health
from central.registry import Registry
from central.retention.services import let_go
from central.tables import Edge, Site
from central.users.rights import Role
from tests.central.gate import Gate


def guard_of(site: str, **changes: Any) -> dict[str, Any]:
    return {"site": site, "name": "张强", "badge": "101", "pin": "246810"} | changes


def refusal(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json().get("field", "")


def ids(reply: httpx.Response) -> list[str]:
    return [item["id"] for item in reply.raise_for_status().json()["items"]]


def told_badges(gate: Gate) -> list[str]:
    return [upsert.record.badge for upsert in gate.rules("since=0").upserts if isinstance(upsert.record, GuardRecord)]


def check_digits(admin: httpx.Client, site: str) -> None:
    for wrong, field in (({"badge": "１０１"}, "badge"), ({"pin": "²²²²"}, "pin")):
        assert refusal(admin.post("/guards", json=guard_of(site) | wrong)) == (422, field)


def check_guards(admin: httpx.Client, registry: Registry, gate: Gate, site: str) -> None:
    until = datetime.now(UTC) + timedelta(days=30)
    made = admin.post("/guards", json=guard_of(site, is_leader=True, phone="13900000000", valid_until=until.isoformat())).json()
    place = f"/guards/{made['id']}"
    assert (made["is_leader"], made["phone"], made["in_force"]) == (True, "13900000000", True)
    kept = guard_of(site, is_leader=True, phone="13900000000", valid_until=made["valid_until"])
    assert admin.put(place, json=kept).json()["version"] == 1
    assert admin.put(place, json=kept | {"pin": "135790"}).json()["version"] == 2
    newest, *_ = admin.get(f"{place}/history").json()["items"]
    assert list(newest["after"]) == ["pin_changed_at"]
    assert "135790" not in admin.get(f"{place}/history").text
    assert refusal(admin.put(place, json=kept | {"valid_from": made["valid_until"]})) == (422, "valid_until")
    assert told_badges(gate) == ["101"]
    later = replace(registry, calendar=lambda: until + timedelta(seconds=1))
    with later.write() as work:
        assert (guards.is_due(work), guards.ripen(work), guards.is_due(work)) == (True, 1, False)
    assert told_badges(gate) == []
    assert ids(admin.get("/guards", params={"in_force": False})) == [made["id"]]
    assert admin.put(place, json=kept | {"valid_until": None}).json()["in_force"] is True
    assert told_badges(gate) == ["101"]


def check_incidents(admin: httpx.Client, site: str) -> None:
    gate = admin.get("/gates").json()["items"][0]["id"]
    details = {"gate": gate, "follow_up": "工程部", "due": "2026-11-25"}
    report = {"site": site, "kind": "fence", "text": "围栏破损", "told": ["王经理"], "pictures": ["a1"], "details": details}
    made = admin.post("/incidents", json=report).raise_for_status().json()
    [entry], place = made["record"]["entries"], f"/incidents/{made['id']}"
    assert (entry["told"], entry["pictures"], made["details"]) == (["王经理"], ["a1"], details)
    assert refusal(admin.post("/incidents", json=report | {"details": {"gate": site}})) == (422, "details.gate")
    due = [ids(admin.get("/incidents", params={"due_before": day, "gate": gate})) for day in ("2026-11-25", "2026-11-26")]
    assert due == [[], [made["id"]]]
    assert admin.put(f"{place}/details", json=details | {"due": "2026-11-20"}).json()["details"]["due"] == "2026-11-20"
    same = {"entry": {"id": entry["id"], "text": "x"}}
    assert refusal(admin.post(f"{place}/follow-up", json=same)) == (409, "entry.id")
    other = {"entry": {"id": str(uuid4()), "text": "x", "corrects": str(uuid4())}}
    assert refusal(admin.post(f"{place}/follow-up", json=other)) == (409, "entry.corrects")
    added = [{"entry": {"id": str(uuid4()), "text": text}} for text in ("已报修", "已到场")]
    for more in added:
        shown = admin.post(f"{place}/follow-up", json=more).raise_for_status().json()
    assert (len(shown["record"]["entries"]), shown["written"]) == (3, 3)
    [listed] = admin.get("/incidents").json()["items"]
    assert ([each["text"] for each in listed["record"]["entries"]], listed["written"]) == (["已到场"], 3)
    newest, *_ = admin.get(f"{place}/history").json()["items"]
    assert (newest["before"], [each["text"] for each in newest["after"]["entries"]]) == ({"entries": []}, ["已到场"])
    admin.post(f"{place}/close", json={"reason": "修好"}).raise_for_status()
    assert ids(admin.get("/incidents", params={"due_before": "2026-11-26"})) == []


def check_duty_log(admin: httpx.Client, site: str) -> None:
    post = admin.post("/posts", json={"site": site, "name": "东门岗"}).raise_for_status().json()["id"]
    entry = {"site": site, "post": post, "guard": "101", "at": "2026-03-01T16:30:00Z", "entry_kind": "note", "text": "巡查正常"}
    made = admin.post("/duty-log", json=entry).raise_for_status().json()
    assert (made["post"], made["day"], made["guard"]) == ("东门岗", "2026-03-02", "101")
    fixed = admin.post("/duty-log", json=entry | {"text": "东侧灯坏", "corrects": made["id"], "pictures": ["p1"]}).json()
    assert admin.get(f"/duty-log/{fixed['id']}").json() == fixed
    for method in ("PUT", "DELETE", "PATCH"):
        assert admin.request(method, f"/duty-log/{made['id']}", json=entry).status_code == 405
    for change, field in (
        ({"post": site}, "post"),
        ({"post": "东们岗"}, "post"),
        ({"guard": "999"}, "guard"),
        ({"at": "2199-01-01T00:00:00Z"}, "at"),
        ({"corrects": site}, "corrects"),
        ({"text": " "}, "text"),
    ):
        assert refusal(admin.post("/duty-log", json=entry | change)) == (422, field)
    for asked, found in (
        ({"day": "2026-03-02", "post": "东门岗", "entry_kind": "note"}, [made["id"], fixed["id"]]),
        ({"day": "2026-03-01"}, []),
        ({"corrects_id": made["id"]}, [fixed["id"]]),
        ({"guard": "102"}, []),
    ):
        assert ids(admin.get("/duty-log", params=asked)) == found


def check_sheet(registry: Registry, gate: Gate) -> None:
    told = Health(
        edge=gate.enrolled.edge, at_us=1, software="1", waiting=3, devices_down=("camera in-1",), disk_free_bytes=1, disk_bytes=2
    )
    with registry.write() as work:
        take_health(work, work.session.get_one(Edge, gate.enrolled.edge), told)
        site = work.session.scalars(select(Site)).one()
        begins = datetime(2026, 3, 1, tzinfo=UTC)
        expected = {item.code: item.expected for item in sheet(work, site, Shift(post="东门岗", begins=begins))}
    assert (expected["devices"], expected["unsynced"], expected["notes"]) == ("camera in-1", "3", "2")


def check_sheet_of_one_gate_among_two(admin: httpx.Client, registry: Registry, site: str) -> None:
    """Count what is at the gate of the post, by whatever name the post has by now, and say nothing of what may be elsewhere."""
    east = admin.get("/gates").json()["items"][0]["id"]
    west = admin.post("/gates", json={"site": site, "slug": "west", "name": "西门"}).raise_for_status().json()["id"]
    post = admin.get("/posts").json()["items"][0]["id"]
    admin.put(f"/posts/{post}", json={"site": site, "name": "东大门岗", "gate": east}).raise_for_status()
    for details in ({"gate": east}, {"gate": west}, {}):
        told = {"site": site, "kind": "fence", "text": "围栏破损", "details": details}
        admin.post("/incidents", json=told).raise_for_status()
    for hook in ("东大门岗", "东大门岗", "办公室"):
        key = {"site": site, "unit": "1-1", "label": "大门", "place": hook, "owner": "王"}
        made = admin.post("/keys", json=key).raise_for_status().json()["id"]
    loan = {"to": "李", "purpose": "看房", "due_back": "2100-01-01T00:00:00Z"}
    admin.post(f"/keys/{made}/lend", json=loan).raise_for_status()
    with registry.read() as work:
        at = work.session.scalars(select(Site)).one()
        shifts = (
            Shift(post="东门岗", post_id=post, begins=datetime(2026, 3, 1, tzinfo=UTC)),
            Shift(post="东门岗", begins=work.at),
        )
        known, unknown = ({item.code: item.expected for item in sheet(work, at, shift)} for shift in shifts)
    counted = ("incidents", "slips", "keys", "visitor_cards", "devices", "notes")
    assert [known[code] for code in counted] == ["2", "0", "0", "", "camera in-1", "2"]
    assert [unknown[code] for code in counted] == ["1", "", "", "", "", "0"]


def test_guards_incidents_and_the_duty_log(admin: httpx.Client, registry: Registry, gate: Gate, site: str) -> None:
    check_digits(admin, site)
    check_guards(admin, registry, gate, site)
    check_incidents(admin, site)
    check_duty_log(admin, site)
    check_sheet(registry, gate)
    check_sheet_of_one_gate_among_two(admin, registry, site)


def check_patrols(admin: httpx.Client, site: str) -> None:
    admin.post("/guards", json=guard_of(site)).raise_for_status()
    made = [admin.post("/patrol-points", json={"site": site, "name": f"点{n}", "code": f"0{n}"}).json()["id"] for n in (1, 2, 3)]
    assert admin.post("/patrol-points", json={"site": site, "name": "x", "code": "01"}).status_code == 409
    stops = [{"point": point, "minutes": 10 * n} for n, point in enumerate(made, 1)]
    wanted = {"site": site, "name": "夜间路线", "stops": stops}
    route = admin.post("/patrol-routes", json=wanted).raise_for_status().json()
    assert route["stops"] == stops
    for wrong, field in (([stops[0], stops[0]], "stops.1.point"), ([{"point": site, "minutes": 5}], "stops.0.point")):
        assert refusal(admin.post("/patrol-routes", json=wanted | {"name": "x", "stops": wrong})) == (422, field)
    begun = {"site": site, "route": route["id"], "guard": "101", "at": "2026-03-01T20:00:00Z"}
    assert refusal(admin.post("/patrol-rounds", json=begun | {"guard": None})) == (422, "guard")
    assert refusal(admin.post("/patrol-rounds", json=begun | {"route": site})) == (422, "route")
    place = f"/patrol-rounds/{admin.post('/patrol-rounds', json=begun).raise_for_status().json()['id']}"
    assert admin.put(f"/patrol-routes/{route['id']}", json=wanted | {"stops": stops[::-1], "is_used": False}).status_code == 200
    assert refusal(admin.post("/patrol-rounds", json=begun)) == (422, "route")
    visit = {"code": "01", "at": "2026-03-01T20:05:00Z"}
    for _ in range(2):
        shown = admin.post(f"{place}/visits", json=visit).json()
        assert (shown["version"], shown["left"], shown["late"]) == (2, 2, 0)
    assert refusal(admin.post(f"{place}/visits", json={"code": "99"})) == (409, "code")
    assert refusal(admin.post(f"{place}/visits", json={"code": "02", "at": "2026-03-01T19:00:00Z"})) == (422, "at")
    admin.post(f"{place}/visits", json={"code": "02", "at": "2026-03-01T20:25:00Z"}).raise_for_status()
    running = ids(admin.get("/patrol-rounds", params={"running": True, "day": "2026-03-02"}))
    assert len(running) == 1
    over = admin.post(f"{place}/end", json={"at": "2026-03-01T20:40:00Z", "remark": "3 号点门锁"}).json()
    assert [(each["code"], each["is_late"], each["is_missed"]) for each in over["visits"]] == [
        ("01", False, False),
        ("02", True, False),
        ("03", False, True),
    ]
    assert (over["missed"], over["late"]) == (1, 1)
    assert admin.post(f"{place}/end", json={}).status_code == 409
    assert ids(admin.get("/patrol-rounds", params={"missed": True, "late": True, "guard": "101"})) == running
    assert ids(admin.get("/patrol-rounds", params={"missed": False})) == []
    assert [each["act"] for each in admin.get(f"{place}/history").json()["items"]] == [
        "ended",
        "point visited",
        "point visited",
        "begun",
    ]
    assert admin.delete(f"/patrol-points/{made[0]}").status_code == 409
    assert admin.delete(f"/patrol-routes/{route['id']}").status_code == 409


def check_board(admin: httpx.Client, site: str) -> None:
    east, west = (admin.post("/gates", json={"site": site, "slug": slug, "name": slug}).json()["id"] for slug in ("e", "w"))
    lane = {"site": site, "gate": east, "slug": "in", "name": "in", "lane_kind": "vehicle", "direction": "in"}
    lane_id = admin.post("/lanes", json=lane).raise_for_status().json()["id"]

    def post(title: str, **more: Any) -> httpx.Response:
        return admin.post("/notices", json={"site": site, "title": title, "valid_from": "2026-03-01T00:00:00Z"} | more)

    water = post("停水", importance="urgent", valid_until="2026-03-02T00:00:00Z").raise_for_status().json()
    post("东门施工", gates=[east], at_lane_display=True).raise_for_status()
    post("慢行", lanes=[lane_id], at_booth=False, at_lane_display=True, title_en="Slow").raise_for_status()
    assert refusal(post("x", gates=[site])) == (422, "gates")
    assert refusal(post("x", lanes=[east])) == (422, "lanes")
    assert refusal(post("x", valid_until="2026-02-01T00:00:00Z")) == (422, "valid_until")
    assert post("停水").status_code == 409

    gone = {
        "site": site,
        "subject_kind": "vehicle",
        "subject": "粤b·12345",
        "destination": "市区",
        "left_at": "2026-03-01T08:00:00Z",
    }
    car = admin.post("/whereabouts", json=gone | {"expected_back": "2026-03-01T10:00:00Z"}).raise_for_status().json()
    assert car["subject"] == "粤B12345"
    assert refusal(admin.post("/whereabouts", json=gone | {"subject": "?"})) == (422, "subject")
    assert refusal(admin.post("/whereabouts", json=gone | {"returned_at": "2026-03-01T07:00:00Z"})) == (422, "returned_at")

    def board(at: str, **more: str) -> tuple[list[str], list[str], list[bool]]:
        shown = admin.get("/board", params={"site": site, "at": at} | more).raise_for_status().json()
        titles = [[notice["title"] for notice in shown[part]] for part in ("booth", "lane_display")]
        return titles[0], titles[1], [each["is_late"] for each in shown["away"]]

    assert board("2026-03-01T09:00:00Z") == (["停水", "东门施工"], ["慢行", "东门施工"], [False])
    assert board("2026-03-01T09:00:00Z", gate=west) == (["停水"], [], [False])
    assert board("2026-03-02T00:00:00Z", gate=east) == (["东门施工"], ["慢行", "东门施工"], [True])
    assert refusal(admin.get("/board", params={"site": site, "gate": site})) == (422, "gate")
    assert water["id"] not in ids(admin.get("/notices", params={"current": True}))
    assert len(ids(admin.get("/notices", params={"current": True, "at_booth": True}))) == 1

    untold = gone | {"subject": "粤B54321", "left_at": "2026-03-01T07:00:00Z"}
    untold_id = admin.post("/whereabouts", json=untold).raise_for_status().json()["id"]
    assert [board(at)[2] for at in ("2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z", "2026-03-08T07:00:00Z")] == [
        [True, False],
        [False],
        [],
    ]
    post("钥匙盘点", at_booth=False, at_office=True).raise_for_status()
    shown = admin.get("/board", params={"site": site, "at": "2026-03-01T09:00:00Z"}).json()
    assert ([each["title"] for each in shown["office"]], shown["more_away"]) == (["钥匙盘点"], False)
    admin.delete(f"/whereabouts/{untold_id}").raise_for_status()

    assert ids(admin.get("/whereabouts", params={"current": True})) == [car["id"]]
    assert admin.post(f"/whereabouts/{car['id']}/returned").json()["returned_at"]
    assert admin.post(f"/whereabouts/{car['id']}/returned").status_code == 409
    assert ids(admin.get("/whereabouts", params={"current": True})) == []


def check_applicants(admin: httpx.Client, registry: Registry, site: str) -> None:
    came = {"site": site, "name": "李应聘", "phone_tail": "0000", "position": "保洁", "came_at": "2026-03-01T01:00:00Z"}
    made = admin.post("/applicants", json=came).raise_for_status().json()
    assert admin.post("/applicants", json=came).status_code == 409
    assert refusal(admin.post("/applicants", json=came | {"phone_tail": "13900000000"})) == (422, "phone_tail")
    assert ids(admin.get("/applicants", params={"state": "waiting"})) == [made["id"]]
    assert admin.put(f"/applicants/{made['id']}", json=came | {"state": "called"}).json()["state"] == "called"
    assert ids(admin.get("/applicants", params={"state": "waiting"})) == []
    for state, kept in (("called", [made["id"]]), ("sent_away", [])):
        admin.put(f"/applicants/{made['id']}", json=came | {"state": state}).raise_for_status()
        let_go(registry, timedelta(days=0))
        assert ids(admin.get("/applicants")) == kept


def check_rounds_are_their_guards(admin: httpx.Client, bystander: httpx.Client, leader: httpx.Client, site: str) -> None:
    assert bystander.get("/applicants").status_code == 403
    wanted = {"site": site, "name": "日间路线", "stops": [{"point": ids(admin.get("/patrol-points"))[0], "minutes": 5}]}
    route = admin.post("/patrol-routes", json=wanted).raise_for_status().json()["id"]
    begun = admin.post("/patrol-rounds", json={"site": site, "route": route, "guard": "101"}).raise_for_status().json()["id"]
    assert bystander.post(f"/patrol-rounds/{begun}/visits", json={"code": "01"}).status_code == 403
    assert leader.post(f"/patrol-rounds/{begun}/end", json={}).status_code == 403


def check_that_guards_leave_notices(admin: httpx.Client, guard: httpx.Client, site: str) -> None:
    notice = {"site": site, "title": "消防演习"}
    place = f"/notices/{admin.post('/notices', json=notice).json()['id']}"
    headers = {"If-Match": "*"}
    assert guard.put(place, json=notice | {"title": "取消"}, headers=headers).status_code == 403
    assert guard.delete(place, headers=headers).status_code == 403
    assert guard.post("/notices", json=notice | {"title": "捡到钥匙"}).status_code == 201
    assert admin.delete(place).status_code == 204


def test_patrols_board_and_applicants(
    admin: httpx.Client, registry: Registry, site: str, sign_in: Callable[[Role], httpx.Client]
) -> None:
    guard = sign_in("guard")
    check_patrols(admin, site)
    check_rounds_are_their_guards(admin, guard, sign_in("shift_leader"), site)
    check_board(admin, site)
    check_applicants(admin, registry, site)
    check_that_guards_leave_notices(admin, guard, site)
