"""What comes between in the middle of a form: Enter twice, another language, clocks that jump, a session's end, a desk that dies.

One effect, nothing that was typed is lost, nothing of it is executed.
"""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from access.contract.booth_records import ShiftAtBooth
from edge.booth_messages import GuardReply, RecordAct
from edge.places import Places
from tests.edge.desk.house import COMING, P_OUT, records
from tests.edge.desk.moved_clock import VARIABLE, move
from tests.edge.desk.post import Post, post
from tests.edge.desk.test_booth import type_letters
from tests.edge.desk.test_hostile_names import hostile, sign_in_at
from tests.edge.desk.test_on_the_way_back import NOTES, notes, write_note
from tests.edge.desk.wire import (
    BADGE,
    CONFIG,
    PIN,
    SECOND_BADGE,
    SECOND_PIN,
    Desk,
    Gate,
    guard_record,
    second_record,
    sign_in,
    stop_desk,
    write_snapshot,
)
from tests.sizes import sized
from tests.waiting import wait_until

__all__ = ["post"]

pytestmark = pytest.mark.browser
soak_only = pytest.mark.skipif(sized(quick=True, soak=False), reason="starts the program anew")
HOUR = 3600.0
GONE_MS = 2500  # a desk that is gone shows at once, not after the silence that makes a page old
TEXT, SEND = f"{NOTES} [name=text]", f"{NOTES} button"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def open_desk(folder: Path, port: int) -> Desk:
    """Start the desk program on a port of its own, by clocks that a test moves."""
    file, address = folder / "gate.toml", Places(folder / "var").booth_address
    file.write_text(CONFIG.replace("port = 0", f"port = {port}", 1), encoding="utf-8")
    address.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.edge.desk.moved_clock", "--config", str(file)]
    process = subprocess.Popen(command, env={**os.environ, VARIABLE: str(folder / "clock.json")})
    wait_until(lambda: address.exists() or process.poll() is not None, what="the booth's address")
    assert process.poll() is None, "the desk program has ended"
    return Desk(folder, process, address.read_text(encoding="ascii"))


def kill(desk: Desk) -> None:
    desk.process.kill()
    desk.process.wait(10)


def open_again(desk: Desk) -> None:
    desk.process = open_desk(desk.folder, int(desk.url.rstrip("/").rpartition(":")[2])).process


@pytest.fixture(scope="module")
def running(folder: Path, places: Places) -> Iterator[tuple[Gate, Desk]]:
    gate = Gate(places.gate_socket, str(write_snapshot(places.snapshots / "7.snapshot", [guard_record(), second_record()])))
    gate.start()
    move(folder / "clock.json")
    desk = open_desk(folder, free_port())
    yield gate, desk
    assert stop_desk(desk) == 0
    gate.stop()


@pytest.fixture
def site(post: Post, desk: Desk) -> Iterator[Post]:
    post.told(*(record for record in records(hostile) if not isinstance(record, ShiftAtBooth)))
    post.change(("set", f"held:{P_OUT}", ["in-1", int(time.time()) - 60]))
    yield post
    move(desk.folder / "clock.json")


@pytest.fixture
def form(booth: Page, desk: Desk, site: Post) -> Page:
    """A page with a note that is half typed."""
    write_note(booth, desk)
    return booth


@pytest.fixture
def left(chromium: Browser, guard: httpx.Client, desk: Desk, site: Post) -> Iterator[Page]:
    """A page with a note that is half typed, whose console may tell of refusals and of a desk that is not there."""
    context = chromium.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
    context.add_cookies([{"name": name, "value": value, "url": desk.url} for name, value in guard.cookies.items()])
    page = context.new_page()
    write_note(page, desk)
    yield page
    context.close()


class Slow:
    """A gate that takes an act only when a test lets it."""

    def __init__(self, gate: Gate) -> None:
        self._keep, self.taken, self.go_on = gate.keep, threading.Event(), threading.Event()
        gate.keep = self

    def __call__(self, asked: RecordAct) -> GuardReply | None:
        self.taken.set()
        self.go_on.wait(20)
        return self._keep(asked)


def is_done(page: Page) -> None:
    expect(page.locator("main .said.grant").first).to_be_visible()


def sign_in_again(page: Page, badge: str = BADGE, pin: str = PIN) -> None:
    sign_in_at(page, badge, pin)


def send_once(page: Page) -> None:
    page.locator(SEND).dblclick()
    is_done(page)


def test_enter_twice_is_one_press(form: Page, gate: Gate, site: Post) -> None:
    slow = Slow(gate)
    form.focus(SEND)
    for _press in range(3):
        form.keyboard.press("Enter", delay=60)
    wait_until(slow.taken.is_set, what="the act")
    slow.go_on.set()
    is_done(form)
    form.keyboard.press("Enter")
    assert notes(site) == ["two cars"]


def test_reload_in_mid_form(form: Page, site: Post) -> None:
    form.reload(wait_until="load")
    expect(form.locator(TEXT)).to_have_value("two cars")
    send_once(form)
    assert notes(site) == ["two cars"]


def test_another_language_and_theme_in_mid_form(form: Page, desk: Desk, site: Post) -> None:
    form.locator(".menu summary").click()
    form.locator("a[href^='/look/theme/dark']").click()
    expect(form.locator("html.dark")).to_be_attached()
    form.locator("nav a[href^='/language/en']").click()
    expect(form.locator("#reply")).not_to_be_empty()
    expect(form.locator(TEXT)).to_have_value("two cars")
    send_once(form)
    expect(form.locator("html.dark[lang=en]")).to_be_attached()
    assert notes(site) == ["two cars"]


def test_the_time_of_day_jumps(form: Page, desk: Desk, gate: Gate, site: Post) -> None:
    form.clock.install()
    for hours in (1, -1):
        before = form.locator("#clock").inner_text()
        move(desk.folder / "clock.json", utc=hours * HOUR)
        form.clock.set_system_time(time.time() + hours * HOUR)
        expect(form.locator("#clock")).not_to_contain_text(f"{before[:2]}:")
        expect(form.locator("#stale")).to_be_hidden()
        send_once(form)
        write_note(form, desk, f"{hours}")
    assert notes(site) == ["two cars", "1"]
    form.goto(desk.url, wait_until="load")
    type_letters(form, "aot")
    expect(form.locator("#reply")).to_contain_text("已执行")
    now = time.monotonic()
    assert [now < asked.expires_mono < now + 10 for asked in gate.asked] == [True]


def test_the_session_grows_old(left: Page, desk: Desk, site: Post) -> None:
    move(desk.folder / "clock.json", now=13 * HOUR)
    expect(left.locator("#stale")).to_be_visible()
    left.locator(SEND).click()
    expect(left.locator("#badge")).to_be_visible()
    sign_in_again(left, SECOND_BADGE, SECOND_PIN)
    assert "two cars" not in left.content()
    left.goto(f"{desk.url}sign-in")
    sign_in_again(left)
    send_once(left)
    assert notes(site) == ["two cars"]


@soak_only
def test_the_desk_program_dies_in_mid_form(left: Page, desk: Desk, site: Post) -> None:
    kill(desk)
    expect(left.locator("#stale")).to_be_visible(timeout=GONE_MS)
    left.locator(SEND).click()
    expect(left.locator(TEXT)).to_have_value("two cars")
    open_again(desk)
    expect(left.locator("body.signed-out")).to_be_attached()
    left.locator(SEND).click()
    expect(left.locator("#badge")).to_be_visible()
    sign_in_again(left)
    send_once(left)
    assert notes(site) == ["two cars"]


@soak_only
def test_the_desk_program_dies_while_a_press_is_on_its_way(left: Page, desk: Desk, gate: Gate, site: Post) -> None:
    """The act is done and its answer lost: the page is reloaded or gone back to, and nothing is done twice."""
    slow = Slow(gate)
    left.locator(SEND).click(no_wait_after=True)
    wait_until(slow.taken.is_set, what="the act")
    kill(desk)
    slow.go_on.set()
    wait_until(lambda: notes(site), what="the note")
    open_again(desk)
    left.goto(f"{desk.url}duty")
    sign_in_again(left)
    left.goto(f"{desk.url}duty")
    expect(left.locator("main")).to_contain_text("two cars")
    assert notes(site) == ["two cars"]


def test_two_browsers_act_on_a_record_with_hostile_names(booth: Page, chromium: Browser, desk: Desk, site: Post) -> None:
    other = chromium.new_context()
    with httpx.Client(base_url=desk.url) as client:
        sign_in(client, SECOND_BADGE, SECOND_PIN)
        other.add_cookies([{"name": name, "value": value, "url": desk.url} for name, value in client.cookies.items()])
    theirs = other.new_page()
    pages = (booth, theirs)
    for page in pages:
        page.goto(f"{desk.url}visitors/{COMING}", wait_until="load")
        page.fill("form[action$='/arrive'] [name=people]", "1")
    for page, said in ((booth, ".grant"), (theirs, "[role=alert]:not([hidden])")):
        page.locator("form[action$='/arrive'] button:not([type=button])").first.dblclick()
        page.locator(f"main {said}").first.wait_for()
        assert page.evaluate("window.evil === undefined && !document.querySelector('x-evil')")
    done = {act.request: act.act for act in site.acted if act.identity == str(COMING) and site.has_done(act.request)}
    assert (list(done.values()), site.fact(f"party:{COMING}")) == (["VisitorsArrived"], 1)
    other.close()
