"""What a booth knows of visitors before the registry does: cards that are back, photos that were taken."""

import re
import time
from uuid import uuid4

from access.contract.booth_records import CardAtBooth, LentCard, VisitAtBooth
from tests.edge.desk.forms import form_of
from tests.edge.desk.house import CARD, COMING, OTHER_CARD, WAITING, Browser, House, records
from tests.edge.desk.test_duty import keep_picture
from tests.edge.desk.test_two_browsers import house

__all__ = ["house"]
NO_CARD = "No visitor card is in stock."


def press(browser: Browser, page: str, address: str, **typed: str) -> str:
    """Send a form of a page and return the page that comes."""
    return browser.post(address, form_of(browser.get(page).text, address).data(**typed)).text


def test_a_card_given_back_while_the_registry_is_away_is_lent_again_at_once(house: House) -> None:
    browser, told = house.browser(), {visit.id: visit for visit in records() if isinstance(visit, VisitAtBooth)}
    one, other = f"/visitors/{COMING}", f"/visitors/{WAITING}"
    house.post.told_more(
        told[COMING].model_copy(update={"lent": (LentCard(card=CARD, printed="F001"),), "state": "out"}),
        told[WAITING].model_copy(update={"state": "approved"}),
        CardAtBooth(id=CARD, printed="F001", state="active"),
        CardAtBooth(id=OTHER_CARD, printed="F002", state="revoked"),
    )
    house.post.change(("set", f"lent:{CARD}", [str(COMING), int(time.time()) - 60]))
    assert NO_CARD in press(browser, other, f"{other}/arrive", people="1")
    assert "✓" in press(browser, one, f"{one}/back")
    assert "in stock" in press(browser, "/visitors", "/visitors/scan", text="F001")
    assert "✓" in press(browser, other, f"{other}/lend", card=str(CARD))
    assert house.post.fact(f"lent:{CARD}")[0] == str(WAITING)  # type: ignore[index]
    assert NO_CARD in press(browser, other, f"{other}/lost"), "one that was lost is not in stock again"
    assert house.post.fact(f"lent:{CARD}") is None


def test_the_photo_of_a_walk_in_is_shown_as_long_as_pictures_are_kept(house: House) -> None:
    browser = house.browser()
    taken = press(browser, "/visitors/new", "/visitors/new", to="3-1201", means="phone", do="agreed", name="Sun", photo="yes")
    assert "The photo comes" in taken
    page = str(browser.addresses[-1]).partition("?")[0]
    house.utc_ahead = -7200
    assert "There is no photo" in browser.get(page).text, "a clock that went back does not let it come for hours"
    house.utc_ahead = 0
    keep_picture(house.post, house.places)
    (address,) = set(re.findall(r'src="(/visitors/[^"]+\.jpg)"', browser.get(page).text))
    assert address in browser.get("/visitors").text, "who is still in is known by it"
    assert browser.get(address).content.startswith(b"\xff\xd8")
    assert browser.get(re.sub("/visitors/[^/]+", f"/visitors/{uuid4()}", address)).status_code == 204, "none of that visit's"
    for path in house.places.evidence.glob("*/*"):
        path.unlink()  # as after the days that pictures are kept
    assert browser.get(address).status_code == 204
    assert address not in browser.get(page).text
