"""Special days, spans of schedules, blocks and what they are found by, and modes of lanes."""

from collections.abc import Callable
from typing import Any

import httpx

from access.card import CardNumber
from tests.central.gate import Gate


def post(admin: httpx.Client, kind: str, **wanted: Any) -> dict[str, Any]:
    made: dict[str, Any] = admin.post(f"/{kind}", json=wanted).raise_for_status().json()
    return made


def test_special_days_and_spans(gate: Gate, admin: httpx.Client, site: str) -> None:
    own = post(admin, "special-days", site=site, date="2026-10-01", counts_as=3, name="照常上班")
    before = gate.rules("since=0").revision
    wanted = {"site": site, "year": 2026}
    first = post(admin, "special-days/statutory", **wanted)
    assert (len(first["added"]), first["otherwise"]) == (38, [own]), "what the office has set stays"
    assert {"name": "国庆节调休上班", "date": "2026-09-20", "counts_as": 1}.items() <= next(
        day for day in first["added"] if day["date"] == "2026-09-20"
    ).items()
    told = gate.rules(f"since={before}")
    assert (told.revision, len(told.upserts)) == (before + 1, 38)
    assert post(admin, "special-days/statutory", **wanted) == {"added": [], "otherwise": [own]}
    unknown = admin.post("/special-days/statutory", json={"site": site, "year": 1999})
    assert (unknown.status_code, unknown.json()["field"]) == (422, "year")
    assert len(admin.get("/special-days", params={"year": 2026}).json()["items"]) == 39
    assert admin.get("/special-days", params={"year": 2025}).json()["items"] == []
    assert admin.get("/special-days", params={"date": "2026-10-01"}).json()["items"] == [own]
    for wrong, status in (({"date": "2026-02-30"}, 422), ({"counts_as": 8}, 422), ({}, 409)):
        day = {"site": site, "date": "2026-10-01", "counts_as": 7} | wrong
        assert admin.post("/special-days", json=day).status_code == status
    changed = admin.put(f"/special-days/{own['id']}", json={"site": site, "date": "2026-10-01", "counts_as": 7}).json()
    assert (changed["counts_as"], changed["version"]) == (7, 2)
    assert admin.delete(f"/special-days/{own['id']}").status_code == 204

    night = {"days": [0], "start": "22:00", "end": "06:00"}
    for wrong_span, field in (
        ({"start": "24:00"}, "spans.1"),
        ({"days": [2, 2]}, "spans.1"),
        ({"end": "25:00"}, "spans.1.end"),
        ({"days": [8]}, "spans.1.days.0"),
    ):
        refused = admin.post("/schedules", json={"site": site, "name": "x", "spans": [night, night | wrong_span]})
        assert (refused.status_code, refused.json()["field"]) == (422, field)
    assert post(admin, "schedules", site=site, name="夜间", spans=[night])["spans"] == [night]

    grants = [{}, {"lanes": [str(gate.enrolled.lanes["in-1"]), own["id"]]}, {"schedule": own["id"]}]
    for wrong_grants, field in ((grants, "grants.1.lanes.1"), (grants[2:], "grants.0.schedule")):
        refused = admin.post("/levels", json={"site": site, "name": "x", "grants": wrong_grants})
        assert (refused.status_code, refused.json()["field"]) == (422, field)


def test_blocks_and_modes(gate: Gate, admin: httpx.Client, site: str, sign_in: Callable[[Any], httpx.Client]) -> None:
    def found(**asked: str) -> list[str]:
        return [block["reason"] for block in admin.get("/blocks", params=asked).raise_for_status().json()["items"]]

    post(admin, "blocks", site=site, raw="0A0063E9AE", bits=37, reason="lost", source="前台")
    post(admin, "blocks", site=site, raw="63E9AE", reason="found")
    old = post(admin, "blocks", site=site, plate="粤B12345", reason="owes", valid_until="2026-01-01T00:00:00Z")
    new = post(admin, "blocks", site=site, plate="粤B12346", reason="police", source="公安", valid_until="2100-01-01T00:00:00Z")
    assert (old["expired"], new["expired"], new["source"]) == (True, False, "公安")
    assert found(source="前台") == ["lost"]
    assert found(expires_before="2026-06-01T00:00:00Z") == ["owes"]
    for printed in ("0A0063E9AE/37", *CardNumber(bytes.fromhex("0A0063E9AE"), 37).printed().values()):
        assert "lost" in found(card=printed), printed
    assert found(card="06547886") == ["lost", "found"]
    assert found(card="0006547887") == []
    assert admin.get("/blocks", params={"card": "7 of hearts"}).json()["field"] == "card"

    officer, lane = sign_in("security_officer"), gate.enrolled.lanes["in-1"]
    before = gate.rules("since=0").revision
    as_it_is = admin.get(f"/lanes/{lane}").json()
    wired = {
        "site": site,
        "gate": as_it_is["gate_id"],
        **{name: as_it_is[name] for name in ("slug", "name", "lane_kind", "direction")},
    }
    for unsaid in (
        admin.put(f"/lanes/{lane}", json=wired | {"mode": "held_open"}),
        admin.post("/lanes", json=wired | {"slug": "in-9", "mode": "held_open"}),
    ):
        assert (unsaid.status_code, unsaid.json()["field"]) == (409, "mode")
    assert officer.put(f"/lanes/{lane}/mode", json={"mode": "held_open"}).json()["field"] == "reason"
    seen = {"If-Match": '"1"'}
    held = officer.put(f"/lanes/{lane}/mode", json={"mode": "held_open", "reason": "消防演练"}, headers=seen)
    assert (held.json()["mode"], held.headers["ETag"]) == ("held_open", '"2"')
    newest, *_ = admin.get(f"/lanes/{lane}/history").json()["items"]
    assert (newest["reason"], newest["after"], newest["by_name"]) == ("消防演练", {"mode": "held_open"}, "security_officer")
    [told] = gate.rules(f"since={before}").upserts
    assert getattr(told.record, "mode", "") == "held_open"
    late = officer.put(f"/lanes/{lane}/mode", json={"mode": "normal", "reason": "结束"}, headers=seen)
    assert (late.status_code, late.json()["difference"][0]["current"]) == (409, "held_open")
    assert sign_in("registrar").put(f"/lanes/{lane}/mode", json={"mode": "normal", "reason": "x"}).status_code == 403
