"""The booth in a real browser, as a guard uses it: mouse, keyboard, scanner, no script at all."""

import re
import time
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from edge.booth_messages import CandidateView, FeedLine, GuardReply
from edge.messages import DeviceState, SyncState
from tests.edge.desk.wire import BADGE, GUARD_ID, PIN, SECOND_BADGE, SECOND_ID, SECOND_PIN, Desk, Eyes, Gate, alarm, lane_view
from tests.waiting import wait_until

pytestmark = pytest.mark.browser

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
        CandidateView("c2", "粤B·12Q45", "王*", "5-902", {"zh": "形似", "en": "alike"}, (4,)),
    ),
)
HAND_MS = 60  # between the keys of a quick hand; a scanner needs less than 30


def type_letters(page: Page, letters: str) -> None:
    page.keyboard.type(letters, delay=HAND_MS)


def scan(page: Page, code: str) -> None:
    """Type as a wedge scanner does, 5 ms between the keys by their own time stamps, however busy this machine is."""
    session = page.context.new_cdp_session(page)
    began = time.time()
    for at, key in enumerate([*code, "Enter"]):
        stroke = {"key": key, "text": "\r" if key == "Enter" else key, "timestamp": began + at * 0.005}
        session.send("Input.dispatchKeyEvent", {"type": "keyDown", **stroke})
        session.send("Input.dispatchKeyEvent", {"type": "keyUp", "key": key, "timestamp": began + at * 0.005})
    session.detach()
    over = (began + len(code) * 0.005 + 0.1) * 1000  # the browser's clock may still be behind the stamps of the keys
    page.wait_for_function("over => performance.timeOrigin + performance.now() > over", arg=over)


def test_signing_in_and_out(desk: Desk, page: Page) -> None:
    page.goto(desk.url)
    expect(page.get_by_label("工号")).to_be_focused()
    for text, key in ((BADGE, "Tab"), (PIN, "Enter")):
        page.keyboard.type(text)
        page.keyboard.press(key)
    expect(page.locator("#lanes")).to_be_visible()
    expect(page.locator(".bar")).to_contain_text("张*")
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_label("工号")).to_be_visible()


def test_a_lane_changes_by_itself(booth: Page, gate: Gate) -> None:
    gate.tell(lane_view("out-1", state="open", arm="up", plate="粤AD12345", colour="green", outcome="grant", reason="access_ok"))
    lane = booth.locator("#lane-out-1")
    expect(lane).to_contain_text("已开闸")
    expect(lane.locator("svg.arm-up")).to_be_visible()
    expect(lane.get_by_role("img", name="粤AD12345，绿牌")).to_be_visible()


def test_open_once_by_mouse(booth: Page, gate: Gate) -> None:
    booth.get_by_role("link", name="开闸一次").first.click()
    booth.get_by_role("button", name="测试或维修").click()
    expect(booth.locator("#reply")).to_have_text("✓ 入口 · 开闸一次：已执行，已记入日志")
    expect(booth.locator("dialog")).not_to_be_visible()
    assert [(request.act, request.lane, request.reason) for request in gate.asked] == [("open_once", "in-1", "test")]
    assert time.monotonic() < gate.asked[0].expires_mono < time.monotonic() + 10


def test_open_once_by_keyboard(booth: Page, gate: Gate) -> None:
    type_letters(booth, "co")
    expect(booth.get_by_role("heading", name="C 出口 · 开闸一次")).to_be_focused()
    type_letters(booth, "v")
    expect(booth.locator("#reply")).to_contain_text("已执行")
    assert [(request.lane, request.reason) for request in gate.asked] == [("out-1", "visitor")]


def test_hold_open_by_keyboard(booth: Page, gate: Gate) -> None:
    type_letters(booth, "ah")
    expect(booth.get_by_role("heading", name="A 入口 · 常开")).to_be_focused()
    expect(booth.get_by_label("10 分钟")).to_be_checked()
    type_letters(booth, "k")
    expect(booth.get_by_label("30 分钟")).to_be_checked()
    type_letters(booth, "v")
    expect(booth.locator("dialog .fault")).to_contain_text("须第二人输入工号和密码")
    expect(booth.get_by_label("工号")).to_be_focused()
    for text in (SECOND_BADGE, SECOND_PIN):
        type_letters(booth, text)
        booth.keyboard.press("Tab")
    expect(booth.get_by_role("button", name="排队过长")).to_be_focused()
    assert gate.asked == []
    type_letters(booth, "v")
    expect(booth.locator("#reply")).to_have_text("✓ 入口 · 常开：已执行，已记入日志")
    (request,) = gate.asked
    assert (request.act, request.lane, request.minutes, request.second) == ("hold_open", "in-1", 30, str(SECOND_ID))


def test_the_menu_of_acts_opens_over_the_lane_and_closes_by_itself(booth: Page, gate: Gate) -> None:
    menu = booth.locator("#acts-in-1")
    menu.get_by_text("更多").click()
    close = menu.get_by_role("link", name="常闭")
    expect(close).to_be_in_viewport(ratio=1)
    booth.get_by_role("heading", name="最近通行").click()
    expect(close).not_to_be_visible()
    menu.get_by_text("更多").click()
    close.click()
    booth.get_by_role("button", name="施工或封路").click()
    expect(booth.locator("#reply")).to_contain_text("已执行")
    gate.tell(lane_view("in-1", state="held_closed", mode="held_closed"))
    expect(booth.locator("#lane-in-1")).to_contain_text("⊘ 常闭")
    type_letters(booth, "ar")
    expect(booth.get_by_role("heading", name="A 入口 · 恢复正常")).to_be_focused()
    assert [request.act for request in gate.asked] == ["hold_closed"]


def test_the_menu_of_acts_stays_open_while_what_it_offers_changes(booth: Page, gate: Gate) -> None:
    menu = booth.locator("#acts-in-1")
    menu.get_by_text("更多").click()
    expect(menu.get_by_role("link", name="常闭")).to_be_visible()
    gate.tell(lane_view("in-1", open_because="forced_up"))
    expect(menu.get_by_role("link", name="恢复正常")).to_be_visible()
    booth.get_by_role("heading", name="最近通行").click()
    expect(menu.get_by_role("link", name="恢复正常")).not_to_be_visible()


def test_the_emergency_page_opens_no_gate_by_itself(booth: Page, gate: Gate) -> None:
    booth.keyboard.press("e")
    expect(booth.get_by_role("heading", name="没有疏散")).to_be_visible()
    booth.wait_for_load_state("load")  # the scripts have run
    scan(booth, "EFFEFF")
    type_letters(booth, "e")
    expect(booth.locator("[data-arms=E]")).to_have_class(re.compile("armed"))
    assert gate.asked == []
    type_letters(booth, "f")
    expect(booth.get_by_role("heading", name="启动紧急疏散")).to_be_focused()
    type_letters(booth, "f")
    expect(booth.locator("#reply")).to_have_text("✓ east · 启动紧急疏散：已执行，已记入日志")
    gate.tell(replace(gate.view(), evacuation_since_utc=time.time()))
    expect(booth.locator("#evacuation")).to_contain_text("紧急疏散，自")
    type_letters(booth, "ea")
    expect(booth.get_by_role("heading", name="结束紧急疏散")).to_be_focused()
    assert [(request.act, request.lane, request.reason) for request in gate.asked] == [("evacuate", "", "fire")]


def test_the_driver_sees_the_sign_at_once(page: Page, desk: Desk, gate: Gate) -> None:
    gate.tell(lane_view("in-1", sign="show_second", until_mono=time.monotonic() + 100))
    page.goto(desk.url + "display/in-1")
    expect(page.locator("#display .left")).to_have_text(re.compile("1:3[0-9]"))
    gate.tell(lane_view("in-1", sign="go", plate="粤B12045", colour="blue"))
    expect(page.locator("#display")).to_contain_text("请驶入")
    expect(page.get_by_role("img", name="粤B12045，蓝牌")).to_be_in_viewport(ratio=1)


def test_own_words_and_enter(booth: Page, gate: Gate) -> None:
    type_letters(booth, "ao")
    words = booth.get_by_label("其他，写明原因")
    words.focus()
    booth.keyboard.press("Enter")
    expect(booth.locator("dialog .fault")).to_contain_text("请用几个字写明原因")
    words.fill("搬家")
    booth.keyboard.press("Enter")
    expect(booth.locator("#reply")).to_contain_text("已执行")
    assert [(request.reason, request.words) for request in gate.asked] == [("other", "搬家")]


def test_a_double_click_is_one_request(booth: Page, gate: Gate) -> None:
    type_letters(booth, "ao")
    booth.get_by_role("button", name="测试或维修").dblclick()
    expect(booth.locator("#reply")).to_contain_text("已执行")
    assert len(gate.asked) == 1


def test_a_refusal_is_told(booth: Page, gate: Gate) -> None:
    gate.answer = lambda request: GuardReply(request.request, accepted=False, refusal="not_ready")
    type_letters(booth, "aot")
    expect(booth.locator("#reply.deny")).to_contain_text("检测器状态不明")


def test_a_scanner_types_between_and_opens_nothing(booth: Page, gate: Gate) -> None:
    type_letters(booth, "ao")
    booth.get_by_label("其他，写明原因").fill("访客")
    scan(booth, "6901234567892")
    expect(booth.locator("#scan")).to_have_text("扫码 6901234567892")
    expect(booth.get_by_label("其他，写明原因")).to_have_value("访客")
    booth.keyboard.press("Escape")
    booth.get_by_role("link", name="开闸一次").first.focus()
    scan(booth, "AOV20251120AOT")
    expect(booth.locator("#lanes")).not_to_be_visible()
    assert gate.asked == [], "what was scanned is looked up, and nothing else"


def test_let_in_as_a_candidate(booth: Page, gate: Gate) -> None:
    gate.tell(REFERRED)
    refer = booth.locator("#refers li.refer")
    expect(refer).to_contain_text("粤B·12D45 与 粤B·12045（李* 3-1201）相似但不相同")
    expect(refer.get_by_role("img", name="粤B12D45").locator(".doubtful")).to_have_text("D")
    type_letters(booth, "aj")
    expect(booth.locator("dialog")).to_contain_text("李* 3-1201")
    type_letters(booth, "l")
    expect(booth.locator("#reply")).to_contain_text("已执行")
    (request,) = gate.asked
    assert (request.act, request.lane, request.passage, request.choice) == ("admit", "in-1", "p1", "c1")


def test_turn_away_by_mouse(booth: Page, gate: Gate) -> None:
    gate.tell(REFERRED)
    booth.locator("#refers").get_by_role("link", name="拒绝").click()
    booth.get_by_role("button", name="被访人不同意").click()
    expect(booth.locator("#reply")).to_contain_text("已执行")
    assert [(request.act, request.passage, request.reason) for request in gate.asked] == [("refuse", "p1", "no_consent")]


def test_what_was_turned_away_is_taken_back_in_its_place(booth: Page, gate: Gate) -> None:
    gate.tell(REFERRED)
    refuse = booth.locator("#refers").get_by_role("link", name="拒绝")
    refuse.wait_for()
    place = refuse.bounding_box()
    soon = time.monotonic() + 100
    turned = replace(REFERRED, state="denied", outcome="deny", reason="guard_refused", values={}, candidates=())
    turned = replace(turned, undo_act="refuse", undo_guard=str(GUARD_ID))
    gate.tell(replace(turned, undo_until_mono=soon))
    undo = booth.locator("#refers").get_by_role("link", name="撤销")
    expect(undo.locator("time")).to_have_text(re.compile("1:3[0-9]"))
    assert undo.bounding_box() == place
    type_letters(booth, "az")
    expect(booth.locator("#reply")).to_have_text("✓ 入口 · 撤销：已执行，已记入日志")
    assert [(request.act, request.passage) for request in gate.asked] == [("undo", "p1")]
    gate.tell(replace(turned, undo_until_mono=time.monotonic() - 1))
    expect(booth.locator("#refers .undo:not([inert])")).to_have_count(0)


def test_how_the_page_looks_is_chosen_from_its_menu(booth: Page) -> None:
    booth.locator(".menu summary").click()
    booth.get_by_role("link", name="大", exact=True).click()
    expect(booth.locator("html")).to_have_class("big")
    booth.locator(".menu summary").click()
    booth.get_by_role("link", name="深色").click()
    expect(booth.locator("html")).to_have_class("dark big")


def test_what_is_weaker_while_cut_off_can_be_read_in_full(booth: Page, desk: Desk, gate: Gate) -> None:
    gate.sync = SyncState(False, 5, 214, time.time() - 7800, 7, time.time() - 7800)
    weaker = ("withdrawn", "announced", "elsewhere", "office")
    down = (DeviceState("io", up=False), DeviceState("reader-in", up=True))
    gate.tell(replace(gate.view(), weaker=weaker, devices=down, clock_offset_ms=-230))
    for language in ("en", "zh"):
        booth.goto(f"{desk.url}language/{language}")
        told = booth.locator("#gate .weaker")
        expect(told).to_contain_text({"en": "remote acts", "zh": "管理处不能远程操作"}[language])
        expect(booth.locator("#gate")).to_contain_text({"en": "✓ clock -0.2 s", "zh": "✓ 时钟 -0.2 s"}[language])
        assert told.evaluate("it => it.scrollHeight <= it.clientHeight"), language


def test_a_plate_is_corrected_by_keys_and_the_key_of_a_province(booth: Page, gate: Gate) -> None:
    gate.tell(REFERRED)
    booth.locator("#refers li.refer").wait_for()
    type_letters(booth, "af")
    plate = booth.get_by_label("您看到的车牌")
    expect(plate).to_have_value("粤B12D45")
    booth.get_by_role("button", name="湘").click()
    expect(plate).to_have_value("湘B12D45")
    plate.fill("湘B12045")
    booth.keyboard.press("Enter")
    expect(booth.locator("#reply")).to_contain_text("更正车牌：已执行")
    assert [(request.act, request.choice) for request in gate.asked] == [("correct", "湘B12045")]


def test_alarms_are_one_key_away_and_read_out_where_that_is_chosen(booth: Page, desk: Desk, gate: Gate) -> None:
    booth.add_init_script("globalThis.told = []; speechSynthesis.speak = (words) => told.push(words.text)")
    booth.goto(desk.url + "look/spoken/on")
    booth.wait_for_load_state("load")
    gate.tell(gate.view((alarm("gate_crash"),)))
    expect(booth.locator("#alarms-tab")).to_contain_text("告警 1")
    gate.tell(REFERRED)
    booth.locator("#refers li.refer").wait_for()
    assert booth.evaluate("told") == ["闯杆", "入口、粤B12D45"]
    type_letters(booth, "z")
    expect(booth.get_by_role("button", name="我已看到")).to_be_visible()
    gate.tell(gate.view((replace(alarm("gate_crash"), acknowledged_by="张*"),)))
    expect(booth.locator("#alarms-tab")).to_contain_text("告警 0")
    expect(booth.locator("#alarms li")).to_have_count(1)


def test_nothing_moves_under_the_finger(booth: Page, gate: Gate) -> None:
    gate.tell(replace(REFERRED, waiting_since_mono=time.monotonic() - 60))
    expect(booth.locator("#refers li.refer")).to_have_count(1)
    gate.tell(lane_view("out-1", state="referred", outcome="refer", reason="unread", passage="p2"))
    second = booth.locator('#refers [data-key="p2"]')
    act = second.get_by_role("link", name="拒绝")
    act.focus()
    before = act.bounding_box()
    gate.tell(lane_view("in-1", state="idle"))
    expect(booth.locator('#refers [data-key="p1"]')).to_have_class("refer gone")
    gate.tell(lane_view("out-1", state="referred", outcome="refer", reason="unread", passage="p2", shown="新"))
    expect(second).to_contain_text("新")
    expect(second.get_by_role("link", name="拒绝")).to_be_focused()
    assert before is not None
    there = before["x"]
    # While it is exchanged for its new self it has no box.
    wait_until(lambda: (box := act.bounding_box()) is not None and box["x"] == there, what="the act to stand where it stood")
    expect(booth.locator("#reply")).to_be_empty()


def test_the_page_says_when_it_is_stale_and_does_nothing_then(booth: Page, desk: Desk, gate: Gate) -> None:
    stale = booth.locator("#stale")
    display = booth.context.new_page()
    display.goto(desk.url + "display/in-1")
    expect(display.locator("#clock")).not_to_be_empty()
    expect(stale).not_to_be_visible()
    log = booth.context.new_page()
    log.goto(desk.url + "duty")
    log.fill("main [name=text]", "two cars")
    desk.pause()
    paused = time.monotonic()
    expect(stale).to_be_visible()
    assert time.monotonic() - paused < 6
    expect(display.locator("#stale")).to_contain_text("请联系保安")
    expect(log.locator("#stale")).to_be_visible()
    log.get_by_role("button", name="记下").click()
    booth.get_by_role("link", name="开闸一次").first.click()
    type_letters(booth, "ao")
    assert not booth.evaluate("import('/static/acts.js').then(acts => acts.comingAct())"), "no act is on its way"
    desk.resume()
    expect(stale).not_to_be_visible()
    expect(log.locator("#stale")).not_to_be_visible()
    expect(booth.locator("dialog")).not_to_be_visible()
    expect(log.locator("main [name=text]")).to_have_value("two cars")
    assert (log.url, gate.asked) == (f"{desk.url}duty", [])


def test_the_page_says_when_the_gate_is_away_and_comes_back(booth: Page, gate: Gate) -> None:
    gate.stop()
    expect(booth.locator("#honesty .away")).to_be_visible()
    gate.start()
    expect(booth.locator("#honesty .live")).to_be_visible()
    gate.tell(lane_view("in-1", state="held_open"))
    expect(booth.locator("#lane-in-1")).to_contain_text("常开")


def test_live_pictures_only_while_somebody_looks(booth: Page, gate: Gate, eyes: Eyes) -> None:
    picture = booth.locator('img[data-camera="camera-in"]')
    expect(picture).to_be_visible()
    wait_until(lambda: let_the_page_work(booth) and picture.evaluate("image => image.naturalWidth") == 64, what="a picture")
    first = str(picture.get_attribute("src"))
    wait_until(lambda: let_the_page_work(booth) and picture.get_attribute("src") != first, what="the next picture")
    booth.goto(booth.url + "devices")
    expect(booth.get_by_role("table")).to_be_visible()
    asked = len(eyes.asked)
    expect(booth.locator("#clock")).not_to_have_text(booth.locator("#clock").inner_text())
    assert len(eyes.asked) <= asked + 1


def let_the_page_work(page: Page) -> bool:
    return bool(page.evaluate("new Promise(done => requestAnimationFrame(() => done(true)))"))


def test_the_language_changes(booth: Page) -> None:
    booth.get_by_role("link", name="English").click()
    expect(booth.get_by_role("heading", name="Waiting for you")).to_be_visible()
    assert booth.locator("html").get_attribute("lang") == "en"
    booth.get_by_role("link", name="中文").click()
    expect(booth.get_by_role("heading", name="等您处理")).to_be_visible()


def test_hostile_names_run_nothing(booth: Page, gate: Gate) -> None:
    hostile = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    booth.on("dialog", lambda dialog: pytest.fail(f"a name was run: {dialog.message}"))
    candidate = CandidateView(hostile, hostile, hostile, hostile, {"zh": hostile, "en": hostile}, (1,))
    view = replace(REFERRED, name=hostile, shown=hostile, plate=hostile, colour=hostile, passage='p"<', candidates=(candidate,))
    gate.tell(replace(view, values={"shown": hostile, "near": hostile}))
    gate.tell(FeedLine(9, time.time(), "in-1", hostile, hostile, {}, hostile, hostile, hostile, hostile, 1.0, hostile))
    gate.tell(gate.view((alarm(hostile, identity=hostile),)))
    expect(booth.locator("#feed")).to_contain_text("<script>alert(2)</script>")
    type_letters(booth, "aj")
    expect(booth.locator("dialog .subject")).to_contain_text("onerror")
    assert booth.locator("img:not([data-camera])").count() == 0
    assert booth.locator("script:not([src])").count() == 0


def test_an_act_without_a_script_is_two_steps(chromium: Browser, desk: Desk, gate: Gate) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(desk.url)
    page.fill("#badge", BADGE)
    page.fill("#pin", PIN)
    page.get_by_role("button").click()
    page.get_by_role("link", name="开闸一次").first.click()
    page.get_by_role("button", name="测试或维修").click()
    expect(page.get_by_role("status").last).to_contain_text("已执行")
    page.reload()
    assert len(gate.asked) == 1, "loading the reply again asks nothing again"
    page.go_back()
    expect(page.get_by_role("button", name="测试或维修")).to_be_visible()
    assert page.locator("[name=request]").input_value() != gate.asked[0].request, "the way back leads to a fresh form"
    context.close()


@pytest.mark.parametrize("size", [(1280, 800), (1024, 768), (800, 1280)])
def test_every_open_button_is_in_sight(booth: Page, gate: Gate, size: tuple[int, int]) -> None:
    booth.set_viewport_size({"width": size[0], "height": size[1]})
    gate.tell(REFERRED)
    expect(booth.locator("#lane-in-1")).to_contain_text("待核实")
    for button in booth.locator(".lane .act").all()[:2]:
        expect(button).to_be_in_viewport(ratio=1)
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 48
    if size[0] < 1200:
        expect(booth.locator("#waiting")).not_to_be_visible()
        booth.get_by_role("link", name="等您处理 (1)").click()
    expect(booth.locator("#waiting").get_by_role("link", name="拒绝")).to_be_in_viewport(ratio=1)


def test_the_page_stays_small_on_a_busy_day(booth: Page, gate: Gate) -> None:
    for seq in range(1000):
        told = FeedLine(
            seq, time.time(), "in-1", "grant", "access_ok", {"holder": "李*"}, f"粤B·{seq:05d}", "plate", "", "", 2.0, f"q{seq}"
        )
        gate.tell(told)
    expect(booth.locator("#feed li").first).to_contain_text("粤B·00999")
    assert booth.evaluate("document.querySelectorAll('*').length") < 2000
    line_ends = """() => { const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT); let count = 0;
        while (texts.nextNode()) count += /^\\s*\\n\\s*$/.test(texts.currentNode.data); return count; }"""
    assert booth.evaluate(line_ends) < 5, "the ends of the templates' lines are no nodes of the page"
