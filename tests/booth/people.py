"""Walks over visitors and passes."""

from playwright.sync_api import expect

from tests.booth.browser import reached
from tests.booth.lanes import DONE, lane_is_free
from tests.booth.road import IN, dotted
from tests.booth.site import Whole


def found_and_lent(whole: Whole) -> None:
    """A visit is found by initials and by the end of its telephone; two of three come in, get a card, give it back and leave."""
    booth, page, visit = whole.booth, whole.booth.page, whole.prepared.found
    booth.goes("/")
    booth.calls("v", "visitors/first")
    booth.look_over("visitors")
    for asked in ("OYXL", "2468"):
        booth.writes("Name, initials, last four digits, plate, unit or number", asked)
        expect(page.locator("#found")).to_contain_text("欧*")
    booth.look_over("visitors found")
    page.locator("#found").get_by_role("link").click()
    booth.is_at("visitors/visit")
    assert booth.id == visit["id"]
    for box in page.get_by_role("checkbox").and_(page.locator("[name=met]")).all():
        box.check()
    booth.presses("one person less")
    booth.look_over("a visit")
    booth.presses("Let in")
    booth.shows("2 of 3 in")
    booth.presses("Lend it")
    booth.shows("lent since")
    booth.look_over("a visit inside")
    booth.presses("Card given back")
    expect(page.get_by_text("lent since")).to_have_count(0)
    booth.presses("Check out visitors")
    booth.says(DONE)
    whole.expects("visits", visit["id"], "out")


def scanned(whole: Whole) -> None:
    """A visitor's signed code is scanned on the lanes page, and its visit opens; in by keys, out by keys."""
    booth, page, prepared = whole.booth, whole.booth.page, whole.prepared
    booth.goes("/")
    booth.scans(prepared.code)
    booth.is_at("visitors/visit")
    assert booth.id == prepared.coded["id"]
    assert "GP1" not in page.url
    for box in page.locator("[name=met]").all():
        box.check()
    booth.types("y")
    booth.shows("1 of 1 in")
    booth.types("o")
    expect(page.locator(".standing")).to_contain_text("out")
    whole.expects("visits", prepared.coded["id"], "out")


def walked_in(whole: Whole) -> None:
    """A walk-in by keys alone, a scanner typing in between: kind, where to, who by what means, let in."""
    booth, page = whole.booth, whole.booth.page
    unit = whole.site.estate.residents[0].unit
    booth.goes("/")
    booth.calls("v", "visitors/first")
    booth.calls("w", "visitors/new")
    booth.look_over("walk-in")
    booth.types_letter_of("[name=category][value=service]")
    expect(page.locator("[name=category]:checked")).to_have_count(1)
    for _ in range(page.locator("[name=met]:visible").count()):
        booth.key("Tab")
        booth.key("Space")
    expect(page.locator("[name=met]:visible:not(:checked)")).to_have_count(0)
    reached(booth, "#to")
    booth.types(unit)
    expect(page.locator("#who")).to_contain_text(f"✓ {unit}")
    booth.scans("6901234567892")
    expect(page.locator("#to")).to_have_value(unit)
    booth.key("Tab")
    booth.types_letter_of("[name=means][value=phone]")
    booth.look_over("walk-in filled in")
    booth.types_letter_of("[name=do][value=agreed]")
    booth.is_at("visitors/visit")
    booth.shows("1 of 1 in")
    whole.expects("visits", booth.id, "in")


def made_at_the_lane(whole: Whole) -> None:
    """A stranger at the entry is written down as a visit, with the plate as it was read, and the lane opens once for it."""
    booth, page, plate = whole.booth, whole.booth.page, whole.site.estate.strangers[2]
    lane_is_free(whole)
    whole.road.comes(IN, plate)
    expect(booth.refer("A")).to_contain_text(dotted(plate))
    booth.types("av")
    booth.is_at("visitors/new")
    expect(page.locator("#plate")).to_have_value(plate.text)
    page.locator("[name=category][value=service]").check()
    for box in page.locator("[name=met]:visible").all():
        box.check()
    page.locator("#to").fill("物业管理处")
    page.get_by_label("by telephone").check()
    page.locator("[name=opens]").check()
    booth.presses("Let in")
    booth.is_at("visitors/visit")
    whole.expects("visits", booth.id, "in")
    whole.road.drives_through(IN)


def worker_in_and_out(whole: Whole) -> None:
    """Both parts of a pass are scanned, the worker is in by keys, hangs on the board, cannot come in twice, and goes out."""
    booth, page, worker = whole.booth, whole.booth.page, whole.prepared.workers[0]
    number = worker["number"]
    booth.goes("/")
    booth.scans(f"{number}-O")
    booth.is_at("passes/one")
    booth.scans(f"{number}-D")
    booth.is_at("passes/one")
    expect(page.get_by_label("Duplicate handed in")).to_be_checked()
    expect(page.get_by_label("Original seen")).to_be_checked()
    assert page.locator(".holder img").evaluate("img => img.naturalWidth > 0")
    booth.look_over("a pass")
    booth.types("pi")
    booth.says("In. Hang the duplicate")
    booth.look_over("a pass inside")
    booth.goes("/")
    booth.calls("p", "passes/first")
    booth.shows(number, "#board")
    booth.look_over("the board")
    booth.scans(f"{number}-O")
    page.wait_for_url(f"**/passes#hole-{worker['id']}")
    booth.presses("Goes out: give the duplicate back", page.locator(f"#hole-{worker['id']}"))
    booth.says("Out. Give the duplicate back")
    whole.expects("passes", worker["id"], "active")


def passes_refused(whole: Whole) -> None:
    """One is in and is counted, another broke the rules, one lost the original, of one it is confiscated: none comes in."""
    booth, page = whole.booth, whole.booth.page
    inside, rowdy, loser, other = whole.prepared.workers[1:5]
    booth.goes("/passes")
    booth.writes("Coming in? Scan the original", inside["details"]["name"][0])
    page.locator("#found").get_by_role("link").filter(has_text=inside["number"]).click()
    booth.is_at("passes/one")
    booth.presses("Let in, hang the duplicate")
    booth.look_over("a pass with a fault")
    for part in ("Original seen", "Duplicate handed in"):
        page.get_by_label(part).check()
    booth.presses("Let in, hang the duplicate")
    booth.says("In. Hang")
    booth.goes("/passes/count")
    page.get_by_role("checkbox").first.check()
    booth.look_over("count the board")
    booth.presses("Counted")
    booth.shows("found 1 of 1")
    booth.goes(f"/passes/{rowdy['id']}")
    booth.types("pv")
    booth.writes("Which unit, or what was wrong", "3-0101")
    booth.presses("Was in a wrong unit")
    booth.says("Noted.")
    booth.shows("Not in", ".verdict")
    booth.look_over("a pass refused")
    booth.goes(f"/passes/{loser['id']}")
    booth.types("pl")
    booth.presses("The original is lost")
    booth.says("Noted: the pass is lost")
    booth.goes(f"/passes/{other['id']}")
    booth.types("pk")
    booth.presses("whoever shows it is not the holder")
    booth.says("Noted: keep the original")
    for worker, state in ((inside, "active"), (rowdy, "active"), (loser, "lost"), (other, "confiscated")):
        whole.expects("passes", worker["id"], state)
