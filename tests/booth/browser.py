"""The guard's browser: by mouse, by keys as a hand and as a scanner types them, and looked over by axe-core."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import ConsoleMessage, Locator, Page, expect, sync_playwright

from simulators.estate import Guard
from tests.servers.chromium import ARGUMENTS
from tests.servers.programs import find_program
from tests.sizes import sized

HAND_MS = 60  # between the keys of a quick hand; a scanner needs less than 30
BAD = ("serious", "critical")
# Light is looked over by every rule; in the dark only colours differ.
LIGHT: tuple[str, dict[str, Any]] = ("light", {})
DARK: tuple[str, dict[str, Any]] = ("dark", {"runOnly": ["color-contrast"]})
LOOKS = sized(quick=(LIGHT,), soak=(LIGHT, DARK))
# All keys in one turn of the page; what it does not prevent is done, as the browser would do it.
BURST = """text => {
  for (const key of [...text, "Enter"]) {
    const at = document.activeElement;
    if (!at.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }))) continue;
    if (key === "Enter") at.click();
    else if (at.matches("input, textarea")) at.value += key;
  }
}"""


@contextmanager
def a_browser() -> Iterator[Page]:
    """Give a browser of a guard; what its console or scripts complain of fails the test, but for forms that are sent back."""
    faults: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and "status of 422" not in message.text:
            faults.append(message.text)

    program = find_program("chromium", "chromium-browser", "google-chrome", package="chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        page = browser.new_page(locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1280, "height": 800})
        page.on("console", note)
        page.on("pageerror", lambda error: faults.append(str(error)))
        yield page
        browser.close()
    assert not faults, f"the page reported errors: {faults}"


class Booth:
    """One browser of one guard; pages are in English, the language of the sources."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url.rstrip("/")
        self._looked_over: set[str] = set()

    # --- going and doing --------------------------------------------------------------------------

    def sign_in(self, guard: Guard) -> None:
        """Sign in by badge and PIN, as keys alone do it."""
        self.page.goto(f"{self.url}/language/en?back=/sign-in")
        expect(self.page.get_by_label("Badge number")).to_be_focused()
        for text, key in ((guard.badge, "Tab"), (guard.pin, "Enter")):
            self.page.keyboard.type(text)
            self.page.keyboard.press(key)
        expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()

    def goes(self, path: str) -> None:
        """Open a page of the booth; its scripts have run."""
        self.page.goto(self.url + path)
        self.page.wait_for_load_state("load")

    def types(self, letters: str) -> None:
        """Press one key after the other as a hand does, on a page whose scripts have run."""
        self.page.wait_for_load_state("load")
        self.page.keyboard.type(letters, delay=HAND_MS)

    def key(self, name: str) -> None:
        """Press one key that is no letter, no quicker than a hand."""
        self.page.keyboard.press(name, delay=HAND_MS)

    def types_letter_of(self, selector: str) -> None:
        """Press the letter that is printed on this button or choice."""
        self.page.wait_for_load_state("load")
        wanted = self.page.locator(selector)
        self.types((wanted.get_attribute("data-page-key") or wanted.get_attribute("data-letter") or "").lower())

    def calls(self, letter: str, page: str) -> None:
        """Open a page by its letter."""
        self.types(letter)
        self.is_at(page)

    def is_at(self, page: str) -> None:
        """See that this page is shown and its scripts have run."""
        expect(self.page.locator(f'body[data-page="{page}"]')).to_be_attached()
        self.page.wait_for_load_state("load")

    def scans(self, text: str) -> None:
        """Type as a wedge scanner does, Enter last: quicker than a hand however busy this machine is."""
        self.page.wait_for_load_state("load")
        self.page.evaluate(BURST, text)

    def presses(self, name: str, within: Locator | None = None) -> None:
        """Press a button by what stands on it."""
        (within or self.page).get_by_role("button", name=name).first.click()

    def follows(self, name: str, within: Locator | None = None) -> None:
        """Follow a link by what stands on it."""
        (within or self.page).get_by_role("link", name=name).first.click()
        self.page.wait_for_load_state("load")

    def writes(self, label: str, text: str, within: Locator | None = None) -> None:
        """Type into a field."""
        (within or self.page).get_by_label(label).first.fill(text)

    # --- seeing -----------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """The record that this page is about, by its address."""
        found = re.search(r"[0-9a-f]{8}-[0-9a-f-]{27}", urlsplit(self.page.url).path)
        assert found, f"no record in {self.page.url}"
        return found[0]

    def says(self, text: str | re.Pattern[str]) -> None:
        """See the reply to what was done."""
        expect(self.page.locator("[role=status]").filter(has_text=text).first).to_be_visible()

    def shows(self, text: str | re.Pattern[str], where: str = "body") -> None:
        """See a text on the page."""
        expect(self.page.locator(where)).to_contain_text(text)

    def lane(self, name: str) -> Locator:
        """Return the card of a lane."""
        return self.page.locator("article.lane").filter(has_text=name)

    def refer(self, letter: str) -> Locator:
        """Return the question of the lane with this letter."""
        return self.page.locator("#refers > li[data-key]").filter(has=self.page.locator(f'[data-keys^="{letter}"]'))

    # --- judging ----------------------------------------------------------------------------------

    def look_over(self, name: str) -> None:
        """Find no serious or critical fault in this page as it stands, light and dark; once for each name."""
        if name in self._looked_over:
            return
        self._looked_over.add(name)
        found = [fault for scheme, asked in LOOKS for fault in self._faults(scheme, asked)]
        self.page.emulate_media(color_scheme=None)
        assert not found, f"{name}: {json.dumps(found, ensure_ascii=False, indent=1)}"

    def _faults(self, scheme: Any, asked: dict[str, Any]) -> list[dict[str, Any]]:
        self.page.emulate_media(color_scheme=scheme)
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)
        found = self.page.evaluate("async asked => (await axe.run(asked)).violations", {"resultTypes": ["violations"], **asked})
        return [
            {"rule": one["id"], "theme": scheme, "at": [(node["html"][:200], node["failureSummary"]) for node in one["nodes"]]}
            for one in found
            if one["impact"] in BAD
        ]


def reached(booth: Booth, field: str) -> None:
    """Go to a field by the tabulator."""
    for _ in range(60):
        if booth.page.locator(field).evaluate("field => field === document.activeElement"):
            return
        booth.page.keyboard.press("Tab")  # which is no key of a burst
    raise AssertionError(f"no way to {field} by keys")
