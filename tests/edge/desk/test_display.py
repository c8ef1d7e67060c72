"""What the driver sees at the lane, over plain HTTP and without signing in."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from edge.booth_messages import CandidateView
from edge.desk.live import DISPLAY_STREAMS_MAX
from tests.edge.desk.wire import Desk, Gate, lane_view, see

OUT_OF_ORDER = (
    '<main id="display" aria-live="polite"><p class="sign sign-deny"><b lang="zh-CN">道闸故障，请联系保安</b>\n'
    '  <span lang="en">Out of order. Please ask the guard</span></p>\n</main>'
)


@pytest.fixture
def screen(desk: Desk) -> Iterator[httpx.Client]:
    """A screen at a lane: it has no cookie."""
    with httpx.Client(base_url=desk.url) as client:
        yield client


@pytest.mark.parametrize(
    ("lane", "view", "chinese", "english"),
    [
        ("in-1", {"sign": "welcome"}, "欢迎", "Welcome"),
        ("in-1", {"sign": "go"}, "请驶入", "Please drive in"),
        ("out-1", {"sign": "go"}, "请驶出，一路平安", "Please drive out"),
        ("door-1", {"sign": "go", "headed": "out"}, "请慢走", "Please go out"),
        ("door-1", {"sign": "go"}, "请通行", "Please go through"),
        ("in-1", {"sign": "leave"}, "紧急疏散，请迅速离开", "Emergency. Leave at once"),
        ("in-1", {"sign": ""}, "道闸故障，请联系保安", "Out of order. Please ask the guard"),
    ],
)
def test_the_sign_in_both_languages(
    screen: httpx.Client, gate: Gate, lane: str, view: dict[str, Any], chinese: str, english: str
) -> None:
    gate.tell(lane_view(lane, **view))
    page = see(screen, f'<b lang="zh-CN">{chinese}</b>', f"/display/{lane}")
    assert f'<span lang="en">{english}</span>' in page


def test_nothing_of_anybody_but_the_plate_that_stands_there(screen: httpx.Client, gate: Gate) -> None:
    candidate = CandidateView("c1", "粤B·12045", "李*", "3-1201", {"zh": "形似", "en": "alike"}, (4,))
    told = {"holder": "王*", "unit": "5-902", "shown": "0006547886", "values": {"holder": "王*"}, "reason": "similar"}
    gate.tell(lane_view("in-1", sign="guard_decides", state="referred", plate="粤B12D45", candidates=(candidate,), **told))
    page = see(screen, 'aria-label="粤B12D45"', "/display/in-1")
    for secret in ("李*", "3-1201", "12045", "王*", "5-902", "0006547886"):
        assert secret not in page


@pytest.mark.parametrize(
    ("sign", "counted"), [("show_second", True), ("other_gate", True), ("go", False), ("turned_away", False)]
)
def test_a_wait_that_ends_is_counted_down(screen: httpx.Client, gate: Gate, sign: str, counted: bool) -> None:
    gate.tell(lane_view("in-1", sign=sign, until_mono=time.monotonic() + 100, plate="粤B12045"))
    page = see(screen, "粤B12045", "/display/in-1")
    assert ("data-until-mono" in page) is counted
    assert (">1:39<" in page or ">1:40<" in page) is counted


def test_a_display_nobody_tells_anything_invites_nobody(screen: httpx.Client, gate: Gate) -> None:
    gate.tell(lane_view("in-1", sign="go", plate="粤B12045"))
    see(screen, "请驶入", "/display/in-1")
    gate.stop()
    page = see(screen, OUT_OF_ORDER, "/display/in-1")
    assert "请驶入" not in page
    assert "粤B12045" not in page


def test_without_a_script_it_loads_itself_anew(screen: httpx.Client) -> None:
    assert '<noscript><meta http-equiv="refresh" content="1"></noscript>' in screen.get("/display/in-1").text


def test_it_is_told_what_changes_and_nothing_else(screen: httpx.Client, gate: Gate) -> None:
    with screen.stream("GET", "/display/out-1/live") as stream:
        lines = stream.iter_lines()
        next(line for line in lines if '"mono"' in line)
        told = time.monotonic()
        gate.tell(lane_view("in-1", sign="go"))
        gate.tell(lane_view("out-1", sign="turned_away"))
        part = json.loads(next(line for line in lines if "禁止驶出" in line).removeprefix("data: "))
        assert time.monotonic() - told < 1
    assert part["id"] == "display"


def test_displays_leave_some_streams_for_the_guards(screen: httpx.Client, guard: httpx.Client) -> None:
    with ExitStack() as displays:
        streams = [displays.enter_context(screen.stream("GET", "/display/in-1/live")) for _ in range(DISPLAY_STREAMS_MAX)]
        assert {stream.status_code for stream in streams} == {200}
        assert screen.get("/display/in-1/live").status_code == 503
        with guard.stream("GET", "/live") as stream:
            assert stream.status_code == 200


def test_a_screen_is_dark_at_night_by_the_clock_unless_somebody_has_chosen(screen: httpx.Client, gate: Gate) -> None:
    page = screen.get("/display/in-1").text
    assert 'data-theme="clock"' in page
    assert 'class="light"' in page or 'class="dark"' in page
    screen.cookies.set("theme", "dark")
    assert 'class="dark" data-theme="dark"' in screen.get("/display/in-1").text
