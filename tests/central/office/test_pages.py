"""The office pages in a real browser: signing in, searching, reading an entry; hostile names are just text."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from access.entries import Commanded, CommandEnded, GuardActed, Observed, PassageEnded, ReadingTaken
from central.registry import Registry
from central.users import services as users
from tests.central.gate import BEGAN, Gate

pytestmark = pytest.mark.browser
HOSTILE = "<script>document.title='taken'</script>"


@pytest.fixture
def database_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """Give SQLite alone: the pages ask what the API asks."""
    return f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'registry.db')}"


@pytest.fixture
def day(gate: Gate) -> Gate:
    """A gate that has sent up a small day."""
    gate.write(ReadingTaken("camera-in", "plate", 0.97, raw="粤B12D45", text="粤B12D45"), passage="p1")
    steps = (["lane_mode", {"mode": "normal"}, ""], ["access_level", {"levels": ["业主"], "here": 1, "now": 1}, ""])
    decision = gate.decide(passage="p1", after_s=0.004, steps=steps, candidates=(["粤B12045", "one", [4]],))
    gate.write(Commanded("io", "open", str(decision), "c1"), BEGAN + timedelta(seconds=0.005), passage="p1")
    gate.write(CommandEnded("io", "c1", ok=True, took_us=6100), BEGAN + timedelta(seconds=0.007), passage="p1")
    gate.write(PassageEnded("passed", "in", 1), BEGAN + timedelta(seconds=6), passage="p1")
    denied = {"shown": "粤B·66666", "why": HOSTILE}
    gate.decide("粤B66666", 60, outcome="deny", reason="blocked", values=denied, lane="out-1")
    asked = {"shown": "粤B·12D46", "near": "粤B·12D45", "holder": "李*", "unit": "3-1201"}
    gate.decide("粤B12D46", 90, outcome="refer", reason="similar", values=asked)
    gate.write(GuardActed("open_once", "delivery", "101", "r1", guard_name="张强"), BEGAN + timedelta(seconds=100))
    gate.write(Observed("opened_by_others"), BEGAN + timedelta(seconds=120))
    gate.decide("0A0063E9AE", 180, medium="card")
    for n in range(60):
        gate.decide(f"京A{n:05d}", after_s=-60 * n - 60)
    gate.send()
    return gate


@pytest.fixture
def office(page: Page, day: Gate, address: str, registry: Registry) -> Page:
    """A clerk's browser, signed in by a one-time link."""
    with registry.write() as work:
        users.add_user(work, "李文员", "registrar")
        link = users.new_link(work, "李文员")
    page.goto(f"{address}/sign-in?link={link}")
    page.get_by_role("button", name="登录").click()
    expect(page).to_have_url(f"{address}/log")
    return page


def rows(page: Page) -> list[str]:
    return page.locator("tbody tr").all_inner_texts()


def test_searching_and_reading(office: Page) -> None:
    assert "全部" in office.locator("form.search").inner_text()
    office.get_by_label("车牌", exact=True).fill("12d4")
    office.get_by_role("button", name="查询").click()
    assert [("粤B·12D46" in row, "请保安核实" in row) for row in rows(office)] == [(True, True), (False, False)]
    office.locator("tbody tr").nth(1).get_by_role("link").click()
    story = office.locator("ol.story").inner_text()
    for word in ("识别", "比对", "规则", "决定", "写入", "闸杆", "已通过", "读取后 6.1 ms", "模式：正常", "权限组：业主"):
        assert word in story
    assert "✓ 此处链条完整" in office.locator("details").inner_text()


def test_older_and_newer(office: Page) -> None:
    first = rows(office)
    assert len(first) == 50
    office.get_by_role("link", name="较早").click()
    older = rows(office)
    assert len(older) == 15
    assert not set(first) & set(older)
    office.get_by_role("link", name="较新").click()
    assert rows(office) == first


def test_english(office: Page) -> None:
    office.get_by_role("link", name="English").click()
    expect(office.get_by_role("heading", name="Log")).to_be_visible()
    assert "is similar to" in office.locator("tbody").inner_text()
    office.get_by_label("Outcome").select_option("deny")
    office.get_by_role("button", name="Search").click()
    [row] = rows(office)
    assert "✕ denied" in row
    assert HOSTILE in row
    assert office.title() == "Log · Gatehouse registry"


def test_a_field_that_is_not_understood_keeps_what_was_typed(office: Page) -> None:
    office.get_by_label("卡号").fill("hello")
    office.get_by_label("姓名或房号").fill("李")
    office.get_by_role("button", name="查询").click()
    expect(office.locator("label.wrong")).to_have_count(1)
    expect(office.get_by_label("姓名或房号")).to_have_value("李")


def test_signing_out(office: Page, address: str) -> None:
    office.get_by_role("button", name="退出").click()
    office.goto(f"{address}/log")
    expect(office).to_have_url(f"{address}/sign-in")


def test_a_hostile_address_is_text(office: Page, address: str) -> None:
    office.goto(f"{address}/log?plate=%22%3E{HOSTILE}&person={HOSTILE}&older=x&lane=%27")
    expect(office.get_by_label("姓名或房号")).to_have_value(HOSTILE)
    assert office.title() == "日志 · 门禁登记中心"
