"""Pages with their scripts in a real browser: pressed twice, gone back to, typed into while things happen, old, signed out."""

import time
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from access.contract.booth_records import ShiftAtBooth
from tests.edge.desk.house import P_IN, P_OUT, S_GOES, records
from tests.edge.desk.post import Post, post
from tests.edge.desk.test_booth import REFERRED
from tests.edge.desk.wire import BADGE, PIN, Desk, Gate, alarm, lane_view
from tests.sizes import sized

__all__ = ["post"]

pytestmark = pytest.mark.browser
soak_only = pytest.mark.skipif(sized(quick=True, soak=False), reason="one of each kind runs in quick")
NOTES = "form[action='/duty/notes']"


@pytest.fixture
def site(post: Post) -> Post:
    post.told(
        *(record for record in records() if not isinstance(record, ShiftAtBooth))
    )  # who has a shift to take is asked about it first
    post.change(("set", f"held:{P_OUT}", ["in-1", int(time.time()) - 60]))
    return post


def write_note(page: Page, desk: Desk, text: str = "two cars") -> None:
    page.goto(f"{desk.url}duty", wait_until="load")
    page.locator("[name=kind][value=order]").check()
    page.fill(f"{NOTES} [name=text]", text)


def notes(post: Post) -> list[str]:
    return [each["words"] for each in acted(post, "note")]


def acted(post: Post, *names: str) -> list[dict[str, Any]]:
    """Return the acts that were asked for, each request once."""
    asked = {act.request: act for act in post.acted}
    return [{"act": act.act, "words": act.words} for act in asked.values() if act.act in names]


def send(page: Page) -> None:
    page.locator(f"{NOTES} button").dblclick()
    page.wait_for_url("**/duty?asked=*", wait_until="load")


def test_what_was_done_is_not_done_again_after_going_back(booth: Page, desk: Desk, gate: Gate, site: Post) -> None:
    """The browser fills the form in again, under a new id: unchanged it is the same press, changed it is an act of its own."""
    write_note(booth, desk)
    send(booth)
    assert notes(site) == ["two cars"]
    told_at = booth.url
    booth.go_back(wait_until="load")
    expect(booth.locator(f"{NOTES} [name=text]")).to_have_value("two cars")
    send(booth)
    assert (booth.url, notes(site)) == (told_at, ["two cars"])
    expect(booth.locator(".said.grant")).to_be_visible()
    booth.go_back(wait_until="load")
    booth.fill(f"{NOTES} [name=text]", "three cars")
    send(booth)
    write_note(booth, desk)
    send(booth)
    assert notes(site) == ["two cars", "three cars", "two cars"], (
        "the same words on a page of their own are an entry of their own"
    )


def test_typing_goes_on_while_things_happen(booth: Page, desk: Desk, gate: Gate, site: Post) -> None:
    """Fifty events, a panel that is sent anew, an alarm: neither text, nor caret, nor focus is lost."""
    write_note(booth, desk, "half")
    for at in range(50):
        gate.tell(replace(REFERRED, passage=f"p{at}", shown=str(at)))
    gate.tell(gate.view((alarm("tailgating"),)))
    expect(booth.locator("#alarms-tab")).to_contain_text("1")
    booth.keyboard.type(" a note", delay=60)
    expect(booth.locator(f"{NOTES} [name=text]")).to_have_value("half a note")
    expect(booth.locator(f"{NOTES} [name=text]")).to_be_focused()
    link = booth.locator("#gate a").last
    link.focus()
    gate.devices = (replace(gate.devices[0], up=False),)
    gate.tell(gate.view())
    expect(booth.locator("#gate .ill a")).to_be_focused()


def twice(page: Page, button: str) -> None:
    """Press a button by a double click, and wait for the page that tells what came of it."""
    page.locator(button).first.dblclick()
    page.locator(".grant").first.wait_for()
    page.wait_for_load_state("load")


@soak_only
def test_every_kind_of_form_is_done_once_by_a_double_click_and_on_the_way_back(
    booth: Page, desk: Desk, gate: Gate, site: Post
) -> None:
    def done() -> list[str]:
        asked = {act.request: act.act for act in site.acted}
        return [name for name in asked.values() if name not in ("sign_in", "sign_out")]

    def again(button: str) -> None:
        """Go back and press once more, where the button is still there: nothing is done anew."""
        before = done()
        booth.go_back(wait_until="load")
        if (pressed := booth.locator(button).first).count() and pressed.is_visible():
            pressed.dblclick()
            booth.locator("main :is(.grant, .deny, .fault:not(:empty), :invalid)").first.wait_for(state="attached")
        assert done() == before

    booth.goto(f"{desk.url}visitors/new", wait_until="load")
    booth.locator("[name=means][value=phone]").check()
    booth.locator("#to").fill("3-1201")
    booth.locator("#who .unit").wait_for()
    twice(booth, "button[name=do][value=agreed]")
    assert done() == ["VisitAsked", "HostAgreed"]

    booth.goto(f"{desk.url}passes/{P_OUT}", wait_until="load")
    twice(booth, f"form[action='/passes/{P_OUT}/leave'] button")
    again(f"form[action='/passes/{P_OUT}/leave'] button")
    booth.goto(f"{desk.url}passes/{P_IN}", wait_until="load")
    booth.locator("[name=original]").check()
    booth.locator("[name=duplicate]").check()
    twice(booth, f"form[action='/passes/{P_IN}/enter'] button")
    again(f"form[action='/passes/{P_IN}/enter'] button")
    assert done()[2:] == ["WorkerLeft", "WorkerEntered"]

    booth.goto(f"{desk.url}goods/{S_GOES}", wait_until="load")
    booth.locator("[data-step='1']").first.click()
    booth.fill("#carrier", "Wu 1234")
    twice(booth, "button[data-page-key=R]")
    assert done()[4:] == ["SlipPresented", "TripReleased"]

    booth.goto(f"{desk.url}foot", wait_until="load")
    booth.locator("button[value='ebike:in']").dblclick()
    booth.locator(".grant").wait_for()
    assert done()[6:] == ["count"]

    booth.goto(f"{desk.url}duty/incidents/new", wait_until="load")
    booth.locator("[name=kind][value=theft]").check()
    booth.fill("main [name=place]", "garage")
    booth.fill("main [name=text]", "battery")
    twice(booth, "form[action='/duty/incidents'] button")
    again("form[action='/duty/incidents'] button")
    assert done()[7:] == ["IncidentReported"]


@soak_only
def test_a_double_click_signs_in_once(desk: Desk, gate: Gate, site: Post, page: Page) -> None:
    page.goto(desk.url, wait_until="load")
    page.fill("#badge", BADGE)
    page.fill("#pin", PIN)
    page.locator("form[action='/sign-in'] button").dblclick()
    page.locator("#lanes").wait_for()
    page.go_back(wait_until="load")
    assert [act.act for act in site.acted if act.guard == BADGE and act.act.startswith("sign")].count("sign_in") == 1


@soak_only
def test_an_act_that_waits_for_its_reason_outlives_fifty_events_and_a_panel_sent_anew(booth: Page, gate: Gate) -> None:
    gate.tell(REFERRED)
    booth.locator("#refers").get_by_role("link", name="更正车牌").click()
    booth.locator("#plate").fill("粤B12")
    for at in range(50):
        gate.tell(replace(REFERRED, shown=str(at)))
        gate.tell(lane_view("out-1", state="open", plate=f"粤B{at:05d}"))
    expect(booth.locator("#lane-out-1")).to_contain_text("00049")
    booth.keyboard.type("X", delay=60)
    expect(booth.locator("#plate")).to_have_value("粤B12X")
    booth.locator("dialog button.do").dblclick()
    expect(booth.locator("#reply")).to_contain_text("已执行")
    assert [act.act for act in gate.asked] == ["correct"]


@soak_only
def test_another_tab_signs_out_and_what_was_ticked_stays(booth: Page, desk: Desk, site: Post) -> None:
    form = booth.context.new_page()
    form.goto(f"{desk.url}passes/{P_IN}", wait_until="load")
    form.locator("[name=original]").check()
    booth.get_by_role("button", name="退出登录").click()
    expect(form.locator("#stale")).to_be_visible()
    expect(form.locator("[name=original]")).to_be_checked()
    form.locator(f"form[action='/passes/{P_IN}/enter'] button").click()
    expect(form.locator("#badge")).to_be_visible()
    assert acted(site, "WorkerEntered") == []
