"""The page of an act that comes late: a hand may be quicker than it, and no letter is lost or goes to another act."""

import pytest
from playwright.sync_api import Page, Route, expect

from edge.booth_messages import GuardReply
from tests.edge.desk.test_booth import let_the_page_work, type_letters
from tests.edge.desk.wire import Gate
from tests.waiting import wait_until

pytestmark = pytest.mark.browser


def held_act(page: Page, lane: str = "in-1") -> list[Route]:
    """Return where the first request for the page of the act will wait."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route(f"**/lanes/{lane}/open_once", hold)
    return held


def taken(page: Page, held: list[Route]) -> Route:
    """Wait for the request; Playwright tells of it while it is asked for something."""
    wait_until(lambda: page.evaluate("true") and held, what="the request")
    return held[0]


def let_go(page: Page, route: Route) -> None:
    """Let the request be answered, and what is still wanted of it be shown."""
    route.continue_()
    if (response := route.request.response()) is not None:
        response.finished()
    let_the_page_work(page)


def choose_to_open(page: Page, lane: str) -> None:
    page.locator(f"#acts-{lane}").get_by_role("link", name="开闸一次").click()


def chosen_late(page: Page, lane: str) -> Route:
    """Choose to open a lane; return the request for the page of that, which waits."""
    held = held_act(page, lane)
    choose_to_open(page, lane)
    return taken(page, held)


def opened(gate: Gate) -> list[tuple[str, str]]:
    return [(request.lane, request.reason) for request in gate.asked]


def test_a_hand_quicker_than_the_page_of_the_act_loses_no_letter(booth: Page, gate: Gate) -> None:
    held = held_act(booth)
    type_letters(booth, "aot")
    let_go(booth, taken(booth, held))
    expect(booth.locator("#reply")).to_contain_text("已执行")
    assert [request.reason for request in gate.asked] == ["test"]


def test_a_letter_that_waited_too_long_presses_nothing(booth: Page, gate: Gate) -> None:
    held = held_act(booth)
    type_letters(booth, "aot")
    typed_ms = booth.evaluate("performance.now()")
    booth.wait_for_function("typed => performance.now() > typed + 3000", arg=typed_ms)
    let_go(booth, taken(booth, held))
    expect(booth.get_by_role("heading", name="A 入口 · 开闸一次")).to_be_focused()
    type_letters(booth, "v")
    expect(booth.locator("#reply")).to_contain_text("已执行")
    assert [request.reason for request in gate.asked] == ["visitor"]


def test_the_page_of_an_act_that_was_chosen_before_another_comes_too_late(booth: Page, gate: Gate) -> None:
    first = chosen_late(booth, "in-1")
    choose_to_open(booth, "out-1")
    title = booth.get_by_role("heading", name="C 出口 · 开闸一次")
    expect(title).to_be_focused()
    let_go(booth, first)
    expect(title).to_be_focused()
    expect(booth.locator("#reply")).to_be_empty()
    type_letters(booth, "t")
    expect(booth.locator("#reply")).to_contain_text("已执行")
    assert opened(gate) == [("out-1", "test")]


def test_a_letter_waits_for_the_act_that_was_chosen_last(booth: Page, gate: Gate) -> None:
    first, last = (chosen_late(booth, lane) for lane in ("in-1", "out-1"))
    let_go(booth, first)
    type_letters(booth, "t")
    let_go(booth, last)
    expect(booth.locator("#reply")).to_contain_text("已执行")
    assert opened(gate) == [("out-1", "test")]


def test_a_letter_whose_act_does_not_come_presses_nothing(booth: Page, gate: Gate) -> None:
    first, last = (chosen_late(booth, lane) for lane in ("in-1", "out-1"))
    type_letters(booth, "t")
    let_go(booth, first)
    last.abort("aborted")
    expect(booth.locator("#reply")).to_contain_text("没有收到答复")
    type_letters(booth, "aov")
    expect(booth.locator("#reply")).to_contain_text("已执行")
    assert opened(gate) == [("in-1", "visitor")]


def test_a_page_that_is_no_act_is_not_shown(booth: Page, gate: Gate) -> None:
    chosen_late(booth, "in-1").fulfill(body="<h1>not here</h1>")
    expect(booth.locator("#reply")).to_contain_text("没有收到答复")
    expect(booth.locator("dialog")).not_to_be_visible()


def test_escape_breaks_off_an_act_that_is_coming(booth: Page, gate: Gate) -> None:
    held = held_act(booth)
    type_letters(booth, "aot")
    left = taken(booth, held)
    booth.keyboard.press("Escape")
    let_go(booth, left)
    expect(booth.locator("#reply")).to_be_empty()
    type_letters(booth, "cov")
    expect(booth.locator("#reply")).to_contain_text("已执行")
    assert opened(gate) == [("out-1", "visitor")]


def test_the_reply_to_an_act_whose_dialog_was_left_closes_no_other(booth: Page, gate: Gate) -> None:
    gate.answer = lambda _request: None
    type_letters(booth, "aot")
    wait_until(lambda: gate.asked, what="the request")
    booth.keyboard.press("Escape")
    type_letters(booth, "co")
    title = booth.get_by_role("heading", name="C 出口 · 开闸一次")
    expect(title).to_be_focused()
    gate.tell(GuardReply(gate.asked[0].request, accepted=True))
    expect(booth.locator("#reply")).to_contain_text("入口 · 开闸一次：已执行")
    expect(title).to_be_focused()
