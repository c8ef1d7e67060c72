"""How a gate follows the rules: pages pinned to a revision, and long polls that wake."""

import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest
from sqlalchemy import event

from central.access_rules.stream import rules_page
from central.edges import polls
from central.edges.trust import revoke
from central.notices import Notices
from central.registry import Registry
from tests.central.gate import Gate
from tests.waiting import wait_until


def add_persons(admin: httpx.Client, site: str, *names: str) -> None:
    for name in names:
        admin.post("/persons", json={"site": site, "name": name}).raise_for_status()


def test_pages_are_pinned_to_a_revision(registry: Registry, gate: Gate, admin: httpx.Client, site: str) -> None:
    add_persons(admin, site, *(f"住户{n}" for n in range(9)))
    edge = gate.enrolled
    pages, after, until = [], "", None
    while True:
        with registry.read() as work:
            page = rules_page(work.session, edge.site, edge.gate, 0, after, until, limit=4)
        pages.append(page)
        add_persons(admin, site, f"新住户{len(pages)}")
        if page.more is None:
            break
        after, until = page.more, page.revision
    assert len({page.revision for page in pages}) == 1
    with registry.read() as work:
        whole = rules_page(work.session, edge.site, edge.gate, 0, until=pages[0].revision)
    assert [upsert for page in pages for upsert in page.upserts] == list(whole.upserts)
    assert all(len(page.upserts) <= 4 for page in pages)


def test_a_gate_says_how_much_it_can_take_at_a_time(gate: Gate, admin: httpx.Client, site: str) -> None:
    add_persons(admin, site, "甲", "乙", "丙")
    whole, first = gate.rules("since=0"), gate.rules("since=0&limit=2")
    assert (len(first.upserts), whole.more) == (2, None)
    assert first.more is not None
    rest = gate.rules(f"since=0&after={first.more}&until={first.revision}")
    assert (*first.upserts, *rest.upserts) == whole.upserts
    assert gate.ask("GET", "/rules?since=0&limit=2001").status_code == 422


def test_cursors_of_others_are_refused(gate: Gate) -> None:
    assert gate.ask("GET", "/rules?since=0&after=person:x").status_code == 422
    assert gate.ask("GET", "/rules?since=0&until=99999").status_code == 422
    assert gate.ask("GET", "/rules?since=0&wait=21").status_code == 422


def test_a_long_poll_wakes_on_a_change(gate: Gate, admin: httpx.Client, site: str) -> None:
    revision = gate.rules("since=0").revision
    with ThreadPoolExecutor(1) as pool:
        asked = time.monotonic()
        waiting = pool.submit(gate.rules, f"since={revision}&wait=20")
        add_persons(admin, site, "李小明")
        page = waiting.result(timeout=10)
    assert (page.revision, len(page.upserts)) == (revision + 1, 1)
    assert time.monotonic() - asked < 5


def test_a_long_poll_wakes_on_what_another_process_does(registry: Registry, gate: Gate) -> None:
    other = replace(registry, notices=Notices())  # whose commits nobody here is told of
    revision = gate.rules("since=0").revision
    with ThreadPoolExecutor(1) as pool:
        asked = time.monotonic()
        waiting = pool.submit(gate.ask, "GET", f"/rules?since={revision}&wait=20", stream="rules")
        wait_until(registry.notices.are_awaited, 10, "the poll to wait")
        with other.write() as work:
            revoke(work, gate.enrolled.edge, "stolen", "admin")
        assert waiting.result(timeout=10).json()["edge_status"] == "revoked"
    assert time.monotonic() - asked < 5


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_asks_after_a_fault_of_the_watching_is_woken_all_the_same(
    registry: Registry, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polls, "LOOK_AGAIN_S", 0.05)
    looks, failed = itertools.count(), threading.Event()

    def fail(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT sites.id, sites.revision, sites.facts_cursor") and next(looks) == 1:
            failed.set()
            raise ZeroDivisionError

    event.listen(registry.database.reader, "before_cursor_execute", fail)
    revision = gate.rules("since=0").revision
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(gate.rules, f"since={revision}&wait=1")
        assert failed.wait(10)
        first.result(timeout=10)
        second = pool.submit(gate.ask, "GET", f"/rules?since={revision}&wait=20", stream="rules")
        wait_until(registry.notices.are_awaited, 10, "the poll to wait")
        with replace(registry, notices=Notices()).write() as work:
            revoke(work, gate.enrolled.edge, "stolen", "admin")
        assert second.result(timeout=5).status_code == 403


def test_a_long_poll_ends_with_nothing(gate: Gate) -> None:
    revision = gate.rules("since=0").revision
    page = gate.rules(f"since={revision}&wait=1")
    assert (page.revision, page.upserts, page.complete) == (revision, (), False)


def test_a_gate_that_followed_a_history_which_is_lost_goes_back_first(
    registry: Registry, gate: Gate, admin: httpx.Client, site: str
) -> None:
    """The registry was restored, and has come as far again by other changes before the gate asks."""
    add_persons(admin, site, "李小明")
    there = gate.rules("since=0")
    assert gate.rules(f"since={there.revision}&mark={there.mark}").upserts == (), "its own history"
    lost = gate.rules(f"since={there.revision}&mark={'0' * 32}&wait=20")
    assert (lost.revision, lost.complete) == (there.revision - 1, True)
    assert gate.rules(f"since={there.revision}&until={lost.revision}").complete, "its further pages"
    forward = gate.rules(f"since={lost.revision}&mark={lost.mark}")
    assert (forward.revision, forward.mark, len(forward.upserts)) == (there.revision, there.mark, 1)


def test_marks_stand_for_all_that_led_to_a_revision(registry: Registry, gate: Gate, admin: httpx.Client, site: str) -> None:
    add_persons(admin, site, "李小明", "王强")
    edge = gate.enrolled
    with registry.read() as work:
        current = rules_page(work.session, edge.site, edge.gate, 0)
        marks = [rules_page(work.session, edge.site, edge.gate, 0, until=until).mark for until in range(1, current.revision + 1)]
    assert (len(set(marks)), all(marks), marks[-1]) == (current.revision, True, current.mark)
