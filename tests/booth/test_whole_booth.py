"""Every row of the booth, driven in a browser on a running gate with simulated devices: registry up, and registry away."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.booth import duty, goods, lanes, people
from tests.booth.browser import a_browser
from tests.booth.site import Whole, running, whole_site
from tests.sizes import sized
from tests.waiting import wait_until

pytestmark = [pytest.mark.programs, pytest.mark.browser, pytest.mark.timeout(sized(quick=300, soak=900))]

Walk = Callable[[Whole], None]
BACK_MS = 90_000  # who was long away asks seldom

# Each row of the booth once; the half of them as the registry answers, the other half while it is away.
UP: tuple[Walk, ...] = (
    duty.shift_taken,
    lanes.opened_once,
    lanes.let_in_as,
    people.walked_in,
    duty.incident_followed,
    duty.counted,
    duty.displays,
)
AWAY: tuple[Walk, ...] = (
    lanes.turned_away_and_corrected,
    people.scanned,
    people.worker_in_and_out,
    goods.two_trips,
    duty.alarm_seen,
    duty.evacuated,
    duty.handed_over,
)
# What is only walked at the judged size: before the shift is handed over.
MORE: tuple[Walk, ...] = (
    lanes.decides_by_itself,
    lanes.set_and_resumed,
    lanes.without_a_plate,
    people.found_and_lent,
    people.made_at_the_lane,
    people.passes_refused,
    goods.mismatch,
    goods.night_slip,
    goods.nothing_carried,
    duty.log_written,
    duty.round_walked,
    duty.bar,
)
# Which walks are walked while the registry answers, and which while it is away.
PLANS: dict[str, tuple[tuple[Walk, ...], tuple[Walk, ...]]] = {
    "half and half": (UP, AWAY),
    "registry up": (UP + MORE + AWAY, ()),
    "registry away": ((), UP + MORE + AWAY),
}


@pytest.mark.parametrize("plan", sized(quick=["half and half"], soak=list(PLANS)))
def test_every_row_of_the_booth(plan: str, tmp_path: Path) -> None:
    up, away = PLANS[plan]
    # The browser after the site: while Playwright is open its event loop occupies the thread.
    with running(tmp_path) as prepared, a_browser() as page:
        whole = whole_site(prepared, page)
        whole.booth.sign_in(whole.guard)
        whole.booth.goes("/goods")
        whole.booth.shows(whole.prepared.mismatch["number"], "main")  # it was prepared last: all has been heard of
        walk(whole, up)
        whole.sees_all()
        if away:
            whole.site.central.stop()
            whole.booth.goes("/")
            expect(page.locator("#gate")).to_contain_text("offline")
            whole.booth.look_over("offline")
            walk(whole, away)
            whole.site.central.start()
            whole.booth.goes("/")
        expect(page.locator("#gate .sync")).to_contain_text("synced", timeout=BACK_MS)
        whole.sees_all()
        everything_has_arrived_once(whole)


def walk(whole: Whole, walks: tuple[Walk, ...]) -> None:
    """Walk them one after the other."""
    for one in walks:
        one(whole)


def everything_has_arrived_once(whole: Whole) -> None:
    """See that the registry has every entry of the gate once, and found nothing that contradicts another."""
    wait_until(lambda: whole.ledgers().lost == 0, what="all entries at the registry")
    ledgers = whole.ledgers()
    assert (ledgers.duplicated, ledgers.quarantined) == (0, 0)
    assert whole.office.listed("conflicts") == []
    assert {one["id"] for one in whole.office.listed("patrol-rounds")} == set(whole.rounds)
