"""Visitors at the booth: found, taken down, let in and out, cards lent; over plain HTTP, as without scripts."""

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.sync_api import Page, expect

from access.acting.visits import visitor_at
from access.contract.booth_records import CardAtBooth, CategoryAtBooth, SettingsAtBooth, UnitAtBooth, VisitAtBooth
from access.contract.records import PersonRecord
from access.entries import FactsChanged
from access.packing import SnapshotBuilder
from access.passes import DUPLICATE, ORIGINAL, PREFIX, Pass, signed
from edge.booth_messages import GuardReply, GuardRequest, RecordAct
from edge.places import Places
from tests.access.pass_texts import KID, PUBLIC, SECRET
from tests.edge.desk.contractors import DAY_S, NOW, PASS
from tests.edge.desk.post import Post, acts_of, post
from tests.edge.desk.test_booth import HAND_MS, scan
from tests.edge.desk.test_scan import RECORDS, VISIT
from tests.edge.desk.wire import (
    CONFIG,
    SITE_ID,
    Desk,
    Eyes,
    Gate,
    guard_record,
    hidden_field,
    lane_view,
    see,
    start_desk,
    stop_desk,
    write_snapshot,
)
from tests.waiting import wait_until

__all__ = ["post"]
SITE = UUID(int=1)
HOURS = 3600
CARD_A, CARD_B = UUID(int=61), UUID(int=62)
SETTINGS = SettingsAtBooth(
    id=SITE,
    categories=(
        CategoryAtBooth(code="appointment", zh="已预约访客", en="with appointment", obligations=("lead_in",)),
        CategoryAtBooth(code="unannounced", zh="临时访客", en="without appointment"),
        CategoryAtBooth(code="courier", zh="快递外卖", en="courier", standing_rule=True),
        CategoryAtBooth(code="hawker", zh="推销人员", en="hawker", admitted=False),
    ),
)
UNITS = (
    UnitAtBooth(id=UUID(int=31), label="海棠苑3-1201", initials="hty"),
    UnitAtBooth(id=UUID(int=32), label="海棠苑3-1202", initials="hty"),
)
PERSONS = (
    PersonRecord(id=UUID(int=41), name="李*", unit="海棠苑3-1201", category="resident"),
    PersonRecord(id=UUID(int=42), name="王*", unit="海棠苑3-1201", category="family"),
    PersonRecord(id=UUID(int=43), name="冯*", unit="海棠苑3-1201", category="visitor"),
)
CARDS = (CardAtBooth(id=CARD_A, printed="F001", state="stock"), CardAtBooth(id=CARD_B, printed="F002", state="stock"))


def visit(**changes: Any) -> VisitAtBooth:
    now = int(time.time())
    told: dict[str, Any] = {
        "id": uuid4(),
        "number": "V-2026-000123",
        "state": "approved",
        "name": "赵*",
        "initials": "zm",
        "phone_tail": "4321",
        "unit": "海棠苑3-1201",
        "host": "海棠苑3-1201 李*",
        "category": "appointment",
        "party": 3,
        "plates": ("粤B12D45",),
        "valid_from": now - HOURS,
        "valid_until": now + HOURS,
        "changed_at": now - HOURS,
    }
    return VisitAtBooth(**(told | changes))


@pytest.fixture(scope="module")
def running(folder: Path, places: Places) -> Iterator[tuple[Gate, Desk]]:
    """As everywhere, with a camera at the window."""
    gate = Gate(places.gate_socket, str(write_snapshot(places.snapshots / "7.snapshot", [guard_record()])))
    gate.start()
    desk = start_desk(folder, CONFIG.replace("port = 0", 'port = 0\ncamera = "camera-in"', 1))
    yield gate, desk
    assert stop_desk(desk) == 0
    gate.stop()


@pytest.fixture
def site(post: Post) -> Post:
    post.told(SETTINGS, *UNITS, *PERSONS, *CARDS)
    return post


def fields(html: str, act: str) -> dict[str, str]:
    """Return what the form of an act sends unless the guard changes it."""
    form = html.partition(f'action="{act}"')[2].partition("</form>")[0]
    names = ("token", "request", "after", "before", "code", "card")
    sent = {name: hidden_field(form, name) for name in names if f'name="{name}" value=' in form}
    people = re.search(r'name="people" type="number" min="1" max="\d+" value="(\d+)"', form)
    return sent | ({"people": people[1]} if people else {})


def do(guard: httpx.Client, identity: UUID | str, act: str, **changes: str | list[str]) -> httpx.Response:
    page = guard.get(f"/visitors/{identity}").text
    sent = fields(page, f"/visitors/{identity}/{act}") | changes
    return guard.post(f"/visitors/{identity}/{act}", data=sent, follow_redirects=True)


def taking(guard: httpx.Client, path: str = "/visitors/new", **changes: str) -> dict[str, str]:
    """Return what a walk-in's form sends."""
    page = guard.get(path).text
    hidden = {name: hidden_field(page, name) for name in ("token", "request", "visit", "lane", "passage")}
    plate = hidden_field(page.replace('id="plate" ', ""), "plate")
    usual = {"category": "unannounced", "to": "3-1201", "people": "1", "plate": plate, "stay": "120", "do": "agreed"}
    return hidden | usual | changes


def take_down(guard: httpx.Client, path: str = "/visitors/new", **changes: str) -> tuple[httpx.Response, str]:
    sent = taking(guard, path, **changes)
    return guard.post("/visitors/new", data=sent, follow_redirects=True), sent["visit"]


# --- walk-ins -------------------------------------------------------------------------------------


def test_a_walk_in_is_let_in_and_its_lane_opens_after_it_is_written_down(guard: httpx.Client, gate: Gate, site: Post) -> None:
    gate.tell(lane_view("in-1", state="referred", outcome="refer", reason="unknown", plate="粤B7X230", passage="p1"))
    see(guard, "/lanes/in-1/admit?passage=p1")
    order: list[str] = []

    def keep(asked: RecordAct) -> GuardReply:
        order.append(asked.act)
        return site.answer(asked)

    def answer_lane(asked: GuardRequest) -> GuardReply:
        order.append(asked.act)
        return GuardReply(asked.request, accepted=True)

    gate.keep, gate.answer = keep, answer_lane
    sent = taking(guard, "/visitors/new?lane=in-1&passage=p1", means="phone", answered_by="李*", people="2", opens="yes")
    assert sent["plate"] == "粤B7X230", "the plate is that which the lane has read"
    answer = guard.post("/visitors/new", data=sent, follow_redirects=True)
    again = guard.post("/visitors/new", data=sent, follow_redirects=True)
    for page in (answer.text, again.text, guard.get(str(answer.url)).text):
        assert page.count("✓ 已执行") == 1
        assert "✓ 入口：已执行" in page
    assert order == ["VisitAsked", "HostAgreed", "admit"]
    assert [(asked.passage, asked.reason) for asked in gate.asked] == [("p1", "visitor")]
    assert not set(str(answer.url)) & set("粤李")
    asked, agreed = site.acted
    terms = asked.values["terms"]
    assert (terms["host"], terms["unit"], terms["party"], terms["plates"]) == ("海棠苑3-1201", "海棠苑3-1201", 2, [])
    assert asked.details == {"plates": ["粤B7X230"], "answered_by": "李*"}
    assert (agreed.values["said_by"], agreed.values["means"], agreed.values["people"]) == ("海棠苑3-1201", "phone", 2)
    assert (site.fact(f"party:{sent['visit']}"), site.fact(f"uses:{sent['visit']}")) == (2, 2)
    assert "2 人中 2 人在场" in guard.get("/visitors").text


def test_another_vehicle_at_the_lane_is_not_let_in_for_it(guard: httpx.Client, gate: Gate, site: Post) -> None:
    gate.tell(lane_view("in-1", state="referred", outcome="refer", reason="unknown", plate="粤B7X230", passage="p1"))
    see(guard, "/lanes/in-1/admit?passage=p1")
    sent = taking(guard, "/visitors/new?lane=in-1&passage=p1", means="phone", opens="yes")
    gate.tell(lane_view("in-1", state="referred", outcome="refer", reason="unknown", plate="粤B99999", passage="p2"))
    see(guard, "/lanes/in-1/admit?passage=p2")
    page = guard.post("/visitors/new", data=sent, follow_redirects=True).text
    assert "✓ 已执行" in page
    assert "✕ 入口：没有收到答复" in page or "✕ 入口" in page
    assert gate.asked == []
    assert site.fact(f"party:{sent['visit']}") == 1


def test_a_walk_in_waits_for_an_answer_and_gets_one(guard: httpx.Client, site: Post) -> None:
    answer, identity = take_down(guard, do="waits", category="appointment", people="2")
    assert "待被访人答复" in answer.text
    assert identity in guard.get("/visitors").text
    refused = do(guard, identity, "agree", means="intercom")
    assert refused.status_code == 422
    assert "还须：引导入内" in refused.text
    assert "在场" in do(guard, identity, "agree", means="intercom", met=["lead_in"], people="1").text
    assert site.fact(f"party:{identity}") == 1
    assert acts_of(site, "HostAgreed")[0]["met"] == ["lead_in"]


def test_who_gave_no_name_is_called_by_the_plate_or_by_what_they_are(guard: httpx.Client, site: Post) -> None:
    by_plate, on_foot, told = "粤B·7X230", "临时访客", visit(name="", initials="", plates=())
    pages = [take_down(guard, means="phone", **known)[0].text for known in ({"plate": "粤B7X230"}, {"plate": ""})]
    site.told_more(told)
    pages.append(guard.get(f"/visitors/{told.id}").text)
    for page, called in zip(pages, (by_plate, on_foot, "已预约访客"), strict=True):
        assert f"<h1>{called} → " in page
    lists = guard.get("/visitors").text
    assert [f"{called}</b>" in lists for called in (by_plate, on_foot, "已预约访客")] == [True, True, True]
    assert not re.search(r"[粤临访预]\*", "".join([*pages, lists]))


def test_the_host_says_no(guard: httpx.Client, site: Post) -> None:
    answer, identity = take_down(guard, do="refused", why="被访人不同意。")
    assert "已拒绝" in answer.text
    assert [act.act for act in site.acted] == ["VisitAsked", "VisitRefused"]
    assert site.fact(f"party:{identity}") is None
    assert identity not in guard.get("/visitors").text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"to": ""}, "请填写去往的房号或部门"),
        ({"means": ""}, "请选择同意的方式"),
        ({"people": "0"}, "1 至 200"),
        ({"phone_tail": "12"}, "只填后四位"),
        ({"category": "appointment"}, "须全部办理"),
        ({"category": "hawker"}, "“推销人员”谢绝进入"),
        ({"means": "standing_rule"}, "没有可代替被访人答复的长期规定"),
        ({"do": "refused", "why": " "}, "请填写原因"),
    ],
)
def test_what_is_missing_is_said_beside_its_field(guard: httpx.Client, site: Post, changes: dict[str, str], said: str) -> None:
    answer, _ = take_down(guard, **{"means": "phone", "name": "钱多多", "purpose": "探访", **changes})
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="钱多多"' in answer.text, "what was typed stays"
    assert site.acted == []


def test_a_standing_rule_lets_a_courier_in(guard: httpx.Client, site: Post) -> None:
    answer, identity = take_down(guard, category="courier", means="standing_rule", to="快递柜", purpose="送货")
    assert "✓ 已执行" in answer.text
    assert site.acted[0].values["terms"]["host"] == "快递柜"
    assert site.fact(f"party:{identity}") == 1


def test_units_are_looked_up_without_scripts(guard: httpx.Client, site: Post) -> None:
    sent = taking(guard, to="hty120", name="钱多多")
    page = guard.post("/visitors/new/look", data=sent).text
    assert [label in page for label in ("海棠苑3-1201", "海棠苑3-1202")] == [True, True]
    page = guard.post("/visitors/new/look", data=sent | {"pick": "海棠苑3-1201"}).text
    assert 'value="钱多多"' in page
    hosts = [name for name in ("李*", "王*", "冯*") if f'name="answered_by" value="{name}"' in page]
    assert hosts == ["李*", "王*"], "a visitor says yes for nobody"
    assert site.acted == []


def test_a_gate_that_is_away_leaves_what_was_typed(guard: httpx.Client, gate: Gate, site: Post) -> None:
    gate.keep = lambda asked: GuardReply(asked.request, accepted=False, refusal="expired")
    answer, identity = take_down(guard, means="phone", name="钱多多")
    assert answer.status_code == 422
    assert "请重新按一次" in answer.text or "未执行" in answer.text
    assert 'value="钱多多"' in answer.text
    assert guard.get(f"/visitors/{identity}").status_code == 404
    assert site.acted == []


# --- announced visitors ---------------------------------------------------------------------------


def test_a_party_comes_and_goes(guard: httpx.Client, site: Post) -> None:
    told = visit()
    site.told_more(told)
    assert "赵*" in guard.get("/visitors").text
    assert "还须：引导入内" in do(guard, told.id, "arrive", people="2").text
    assert "3 人中 2 人在场" in do(guard, told.id, "arrive", people="2", met=["lead_in"]).text
    assert "来访次数（1 次）已用完" in do(guard, told.id, "arrive", people="2", met=["lead_in"]).text
    assert "3 人中 1 人在场" in do(guard, told.id, "leave", people="1").text
    assert "已离开" in do(guard, told.id, "leave").text
    assert (site.fact(f"party:{told.id}"), site.fact(f"uses:{told.id}")) == (None, 2)
    assert [act["before"] for act in acts_of(site)] == [[0, 0], [2, 2], [2, 1]]


def test_what_another_booth_or_a_lane_did_meanwhile_is_looked_at_again(guard: httpx.Client, site: Post) -> None:
    told = visit(category="unannounced", party=2)
    site.told_more(told)
    page = guard.get(f"/visitors/{told.id}").text
    sent = fields(page, f"/visitors/{told.id}/arrive") | {"people": "1"}
    site.change(("add", f"uses:{told.id}", 1), ("set", f"party:{told.id}", 1))
    answer = guard.post(f"/visitors/{told.id}/arrive", data=sent, follow_redirects=True)
    assert "其间已有人进出" in answer.text
    assert site.fact(f"party:{told.id}") == 1
    twice = fields(guard.get(f"/visitors/{told.id}").text, f"/visitors/{told.id}/arrive") | {"people": "1"}
    for _ in range(2):
        assert "✓ 已执行" in guard.post(f"/visitors/{told.id}/arrive", data=twice, follow_redirects=True).text
    assert site.fact(f"party:{told.id}") == 2


def test_who_is_overdue_comes_first(guard: httpx.Client, site: Post) -> None:
    now = int(time.time())
    late, fine = visit(state="in", valid_until=now - 60, name="孙*"), visit(name="周*")
    site.told_more(late, fine)
    site.change(*(("set", f"{name}:{one.id}", 1) for one in (late, fine) for name in ("uses", "party")))
    overdue, _, rest = guard.get("/visitors").text.partition('id="visitors/asked"')
    assert "孙*" in overdue
    assert "周*" in rest
    assert "✓ 已执行" in do(guard, late.id, "leave").text


# --- finding and scanning -------------------------------------------------------------------------


def test_visitors_are_found_as_it_is_typed_and_without_scripts(guard: httpx.Client, site: Post) -> None:
    told = visit()
    site.told_more(told, visit(name="吴*", phone_tail="9999"))
    asked = {"token": hidden_field(guard.get("/visitors").text, "token"), "asked": "4321"}
    found = guard.post("/visitors/found", data=asked, headers={"hx-request": "true"})
    assert str(told.id) in found.text
    assert "吴*" not in found.text
    assert "<html" not in found.text
    assert "<html" in guard.post("/visitors/found", data=asked).text


def test_who_came_by_a_lane_shows_since_when(guard: httpx.Client, site: Post) -> None:
    walked, drove = visit(party=1, name="孙*", plates=()), visit(party=1, name="周*", plates=("粤B99999",))
    site.told_more(walked, drove)
    since = int(time.time()) - 600
    came = [("set", visitor_at(str(walked.id)), ["site", since]), ("set", "at:a car", ["site", since - 600])]
    counted = [("set", f"{name}:{one.id}", 1) for one in (walked, drove) for name in ("uses", "party")]
    site.write(FactsChanged("lane", "test", (*came, *counted), plates={"a car": "粤B99999"}))
    for one, at in ((walked, since), (drove, since - 600)):
        shown = datetime.fromtimestamp(at, ZoneInfo("Asia/Shanghai")).strftime("%H:%M 进入")
        assert shown in guard.get(f"/visitors/{one.id}").text
        assert shown in guard.get("/visitors").text


def test_who_is_not_to_be_let_in_is_for_the_shift_leader(guard: httpx.Client, site: Post) -> None:
    told = visit(denied=True, category="unannounced", party=1)
    site.told_more(told)
    page = guard.get(f"/visitors/{told.id}").text
    assert "只有班长可以放行" in page
    assert f"/visitors/{told.id}/arrive" not in page
    sent = {"token": hidden_field(page, "token"), "request": str(uuid4()), "people": "1"}
    assert "只有班长可以放行" in guard.post(f"/visitors/{told.id}/arrive", data=sent).text
    assert site.acted == []


def test_a_signed_code_that_only_the_gate_has_seen_lets_a_visitor_in(
    guard: httpx.Client, gate: Gate, site: Post, places: Places
) -> None:
    gate.snapshot = str(with_key(places.snapshots / "8.snapshot"))
    gate.tell(gate.view())
    now = int(time.time())
    says = Pass("visit", uuid4(), now - HOURS, now - HOURS, now + HOURS, party=2)
    text = signed(says, SECRET)
    token = hidden_field(guard.get("/visitors").text, "token")

    def look(text: str) -> str:
        return guard.post("/visitors/scan", data={"token": token, "text": text}, follow_redirects=True).text

    act = f"/visitors/{says.id}/arrive"
    page = str(wait_until(lambda: (html := look(text)) and act in html and html, what="the new rules"))
    sent = fields(page, act) | {"code": text, "people": "1"}
    for _ in range(2):
        assert "✓ 已执行" in guard.post(act, data=sent, follow_redirects=True).text
    assert site.fact(f"party:{says.id}") == 1
    assert "仅凭码得知" in guard.get("/visitors").text
    for wrong, said in (
        (text[:-4] + "0000", "伪造"),
        (signed(replace(says, turns=True), SECRET), "截图"),
    ):
        assert said in look(wrong)
        assert said in guard.post("/scan", data={"token": token, "text": wrong}, follow_redirects=True).text
    assert act in guard.post("/scan", data={"token": token, "text": text}, follow_redirects=True).text
    site.told_more(visit(id=says.id, name="赵*"))
    assert "赵*" in look(text)


def with_key(path: Path) -> Path:
    """Write rules with the public key of the codes that tests make."""
    builder = SnapshotBuilder(8, int(time.time()))
    site = {
        "id": str(SITE_ID),
        "kind": "site",
        "slug": "lakeside",
        "name": "湖畔",
        "zone": "Asia/Shanghai",
        "card_key": "00" * 32,
    }
    key = {"id": str(uuid4()), "kind": "pass_key", "kid": KID.hex(), "public_key": PUBLIC.hex(), "status": "active"}
    for record in (site, guard_record(), key):
        builder.add(record["kind"], UUID(record["id"]), record)
    with path.open("wb") as out:
        builder.write(out)
    return path


def code(kind: str, identity: UUID, part: str = "", secret: bytes = SECRET) -> str:
    return signed(Pass(kind, identity, NOW - 60, NOW - 60, NOW + DAY_S, part), secret)


def test_signed_codes_open_their_places(guard: httpx.Client, gate: Gate, site: Post, places: Places) -> None:
    gate.snapshot = str(with_key(places.snapshots / "8.snapshot"))
    gate.tell(gate.view())
    site.told(*RECORDS)
    token = hidden_field(guard.get("/").text, "token")

    def scan(text: str) -> str:
        return guard.post("/scan", data={"token": token, "text": text}).headers["location"]

    wait_until(lambda: not scan(code("visit", VISIT)).startswith("/scan/unknown_key"), what="the new rules")
    assert scan(code("visit", VISIT)) == f"/visitors/{VISIT}"
    assert scan(code("pass", PASS, ORIGINAL)) == f"/passes/{PASS}?original=true"
    assert scan(code("pass", PASS, DUPLICATE)) == f"/passes/{PASS}?duplicate={PASS}"
    assert scan(code("slip", UUID(int=0x777))) == "/goods/find"  # known by its code alone, which goes along in the body
    site.change(("set", f"held:{PASS}", ["in-1", NOW]))
    assert scan(code("pass", PASS, ORIGINAL)) == f"/passes#hole-{PASS}"
    assert scan(code("visit", UUID(int=0x778))) == "/visitors/scan"  # known by its code alone, which goes along in the body
    assert scan(code("pass", UUID(int=0x779))).startswith("/scan/not_here?shape=signed&")
    assert scan(code("visit", VISIT, secret=bytes(32))).startswith("/scan/unknown_key?shape=signed&")
    assert scan(code("visit", VISIT)[:-8] + "00000000").partition("?")[0] in ("/scan/forged", "/scan/malformed")
    assert scan("6901234567892") == "/scan/unknown?shape=digits&long=13"
    page = guard.get("/scan/unknown?shape=digits&long=13")
    assert "是 13 位数字" in page.text
    assert all(f'href="{place}" data-page-key' in page.text for place in ("/visitors", "/passes", "/goods", "/"))
    assert "aria-current=page" not in page.text, "what is nobody's is on no place's page"
    page = guard.post("/scan", data={"token": token, "text": PREFIX + "nonsense"}, follow_redirects=True)
    assert (page.status_code, "nonsense" in page.text + str(page.url)) == (200, False)
    assert guard.post("/scan", data={"token": "another", "text": code("visit", VISIT)}).status_code == 403


# --- cards ----------------------------------------------------------------------------------------


def test_a_card_is_lent_found_again_and_given_back(guard: httpx.Client, site: Post) -> None:
    told = visit(category="unannounced", party=1)
    site.told_more(told)
    do(guard, told.id, "arrive")
    page = guard.get(f"/visitors/{told.id}").text
    token = hidden_field(page, "token")
    scanned = guard.post("/visitors/scan", data={"token": token, "visit": str(told.id), "text": "F002"}, follow_redirects=True)
    assert f'value="{CARD_B}" selected' in scanned.text
    assert "F002" in do(guard, told.id, "lend", card=str(CARD_B)).text
    assert site.fact(f"lent:{CARD_B}")[0] == str(told.id)  # type: ignore[index]
    other = visit(category="unannounced", name="孙*", party=1)
    site.told_more(other)
    do(guard, other.id, "arrive")
    assert "访客卡 F002 已借出" in do(guard, other.id, "lend", card=str(CARD_B)).text
    found = guard.post("/visitors/scan", data={"token": token, "text": "f002"})
    assert found.headers["location"] == f"/visitors/{told.id}#cards"
    do(guard, told.id, "leave")
    assert "已离开，卡未还" in guard.get("/visitors").text
    assert "✓ 已执行" in do(guard, told.id, "back").text
    assert site.fact(f"lent:{CARD_B}") is None
    assert "已离开，卡未还" not in guard.get("/visitors").text
    free = guard.post("/visitors/scan", data={"token": token, "text": "F001"})
    assert (free.status_code, "访客卡 F001 在库" in free.text) == (422, True)
    assert "访客卡 F001 在库" in guard.get(f"/visitors/cards/{CARD_A}").text
    assert "没有此访客卡" in guard.get(f"/visitors/cards/{uuid4()}").text
    nobody = guard.post("/visitors/scan", data={"token": token, "text": "<b>6901234"})
    assert (nobody.status_code, "本机不认识" in nobody.text, "6901234" in nobody.text) == (422, True, False)


# --- in a browser ---------------------------------------------------------------------------------


@pytest.mark.browser
def test_a_walk_in_by_keyboard_and_the_lists_that_follow(booth: Page, site: Post, eyes: Eyes) -> None:
    known = visit(category="unannounced", party=1)
    site.told_more(known)
    booth.keyboard.press("v")
    expect(booth).to_have_url(re.compile("/visitors$"))
    booth.wait_for_load_state("load")
    booth.keyboard.press("w")
    expect(booth).to_have_url(re.compile("/visitors/new$"))
    booth.wait_for_load_state("load")
    booth.keyboard.type("icf", delay=HAND_MS)
    expect(booth.get_by_label("临时访客")).to_be_checked()
    expect(booth.get_by_label("去哪里")).to_be_focused()
    booth.keyboard.type("hty1202", delay=HAND_MS)
    expect(booth.locator("#who .unit")).to_contain_text("海棠苑3-1202")
    expect(booth.locator("img[data-camera]")).not_to_have_class("none")
    expect(booth.locator("img[data-camera]")).to_have_js_property("naturalWidth", 64)
    booth.get_by_label("用岗亭摄像机拍照").check()
    booth.get_by_role("button", name="加一人").click()
    scan(booth, "6901234567892")
    expect(booth.locator("#scan")).to_contain_text("6901234567892")
    booth.keyboard.type("oy", delay=HAND_MS)
    expect(booth.locator(".said")).to_have_text("✓ 已执行，已记入日志")
    expect(booth.locator(".standing")).to_contain_text("2 人中 2 人在场")
    assert [(act.act, act.camera) for act in site.acted] == [("VisitAsked", "camera-in"), ("HostAgreed", "")]
    booth.wait_for_load_state("load")
    booth.keyboard.press("o")
    expect(booth.locator(".standing")).to_contain_text("已离开")
    booth.get_by_role("link", name="← 访客").click()
    site.change(("set", f"uses:{known.id}", 1), ("set", f"party:{known.id}", 1))
    expect(booth.locator('[id="visitors/inside"]')).to_contain_text("赵*")
    booth.locator("#asked").fill("zm")
    expect(booth.locator("#found")).to_contain_text("赵*")
