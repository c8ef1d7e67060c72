"""Chromium of the system, driven by Playwright's synchronous interface."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, expect, sync_playwright

from tests.servers.programs import find_program

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Our pages ask nobody but our own servers: every other name fails to resolve.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
)

# A page of a loaded machine is late, not wrong.
expect.set_options(timeout=20_000)


# One browser per module: while Playwright is open its event loop occupies the thread, and `asyncio.run` of another
# module's tests would find a loop running.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Give a headless browser, one for the tests of a module."""
    program = find_program("chromium", "chromium-browser", "google-chrome", package="chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """Give an empty page with cookies of its own, in Chinese; an error in its console or scripts fails the test."""
    faults: list[str] = []

    def note_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            faults.append(message.text)

    def note_exception(error: Error) -> None:
        faults.append(str(error))

    context = chromium.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.on("console", note_console)
    page.on("pageerror", note_exception)
    yield page
    context.close()
    assert not faults, f"the page reported errors: {faults}"
