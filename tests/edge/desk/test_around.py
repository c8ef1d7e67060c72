"""What stands around the lanes: the head of a page, how it looks, alarms, who is inside, what a screen at a lane tells."""

import re
import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from access.contract.booth_records import AwayAtBooth, NoticeAtBooth, PassAtBooth, ShiftAtBooth, VisitAtBooth
from access.contract.records import LaneRecord, PeerRecord, SiteRecord
from access.entries import PassageEnded
from access.on_record import Credential, GuardFacts
from edge.booth_messages import GuardReply
from edge.config import GateConfig
from edge.config_file import load
from edge.desk.book import Pages
from edge.desk.heading import heading
from edge.desk.inside import inside
from edge.desk.look import Look, look_of
from edge.desk.notices import board_of
from edge.desk.presentation import days_left
from tests.edge.desk.post import Post, post
from tests.edge.desk.wire import CONFIG, SITE_ID, Gate, alarm, hidden_field, lane_view, see

__all__ = ["post"]

NOW = 1_780_000_000
GATE, OTHER, LANE = UUID(int=1), UUID(int=2), UUID(int=3)
SITE = SiteRecord(id=SITE_ID, slug="lakeside", name="湖畔花园", card_key="00" * 32)
PEER = PeerRecord(id=uuid4(), gate=GATE, slug="east", name="东门", public_key="00" * 32)
IN = LaneRecord(id=LANE, gate=GATE, slug="in-1", name="入口", lane_kind="vehicle", direction="in")


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> GateConfig:
    path = tmp_path_factory.mktemp("config") / "gate.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return load(path)


def pages(*records: Any, facts: Any = None) -> Pages:
    by_kind: dict[Any, Any] = {}
    for record in records:
        by_kind.setdefault(type(record), {})[record.id] = record
    return Pages(1, by_kind, facts=facts or {})


def shift(**changes: Any) -> ShiftAtBooth:
    told = {"id": uuid4(), "number": "1", "state": "on_duty", "post": "东门", "guard": "1001", "guard_name": "张*"}
    times = {"day": "2026-05-28", "name": "白班", "begins": NOW - 3600, "ends": NOW + 3600, "changed_at": NOW - 9999}
    return ShiftAtBooth.model_validate(told | times | changes)


def leaders(badge: str) -> GuardFacts | None:
    return GuardFacts(uuid4(), "王*", badge, "", "active", leader=True) if badge == "2001" else None


# --- the head of a page -------------------------------------------------------------------------------


def test_before_the_first_rules_the_names_are_those_of_the_configuration(config: GateConfig) -> None:
    found = heading(config, Pages(), leaders, NOW)
    assert (found.site, found.gate, found.shift, found.leader) == ("lakeside", "east", "", "")


@pytest.mark.parametrize(
    ("shifts", "name", "leader"),
    [
        ([shift()], "白班", ""),
        ([shift(), shift(guard="2001", guard_name="王*", post="班长室", name="班长")], "白班", "王*"),
        ([shift(ends=NOW)], "", ""),
        ([shift(begins=NOW + 1)], "", ""),
        ([shift(state="countersigned")], "", ""),
        ([shift(post="西门", name="西门班")], "西门班", ""),
        ([shift(name="早", begins=NOW - 7200), shift(name="白")], "白", ""),
    ],
)
def test_the_shift_of_now_and_its_leader(config: GateConfig, shifts: list[ShiftAtBooth], name: str, leader: str) -> None:
    found = heading(config, pages(SITE, PEER, *shifts), leaders, NOW)
    assert (found.site, found.gate, found.shift, found.leader) == ("湖畔花园", "东门", name, leader)


def test_the_head_of_a_page_has_the_names_of_the_office(guard: httpx.Client, post: Post) -> None:
    post.told(SITE, PEER, shift(begins=int(time.time()) - 60, ends=int(time.time()) + 60))
    page = see(guard, "湖畔花园 · 东门")
    assert "白班" in page
    assert "湖畔花园 · 东门" in httpx.get(str(guard.base_url) + "sign-in").text


# --- how it looks -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cookies", "hour", "classes"),
    [
        ({}, 3, ""),
        ({"theme": "clock"}, 3, "dark"),
        ({"theme": "clock"}, 12, "light"),
        ({"theme": "clock"}, 19, "dark"),
        ({"theme": "dark", "plates": "big"}, 12, "dark big"),
        ({"theme": '"><script>', "plates": "huge", "spoken": "?"}, 12, ""),
    ],
)
def test_what_a_browser_has_chosen(cookies: dict[str, str], hour: int, classes: str) -> None:
    assert look_of(cookies).classes(hour) == classes


@pytest.mark.parametrize(
    ("spoken", "default", "speaks"), [("", True, True), ("", False, False), ("on", False, True), ("off", True, False)]
)
def test_plates_are_read_out_as_configured_until_somebody_chooses(spoken: str, default: bool, speaks: bool) -> None:
    assert Look(spoken=spoken).speaks(by_default=default) is speaks


def test_the_look_is_remembered_and_leads_nowhere_else(guard: httpx.Client) -> None:
    assert guard.get("/look/theme/dark?back=//evil.example").headers["location"] == "/"
    assert guard.get("/look/plates/big?back=/emergency").headers["location"] == "/emergency"
    guard.get("/look/spoken/on")
    guard.get("/look/theme/neon")
    guard.get("/look/lang/xx")
    page = guard.get("/").text
    assert 'class="dark big" data-theme="dark"' in page
    assert "data-speaks" in page
    assert 'lang="zh-CN"' in page


def test_every_component_stands_in_both_themes(guard: httpx.Client) -> None:
    page = guard.get("/patterns").text
    light, dark = page.partition('class="light"')[2].split('<section class="dark">')
    assert light.count('class="act') == dark.count('class="act') > 5


# --- alarms -------------------------------------------------------------------------------------------


def test_an_alarm_is_acknowledged_by_name(guard: httpx.Client, gate: Gate) -> None:
    asked: list[Any] = []
    gate.keep = lambda act: asked.append(act) or GuardReply(act.request, accepted=True)  # type: ignore[func-returns-value]
    crash = alarm("gate_crash", lane="in-1", detail="photocell")
    gate.tell(gate.view((crash, alarm("space_80", identity="a2", standing=True, acknowledged_by="王*"))))
    page = see(guard, "闯杆", "/alarms")
    assert page.index("闯杆</b>") < page.index("存储空间")
    assert all(words in page for words in ("红外对射", "入口", "王* 已看到", "仍在持续"))
    assert 'data-say="闯杆"' in page
    fields = {name: hidden_field(page, name) for name in ("token", "request")}
    for _ in range(2):
        answer = guard.post("/alarms", data=fields | {"alarm": "a1"}, follow_redirects=True)
        assert "已执行" in answer.text
    assert [(act.kind, act.identity, act.act, act.guard_name) for act in asked] == [
        ("acknowledgement", "a1", "acknowledge", "张*")
    ]
    guard.post("/alarms", data=fields | {"alarm": "a2"})
    assert len(asked) == 2, "another alarm of the same page is another act"


def test_all_of_one_kind_that_are_listed_are_seen_by_one_press_each_in_an_entry_of_its_own(
    guard: httpx.Client, gate: Gate
) -> None:
    asked: list[Any] = []
    gate.keep = lambda act: asked.append(act) or GuardReply(act.request, accepted=True)  # type: ignore[func-returns-value]
    listed = [alarm("blocked", identity=name, shown="粤B·66666", lane="in-1") for name in ("a1", "a2", "a3")]
    gate.tell(gate.view((*listed, alarm("gate_crash", identity="c1"))))
    page = see(guard, "闯杆", "/alarms")
    assert page.count("黑名单车辆或凭证出现：粤B·66666</b>") == 3
    assert (page.count('name="every"'), page.count("这 3 条都已看到")) == (1, 1), (
        "of a kind of which there is one, its own press will do"
    )
    fields: dict[str, Any] = {name: hidden_field(page, name) for name in ("token", "request")}
    fields |= {"every": "blocked", "listed": re.findall(r'name="listed" value="(.*?)"', page)}
    gate.tell(gate.view((*listed, alarm("blocked", identity="a4"), alarm("gate_crash", identity="c1"))))
    for _ in range(2):
        assert "已执行" in guard.post("/alarms", data=fields, follow_redirects=True).text
    acts = {(act.kind, act.identity, act.act, act.guard_name) for act in asked}
    assert acts == {("acknowledgement", name, "acknowledge", "张*") for name in ("a1", "a2", "a3")}, "not what came since"
    assert len({act.request for act in asked}) == len(asked) == 3


def test_an_alarm_that_is_over_is_not_acknowledged(guard: httpx.Client, gate: Gate) -> None:
    gate.keep = lambda act: GuardReply(act.request, accepted=False, refusal="no_such_alarm")
    gate.tell(gate.view((alarm("gate_crash"),)))
    page = see(guard, "闯杆", "/alarms")
    fields = {name: hidden_field(page, name) for name in ("token", "request")}
    assert "告警已解除" in guard.post("/alarms", data=fields | {"alarm": "a1"}, follow_redirects=True).text


# --- who is inside -------------------------------------------------------------------------------------


def worker(**changes: Any) -> PassAtBooth:
    told = {"id": UUID(int=11), "number": "000123", "state": "active", "name": "赵*", "firm": "顺达装饰", "permit": uuid4()}
    rest = {"permit_number": "P1", "permit_state": "active", "units": ("3-1201",), "changed_at": NOW}
    return PassAtBooth.model_validate(told | rest | {"valid_from": NOW - 9, "valid_until": NOW + 9} | changes)


def visit(**changes: Any) -> VisitAtBooth:
    told = {"id": UUID(int=12), "number": "V-7", "state": "approved", "name": "钱*", "unit": "5-902", "category": "guest"}
    return VisitAtBooth.model_validate(told | {"valid_from": NOW - 9, "valid_until": NOW + 9, "changed_at": NOW} | changes)


def test_who_is_inside_by_the_presence() -> None:
    facts = {
        f"held:{UUID(int=11)}": ["lane", NOW - 600],
        f"held:{UUID(int=99)}": ["lane", NOW - 60],
        f"held:{UUID(int=98)}": ["", NOW],
        f"party:{UUID(int=12)}": 2,
        f"party:{UUID(int=13)}": 0,
        "party:nonsense": 3,
    }
    found = inside(pages(worker(), visit(), facts=facts), [("粤B12045", NOW - 100), ("粤AD12345", 0.0)])
    assert [(one.number, one.name, one.since_utc) for one in found.workers] == [("", "", NOW - 60), ("000123", "赵*", NOW - 600)]
    assert [(one.number, one.people) for one in found.visitors] == [("V-7", 2)]
    assert [one.plate for one in found.vehicles] == ["粤B12045", "粤AD12345"]
    assert found.people == 4


def test_the_list_of_an_evacuation(guard: httpx.Client, gate: Gate, post: Post) -> None:
    post.told(worker(), visit())
    post.change(("set", f"held:{UUID(int=11)}", ["lane", NOW]), ("add", f"party:{UUID(int=12)}", 2))
    post.write(PassageEnded("passed", "in", facts=(("set", "at:s1", ["site", NOW]),), plate="粤B12045"))
    page = see(guard, "000123", "/emergency")
    assert all(words in page for words in ("<b>1</b> 辆车", "<b>1</b> 名施工人员", "<b>2</b>", "V-7", "粤B·12045", "顺达装饰"))


# --- a screen at a lane --------------------------------------------------------------------------------


def notice(title: str, **changes: Any) -> NoticeAtBooth:
    told = {"id": uuid4(), "title": title, "at_lane_display": True, "valid_from": NOW - 60}
    return NoticeAtBooth.model_validate(told | changes)


def away(subject: str, **changes: Any) -> AwayAtBooth:
    told = {"id": uuid4(), "subject_kind": "vehicle", "subject": subject, "destination": "仓库", "left_at": NOW - 600}
    return AwayAtBooth.model_validate(told | changes)


@pytest.mark.parametrize(
    ("changes", "is_told"),
    [
        ({}, True),
        ({"gates": (GATE,)}, True),
        ({"lanes": (LANE,)}, True),
        ({"gates": (OTHER,)}, False),
        ({"lanes": (OTHER,)}, False),
        ({"at_lane_display": False}, False),
        ({"valid_from": NOW + 1}, False),
        ({"valid_until": NOW}, False),
        ({"valid_until": NOW + 1}, True),
    ],
)
def test_a_notice_is_told_where_and_while_it_is_in_force(config: GateConfig, changes: dict[str, Any], is_told: bool) -> None:
    board = board_of(config, pages(SITE, PEER, IN, notice("停水", **changes)), "in-1", NOW)
    assert [one.title for one in board.notices] == (["停水"] if is_told else [])


def test_who_is_back_soonest_is_told_first(config: GateConfig) -> None:
    gone = [away("叉车"), away("巡逻车", expected_back=NOW + 900), away("清洁车", expected_back=NOW + 60)]
    assert [one.subject for one in board_of(config, pages(*gone), "in-1", NOW).away] == ["清洁车", "巡逻车", "叉车"]


def test_a_screen_tells_notices_and_who_has_gone(guard: httpx.Client, gate: Gate, post: Post) -> None:
    soon = int(time.time()) + 1000
    post.told(notice("<b>停水", title_en="Water off"), away("巡逻车", expected_back=soon))
    page = see(guard, "巡逻车", "/display/in-1")
    assert all(words in page for words in ("&lt;b&gt;停水", "Water off", "仓库", f'data-until-utc="{soon}'))


@pytest.mark.parametrize(
    ("until", "left"),
    [
        (None, None),
        (datetime(2026, 5, 28, 23, tzinfo=UTC), 0),
        (datetime(2026, 5, 29, tzinfo=UTC), 0),
        (datetime(2026, 6, 9, 12, tzinfo=UTC), 12),
        (datetime(2026, 5, 27, tzinfo=UTC), None),
        (datetime(2027, 5, 27, tzinfo=UTC), None),
    ],
)
def test_how_many_days_are_left(until: datetime | None, left: int | None) -> None:
    credential = Credential(uuid4(), "plate", "粤B12045", "active", "car", None, None, until)
    assert days_left(credential, datetime(2026, 5, 28, 12, tzinfo=UTC)) == left


def test_a_screen_of_a_stranger_tells_no_days(guard: httpx.Client, gate: Gate) -> None:
    gate.tell(lane_view("in-1", sign="go", plate="粤B12045"))
    assert "有效期" not in see(guard, "请驶入", "/display/in-1")
