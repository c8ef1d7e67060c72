"""What a guard can say of who stands at a lane, over plain HTTP: what is asked of the gate, and what the pages show of it."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import httpx

from access.contract.booth_records import CategoryAtBooth, SettingsAtBooth, Worded
from access.entries import Decided, EvidenceKept, PassageEnded
from access.identifiers import uuid7
from edge.booth_messages import RegisteredView
from edge.places import Places, picture_in
from tests.edge.desk.post import Post, post
from tests.edge.desk.wire import GUARD_ID, SECOND_ID, SITE_ID, Eyes, Gate, jpeg, lane_view, press, see

__all__ = ["post"]

ASKED = lane_view(
    "out-1",
    state="referred",
    outcome="refer",
    reason="similar",
    values={"shown": "粤A·D12345", "near": "粤A·D12346", "holder": "王*", "unit": "5-902"},
    medium="plate",
    plate="粤AD12345",
    shown="粤A·D12345",
    passage="p2",
    subject="s1",
    capture_id="c2",
    plate_capture="c1",
)
UNREAD = lane_view("in-1", state="referred", outcome="refer", reason="unread", passage="p1")


def asked(gate: Gate, *fields: str) -> tuple[Any, ...]:
    """Return these fields of the one request that the gate was asked."""
    (request,) = gate.asked
    return tuple(getattr(request, field) for field in fields)


# --- the plate, and none ---------------------------------------------------------------------------


def test_the_plate_is_corrected(guard: httpx.Client, gate: Gate) -> None:
    gate.tell(ASKED)
    see(guard, "/lanes/out-1/correct?passage=p2")
    form = guard.get("/lanes/out-1/correct?passage=p2").text
    assert 'value="粤AD12345"' in form
    assert "摄像机读到的原文保留" in form
    assert "已执行" in press(guard, "/lanes/out-1/correct?passage=p2", plate=" 粤a·d12346 ").text
    assert asked(gate, "act", "passage", "choice", "reason") == ("correct", "p2", "粤AD12346", "misread")


def test_another_province_is_one_key_also_without_a_script(guard: httpx.Client, gate: Gate) -> None:
    gate.tell(ASKED)
    see(guard, "/lanes/out-1/correct?passage=p2")
    answer = press(guard, "/lanes/out-1/correct?passage=p2", plate="粤AD12345", province="湘")
    assert 'value="湘AD12345"' in answer.text
    assert gate.asked == []
    assert "请输入您看到的车牌" in press(guard, "/lanes/out-1/correct?passage=p2", plate=" · ").text
    assert gate.asked == []


def test_a_denied_vehicle_may_have_another_plate(guard: httpx.Client, gate: Gate) -> None:
    gate.tell(replace(ASKED, state="denied", outcome="deny"))
    page = see(guard, "/lanes/out-1/correct?passage=p2")
    assert "/lanes/out-1/decide_again?passage=p2" in page
    assert "无人等候" in page


def test_a_vehicle_without_a_plate_is_let_in_by_what_it_is(guard: httpx.Client, gate: Gate) -> None:
    gate.tell(UNREAD)
    assert "更正车牌" in see(guard, "/lanes/in-1/unplated?passage=p1")
    answer = press(guard, "/lanes/in-1/unplated?passage=p1", reason="known", colour="red")
    assert "请选择是什么车" in answer.text
    assert 'value="red" data-letter="R"\n        checked' in answer.text, "what was chosen stays"
    assert gate.asked == []
    press(guard, "/lanes/in-1/unplated?passage=p1", reason="known", vehicle_class="tricycle", colour="red")
    fields = asked(gate, "act", "passage", "choice", "vehicle_class", "colour", "reason")
    assert fields == ("admit", "p1", "", "tricycle", "red", "known")


def test_a_vehicle_with_a_plate_is_not_one_without(guard: httpx.Client, gate: Gate) -> None:
    gate.tell(ASKED)
    page = see(guard, "/lanes/out-1/correct?passage=p2")
    assert "/unplated" not in page
    assert "/visitors/new" not in page, "nobody comes to visit at an exit"
    gate.tell(UNREAD)
    assert "粤AD12345" not in see(guard, "/visitors/new?passage=p1&amp;lane=in-1").partition("/visitors/new")[2][:60]


# --- goods ------------------------------------------------------------------------------------------


def test_a_lane_that_waits_for_goods(guard: httpx.Client, gate: Gate) -> None:
    gate.tell(replace(ASKED, waiting_for_goods=True))
    page = see(guard, "/lanes/out-1/nothing_carried?passage=p2")
    assert page.index("/goods?passage=p2&amp;lane=out-1") < page.index("/lanes/out-1/admit?passage=p2"), "the slip comes first"
    assert "您已查看" in guard.get("/lanes/out-1/nothing_carried?passage=p2").text
    press(guard, "/lanes/out-1/nothing_carried?passage=p2")
    assert asked(gate, "act", "passage", "choice") == ("nothing_carried", "p2", "s1")


def test_a_vehicle_is_marked_as_loading(guard: httpx.Client, gate: Gate) -> None:
    gate.tell(ASKED)
    assert "/nothing_carried" not in see(guard, "/lanes/out-1/mark_loading?passage=p2")
    press(guard, "/lanes/out-1/mark_loading?passage=p2")
    assert asked(gate, "act", "choice") == ("mark_loading", "s1")


def test_who_has_gone_is_marked_no_more(guard: httpx.Client, gate: Gate) -> None:
    gate.tell(ASKED)
    see(guard, "/lanes/out-1/mark_loading?passage=p2")
    assert "已不在等候" in guard.get("/lanes/out-1/mark_loading?passage=p0").text


# --- taking back --------------------------------------------------------------------------------------


def test_turning_away_is_undone_by_who_did_it(guard: httpx.Client, gate: Gate) -> None:
    soon = time.monotonic() + 60
    turned = replace(ASKED, state="denied", outcome="deny", undo_act="refuse", undo_until_mono=soon)
    gate.tell(replace(turned, undo_guard=str(SECOND_ID), shown="another's"))
    see(guard, "已拒绝")
    assert "/lanes/out-1/undo" not in guard.get("/").text
    gate.tell(replace(turned, undo_guard=str(GUARD_ID)))
    page = see(guard, "/lanes/out-1/undo?passage=p2")
    assert 'data-key="p2"' in page, "it stays where it was"
    assert "/lanes/out-1/refuse" not in page
    press(guard, "/lanes/out-1/undo?passage=p2")
    assert asked(gate, "act", "passage", "reason") == ("undo", "p2", "")


def test_what_a_lane_was_set_to_is_undone_in_its_place(guard: httpx.Client, gate: Gate) -> None:
    soon = time.monotonic() + 60
    set_now = {"undo_act": "hold_closed", "undo_guard": str(GUARD_ID), "undo_until_mono": soon}
    gate.tell(lane_view("in-1", mode="held_closed", state="held_closed", **set_now))
    place = see(guard, "/lanes/in-1/undo").partition('id="acts-in-1"')[2].partition("</ul>")[0]
    assert "undo" in place.partition('data-key="more"')[2]
    gate.tell(lane_view("in-1", mode="held_closed", state="held_closed", **set_now | {"undo_until_mono": soon - 70}))
    assert "/undo" not in see(guard, "/lanes/in-1/resume")


# --- opening by hand ----------------------------------------------------------------------------------


def test_the_sites_own_reasons_stand_beside_ours(guard: httpx.Client, gate: Gate, post: Post) -> None:
    reasons = (Worded(code="waste", zh="垃圾清运", en="waste collection"), Worded(code="test", zh="试", en="try"))
    category = CategoryAtBooth(code="guest", zh="访客", en="guest")
    post.told(SettingsAtBooth(id=SITE_ID, categories=(category,), opening_reasons=reasons))
    form = see(guard, "垃圾清运", "/lanes/in-1/open_once")
    assert form.count('value="test"') == 1
    assert 'name="reason" value="waste" class="act" data-letter="A"' in form
    press(guard, "/lanes/in-1/open_once", reason="waste")
    assert asked(gate, "reason", "words") == ("waste", "垃圾清运")
    assert "垃圾清运" not in guard.get("/lanes/in-1/hold_closed").text


# --- pictures -----------------------------------------------------------------------------------------


def test_the_plate_as_photographed_stands_beside_the_one_on_record(guard: httpx.Client, gate: Gate, eyes: Eyes) -> None:
    registered = RegisteredView("c9", "plate", "粤A·D12346", "王*", "5-902")
    gate.tell(replace(ASKED, registered=registered))
    page = see(guard, "/lanes/out-1/plate.jpg?passage=p2")
    assert 'aria-label="粤A·D12346"' in page
    assert guard.get("/lanes/out-1/plate.jpg?passage=p2").status_code == 204, "these eyes remember none"
    assert "crop:c1" in eyes.asked, "the plate where it was read, which may be before the vehicle stood here"
    assert guard.get("/lanes/out-1/plate.jpg?passage=p0").status_code == 204
    assert guard.get("/lanes/nowhere/now.jpg?passage=p2").status_code == 204


def test_the_entrance_is_found_in_the_journal(guard: httpx.Client, gate: Gate, post: Post, places: Places) -> None:
    since = int(time.time())
    capture = str(uuid7(datetime.now(UTC), b"0123456789"))
    digest = sha256(jpeg()).hexdigest()
    passage = str(UUID(int=7))
    post.write(Decided("grant", "access_ok", "plate", "camera-in", 7, "in", capture=capture), passage=passage)
    post.write(EvidenceKept(capture, digest, len(jpeg()), "camera-in"), passage=passage)
    post.write(PassageEnded("passed", "in", facts=(("set", "at:s1", ["site", since]),), plate="粤AD12345"), passage=passage)
    path = picture_in(places.evidence, digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(jpeg())
    gate.tell(replace(ASKED, inside_since_utc=float(since), capture_id=capture))
    see(guard, "/lanes/out-1/entrance.jpg?passage=p2")
    for name in ("entrance", "now"):
        answer = guard.get(f"/lanes/out-1/{name}.jpg?passage=p2")
        assert answer.content == jpeg()
        assert answer.headers["cache-control"] == "private, max-age=60"
    assert httpx.get(str(guard.base_url) + "lanes/out-1/entrance.jpg?passage=p2").status_code == 303
