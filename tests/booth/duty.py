"""Walks over the shift: log, incidents, rounds and handover; alarms, emergency, displays, bikes and foot, the bar."""

import re

from playwright.sync_api import Page, expect

from simulators.demo.office_day import POINTS
from simulators.estate import Guard
from tests.booth.lanes import first_reason, lane_is_free
from tests.booth.road import IN, OUT, dotted
from tests.booth.site import Whole
from tests.waiting import wait_until


def shift_taken(whole: Whole) -> None:
    """The guard takes the planned shift; the bar names it."""
    booth = whole.booth
    booth.goes("/duty/shift")
    booth.look_over("my shift")
    booth.presses("Take the shift")
    booth.shows("You are on duty")
    booth.shows("东门岗")
    whole.expects("shifts", whole.shift, "on_duty")


def log_written(whole: Whole) -> None:
    """An entry of the duty log, and one that sets it right."""
    booth, page = whole.booth, whole.booth.page
    booth.goes("/")
    booth.calls("d", "duty/first")
    booth.look_over("duty log")
    page.get_by_role("radio", name="Note for the relief").check()
    booth.writes("What happened?", "地库灯坏")
    booth.presses("Write it down")
    booth.says(re.compile("✓"))
    booth.follows("Correct")
    booth.look_over("correct an entry")
    booth.writes("What is right?", "地库 B2 灯坏")
    booth.presses("Write it down")
    booth.shows("corrected by a later entry")


def incident_followed(whole: Whole) -> None:
    """An incident with a picture, followed up and closed."""
    booth, page = whole.booth, whole.booth.page
    booth.goes("/duty")
    booth.follows("Report an incident")
    page.locator("[name=kind][value=damage]").check()
    booth.writes("What happened?", "道闸杆被撞")
    booth.writes("Who was told", "周班长，工程部")
    page.get_by_label("Picture").select_option("camera-in")
    booth.look_over("report an incident")
    booth.presses("Report it")
    expect(page.get_by_alt_text("a picture was kept with it")).to_be_visible()
    booth.look_over("an incident")
    booth.writes("What came of it?", "工程部已修好", page.locator("form[action$=follow-up]"))
    booth.presses("Add it")
    booth.shows("工程部已修好")
    booth.writes("Why is nothing left to do?", "已修复")
    booth.presses("Close it")
    booth.shows("✓", "h1 small")
    whole.expects("incidents", booth.id, "closed")


def round_walked(whole: Whole) -> None:
    """A patrol round: the first tags are scanned, one is typed, one is missed and needs a word."""
    booth, page = whole.booth, whole.booth.page
    booth.goes("/duty/rounds")
    booth.look_over("rounds")
    booth.presses("Begin: 夜间路线")
    booth.shows(POINTS[0][1])
    identity = booth.id
    booth.scans(POINTS[0][0])
    expect(page.locator(".points li.visited")).to_have_count(1)
    for at, (code, _) in enumerate(POINTS[1:3], 2):
        booth.writes("Scan the tag", code)
        booth.presses("I am here")
        expect(page.locator(".points li.visited")).to_have_count(at)
    booth.look_over("a round")
    booth.presses("End the round")
    booth.look_over("a round without a word")
    booth.writes("Why were points missed?", "配电房上锁")
    booth.presses("End the round")
    booth.shows("1 points were missed")
    whole.rounds.append(identity)


def handed_over(whole: Whole) -> None:
    """The sheet is looked at item by item, one differs; guard and relief sign, another shift leader countersigns."""
    booth, page = whole.booth, whole.booth.page
    booth.goes("/")
    booth.calls("h", "handover/shift")
    booth.look_over("before the handover")
    booth.presses("Begin the handover")
    identity = booth.id
    booth.look_over("handover")
    booth.presses("Keep what I have looked at")
    booth.look_over("handover, nothing chosen")
    look_at_every_item(page)
    booth.presses("Keep what I have looked at")
    booth.shows("All items were looked at: sign below.")
    for party, guard in (("guard", whole.guard), ("relief", whole.relief), ("leader", whole.prepared.leader)):
        sign(page, party, guard)
    booth.shows("Handed over and countersigned.")
    booth.look_over("handed over")
    booth.follows("Print the sheet")
    booth.look_over("handover sheet")
    whole.expects("shifts", identity, "countersigned")


def look_at_every_item(page: Page) -> None:
    """Choose that an item is as expected, or say what is there; of the keys one is missing."""
    for row in page.locator("table.items tbody tr").all():
        expected = row.locator("[value=expected]")
        if expected.count():
            expected.check()
        else:
            row.locator("[value=differs]").check()
            row.locator("[name^=found-]").fill("3")
            row.locator("[name^=word-]").fill("少一把，工程部借用")


def sign(page: Page, party: str, guard: Guard) -> None:
    """Sign with badge and PIN in the form of this party."""
    form = page.locator(f"form[action$='/sign/{party}']")
    form.locator("[name=badge]").fill(guard.badge)
    form.locator("[name=pin]").fill(guard.pin)
    form.get_by_role("button").click()
    expect(form).to_have_count(0)


def alarm_seen(whole: Whole) -> None:
    """A vehicle of the block list comes: it is denied, the bar tells of the alarm, and a guard writes that it was seen."""
    booth = whole.booth
    lane_is_free(whole)
    whole.road.comes(IN, whole.site.estate.blocked)
    booth.shows(re.compile(r"alarms [1-9]"), "#alarms-tab")
    booth.calls("z", "alarms")
    booth.look_over("alarms")
    booth.presses("I have seen it")
    booth.shows("seen by")
    whole.road.goes(IN)


def evacuated(whole: Whole) -> None:
    """E opens the page and no gate; an evacuation opens exits and doors, lists who is inside, and is ended."""
    booth, road = whole.booth, whole.road
    booth.goes("/")
    wait_until(lambda: road.is_shut(OUT), what="the exit to be shut")
    booth.calls("e", "emergency")
    booth.look_over("emergency")
    assert not road.is_up(OUT)
    booth.types("ef")
    first_reason(whole)
    booth.shows("Evacuation since")
    wait_until(lambda: road.is_up(OUT), what="the exit to open")
    booth.look_over("evacuation")
    booth.shows("Who is inside")
    booth.types("ea")
    first_reason(whole)
    booth.shows("No evacuation")


def displays(whole: Whole) -> None:
    """The screens at the lanes: welcome, wait for the guard with the plate, notices, and who is where."""
    booth, stranger = whole.booth, whole.site.estate.strangers[4]
    booth.goes("/display/in-1")
    booth.shows("今晚 22:00 地库清洗", "#board")
    booth.shows("机场接人", "#board")
    booth.look_over("display")
    whole.road.comes(IN, stranger)
    booth.shows(dotted(stranger)[-5:], "#display")
    booth.look_over("display, somebody waits")
    whole.road.goes(IN)
    expect(booth.page.locator("#display .plate")).to_have_count(0)


def counted(whole: Whole) -> None:
    """Bikes and foot: two keys count, one is taken back, somebody is looked up and checked."""
    booth, page = whole.booth, whole.booth.page
    booth.goes("/")
    booth.calls("b", "foot/first")
    booth.look_over("bikes and foot")
    couriers = page.locator("[data-keys=CI] b")
    booth.types("ci")
    expect(couriers).to_have_text("1")
    booth.types("ci")
    expect(couriers).to_have_text("2")
    booth.types("u")
    expect(couriers).to_have_text("1")
    booth.writes("Unit, number on the card or permit", whole.site.estate.residents[0].unit)
    booth.presses("Look up")
    booth.look_over("somebody looked up")
    booth.presses("Checked: turned away")
    booth.says(re.compile("✓"))


def bar(whole: Whole) -> None:
    """The bar and the devices page say what is so, and each look can be chosen."""
    booth, page = whole.booth, whole.booth.page
    booth.goes("/")
    expect(page.locator("#gate")).to_contain_text("clock")
    booth.follows("devices well")
    booth.look_over("devices")
    for language, lanes in (("zh", "车道"), ("en", "Lanes")):
        booth.goes(f"/language/{language}?back=/")
        expect(page.locator("nav.places a").first).to_have_text(lanes)
    booth.look_over("lanes")
