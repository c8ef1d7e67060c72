"""Goods at the booth: a slip is found, released line by line and trip by trip, held, collected, made out at night."""

import re
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Page, expect

from access.contract.booth_records import LineAtBooth, SlipAtBooth
from access.packing import SnapshotBuilder
from access.passes import DIGEST_BYTES, Line, Pass, kid_of, signed
from access.workflows.release_slip import SlipLine, lines_digest
from edge.places import Places
from edge.store.rules import map_snapshot
from tests.edge.desk.post import Post, acts_of, post
from tests.edge.desk.wire import (
    CONFIG,
    PIN,
    SECOND_BADGE,
    SECOND_PIN,
    SITE_ID,
    Desk,
    Gate,
    guard_record,
    hidden_field,
    lane_view,
    second_record,
    see,
    start_desk,
    stop_desk,
)

__all__ = ["post"]

SLIP = UUID("0190b6a0-0000-7000-8000-00000000000a")
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PRIVATE, PUBLIC = KEY.private_bytes_raw(), KEY.public_key().public_bytes_raw()
LEADER_BADGE = SECOND_BADGE
WITH_CAMERA = CONFIG.replace("port = 0", 'port = 0\ncamera = "camera-in"', 1)
CAR = "粤B12045"


def write_rules(path: Path) -> None:
    """Rules with a shift leader, and the key by which the registry signs codes."""
    builder = SnapshotBuilder(7, int(time.time()))
    site = {
        "id": str(SITE_ID),
        "kind": "site",
        "slug": "lakeside",
        "name": "湖畔",
        "zone": "Asia/Shanghai",
        "card_key": "00" * 32,
    }
    builder.add("site", SITE_ID, site)
    for guard in (guard_record(), {**second_record(), "leader": True}):
        builder.add("guard", UUID(str(guard["id"])), guard)
    key = {"id": str(uuid4()), "kind": "pass_key", "kid": kid_of(PUBLIC).hex(), "public_key": PUBLIC.hex(), "status": "active"}
    builder.add("pass_key", UUID(key["id"]), key)
    with path.open("wb") as out:
        builder.write(out)


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


def slip_of(**changes: Any) -> SlipAtBooth:
    now = int(time.time())
    lines = (
        LineAtBooth(number=1, item="沙发", asked=2000, unit="件", remark="灰"),
        LineAtBooth(number=2, item="纸箱", asked=12000, unit="箱"),
    )
    slip = SlipAtBooth(
        id=SLIP,
        number="S000018",
        state="approved",
        unit="3-1201",
        applicant="李*",
        phone_tail="5678",
        lines=lines,
        valid_from=now - 3600,
        valid_until=now + 3600,
        changed_at=now - 60,
    )
    return slip.model_copy(update=changes)


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
    assert "2 项已放行 1 项,14 件已放行 13 件" in page
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
    assert "未载物" in page
    told = follow(guard, release(guard, line__1="2", vehicle="lane:out-1"))
    assert "车道已重新判定" in told
    assert post.fact("cleared:car-1")
    (asked,) = gate.asked
    assert (asked.act, asked.lane, asked.passage) == ("decide_again", "out-1", "p1")
    gate.asked.clear()
    press(guard, "/goods", "/goods/vehicle", act="nothing_carried", lane="out-1")
    assert [(one.act, one.choice) for one in gate.asked] == [("nothing_carried", "car-1")]


def test_held_and_corrected(guard: httpx.Client, post: Post) -> None:
    post.told(slip_of())
    assert "请说明哪里不符" in press(guard, AT_SLIP, f"{AT_SLIP}/hold", what=" ").text
    page = follow(guard, press(guard, AT_SLIP, f"{AT_SLIP}/hold", what="多一台<b>电视</b>"))
    assert "多一台&lt;b&gt;电视" in page
    assert 'name="line-1"' not in page
    assert "暂扣:不符" in guard.get("/goods").text
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


def code_of(
    lines: tuple[SlipLine, ...], *, kind: str = "slip", with_lines: bool, vehicles: tuple[bytes, ...] = ()
) -> tuple[UUID, str]:
    now, identity = int(time.time()), uuid4()
    told = tuple(Line(line.item, int(line.asked * 1000), line.unit) for line in lines) if with_lines else ()
    digest = bytes.fromhex(lines_digest(lines))[:DIGEST_BYTES]
    said = Pass(
        *(kind, identity, now, now - 60, now + 3600),
        number="S000077",
        units=("5-902",),
        digest=digest,
        lines=told,
        vehicles=vehicles,
    )
    return identity, signed(said, PRIVATE)


PAPER = (SlipLine(1, "冰箱", Decimal(1), "台"), SlipLine(2, "大理石", Decimal("2.5"), "吨", "边角"))


def test_a_slip_that_is_known_by_its_code_alone(guard: httpx.Client, post: Post, places: Places) -> None:
    rules = map_snapshot(places.snapshots / "7.snapshot")
    identity, text = code_of(PAPER, with_lines=False, vehicles=(rules.vehicle_tag(CAR),))
    answer = find(guard, text)
    assert answer.headers["location"] == f"/goods/{identity}", "the text of a code stands in no address"
    page = follow(guard, answer)
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
    assert "待班长批准" in guard.get("/goods").text
    assert "请输入班长的工号和密码" in press(guard, at, f"{at}/approve", reason="急").text
    assert "已批准" in follow(guard, press(guard, at, f"{at}/approve", **LEADER))


def test_a_vehicle_is_marked_by_its_plate(guard: httpx.Client, post: Post) -> None:
    assert "请填写车牌" in press(guard, "/goods", "/goods/vehicle", act="mark_loading", plate=" ").text
    follow(guard, press(guard, "/goods", "/goods/vehicle", act="mark_loading", plate="粤B·12045"))
    (asked,) = post.acted
    assert (asked.kind, asked.act) == ("vehicle", "mark_loading")
    assert post.fact(f"loading:{asked.identity}")
    follow(guard, press(guard, "/goods", "/goods/vehicle", act="nothing_carried", plate="粤B12045"))
    assert post.fact(f"cleared:{asked.identity}")


def test_a_guard_at_the_exit(booth: Page, desk: Desk, post: Post) -> None:
    """In a browser: found by typing, stepped, pictured, released with keys; a scanner types in between."""
    post.told(slip_of(), slip_of(id=uuid4(), number="S000020", unit="3-1202"))
    booth.goto(f"{desk.url}goods")
    booth.keyboard.press("f")
    expect(booth.locator("#find")).to_be_focused()
    booth.keyboard.type("3-12", delay=60)
    expect(booth.locator("#found .slip")).to_have_count(2)
    booth.locator("#found .slip", has_text="S000018").locator("a").click()
    booth.get_by_role("button", name="加一: 沙发").click()
    booth.get_by_role("button", name="全部: 纸箱").click()
    booth.get_by_role("button", name="拍照: 沙发").click()
    expect(booth.get_by_role("button", name="拍照: 沙发")).to_contain_text("✓")
    expect(booth.locator("#line-2")).to_have_value("12")
    booth.locator("#carrier").fill("王师傅 1234")
    booth.keyboard.press("Enter")
    expect(booth.locator(".said")).to_contain_text("已执行")
    expect(booth.locator(".trips tbody tr")).to_have_count(1)
    assert post.fact(f"released:{SLIP}:2") == 12000
    booth.reload()
    booth.go_back()
    assert len(acts_of(post, "TripReleased")) == 1
