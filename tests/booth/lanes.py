"""Walks over the lanes and the refer panel."""

from playwright.sync_api import expect

from tests.booth.road import IN, OUT, dotted
from tests.booth.site import Whole
from tests.waiting import wait_until

DONE = "done"


def decides_by_itself(whole: Whole) -> None:
    """Residents come by card and by plate: arms, loops and the decision are seen as they are."""
    booth, road, estate = whole.booth, whole.road, whole.site.estate
    booth.goes("/")
    booth.look_over("lanes")
    card = booth.lane("东门入口")
    expect(card.get_by_text("arm down")).to_be_visible()
    picture = booth.page.locator("[data-camera=camera-in]")
    wait_until(lambda: picture.evaluate("img => img.naturalWidth > 0"), what="a live picture")
    road.comes(IN, estate.strangers[0])
    expect(booth.refer("A")).to_contain_text(dotted(estate.strangers[0]))
    booth.look_over("lanes, one waits")
    road.shows(IN, estate.residents[5].card)
    expect(card.get_by_text("arm up")).to_be_visible()
    expect(card.get_by_text("granted")).to_be_visible()
    expect(booth.refer("A")).to_have_count(0)
    road.drives_through(IN)
    road.door.show_card(estate.residents[6].card)
    expect(booth.page.locator("#feed")).to_contain_text("东门人行")


def opened_once(whole: Whole) -> None:
    """Open once by keys alone; a scanner types into the choice of the reason and opens nothing."""
    booth, road = whole.booth, whole.road
    lane_is_free(whole)
    booth.types("ao")
    dialog = booth.page.get_by_role("dialog")
    expect(dialog.get_by_text("Why? Choosing does it.")).to_be_visible()
    booth.look_over("open once")
    booth.scans("6901234567892")
    booth.shows("6901234567892", "#scan")
    assert not road.is_up(IN)
    booth.types("v")
    booth.says(DONE)
    wait_until(lambda: road.is_up(IN), what="the arm to be up")
    road.comes(IN, None)
    road.drives_through(IN)


def set_and_resumed(whole: Whole) -> None:
    """Hold the exit open, hold it closed, take that back, take it out of service, and set it back."""
    booth, road = whole.booth, whole.road
    booth.goes("/")
    card = booth.lane("东门出口")
    for keys, seen in (("ch", "held open"), ("cx", "held closed"), ("cz", "held open"), ("cs", "out of service")):
        expect(card.locator(f"[data-keys={keys.upper()}]")).to_be_attached()
        booth.types(keys)
        if keys != "cz":
            first_reason(whole)
        expect(card).to_contain_text(seen)
    booth.types("cz")
    expect(card.locator("[data-keys=CR]")).to_be_attached()
    booth.types("cr")
    first_reason(whole)
    expect(card).not_to_contain_text("held open")
    wait_until(lambda: road.is_shut(OUT), what="the exit to be shut")


def let_in_as(whole: Whole) -> None:
    """A plate that nearly is a resident's: the candidate is chosen by keys, after a scanner has typed."""
    booth, road, estate = whole.booth, whole.road, whole.site.estate
    lane_is_free(whole)
    road.comes(IN, estate.look_alikes[0])
    question = booth.refer("A")
    expect(question.get_by_text("Let in as").first).to_be_visible()
    expect(question).to_contain_text("look alike")
    booth.look_over("refer with a candidate")
    expect(question.locator(".compared").first).to_be_visible()
    booth.scans("AJV6901234567892")
    booth.is_at("scanned")
    assert not road.is_up(IN)
    booth.goes("/")
    booth.types("aj")
    expect(booth.page.get_by_role("dialog")).to_contain_text("Recorded")
    first_reason(whole)
    road.drives_through(IN)


def turned_away_and_corrected(whole: Whole) -> None:
    """Turn away, take it back within five seconds, then correct the plate to a resident's, which opens."""
    booth, road, estate = whole.booth, whole.road, whole.site.estate
    lane_is_free(whole)
    right = estate.residents[7].plate
    assert right
    road.comes(IN, next(plate for plate in estate.strangers[5:] if plate.colour == right.colour))
    expect(booth.refer("A")).to_be_visible()
    booth.types("at")
    first_reason(whole)
    booth.types("az")
    booth.says(DONE)
    expect(booth.refer("A").locator("[data-keys=AF]")).to_be_visible()
    booth.types("af")
    expect(booth.page.get_by_role("dialog")).to_be_visible()
    booth.look_over("correct the plate")
    booth.page.get_by_role("dialog").get_by_label("The plate as you read it").fill(right.text)
    booth.page.keyboard.press("Enter")
    booth.says(DONE)
    road.drives_through(IN)


def without_a_plate(whole: Whole) -> None:
    """A vehicle without a plate is let in by what it is and its colour."""
    booth, road = whole.booth, whole.road
    lane_is_free(whole)
    road.comes(IN, None)
    booth.page.locator("[data-keys=AW]").wait_for()
    booth.types("awt")
    booth.types("g")
    booth.look_over("no plate")
    first_reason(whole)
    road.drives_through(IN)


def first_reason(whole: Whole) -> None:
    """Choose the first reason that is offered, by its letter."""
    reasons = whole.booth.page.get_by_role("dialog").locator("button[name=reason][data-letter]")
    expect(reasons.first).to_be_visible()
    whole.booth.types((reasons.first.get_attribute("data-letter") or "").lower())
    whole.booth.says(DONE)


def lane_is_free(whole: Whole) -> None:
    """Go to the lanes, and wait until the entry is free and shut."""
    whole.booth.goes("/")
    wait_until(lambda: whole.road.is_shut(IN), what="the arm to be down")
    expect(whole.booth.lane("东门入口").get_by_text("free", exact=True)).to_be_visible()
