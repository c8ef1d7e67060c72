"""The booth over plain HTTP: signing in, acts without a script, headers, garbage."""

import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest

from access.code_words import told_of_code
from access.passes import Pass, Shown
from access.presence import Presence
from edge.booth_messages import CandidateView, FeedLine, GuardReply, NeighbourView, ObligationView, OutlookView
from edge.messages import DeviceState, SyncState
from edge.places import Places
from tests.edge.desk.wire import (
    BADGE,
    CONFIG,
    GUARD,
    Desk,
    Eyes,
    Gate,
    alarm,
    enrol,
    guard_record,
    hidden_field,
    jpeg,
    lane_view,
    press,
    see,
    sign_in,
    start_desk,
    stop_desk,
    write_snapshot,
)
from tests.waiting import wait_until

REFERRED = lane_view(
    "in-1",
    state="referred",
    outcome="refer",
    reason="similar",
    values={"shown": "粤B·12D45", "near": "粤B·12045", "holder": "李*", "unit": "3-1201"},
    plate="粤B12D45",
    shown="粤B·12D45",
    colour="blue",
    passage="p1",
    candidates=(
        CandidateView("c1", "粤B·12045", "李*", "3-1201", {"zh": "第 5 位 4/0 形似", "en": "character 5 looks like it"}, (4,)),
    ),
)


# --- signing in -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/", "/devices", "/emergency", "/lanes/in-1/open_once", "/gate/evacuate", "/cameras/camera-in.jpg"]
)
def test_nothing_is_shown_before_signing_in(desk: Desk, path: str) -> None:
    answer = httpx.get(desk.url.rstrip("/") + path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_a_stream_tells_who_is_not_signed_in(desk: Desk) -> None:
    assert "event: signed-out" in httpx.get(desk.url + "live").text


@pytest.mark.parametrize(("badge", "pin"), [(BADGE, "0000"), ("9999", "2468"), ("", ""), ("1001' or 1=1", "x")])
def test_a_wrong_badge_or_pin_does_not_sign_in(desk: Desk, badge: str, pin: str) -> None:
    with httpx.Client(base_url=desk.url) as client:
        answer = sign_in(client, badge, pin)
        assert answer.status_code == 403
        assert "工号或密码错误" in answer.text
        assert client.get("/").status_code == 303


def test_wrong_pins_delay_that_badge_alone(desk: Desk) -> None:
    with httpx.Client(base_url=desk.url) as client:
        for _ in range(3):
            sign_in(client, "1002", "0000")
        assert "秒后再试" in sign_in(client, "1002", "0000").text
        assert sign_in(client).status_code == 303


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(desk: Desk) -> None:
    with httpx.Client(base_url=desk.url) as client:
        before = client.get("/sign-in").headers["set-cookie"]
        after = sign_in(client).headers["set-cookie"]
    assert before.partition(";")[0] != after.partition(";")[0], "the cookie changes at signing in"
    assert "HttpOnly" in after
    assert "SameSite=strict" in after
    assert "Max-Age=43200" in after


def test_signing_out_ends_the_session(guard: httpx.Client) -> None:
    token = hidden_field(guard.get("/").text, "token")
    cookies = dict(guard.cookies)
    assert guard.post("/sign-out", data={"token": token}).headers["location"] == "/sign-in"
    guard.cookies.update(cookies)
    assert guard.get("/").status_code == 303


def test_a_guard_who_is_revoked_is_out_at_the_next_snapshot(guard: httpx.Client, gate: Gate, places: Places) -> None:
    assert guard.get("/").status_code == 200
    gate.snapshot = str(write_snapshot(places.snapshots / "8.snapshot", [guard_record(status="revoked")]))
    gate.tell(gate.view())
    wait_until(lambda: guard.get("/").status_code == 303)
    assert "没有登记保安" in guard.get("/sign-in").text


def test_a_damaged_snapshot_leaves_the_guards_as_they_were(guard: httpx.Client, gate: Gate, places: Places) -> None:
    damaged = places.snapshots / "9.snapshot"
    damaged.write_bytes(b"nonsense")
    gate.snapshot = str(damaged)
    gate.tell(replace(gate.view(), alarms=(alarm("refer_unanswered"),)))
    assert "保安未应答" in see(guard, "保安未应答", "/alarms")


def test_a_gate_that_is_cut_off_says_what_it_cannot_know_and_what_comes_of_it(guard: httpx.Client, gate: Gate) -> None:
    gate.sync = SyncState(False, 5, 12, time.time() - 90_000, 7, time.time() - 90_000, deny_utc=time.time() - 3600)
    gate.tell(replace(gate.view(), weaker=("withdrawn", "office")))
    page = see(guard, "管理处无法远程操作本门", "/devices")
    assert all(words in page for words in ("黑名单最后确认", "部分核验减弱"))
    guard.cookies.set("lang", "en")
    see(guard, "The office cannot open or close anything here", "/devices")


def test_how_other_gates_are_heard_and_what_that_means_for_passes(guard: httpx.Client, gate: Gate) -> None:
    assert "听不到其他门" in see(guard, "宽松", "/devices")
    seen = (NeighbourView("西门", "heard", time.time()), NeighbourView("南门", "gone", time.time() - 600))
    gate.tell(replace(gate.view(), neighbours=seen, reuse="strict", hearsay=3))
    page = see(guard, "通行次数由主门计", "/devices")
    assert all(words in page for words in ("西门", "可互通", "南门", "连接已断", "最后听到", "中心尚未确认"))


def test_what_each_lane_will_do_by_an_old_list(guard: httpx.Client, gate: Gate) -> None:
    coming = OutlookView(("in-1", "door-1"), "in", ("visitor",), 24, "refer", time.time() - 60)
    leaving = OutlookView(("out-1", "door-1"), "out", ("resident",), 2, "deny", time.time() + 60)
    called = OutlookView(("out-1", "door-1"), "out", ("emergency",), 24, "as_set", time.time() - 60)
    gate.tell(replace(gate.view(), outlook=(coming, leaving, called)))
    rows = outlook_rows(see(guard, "各车道将如何处理", "/devices"))
    assert [row[0] for row in rows] == ["▶ 进场： A 入口 F 人行", "访客", "◀ 出场： C 出口 F 人行", "业主", "救援"]
    assert ["现已生效" in row[1] for row in rows if row[1:]] == [True, False, False], "for rescue nothing is worse"
    assert [row[2] for row in rows if row[1:]] == [
        "由保安确认",
        "记录在场内的可离开；其余拒绝通行",
        "按车道设置：放行，或由保安确认",
    ]
    guard.cookies.set("lang", "en")
    rows = outlook_rows(see(guard, "What each lane will do", "/devices"))
    assert [row[2] for row in rows if row[1:]] == [
        "the guard is asked",
        "who is on record as inside may leave; others are denied",
        "as the lane is set: let through, or the guard is asked",
    ]


def outlook_rows(page: str) -> list[list[str]]:
    """Return the cells of the table about old lists, as text."""
    table = page.partition('<table id="outlook">')[2].partition("</table>")[0].partition("<tbody>")[2]
    return [[_text(cell) for cell in re.split(r"</t[hd]>", row)[:-1]] for row in table.split("</tr>")[:-1]]


def _text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_passage_that_is_over_is_told_in_the_guards_language(guard: httpx.Client, gate: Gate) -> None:
    story = {"zh": "一辆车尾随前车进场，未经放行。", "en": "A vehicle came in without a grant, tailgating the vehicle in front."}
    gate.tell(FeedLine(9, time.time(), "in-1", "", "", {}, "", "", "", "", 0.0, "p1", story))
    assert story["en"] not in see(guard, story["zh"])
    guard.cookies.set("lang", "en")
    assert story["zh"] not in see(guard, story["en"])


def test_a_gate_without_rules_says_so(tmp_path: Path) -> None:
    places = Places(tmp_path / "var")
    enrol(places)
    gate = Gate(places.gate_socket, snapshot="")
    gate.start()
    desk = start_desk(tmp_path)
    with httpx.Client(base_url=desk.url) as client:
        see(client, "本门尚无规则", "/sign-in")
        gate.stop()
        see(client, "控制程序没有应答", "/sign-in")
    assert stop_desk(desk) == 0


# --- acts -----------------------------------------------------------------------------------------


def test_open_once_without_a_script(guard: httpx.Client, gate: Gate) -> None:
    before = time.monotonic()
    answer = press(guard, "/lanes/in-1/open_once", reason="visitor")
    assert "已执行" in answer.text
    (request,) = gate.asked
    assert (request.act, request.lane, request.reason, request.guard_name) == ("open_once", "in-1", "visitor", GUARD)
    assert request.words == "", "the code says it in every language"
    assert before + 10 <= request.expires_mono <= time.monotonic() + 10
    assert guard.get(answer.url).text.count("已执行") == 1, "loading the reply again"
    assert len(gate.asked) == 1


def test_the_same_press_twice_is_one_request(guard: httpx.Client, gate: Gate) -> None:
    form = guard.get("/lanes/in-1/open_once").text
    fields = {name: hidden_field(form, name) for name in ("token", "request")} | {"reason": "test"}
    pages = [guard.post("/lanes/in-1/open_once", data=fields, follow_redirects=True).text for _ in range(3)]
    assert all("已执行" in page for page in pages)
    assert len(gate.asked) == 1


def test_a_late_press_expires_from_when_it_was_pressed(guard: httpx.Client, gate: Gate) -> None:
    pressed = time.monotonic() - 60
    press(guard, "/lanes/in-1/open_once", reason="test", pressed=str(pressed))
    assert gate.asked[0].expires_mono == pytest.approx(pressed + 10)


@pytest.mark.parametrize("pressed", ["-5", "inf", "nan", "1e300"])
def test_a_press_cannot_claim_to_be_later_than_now(guard: httpx.Client, gate: Gate, pressed: str) -> None:
    press(guard, "/lanes/in-1/open_once", reason="test", pressed=pressed)
    assert gate.asked[0].expires_mono <= time.monotonic() + 10


@pytest.mark.parametrize("fields", [{"reason": "other", "words": " "}, {"reason": "because"}, {}])
def test_no_reason_no_act(guard: httpx.Client, gate: Gate, fields: dict[str, str]) -> None:
    answer = press(guard, "/lanes/in-1/open_once", **fields)
    assert answer.status_code == 422
    assert hidden_field(answer.text, "request"), "the form is there again"
    assert gate.asked == []


def test_own_words_are_a_reason(guard: httpx.Client, gate: Gate) -> None:
    press(guard, "/lanes/out-1/open_once", reason="other", words="  搬家公司\n 第二车 ")
    assert (gate.asked[0].reason, gate.asked[0].words) == ("other", "搬家公司 第二车")


def test_what_a_decision_obliges_the_guard_to_is_said(guard: httpx.Client, gate: Gate) -> None:
    due = (ObligationView("take_duplicate", {"number": "000123"}), ObligationView("a_sites_own"))
    gate.tell(lane_view("in-1", state="opening", outcome="grant", reason="pass_ok", passage="p2", obligations=due))
    html = see(guard, "收下副证 000123")
    assert "a_sites_own" in html


def test_what_a_signed_pass_says_is_said_and_nothing_more(guard: httpx.Client, gate: Gate) -> None:
    code = Shown("", Pass("visit", uuid4(), 0, 1_772_413_200, 1_772_445_600, uses=2), 0, b"", "")
    told = told_of_code(code, None, b"", Presence())
    gate.tell(lane_view("in-1", state="opening", outcome="grant", reason="code_ok", medium="code", passage="p3", code=told))
    assert "所有大门 · 已用 0/2 次" in see(guard, "访客码")


def test_admit_and_turn_away_name_passage_and_candidate(guard: httpx.Client, gate: Gate) -> None:
    gate.tell(REFERRED)
    see(guard, "第 5 位 4/0 形似")
    press(guard, "/lanes/in-1/admit?passage=p1&choice=c1", reason="looked")
    press(guard, "/lanes/in-1/refuse?passage=p1", reason="no_consent")
    asked = [(request.act, request.passage, request.choice, request.reason) for request in gate.asked]
    assert asked == [("admit", "p1", "c1", "looked"), ("refuse", "p1", "", "no_consent")]


def test_a_vehicle_that_has_gone_offers_no_form(guard: httpx.Client, gate: Gate) -> None:
    page = guard.get("/lanes/in-1/admit?passage=p1").text
    assert "已不在等候" in page
    assert '<form method="post" action="/lanes' not in page


@pytest.mark.parametrize(
    ("refusal", "said"),
    [("expired", "请求已过时"), ("too_late", "已不在等候"), ("not_ready", "检测器状态不明"), ("moon", "moon")],
)
def test_a_refusal_is_said_in_words(guard: httpx.Client, gate: Gate, refusal: str, said: str) -> None:
    gate.answer = lambda request: GuardReply(request.request, accepted=False, refusal=refusal)
    assert said in press(guard, "/lanes/in-1/open_once", reason="test").text


def test_a_gate_that_is_away_or_silent_is_said(guard: httpx.Client, gate: Gate) -> None:
    gate.answer = lambda _request: None
    assert "没有收到答复" in press(guard, "/lanes/in-1/open_once", reason="test").text
    gate.stop()
    see(guard, "您看到的是旧状态")
    assert "控制程序没有应答" in press(guard, "/lanes/in-1/open_once", reason="test").text


def test_a_gate_that_hangs_is_said_though_its_line_is_open(guard: httpx.Client, gate: Gate) -> None:
    gate.falls_silent.set()
    see(guard, "您看到的是旧状态")
    gate.tell(lane_view("in-1"))
    see(guard, "● 实时")
    gate.stop()


def test_two_guards_two_requests_each_its_own_reply(desk: Desk, guard: httpx.Client, gate: Gate) -> None:
    gate.answer = lambda request: GuardReply(request.request, accepted=request.lane == "in-1")
    said: dict[str, str] = {}

    def act(lane: str) -> None:
        with httpx.Client(base_url=desk.url, cookies=guard.cookies) as client:
            said[lane] = press(client, f"/lanes/{lane}/open_once", reason="test").text

    threads = [threading.Thread(target=act, args=(lane,)) for lane in ("in-1", "out-1")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "✓" in said["in-1"]
    assert "✕" in said["out-1"]


# --- what is refused at the door -------------------------------------------------------------------


def test_a_form_without_its_token_does_nothing(guard: httpx.Client, gate: Gate) -> None:
    fields = {"request": str(uuid4()), "reason": "test", "token": "0" * 64}
    assert guard.post("/lanes/in-1/open_once", data=fields).status_code == 403
    assert guard.post("/lanes/in-1/open_once", data=fields | {"token": ""}).status_code == 403
    assert gate.asked == []


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (lambda http: http.get("/", headers={"host": "evil.example"}), 421),
        (lambda http: http.post("/sign-in", content=b"x" * 20_000), 413),
        (lambda http: http.post("/sign-in", content=iter([b"badge=1"])), 411),
        (lambda http: http.get("/lanes/nowhere/open_once"), 404),
        (lambda http: http.get("/lanes/in-1/explode"), 422),
        (lambda http: http.get("/lanes/in-1/evacuate"), 422),
        (lambda http: http.get("/lanes/door-1/direct?choice=up"), 422),
        (lambda http: http.get("/gate/open_once"), 422),
        (lambda http: http.get("/display/nowhere"), 404),
        (lambda http: http.get("/display/nowhere/live"), 404),
        (lambda http: http.get("/static/../booth.py"), 404),
        (lambda http: http.get("/no/such/page"), 404),
    ],
)
def test_strange_requests_are_refused(
    guard: httpx.Client, request_: Callable[[httpx.Client], httpx.Response], status: int
) -> None:
    assert request_(guard).status_code == status


@pytest.mark.parametrize("path", ["/", "/sign-in", "/static/booth.js", "/no/such/page", "/live"])
def test_every_answer_carries_the_security_headers(desk: Desk, path: str) -> None:
    headers = httpx.get(desk.url.rstrip("/") + path).headers
    assert headers["content-security-policy"].startswith("default-src 'self'; frame-ancestors 'none'")
    assert headers["x-content-type-options"] == "nosniff"


def test_pages_hold_no_script_or_style_of_their_own(guard: httpx.Client) -> None:
    for path in ("/", "/devices", "/emergency", "/display/in-1", "/lanes/in-1/hold_open", "/sign-in"):
        html = guard.get(path).text
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", html)
        assert not any(re.findall(r"<script[^>]*>(.*?)</script>", html, re.DOTALL))


def test_hostile_names_are_only_text(guard: httpx.Client, gate: Gate) -> None:
    hostile = "<script>alert(1)</script>\"'{{7654321*3}}"
    gate.devices = (DeviceState("io", up=False, why=hostile, counters={"reasons": {hostile: 3}, hostile: hostile}),)
    gate.tell(replace(REFERRED, name=hostile, shown=hostile, plate=hostile, values={"shown": hostile}, passage=hostile))
    gate.tell(gate.view((alarm(hostile, identity=hostile, detail=hostile, lane=hostile, acknowledged_by=hostile),)))
    for path in ("/", "/devices", "/alarms"):
        html = see(guard, "&lt;script&gt;", path)
        assert "<script>alert" not in html
        assert "22962963" not in html


# --- what is shown ---------------------------------------------------------------------------------


def test_refused_frames_are_counted_and_shown(guard: httpx.Client, gate: Gate) -> None:
    counters = {"frames": 12, "rejected": 9, "bytes_in": 300, "reasons": {"wrong checksum": 7, "of a kind to come": 2}}
    down = DeviceState("camera-x", up=False, why="the camera answers HTTP 401")
    gate.devices = (
        DeviceState("reader-in", up=True, counters=counters),
        down,
        replace(down, device="camera-y", why="of a kind to come"),
    )
    gate.tell(gate.view())
    html = see(guard, "校验和不符 7、of a kind to come 2", "/devices")
    assert "收到字节 300" in html
    assert re.search(r"摄像机拒绝提供画面。\s*<small>401</small>", html)
    assert "<small>of a kind to come</small>" in html


def test_a_device_that_goes_is_shown_with_since_when(guard: httpx.Client, gate: Gate) -> None:
    assert "本页开始之前" in see(guard, "本页开始之前", "/devices")
    gate.tell(replace(gate.view(), devices=(DeviceState("io", up=False, why="no answer"),)))
    html = see(guard, "no answer", "/devices")
    assert re.search(r"<td>\d\d:\d\d:\d\d</td>", html)
    assert "1 台失联" in html


def test_pictures_come_from_eyes_and_several_lookers_share_one(guard: httpx.Client, eyes: Eyes) -> None:
    answers = [guard.get("/cameras/camera-in.jpg") for _ in range(5)]
    assert {answer.content for answer in answers} == {jpeg()}
    assert len(eyes.asked) < 5
    assert guard.get("/cameras/camera-out.jpg").status_code == 204, "no picture now"
    assert guard.get("/cameras/nowhere.jpg").status_code == 204


def test_no_eyes_no_picture(guard: httpx.Client) -> None:
    wait_until(lambda: guard.get("/cameras/camera-in.jpg").status_code == 204, what="the last picture to be old")


def test_the_language_is_remembered_and_leads_nowhere_else(guard: httpx.Client) -> None:
    assert guard.get("/language/en?back=//evil.example").headers["location"] == "/"
    assert "Waiting for you" in guard.get("/").text
    assert "arrival loop" in guard.get("/").text
    guard.get("/language/xx")
    assert "Waiting for you" in guard.get("/").text


def test_a_stream_tells_what_changes_and_beats(guard: httpx.Client, gate: Gate) -> None:
    with guard.stream("GET", "/live") as stream:
        lines = stream.iter_lines()
        beat = next(line for line in lines if '"mono"' in line)
        assert abs(json.loads(beat.removeprefix("data: "))["mono"] - time.monotonic()) < 5
        told = time.monotonic()
        gate.tell(lane_view("out-1", state="held_open"))
        part = next(line for line in lines if "常开" in line)
        assert time.monotonic() - told < 1
    assert json.loads(part.removeprefix("data: "))["id"] == "lane-out-1"


# --- the program -----------------------------------------------------------------------------------


def test_the_program_ends_at_once_with_streams_open(tmp_path: Path) -> None:
    places = Places(tmp_path / "var")
    enrol(places)
    gate = Gate(places.gate_socket, str(write_snapshot(places.snapshots / "7.snapshot", [guard_record()])))
    gate.start()
    desk = start_desk(tmp_path)
    with httpx.Client(base_url=desk.url) as client:
        wait_until(lambda: sign_in(client).status_code == 303)
        with client.stream("GET", "/live") as stream:
            next(stream.iter_lines())
            began = time.monotonic()
            assert stop_desk(desk) == 0
            assert time.monotonic() - began < 3
    assert not places.booth_address.exists()
    gate.stop()


def test_it_listens_on_this_box_alone(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    enrol(Places(tmp_path / "var"))
    desk = start_desk(tmp_path, CONFIG.replace("port = 0", 'port = 0\nhost = "0.0.0.0"'), wait=False)
    assert desk.process.wait(10) == 3
    assert "without TLS the booth page is for this box alone" in capfd.readouterr().err


def test_request_ids_are_fresh_on_each_page(guard: httpx.Client) -> None:
    ids = {UUID(hidden_field(guard.get("/lanes/in-1/open_once").text, "request")) for _ in range(3)}
    assert len(ids) == 3
