"""Walks over goods: a slip in two trips, at the exit that waits for it; mismatch, night approval, nothing carried."""

import re

from playwright.sync_api import expect

from tests.booth.browser import reached
from tests.booth.lanes import DONE
from tests.booth.road import IN, OUT
from tests.booth.site import Whole
from tests.waiting import wait_until

NUMBER = re.compile(r"^S\d+$")


def two_trips(whole: Whole) -> None:
    """The exit waits for the slip that names the vehicle; a trip by keys opens it; the rest goes on foot, the paper is taken."""
    booth, page, slip = whole.booth, whole.booth.page, whole.prepared.slip
    vehicle = whole.site.estate.residents[3].plate
    booth.goes("/")
    enters(whole, 3)
    expect(booth.lane("东门入口").get_by_text("free", exact=True)).to_be_visible()  # so it is known to be inside
    whole.road.comes(OUT, vehicle)
    expect(booth.refer("C")).to_contain_text("inside since")
    booth.look_over("the exit waits for goods")
    booth.scans(slip["number"])
    booth.is_at("goods/slip")
    booth.goes("/goods")
    booth.look_over("goods, one waits")
    booth.goes("/")
    booth.types("cd")
    booth.is_at("goods/slip")
    assert booth.id == slip["id"]
    booth.look_over("a slip")
    assert not whole.road.is_up(OUT)
    for field, quantity in (("#line-1", "1"), ("#line-2", "4")):
        reached(booth, field)
        page.keyboard.press("Control+a")
        booth.types(quantity)
    booth.scans("6901234567892")
    booth.shows("scanned, not opened", "#reply")
    expect(page.locator("#line-2")).to_have_value("4")
    reached(booth, "#carrier")
    booth.types("SF 2468")
    booth.key("Enter")
    expect(page.locator("#line-2")).to_have_attribute("data-left", "8")
    whole.road.drives_through(OUT)
    booth.look_over("a slip partly out")
    page.locator("[name=vehicle][value=foot]").check()
    booth.presses("all: 纸箱")
    booth.writes("Carrier: name, or firm", "顺丰 2468")
    booth.presses("Release this trip")
    booth.says(DONE)
    expect(page.locator("#line-2")).to_have_count(0)
    booth.types("c")
    booth.shows("collected", ".slip-head")
    whole.expects("slips", slip["id"], "collected")


def mismatch(whole: Whole) -> None:
    """What is carried is not what the slip says: it is held, and nothing goes out on it."""
    booth, slip = whole.booth, whole.prepared.mismatch
    booth.goes("/goods")
    booth.look_over("goods")
    booth.writes("Slip: scan its code, or type number, unit or plate", slip["number"])
    booth.follows(slip["number"], booth.page.locator("#found"))
    booth.presses("Release this trip")
    booth.look_over("a slip with faults")
    booth.writes("Does not match? Say what is different", "两台电视")
    booth.presses("Hold: does not match")
    booth.shows("Held: does not match")
    booth.look_over("a slip held")
    whole.expects("slips", slip["id"], "held")


def night_slip(whole: Whole) -> None:
    """At night the shift leader approves a slip with a reason; it is good at this gate, on foot."""
    booth, page, leader = whole.booth, whole.booth.page, whole.prepared.leader
    booth.goes("/")
    booth.calls("g", "goods/first")
    booth.calls("n", "goods/night")
    booth.look_over("night slip")
    for label, text in (
        ("From unit", whole.site.estate.residents[1].unit),
        ("Who takes it out", "冯先生"),
        ("What 1", "电脑"),
        ("How much 1", "1"),
        ("Why it cannot wait for the office", "今晚出差"),
        ("Shift leader: badge number", leader.badge),
        ("PIN", leader.pin),
    ):
        page.get_by_label(label, exact=True).fill(text)
    page.locator("[name=right][value=owner]").check()
    booth.presses("Approve: valid at this gate only")
    booth.is_at("goods/slip")
    identity = booth.id
    booth.presses("all: 电脑")
    booth.writes("Carrier: name, or firm", "冯先生")
    booth.presses("Release this trip")
    booth.says(DONE)
    expect(page.locator("#line-1")).to_have_count(0)
    whole.expects("slips", identity, "released")


def nothing_carried(whole: Whole) -> None:
    """A vehicle that was marked as loading waits at the exit, until a guard has looked and found nothing."""
    booth, road = whole.booth, whole.road
    vehicle = whole.site.estate.residents[4].plate
    assert vehicle
    booth.goes("/")
    enters(whole, 4)
    booth.goes("/goods")
    booth.writes("Plate", vehicle.text, booth.page.locator("#vehicle-form"))
    booth.presses("It loads: its exit waits for a slip")
    booth.says(re.compile("✓"))
    booth.goes("/")
    wait_until(lambda: road.is_shut(OUT), what="the exit to be shut")
    road.comes(OUT, vehicle)
    expect(booth.refer("C").locator("[data-keys=CG]")).to_be_visible()
    assert not road.is_up(OUT)
    booth.types("cg")
    dialog = booth.page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    booth.types("g")
    booth.says(DONE)
    road.drives_through(OUT)


def enters(whole: Whole, resident: int) -> None:
    """A resident drives in by the plate."""
    wait_until(lambda: whole.road.is_shut(IN), what="the entry to be shut")
    whole.road.comes(IN, whole.site.estate.residents[resident].plate)
    whole.road.drives_through(IN)
