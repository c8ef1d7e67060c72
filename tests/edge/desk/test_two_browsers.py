"""Every form of the booth, sent as browsers and people send them: twice, at once, by two, late, after the session has ended."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.routing import iter_route_contexts

from tests.edge.desk.forms import form_of
from tests.edge.desk.house import AT_THE_DOOR, STEPS, Browser, House, Step
from tests.edge.desk.wire import BADGE, PIN, SECOND_BADGE

TOLD = r'class="(?:said deny|fault)"[^>]*>\s*([^<]*[^<\s])'


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.close()


def routes(house: House) -> set[str]:
    """Return the addresses of this booth that take forms."""
    return {str(route.path) for route in iter_route_contexts(house.app.routes) if "POST" in (route.methods or ())}


def test_every_route_that_takes_a_form_is_walked(house: House) -> None:
    assert routes(house) == {step.route for step in STEPS} | AT_THE_DOOR


def walk(house: House) -> Iterator[Step]:
    """Yield the steps of a day; a step is about what the one before it has made, where it makes something."""
    made = ""
    for step in STEPS:
        before = len(house.done)
        yield step.at(made)
        if len(house.done) > before and house.post.acted[-1:]:
            made = house.post.acted[-1].identity or made


def test_a_form_is_done_once_however_it_is_sent_and_by_two_browsers(house: House) -> None:
    """A double click, the same form again after that, the back button, and another browser that had opened it before."""
    one, other = house.browser(), house.browser()
    wrong: list[str] = []
    for step in walk(house):
        ours, theirs = step.data(step.form(one)), step.data(step.form(other))
        before = len(house.done)
        replies = [*one.post_at_once(step.sent_to, ours, 2), one.post(step.sent_to, ours)]
        done = tuple(house.done[before:])
        wrong += [f"{step.sent_to} has done {done}"] if done != step.done else []
        wrong += [f"{step.sent_to} answers {_codes(replies)}"] if _codes(replies) - {200, 422 if not step.done else 200} else []
        before = len(house.done)
        last = other.post(step.sent_to, theirs)
        done = tuple(house.done[before:])
        wrong += [f"{step.sent_to}: the second has done {done}"] if done != (step.done if step.second == "own" else ()) else []
        is_told = set(re.findall(TOLD, last.text)) - set(re.findall(TOLD, other.get(step.page).text))
        wrong += [f"{step.sent_to}: the second is told nothing"] if step.second == "changed" and not is_told else []
        wrong += [f"{step.sent_to}: {last.status_code}"] if last.status_code not in (200, 422) else []
    assert wrong == []


def _codes(replies: list[httpx.Response]) -> set[int]:
    return {reply.status_code for reply in replies}


# --- time, sessions, the gate away ----------------------------------------------------------------

NOTE = {"kind": "order", "text": "two cars\r\n<b>scratched</b>", "told": "Wang"}


def typed(browser: Browser) -> dict[str, str]:
    """Return what the form of the duty log sends after something was typed."""
    return form_of(browser.get("/duty").text, "/duty/notes").data(**NOTE)


def sent_anew(browser: Browser, html: str, **changes: str) -> httpx.Response:
    """Send what a page has kept."""
    form = form_of(html, "/duty/notes")
    assert dict(form.sends)["text"].split() == NOTE["text"].split()
    return browser.post("/duty/notes", form.data(**changes))


def test_a_session_that_ended_in_mid_form_loses_nothing(house: House) -> None:
    browser = house.browser()
    data = typed(browser)
    house.ahead += 13 * 3600
    answer = browser.post("/duty/notes", data)
    assert (answer.status_code, house.done) == (401, ["sign_in"])
    assert "not signed in any more" in answer.text
    form = form_of(answer.text, "/sign-in")
    assert "kept-pin" not in form.data()
    wrong = browser.post("/sign-in", form.data(badge=BADGE, pin="0000"))
    kept = browser.post("/sign-in", form_of(wrong.text, "/sign-in").data(badge=BADGE, pin=PIN))
    assert "What you typed is here" in kept.text
    assert house.done[1:] == ["sign_in"], "nobody has pressed it yet"
    assert "✓" in sent_anew(browser, kept.text).text
    assert house.done[2:] == ["note"]
    assert house.post.acted[-1].details == {"told": ["Wang"]}


def test_a_form_of_before_signing_in_anew_in_another_tab_is_shown_again(house: House) -> None:
    browser = house.browser()
    data = typed(browser)
    browser.sign_in()
    done = list(house.done)
    answer = browser.post("/duty/notes", data)
    assert answer.status_code == 409
    assert house.done == done
    sent_anew(browser, answer.text)
    assert house.done == [*done, "note"]


def test_a_form_from_elsewhere_is_neither_done_nor_shown(house: House) -> None:
    browser = house.browser()
    data = typed(browser) | {"token": "0" * 64}
    for origin in ("http://elsewhere.example", "null", ""):
        browser.client.headers["origin"] = origin
        answer = browser.post("/duty/notes", data)
        assert answer.status_code == 403
        assert "scratched" not in answer.text
    assert browser.post("/duty/notes", typed(browser), headers={"host": "elsewhere.example"}).status_code == 421
    browser.client.cookies.clear()
    assert browser.post("/duty/notes", data).status_code == 403
    assert house.done == ["sign_in"]


def test_a_guard_who_is_taken_off_the_record_does_nothing_more(house: House) -> None:
    browser = house.browser()
    data = typed(browser)
    house.on_record(SECOND_BADGE)
    assert browser.post("/duty/notes", data).status_code == 401
    assert "/sign-in" in str(browser.get("/duty").url)
    assert house.done == ["sign_in"]


def test_ten_seconds_are_counted_from_the_press_not_from_the_page(house: House) -> None:
    """A walk-in takes longer than that to type; a press that was ten seconds on its way is too late."""
    browser = house.browser()
    slowly = typed(browser)
    house.ahead += 60
    assert "✓" in browser.post("/duty/notes", slowly | {"pressed": "0"}).text
    count = form_of(browser.get("/foot").text, "/foot/count").data(tile="ebike:in", pressed=str(house.booth.clock.now() - 75))
    assert "too late" in browser.post("/foot/count", count).text
    assert house.done == ["sign_in", "note"]


def test_the_clock_of_the_day_may_jump(house: House) -> None:
    """Sessions and the time that an act has go by the monotonic clock."""
    browser = house.browser()
    for hours in (-5, 24 * 400, 5):
        data = typed(browser)
        house.utc_ahead = hours * 3600
        assert "✓" in browser.post("/duty/notes", data).text
    assert house.done == ["sign_in", "note", "note", "note"]


def test_while_the_gate_program_is_away_nothing_is_lost(house: House) -> None:
    browser = house.browser()
    data = typed(browser)
    house.is_linked = False
    answer = browser.post("/duty/notes", data)
    assert "gate program" in answer.text
    house.is_linked = True
    assert "✓" in sent_anew(browser, answer.text).text
    assert house.done == ["sign_in", "note"]
