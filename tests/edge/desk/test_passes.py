"""The board of contractor passes as a guard uses it: in, out, and whatever is wrong with a pass, all written down once."""

import re
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from playwright.sync_api import Page, expect

from access.contract.booth_records import GateAtBooth
from tests.edge.desk.contractors import NOW, OTHER, PASS, PERMIT, pass_told, permit_told
from tests.edge.desk.post import Post, post
from tests.edge.desk.wire import form_token, hidden_field

__all__ = ["post"]
HELD, MOVED = f"held:{PASS}", f"transfer:{PASS}"
PLACE = f"/passes/{PASS}"


@pytest.fixture
def told(post: Post, guard: httpx.Client) -> Post:
    guard.cookies.set("lang", "en")
    other = pass_told(OTHER, "P-0043", name="周*", initials="zj", phone_tail="1234", firm="", units=("5-902",))
    post.told(pass_told(), other, permit_told())
    return post


def acts_of(post: Post, name: str = "") -> list[dict[str, Any]]:
    """Return the values of the acts with passes that the gate was asked for."""
    return [dict(asked.values) for asked in post.acted if asked.kind == "pass" and name in ("", asked.act)]


def hidden_in(html: str) -> dict[str, str]:
    return {name: hidden_field(html, name) for name in ("token", "request", "after")}


def do(guard: httpx.Client, act: str, *, page: str = PLACE, **fields: Any) -> httpx.Response:
    html = guard.get(page).text
    return guard.post(f"{PLACE}/{act}", data={**hidden_in(html), **fields}, follow_redirects=True)


def comes_in(guard: httpx.Client) -> httpx.Response:
    return do(guard, "enter", original="true", duplicate=str(PASS))


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_in_and_out_again(told: Post, guard: httpx.Client) -> None:
    assert "May come in" in guard.get(PLACE).text
    assert guard.get(f"{PLACE}/photo.jpg").content.startswith(b"\xff\xd8")
    came = comes_in(guard)
    assert "In. Hang the duplicate on the board" in came.text
    assert f'id="hole-{PASS}"' in came.text
    assert "1 inside" in came.text
    assert "1 overdue" not in came.text
    [entered] = acts_of(told, "WorkerEntered")
    assert (entered["post"], entered["original"], entered["duplicate"]) == ("east", "P-0042-O", "P-0042-D")
    assert (entered["permit_state"], entered["permit_units"], entered["places_left"]) == ("active", ["3-1201"], 3)
    assert told.fact(HELD)[2:] == [f"permit:{PERMIT}"]  # type: ignore[index]
    assert "Inside" in guard.get(PLACE).text
    page = guard.get("/passes").text
    hole = re.search(r'name="hole" value="([^"]+)"', page)
    assert hole
    press = {"token": form_token(page), "request": hidden_field(page, "request"), "hole": hole[1]}
    for _ in range(2):  # a double click
        assert "Out. Give the duplicate back." in guard.post("/passes/leave", data=press, follow_redirects=True).text
    assert acts_of(told, "WorkerLeft") == [{"post": "east", "given_back": True}]
    assert told.fact(HELD) is None


def test_who_came_by_a_reader_and_left_by_the_booth_is_outside(told: Post, guard: httpx.Client) -> None:
    at = f"at:{OTHER}"
    told.told_more(pass_told(subject=OTHER))
    told.change(("set", HELD, ["in-1", NOW - 60, f"permit:{PERMIT}"]), ("set", at, ["yard", NOW - 60]))
    assert "Out." in do(guard, "leave").text
    assert told.fact(at)[0] == ""  # type: ignore[index]
    comes_in(guard)
    assert (told.fact(at), told.fact(HELD) is None) == (None, False)


def test_the_same_press_twice_is_one_entry(told: Post, guard: httpx.Client) -> None:
    html = guard.get(PLACE).text
    data = {**hidden_in(html), "original": "true", "duplicate": str(PASS)}
    answers = [guard.post(f"{PLACE}/enter", data=data, follow_redirects=True).text for _ in range(2)]
    assert all("In. Hang the duplicate" in answer for answer in answers)
    assert len(acts_of(told)) == 1


@pytest.mark.parametrize(
    ("record", "permit", "fields", "said"),
    [
        ({}, {}, {"original": "true"}, "the original is shown without its duplicate"),
        ({}, {}, {"original": "true", "duplicate": str(OTHER)}, "original P-0042-O and duplicate P-0043-D do not match"),
        ({}, {}, {"duplicate": str(PASS)}, "Ask for the original"),
        ({"valid_until": NOW - 60}, {}, {}, "the pass has expired: confiscate it"),
        ({"violations": ("3-1202",)}, {}, {}, "a violation is outstanding: 3-1202"),
        ({}, {"status": "revoked"}, {}, "the renovation permit is not in force: revoked"),
        ({}, {"units": ("5-902",)}, {}, "the permit does not cover 3-1201 any more"),
        ({"schedule": uuid4()}, {}, {}, "it is outside the working hours"),
        ({}, {"workers_max": 1}, {}, "as many workers are inside as the permit allows"),
        ({"state": "lost"}, {}, {}, "the pass was reported lost"),
    ],
)
def test_who_may_not_come_in_is_told_why(
    told: Post, guard: httpx.Client, record: dict[str, Any], permit: dict[str, Any], fields: dict[str, str], said: str
) -> None:
    told.change(("set", f"held:{OTHER}", ["another lane", NOW, f"permit:{PERMIT}"]))
    told.told_more(pass_told(**record), permit_told(**permit))
    if not fields:
        assert said in guard.get(PLACE).text
        fields = {"original": "true", "duplicate": str(PASS)}
    board = guard.get("/passes").text
    data = {"token": form_token(board), "request": str(uuid4()), **fields}
    answer = guard.post(f"{PLACE}/enter", data=data)
    assert answer.status_code == 422
    assert said in text_of(answer.text)
    assert acts_of(told) == []


def test_a_duplicate_that_hangs_at_another_post(told: Post, guard: httpx.Client) -> None:
    west = UUID(int=0x77)
    told.change(("set", HELD, [str(west), NOW - 60, f"permit:{PERMIT}"]))
    assert "The duplicate hangs at another post." in guard.get(PLACE).text
    told.told_more(GateAtBooth(id=UUID(int=0x78), name="West gate", posts=("post 2",), lanes=(west,)))
    assert "The duplicate hangs at post 2." in guard.get(PLACE).text
    assert "Leaving is only possible where the duplicate hangs" in guard.get(PLACE).text
    told.told_more(pass_told(leaves_anywhere=True))
    assert "it must be brought over" in do(guard, "leave").text
    assert told.fact(HELD) is None
    assert told.fact(MOVED) == [str(west), told.fact(MOVED)[1], "in-1"]  # type: ignore[index]
    assert "left here: the duplicate hangs at post 2" in guard.get("/passes").text
    assert "the duplicate is with its holder again" in do(guard, "back").text
    assert told.fact(MOVED) is None
    assert "May come in" in guard.get(PLACE).text
    told.change(("set", MOVED, ["in-1", NOW - 60, str(west)]))  # as the reader of that gate leaves it behind
    assert "left by post 2, the duplicate is still here" in guard.get("/passes").text
    assert "Left by post 2; the duplicate still hangs here." in guard.get(PLACE).text


def test_what_else_becomes_of_a_pass(told: Post, guard: httpx.Client) -> None:
    assert "Say what was wrong." in do(guard, "violation", reason="other").text
    assert "Noted." in do(guard, "violation", reason="wrong_unit", words="3-1202").text
    assert acts_of(told, "ViolationReported") == [{"what": "in a wrong unit: 3-1202"}]
    assert "a violation is outstanding: in a wrong unit: 3-1202" in guard.get(PLACE).text
    assert "Say why it is taken away." in do(guard, "confiscate").text
    assert 'value="not_holder" data-page-key="C"' in guard.get(PLACE).text
    assert "keep the original for the office" in do(guard, "confiscate", reason="not_holder").text
    assert acts_of(told, "PassConfiscated") == [{"reason": "whoever shows it is not the holder"}]
    assert "the pass was confiscated" in guard.get(PLACE).text
    assert "is not possible" in text_of(do(guard, "lost").text)  # the page told no such button any more


def test_two_guards_do_not_let_the_same_worker_in(told: Post, guard: httpx.Client) -> None:
    html = guard.get(PLACE).text
    assert "In. Hang" in comes_in(guard).text
    told.change(("drop", HELD, None))  # a lane has seen them leave
    data = {**hidden_in(html), "original": "true", "duplicate": str(PASS)}
    answer = guard.post(f"{PLACE}/enter", data=data, follow_redirects=True)
    assert "somebody else has changed this meanwhile" in answer.text


def test_the_board_is_counted(told: Post, guard: httpx.Client) -> None:
    told.change(("set", HELD, ["in-1", NOW - 60, f"permit:{PERMIT}"]), ("set", f"held:{OTHER}", ["in-1", NOW - 60]))
    page = guard.get("/passes/count").text
    assert "By the record 2 duplicates hang here." in page
    hidden = {name: hidden_field(page, name) for name in ("token", "request")}
    unknown = guard.post("/passes/count", data={**hidden, "others": "P-99"})
    assert (unknown.status_code, "No pass has this number: P-99" in unknown.text) == (422, True)
    guard.post("/passes/count", data={**hidden, "hangs": [str(PASS)]}, follow_redirects=True)
    assert sorted((one["found"], one["expected"]) for one in acts_of(told)) == [(False, True), (True, True)]
    assert (told.fact(HELD) is None, told.fact(f"held:{OTHER}")) == (False, None)


def test_whom_to_call_about_who_is_overdue_is_said_once_above_the_board(told: Post, guard: httpx.Client) -> None:
    told.told_more(*(pass_told(one, f"P-{one.int}", valid_until=NOW - 60) for one in (PASS, OTHER)))
    told.change(*(("set", f"held:{one}", ["in-1", NOW - 600]) for one in (PASS, OTHER)))
    calls = guard.get("/passes").text.partition('id="passes/overdue"')[2].partition("</ul>")[0]
    assert "2 overdue" in calls
    assert calls.count("tel:13800000000") == 1


@pytest.mark.parametrize("text", ["李", "LM", "6688", "宏达", "3-1201"])
def test_a_pass_is_found(told: Post, guard: httpx.Client, text: str) -> None:
    page = guard.post("/passes/find", data={"token": form_token(guard.get("/passes").text), "text": text})
    assert f'href="{PLACE}"' in page.text
    assert text not in str(page.url)


def test_a_number_opens_its_pass_and_nonsense_finds_nobody(told: Post, guard: httpx.Client) -> None:
    token = form_token(guard.get("/passes").text)
    assert guard.post("/passes/find", data={"token": token, "text": "p-0042"}).headers["location"] == PLACE
    assert "No pass fits" in guard.post("/passes/find", data={"token": token, "text": "<script>"}).text
    assert guard.get(f"/passes/{uuid4()}").status_code == 404


def test_with_a_scanner_and_with_keys(told: Post, booth: Page) -> None:
    told.told_more(pass_told(name="<b onclick=alert(1)>"))
    booth.goto(booth.url + f"passes/{PASS}")
    booth.context.add_cookies([{"name": "lang", "value": "en", "url": booth.url}])
    booth.reload()
    booth.wait_for_load_state("load")
    for part, box in (("P-0042-O", "Original seen"), ("P-0042-D", "Duplicate handed in")):
        booth.evaluate("part => document.dispatchEvent(new CustomEvent('scanned', {detail: part, cancelable: true}))", part)
        expect(booth.get_by_label(box)).to_be_checked()
        booth.wait_for_load_state("load")
    booth.keyboard.type("pi", delay=60)  # slower than a scanner
    expect(booth.get_by_role("status").filter(has_text="In. Hang")).to_be_visible()
    assert len(acts_of(told, "WorkerEntered")) == 1
    booth.evaluate("document.getElementById('scan-form').elements.text.value = 'P-0042-O'")
    booth.evaluate("document.getElementById('scan-form').requestSubmit()")
    expect(booth).to_have_url(re.compile(f"/passes#hole-{PASS}$"))
    expect(booth.get_by_role("button", name="Goes out")).to_be_focused()  # also after the board was sent anew
    booth.keyboard.press("Enter")
    expect(booth.get_by_role("status").filter(has_text="Out. Give")).to_be_visible()
    assert len(acts_of(told, "WorkerLeft")) == 1
