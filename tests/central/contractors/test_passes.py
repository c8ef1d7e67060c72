"""Contractor passes over HTTP: issued, carried, taken in and given back at posts, lost and replaced, ended."""

import io
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import httpx
from PIL import Image
from sqlalchemy import func, select

from central.access_rules.stream import rules_page
from central.contractors.passes import passes
from central.contractors.tables import WorkerPhoto
from central.registry import Registry
from central.users.rights import Role
from tests.access.rules_world import snapshot
from tests.central.contractors.agreed import NOW, UNTIL, approved, days, do, done, held, issued, no, wanted

PNG = {"Content-Type": "image/png"}


def entry(number: str, post: str = "东门", **other: Any) -> dict[str, Any]:
    return {"post": post, "original": f"{number}-O", "duplicate": f"{number}-D", **other}


def local_day(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(ZoneInfo("Asia/Shanghai")).isoformat()[:10]


def rules(registry: Registry, site: str) -> list[Any]:
    with registry.read() as work:
        page = rules_page(work.session, UUID(site), uuid4(), 0)
    return [upsert.record for upsert in page.upserts]


def told(registry: Registry, site: str, kind: str) -> list[Any]:
    return [record for record in rules(registry, site) if record.kind == kind]


def check_that_a_gate_finds_its_way(registry: Registry, site: str, number: str) -> None:
    """From the worker to the pass, and from the pass to the permit."""
    at_gate = snapshot(1, ((each.kind, each.id, each.model_dump(mode="json")) for each in rules(registry, site)))
    [worker] = told(registry, site, "person")
    [found] = at_gate.passes(worker.id)
    permit = at_gate.permit(found.permit)
    assert permit is not None
    assert (worker.category, found.number, found.status, permit.status) == ("contractor", number, "active", "approved")
    assert (set(found.units) <= set(permit.units), permit.schedule, permit.workers_max) == (True, None, 1)


def allow_any_post(admin: httpx.Client, site: str) -> None:
    admin.put(f"/sites/{site}/settings", json={"holds_duplicates_anywhere": True}).raise_for_status()


def test_a_day_at_the_posts(registry: Registry, sign_in: Callable[[Role], httpx.Client], admin: httpx.Client, site: str) -> None:
    guard, permit = sign_in("guard"), approved(admin, site, workers=1)
    place = issued(admin, site, permit, "w1")
    number = admin.get(place).json()["number"]
    assert no(guard, place, "enter", **entry(number)) == ("pass_not_active", "state")
    assert [(each.status, each.number) for each in told(registry, site, "pass")] == [("frozen", number)]
    assert do(guard, place, "hand-over", deposit="").status_code == 403
    assert [guard.put(f"{each}/details", json={}).status_code for each in (place, permit)] == [403, 403]
    assert guard.put(f"{place}/photo", content=picture("PNG"), headers=PNG).status_code == 403
    done(admin, place, "hand-over", deposit="50 元")
    check_that_a_gate_finds_its_way(registry, site, number)
    assert no(guard, place, "enter", post="东门", original=number) == ("duplicate_missing", "duplicate")
    for part in ("P9-D", number, f"{number}-O"):
        assert no(guard, place, "enter", **entry(number, duplicate=part)) == ("duplicate_of_another", "duplicate")
    assert no(guard, place, "leave", post="东门") == ("not_inside", "state")
    sneaked = do(guard, place, "enter", **entry(number), in_hours=True, places_left=9, permit_state="active")
    assert (sneaked.status_code, sneaked.json()["field"]) == (422, "in_hours")
    # The same hand-in, sent twice, counts once; two posts at once take in one duplicate.
    key = {"Idempotency-Key": "hand-in-1"}
    once, again = (guard.post(f"{place}/enter", json=entry(number), headers=key) for _ in range(2))
    assert (once.status_code, again.text, again.headers["Idempotency-Replayed"]) == (200, once.text, "true")
    assert no(guard, place, "enter", **entry(number)) == ("already_inside", "state")
    board = guard.get("/passes/board", params={"site": site, "post": "东门"}).json()
    assert ([each["number"] for each in board["inside"]], board["in_transfer"]) == ([number], [])
    assert guard.get("/passes", params={"inside": "true", "post": "东门"}).json()["items"][0]["number"] == number
    colleague, other = held(admin, site, permit, "w2")
    assert no(guard, colleague, "enter", **entry(other)) == ("too_many_workers", "state")
    assert no(guard, place, "leave", post="西门") == ("duplicate_elsewhere", "state")
    assert no(guard, place, "duplicate-back") == ("not_in_transfer", "state")
    # The board is believed, and what the record said is kept.
    for post, found, held_at in (("东门", False, ""), ("西门", True, "西门"), ("东门", True, "东门")):
        assert done(guard, place, "duplicate-counted", post=post, found=found)["record"]["held_at"] == held_at
    done(guard, place, "duplicate-counted", post="东门", found=True)
    counts = guard.get(f"{place}/events").json()["items"][-4:]
    assert [each["data"].get("recorded", "as expected") for each in counts] == ["东门", "", "西门", "as expected"]
    assert no(admin, place, "return", deposit="退") == ("duplicate_still_held", "state")
    assert admin.get("/passes/overdue", params={"site": site}).json() == []
    done(guard, place, "report-violation", what="串房 5-801")
    assert [each.status for each in told(registry, site, "pass") if each.number == number] == ["frozen"]
    done(guard, place, "leave", post="东门")
    assert no(guard, place, "enter", **entry(number)) == ("violation_outstanding", "state")
    assert [each["number"] for each in guard.get("/passes?violation=true").json()["items"]] == [number]
    done(admin, place, "settle-violation", reason="已警告")
    with ThreadPoolExecutor(2) as pool:
        sent = [pool.submit(do, guard, place, "enter", **entry(number, post)) for post in ("东门", "西门")]
        assert sorted(reply.result().status_code for reply in sent) == [200, 409]
    assert no(admin, place, "revoke", reason="") == ("reason_missing", "reason")
    done(admin, place, "revoke", reason="严重违规")
    assert no(guard, place, "enter", **entry(number)) == ("pass_revoked", "state")
    done(guard, place, "leave", post=admin.get(place).json()["record"]["held_at"])
    done(admin, permit, "revoke", reason="拆承重墙")
    assert no(guard, colleague, "enter", **entry(other)) == ("pass_expired", "state")
    assert [(each.status, each.workers_max) for each in told(registry, site, "permit")] == [("revoked", 1)]
    late = (
        admin.put(f"{place}/details", json={"name": "孙二"}),
        admin.put(f"{place}/photo", content=picture("PNG"), headers=PNG),
    )
    assert [(reply.status_code, reply.json()["field"]) for reply in late] == [(409, "state")] * 2
    workers = {each.name for each in told(registry, site, "person")}
    assert workers == {"赵*"}


def test_lost_taken_away_and_over(registry: Registry, admin: httpx.Client, site: str) -> None:
    allow_any_post(admin, site)
    permit = approved(admin, site)
    place, number = held(admin, site, permit, "w1")
    assert no(admin, place, "replace", deposit="") == ("not_now", "state")
    done(admin, place, "enter", **entry(number))
    done(admin, place, "lost")
    assert no(admin, place, "enter", **entry(number)) == ("pass_lost", "state")
    replaced = done(admin, place, "replace", deposit="押金没收")
    [new] = admin.get("/passes", params={"replaces": number}).json()["items"]
    assert (replaced["state"], replaced["record"]["replaced_by"], new["record"]["terms"]["replaces"]) == (
        "replaced",
        new["number"],
        number,
    )
    assert (new["state"], new["details"]["name"], new["record"]["terms"]["number"]) == ("issued", "赵大勇", new["number"])
    second = f"/passes/{new['id']}"
    assert {each.number: each.status for each in told(registry, site, "pass")} == {number: "lost", new["number"]: "frozen"}
    done(admin, second, "hand-over", deposit="50 元")
    # The holder is inside on the lost one's duplicate, and leaves by another post.
    assert no(admin, second, "enter", **entry(new["number"])) == ("already_inside", "post")
    done(admin, place, "leave", post="西门")
    board = admin.get("/passes/board", params={"site": site, "post": "东门"}).json()
    assert (board["inside"], [each["number"] for each in board["in_transfer"]]) == ([], [number])
    done(admin, place, "duplicate-back")
    assert [each.number for each in told(registry, site, "pass")] == [new["number"]]
    done(admin, second, "enter", **entry(new["number"]))
    done(admin, second, "leave", post="西门")
    assert no(admin, second, "enter", **entry(new["number"])) == ("duplicate_in_transfer", "state")
    done(admin, second, "confiscate", reason="借与他人")
    assert no(admin, second, "enter", **entry(new["number"])) == ("pass_confiscated", "state")
    done(admin, second, "restore", reason="查清")
    done(admin, second, "duplicate-back")
    assert done(admin, second, "return", deposit="退 50 元")["state"] == "returned"
    assert no(admin, second, "enter", **entry(new["number"])) == ("pass_returned", "state")
    assert [each for kind in ("pass", "person") for each in told(registry, site, kind)] == []
    late, last = held(admin, site, permit, "w2", valid_until=days(1))
    with registry.write() as work:
        assert passes.ripen(replace(work, at=work.at + timedelta(days=2))) == 1
    assert no(admin, late, "enter", **entry(last)) == ("pass_expired", "state")
    assert done(admin, late, "confiscate", reason="过期")["state"] == "confiscated"
    done(admin, late, "revoke", reason="过期")
    assert [each.status for each in told(registry, site, "pass")] == ["revoked"]
    again, _ = held(admin, site, permit, "w2")
    with registry.write() as work:
        assert passes.ripen(replace(work, at=work.at + timedelta(days=8))) == 1
    # The person is told as long as one pass is.
    assert [len(told(registry, site, kind)) for kind in ("pass", "person")] == [1, 1]
    done(admin, again, "return", deposit="退")
    assert [len(told(registry, site, kind)) for kind in ("pass", "person")] == [0, 0]


def test_what_is_outstanding_stays_with_the_person(
    registry: Registry, sign_in: Callable[[Role], httpx.Client], admin: httpx.Client, site: str
) -> None:
    guard, permit = sign_in("guard"), approved(admin, site, details={"phone": "13800138001"})
    place, number = held(admin, site, permit, "w1")
    for what in ("动火无证", "串房"):
        done(guard, place, "report-violation", what=what)
    assert no(admin, place, "return", deposit="退") == ("violation_outstanding", "state")
    done(admin, place, "lost")
    done(admin, place, "replace", deposit="")
    [new] = admin.get("/passes?violation=true").json()["items"]
    assert (new["record"]["terms"]["replaces"], new["record"]["violations"]) == (number, ["动火无证", "串房"])
    second = f"/passes/{new['id']}"
    done(admin, second, "hand-over", deposit="")
    assert no(guard, second, "enter", **entry(new["number"])) == ("violation_outstanding", "state")
    done(admin, second, "revoke", reason="盗窃")
    refused = admin.post("/passes", json=wanted(site, permit, "w1"))
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (409, "violation_outstanding", "person")
    done(admin, second, "settle-violation", reason="已处理")
    warned = admin.post("/passes", json=wanted(site, permit, "w1")).json()
    assert [each["en"] for each in warned["warnings"]] == [f"pass {new['number']} of this person was revoked"]
    third = f"/passes/{warned['id']}"
    # What guards need not know, they are not shown; nor does the audit keep it.
    for place_of in (third, permit):
        known = guard.get(place_of).json()
        assert (known["details"]["phone"], known["record"]["terms"].get("person", "")) == ("", "")
    assert admin.get(third).json()["details"]["phone"] == "13800138000"
    assert guard.get(f"{permit}/print").json()["phone"] == ""
    for place_of, details in ((third, {"name": "赵大勇", "phone": "13912345678"}), (permit, {"phone": "13912345678"})):
        admin.put(f"{place_of}/details", json=details).raise_for_status()
        assert [each["data"]["terms"].get("person", "") for each in events_of(guard, place_of) if "terms" in each["data"]] == [""]
        kept = admin.get(f"/audit?record={place_of.rpartition('/')[2]}").text
        assert ("…5678" in kept, "13912345678" in kept, '"w1"' in kept) == (True, False, False)
    for act, text in (("hand-over", "deposit"), ("report-violation", "what"), ("revoke", "reason")):
        reply = do(admin, third, act, **{text: "证 11010519491231002X"})
        assert (reply.status_code, reply.json()["field"]) == (422, text)


def events_of(client: httpx.Client, place: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = client.get(f"{place}/events").json()["items"]
    return events


def test_posts_on_record_and_a_permit_cut_short(registry: Registry, admin: httpx.Client, site: str) -> None:
    own = {"firm": "", "responsible": "", "papers": ["proof_of_title"], "workers": 1}
    inside: list[tuple[str, str, str]] = []
    for owner in ("甲", "乙"):
        permit = approved(admin, site, **own | {"owner": owner}, details={"phone": "1380013800" + str(len(inside))})
        inside.append((permit, *held(admin, site, permit, owner, papers=["identity_guarantee"])))
        done(admin, inside[-1][1], "enter", **entry(inside[-1][2]))
    _, place, number = inside[0]
    west = admin.post("/posts", json={"site": site, "name": "西门"}).json()["id"]
    assert do(admin, place, "duplicate-counted", post="nowhere", found=True).json()["field"] == "post"
    # The post where the duplicate hangs is on record no more, and still the holder can leave there.
    done(admin, place, "leave", post="东门")
    assert do(admin, place, "enter", **entry(number)).json()["field"] == "post"
    assert do(admin, place, "enter", **entry(number, str(uuid4()))).json()["field"] == "post"
    assert done(admin, place, "enter", **entry(number, west))["record"]["held_at"] == "西门"
    assert len(admin.get("/passes/board", params={"site": site, "post": west}).json()["inside"]) == 1
    assert admin.get("/passes/overdue", params={"site": site}).json() == []
    for permit, *_ in inside:
        done(admin, permit, "revoke", reason="噪声")
    late = admin.get("/passes/overdue", params={"site": site}).json()
    assert sorted((each["responsible"], each["phone"], each["post"], len(each["passes"])) for each in late) == [
        ("乙", "13800138001", "东门", 1),
        ("甲", "13800138000", "西门", 1),
    ]
    assert {f"/permits/{each['permit']}" for each in late} == {permit for permit, *_ in inside}
    permit = approved(admin, site)
    place, number = held(admin, site, permit, "w1")
    done(admin, permit, "change", asked_by="李师傅", units=["3-1203"], valid_until=days(1))
    assert no(admin, place, "enter", **entry(number, "西门")) == ("unit_not_permitted", "state")
    check_that_passes_end_with_their_permit(registry, admin, site, permit, place)


def check_that_passes_end_with_their_permit(registry: Registry, admin: httpx.Client, site: str, permit: str, place: str) -> None:
    def ends() -> set[str]:
        """Return the days of its end, as the site's calendar has them: at the gate, at the office, on paper."""
        [known] = [each for each in told(registry, site, "pass") if str(each.id) == place.rpartition("/")[2]]
        at_gate = datetime.fromtimestamp(known.valid_until, UTC).isoformat()
        on_paper = admin.get(f"{place}/print").json()["valid_until"][:10]
        return {local_day(at_gate), local_day(admin.get(place).json()["valid_until"]), on_paper}

    changed = {"asked_by": "李师傅", "units": ["3-1202", "3-1203"]}
    assert ends() == {local_day(days(1))}, "as the permit was cut short"
    gone, _ = held(admin, site, permit, "w3", units=["3-1203"], valid_until=days(1))
    done(admin, gone, "lost")
    [event] = [each for each in events_of(admin, place) if each["name"] == "PassCutShort"]
    assert (event["by_name"], event["data"]["valid_until"][:10]) == ("site_manager", days(1)[:10])
    done(admin, permit, "change", **changed, valid_until=days(5))
    assert ends() == {local_day(days(1))}, "what was cut short is renewed as any other"
    done(admin, place, "change", asked_by="李师傅", units=["3-1202"], valid_until=days(4))
    done(admin, permit, "change", **changed | {"units": ["3-1202"]}, valid_until=days(5))
    assert no(admin, gone, "replace", deposit="") == ("unit_not_permitted", "state"), "it names no units that could be changed"
    done(admin, permit, "change", **changed, valid_until=days(5))
    taken, _ = held(admin, site, permit, "w2", valid_until=days(3))
    done(admin, taken, "confiscate", reason="借与他人")
    done(admin, permit, "begin")
    done(admin, permit, "finish")
    assert (admin.get(place).json()["state"], ends()) == ("expired", {local_day(days(0))})
    done(admin, taken, "restore", reason="查清")
    assert admin.get(taken).json()["state"] == "expired"
    assert done(admin, place, "return", deposit="退")["state"] == "returned"


def test_what_may_not_be_issued(sign_in: Callable[[Role], httpx.Client], admin: httpx.Client, site: str) -> None:
    permit, early = approved(admin, site, workers=1), admin.post("/permits", json=draft_of(site)).json()["id"]
    body = wanted(site, permit, "w1")
    assert sign_in("guard").post("/passes", json=body).json()["code"] == "office_only"
    for change, status, field in (
        ({"permit": early}, 409, "permit"),
        ({"permit": str(uuid4())}, 422, "permit"),
        ({"units": ["9-901"]}, 422, "units"),
        ({"valid_until": days(21)}, 422, "valid_until"),
        ({"valid_from": days(-3)}, 422, "valid_from"),
        ({"valid_from": days(11)}, 422, "valid_until"),
        ({"valid_until": days(-1)}, 409, "valid_until"),
        ({"trade": "electrician"}, 409, "papers"),
        ({"trade": "电工"}, 422, "trade"),
        ({"details": {"phone": "13800138000"}}, 422, "name"),
        ({"details": {"name": "赵", "photo": "0" * 64}}, 422, "photo"),
        ({"person": "11010119900307461X"}, 422, "person"),
        ({"person": ""}, 422, "person"),
        ({"id_number": "11010519491231002X"}, 422, "person"),
        ({"number": "P1"}, 422, "number"),
    ):
        reply = admin.post("/passes", json=body | change)
        assert (reply.status_code, reply.json()["field"]) == (status, field), change
        if status == 409:
            codes = {"permit": "permit_not_in_force", "valid_until": "renewed_too_late", "papers": "papers_missing"}
            assert reply.json()["code"] == codes[field]
    unknown = body | {"person": "", "id_number": "11010519491231002x", "trade": "electrician", "papers": ["trade_certificate"]}
    known = admin.post("/passes", json=unknown).json()
    assert (known["details"]["id_tail"], len(known["record"]["terms"]["person"]), known["warnings"]) == ("002X", 64, [])
    again = admin.post("/passes", json=unknown)
    assert (again.status_code, again.json()["code"], again.json()["number"]) == (409, "one_person_one_pass", known["number"])
    history = admin.get(f"/passes/{known['id']}/history").text + admin.get(f"/passes/{known['id']}/events").text
    assert "1010519491231002" not in history
    many = [admin.post("/passes", json=body | {"person": f"w{n}"}).json() for n in range(3)]
    assert [each["warnings"] for each in many[:2]] == [[], []]
    assert many[2]["warnings"][0]["en"] == "4 passes on a permit for 1 workers"
    assert [each["number"] for each in many] == ["P000002", "P000003", "P000004"]


def draft_of(site: str) -> dict[str, Any]:
    return {"site": site, "valid_from": days(0), "valid_until": days(9)}


def test_hours_changes_and_two_offices(admin: httpx.Client, site: str) -> None:
    never = admin.post("/schedules", json={"site": site, "name": "停工", "spans": []}).json()["id"]
    always = [{"days": list(range(8)), "start": "00:00", "end": "24:00"}]
    permit = approved(admin, site, schedule=never, details={"phone": "13800138001"})
    place, number = held(admin, site, permit, "w1")
    assert no(admin, place, "enter", **entry(number)) == ("outside_hours", "state")
    admin.put(f"/schedules/{never}", json={"site": site, "name": "停工", "spans": always}).raise_for_status()
    done(admin, place, "enter", **entry(number))
    admin.put(f"/schedules/{never}", json={"site": site, "name": "停工", "spans": []}).raise_for_status()
    [late] = admin.get("/passes/overdue", params={"site": site}).json()
    assert (late["post"], late["firm"], late["responsible"], late["phone"]) == ("东门", "明亮装饰", "李师傅", "13800138001")
    assert late["passes"][0]["number"] == number
    assert admin.get("/passes/overdue", params={"site": site, "post": "西门"}).json() == []
    assert admin.get("/passes/overdue", params={"site": site, "post": "东门", "firm": "明亮装饰"}).json() == [late]
    later, soon = held(admin, site, permit, "w2", valid_from=days(1))
    assert no(admin, later, "enter", **entry(soon)) == ("pass_not_valid_now", "state")
    change = {"asked_by": "李师傅", "units": ["3-1203"], "valid_until": days(15)}
    assert no(admin, place, "change", **change | {"asked_by": "旁人"}) == ("not_responsible", "asked_by")
    assert do(admin, place, "change", **change | {"units": ["9-901"]}).json()["field"] == "units"
    assert do(admin, place, "change", **change | {"valid_until": days(21)}).json()["field"] == "valid_until"
    seen = {"If-Match": admin.get(place).headers["ETag"]}
    assert admin.post(f"{place}/change", json=change, headers=seen).json()["units"] == ["3-1203"]
    second = admin.post(f"{place}/change", json=change | {"valid_until": UNTIL}, headers=seen)
    assert (second.status_code, second.json()["field"], second.json()["changes"][0]["act"]) == (409, "If-Match", "PassChanged")
    [difference] = second.json()["difference"]
    assert (difference["field"], difference["current"][:10]) == ("valid_until", days(15)[:10])
    [ending] = admin.get("/passes", params={"expires_before": days(12)}).json()["items"]
    assert (ending["number"], ending["expires_soon"]) == (soon, False), "a week before is the default"


def picture(kind: str, *, noise: bool = False) -> bytes:
    size = (450, 600)
    image = Image.frombytes("RGB", size, random.Random(1).randbytes(3 * 450 * 600)) if noise else Image.new("RGB", size, "teal")
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "GEHEIM"
    image.save(out, kind, quality=40, exif=exif)
    return out.getvalue()


def test_photos_and_print(registry: Registry, admin: httpx.Client, site: str) -> None:
    permit = approved(admin, site, schedule=None)
    place, number = held(admin, site, permit, "w1", trade="plumber", papers=["trade_certificate"])
    assert admin.get(f"{place}/photo").status_code == 404
    for broken in (b"x", picture("PNG")[:-40], b"\xff\xd8\xff\xe0\x00\x04ab\xff\xd9"):
        refused = admin.put(f"{place}/photo", content=broken, headers={"Content-Type": "image/jpeg"})
        assert (refused.status_code, refused.json()["field"]) == (422, "body")
    for data, kind in ((picture("PNG"), "image/png"), (picture("JPEG", noise=True), "image/jpeg")):
        admin.put(f"{place}/photo", content=data, headers={"Content-Type": kind}).raise_for_status()
        shown = admin.get(f"{place}/photo")
        image = Image.open(io.BytesIO(shown.content))
        assert (shown.headers["Content-Type"], image.format) == ("image/jpeg", "JPEG")
        assert max(image.size) <= 480
        assert b"GEHEIM" not in shown.content
        assert len(shown.content) <= 40_000
    with registry.read() as work:
        assert work.session.scalar(select(func.count()).select_from(WorkerPhoto)) == 1
    too_large = admin.put(f"{place}/photo", content=b"x" * (1024 * 1024 + 1), headers={"Content-Type": "image/jpeg"})
    assert too_large.status_code == 413
    printed = admin.get(f"{place}/print").json()
    assert [(part["mark"], part["words"]["zh"], part["number"]) for part in printed["parts"]] == [
        ("O", "正证", f"{number}-O"),
        ("D", "副证", f"{number}-D"),
    ]
    assert [part["code"][:4] for part in printed["parts"]] == ["GP1:", "GP1:"]
    assert (printed["name"], printed["permit"], printed["trade"]["zh"], printed["site"]) == (
        "赵大勇",
        "R000001",
        "水工",
        "湖畔花园",
    )
    assert printed["photo"] == f"{admin.base_url.path.rstrip('/')}{place}/photo"
    assert printed["valid_until"][:4] == str((NOW + timedelta(days=10)).year)
    assert set(printed["words"]) == set(printed) - {"title", "words", "parts"}
