"""The booth as a guard's browser without scripts sees it: links, forms, tables."""

from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

import httpx

from simulators.estate import Guard

TIMEOUT_S: Final = 10.0
DEVICE_CELLS_MIN: Final = 6


class BoothError(Exception):
    """The booth cannot be reached now, or does not let this guard in."""


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One device on the devices page: what its wire has carried, and refused why."""

    is_up: bool
    frames: int
    refused: int
    why: str


@dataclass(slots=True)
class Page:
    """What is on a page: where its links lead, its forms' hidden fields by where they are sent, the rows of its tables."""

    links: list[str] = field(default_factory=list)
    forms: dict[str, dict[str, str]] = field(default_factory=dict)
    rows: list[list[str]] = field(default_factory=list)

    def form(self, path: str) -> tuple[str, dict[str, str]] | None:
        """Return the form that is sent to `path`: its whole address and hidden fields."""
        return next(((action, hidden) for action, hidden in self.forms.items() if action.split("?")[0] == path), None)


class _Reading(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self._in_cell = False
        self._hidden: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.page.links.append(given.get("href", ""))
        elif tag == "form":
            self._hidden = self.page.forms.setdefault(given.get("action", ""), {})
        elif tag == "input" and given.get("type") == "hidden":
            self._hidden[given.get("name", "")] = given.get("value", "")
        elif tag == "tr":
            self.page.rows.append([])
        elif tag in ("th", "td") and self.page.rows:
            self.page.rows[-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("th", "td"):
            self._in_cell = False

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            cells = self.page.rows[-1]
            cells[-1] = " ".join([*cells[-1].split(), *data.split()])


def read_page(html: str) -> Page:
    """Take a page apart."""
    reading = _Reading()
    reading.feed(html)
    return reading.page


def _device(row: list[str]) -> DeviceRow:
    _, state, _, frames, refused, why, *_ = row
    return DeviceRow(state.startswith("✓"), _number(frames), _number(refused), why)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


class BoothPages:
    """One browser. `address` tells where the booth is now: it may come back elsewhere."""

    def __init__(self, address: Callable[[], str]) -> None:
        self._address = address
        self._browser = httpx.Client(follow_redirects=True, timeout=TIMEOUT_S, trust_env=False)

    def close(self) -> None:
        """Close the browser."""
        self._browser.close()

    def answer(self, guard: Guard, lane: str, act: str, why: str) -> bool:
        """Answer what waits at `lane`, as a stranger; False where nothing does. Raises BoothError."""
        path = f"/lanes/{lane}/{act}"
        wanted = f"{path}?passage="
        link = next((link for link in self._open(guard, "/").links if link.startswith(wanted) and "choice=" not in link), None)
        form = self._open(guard, link).form(path) if link else None
        if form is None:
            return False  # or it has gone meanwhile
        action, hidden = form
        return self._post(action, {**hidden, "reason": why}).is_success

    def devices(self, guard: Guard) -> dict[str, DeviceRow]:
        """Return what the devices page tells of each device. Raises BoothError."""
        page = self._open(guard, "/devices")
        return {row[0]: _device(row) for row in page.rows if len(row) > DEVICE_CELLS_MIN}

    def _open(self, guard: Guard, path: str) -> Page:
        response = self._get(path)
        if response.url.path == "/sign-in":
            form = read_page(response.text).form("/sign-in")
            hidden = form[1] if form else {}
            self._post("/sign-in", {**hidden, "badge": guard.badge, "pin": guard.pin})
            response = self._get(path)
        if response.url.path == "/sign-in" or not response.is_success:
            raise BoothError(f"the booth shows {response.url.path} with status {response.status_code}, not {path}")
        return read_page(response.text)

    def _get(self, path: str) -> httpx.Response:
        try:
            return self._browser.get(self._base() + path)
        except httpx.HTTPError as error:
            raise BoothError(f"the booth does not answer: {error}") from error

    def _post(self, path: str, fields: dict[str, str]) -> httpx.Response:
        try:
            return self._browser.post(self._base() + path, data=fields)
        except httpx.HTTPError as error:
            raise BoothError(f"the booth does not answer: {error}") from error

    def _base(self) -> str:
        return self._address().rstrip("/")
