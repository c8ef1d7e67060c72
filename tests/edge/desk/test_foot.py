"""Bikes and foot at the booth: each press counts once, can be taken back for five seconds; who is checked is written down."""

import re
from uuid import uuid4

import httpx
from playwright.sync_api import Page, expect

from access.contract.records import PersonRecord
from tests.edge.desk.post import Post, acts_of, post
from tests.edge.desk.wire import Desk, hidden_field

__all__ = ["post"]


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
    assert "已不能撤回" in other.text
    form(guard, "/foot/count", tile="ghost:in")
    assert len(post.acted) == 2


def test_checking_somebody(guard: httpx.Client, post: Post) -> None:
    post.told(PersonRecord(id=uuid4(), name="李*", unit="3-1201", category="tenant"))
    assert "没有登记" in form(guard, "/foot/look", text="<b>9-999</b>").text
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


def test_two_keys_count_one(booth: Page, desk: Desk, post: Post) -> None:
    booth.goto(f"{desk.url}foot")
    booth.keyboard.type("ci", delay=60)
    expect(booth.locator("[data-keys=CI] b")).to_have_text("1")
    booth.keyboard.press("u")
    expect(booth.locator("[data-keys=CI] b")).to_have_text("0")
    assert [told["number"] for told in acts_of(post, "count")] == [1, -1]
