"""Duty at the booth: shift, log, incidents, rounds and handover, on the running desk program with a gate that writes."""

import hashlib
import json
import re
import time
from contextlib import closing
from uuid import UUID, uuid4

import httpx
import pytest
from playwright.sync_api import Page, expect

from access.contract.booth_records import (
    NoticeAtBooth,
    RouteAtBooth,
    SettingsAtBooth,
    ShiftAtBooth,
    StopAtBooth,
    Worded,
)
from access.entries import EvidenceKept
from edge.booth_messages import GuardReply
from edge.places import Places, picture_in
from edge.store.acts import ActsReader
from tests.edge.desk.post import Post, post
from tests.edge.desk.wire import (
    BADGE,
    PIN,
    SECOND_BADGE,
    SECOND_PIN,
    Desk,
    Gate,
    form_token,
    guard_record,
    hidden_field,
    jpeg,
    second_record,
    sign_in,
    write_snapshot,
)
from tests.waiting import wait_until

__all__ = ["post"]

pytestmark = pytest.mark.programs

SHIFT, ROUTE = UUID(int=0x51), UUID(int=0x52)
LEADER_BADGE, LEADER_PIN, LEADER_ID = "1009", "8642", UUID("0190b6a0-0000-7000-8000-000000000009")


def shift(identity: UUID = SHIFT, state: str = "planned", badge: str = BADGE) -> ShiftAtBooth:
    now = int(time.time())
    told = {"post": "东门岗", "guard": badge, "guard_name": "张*", "day": "2026-03-02", "name": "白班", "changed_at": now}
    return ShiftAtBooth(id=identity, number="D-1", state=state, begins=now - 600, ends=now + 3600, **told)


def settings() -> SettingsAtBooth:
    equipment = (Worded(code="radio", zh="对讲机", en="radio"), Worded(code="torch", zh="手电", en="torch"))
    return SettingsAtBooth(id=UUID(int=0x54), categories=(), equipment=equipment, posts=("东门岗",))


def route() -> RouteAtBooth:
    stops = (
        StopAtBooth(point=UUID(int=0x61), code="04A1B2", name="北门", place="围墙", minutes=10),
        StopAtBooth(point=UUID(int=0x62), code="04A1B3", name="车库", minutes=20),
    )
    return RouteAtBooth(id=ROUTE, name="夜巡", stops=stops)


@pytest.fixture
def leader(gate: Gate, places: Places, guard: httpx.Client) -> None:
    """A shift leader is on record beside the two guards."""
    record = guard_record(LEADER_BADGE, LEADER_PIN, "王*", guard=LEADER_ID) | {"leader": True}
    gate.snapshot = str(write_snapshot(places.snapshots / "8.snapshot", [guard_record(), second_record(), record]))
    gate.journal_seq += 1
    gate.tell(gate.view())
    wait_until(lambda: f"<dd>{gate.journal_seq}</dd>" in guard.get("/devices").text, what="the leader on record")


def fill(client: httpx.Client, page: str, action: str, **fields: str) -> httpx.Response:
    """Send the form of a page that goes to `action`, with its hidden fields."""
    html = client.get(page).text
    found = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', html, re.DOTALL)
    assert found, f"no form for {action} on {page}: {html}"
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', found[0]))
    return client.post(action, data=hidden | fields, follow_redirects=True)


def done(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    assert "已完成" in answer.text or "✓" in answer.text
    return answer.text


def test_signing_in_offers_the_planned_shift_and_is_written_down(desk: Desk, post: Post) -> None:
    post.told(shift(), settings(), NoticeAtBooth(id=uuid4(), title="停水通知", text="今晚", valid_from=0))
    with httpx.Client(base_url=desk.url) as client:
        sign_in(client, pin="0000")
        answer = sign_in(client)
        assert answer.headers["location"] == "/duty/shift"
        page = client.get("/duty/shift").text
        assert "东门岗" in page
        assert "停水通知" in page
        assert "输错密码 1 次" in page
        taken = fill(client, "/duty/shift", f"/duty/shift/{SHIFT}")
        assert "您正在当班" in done(taken)
        again = client.post(f"/duty/shift/{SHIFT}", data={"token": form_token(page), "request": hidden_field(page, "request")})
        assert again.status_code in (303, 422)
        client.post("/sign-out", data={"token": form_token(page)})
    written = [(act.kind, act.act, act.values.get("failures")) for act in post.acted]
    assert written[:2] == [("duty", "sign_in", 1), ("shift", "GuardSignedIn", None)]
    assert written[-1] == ("duty", "sign_out", None)
    assert all(PIN not in json.dumps([act.values, act.details], default=str) + act.words for act in post.acted)


def test_the_log_is_written_corrected_and_filtered(guard: httpx.Client, gate: Gate, post: Post, places: Places) -> None:
    post.told(settings())
    text = "<b>两辆车</b>剐蹭"
    typed = {"kind": "order", "text": text, "told": "王班长、李主管", "camera": "camera-in"}
    assert "&lt;b&gt;两辆车" in done(fill(guard, "/duty", "/duty/notes", **typed))
    entry = post.acted[-1]
    assert (entry.words, entry.details, entry.camera) == (text, {"told": ["王班长", "李主管"]}, "camera-in")
    assert entry.values == {"post": "east", "entry_kind": "order", "corrects": None}
    assert fill(guard, "/duty", "/duty/notes", kind="order", text=" ").status_code == 422
    assert fill(guard, "/duty", "/duty/notes", kind="made-up", text="x").status_code == 422
    gate.keep = lambda act: GuardReply(act.request, accepted=False, refusal="not_written")
    refused = fill(guard, "/duty", "/duty/notes", kind="fire", text="灭火器过期")
    assert (refused.status_code, "灭火器过期" in refused.text) == (422, True)  # nobody types it twice
    gate.keep = post.answer
    (address,) = set(re.findall(r'src="(/duty/pictures/\w+)"', guard.get("/duty").text))
    assert guard.get(address).status_code == 204
    keep_picture(post, places)
    assert guard.get(address).content == jpeg()
    corrected = done(fill(guard, f"/duty/notes/{entry.identity}", "/duty/notes", text="三辆车"))
    assert "已被后面一条更正" in corrected
    assert "三辆车" in guard.get("/duty?kind=order").text
    assert "三辆车" not in guard.get("/duty?kind=fire").text
    assert "三辆车" not in guard.get("/duty?days=yesterday").text


def keep_picture(post: Post, places: Places) -> None:
    """Let the picture of the only act with one come."""
    with closing(ActsReader(places.journal)) as reader:
        (capture,) = [act.body.capture for act in reader.after(0, 100)[0] if act.body.capture]
    sha256 = hashlib.sha256(jpeg()).hexdigest()
    path = picture_in(places.evidence, sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(jpeg())
    post.write(EvidenceKept(capture, sha256, len(jpeg()), "camera-in"))


def test_an_incident_is_reported_followed_up_closed_and_opened_again(guard: httpx.Client, post: Post) -> None:
    post.told(settings())
    missing = fill(guard, "/duty/incidents/new", "/duty/incidents", kind="theft", place="车库", text=" ")
    assert missing.status_code == 422
    assert 'value="车库"' in missing.text
    page = done(fill(guard, "/duty/incidents/new", "/duty/incidents", kind="theft", place="车库", text="电瓶被盗", told="派出所"))
    identity = post.acted[-1].identity
    assert "电瓶被盗" in page
    assert "电瓶被盗" not in json.dumps(dict(post.acted[-1].values), ensure_ascii=False)  # what may tell a person is salted
    place = f"/duty/incidents/{identity}"
    assert "民警已到" in done(fill(guard, place, f"{place}/follow-up", text="民警已到", camera="camera-in"))
    assert "车库" in guard.get("/duty").text
    assert fill(guard, place, f"{place}/close", text="").status_code == 422
    assert "已结" in done(fill(guard, place, f"{place}/close", text="已移交"))
    assert "重新跟进" in done(fill(guard, place, f"{place}/reopen", text="又丢一块"))
    assert [act.act for act in post.acted][-4:] == ["IncidentReported", "EntryAdded", "IncidentClosed", "IncidentReopened"]


def test_a_round_by_scanned_and_typed_tags(booth: Page, desk: Desk, guard: httpx.Client, post: Post) -> None:
    post.told(settings(), route())
    booth.goto(f"{desk.url}duty/rounds")
    tag = route().stops[1].point
    assert "请先开始巡查" in guard.get(f"/duty/rounds?point={tag}").text
    booth.get_by_role("button", name="夜巡").click()
    expect(booth.locator(".said").last).to_contain_text("北门")
    booth.wait_for_load_state("load")
    booth.evaluate("document.dispatchEvent(new CustomEvent('scanned', {detail: '04A1B2', cancelable: true}))")
    expect(booth.locator(".points .visited")).to_have_count(1)
    place = f"/duty/rounds/{post.acted[-1].identity}"
    assert 'value="04A1B3"' in guard.get(f"/duty/rounds?point={tag}").text  # scanned on any page: one press is left
    unknown = fill(guard, place, f"{place}/visit", code="99")
    assert (unknown.status_code, "不在本次巡查路线上" in unknown.text) == (422, True)
    assert "漏巡" in fill(guard, place, f"{place}/end").text
    booth.fill("#remark", "车库锁着")
    booth.get_by_role("button", name="结束巡查").click()
    expect(booth.locator(".said").last).to_contain_text("漏巡 1 个点")
    acts = [(act.act, act.values.get("code", "")) for act in post.acted if act.kind == "round"]
    assert acts == [("begin", ""), ("visit", "04A1B2"), ("end", "")]


def looked_at(html: str) -> dict[str, str]:
    """Choose for every item what the system expects, or say what is there."""
    codes = re.findall(r'name="found-([\w.]+)"', html)
    known = set(re.findall(r'name="how-([\w.]+)" value="expected"', html))
    chosen = {f"how-{code}": "expected" if code in known else "differs" for code in codes}
    return chosen | {f"found-{code}": "齐" for code in codes if code not in known}


@pytest.mark.usefixtures("leader")
def test_a_handover_from_the_sheet_to_the_countersignature(guard: httpx.Client, post: Post) -> None:
    post.told(settings())
    assert 'href="/duty/shift" data-page-key="M"' in guard.get("/handover").text, "with nobody on duty it is no dead end"
    post.told(shift(), settings())
    post.change(("set", "held:0190b6a0-0000-7000-8000-0000000000aa", ["in-1", 1]))
    fill(guard, "/duty/shift", f"/duty/shift/{SHIFT}")
    place = f"/handover/{SHIFT}"
    page = done(fill(guard, "/handover", f"{place}/begin"))
    sheet = {item["code"]: item["expected"] for item in post.acted[-1].values["items"]}
    assert (sheet["duplicates"], sheet["equipment.radio"], sheet["keys"], sheet["devices"]) == ("1", "ok", "", "ok")
    signed = {"badge": BADGE, "pin": PIN}
    assert fill(guard, place, f"{place}/sign/guard", **signed).status_code == 422  # nothing is skipped silently
    wrong = looked_at(page) | {"how-duplicates": "differs", "found-duplicates": "0"}
    answer = fill(guard, place, f"{place}/check", **wrong)
    assert answer.status_code == 422
    radio = fill(guard, place, f"{place}/check", **{"how-equipment.radio": "differs", "found-equipment.radio": "坏了"})
    assert "“对讲机”与记录不符" in radio.text
    assert re.search(r'name="word-duplicates"[^>]* autofocus', answer.text)  # far below the fold
    assert "found-refers" in answer.text
    checked = sum(act.act == "ItemChecked" for act in post.acted)
    both = {"how-slips": "expected", "found-slips": "7", "word-slips": ""}
    assert fill(guard, place, f"{place}/check", **both).status_code == 422  # the one or the other
    assert sum(act.act == "ItemChecked" for act in post.acted) == checked
    page = done(fill(guard, place, f"{place}/check", **wrong | {"word-duplicates": "工人带走了副证"}))
    assert "请在下面签字" in page
    relief = {"badge": SECOND_BADGE, "pin": SECOND_PIN}
    assert "须先由班长决定" in done(fill(guard, place, f"{place}/refuse", code="keys", reason="少一把", **relief))
    assert fill(guard, place, f"{place}/decide", reason="补配", **relief).status_code == 422
    leads = {"badge": LEADER_BADGE, "pin": LEADER_PIN}
    done(fill(guard, place, f"{place}/decide", reason="补配", **leads))
    done(fill(guard, place, f"{place}/missed", reason="电话不通"))
    done(fill(guard, place, f"{place}/decide", reason="留守", **leads))
    page = done(fill(guard, place, f"{place}/for/relief", reason="未到岗", **leads))
    assert "代接班人签字" in page
    assert "未到岗" in page
    assert fill(guard, place, f"{place}/sign/relief", **signed).status_code == 422  # nobody relieves himself
    assert "班长 王*" not in done(fill(guard, place, f"{place}/sign/relief", **relief))  # who comes after all
    assert "请班长签字" in done(fill(guard, place, f"{place}/sign/guard", **signed))
    assert "班长已签字" in done(fill(guard, place, f"{place}/sign/leader", **leads))
    paper = guard.get(f"{place}/sheet").text
    assert all(text in paper for text in ("工人带走了副证", "少一把", "补配", "张*", "陈*", "王*"))
    assert {act.guard for act in post.acted if act.kind == "shift"} == {BADGE, SECOND_BADGE, LEADER_BADGE}
    secrets = (PIN, SECOND_PIN, LEADER_PIN)
    written = json.dumps([[act.values, act.details, act.words] for act in post.acted], default=str)
    assert not any(pin in written for pin in secrets)
