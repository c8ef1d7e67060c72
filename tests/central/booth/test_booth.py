"""A booth that was cut off comes back: the registry's records follow what its guards did."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import delete

from access.acts import VisitActed
from access.workflows.shift import SHEET
from central.booth.job import follow_booths, following_booths
from central.booth.tables import BoothAct, BoothCursor
from central.journal import quarantine
from central.journal.pages import place_text
from central.ledger.job import look_through
from central.ledger.office import look_at_office
from central.registry import Registry
from central.tables import JournalEntry, QuarantinedEntry
from central.users.rights import Role
from central.visits.services import visits
from tests.central.booth.post import GUARD, LEADER, RELIEF, Post
from tests.central.contractors.agreed import approved, held
from tests.central.databases import ON_ONE
from tests.waiting import wait_until


def terms(post: Post, host: str, minutes: float = 0, **more: Any) -> dict[str, Any]:
    until = post.at(minutes) + timedelta(hours=1)
    never = "0001-01-01T00:00:00Z"
    given = {"category": {"code": "unannounced", "obligations": ["wait_outside"]}, "host": host, "host_name": "3-1201"}
    return {**given, "valid_from": never, "valid_until": until.isoformat(), "answer_by": None, **more}


def says_yes(host: str) -> dict[str, Any]:
    # Another gate's slug changes nothing: the entry says where it was.
    return {"said_by": host, "means": "phone", "gate": "west", "people": 1, "met": ["wait_outside"]}


def conflicts(post: Post) -> list[tuple[str, str]]:
    return sorted((each["kind"], each["state"]) for each in post.shown("/conflicts")["items"])


def look(registry: Registry) -> None:
    look_through(registry)
    look_at_office(registry)


def the_rest_of_the_shift(post: Post) -> tuple[str, str, str, str]:
    """Write down a leak, a note, a round and bicycles; return the incident, its first entry, the note and the round."""
    incident, entry = post.new_id(), post.new_id()
    post.act(40, "incident", incident, "IncidentReported", kind="漏水", place="3-1201", capture=entry, words="水管爆裂",
             entry={"id": entry})  # fmt: skip
    post.act(41, "incident", incident, "EntryAdded", entry={"id": post.new_id(), "text": "已关阀", "corrects": entry})
    post.act(42, "incident", incident, "IncidentClosed", words="已修好")

    note = post.new_id()
    post.act(50, "duty", note, "note", post="东门岗", entry_kind="note", words="钥匙在抽屉")
    post.act(51, "duty", "", "sign_in")
    points = [post.made("/patrol-points", name=f"点{n}", code=f"0{n}") for n in (1, 2)]
    stops = [{"point": point, "minutes": 5 * n} for n, point in enumerate(points, 1)]
    route, patrol = post.made("/patrol-routes", name="夜间路线", stops=stops), post.new_id()
    post.act(60, "round", patrol, "begin", route=route)
    post.act(62, "round", patrol, "visit", code="01")
    post.act(70, "round", patrol, "end", words="02 号点上锁")
    for number in (1, 1, -1):
        post.act(80, "count", "", "count", what="bicycle", direction="in", number=number)
    post.act(81, "acknowledgement", "camera_down", "acknowledge")
    post.act(82, "vehicle", "plate:1", "mark_loading")
    return incident, entry, note, patrol


def test_what_a_guard_did_while_cut_off_is_on_record(post: Post, registry: Registry, admin: httpx.Client) -> None:
    host = post.made("/persons", name="李小明", unit="3-1201")
    card = post.made("/cards", raw="0000002A", printed="访客7", kind="visitor_card")
    announced = post.made(
        "/visits",
        category="appointment",
        host_person=host,
        valid_until=(datetime.now(UTC) + timedelta(hours=4)).isoformat(),
        details={"name": "王五"},
    )
    admin.post(f"/visits/{announced}/approve").raise_for_status()
    walk_in = post.new_id()
    person = {"name": "张伟", "phone_tail": "8000", "company": "快修", "purpose": "修空调", "plates": ["粤B12345"]}
    asked = post.act(0, "visit", walk_in, "VisitAsked", details=person, terms=terms(post, host))
    post.act(1, "visit", walk_in, "HostAgreed", **says_yes(host), details={"answered_by": "李太太"}, before=[0, 0])
    post.act(2, "visit", walk_in, "CardLent", card=card)
    post.act(30, "visit", walk_in, "VisitorsLeft", people=1, gate="east")
    post.act(31, "visit", walk_in, "CardGivenBack", card=card)

    incident, entry, note, patrol = the_rest_of_the_shift(post)
    post.sync()
    assert post.left() == []

    visit = post.shown(f"/visits/{walk_in}")
    assert (visit["state"], visit["record"]["arrived"], visit["open_items"]) == ("out", 1, [])
    assert (visit["details"]["name"], visit["details"]["purpose"], visit["phone_tail"]) == ("张伟", "修空调", "8000")
    assert [each["id"] for each in post.shown("/visits", phone_tail="8000")["items"]] == [walk_in]
    assert visit["details"]["answered_by"] == "李太太"
    assert (visit["record"]["terms"]["plates"], visit["record"]["terms"]["host_name"]) == (["粤B12345"], "3-1201 李*")
    assert datetime.fromisoformat(visit["opened_at"]) == post.at(0)
    first, agreed = post.events(f"/visits/{walk_in}")[:2]
    assert (first["id"], first["by_name"], first["by_role"]) == (str(asked), GUARD, "guard")
    assert first["origin"] == f"gate:{post.gate.enrolled.edge}"
    assert (agreed["data"]["gate"], datetime.fromisoformat(agreed["at"])) == ("east", post.at(1))
    assert admin.get(f"/cards/{card}").json()["state"] == "stock"
    [audited] = post.shown("/audit", record=walk_in, act="VisitAsked")["items"]
    assert (audited["by_name"], audited["at_us"] > post.at(170).timestamp() * 1_000_000) == (GUARD, True)

    leak = post.shown(f"/incidents/{incident}")
    assert (leak["state"], leak["written"], leak["record"]["entries"][0]["text"]) == ("closed", 2, "水管爆裂")
    assert leak["record"]["entries"][0]["pictures"] == [f"capture:{entry}"]
    logged = post.shown(f"/duty-log/{note}")
    assert (logged["guard"], logged["text"], datetime.fromisoformat(logged["at"])) == (GUARD, "钥匙在抽屉", post.at(50))
    walked = post.shown(f"/patrol-rounds/{patrol}")
    assert (walked["missed"], walked["late"], walked["remark"]) == (1, 0, "02 号点上锁")
    day = post.at(80) + timedelta(hours=8)
    counted = post.shown("/counts", day=day.date().isoformat())["items"]
    assert counted == [{"day": day.date().isoformat(), "hour": day.hour, "what": "bicycle", "direction": "in", "number": 1}]
    assert post.shown("/counts", day="2020-01-01", days=31, what="bicycle", direction="in", site=post.site)["items"] == []

    # However often it is looked through.
    with registry.write() as work:
        work.session.execute(delete(BoothCursor))
    assert follow_booths(registry) == 1
    with registry.write() as work:
        work.session.execute(delete(BoothCursor))
        work.session.execute(delete(BoothAct))
    follow_booths(registry)
    assert post.shown(f"/visits/{walk_in}") == visit
    assert post.shown(f"/incidents/{incident}") == leak
    look(registry)
    assert post.shown(f"/patrol-rounds/{patrol}") == walked


@ON_ONE
def test_what_does_not_fit_stays_a_finding(post: Post, registry: Registry, admin: httpx.Client) -> None:
    host = post.made("/persons", name="李小明", unit="3-1201")
    until = (datetime.now(UTC) + timedelta(hours=4)).isoformat()
    wanted = {"category": "appointment", "host_person": host, "valid_until": until, "details": {"name": "王五"}}
    off = post.made("/visits", **wanted)
    admin.post(f"/visits/{off}/approve").raise_for_status()
    admin.post(f"/visits/{off}/cancel", json={"reason": "改期"}).raise_for_status()
    post.began = datetime.now(UTC) - timedelta(seconds=0)
    post.act(0, "visit", off, "VisitorsArrived", gate="east", people=1, met=["lead_in"])
    stranger = post.new_id()
    post.act(0.1, "visit", stranger, "VisitAsked", "999", terms=terms(post, host))
    hawker = post.new_id()
    post.act(0.2, "visit", hawker, "VisitAsked", terms=terms(post, host, category="no_such"))
    post.act(0.3, "visit", off, "VisitApproved")
    post.act(0.35, "visit", post.new_id(), "VisitorsLeft", people=1)
    for name, values in (("Nonsense", {}), ("VisitorsLeft", {"people": "many"}), ("VisitAsked", {"terms": 7})):
        post.act(0.4, "visit", post.new_id(), name, values=values)
    post.gate.write(VisitActed("x" * 300, "VisitorsLeft", GUARD, "r"), post.at(0.5))
    post.act(0.6, "count", "", "count", what="bicycle", direction="up", number=1)
    post.act(0.7, "round", post.new_id(), "begin")
    log = post.new_id()
    post.act(0.8, "duty", log, "note", post="东门岗", words="一切正常")
    post.sync()
    assert post.left() == [
        ("refused", "visit_cancelled"),
        ("refused", "no_such_guard"),
        ("refused", "category"),
        ("refused", "not_now"),
        ("refused", "unknown_record"),
        *[("nonsense", "ValueError"), ("nonsense", "ValidationError"), ("nonsense", "ValueError")],
        ("nonsense", "ValueError"),
        ("nonsense", "ValidationError"),
        ("nonsense", "KeyError"),
    ]
    assert post.shown(f"/duty-log/{log}")["text"] == "一切正常"
    assert post.shown(f"/visits/{off}")["state"] == "cancelled"
    look(registry)
    assert conflicts(post) == [("record_contradicted", "open")] * 7
    said = {each["sentence"]["zh"] for each in post.shown("/conflicts")["items"]}
    assert "注销或取消之后仍被放行" in said
    assert {"人工计数未能登记：内容不合格式", "巡更记录未能登记：内容不合格式"} < said
    # Somebody whom nobody knows is no guard of ours yet; once on record, nothing is done anew by itself.
    follow_booths(registry)
    assert len(post.left()) == 11


@ON_ONE
def test_what_nobody_has_followed_yet_contradicts_nothing(
    post: Post, registry: Registry, sign_in: Callable[[Role], httpx.Client]
) -> None:
    slip = post.made("/slips", applicant="李明", lines=[{"item": "椅子", "quantity": "2", "unit": "把"}])
    post.admin.post(f"/slips/{slip}/submit").raise_for_status()
    sign_in("goods_clerk").post(f"/slips/{slip}/approve").raise_for_status()
    post.began = datetime.now(UTC) - timedelta(seconds=1)
    post.act(0, "slip", slip, "SlipPresented", gate="east")
    post.act(0.01, "slip", slip, "TripReleased", details={"carrier": "王强"}, released=[{"line": 1, "quantity": "1"}])
    post.act(0.02, "slip", slip, "SlipCollected")
    post.gate.send()
    look(registry)  # before the other job had its turn
    assert conflicts(post) == []
    follow_booths(registry)
    look(registry)
    assert (conflicts(post), post.left()) == ([], [])
    assert post.shown(f"/slips/{slip}")["state"] == "collected"


@ON_ONE
def test_trips_and_duplicates_are_told_once(
    post: Post, registry: Registry, admin: httpx.Client, site: str, sign_in: Callable[[Role], httpx.Client]
) -> None:
    clerk = sign_in("goods_clerk")
    lines = [{"item": "椅子", "quantity": "2", "unit": "把"}]
    slip = post.made("/slips", applicant="李明", lines=lines, plates=["粤B12345"])
    admin.post(f"/slips/{slip}/submit").raise_for_status()
    clerk.post(f"/slips/{slip}/approve").raise_for_status()
    place, number = held(admin, site, approved(admin, site, workers=1), "w1")
    post.began = datetime.now(UTC) - timedelta(seconds=1)
    worker = place.rpartition("/")[2]
    released = [{"line": 1, "quantity": "2"}]
    facts = (("add", f"released:{slip}:1", 2000),)
    post.act(0, "slip", slip, "SlipPresented", gate="east")
    post.act(0.01, "slip", slip, "TripReleased", details={"carrier": "王强"}, plate="粤B12345", released=released, facts=facts)
    parts = {"original": f"{number}-O", "duplicate": f"{number}-D", "permit_state": "approved", "places_left": 1}
    post.act(0.01, "pass", worker, "WorkerEntered", post="东门岗", **parts)
    post.sync()
    assert post.left() == []
    look(registry)
    assert (post.shown(f"/slips/{slip}")["state"], post.shown(place)["record"]["held_at"]) == ("released", "东门岗")
    assert conflicts(post) == []

    # More than there was, as another gate might let out: kept as the gate wrote it, found once, not forced.
    post.act(0.02, "slip", slip, "TripReleased", details={"carrier": "王强"}, released=released, facts=facts)
    post.act(0.03, "pass", worker, "WorkerEntered", post="西门岗", **parts)
    post.act(0.04, "slip", slip, "SlipCollected")
    post.sync()
    look(registry)
    assert [each["why"] for each in refusals(registry)] == ["slip_used_up", "already_inside"]
    assert post.shown(f"/slips/{slip}")["state"] == "collected"
    kinds = [kind for kind, _ in conflicts(post)]
    assert (kinds.count("over_released"), kinds.count("record_contradicted")) == (1, 2)
    over = next(each for each in post.shown("/conflicts")["items"] if each["kind"] == "over_released")
    assert over["sentence"]["zh"] == "第 1 项共放行 4，只批准 2"

    night, lamp = post.new_id(), {"number": 1, "item": "台灯", "asked": "1"}
    made = {"lines": [lamp], "right": "owner", "valid_until": post.at(120).isoformat()}
    post.act(0.05, "slip", night, "SlipDrafted", details={"applicant": "赵六", "unit": "3-1201"}, terms=made)
    post.act(0.06, "slip", night, "SlipSubmitted")
    post.act(0.07, "slip", night, "SlipApprovedAtNight", words="连夜搬走", only_gate="here")
    post.act(0.08, "slip", night, "SlipApprovedAtNight", LEADER, role="shift_leader", words="连夜搬走", only_gate="here")
    post.sync()
    drafted = post.shown(f"/slips/{night}")
    assert (drafted["state"], drafted["record"]["only_gate"], drafted["record"]["terms"]["applicant"]) == (
        "approved",
        "east",
        "赵六",
    )
    assert (drafted["record"]["drafted_by"], drafted["record"]["approved_by"]) == (GUARD, LEADER)


def refusals(registry: Registry) -> list[Any]:
    with registry.read() as work:
        found = work.session.query(BoothAct).filter_by(outcome="refused").order_by(BoothAct.at_us, BoothAct.id)
        return [{"why": row.why, "kind": row.kind} for row in found]


@ON_ONE
def test_what_comes_late_has_its_place(post: Post, registry: Registry) -> None:
    host = post.made("/persons", name="李小明", unit="3-1201")
    walk_in = post.new_id()
    post.act(0, "visit", walk_in, "VisitAsked", details={"name": "张伟"}, terms=terms(post, host))
    post.sync()
    with registry.write() as work:
        visits.ripen(work)
    assert post.shown(f"/visits/{walk_in}")["state"] == "refused"
    # The host had said yes in time; and what was parked when the rest was followed comes up at last.
    post.act(1, "visit", walk_in, "HostAgreed", **says_yes(host))
    post.act(2, "visit", walk_in, "VisitorsLeft", people=1, gate="east")
    route = post.made(
        "/patrol-routes", name="夜间", stops=[{"point": post.made("/patrol-points", name="点", code="01"), "minutes": 5}]
    )
    post.act(3, "round", round_ := post.new_id(), "begin", route=route)
    post.act(4, "round", round_, "end")
    post.gate.send(post.sent + 1)
    places = [(post.gate.enrolled.edge, post.gate.epoch, seq) for seq in (2, 4)]
    for place in places:
        park(registry, place)
    follow_booths(registry)
    assert post.shown(f"/visits/{walk_in}")["state"] == "refused"
    assert post.left() == [("refused", "not_now"), ("refused", "unknown_record")]
    assert [each["sentence"]["zh"] for each in post.shown("/conflicts", state="open")["items"]][:1] == [
        "巡更记录未能登记：没有这条记录"
    ]
    for place in places:
        with registry.write() as work:
            assert quarantine.try_again(work, place_text(*place)).taken
        follow_booths(registry)
    visit = post.shown(f"/visits/{walk_in}")
    assert (post.left(), visit["state"], visit["record"]["means"]) == ([], "out", "phone")
    assert [each["name"] for each in post.events(f"/visits/{walk_in}")][-2:] == ["HostAgreed", "VisitorsLeft"]
    look(registry)
    assert [state for _, state in conflicts(post) if state == "open"] == []


def park(registry: Registry, place: tuple[Any, Any, int]) -> None:
    """Let an entry that is here be one that could not be taken in."""
    with registry.write() as work:
        row = work.session.get_one(JournalEntry, place)
        names = ("edge_id", "epoch", "seq", "canonical", "personal", "chain_hash", "received_at")
        held = QuarantinedEntry(**{name: getattr(row, name) for name in names}, reason="x")
        work.session.delete(row)
        work.session.flush()
        work.session.add(held)


@ON_ONE
def test_the_sheet_of_the_booth_is_the_sheet(post: Post, registry: Registry) -> None:
    day = post.began.date().isoformat()
    pattern = [{"shift": "早班", "guards": [GUARD]}]
    post.admin.post(
        "/rosters/plan", json={"site": post.site, "posts": ["东门岗"], "days": [day], "pattern": pattern}
    ).raise_for_status()
    [shift] = [each["id"] for each in post.shown("/shifts")["items"]]
    post.began = datetime.now(UTC)
    items = [{"code": code, "expected": "3", "found": None, "word": ""} for code in SHEET]
    post.act(0, "shift", shift, "GuardSignedIn")
    post.act(1, "shift", shift, "HandoverBegun", items=items)
    for n, code in enumerate(SHEET):
        post.act(2 + n, "shift", shift, "ItemChecked", code=code, found="3", expected=None)
    post.act(20, "shift", shift, "ShiftPlanned", LEADER, role="shift_leader", post="西门岗", guard=RELIEF)
    post.act(21, "shift", shift, "GuardSigned")
    post.act(22, "shift", shift, "ReliefSigned", RELIEF)
    post.act(23, "shift", shift, "ShiftCountersigned", RELIEF, role="shift_leader")
    post.act(24, "shift", shift, "ShiftCountersigned", LEADER, role="shift_leader")
    post.gate.send()
    with following_booths(registry, every_s=0.01):
        wait_until(lambda: post.shown(f"/shifts/{shift}")["state"] == "countersigned")
    signed = post.shown(f"/shifts/{shift}")["record"]
    assert {(item["expected"], item["found"]) for item in signed["items"]} == {("3", "3")}
    assert (signed["signed_by"], signed["relief"]) == (GUARD, RELIEF)
    assert len(post.left()) == 2
