"""This place as the booth knows it."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from access import plate
from access.words import worded
from access.workflows.words import STATES, WORDS
from edge.desk.booth import Booth
from edge.desk.feature import Feature, Told
from edge.desk.visitors import standing, words
from edge.desk.visitors.looking import look
from edge.desk.visitors.routes import router
from edge.desk.visitors.standing import Standing

FIRST = "visitors/first"
PARTS = ("visitors/overdue", "visitors/asked", "visitors/inside", "visitors/expected")
ROWS_MAX = 60


def shown(booth: Booth, page: str, language: str) -> Told:
    """Return what a page of visitors shows."""
    helpers: dict[str, Any] = {"helps": Helps(booth, language), "visiting": words, "rows_max": ROWS_MAX}
    if page != FIRST:
        return Told(values=helpers)
    return Told(PARTS, {**helpers, "lists": look(booth).lists})


class Helps:
    """Words that templates need: codes, categories and times as a guard reads them."""

    def __init__(self, booth: Booth, language: str) -> None:
        self._booth = booth
        self._language = language

    def category(self, code: str) -> str:
        """Return what the site calls a kind of visitor."""
        for one in standing.categories_of(self._booth.book.pages.settings):
            if one.code == code:
                return one.zh if self._language == "zh" else one.en
        return worded(WORDS, code, self._language)

    def called(self, visit: Standing) -> str:
        """Return how a visitor is called: by name, else by the plate, else as what they are; nobody knows of a code alone."""
        if visit.name or not visit.is_known:
            return visit.name
        return plate.shown(visit.plates[0]) if visit.plates else self.category(visit.visit.terms.category.code)

    def word(self, code: str) -> str:
        """Return a code in words: an obligation, for one."""
        return worded(WORDS, code, self._language)

    def state(self, visit: Standing) -> str:
        """Return in words how a visit stands."""
        return worded(STATES["visit"], visit.visit.state, self._language)

    def moment(self, at: datetime) -> str:
        """Return a time of today, or with its date."""
        zone = ZoneInfo(self._booth.config.gate.zone)
        local = at.astimezone(zone)
        today = datetime.fromtimestamp(self._booth.clock.utc(), UTC).astimezone(zone).date()
        return local.strftime("%H:%M" if local.date() == today else "%m-%d %H:%M")


VISITORS = Feature("visitors", "V", words.TITLE, router, shown, words.REFUSALS)
