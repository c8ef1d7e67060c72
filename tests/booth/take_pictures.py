"""Take a picture of every page of the booth, in both languages, both themes and two sizes: `python -m tests.booth.take_pictures`.

The whole site is started, brought into a state in which much is going on, and each page is photographed as a guard sees it.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Final

from playwright.sync_api import Page, expect

from simulators.demo.office_day import POINTS
from tests.booth import duty, goods, lanes
from tests.booth.album import Album, Do, View
from tests.booth.browser import a_browser
from tests.booth.road import IN, OUT
from tests.booth.site import Whole, running, whole_site
from tests.waiting import wait_until

PICTURES: Final = Path("docs/pictures/booth")
SOON: Final = timedelta(seconds=45)  # long enough to come in, short enough to be overdue when the pictures are taken


# --- what is done on a page before it is photographed -----------------------------------------------


def pressed(keys: str) -> Do:
    """Press what bears these letters, and wait for the form that it opens."""

    def do(page: Page) -> None:
        page.locator(f"[data-keys={keys}]").first.click()
        expect(page.get_by_role("dialog")).to_be_visible()

    return do


def typed(field: str, text: str, seen: str) -> Do:
    """Type into a field, and wait for what it finds."""

    def do(page: Page) -> None:
        page.locator(field).fill(text)
        expect(page.locator(seen).first).to_be_visible()

    return do


def opened(selector: str) -> Do:
    """Open what is folded."""
    return lambda page: page.locator(selector).first.click()


def scanned_unknown(page: Page) -> None:
    """Scan what is none of ours."""
    page.locator("#scan-form [name=text]").evaluate("field => { field.value = '6901234567892'; field.form.submit(); }")
    page.wait_for_url("**/scan**")


def walk_in_filled(unit: str) -> Do:
    """Fill the form of a walk-in, up to the last press."""

    def do(page: Page) -> None:
        page.locator("[name=category][value=service]").check()
        for box in page.locator("[name=met]:visible").all():
            box.check()
        page.locator("#to").fill(unit)
        expect(page.locator("#who")).to_contain_text(f"✓ {unit}")
        page.locator("[name=means][value=phone]").check()

    return do


def trip_filled(page: Page) -> None:
    """Put in what goes out on this trip."""
    for number in (1, 2):
        page.locator(f"#line-{number}").fill("1")
    page.locator("#carrier").fill("顺丰 2468")


def signed_out(page: Page) -> None:
    """Sign out."""
    page.locator("form[action='/sign-out'] button").click()
    expect(page.locator("[name=badge]")).to_be_visible()


# --- what goes on at the site -----------------------------------------------------------------------


class Site:
    """Brings the site into the states that are photographed."""

    def __init__(self, whole: Whole) -> None:
        self.whole, self.booth, self.page = whole, whole.booth, whole.booth.page
        self.inside: list[str] = []
        self.visits: dict[str, str] = {}

    def settles(self) -> None:
        """Prepare what takes a while: passes and visits that will be overdue, people inside, slips in all states."""
        until = (datetime.now(UTC) + SOON).isoformat()
        office = self.whole.office
        late = office.renovation((("何小军", "painter"),), until)
        visitor = office.visit("司马青", "13911118642", party=2, valid_until=until)
        self.booth.goes("/visitors")
        expect(self.page.locator(f"a[href='/visitors/{visitor['id']}']")).to_be_attached()
        for worker in (*late, *self.whole.prepared.workers[:3]):
            self.worker_in(worker["id"])
        self.visitors_in("overdue", visitor["id"])
        self.visitors_in("inside", self.whole.prepared.found["id"])
        self.booth.presses("Lend it")
        self.booth.shows("lent since")
        self.walk_in_waits()
        self.slips_move()
        self.duty_goes_on()
        self.feet_counted()

    def worker_in(self, identity: str) -> None:
        """Let a worker in, and hang the duplicate."""
        self.booth.goes(f"/passes/{identity}")
        for part in ("Original seen", "Duplicate handed in"):
            self.page.get_by_label(part).check()
        self.booth.presses("Let in, hang the duplicate")
        self.booth.says("In. Hang")
        self.inside.append(identity)

    def visitors_in(self, name: str, identity: str) -> None:
        """Let a party in."""
        self.booth.goes(f"/visitors/{identity}")
        for box in self.page.locator("[name=met]:visible").all():
            box.check()
        self.booth.presses("Let in")
        self.booth.shows("in since", ".standing")
        self.visits[name] = identity

    def walk_in_waits(self) -> None:
        """Write down a walk-in whose host has not answered."""
        self.booth.goes("/visitors/new")
        walk_in_filled(self.whole.site.estate.residents[0].unit)(self.page)
        self.page.locator("#name").fill("钱师傅")
        self.booth.presses("Waits for an answer")
        self.booth.is_at("visitors/visit")
        self.visits["asked"] = self.booth.id

    def was_in_a_wrong_unit(self, identity: str) -> None:
        """A worker was in a wrong unit, as a guard writes it who reads Chinese."""
        self.booth.goes("/language/zh?back=/")
        self.booth.goes(f"/passes/{identity}")
        self.booth.types("pv")
        self.page.locator("#what").fill("3-0101")
        self.page.locator("button[name=reason][value=wrong_unit]").click()
        expect(self.page.locator(".verdict.deny")).to_be_visible()
        self.booth.goes("/language/en?back=/")

    def somebody_is_overdue(self) -> None:
        """Wait until the times of the pass and the visit are over."""
        for page, shown in (("/passes", "[id='passes/overdue'] li"), ("/visitors", "[id='visitors/overdue'] a")):
            self.booth.goes(page)
            expect(self.page.locator(shown).first).to_be_visible(timeout=60_000)

    def slips_move(self) -> None:
        """One slip partly out, one all out, one held, one that waits for the shift leader."""
        goods.mismatch(self.whole)
        for applicant, steps in (("李明", {"#line-2": "4"}), ("王芳", {"#line-1": "1"})):
            self.booth.goes("/goods")
            self.page.locator("#goods\\/board li").filter(has_text=applicant[0]).get_by_role("link").first.click()
            self.booth.is_at("goods/slip")
            for field, quantity in steps.items():
                self.page.locator(field).fill(quantity)
            self.page.locator("[name=vehicle][value=foot]").check()
            self.page.locator("#carrier").fill("顺丰 2468")
            self.booth.presses("Release this trip")
            self.booth.says("✓")
        self.booth.goes("/goods/night")
        for field, text in (("#unit", "3-1201"), ("#applicant", "冯先生")):
            self.page.locator(field).fill(text)
        self.page.get_by_label("What 1", exact=True).fill("电脑")
        self.page.get_by_label("How much 1", exact=True).fill("1")
        self.page.locator("[name=right][value=owner]").check()
        self.booth.presses("Save: the leader comes later")
        self.booth.is_at("goods/slip")

    def duty_goes_on(self) -> None:
        """Log entries, an open incident, a round that is under way."""
        duty.log_written(self.whole)
        self.booth.goes("/duty")
        self.page.get_by_role("radio", name="Note for the relief").check()
        self.booth.writes("What happened?", "3-1201 钥匙寄存岗亭，业主 20:00 来取")
        self.booth.presses("Write it down")
        self.booth.goes("/duty/incidents/new")
        self.page.locator("[name=kind][value=damage]").check()
        self.booth.writes("What happened?", "道闸杆被撞")
        self.booth.writes("Who was told", "周班长，工程部")
        self.page.get_by_label("Picture").select_option("camera-in")
        self.booth.presses("Report it")
        expect(self.page.get_by_alt_text("a picture was kept with it")).to_be_visible()
        self.visits["incident"] = self.booth.id
        self.booth.goes("/duty/rounds")
        self.booth.presses("Begin: 夜间路线")
        self.booth.shows(POINTS[0][1])
        self.visits["round"] = self.booth.id
        self.booth.writes("Scan the tag", POINTS[0][0])
        self.booth.presses("I am here")
        expect(self.page.locator(".points li.visited")).to_have_count(1)

    def feet_counted(self) -> None:
        """A few bikes and people on foot."""
        self.booth.goes("/foot")
        tiles = self.page.locator("button[name=tile]")
        for at in range(min(6, tiles.count())):
            tiles.nth(at).click()
            expect(tiles.nth(at).locator("b")).to_have_text("1")

    def alarm_is_raised(self) -> None:
        """A vehicle of the block list comes, is turned away, and rolls back."""
        lanes.lane_is_free(self.whole)
        self.whole.road.comes(IN, self.whole.site.estate.blocked)
        expect(self.page.locator("#alarms-tab")).to_contain_text("1")
        self.whole.road.goes(IN)

    def car_comes_in(self) -> None:
        """The vehicle that will fetch goods drives in."""
        lanes.lane_is_free(self.whole)
        goods.enters(self.whole, 3)
        lanes.lane_is_free(self.whole)

    def both_wait(self) -> None:
        """Somebody waits at the exit for goods, and somebody at the entry whose plate is nearly a resident's."""
        estate = self.whole.site.estate
        self.whole.road.comes(OUT, estate.residents[3].plate)
        expect(self.booth.refer("C")).to_be_visible()
        self.whole.road.comes(IN, estate.look_alikes[0])
        expect(self.booth.refer("A").get_by_text("Let in as").first).to_be_visible()

    def both_go(self) -> None:
        """They roll back."""
        self.whole.road.goes(IN)
        self.whole.road.goes(OUT)
        expect(self.page.locator("#refers > li.refer")).to_have_count(0)

    def without_plate_waits(self) -> None:
        """A vehicle without a plate waits at the entry."""
        lanes.lane_is_free(self.whole)
        self.whole.road.comes(IN, None)
        self.page.locator("[data-keys=AW]").wait_for()

    def handover_begun(self) -> str:
        """The sheet of the handover is made, and half of it is looked at."""
        self.booth.goes("/handover")
        self.booth.calls("h", "handover/shift")
        self.booth.presses("Begin the handover")
        rows = self.page.locator("table.items tbody tr")
        expect(rows.first).to_be_visible()
        for row in rows.all()[:5]:
            if row.locator("[value=expected]").count():
                row.locator("[value=expected]").check()
        self.booth.presses("Keep what I have looked at")
        self.booth.says("✓")
        return self.booth.id

    def evacuation(self, keys: str) -> None:
        """Begin or end it."""
        self.booth.goes("/emergency")
        self.booth.types(keys)
        lanes.first_reason(self.whole)


# --- the pages --------------------------------------------------------------------------------------


def settled(site: Site) -> list[View]:
    """The pages of a site where nobody waits at a lane."""
    unit = site.whole.site.estate.residents[0].unit
    workers, prepared = site.whole.prepared.workers, site.whole.prepared
    slips = {slip["record"]["state"]: slip["id"] for slip in site.whole.office.listed("slips")}
    return [
        View("lanes", "/"),
        View("open-once", "/", pressed("AO")),
        View("more", "/", opened("article.lane details summary"), is_state=True),
        View("hold-open", "/lanes/in-1/hold_open"),
        View("shift", "/duty/shift", is_state=True),
        View("visitors", "/visitors"),
        View("visitors-found", "/visitors", typed("input[type=search]", "OYXL", "#found a"), is_state=True),
        View("visit", f"/visitors/{prepared.coded['id']}", is_state=True),
        View("visit-inside", f"/visitors/{site.visits['inside']}"),
        View("visit-overdue", f"/visitors/{site.visits['overdue']}", is_state=True),
        View("visit-asked", f"/visitors/{site.visits['asked']}", is_state=True),
        View("walk-in", "/visitors/new"),
        View("walk-in-filled", "/visitors/new", walk_in_filled(unit), is_state=True),
        View("board", "/passes"),
        View("pass", f"/passes/{workers[4]['id']}"),
        View("pass-inside", f"/passes/{site.inside[1]}", is_state=True),
        View("pass-refused", f"/passes/{workers[3]['id']}", is_state=True),
        View("count-board", "/passes/count"),
        View("scanned-unknown", "/", scanned_unknown),
        View("goods", "/goods"),
        View("slip-partly", f"/goods/{slips['partly_released']}", trip_filled, is_state=True),
        View("slip-held", f"/goods/{slips['held']}", is_state=True),
        View("night-slip", "/goods/night"),
        View("foot", "/foot"),
        View("foot-check", "/foot", looked_up(unit), is_state=True),
        View("duty", "/duty"),
        View("correct-entry", "/duty", opened("ol.log a.quiet")),
        View("incident-report", "/duty/incidents/new"),
        View("incident", f"/duty/incidents/{site.visits['incident']}"),
        View("rounds", "/duty/rounds"),
        View("round", f"/duty/rounds/{site.visits['round']}"),
        View("handover-before", "/handover", is_state=True),
        View("alarms", "/alarms"),
        View("devices", "/devices"),
        View("display", "/display/in-1", is_state=True),
    ]


def looked_up(unit: str) -> Do:
    """Look up who is on record in a unit."""

    def do(page: Page) -> None:
        page.locator("#look").fill(unit)
        page.locator("form[action='/foot/look'] button").click()
        expect(page.locator("[name=result]").first).to_be_in_viewport()

    return do


def waiting(site: Site) -> list[View]:
    """The pages while somebody waits at both lanes."""
    slip = site.whole.prepared.slip["id"]
    return [
        View("lanes-waiting", "/"),
        View("refer", "/#waiting"),
        View("let-in-as", "/", pressed("AJ")),
        View("turn-away", "/", pressed("AT"), is_state=True),
        View("correct-plate", "/", pressed("AF")),
        View("nothing-carried", "/", pressed("CG"), is_state=True),
        View("display-waits", "/display/in-1"),
        View("goods-waiting", "/goods", is_state=True),
        View("slip", f"/goods/{slip}", trip_filled),
    ]


@contextmanager
def said(what: str) -> Iterator[None]:
    """Say how long something took."""
    began = monotonic()
    yield
    sys.stdout.write(f"{what}: {monotonic() - began:.0f} s\n")
    sys.stdout.flush()


def photograph(whole: Whole, album: Album) -> None:
    """Go through the states of the site, and take the pages of each."""
    site = Site(whole)
    whole.booth.sign_in(whole.guard)
    whole.booth.goes("/goods")
    whole.booth.shows(whole.prepared.mismatch["number"], "main")
    with said("first pages"):
        album.take(View("shift-offered", "/duty/shift"))
    with said("the site settles"):
        duty.shift_taken(whole)
        site.alarm_is_raised()
        site.settles()
        workers = whole.prepared.workers
        site.was_in_a_wrong_unit(workers[3]["id"])
        site.car_comes_in()
        whole.sees_all()
        site.somebody_is_overdue()
    with said("nobody waits"):
        album.take(*settled(site))
    with said("two wait"):
        site.booth.goes("/")
        site.both_wait()
        album.take(*waiting(site))
        site.both_go()
    with said("no plate"):
        site.without_plate_waits()
        album.take(View("no-plate", "/", pressed("AW")))
        whole.road.goes(IN)
    with said("handover"):
        identity = site.handover_begun()
        album.take(View("handover", f"/handover/{identity}"), View("handover-sheet", f"/handover/{identity}/sheet"))
        album.take(View("paper", f"/handover/{identity}/sheet", is_paper=True, is_state=True))
    with said("away"):
        whole.site.central.stop()
        whole.booth.goes("/")
        expect(whole.booth.page.locator("#gate")).to_contain_text("offline")
        album.take(View("lanes-offline", "/"), View("devices-offline", "/devices", is_state=True))
    with said("emergency"):
        album.take(View("emergency", "/emergency"))
        site.evacuation("ef")
        wait_until(lambda: whole.road.is_up(OUT), what="the exit to open")
        album.take(View("evacuation", "/emergency", is_state=True), View("lanes-evacuation", "/", is_state=True))
        site.evacuation("ea")
    with said("signed out"):
        album.take(View("patterns", "/patterns"))
        signed_out(whole.booth.page)
        album.take(View("sign-in", "/sign-in"))


def main() -> None:
    """Take all pictures, or those that are named."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--into", type=Path, default=PICTURES, help="where the pictures go")
    wanted.add_argument("--only", nargs="*", default=(), help="names of pages; without it all")
    asked = wanted.parse_args()
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as prepared, a_browser() as page:
        whole = whole_site(prepared, page)
        whole.booth.look_over = lambda name: None  # type: ignore[method-assign]  # faults are looked for elsewhere
        album = Album(whole, asked.into, frozenset(asked.only))
        try:
            photograph(whole, album)
        except BaseException:
            page.screenshot(path=asked.into / "failed.png")
            raise
        finally:
            album.close()


if __name__ == "__main__":
    main()
