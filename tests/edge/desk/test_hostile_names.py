"""Whatever stands in a field or a record: nothing of it is executed, nothing breaks, it stands in no address and no log."""

import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from playwright.sync_api import Browser, Page

from access.contract.booth_records import SlipAtBooth, UnitAtBooth, VisitAtBooth
from access.contract.record_fields import Record
from edge.booth_messages import FeedLine
from edge.places import Places
from tests.edge.desk.contractors import pass_told
from tests.edge.desk.forms import form_of, read
from tests.edge.desk.house import COMING, LEADER_PIN, P_OUT, ROUTE, S_GOES, SHIFT, House, records
from tests.edge.desk.house import Browser as Client
from tests.edge.desk.post import Post, post
from tests.edge.desk.test_two_browsers import house, walk
from tests.edge.desk.wire import (
    BADGE,
    PIN,
    SECOND_BADGE,
    SECOND_PIN,
    Desk,
    Gate,
    guard_record,
    lane_view,
    second_record,
    see,
    write_snapshot,
)
from tests.sizes import sized

__all__ = ["house", "post"]

MARK = "Zq7"
HOSTILE = f"""{MARK}"'><x-evil onx=1></textarea><script>window.evil=1</script>{{{{31337*3}}}}{{% x %}}%(s)s\u202e🚪&lt;"""
ELEMENTS_MAX = 2000
# Secrets and choices are not words.
NOT_WORDS = {"badge", "pin", "code", "people", "phone_tail", "plate", "text", "carrier"}
ALONE = (
    *("/", "/devices", "/emergency", "/alarms", "/display/in-1", "/visitors", "/visitors/new", "/passes", "/passes/count"),
    *("/goods", "/goods/night", "/foot", "/duty", "/duty/shift", "/duty/rounds", "/duty/incidents/new", "/handover"),
)
IN_BROWSER = ("", "emergency", "visitors", "visitors/new", "passes", "goods", "foot", "duty", "handover")
LOOKED_FOR = (("visitors", "asked", "zhao"), ("passes", "text", "李"), ("goods", "text", "S-"), ("visitors/new", "to", "1"))


def hostile(text: str) -> str:
    """Return a text that breaks out of whatever it stands in, as long as a record may have it."""
    return f"{HOSTILE}{text}"[:200]


def evil_in(html: str) -> list[str]:
    """Return what a browser would execute of a page with a hostile text."""
    evil = [piece for piece in ("<x-evil", "<script>", "94011") if piece in html]
    tags = read(html).tags if MARK in html and sized(quick=False, soak=True) else []
    return evil + [f"<{name} {has}>" for name, has in tags if "onx" in has]


# --- texts ----------------------------------------------------------------------------------------


def test_hostile_texts_are_shown_as_they_are_and_stand_in_no_address(tmp_path: Path) -> None:
    house = House(tmp_path, hostile)
    browser, made, wrong = house.browser(), set[str](), list[str]()
    for step in walk(house):
        form, acted = step.form(browser), list(house.post.acted)
        typed = {name: f"{HOSTILE}{at}"[:80] for at, name in enumerate(form.typed) if _is_word(name, step.fields)}
        answer = browser.post(step.sent_to, step.data(form) | typed)
        wrong += [f"{step.sent_to}: {answer.status_code}"] if answer.status_code >= 500 else []
        wrong += [f"{step.sent_to}: {evil}" for evil in evil_in(answer.text)]
        if not house.post.acted[len(acted) :] and step.done:
            browser.post(step.sent_to, step.data(form))
        made.add(step.page)
    for path in sorted({*ALONE, *made, f"/handover/{SHIFT}/sheet"}):
        answer = browser.get(path)
        wrong += [f"{path}: {answer.status_code}"] if answer.status_code >= 500 else []
        wrong += [f"{path}: {evil}" for evil in evil_in(answer.text)]
    wrong += [f"address: {address}" for address in browser.addresses if MARK in unquote(address)]
    house.close()
    assert wrong == []
    assert any(MARK in asked.words for asked in house.post.acted), "it is kept as it was typed"
    logged = str(house.logged.entries)
    assert not [secret for secret in (MARK, PIN, SECOND_PIN, LEADER_PIN) if secret in logged]


def _is_word(name: str, entered: dict[str, Any]) -> bool:
    return name in entered and name not in NOT_WORDS and not name.startswith(("line-", "quantity-"))


# --- fields ---------------------------------------------------------------------------------------

WRONG = ("", "x", "-1", "9" * 40, "nan", "\x00", "0000", "٣")


def test_fields_that_hold_what_they_may_not_are_named_and_nothing_is_done(house: House) -> None:
    browser, wrong, seen = house.browser(), list[str](), set[tuple[str, str]]()
    for step in walk(house):
        form = step.form(browser)
        data, before = step.data(form), list(house.done)
        new = dict.fromkeys(name for name in form.typed if (step.route, name) not in seen and not _may_be_long(step.route, name))
        for name in new:
            seen.add((step.route, name))
            answer = browser.post(step.sent_to, data | {name: "好" * 1500, "token": data["token"]})
            is_told = answer.status_code == 422 and 'role="alert">' in answer.text
            wrong += [] if is_told else [f"{step.sent_to} {name}: {answer.status_code}"]
        for value in sized(quick=WRONG[:5:2], soak=WRONG):
            mixed = {name: value for name in data if not name.startswith(("how-", "found-", "word-"))}
            answer = browser.post(step.sent_to, mixed | {"token": data["token"]})
            wrong += [f"{step.sent_to} {value}: {answer.status_code}"] if answer.status_code >= 500 else []
        wrong += [f"{step.sent_to} has done {house.done[len(before) :]}"] if house.done != before else []
        browser.post(step.sent_to, data)
    assert wrong == []


def _may_be_long(route: str, name: str) -> bool:
    """Tell whether a long text is no fault: what is found by it, or lines and items, of which each is cut."""
    finds = ("/goods/find", "/visitors/scan", "/scan", "/passes/{identity}/scan", "/passes/find")
    lines = ("found-", "word-", "line-", "item-", "quantity-", "unit-", "remark-")
    return name.startswith(lines) or route in finds


def test_what_was_typed_stays_where_it_is_too_long(house: House) -> None:
    browser = house.browser()
    form = form_of(browser.get("/duty").text, "/duty/notes")
    answer = browser.post("/duty/notes", form.data(kind="order", text="好" * 501, told="Wang"))
    assert answer.status_code == 422
    assert "What happened?: at most 500 characters" in answer.text
    kept = form_of(answer.text, "/duty/notes")
    assert dict(kept.sends)["text"] == "好" * 501
    lines = "\r\n".join(["好" * 49] * 10)  # as a browser sends 499 characters of which nine end lines
    assert browser.post("/duty/notes", kept.data(text=lines)).status_code == 200
    assert house.done[-1] == "note"


@pytest.mark.parametrize("charset", ["utf-7", "unicode_escape", "none-such"])
def test_a_charset_that_hides_what_it_says(house: House, charset: str) -> None:
    browser = house.browser()
    form = form_of(browser.get("/duty").text, "/duty/notes")
    data = form.data(kind="order", text="a\\ud800+2AA-b\x00")
    body = "".join(f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in data.items())
    headers = {"content-type": f"multipart/form-data; boundary=b; charset={charset}"}
    answer = browser.post("/duty/notes", {}, content=f"{body}--b--\r\n".encode(), headers=headers)
    assert answer.status_code == 415
    assert house.done == ["sign_in"]


def test_what_no_keyboard_types_is_not_kept(house: House) -> None:
    """The registry could not store it, and would wait with all that comes after."""
    browser = house.browser()
    form = form_of(browser.get("/duty").text, "/duty/notes")
    browser.post("/duty/notes", form.data(kind="order", text="a\x00b\x07", told="W\x00ang"))
    assert (house.post.acted[-1].words, house.post.acted[-1].details) == ("ab", {"told": ["Wang"]})
    form = form_of(browser.get("/lanes/door-1/open_once").text, "/lanes/door-1/open_once")
    browser.post("/lanes/door-1/open_once", form.data(reason="other", words="c\x00d"))
    assert house.asked[-1].words == "cd"


# --- addresses ------------------------------------------------------------------------------------


def test_addresses_of_nothing_are_said_to_be_that(house: House) -> None:
    """Unknown ids, ids of other kinds, and no ids at all; what only takes forms is no page either."""
    browser, wrong = house.browser(language="zh"), list[str]()
    for route in iter_route_contexts(house.app.routes):
        path = str(route.path)
        if path.endswith("/live") or path in ("/live", "/static") or path.startswith(("/look", "/language")):
            continue
        for identity in (str(uuid4()), "x", *sized(quick=(), soak=(str(ROUTE), "%00", "'--", "..%2f..", "9" * 300))):
            answer = browser.get(re.sub(r"\{\w+\}", identity, path))
            wrong += [f"{path} {identity[:9]}: {answer.status_code}"] if answer.status_code >= 500 else []
            wrong += (
                [f"{path} {identity[:9]}: {answer.text}"] if re.search("Not Found|Not Allowed|Unprocess", answer.text) else []
            )
            if "{" not in path:
                break
    assert wrong == []
    assert house.done == ["sign_in"]


# --- a large post ---------------------------------------------------------------------------------


def large() -> list[Record]:
    now = int(time.time())
    window = {"valid_from": now - 3600, "valid_until": now + 3600, "changed_at": now - 3600}
    visits = [
        VisitAtBooth(
            id=UUID(int=0x20000 + at), number=f"V-{at}", name="Zhao", category="unannounced", party=2, **window, state=state
        )
        for at in range(300)
        for state in [("approved", "asked", "announced")[at % 3]]
    ]
    slips = [SlipAtBooth(id=UUID(int=0x30000 + at), number=f"S-{at}", state="approved", unit="1", **window) for at in range(100)]
    passes = [pass_told(UUID(int=0x40000 + at), f"P-{at}", photo="") for at in range(200)]
    units = [UnitAtBooth(id=UUID(int=0x50000 + at), label=f"{at // 100}-{at % 100}", initials="hty") for at in range(3000)]
    return [*records(), *visits, *slips, *passes, *units]


def test_no_page_of_a_large_post_has_too_many_elements(house: House) -> None:
    told = large()
    for at in range(0, len(told), 1500):
        house.post.told_more(*told[at : at + 1500])
    now = int(time.time())
    house.post.change(*(("set", f"held:{UUID(int=0x40000 + at)}", ["in-1", now - at]) for at in range(200)))
    house.post.change(*(("add", f"party:{UUID(int=0x20000 + at)}", 2) for at in range(100)))
    for at in range(sized(quick=300, soak=12_000)):
        house.booth.hear(FeedLine(at, now, "in-1", "granted", "", {}, f"粤B{at}", "plate", "Li", "1", 1.0, f"p{at}"))
    browser = house.browser()
    for note in range(sized(quick=3, soak=400)):
        form = form_of(browser.get("/duty").text, "/duty/notes")
        browser.post("/duty/notes", form.data(kind="order", text=f"{note}"))
    many = {path: count for path in ALONE if (count := read(browser.get(path).text).elements) > ELEMENTS_MAX}
    for place, name, wanted in LOOKED_FOR:
        many |= _found(browser, place, name, wanted)
    assert many == {}


def _found(browser: Client, place: str, name: str, text: str) -> dict[str, int]:
    form = next(form for form in read(browser.get(f"/{place}").text).forms if name in form.typed)
    address = "/visitors/new/look" if place == "visitors/new" else form.action
    count = read(browser.post(address, form.data(**{name: text})).text).elements
    return {address: count} if count > ELEMENTS_MAX else {}


# --- in a real browser ----------------------------------------------------------------------------


@pytest.mark.browser
def test_a_browser_executes_nothing_and_keeps_its_shape(gate: Gate, post: Post, booth: Page, desk: Desk) -> None:
    """Every page with hostile names, as narrow as a tablet: nothing runs, and nothing is wider than the page."""
    asked: list[str] = []
    booth.on("dialog", lambda dialog: asked.append(dialog.message))
    post.told(*records(hostile))
    post.change(("set", f"held:{P_OUT}", ["in-1", int(time.time()) - 60]), ("add", f"party:{COMING}", 2))
    told = {"plate": hostile("")[:8], "shown": HOSTILE, "passage": "p1"}
    gate.tell(lane_view("in-1", state="referred", outcome="refer", reason="unknown", name=hostile(""), **told))
    booth.set_viewport_size({"width": 800, "height": 1280})
    wide = []
    for path in (*IN_BROWSER, f"visitors/{COMING}", f"passes/{P_OUT}", f"goods/{S_GOES}"):
        booth.goto(desk.url + path, wait_until="load")
        wide += [path] if booth.evaluate("document.documentElement.scrollWidth > innerWidth") else []
        assert booth.evaluate("window.evil === undefined && !document.querySelector('x-evil')"), path
    assert (asked, wide) == ([], [])


@pytest.mark.browser
def test_without_scripts_each_place_does_its_main_act(chromium: Browser, desk: Desk, post: Post, guard: httpx.Client) -> None:
    """Press, and the page that comes says what was done; reloading it, and pressing again after going back, does nothing more."""
    post.told(*records())
    post.change(("set", f"held:{P_OUT}", ["in-1", int(time.time()) - 60]))
    context = chromium.new_context(java_script_enabled=False)
    context.add_cookies([{"name": name, "value": value, "url": desk.url} for name, value in guard.cookies.items()])
    page = context.new_page()

    def done(path: str, button: str, **fields: str) -> None:
        page.goto(desk.url + path)
        for name, text in fields.items():
            page.locator(f"main form:has({button}) [name={name}]:not([type=radio])").first.fill(text)
        page.locator(button).first.click()
        page.locator(".said.grant, .grant").first.wait_for()
        page.reload()

    done("lanes/door-1/open_once", "button[value=visitor]")
    page.goto(f"{desk.url}visitors/new")
    page.locator("[name=means][value=phone]").check()
    page.locator("#to").fill("3-1201")
    page.locator("button[name=do][value=agreed]").click()
    page.locator(".said.grant").first.wait_for()
    page.reload()
    done(f"passes/{P_OUT}", f"form[action='/passes/{P_OUT}/leave'] button")
    done(f"goods/{S_GOES}", "button[data-page-key=R]", **{"line-1": "2", "carrier": "Wu 1234"})
    done("foot", "button[value='ebike:in']")
    page.goto(f"{desk.url}duty")
    page.locator("[name=kind][value=order]").check()
    page.locator("main [name=text]").fill("two cars")
    page.locator("form[action='/duty/notes'] button").click()
    page.locator(".said.grant").first.wait_for()
    page.go_back()
    page.locator("form[action='/duty/notes']").wait_for()
    context.close()
    acts = [asked.act for asked in post.acted if asked.kind != "duty" or asked.act == "note"]
    assert acts == ["VisitAsked", "HostAgreed", "WorkerLeft", "SlipPresented", "TripReleased", "count", "note"]


def sign_in_at(page: Page, badge: str, pin: str) -> None:
    page.fill("#badge", badge)
    page.fill("#pin", pin)
    page.locator("form[action='/sign-in'] button").click()
    page.locator("header.bar").wait_for()


def test_what_is_being_typed_is_not_lost_with_the_session(
    gate: Gate, post: Post, guard: httpx.Client, watcher: httpx.Client, chromium: Browser, desk: Desk, places: Places
) -> None:
    """The guard is taken off the record in mid-form: the page stays, what was typed waits for them, and nobody else sees it."""
    context = chromium.new_context()
    context.add_cookies([{"name": name, "value": value, "url": desk.url} for name, value in guard.cookies.items()])
    booth = context.new_page()
    booth.goto(f"{desk.url}duty")
    booth.locator("[name=kind][value=order]").check()
    booth.fill("main [name=text]", "two cars")
    gate.snapshot = str(write_snapshot(places.snapshots / "9.snapshot", [second_record()]))
    gate.tell(gate.view())
    booth.locator("#stale").wait_for()
    assert booth.url == f"{desk.url}duty"
    booth.locator("form[action='/duty/notes'] button").click()
    sign_in_at(booth, SECOND_BADGE, SECOND_PIN)
    assert "two cars" not in booth.content()
    gate.snapshot = str(write_snapshot(places.snapshots / "10.snapshot", [guard_record(), second_record()]))
    gate.tell(gate.view())
    see(watcher, "two cars", "/kept")
    booth.goto(f"{desk.url}sign-in")
    sign_in_at(booth, BADGE, PIN)
    booth.locator("form[action='/duty/notes'] button").dblclick()
    booth.locator(".said.grant").first.wait_for()
    notes = [(asked.guard, asked.words) for asked in post.acted if asked.act == "note"]
    assert notes == [(BADGE, "two cars")]
    context.close()
