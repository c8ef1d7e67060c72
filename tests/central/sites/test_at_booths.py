"""What booths of a site are told of its records: as they are made, moved and renamed, as time goes by, and after an upgrade."""

import base64
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx
from PIL import Image
from sqlalchemy import delete, select, update

from access.contract.booth_records import (
    PHOTO_BYTES_MAX,
    AwayAtBooth,
    CardAtBooth,
    GateAtBooth,
    IncidentAtBooth,
    NoticeAtBooth,
    ParkingAtBooth,
    PassAtBooth,
    RouteAtBooth,
    SettingsAtBooth,
    ShiftAtBooth,
    SlipAtBooth,
    UnitAtBooth,
    VisitAtBooth,
)
from access.contract.record_fields import Record
from access.contract.records import PassRecord
from central.codes.anew import tell_anew
from central.places.tables import Post
from central.registry import Registry
from central.sites.at_booths import at_booths
from central.tables import RuleChange
from central.visits.denied import denied_visitors
from central.workflows.tables import WorkflowEvent
from tests.central.codes.reading import told
from tests.central.contractors import agreed
from tests.central.databases import ON_ONE
from tests.central.goods.office import ALL, Office
from tests.central.visits.world import World, done

R = TypeVar("R", bound=Record)
KINDS = (
    SettingsAtBooth, UnitAtBooth, CardAtBooth, RouteAtBooth, VisitAtBooth, PassAtBooth, SlipAtBooth, ShiftAtBooth, NoticeAtBooth,
    AwayAtBooth, GateAtBooth, IncidentAtBooth, ParkingAtBooth,
)  # fmt: skip


def shown(registry: Registry, site: str, kind: type[R], gate: str = "") -> list[R]:
    return [one for one in told(registry, site, gate) if isinstance(one, kind)]


def only(registry: Registry, site: str, kind: type[R]) -> R:
    [one] = shown(registry, site, kind)
    return one


def let_time_pass(registry: Registry) -> int:
    with registry.read() as work:
        is_due = at_booths.is_due(work)
    with registry.write() as work:
        moved = at_booths.ripen(work)
    assert bool(moved) is is_due
    return moved


# --- visits ---------------------------------------------------------------------------------------


def test_a_visit_is_shown_from_its_asking_until_it_is_over(world: World) -> None:
    def visit() -> VisitAtBooth:
        return only(world.registry, world.site, VisitAtBooth)

    details = {"name": "单小明", "phone": "138 0013 8123", "company": "顺达物流", "purpose": "送货"}
    place = world.walk_in(plates=["粤B12345"], party=2, gates=["east"], details=details)
    waits = visit()
    assert (waits.state, waits.name, waits.initials, waits.phone_tail) == ("asked", "单*", "sxm", "8123")
    assert (waits.company, waits.purpose, waits.plates, waits.gates) == ("顺达物流", "送货", ("粤B12345",), ("east",))
    assert (waits.unit, waits.host, waits.party, waits.category) == ("3-1201", "3-1201 李*", 2, "unannounced")
    assert waits.answer_by is not None
    assert waits.changed_at >= world.now[0].timestamp()
    done(world.agree(place), "in")
    inside = visit()
    assert (inside.state, inside.answer_by, inside.lent) == ("in", None, ())
    cards = world.stocks("V01")
    assert only(world.registry, world.site, CardAtBooth).state == "stock"
    done(world.guard.post(f"{place}/lend-card", json={"card": "V01"}), "in")
    assert [(str(lent.card), lent.printed) for lent in visit().lent] == [(cards["V01"], "V01")]
    assert only(world.registry, world.site, CardAtBooth).state == "active"
    world.guard.post(f"{place}/arrive", json={"gate": "east", "met": ["wait_outside"]}).raise_for_status()
    done(world.guard.post(f"{place}/leave", json={"gate": "east", "people": 2}), "out")
    assert visit().state == "out", "the card is still out"
    done(world.guard.post(f"{place}/give-back-card", json={"card": "V01"}), "out")
    assert shown(world.registry, world.site, VisitAtBooth) == []
    refused = world.walk_in()
    world.guard.post(f"{refused}/refuse", json={"reason": "无人应答"}).raise_for_status()
    world.announce()
    assert shown(world.registry, world.site, VisitAtBooth) == [], "nobody comes by what was refused, or not yet approved"


@ON_ONE
def test_a_denied_visitor_is_shown_as_such_until_the_entry_ends(world: World) -> None:
    def is_denied() -> set[bool]:
        return {one.denied for one in shown(world.registry, world.site, VisitAtBooth)}

    world.walk_in()
    world.approved()
    assert is_denied() == {False}
    entry = {"site": world.site, "name": "张伟", "reason": "骚扰住户", "valid_until": world.at(timedelta(minutes=5))}
    world.admin.post("/denied-visitors", json=entry).raise_for_status()
    assert is_denied() == {True}
    world.now[0] += timedelta(minutes=6)
    with world.registry.write() as work:
        assert denied_visitors.ripen(work) == 2
    assert is_denied() == {False}


# --- contractors ----------------------------------------------------------------------------------


def picture() -> bytes:
    kept = BytesIO()
    Image.effect_noise((600, 800), 90).convert("RGB").save(kept, "JPEG", quality=90)
    return kept.getvalue()


@ON_ONE
def test_a_pass_is_shown_with_its_permit_and_a_small_photo(registry: Registry, admin: httpx.Client, site: str) -> None:
    def its_pass() -> PassAtBooth:
        return only(registry, site, PassAtBooth)

    permit = agreed.approved(admin, site, details={"phone": "0755 8888 1234"})
    place = agreed.issued(admin, site, permit, "w1", trade="painter")
    assert shown(registry, site, PassAtBooth) == [], "nobody has it yet"
    agreed.done(admin, place, "hand-over", deposit="50 元")
    admin.put(f"{place}/photo", content=picture(), headers={"Content-Type": "image/jpeg"}).raise_for_status()
    first = its_pass()
    assert (first.state, first.name, first.initials, first.phone_tail) == ("active", "赵*", "zdy", "8000")
    assert (first.firm, first.responsible, first.phone, first.workers_max) == ("明亮装饰", "李*", "075588881234", 2)
    assert (first.permit_state, first.units, first.trade) == ("approved", ("3-1202",), "painter")
    photo = base64.b64decode(first.photo)
    with Image.open(BytesIO(photo)) as image:
        assert (image.format, max(image.size) <= 320, len(photo) <= PHOTO_BYTES_MAX) == ("JPEG", True, True)
    assert first.subject == only(registry, site, PassRecord).person
    agreed.done(admin, permit, "begin")
    details = admin.get(permit).json()["details"] | {"phone": "13900139000"}
    admin.put(f"{permit}/details", json=details).raise_for_status()
    assert (its_pass().permit_state, its_pass().phone) == ("active", "13900139000")
    agreed.done(admin, place, "report-violation", what="串房")
    agreed.done(admin, place, "lost")
    assert (its_pass().state, its_pass().violations) == ("lost", ("串房",))
    agreed.done(admin, place, "settle-violation", reason="已教育")
    agreed.done(admin, place, "return", deposit="已退")
    assert shown(registry, site, PassAtBooth) == []


# --- goods ----------------------------------------------------------------------------------------


@ON_ONE
def test_a_slip_is_shown_until_its_paper_is_void_and_counts_the_offices_trips_alone(registry: Registry, office: Office) -> None:
    def slip() -> SlipAtBooth:
        return only(registry, office.site, SlipAtBooth)

    details = {"unit": "3-1201", "phone": "13800138000", "reason": "move_out"}
    made = office.slip("submit", details=details)
    assert slip().state == "submitted", "a leader may approve it at night"
    for act in ("approve", "present"):
        office.do(made, act).raise_for_status()
    first = slip()
    assert (first.applicant, first.phone_tail, first.unit, first.reason) == ("李*", "8000", "3-1201", "move_out")
    assert [(line.item, line.asked, line.unit, line.remark) for line in first.lines] == [
        ("椅子", 4000, "把", ""),
        ("布料", 2125, "米", "红色"),
    ]
    assert (first.plates, first.state, first.approved_by) == (("粤B12345",), "presented", "goods_clerk")
    office.do(made, "release", released=[{"line": 1, "quantity": "1"}]).raise_for_status()
    assert [line.released for line in slip().lines] == [1000, 0]
    with registry.write() as work:
        at_gate = update(WorkflowEvent).where(WorkflowEvent.name == "TripReleased").values(origin=f"gate:{uuid4()}")
        work.session.execute(at_gate)
    office.do(made, "release", released=[{"line": 1, "quantity": "3"}, ALL[1]]).raise_for_status()
    assert [line.released for line in slip().lines] == [3000, 2125], "what a gate let out is counted at gates"
    assert slip().state == "released"
    office.do(made, "collect").raise_for_status()
    assert slip().state == "collected", "a copy of its code opens nothing"


# --- places and duty ------------------------------------------------------------------------------


@ON_ONE
def test_settings_posts_units_and_cards(world: World) -> None:
    def settings() -> SettingsAtBooth:
        return only(world.registry, world.site, SettingsAtBooth)

    def units() -> set[tuple[str, str]]:
        return {(unit.label, unit.initials) for unit in shown(world.registry, world.site, UnitAtBooth)}

    first = settings()
    assert ({each.code for each in first.categories} > {"vip", "hawker"}, first.posts, first.lends_cards) == (True, (), False)
    assert (first.id, first.opening_reasons[0].zh, len(first.shifts)) == (UUID(world.site), "车牌未能识别", 3)
    changed = {"visit_hours_max": 9, "holds_duplicates_anywhere": True, "host_answer_minutes": 3}
    world.admin.put(f"/sites/{world.site}/settings", json=changed).raise_for_status()
    assert (settings().visit_hours_max, settings().leaves_anywhere, settings().host_answer_minutes) == (9, True, 3)
    post = world.made("/posts", name="东门岗")
    assert settings().posts == ("东门岗",)
    world.admin.put(f"/posts/{post}", json={"site": world.site, "name": "东岗"}).raise_for_status()
    assert settings().posts == ("东岗",)
    world.admin.delete(f"/posts/{post}").raise_for_status()
    [card] = world.stocks("V01").values()
    world.made("/cards", raw="77777777", kind="staff_card")
    assert (settings().posts, settings().lends_cards, len(shown(world.registry, world.site, CardAtBooth))) == ((), True, 1)
    world.admin.delete(f"/cards/{card}").raise_for_status()
    assert (settings().lends_cards, shown(world.registry, world.site, CardAtBooth)) == (False, [])
    building = world.made("/buildings", name="翠湖苑3栋")
    world.made("/units", building=building, number="1201")
    assert units() == {("翠湖苑3栋-1201", "chy3d")}
    world.admin.put(f"/buildings/{building}", json={"site": world.site, "name": "A座"}).raise_for_status()
    assert units() == {("A座-1201", "az")}


@ON_ONE
def test_gates_are_shown_with_their_posts_and_lanes(world: World) -> None:
    def north() -> GateAtBooth:
        [found] = [one for one in shown(world.registry, world.site, GateAtBooth) if one.id == UUID(gate)]
        return found

    gate = world.made("/gates", slug="north", name="北门")
    lane = world.made("/lanes", gate=gate, slug="in", name="进", lane_kind="vehicle", direction="in")
    post = world.made("/posts", name="北门岗", gate=gate)
    assert north() == GateAtBooth(id=UUID(gate), name="北门", posts=("北门岗",), lanes=(UUID(lane),))
    world.admin.put(f"/gates/{gate}", json={"site": world.site, "slug": "north", "name": "北大门"}).raise_for_status()
    world.admin.put(f"/posts/{post}", json={"site": world.site, "name": "北岗", "gate": gate}).raise_for_status()
    assert (north().name, north().posts) == ("北大门", ("北岗",))
    world.admin.delete(f"/lanes/{lane}").raise_for_status()
    world.admin.delete(f"/posts/{post}").raise_for_status()
    assert (north().posts, north().lanes) == ((), ())
    world.admin.delete(f"/gates/{gate}").raise_for_status()
    assert UUID(gate) not in {one.id for one in shown(world.registry, world.site, GateAtBooth)}


@ON_ONE
def test_an_open_incident_is_shown_at_its_gate_and_some_time_after_it_was_closed(world: World) -> None:
    def at(gate: str) -> list[IncidentAtBooth]:
        return shown(world.registry, world.site, IncidentAtBooth, gate)

    north, west = (world.made("/gates", slug=slug, name=slug) for slug in ("gate-1", "gate-2"))
    details = {"gate": north}
    incident = world.made("/incidents", kind="quarrel", place="东门", text="车位纠纷", told=["王*"], details=details)
    world.made("/incidents", kind="theft", text="在办公室")  # at no gate
    for text in range(12):
        further = {"id": str(uuid4()), "text": f"第{text}次"}
        world.admin.post(f"/incidents/{incident}/follow-up", json={"entry": further}).raise_for_status()
    world.now[0] += timedelta(days=60)
    assert let_time_pass(world.registry) == 0
    world.now[0] -= timedelta(days=60)
    [told_of] = at(north)
    assert (str(told_of.id), str(told_of.gate), told_of.state) == (incident, north, "open")
    assert (told_of.what, told_of.place, told_of.written[0].told) == ("quarrel", "东门", ("王*",))
    assert [one.text for one in told_of.written] == ["车位纠纷", *(f"第{n}次" for n in range(3, 12))]
    assert at(west) == [], "what people wrote is no business of other gates"
    world.admin.put(f"/incidents/{incident}/details", json={"gate": west}).raise_for_status()
    assert (at(north), [str(one.gate) for one in at(west)]) == ([], [west])
    world.admin.post(f"/incidents/{incident}/close", json={"reason": "双方和解"}).raise_for_status()
    assert [one.state for one in at(west)] == ["closed"]
    world.now[0] += timedelta(days=41)
    assert let_time_pass(world.registry) == 1
    assert at(west) == []
    world.now[0] -= timedelta(days=41)
    world.admin.post(f"/incidents/{incident}/reopen", json={"reason": "再起争执"}).raise_for_status()
    assert [one.written[-1].text for one in at(west)] == ["再起争执"]


@ON_ONE
def test_a_permit_of_a_bicycle_is_shown_by_its_frame_number(world: World) -> None:
    terms = {
        "kind": "non_motor_permit",
        "bound_to": "lz8 20250017",
        "person": world.host,
        "valid_until": world.at(timedelta(days=9)),
    }
    permit = world.made("/parking-permits", **terms)
    world.made("/parking-permits", **terms | {"kind": "motor_permit", "bound_to": "粤B12345"})
    told = only(world.registry, world.site, ParkingAtBooth)
    assert (told.number, told.state, told.bound_to, told.holder) == ("N000001", "active", "LZ820250017", "李*")
    assert (told.unit, told.valid_from, told.valid_until) == ("3-1201", None, int((world.now[0] + timedelta(days=9)).timestamp()))
    renamed = {"site": world.site, "name": "赵小明", "unit": "5-0101"}
    world.admin.put(f"/persons/{world.host}", json=renamed).raise_for_status()
    told = only(world.registry, world.site, ParkingAtBooth)
    assert (told.holder, told.unit, told.bound_to, told.state) == ("赵*", "5-0101", "LZ820250017", "active")
    world.admin.post(f"/parking-permits/{permit}/freeze", json={"reason": "占用消防通道"}).raise_for_status()
    assert only(world.registry, world.site, ParkingAtBooth).state == "frozen"
    world.admin.post(f"/parking-permits/{permit}/revoke", json={"reason": "多次违规"}).raise_for_status()
    over = only(world.registry, world.site, ParkingAtBooth)
    assert (over.state, over.holder, over.unit) == ("revoked", "", ""), "whose it was is no business of gates any more"
    lost = world.made("/parking-permits", **terms | {"bound_to": "lost"})
    world.admin.post(f"/parking-permits/{lost}/lost").raise_for_status()

    def of_lost() -> tuple[str, str, str]:
        [found] = [one for one in shown(world.registry, world.site, ParkingAtBooth) if one.bound_to == "LOST"]
        return found.state, found.holder, found.unit

    assert of_lost() == ("lost", "赵*", "5-0101")
    whom = {"subject": "person", "record": world.host, "purpose": "asked for by the person"}
    world.admin.post("/erasures", json=whom).raise_for_status()
    assert of_lost() == ("lost", "", "")
    world.now[0] += timedelta(days=366)
    assert let_time_pass(world.registry) == 1
    assert shown(world.registry, world.site, ParkingAtBooth) == []


def guard(client: httpx.Client, site: str, badge: str, name: str) -> dict[str, Any]:
    return {"site": site, "name": name, "badge": badge, "pin": "246810"}


@ON_ONE
def test_shifts_around_today_are_shown_under_their_names_of_now(world: World) -> None:
    def shifts() -> list[tuple[str, str, str, str]]:
        rows = shown(world.registry, world.site, ShiftAtBooth)
        return sorted((one.day, one.post, one.guard_name, one.state) for one in rows)

    world.now[0] = datetime.fromisoformat("2026-03-02T01:00:00+00:00")
    client = world.admin
    made = client.post("/guards", json=guard(client, world.site, "101", "王强")).raise_for_status().json()["id"]
    post = world.made("/posts", name="东门岗")
    days = ["2026-03-02", "2026-03-09", "2026-03-10"]
    pattern = [{"shift": "早班", "guards": ["101"]}]
    client.post("/rosters/plan", json={"site": world.site, "posts": [post], "days": days, "pattern": pattern}).raise_for_status()
    assert shifts() == [(day, "东门岗", "王强", "planned") for day in days[:2]]
    client.put(f"/guards/{made}", json=guard(client, world.site, "101", "王小强")).raise_for_status()
    client.put(f"/posts/{post}", json={"site": world.site, "name": "东岗"}).raise_for_status()
    assert shifts() == [(day, "东岗", "王小强", "planned") for day in days[:2]]
    assert let_time_pass(world.registry) == 0
    world.now[0] += timedelta(days=2)
    assert let_time_pass(world.registry) == 1
    assert [day for day, *_ in shifts()] == days[1:]
    [latest] = [one for one in shown(world.registry, world.site, ShiftAtBooth) if one.day == days[2]]
    assert (latest.guard, latest.ends - latest.begins, latest.name) == ("101", 8 * 3600, "早班")
    client.post(f"/shifts/{latest.id}/cancel", json={"reason": "换班"}).raise_for_status()
    assert [day for day, *_ in shifts()] == [days[1]]


@ON_ONE
def test_notices_whereabouts_and_routes(world: World) -> None:
    def counts() -> tuple[int, ...]:
        return tuple(len(shown(world.registry, world.site, kind)) for kind in (NoticeAtBooth, AwayAtBooth, RouteAtBooth))

    world.made("/notices", title="停水", text="今晚", valid_until=world.at(timedelta(hours=1)))
    world.made("/notices", title="只给办公室", at_booth=False, at_office=True)
    back = world.at(timedelta(hours=2))
    away = world.made("/whereabouts", subject_kind="staff", subject="刘经理", destination="区消防站", expected_back=back)
    world.made("/whereabouts", subject_kind="vehicle", subject="粤B·12345", destination="加油站", expected_back=back)
    point = world.made("/patrol-points", name="地库", code="T1", place="B2")
    stops = [{"point": point, "minutes": 10}]
    route = world.made("/patrol-routes", name="夜巡", stops=stops)
    assert counts() == (1, 2, 1)
    assert (only(world.registry, world.site, NoticeAtBooth).title, only(world.registry, world.site, RouteAtBooth).name) == (
        "停水",
        "夜巡",
    )
    renamed = {"site": world.site, "name": "地库东", "code": "T1", "place": "B2"}
    world.admin.put(f"/patrol-points/{point}", json=renamed).raise_for_status()
    [stop] = only(world.registry, world.site, RouteAtBooth).stops
    assert (stop.code, stop.name, stop.place, stop.minutes) == ("T1", "地库东", "B2", 10)
    world.admin.post(f"/whereabouts/{away}/returned").raise_for_status()
    unused = {"site": world.site, "name": "夜巡", "stops": stops, "is_used": False}
    world.admin.put(f"/patrol-routes/{route}", json=unused).raise_for_status()
    assert counts() == (1, 1, 0)
    world.now[0] += timedelta(hours=1)
    assert let_time_pass(world.registry) == 1
    assert counts() == (0, 1, 0)
    world.now[0] += timedelta(days=2)
    assert let_time_pass(world.registry) == 1
    assert counts() == (0, 0, 0)


# --- the stream -----------------------------------------------------------------------------------


def of_every_kind(world: World) -> str:
    """Put something on record of every kind that booths show; return the gate of the incident."""
    details = {"unit": "3-1201"}
    world.walk_in()
    world.stocks("V01")
    place, _ = agreed.held(world.admin, world.site, agreed.approved(world.admin, world.site), "w1")
    world.admin.put(f"{place}/photo", content=picture(), headers={"Content-Type": "image/jpeg"}).raise_for_status()
    lines = [{"item": "椅子", "quantity": "1"}]
    slip = world.made("/slips", applicant="李明", lines=lines, details=details)
    world.admin.post(f"/slips/{slip}/submit").raise_for_status()
    world.made("/units", building=world.made("/buildings", name="3"), number="1201")
    world.made("/notices", title="停水")
    world.made("/whereabouts", subject_kind="staff", subject="刘经理", destination="区消防站")
    stops = [{"point": world.made("/patrol-points", name="地库", code="T1"), "minutes": 10}]
    world.made("/patrol-routes", name="夜巡", stops=stops)
    world.made("/guards", name="王强", badge="101", pin="246810")
    gate = world.made("/gates", slug="gate-1", name="北门")
    world.made("/incidents", kind="quarrel", text="车位纠纷", details={"gate": gate})
    world.made("/parking-permits", kind="non_motor_permit", bound_to="LZ820250017", holder="李明")
    today = (world.now[0] + timedelta(hours=8)).date()
    days = [str(today + timedelta(days=1))]
    roster = {"posts": ["岗"], "days": days, "pattern": [{"shift": "早班", "guards": ["101"]}]}
    world.admin.post("/rosters/plan", json={"site": world.site, **roster}).raise_for_status()
    return gate


def test_a_site_that_was_there_before_booths_is_told_once(world: World) -> None:
    gate = of_every_kind(world)
    before = {one.id: one for kind in KINDS for one in shown(world.registry, world.site, kind, gate)}
    assert {type(one) for one in before.values()} == set(KINDS)
    assert tell_anew(world.registry) == 0
    with world.registry.write() as work:
        work.session.execute(delete(RuleChange).where(RuleChange.kind.startswith("booth_")))
    assert (tell_anew(world.registry), tell_anew(world.registry)) == (1, 0)
    assert {one.id: one for kind in KINDS for one in shown(world.registry, world.site, kind, gate)} == before


@ON_ONE
def test_what_booths_showed_before_is_not_kept(world: World) -> None:
    place = world.walk_in()
    done(world.agree(place), "in")
    visit = UUID(place.rpartition("/")[2])
    with world.registry.read() as work:
        kept = select(RuleChange.to_revision, RuleChange.data).where(RuleChange.record_id == visit)
        [(ended, data)] = work.session.execute(kept.where(RuleChange.kind == "booth_visit"))
    assert ended is None
    assert VisitAtBooth.model_validate_json(data or "").state == "in"
    at = world.admin.get(f"/sites/{world.site}").json()["revision"]
    world.admin.put(f"{place}/details", json={"name": "张伟", "remark": "只给办公室"}).raise_for_status()
    assert world.admin.get(f"/sites/{world.site}").json()["revision"] == at, "when it was changed is no news by itself"


@ON_ONE
def test_who_is_erased_is_gone_from_booths_too(world: World) -> None:
    world.made("/whereabouts", subject_kind="staff", subject="李小明", destination="李小明家")
    assert only(world.registry, world.site, AwayAtBooth).subject == "李小明"
    whom = {"subject": "person", "record": world.host, "purpose": "asked for by the person"}
    world.admin.post("/erasures", json=whom).raise_for_status()
    assert "李小明" not in only(world.registry, world.site, AwayAtBooth).model_dump_json()


# --- as long as the office may make it ------------------------------------------------------------


@ON_ONE
def test_the_longest_that_the_office_may_write_is_told(world: World, registry: Registry) -> None:
    """Nothing that the office takes is too long for booths: else it could not be taken at all."""
    line, word, slug, code = "单" * 200, "词" * 40, "g" + "-g" * 31, "7" * 64
    world.made("/gates", slug=slug, name=line)
    host = world.made("/persons", name=line, unit=line)
    named = {"name": line, "company": line, "purpose": line}
    place = world.walk_in(host_person=host, gates=[slug], plates=["粤B123456789"], details=named)
    visit = only(registry, world.site, VisitAtBooth)
    assert (visit.host_id, visit.gates, len(visit.host), len(visit.initials)) == (host, (slug,), 200, 80)
    world.guard.post(f"{place}/refuse", json={"reason": line}).raise_for_status()
    kind = {"code": "c" * 40, "zh": word, "en": word, "obligations": [f"{word[:-2]}{n:02}" for n in range(10)]}
    choices = [{"code": f"c{n}", "zh": word, "en": word} for n in range(50)]
    changed = {
        "visitor_categories": [kind, *(kind | each for each in choices[1:])],
        "equipment": choices,
        "manual_opening_reasons": [{"zh": word, "en": word}] * 50,
        "shifts": [{"name": f"{word[:-2]}{n:02}", "start": "00:00", "end": "24:00"} for n in range(12)],
        "visit_hours_max": 24 * 366,
        "host_answer_minutes": 1440,
    }
    world.admin.put(f"/sites/{world.site}/settings", json=changed).raise_for_status()
    with registry.write() as work:
        facts = {"site_id": UUID(world.site), "version": 1, "gate_id": None}
        work.session.add_all(Post(id=uuid4(), name=f"{line[:-3]}{n:03}", **facts) for n in range(200))
    world.made("/posts", name=line)
    assert len(only(registry, world.site, SettingsAtBooth).posts) == 200
    point = world.made("/patrol-points", name=line, code=code, place=line)
    world.made("/patrol-routes", name=line, stops=[{"point": point, "minutes": 1440}])
    assert only(registry, world.site, RouteAtBooth).stops[0].code == code
    building = world.made("/buildings", name="单" * 60)
    world.made("/units", building=building, number="号" * 40)
    world.made("/cards", raw="0000002A", printed="卡" * 40, kind="visitor_card")
    world.made("/notices", title=line, text=line * 2, title_en=line, text_en=line * 2, at_lane_display=True)
    world.made("/whereabouts", subject_kind="staff", subject=line, destination=line, remark=line)
    lines = [{"item": line, "quantity": "999999.999", "unit": line, "remark": line}] * 50
    slip = {"applicant": line, "lines": lines, "details": {"unit": line, "phone": "1" * 30}}
    world.admin.post(f"/slips/{world.made('/slips', plates=['粤B123456789'], **slip)}/submit").raise_for_status()
    assert len(only(registry, world.site, SlipAtBooth).lines) == 50
    long = world.admin.post("/slips", json={"site": world.site, "plates": ["粤B12345678901"], **slip})
    assert (long.status_code, "plates" in long.text) == (422, True)
    assert {type(one) for one in told(registry, world.site)} >= {UnitAtBooth, CardAtBooth, NoticeAtBooth, AwayAtBooth}
