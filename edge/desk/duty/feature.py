"""This place as the booth knows it."""

from collections.abc import Mapping
from typing import Any

from edge.desk.book import Pages
from edge.desk.booth import Booth
from edge.desk.duty import incidents, rounds, words
from edge.desk.duty.doing import cameras_of
from edge.desk.duty.notices import notices_now
from edge.desk.duty.posts import posts_of
from edge.desk.duty.routes import router
from edge.desk.feature import Feature, Told

FIRST = "duty/first"


class _GoingOn:
    """What is open now; made anew when the book is: open pages ask for it twice a second."""

    def __init__(self) -> None:
        self._pages: Pages | None = None
        self._open: dict[str, Any] = {}

    def now(self, pages: Pages) -> Mapping[str, Any]:
        """Return incidents that are open and rounds that somebody is on."""
        if pages is not self._pages:
            open_incidents = [one for one in incidents.all_standing(pages) if one.is_open]
            running = [one for one in rounds.rounds(pages) if one.ended_at is None]
            self._pages, self._open = pages, {"open_incidents": open_incidents, "running": running}
        return self._open


_going_on = _GoingOn()


def _shown(booth: Booth, page: str, _language: str) -> Told:
    """Return what goes on at the post, kept true, and what the forms of this place offer."""
    values = {"duty": words, "cameras": cameras_of(booth), "posts": posts_of(booth)}
    if page != FIRST:
        return Told((), values)
    return Told(("duty/now",), {**values, "notices": notices_now(booth), **_going_on.now(booth.book.pages)})


DUTY = Feature("duty", "D", words.TITLE, router, _shown, words.REFUSALS)
