"""Whatever becomes of a press, what was typed comes back: refused, unheard, unanswered, or sent after the session has ended."""

from collections.abc import Iterator
from typing import Any

import pytest

from edge.booth_messages import GuardReply, RecordAct
from edge.desk import asks
from edge.desk.kept import FORMS_MAX, GUARDS_MAX, WAITS_S, Kept, Waiting
from tests.edge.desk.forms import Form, form_of
from tests.edge.desk.house import COMING, P_OUT, Browser, House, Step
from tests.edge.desk.test_two_browsers import house, walk
from tests.edge.desk.wire import BADGE, PIN, SECOND_BADGE, SECOND_PIN
from tests.sizes import sized

__all__ = ["house"]
# What opens lanes is looked at anew; and there is nothing typed where one press counts or acknowledges.
LOOKED_AT_ANEW = ("/lanes/{lane}/{act}", "/gate/{act}", "/alarms", "/foot/count", "/foot/undo", "/passes/leave")
SECRET = "pin"


def refused(asked: RecordAct) -> GuardReply | None:
    """Refuse an act as too late."""
    return GuardReply(asked.request, accepted=False, refusal="expired")


def unheard(_asked: RecordAct) -> GuardReply | None:
    """Lose an act on its way to the gate."""
    return None


def acts(house: House) -> Iterator[Step]:
    return (step for step in walk(house) if step.done and step.route not in LOOKED_AT_ANEW)


def missing(form: Form, sent: dict[str, Any]) -> dict[str, Any]:
    """Return what of a form that was sent is not in this one, where somebody typed or chose it: buttons are pressed again."""
    buttons = {name for name, _ in form.buttons}
    data = form.data()
    own = {"request", "after", "token", "before", SECRET, *buttons}
    return {name: value for name, value in sent.items() if name not in own and value and data.get(name) != value}


def again(form: Form, sent: dict[str, Any]) -> dict[str, Any]:
    """Return what is sent by pressing the same button again, and entering what no page keeps."""
    buttons = {name for name, _ in form.buttons}
    return form.data(**{name: value for name, value in sent.items() if name in (*buttons, SECRET)})


@pytest.mark.parametrize("first", sized(quick=[0], soak=[0, 1]))
def test_what_was_typed_comes_back_and_pressing_again_does_it(house: House, monkeypatch: pytest.MonkeyPatch, first: int) -> None:
    """Sending the same form once more, as by a reload, does nothing. One form is refused, the next unheard, and so on."""
    monkeypatch.setattr(asks, "REPLY_TIMEOUT_S", 0.01)
    browser, wrong = house.browser(), list[str]()
    for at, step in enumerate(acts(house), first):
        answer = house.answer = (refused, unheard)[at % 2]
        sent, before = step.data(step.form(browser)), len(house.done)
        reload = browser.post(step.sent_to, sent)
        house.answer = house.post.answer
        if answer is refused:
            reload = browser.post(step.sent_to, sent)
        wrong += [f"{step.sent_to} answers {reload.status_code}"] if reload.status_code != 422 else []
        wrong += [f"{step.sent_to} does not say why"] if 'role="alert"' not in reload.text else []
        wrong += [f"{step.sent_to} was done"] if house.done[before:] else []
        form = form_of(reload.text, step.action)
        wrong += [f"{step.sent_to} has lost {lost}"] if (lost := missing(form, sent)) else []
        is_same = form.data()["request"] == sent["request"]
        is_to_be = answer is unheard and not step.instead  # a picture is another act than that of the form's own button
        wrong += [f"{step.sent_to} bears the same id: {is_same}"] if is_same is not is_to_be else []
        done = browser.post(step.sent_to, again(form, sent))
        wrong += [f"{step.sent_to} answers {done.status_code}"] if done.status_code != 200 else []
        wrong += [f"{step.sent_to} has done {house.done[before:]}"] if tuple(house.done[before:]) != step.done else []
    assert wrong == []


def sent_back(browser: Browser, page: str, address: str, **typed: Any) -> tuple[dict[str, Any], str]:
    """Fill in a form that is not done; return what was sent, and the page that came back."""
    data = form_of(browser.get(page).text, address).data(**typed)
    answer = browser.post(address, data)
    assert answer.status_code == 422
    return data, answer.text


NOTE = {"kind": "order", "text": "two cars"}
WALK_IN = {"to": "3-1201", "means": "phone", "do": "agreed", "name": "Sun", "people": "2", "answered_by": "Li"}
ARRIVES, LEAVES = f"/visitors/{COMING}/arrive", f"/passes/{P_OUT}/leave"
UNANSWERED: tuple[tuple[str, str, dict[str, Any], list[str]], ...] = (
    ("/duty", "/duty/notes", NOTE, ["note"]),
    ("/visitors/new", "/visitors/new", WALK_IN, ["VisitAsked", "HostAgreed"]),
    ("/goods", "/goods/vehicle", {"plate": "粤B12045", "act": "mark_loading"}, ["mark_loading"]),
    (f"/visitors/{COMING}", ARRIVES, {"people": "3"}, ["VisitorsArrived"]),
    (f"/passes/{P_OUT}", LEAVES, {}, ["WorkerLeft"]),
)


def written(house: House) -> list[str]:
    """Return what stands in the book, but for who signed in and out."""
    house.browser().get("/duty")
    return [act.name for act in house.booth.book.pages.acts if not act.name.startswith("sign_")]


def test_what_was_done_though_its_answer_was_lost_is_told_as_done(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asks, "REPLY_TIMEOUT_S", 0.01)
    browser, expected = house.browser(), list[str]()

    def unanswered(asked: RecordAct) -> None:
        house.post.answer(asked)

    house.answer = unanswered
    for page, address, typed, done in UNANSWERED:
        data = form_of(browser.get(page).text, address).data(**typed)
        assert ["✓" in browser.post(address, data).text for _press in range(2)] == [True, True], address
        expected += done
    assert written(house) == expected


def test_what_was_done_late_is_not_done_again_though_the_gate_has_begun_anew(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No answer comes, and then it is done all the same: pressed again it is told as done, not as impossible."""
    monkeypatch.setattr(asks, "REPLY_TIMEOUT_S", 0.01)
    browser, expected = house.browser(), list[str]()
    for page, address, typed, done in UNANSWERED:
        late: list[RecordAct] = []

        def slow(asked: RecordAct, late: list[RecordAct] = late, last: str = done[-1]) -> GuardReply | None:
            late += [asked] if asked.act == last else []
            return None if asked.act == last else house.post.answer(asked)

        house.answer = slow
        data, html = sent_back(browser, page, address, **typed)
        house.post.answer(late[0])
        house.post.begin_anew()
        house.answer = house.post.answer
        action = address if address != "/visitors/new" else f"/visitors/{data['visit']}/agree"
        assert "✓" in browser.post(action, again(form_of(html, action), data)).text, address
        expected += done
    assert written(house) == expected


def test_a_walk_in_whose_answer_alone_was_not_written_goes_on_at_the_visit(house: House) -> None:
    browser = house.browser()
    house.answer = lambda asked: refused(asked) if asked.act == "HostAgreed" else house.post.answer(asked)
    page = "/visitors/new?lane=in-1&passage=p1"
    data, html = sent_back(browser, page, "/visitors/new", **WALK_IN, photo="yes")
    assert sent_back(browser, page, "/visitors/new", **data)[1].count("too late") == 1, "a reload does nothing"
    assert house.done == ["sign_in", "VisitAsked"]
    form = form_of(html, f"/visitors/{data['visit']}/agree")
    kept = {"means": "phone", "people": "2", "answered_by": "Li", "lane": "in-1", "passage": "p1", "opens": "yes"}
    assert {name: form.data().get(name) for name in kept} == kept
    house.answer = house.post.answer
    assert "✓" in browser.post(form.action, form.data()).text
    assert house.done == ["sign_in", "VisitAsked", "HostAgreed", "admit"]


def test_what_somebody_else_did_meanwhile_is_shown_with_what_was_typed(house: House) -> None:
    one, other = house.browser(), house.browser(SECOND_BADGE, SECOND_PIN)
    page, address = f"/visitors/{COMING}", f"/visitors/{COMING}/arrive"
    ours = form_of(one.get(page).text, address).data(people="2", photo="yes")
    other.post(address, form_of(other.get(page).text, address).data(people="1"))
    answer = one.post(address, ours)
    assert "come or gone meanwhile" in answer.text
    assert "Still chosen" in answer.text
    form = form_of(answer.text, address)
    assert (form.data()["people"], form.data()["photo"]) == ("2", "yes")
    assert "3 of 3 in" in one.post(address, form.data()).text


# --- the session ends in mid-form -----------------------------------------------------------------


def test_what_was_typed_waits_for_who_typed_it_alone(house: House) -> None:
    """Signed out in another tab: another guard who signs in there sees nothing of it, whatever they send."""
    browser = house.browser()
    data = form_of(browser.get("/visitors/new").text, "/visitors/new").data(**WALK_IN, photo="yes")
    browser.post("/sign-out", form_of(browser.get("/").text, "/sign-out").data())
    answer = browser.post("/visitors/new", data)
    assert (answer.status_code, "What you typed is kept" in answer.text, "Sun" in answer.text) == (401, True, False)
    browser.sign_in(SECOND_BADGE, SECOND_PIN)
    assert "Sun" not in browser.get("/kept").text
    others = browser.post("/visitors/new", data)
    assert (others.status_code, "another guard" in others.text, "Sun" in others.text) == (409, True, False)
    browser.sign_in()
    assert browser.addresses[-1].endswith("/sign-in"), "no address tells what was typed"
    kept = form_of(browser.get("/kept").text, "/visitors/new")
    shown = form_of(browser.post("/visitors/new/look", kept.data()).text, "/visitors/new")
    assert missing(shown, data) == {}
    assert "✓" in browser.post("/visitors/new", again(shown, data)).text
    assert "Sun" not in browser.get("/kept").text
    assert [act for act in house.done if act[0] in "VH"] == ["VisitAsked", "HostAgreed"]


def test_after_the_desk_program_has_begun_anew_the_page_carries_it_for_who_typed_it(house: House) -> None:
    browser = house.browser()
    data = form_of(browser.get("/duty").text, "/duty/notes").data(**NOTE)
    house.booth.sessions = type(house.booth.sessions)(lambda size: bytes(range(size)))
    html = browser.post("/duty/notes", data).text
    carried = form_of(html, "/sign-in")
    assert "two cars" not in browser.post("/sign-in", carried.data(badge=SECOND_BADGE, pin=SECOND_PIN)).text
    browser.post("/sign-out", form_of(browser.get("/").text, "/sign-out").data())
    carried = form_of(browser.post("/duty/notes", data).text, "/sign-in")
    kept = browser.post("/sign-in", carried.data(badge=BADGE, pin=PIN)).text
    assert "two cars" in kept
    assert "✓" in browser.post("/duty/notes", form_of(kept, "/duty/notes").data()).text


def test_what_was_done_before_all_programs_began_anew_is_not_done_again(house: House) -> None:
    browser = house.browser()
    data = form_of(browser.get("/duty").text, "/duty/notes").data(**NOTE)
    browser.post("/duty/notes", data)  # and the power is cut before the page comes
    house.post.begin_anew()
    house.booth.sessions = type(house.booth.sessions)(lambda size: bytes(range(size)))
    house.booth.asks = asks.Asks(house.booth.asks._send)
    carried = form_of(browser.post("/duty/notes", data).text, "/sign-in")
    kept = browser.post("/sign-in", carried.data(badge=BADGE, pin=PIN)).text
    assert "✓" in browser.post("/duty/notes", form_of(kept, "/duty/notes").data()).text
    assert written(house) == ["note"]


def test_a_few_forms_wait_for_a_few_guards_for_a_while() -> None:
    now = [0.0]
    waiting = Waiting(lambda: now[0])
    for at in range(FORMS_MAX + 2):
        waiting.keep("1001", Kept("/duty/notes", (("request", str(at)), ("text", "x"))))
    assert [kept.request for kept in waiting.of("1001")] == [str(at) for at in range(FORMS_MAX + 1, 1, -1)]
    waiting.forget("1001", str(FORMS_MAX))
    assert len(waiting.of("1001")) == FORMS_MAX - 1
    now[0] = WAITS_S
    assert waiting.of("1001") == []
    for badge in range(GUARDS_MAX + 1):
        waiting.keep(str(badge), Kept("/duty/notes", (("request", "1"),)))
    assert (waiting.of("0"), len(waiting.of(str(GUARDS_MAX)))) == ([], 1)
