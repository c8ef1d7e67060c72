"""Shifts over the API: a week planned, one walked from planned to countersigned with all that its table refuses."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from access.workflows.shift import SHEET
from central.registry import Registry
from central.users import services as users
from central.users.rights import Role

WEEK = [f"2026-11-{day}" for day in range(23, 30)]
SHIFTS = ("早班", "中班", "夜班")
BADGES = ("101", "102", "103", "104")
LEADER = "201"
# What the sheet expects where one incident and one note are open.
EXPECTED = {
    "refers": "",
    "incidents": "1",
    "duplicates": "0",
    "visitor_cards": "0",
    "slips": "0",
    "keys": "0",
    "notes": "1",
    "devices": "",
    "unsynced": "",
    "equipment": "1",
}


def add_guards(admin: httpx.Client, site: str, *badges: str) -> None:
    for badge in badges:
        guard = {"site": site, "name": f"保安{badge}", "badge": badge, "pin": "246810", "is_leader": badge == LEADER}
        admin.post("/guards", json=guard).raise_for_status()


def roster(site: str, **changes: Any) -> dict[str, Any]:
    pattern = [{"shift": shift, "guards": [badge]} for shift, badge in zip(SHIFTS, BADGES, strict=False)]
    return {"site": site, "posts": ["东门岗"], "days": WEEK, "pattern": pattern} | changes


@pytest.fixture
def as_guard(registry: Registry, address: str) -> Callable[[str, Role], dict[str, Any]]:
    """Give the header under which a guard, a leader or a program acts by its own sign-in."""

    def header_of(name: str, role: Role) -> dict[str, Any]:
        with registry.write() as work:
            users.add_user(work, name, role)
            return {"headers": {"Authorization": f"Bearer {users.sign_in_by_link(work, users.new_link(work, name)).token}"}}

    return header_of


def refusal(reply: httpx.Response) -> tuple[int, str, str]:
    told = reply.json()
    return reply.status_code, told.get("code", ""), told.get("field", "")


def test_a_week_is_planned_or_nothing(admin: httpx.Client, site: str, as_guard: Callable[[str, Role], dict[str, Any]]) -> None:
    add_guards(admin, site, *BADGES)
    dry = admin.post("/rosters/plan", json=roster(site, dry_run=True))
    assert (dry.status_code, len(dry.json()["planned"]), dry.json()["conflicts"]) == (200, 21, [])
    assert admin.get("/shifts").json()["items"] == []
    made = admin.post("/rosters/plan", json=roster(site, days=WEEK[:2], posts=["东门岗", "西门岗"], pattern=[
        {"post": "东门岗", "shift": "早班", "guards": ["101", "102"]},
        {"post": "西门岗", "shift": "夜班", "guards": ["103"]},
    ]))  # fmt: skip
    assert (made.status_code, [stint["guard"] for stint in made.json()["planned"]]) == (201, ["101", "102", "103", "103"])
    night = made.json()["planned"][2]
    assert (night["begins"], night["ends"]) == ("2026-11-23T00:00:00+08:00", "2026-11-23T08:00:00+08:00")
    assert len(made.json()["unfilled"]) == 2 * 2 * 3 - 4
    wrong = [
        {"post": "东门岗", "shift": "早班", "guards": ["104"]},  # planned already
        {"post": "西门岗", "shift": "早班", "guards": ["101"]},  # at two posts on the first day, rested on the second
        {"post": "西门岗", "shift": "中班", "guards": ["102"]},  # on the second day straight after another shift
        {"post": "东门岗", "shift": "中班", "guards": ["999"]},
        {"post": "东门岗", "shift": "晚班", "guards": ["104"]},
        {"post": "南门岗", "shift": "中班", "guards": ["104"]},
    ]
    asked = roster(site, days=WEEK[:2], posts=["东门岗", "西门岗"], pattern=wrong)
    refused = admin.post("/rosters/plan", json=asked)
    assert refusal(refused) == (409, "", "pattern.0.guards.0")
    found = [(each["row"], each["field"], each["day"], each["en"]) for each in refused.json()["conflicts"]]
    assert found == [
        (0, "pattern.0.guards.0", WEEK[0], "the shift is planned already, with guard 101"),
        (0, "pattern.0.guards.0", WEEK[1], "the shift is planned already, with guard 102"),
        (1, "pattern.1.guards.0", WEEK[0], "guard 101 is at post 东门岗 at that time"),
        (2, "pattern.2.guards.0", WEEK[1], "guard 102 would have less than 8 hours of rest"),
        (3, "pattern.3.guards.0", WEEK[0], "no guard of the site serves under badge 999 then"),
        (3, "pattern.3.guards.0", WEEK[1], "no guard of the site serves under badge 999 then"),
        (4, "pattern.4.shift", None, "the site has no shift 晚班"),
        (5, "pattern.5.post", None, "the roster has no post 南门岗"),
    ]
    assert "休息不足 8 小时" in refused.json()["conflicts"][3]["zh"]
    shown = admin.post("/rosters/plan", json=asked | {"dry_run": True}).json()
    assert (len(shown["conflicts"]), [stint["day"] for stint in shown["planned"]]) == (8, [WEEK[1], WEEK[0]])
    assert refusal(admin.post("/rosters/plan", json=asked | {"posts": [site]}))[::2] == (422, "posts.0")
    assert refusal(admin.post("/rosters/plan", json=asked | {"days": ["9999-12-31"]}))[::2] == (422, "days.0")
    filters: tuple[tuple[dict[str, str], int], ...] = (
        ({"day": WEEK[0]}, 2),
        ({"week": "2026-W48"}, 4),
        ({"week": "2026-W47"}, 0),
        ({"post": "东门岗", "guard": "101"}, 1),
        ({"state": "planned"}, 4),
    )
    assert [len(admin.get("/shifts", params=asked).json()["items"]) for asked, _ in filters] == [n for _, n in filters]
    check_replanning(admin, site, as_guard("101", "guard"))
    with ThreadPoolExecutor(4) as pool:
        asked = roster(site, days=["2026-12-24"])
        replies = [reply.status_code for reply in pool.map(lambda _: admin.post("/rosters/plan", json=asked), range(4))]
    assert sorted(replies) == [201, 409, 409, 409]


def check_replanning(admin: httpx.Client, site: str, guard: dict[str, Any]) -> None:
    first, *_ = admin.post("/rosters/plan", json=roster(site, days=["2026-12-01"])).json()["planned"]
    place = f"/shifts/{first['id']}"
    assert refusal(admin.post(f"{place}/replan", json={"guard": "102"})) == (409, "", "guard")
    assert refusal(admin.post(f"{place}/replan", json={"guard": "999"})) == (422, "", "guard")
    again = admin.post(f"{place}/replan", json={"guard": "104"}).json()
    assert (again["record"]["guard"], again["record"]["begins"], again["state"]) == ("104", first["begins"], "planned")
    assert admin.post(f"{place}/replan", json={"guard": "104"}).json()["version"] == 3
    assert admin.put(f"{place}/details", json={"note": "替李明"}).json()["details"] == {"note": "替李明"}
    assert admin.put(f"{place}/details", json={}, headers=guard["headers"] | {"If-Match": "*"}).status_code == 403
    assert admin.post(f"{place}/cancel", json={"reason": "x"}, **guard).status_code == 403
    assert admin.post("/rosters/plan", json=roster(site), **guard).status_code == 403
    assert admin.post("/guards", json={}, **guard).status_code == 403
    assert refusal(admin.post(f"{place}/cancel", json={"reason": " "})) == (409, "reason_missing", "reason")
    assert admin.post(f"{place}/cancel", json={"reason": "排错日期"}).json()["state"] == "cancelled"
    assert refusal(admin.post(f"{place}/replan", json={"guard": "101"})) == (409, "not_now", "state")
    anew = roster(site, days=["2026-12-01"], pattern=[{"shift": "早班", "guards": ["101"]}])
    assert [each["guard"] for each in admin.post("/rosters/plan", json=anew).json()["planned"]] == ["101"]


def test_from_planned_to_countersigned(admin: httpx.Client, site: str, as_guard: Callable[[str, Role], dict[str, Any]]) -> None:
    add_guards(admin, site, *BADGES[:3], LEADER, "202")
    admin.post("/incidents", json={"site": site, "kind": "fence", "place": "north", "text": "围栏破损"}).raise_for_status()
    radio = {"equipment": [{"code": "radio", "zh": "对讲机", "en": "radio"}]}
    admin.put(f"/sites/{site}/settings", json=radio).raise_for_status()
    [planned, *_] = admin.post("/rosters/plan", json=roster(site, days=["2026-01-05"])).json()["planned"]
    guard, relief, leader = as_guard("101", "guard"), as_guard("102", "guard"), as_guard("202", "shift_leader")
    booth = as_guard("booth-east", "integration")

    def act(path: str, who: dict[str, Any], **body: Any) -> httpx.Response:
        return admin.post(f"/shifts/{planned['id']}/{path}", json=body, **who)

    assert refusal(act("sign", guard)) == (409, "not_now", "state")
    assert refusal(act("sign-in", relief)) == (409, "not_rostered", "state")
    assert refusal(act("sign-in", guard, on_behalf_of="102")) == (422, "", "on_behalf_of")
    assert refusal(act("sign-in", booth)) == (422, "", "on_behalf_of")
    assert refusal(act("sign-in", booth, on_behalf_of="102")) == (409, "not_rostered", "state")
    assert act("sign-in", {}).status_code == 403
    signed_in = act("sign-in", booth, on_behalf_of="101").json()
    assert (signed_in["state"], "begin-handover" in signed_in["may"]) == ("on_duty", True)
    newest, *_ = admin.get(f"/shifts/{planned['id']}/history").json()["items"]
    assert (newest["by_name"], newest["by_role"], newest["origin"].split()[-1]) == ("101", "guard", "booth-east")
    entry = {"site": site, "post": "东门岗", "entry_kind": "note", "text": "3 号楼钥匙未还"}
    admin.post("/duty-log", json=entry, **guard).raise_for_status()

    assert refusal(act("begin-handover", guard, items=[])) == (422, "", "items")
    begun = admin.post(f"/shifts/{planned['id']}/begin-handover", **guard).json()
    expected = {item["code"]: item["expected"] for item in begun["record"]["items"]}
    assert {code: expected[code] for code in SHEET} == EXPECTED
    assert expected["equipment.radio"] == "ok"

    assert refusal(act("check-item", guard, code="coffee", found="1")) == (409, "item_unknown", "code")
    assert refusal(act("check-item", guard, code="incidents", found="0")) == (409, "difference_unexplained", "word")
    assert refusal(act("check-item", guard, code="devices", found=" ")) == (409, "difference_unexplained", "word")
    assert refusal(act("sign", guard)) == (409, "items_unchecked", "state")
    for code, known in expected.items():
        assert act("check-item", guard, code=code, found=known or "没有").status_code == 200
    assert refusal(act("sign", relief)) == (409, "not_rostered", "state")
    assert refusal(act("sign-relief", guard)) == (409, "signs_twice", "state")
    assert refusal(act("refuse-item", relief, code="coffee", reason="x")) == (409, "item_unknown", "code")
    assert refusal(act("refuse-item", relief, code="equipment.radio", reason="")) == (409, "reason_missing", "reason")
    assert refusal(act("relief-missed", guard, reason=" ")) == (409, "reason_missing", "reason")
    assert act("relief-missed", guard, reason="未到").status_code == 200
    assert refusal(act("relief-missed", guard, reason="未到"))[:2] == (409, "item_open")
    assert act("refuse-item", relief, code="equipment.radio", reason="对讲机坏了").status_code == 200
    assert refusal(act("sign", guard)) == (409, "items_undecided", "state")
    assert act("decide", guard, code="relief", decision="x").status_code == 403
    may = [set(admin.get(f"/shifts/{planned['id']}", **who).json()["may"]) for who in (guard, leader, booth)]
    assert may[1] == may[2] == may[0] | {"decide", "sign-for"}
    assert refusal(act("decide", leader, code="keys", decision="x")) == (409, "item_not_open", "code")
    for code in ("relief", "equipment.radio"):
        assert act("decide", leader, code=code, decision="办公室备用").status_code == 200
    assert refusal(act("countersign", leader)) == (409, "not_now", "state")
    assert act("sign", guard).json()["state"] == "handing_over"
    assert act("sign-relief", relief).json()["state"] == "handed_over"
    assert refusal(act("check-item", guard, code="keys", found="1")) == (409, "not_now", "state")
    for who, named in ((guard, {}), (booth, {"on_behalf_of": "103"})):
        assert act("countersign", who, **named).status_code == 403
    done = act("countersign", booth, on_behalf_of=LEADER).json()
    assert (done["state"], done["record"]["signed_by"], done["record"]["relief"]) == ("countersigned", "101", "102")
    assert [event["by_name"] for event in admin.get(f"/shifts/{planned['id']}/events").json()["items"]][-3:] == [
        "101",
        "102",
        LEADER,
    ]


def test_who_may_act_and_who_signs_for_the_absent(
    admin: httpx.Client, site: str, as_guard: Callable[[str, Role], dict[str, Any]]
) -> None:
    add_guards(admin, site, "101", "102", LEADER)
    guard, relief, stranger = as_guard("101", "guard"), as_guard("102", "guard"), as_guard("bystander", "guard")
    leader = as_guard(LEADER, "shift_leader")
    post = admin.post("/posts", json={"site": site, "name": "东门岗"}).raise_for_status().json()["id"]
    asked = roster(site, days=["2026-01-05"], pattern=[{"shift": "早班", "guards": ["101"]}])
    assert refusal(admin.post("/rosters/plan", json=asked | {"posts": ["东们岗"]}))[::2] == (422, "posts.0")
    [planned] = admin.post("/rosters/plan", json=asked).json()["planned"]
    admin.put(f"/posts/{post}", json={"site": site, "name": "东大门岗"}).raise_for_status()
    found = admin.get("/shifts", params={"post_id": post}).json()["items"]
    assert [(each["id"], each["record"]["post"]) for each in found] == [(planned["id"], "东门岗")]
    again = admin.post("/rosters/plan", json=asked | {"posts": [post], "dry_run": True}).json()["conflicts"]
    assert again[0]["en"] == "the shift is planned already, with guard 101"

    def act(path: str, who: dict[str, Any], **body: Any) -> httpx.Response:
        return admin.post(f"/shifts/{planned['id']}/{path}", json=body, **who)

    assert act("sign-in", guard).status_code == 200
    for path in ("begin-handover", "sign-relief"):
        assert act(path, stranger).status_code == 403
    assert refusal(act("begin-handover", relief))[:2] == (409, "not_rostered")
    [row] = admin.get("/guards", params={"badge": "101"}).json()["items"]
    gone = {"site": site, "name": row["name"], "badge": "101", "status": "revoked"}
    admin.put(f"/guards/{row['id']}", json=gone).raise_for_status()
    assert act("begin-handover", guard).status_code in {401, 403}
    begun = act("begin-handover", leader).json()
    admin.post("/incidents", json={"site": site, "kind": "fence", "text": "围栏破损"}).raise_for_status()
    known = {item["code"]: item["expected"] for item in admin.get(f"/shifts/{planned['id']}").json()["record"]["items"]}
    assert ({item["code"]: item["expected"] for item in begun["record"]["items"]}["incidents"], known["incidents"]) == ("0", "1")
    for code, expected in known.items():
        assert act("check-item", relief, code=code, found=expected or "没有").status_code == 200
    assert refusal(act("sign-for", leader, absent="nobody", reason="x"))[0] == 422
    assert act("sign-for", relief, absent="guard", reason="x").status_code == 403
    assert act("sign-for", leader, absent="guard", reason="急病送医").json()["record"]["signed_by"] == LEADER
    assert refusal(act("sign-for", leader, absent="guard", reason="x")) == (409, "signed_already", "absent")
    assert act("sign-relief", relief).json()["state"] == "handed_over"
    done = act("countersign", leader).json()
    assert (done["state"], done["record"]["absences"][0]["reason"]) == ("countersigned", "急病送医")
