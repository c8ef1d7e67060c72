"""Fixtures: the desk program as it is started, a gate at its link, eyes at their socket, a guard who has signed in."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page

from edge.places import Places
from tests.edge.desk.wire import (
    Desk,
    Eyes,
    Gate,
    enrol,
    guard_record,
    second_record,
    sign_in,
    start_desk,
    stop_desk,
    write_snapshot,
)
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("edge")
    enrol(Places(folder / "var"))
    return folder


@pytest.fixture(scope="module")
def places(folder: Path) -> Places:
    return Places(folder / "var")


@pytest.fixture(scope="module")
def running(folder: Path, places: Places) -> Iterator[tuple[Gate, Desk]]:
    """One gate and one desk for the tests of a module; each test finds them as new."""
    gate = Gate(places.gate_socket, str(write_snapshot(places.snapshots / "7.snapshot", [guard_record(), second_record()])))
    gate.start()
    desk = start_desk(folder)
    yield gate, desk
    assert stop_desk(desk) == 0
    gate.stop()


@pytest.fixture(scope="module")
def watcher(running: tuple[Gate, Desk]) -> Iterator[httpx.Client]:
    """A guard of the fixtures' own, who looks whether the desk has heard what was told."""
    with httpx.Client(base_url=running[1].url) as client:
        yield client


@pytest.fixture
def gate(running: tuple[Gate, Desk], watcher: httpx.Client, places: Places) -> Gate:
    gate = running[0]
    gate.reset(str(places.snapshots / "7.snapshot"))

    def has_heard() -> bool:
        page = watcher.get("/devices")
        if page.status_code == 303:
            sign_in(watcher)
        return f"<dd>{gate.journal_seq}</dd>" in page.text

    wait_until(has_heard, what="the desk to hear what the gate told last")
    return gate


@pytest.fixture
def desk(running: tuple[Gate, Desk], gate: Gate) -> Desk:
    return running[1]


@pytest.fixture
def eyes(places: Places) -> Iterator[Eyes]:
    eyes = Eyes(places.eyes_socket)
    yield eyes
    eyes.close()


@pytest.fixture
def guard(desk: Desk) -> Iterator[httpx.Client]:
    """A client that has signed in."""
    with httpx.Client(base_url=desk.url) as client:
        assert sign_in(client).headers["location"] == "/"
        yield client


@pytest.fixture
def booth(desk: Desk, guard: httpx.Client, page: Page) -> Page:
    """The lanes page in a browser that has the guard's cookie."""
    page.context.add_cookies([{"name": name, "value": value, "url": desk.url} for name, value in guard.cookies.items()])
    page.goto(desk.url)
    page.wait_for_load_state("load")  # the scripts have run
    return page
