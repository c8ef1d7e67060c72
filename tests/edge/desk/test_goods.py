"""Goods, bikes and foot at the booth: slips by line and trip, at night, by their codes; who is counted and checked."""

import hashlib
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from playwright.sync_api import Page, expect

from access.acts import SlipActed
from access.contract.booth_records import ParkingAtBooth
from access.contract.records import PersonRecord
from access.entries import EvidenceKept
from edge.booth_messages import GuardReply, RecordAct
from edge.places import Places, picture_in
from edge.store.rules import map_snapshot
from tests.edge.desk.post import Post, acts_of, post
from tests.edge.desk.slips import PAPER, SLIP, TAKEN_BACK, code_of, digest_of, slip_of, write_rules
from tests.edge.desk.wire import (
    CONFIG,
    PIN,
    SECOND_BADGE,
    SECOND_PIN,
    Desk,
    Gate,
    hidden_field,
    jpeg,
    lane_view,
    see,
    start_desk,
    stop_desk,
)

__all__ = ["post"]

LEADER_BADGE = SECOND_BADGE
WITH_CAMERA = CONFIG.replace("port = 0", 'port = 0\ncamera = "camera-in"', 1)
CAR = "粤B12045"


@pytest.fixture(scope="module")
def running(folder: Path, places: Places) -> Iterator[tuple[Gate, Desk]]:
    """As everywhere, with a camera at the window."""
    write_rules(places.snapshots / "7.snapshot")
    gate = Gate(places.gate_socket, str(places.snapshots / "7.snapshot"))
    gate.start()
    desk = start_desk(folder, WITH_CAMERA)
    yield gate, desk
    assert stop_desk(desk) == 0
    gate.stop()


def press(guard: httpx.Client, page: str, path: str = "", *, form: str = "", **fields: str) -> httpx.Response:
    """Send one form of a page as a browser does: with what is hidden in it."""
    html = guard.get(page).text
    begin = html.index(f'action="{form or path or page}"')
    names = ("token", "request", "after") if 'name="after"' in html[begin:] else ("token", "request")
    hidden = {name: hidden_field(html[begin:], name) for name in names}
    return guard.post(path or page, data=hidden | {name.replace("__", "-"): text for name, text in fields.items()})


def follow(guard: httpx.Client, answer: httpx.Response) -> str:
    assert answer.status_code == 303, re.findall(r'class="fault"[^>]*>([^<]+)<', answer.text)
    return guard.get(answer.headers["location"]).text


def find(guard: httpx.Client, text: str) -> httpx.Response:
    return guard.post("/goods/find", data={"token": hidden_field(guard.get("/goods").text, "token"), "text": text})


AT_SLIP = f"/goods/{SLIP}"


def release(guard: httpx.Client, **fields: str) -> httpx.Response:
    return press(guard, AT_SLIP, f"{AT_SLIP}/release", **{"carrier": "王师傅 1234", "vehicle": "foot"} | fields)


def test_two_trips_and_the_paper(guard: httpx.Client, gate: Gate, post: Post) -> None:
    post.told(slip_of())
    answer = release(guard, line__1="1", line__2="12")
    page = follow(guard, answer)
    assert "已执行" in page
    assert "2 项已放行 1 项，14 件已放行 13 件" in page
    assert [asked.act for asked in post.acted] == ["SlipPresented", "TripReleased"]
    assert post.acted[1].camera == "camera-in"
    assert post.acted[1].details == {"carrier": "王师傅 1234", "plate": ""}
    assert "王师傅" not in str(post.acted[1].values)
    assert (post.fact(f"released:{SLIP}:1"), post.fact(f"released:{SLIP}:2")) == (1000, 12000)
    over = release(guard, line__1="2")
    assert over.status_code == 422
    assert "请填 0 到 1。" in over.text
    assert "王师傅 1234" in over.text, "what was typed stays"
    assert "已全部放行" in follow(guard, release(guard, line__1="1"))
    assert "待收回" in guard.get("/goods").text
    assert "已收回" in follow(guard, press(guard, AT_SLIP, f"{AT_SLIP}/collect"))
    assert "S000018" not in guard.get("/goods").text


def test_a_press_counts_once(guard: httpx.Client, post: Post) -> None:
    post.told(slip_of())
    html = guard.get(AT_SLIP).text
    begin = html.index(f'action="{AT_SLIP}/release"')
    data = {name: hidden_field(html[begin:], name) for name in ("token", "request", "after")}
    data |= {"carrier": "王", "vehicle": "foot", "line-1": "2"}
    answers = [guard.post(f"{AT_SLIP}/release", data=data) for _ in range(2)]
    assert {answer.headers["location"] for answer in answers} == {f"{AT_SLIP}?asked={data['request']}"}
    assert post.fact(f"released:{SLIP}:1") == 2000
    other = guard.post(f"{AT_SLIP}/release", data=data | {"request": str(uuid4()), "line-1": "", "line-2": "1"})
    assert other.status_code == 422
    assert "其间有他人已变更" in other.text, "the page knew an older state"


def test_a_picture_of_a_line_and_of_a_trip(guard: httpx.Client, post: Post, places: Places) -> None:
    post.told(slip_of())
    press(guard, AT_SLIP, f"{AT_SLIP}/picture/1", form=f"{AT_SLIP}/release")
    (address,) = set(re.findall(r'src="([^"]+\.jpg)"', guard.get(AT_SLIP).text))
    assert guard.get(address).status_code == 204, "it comes a moment later"
    digest = hashlib.sha256(jpeg()).hexdigest()
    path = picture_in(places.evidence, digest)
    path.parent.mkdir(parents=True)
    path.write_bytes(jpeg())
    post.write(EvidenceKept(address[-36:-4], digest, len(jpeg()), "camera-in"))
    assert guard.get(address).content == jpeg()
    assert guard.get(address.replace(str(SLIP), str(TAKEN_BACK))).status_code == 204, "none of that slip's"


def test_nothing_is_let_out_with_a_vehicle_that_nobody_has_chosen(guard: httpx.Client, gate: Gate, post: Post) -> None:
    post.told(slip_of())
    waits = {"state": "referred", "reason": "goods_check", "outcome": "refer", "waiting_for_goods": True}
    gate.tell(lane_view("out-1", plate="粤B99999", passage="p1", subject="car-9", values={"cause": "large"}, **waits))
    page = see(guard, 'value="lane:out-1 p1"', AT_SLIP)
    assert not re.search(r'name="vehicle"[^>]*checked', page), "it may carry something else"
    assert "请选择出门方式" in release(guard, line__1="1", vehicle="").text
    assert post.acted == []


def test_what_is_missing_is_said_beside_its_field(guard: httpx.Client, post: Post) -> None:
    post.told(slip_of(plates=(CAR,)))
    assert "请填写本趟放行的物品数量" in release(guard).text
    assert "请登记搬运人" in release(guard, line__1="1", carrier=" ").text
    assert "请填写车牌" in release(guard, line__1="1", vehicle="plate", plate="").text
    assert "放行条只限车辆" in release(guard, line__1="1", vehicle="plate", plate="粤B·99999").text
    assert "请填 0 到 2。" in release(guard, line__1="<script>alert(1)</script>").text
    assert acts_of(post, "TripReleased") == []
    follow(guard, release(guard, line__1="1", vehicle="plate", plate="粤B·12O45"))
    cleared = acts_of(post, "TripReleased")[0]["cleared"]
    assert post.fact(f"cleared:{cleared}")
    assert post.acted[-1].details["plate"] == CAR


def test_the_exit_that_waits_decides_again(guard: httpx.Client, gate: Gate, post: Post) -> None:
    post.told(slip_of(plates=(CAR,)))
    values = {"cause": "slip", "shown": "粤B·12045", "number": "S000018"}
    waits = {"state": "referred", "reason": "goods_slip", "outcome": "refer", "waiting_for_goods": True}
    gate.tell(lane_view("out-1", plate=CAR, colour="blue", passage="p1", subject="car-1", values=values, **waits))
    page = see(guard, "放行条 S000018", "/goods")
    assert "未携带物品" in page
    left = release(guard, line__1="1", vehicle="lane:out-1 p0")
    assert "该车道现为其他车辆" in left.text, "the vehicle that was chosen has gone, and another stands there"
    assert post.acted == []
    assert guard.get("/goods?lane=out-1").headers["location"] == AT_SLIP, "one press from the lane"
    told = follow(guard, release(guard, line__1="2", vehicle="lane:out-1 p1"))
    assert "车道已重新判定" in told
    assert "待保安核实" in told, "what the exit does stands on the page"
    assert post.fact("cleared:car-1")
    (asked,) = gate.asked
    assert (asked.act, asked.lane, asked.passage) == ("decide_again", "out-1", "p1")
    gate.asked.clear()
    assert "该车道现为其他车辆" in press(guard, "/goods", "/goods/vehicle", act="nothing_carried", at_lane="out-1 p0").text
    press(guard, "/goods", "/goods/vehicle", act="nothing_carried", at_lane="out-1 p1")
    (asked,) = gate.asked
    assert (asked.act, asked.choice, asked.badge, asked.role) == ("nothing_carried", "car-1", "1001", "guard")


def test_held_and_corrected(guard: httpx.Client, post: Post) -> None:
    post.told(slip_of())
    assert "请说明哪里不符" in press(guard, AT_SLIP, f"{AT_SLIP}/hold", what=" ").text
    page = follow(guard, press(guard, AT_SLIP, f"{AT_SLIP}/hold", what="多一台<b>电视</b>"))
    assert "多一台&lt;b&gt;电视" in page
    assert 'name="line-1"' not in page
    assert "暂扣：不符" in guard.get("/goods").text
    later = int(time.time()) + 5
    new = slip_of(id=UUID(int=SLIP.int + 1), number="S000019", replaces="S000018")
    post.told(slip_of(state="corrected", replaced_by="S000019", changed_at=later), new)
    page = guard.get(AT_SLIP).text
    assert "S000019" in page
    assert "放行条已由新单代替" in page
    assert "S000018" in guard.get(f"/goods/{new.id}").text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"state": "cancelled"}, "放行条已作废"),
        ({"valid_until": 1_700_000_000}, "放行条已失效"),
        ({"valid_from": 4_000_000_000, "valid_until": 4_000_000_001}, "尚未生效"),
        ({"only_gate": "west"}, "只能在 west 使用"),
        ({"approved_by": "1001"}, "签发人不能核对放行"),
    ],
)
def test_why_nothing_goes_out(guard: httpx.Client, post: Post, changes: dict[str, Any], said: str) -> None:
    post.told(slip_of(**changes))
    page = guard.get(AT_SLIP).text
    assert said in page
    assert 'name="line-1"' not in page


def test_finding(guard: httpx.Client, post: Post) -> None:
    post.told(slip_of(plates=(CAR,)), slip_of(id=uuid4(), number="S000020", unit="3-1202", phone_tail="0000"))
    for text in ("s000018", "1201", "5678", "粤b·12045"):
        assert find(guard, text).headers.get("location") == AT_SLIP, text
    many = find(guard, "3-120")
    assert many.status_code == 200
    assert "S000018" in many.text
    assert "S000020" in many.text
    assert "没有此单号" in find(guard, "<i>x</i>").text
    assert guard.get(f"/goods/{uuid4()}").status_code == 404


def test_a_slip_that_is_known_by_its_code_alone(guard: httpx.Client, post: Post, places: Places) -> None:
    rules = map_snapshot(places.snapshots / "7.snapshot")
    identity, text = code_of(PAPER, with_lines=False, vehicles=(rules.vehicle_tag(CAR),))
    for answer in (find(guard, text), find(guard, text)):
        assert answer.headers["location"] == f"/goods/{identity}", "the text of a code stands in no address"
    page = follow(guard, answer)
    (asked,) = post.acted
    assert (asked.act, asked.values["code"]["digest"]) == ("SlipPresented", digest_of(PAPER).hex()), (
        "nothing is lost at a restart"
    )
    assert "仅凭二维码得知" in page
    assert "5-902" in page
    at = f"/goods/{identity}"
    typed = {"item__1": "冰箱", "quantity__1": "1.0", "unit__1": "台", "item__2": "大理石", "quantity__2": "2.5", "unit__2": "吨"}
    assert "与批准的不一致" in press(guard, at, f"{at}/lines", **typed).text
    assert "冰箱" in follow(guard, press(guard, at, f"{at}/lines", **typed, remark__2="边角"))
    wrong = press(guard, at, f"{at}/release", carrier="王", vehicle="plate", plate="粤B99999", line__2="2.5")
    assert "限其他车辆" in wrong.text
    page = follow(guard, press(guard, at, f"{at}/release", carrier="王", vehicle="plate", plate=CAR, line__2="2.5"))
    assert "2.5 吨 已全部放行" in page
    assert post.fact(f"released:{identity}:2") == 2500
    assert "S000077" in guard.get("/goods").text


def test_the_desk_goes_on_from_what_an_entry_kept_of_a_code(guard: httpx.Client, post: Post) -> None:
    identity, until = uuid4(), "2096-01-01T00:00:00+00:00"
    terms = {"number": "S000078", "valid_until": until, "lines": []}
    code = {"terms": terms, "valid_from": 0, "vehicles": [], "digest": digest_of(PAPER[:1]).hex()}
    post.write(SlipActed(str(identity), "SlipPresented", "1001", "r", {"gate": "east", "code": code}))
    at = f"/goods/{identity}"
    follow(guard, press(guard, at, f"{at}/lines", item__1="冰箱", quantity__1="1", unit__1="台"))
    assert "全部放行" in follow(guard, press(guard, at, f"{at}/release", carrier="王", vehicle="foot", line__1="1"))


def test_a_code_that_was_taken_back_or_is_for_other_gates_is_not_taken(guard: httpx.Client, post: Post) -> None:
    _, text = code_of(PAPER, TAKEN_BACK, with_lines=False)
    assert "已撤销此放行条的二维码" in find(guard, text).text
    _, elsewhere = code_of(PAPER, with_lines=False, gates=(b"west",))
    token = hidden_field(guard.get("/").text, "token")
    scanned = guard.post("/scan", data={"token": token, "text": elsewhere}, follow_redirects=True)
    assert "此放行条限其他大门" in scanned.text, "on every page a code is looked at in the same way"
    assert post.acted == []
    code = {"terms": {"number": "S000079", "valid_until": "2096-01-01T00:00:00+00:00"}, "valid_from": 0, "vehicles": []}
    post.write(SlipActed(str(TAKEN_BACK), "SlipPresented", "1001", "r", {"gate": "east", "code": code}))
    page = guard.get(f"/goods/{TAKEN_BACK}").text
    assert "放行条已作废" in page, "it was shown before the office took it back"
    assert f"/goods/{TAKEN_BACK}/lines" not in page


def test_lines_that_the_code_has_room_for(guard: httpx.Client, post: Post) -> None:
    identity, text = code_of(PAPER[:1], with_lines=True)
    at = find(guard, text).headers["location"]
    assert "全部放行" in follow(guard, press(guard, at, f"{at}/release", carrier="王", vehicle="foot", line__1="1"))
    assert post.fact(f"released:{identity}:1") == 1000


def test_codes_that_are_no_slips(guard: httpx.Client, post: Post) -> None:
    _, visit = code_of((), kind="visit", with_lines=False)
    assert "不是放行条" in find(guard, visit).text
    _, text = code_of(PAPER, with_lines=False)
    forged = find(guard, f"{text[:-4]}0000")
    assert forged.status_code == 200
    assert text[:-4] not in forged.text
    assert 'class="fault" role="alert">' in forged.text


NIGHT = {"unit": "5-902", "applicant": "周先生", "item__1": "钢琴", "quantity__1": "1", "unit__1": "架"}
LEADER = {"badge": LEADER_BADGE, "pin": SECOND_PIN, "reason": "搬家车在等"}


def test_the_shift_leader_approves_at_night(guard: httpx.Client, post: Post) -> None:
    def made(**fields: str) -> httpx.Response:
        # "unit-1" is the unit of a line, "unit" the one that it comes from
        return press(guard, "/goods/night", **NIGHT | LEADER | {"right": "owner", "step": "approve"} | fields)

    assert "工号或密码" in made(pin="0000").text
    assert "请填写不能等管理处办理的原因" in made(reason="").text
    assert "此工号不是班长" in made(badge="1001", pin=PIN).text
    assert "请填写出示的材料" in made(right="tenant").text
    assert "请至少填写一项" in made(item__1="", quantity__1="", unit__1="").text
    refused = made(quantity__1="0")
    assert "数量须大于 0" in refused.text
    assert "周先生" in refused.text
    assert SECOND_PIN not in refused.text
    assert post.acted == [], "nothing is written while something is wrong"
    answer = made()
    page = follow(guard, answer)
    assert "钢琴" in page
    assert "本门开具" in page
    assert ("周先生" in page, "周*" in page) == (False, True), "as the registry will tell it"
    assert "周先生" in str([dict(asked.details) for asked in post.acted]), "the entry has all of it"
    assert [(asked.act, asked.guard, asked.role) for asked in post.acted] == [
        ("SlipDrafted", "1001", "guard"),
        ("SlipSubmitted", "1001", "guard"),
        ("SlipApprovedAtNight", LEADER_BADGE, "shift_leader"),
    ]
    assert "周先生" not in str([dict(asked.values) for asked in post.acted])
    assert post.acted[2].values == {"only_gate": "east"}
    at = answer.headers["location"].partition("?")[0]
    assert "全部放行" in follow(guard, press(guard, at, f"{at}/release", carrier="王", vehicle="foot", line__1="1"))


def test_the_leader_comes_later(guard: httpx.Client, post: Post) -> None:
    answer = press(guard, "/goods/night", **NIGHT, right="tenant", paper="同意书 7", step="save")
    at = answer.headers["location"].partition("?")[0]
    board = guard.get("/goods").text
    assert ("待班长批准" in board, "周先生" in board) == (True, False)
    assert "请输入班长的工号和密码" in press(guard, at, f"{at}/approve", reason="急").text
    assert "已批准" in follow(guard, press(guard, at, f"{at}/approve", **LEADER))


def test_a_draft_that_was_cut_off_is_approved_all_the_same(guard: httpx.Client, gate: Gate, post: Post) -> None:
    def cut_off(asked: RecordAct) -> GuardReply:
        return (
            GuardReply(asked.request, accepted=False, refusal="not_written")
            if asked.act == "SlipSubmitted"
            else post.answer(asked)
        )

    gate.keep = cut_off
    assert press(guard, "/goods/night", **NIGHT, right="owner", step="save").status_code == 422
    (drafted,) = post.acted
    gate.keep = post.answer
    at = f"/goods/{drafted.identity}"
    assert at in guard.get("/goods").text
    assert "已批准" in follow(guard, press(guard, at, f"{at}/approve", **LEADER))


def test_a_vehicle_is_marked_by_its_plate(guard: httpx.Client, post: Post) -> None:
    assert "请填写车牌" in press(guard, "/goods", "/goods/vehicle", act="mark_loading", plate=" ").text
    follow(guard, press(guard, "/goods", "/goods/vehicle", act="mark_loading", plate="粤B·12045"))
    (asked,) = post.acted
    assert (asked.kind, asked.act) == ("vehicle", "mark_loading")
    assert post.fact(f"loading:{asked.identity}")
    follow(guard, press(guard, "/goods", "/goods/vehicle", act="nothing_carried", plate="粤B12045"))
    assert post.fact(f"cleared:{asked.identity}")


# --- bikes and foot ----------------------------------------------------------------------------------------------------------


def form(guard: httpx.Client, path: str, html: str = "", **fields: str) -> httpx.Response:
    """Send one form of the page as a browser does: with what is hidden in it."""
    html = html or guard.get("/foot").text
    part = html[html.index(f'action="{path}"') :]
    part = part[: part.index("</form>")]
    hidden = {name: hidden_field(part, name) for name in re.findall(r'type="hidden" name="(\w+)"', part)}
    return guard.post(path, data=hidden | fields, follow_redirects=True)


def shown(page: str, tile: str) -> int:
    found = re.search(rf'value="{tile}".*?<b>(-?\d+)</b>', page, re.DOTALL)
    assert found, tile
    return int(found[1])


def test_counting_and_taking_back(guard: httpx.Client, post: Post) -> None:
    html = guard.get("/foot").text
    for _ in range(2):  # the same form twice
        page = form(guard, "/foot/count", html, tile="ebike:in").text
    assert shown(page, "ebike:in") == 1
    assert "电动自行车 · 进 +1" in page
    for _ in range(2):
        back = form(guard, "/foot/undo", page).text
    assert shown(back, "ebike:in") == 0
    assert [told["number"] for told in acts_of(post, "count")] == [1, -1]
    other = guard.post("/foot/undo", data={"token": hidden_field(html, "token"), "entry": "f00"})
    assert other.status_code == 422
    assert "已不能撤销" in other.text
    form(guard, "/foot/count", tile="ghost:in")
    assert len(post.acted) == 2


def test_checking_somebody(guard: httpx.Client, post: Post) -> None:
    post.told(PersonRecord(id=uuid4(), name="李*", unit="3-1201", category="tenant"))
    assert "没有登记" in form(guard, "/foot/look", text="<b>9-999</b>").text
    permit = ParkingAtBooth(id=uuid4(), number="N000001", state="lost", bound_to="LZ820250017", holder="王*", changed_at=1)
    post.told_more(permit)
    for page in (form(guard, "/foot/look", text="0017").text, guard.get(f"/foot/permits/{permit.id}").text):
        assert "LZ820250017" in page
        assert "✕ 已挂失：请扣留" in page
        assert "王*" in page
    assert guard.get(f"/foot/permits/{uuid4()}").status_code == 422
    page = form(guard, "/foot/look", text="3-1201").text
    assert "李*" in page
    assert "租户" in page
    unsaid = form(guard, "/foot/check", page, what="resident", way="in", reason="other_reason", result="passed")
    assert "请填写原因" in unsaid.text
    assert post.acted == []
    form(guard, "/foot/check", page, what="resident", way="in", reason="known", result="passed")
    page = form(guard, "/foot/look", text="3-1201").text
    page = form(guard, "/foot/check", page, what="visitor", way="in", reason="unknown", result="turned_away").text
    assert [(told["result"], told["number"]) for told in acts_of(post, "check")] == [("passed", 1), ("turned_away", 0)]
    assert shown(page, "resident:in") == 1
    assert shown(page, "visitor:in") == 0
    assert "3-1201" not in str(acts_of(post))


# --- by keys ----------------------------------------------------------------------------------------------------------------


def test_a_guard_at_the_exit(booth: Page, desk: Desk, post: Post) -> None:
    """In a browser: found by typing, stepped, pictured, released by keys; then somebody is counted by two, and not."""
    post.told(slip_of(), slip_of(id=uuid4(), number="S000020", unit="3-1202"))
    booth.goto(f"{desk.url}goods")
    booth.keyboard.press("f")
    expect(booth.locator("#find")).to_be_focused()
    booth.keyboard.type("3-12", delay=60)
    expect(booth.locator("#found .slip")).to_have_count(2)
    booth.locator("#found .slip", has_text="S000018").locator("a").click()
    booth.get_by_role("button", name="加一：沙发").click()
    booth.get_by_role("button", name="全部：纸箱").click()
    booth.get_by_role("button", name="拍照：沙发").click()
    expect(booth.get_by_role("button", name="拍照：沙发")).to_contain_text("✓")
    expect(booth.locator("#line-2")).to_have_value("12")
    booth.locator("#carrier").fill("王师傅 1234")
    booth.keyboard.press("Enter")
    expect(booth.locator(".said")).to_contain_text("已执行")
    expect(booth.locator(".trips tbody tr")).to_have_count(1)
    assert post.fact(f"released:{SLIP}:2") == 12000
    booth.reload()
    booth.go_back()
    assert len(acts_of(post, "TripReleased")) == 1
    booth.goto(f"{desk.url}foot")
    booth.keyboard.type("ci", delay=60)
    expect(booth.locator("[data-keys=CI] b")).to_have_text("1")
    booth.keyboard.press("u")
    expect(booth.locator("[data-keys=CI] b")).to_have_text("0")
    assert [told["number"] for told in acts_of(post, "count")] == [1, -1]
