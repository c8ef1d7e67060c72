"""What a guard sets lanes and the gate to, over plain HTTP: what is asked of the gate, and what the pages show of it."""

import re
import time
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from edge.booth_messages import GuardReply
from edge.messages import GateView
from tests.edge.desk.wire import (
    BADGE,
    PIN,
    SECOND,
    SECOND_BADGE,
    SECOND_ID,
    SECOND_PIN,
    Gate,
    lane_view,
    press,
    see,
)

NOT_CONFIRMED = lane_view(
    "out-1",
    state="referred",
    outcome="refer",
    reason="not_confirmed",
    values={"shown": "粤A·D12345"},
    plate="粤AD12345",
    passage="p9",
    arm="up",
    open_because="arm_up_at_start",
)


def asked(gate: Gate, *fields: str) -> tuple[Any, ...]:
    """Return these fields of the one request that the gate was asked."""
    (request,) = gate.asked
    return tuple(getattr(request, field) for field in fields)


def evacuated(gate: Gate) -> GateView:
    return replace(gate.view(), evacuation_since_utc=time.time() - 125)


# --- one lane -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "form", "act", "choice", "minutes"),
    [
        ("/lanes/in-1/hold_open", {"reason": "queue", "minutes": "10"}, "hold_open", "", 10),
        ("/lanes/in-1/convoy", {"reason": "group", "minutes": "5"}, "convoy", "", 5),
        ("/lanes/in-1/hold_closed", {"reason": "incident"}, "hold_closed", "", 0),
        ("/lanes/in-1/out_of_service", {"reason": "defect"}, "out_of_service", "", 0),
        ("/lanes/in-1/resume", {"reason": "seen_clear"}, "resume", "", 0),
        ("/lanes/door-1/direct?choice=in", {"reason": "rush"}, "direct", "in", 0),
        ("/lanes/door-1/direct?choice=out", {"reason": "rush"}, "direct", "out", 0),
        ("/lanes/door-1/direct", {"reason": "over"}, "direct", "", 0),
    ],
)
def test_a_lane_is_set(
    guard: httpx.Client, gate: Gate, path: str, form: dict[str, str], act: str, choice: str, minutes: int
) -> None:
    before = time.monotonic()
    answer = press(guard, path, **form)
    assert "已执行" in answer.text
    assert asked(gate, "act", "choice", "minutes", "reason", "second") == (act, choice, minutes, form["reason"], "")
    assert asked(gate, "lane") == (path.split("/")[2].partition("?")[0],)
    assert before + 10 <= gate.asked[0].expires_mono <= time.monotonic() + 10
    guard.get(urlsplit(str(answer.url)).path)
    assert len(gate.asked) == 1, "loading the reply again asks nothing again"


def test_a_direction_is_named_in_form_and_reply(guard: httpx.Client) -> None:
    assert "人行 · 只出" in guard.get("/lanes/door-1/direct?choice=out").text
    door = guard.get("/lanes/door-1/open_once").text
    assert ("人行 · 开门一次" in door, "开闸" in door) == (True, False)
    assert "人行 · 只出" in press(guard, "/lanes/door-1/direct?choice=out", reason="rush").text
    assert "人行 · 双向通行" in press(guard, "/lanes/door-1/direct", reason="rush").text


def test_only_what_a_lane_is_not_set_to_is_offered(guard: httpx.Client, gate: Gate) -> None:
    assert 'href="/lanes/in-1/hold_open"' in guard.get("/").text
    gate.tell(lane_view("in-1", state="held_closed", mode="held_closed"))
    page = see(guard, 'href="/lanes/in-1/resume"')
    assert 'href="/lanes/in-1/hold_open"' not in page
    assert 'href="/lanes/in-1/open_once"' not in page
    assert 'href="/lanes/out-1/open_once"' in page


@pytest.mark.parametrize("refusal", ["held_closed", "interlocked", "too_long", "second_person_needed", "nothing_to_resume"])
def test_the_gates_refusal_is_told_in_words(guard: httpx.Client, gate: Gate, refusal: str) -> None:
    gate.answer = lambda request: GuardReply(request.request, accepted=False, refusal=refusal)
    said = press(guard, "/lanes/in-1/hold_open", reason="queue", minutes="10").text
    assert "✕ 入口 · 常开：未执行" in said
    assert refusal not in said


# --- the second person ----------------------------------------------------------------------------


def test_a_long_hold_is_signed_by_a_second_person(guard: httpx.Client, gate: Gate) -> None:
    form = {"reason": "event", "minutes": "60", "badge": SECOND_BADGE, "pin": SECOND_PIN}
    assert "已执行" in press(guard, "/lanes/in-1/hold_open", **form).text
    assert asked(gate, "minutes", "second", "second_name") == (60, str(SECOND_ID), SECOND)


@pytest.mark.parametrize(
    ("badge", "pin", "said"),
    [
        ("", "", "须第二人输入工号和密码"),
        (SECOND_BADGE, "", "须第二人输入工号和密码"),
        (BADGE, PIN, "第二人不能是您本人"),
        (SECOND_BADGE, "0000", "工号或密码错误"),
        ("9999", SECOND_PIN, "工号或密码错误"),
    ],
)
def test_without_a_second_person_nothing_is_asked(guard: httpx.Client, gate: Gate, badge: str, pin: str, said: str) -> None:
    answer = press(guard, "/lanes/in-1/hold_open", reason="event", minutes="30", badge=badge, pin=pin)
    assert answer.status_code == 422
    assert said in answer.text
    assert gate.asked == []
    assert 'value="30" data-letter="K"\n        data-second checked' in answer.text, "what was chosen stays"
    without_id = re.sub(r'value="[0-9a-f-]{36}"', "", answer.text)  # the request's id has any digits
    assert without_id != answer.text
    assert SECOND_PIN not in without_id


def test_wrong_pins_of_a_second_person_are_delayed(guard: httpx.Client, gate: Gate) -> None:
    form = {"reason": "event", "minutes": "30", "badge": "1007", "pin": "0000"}
    for _ in range(3):
        press(guard, "/lanes/in-1/hold_open", **form)
    assert "秒后再试" in press(guard, "/lanes/in-1/hold_open", **form).text
    assert gate.asked == []


def test_no_second_person_is_claimed_for_a_short_hold(guard: httpx.Client, gate: Gate) -> None:
    press(guard, "/lanes/in-1/hold_open", reason="queue", minutes="10", badge=SECOND_BADGE, pin="0000")
    assert asked(gate, "second", "second_name") == ("", "")


# --- a grant that was not confirmed ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "reason", "called"),
    [("passed", "seen_passing", "确认已通过"), ("admit", "still_here", "再次开闸"), ("refuse", "nobody_here", "未到场")],
)
def test_whether_a_grant_has_passed_is_asked(guard: httpx.Client, gate: Gate, act: str, reason: str, called: str) -> None:
    gate.tell(NOT_CONFIRMED)
    assert called in see(guard, f"/lanes/out-1/{act}?passage=p9")
    assert f"出口 · {called}" in guard.get(f"/lanes/out-1/{act}?passage=p9").text
    press(guard, f"/lanes/out-1/{act}?passage=p9", reason=reason)
    assert asked(gate, "act", "passage", "reason") == (act, "p9", reason)


def test_an_answer_that_comes_too_late_is_the_gates_to_refuse(guard: httpx.Client, gate: Gate) -> None:
    gate.tell(NOT_CONFIRMED)
    see(guard, "/lanes/out-1/refuse?passage=p9")
    form = guard.get("/lanes/out-1/refuse?passage=p9").text
    gate.answer = lambda request: GuardReply(request.request, accepted=False, refusal="too_late")
    gate.tell(lane_view("out-1"))
    wait = see(guard, "无人等候")
    assert "passage=p9" not in wait
    hidden = {name: form.partition(f'name="{name}" value="')[2].partition('"')[0] for name in ("token", "request")}
    answer = guard.post("/lanes/out-1/refuse?passage=p9", data=hidden | {"reason": "nobody_here"}, follow_redirects=True)
    assert "已不在等候" in answer.text


# --- what the lanes show --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("view", "shown"),
    [
        ({"mode": "held_open", "state": "held_open"}, "▮▮ 常开"),
        ({"mode": "convoy", "state": "held_open"}, "<b>车队通行</b>"),
        ({"mode": "held_closed", "state": "held_closed"}, "⊘ 常闭"),
        ({"mode": "out_of_service", "state": "out_of_service"}, "✕ 停用"),
        ({"mode": "evacuation", "state": "held_open"}, "<b>紧急疏散</b>"),
        ({"mode": "of a later version"}, "空闲"),
        ({"open_because": "standing_under_arm", "state": "open"}, "闸杆不落：闸杆下有车或人停留"),
        ({"open_because": "of a later version"}, "闸杆不落：of a later version"),
        ({"open_because": "arm_up_at_start", "state": "closing"}, "<b>未关闭</b>"),
        ({"state": "closing"}, "<b>正在落杆</b>"),
        ({"open_because": "board_lost", "state": "unknown", "arm": "unknown"}, "⚠ 控制板失联<"),
        ({"ill": {"arrival_loop": "stuck"}}, "⚠ 一直报有车"),
        ({"ill": {"safety_loop": "of a later version"}}, "⚠ of a later version"),
    ],
)
def test_what_a_lane_is_set_to_and_suffers_from(guard: httpx.Client, gate: Gate, view: dict[str, Any], shown: str) -> None:
    gate.tell(lane_view("in-1", **view))
    see(guard, shown)


def test_until_when_a_lane_is_held_open(guard: httpx.Client, gate: Gate) -> None:
    until = 1_800_000_000.0  # 2027-01-15 16:00 in Shanghai
    gate.tell(lane_view("in-1", mode="held_open", state="held_open", mode_until_utc=until))
    see(guard, "至 01-15 16:00<")


def test_a_door_and_the_direction_of_a_lane(guard: httpx.Client, gate: Gate) -> None:
    gate.tell(lane_view("door-1", headed="out", open_because="door_held", state="open"))
    page = see(guard, "◀ <b>只出</b>")
    assert "门未关：门被人撑住" in page


# --- the whole gate -------------------------------------------------------------------------------


def test_an_evacuation_is_begun_with_a_reason(guard: httpx.Client, gate: Gate) -> None:
    page = guard.get("/emergency").text
    assert "没有疏散" in page
    assert "/gate/end_evacuation" not in page
    assert press(guard, "/gate/evacuate").status_code == 422
    assert gate.asked == []
    assert "✓ east · 启动紧急疏散：已执行" in press(guard, "/gate/evacuate", reason="fire").text
    assert asked(gate, "act", "lane", "reason") == ("evacuate", "", "fire")


def test_an_evacuation_is_ended_only_when_its_input_is_off(guard: httpx.Client, gate: Gate) -> None:
    gate.tell(evacuated(gate))
    page = see(guard, "紧急疏散，自", "/emergency")
    assert "/gate/evacuate" not in page
    gate.answer = lambda request: GuardReply(request.request, accepted=False, refusal="evacuation_input")
    assert "疏散信号仍未解除" in press(guard, "/gate/end_evacuation", reason="all_clear").text
    assert asked(gate, "act", "lane") == ("end_evacuation", "")


def test_the_emergency_page_shows_who_should_stand_open_and_does_not(guard: httpx.Client, gate: Gate) -> None:
    gate.tell(lane_view("out-1", arm="down"))
    assert "⚠ 闸杆落下" not in see(guard, "闸杆落下", "/emergency")
    gate.tell(evacuated(gate))
    page = see(guard, "⚠ 闸杆落下", "/emergency")
    assert page.count("⚠ 闸杆落下") == 1, "the entry stays as it is"
    assert "⚠ 门已关" not in page, "a door that is unlocked falls shut again"
    gate.tell(lane_view("out-1", arm="up"))
    assert "⚠ 闸杆落下" not in see(guard, "闸杆抬起", "/emergency")


def test_every_page_says_that_the_site_is_evacuated(guard: httpx.Client, gate: Gate) -> None:
    gate.tell(evacuated(gate))
    for path in ("/", "/devices", "/emergency"):
        assert '<p class="evacuation" role="alert">' in see(guard, "紧急疏散", path)


def test_the_language_is_changed_on_the_emergency_page(guard: httpx.Client) -> None:
    assert guard.get("/language/en?back=/emergency").headers["location"] == "/emergency"
    assert "No evacuation" in guard.get("/emergency").text
