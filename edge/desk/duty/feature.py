"""This place as the booth knows it."""

from edge.desk.booth import Booth
from edge.desk.duty import incidents, rounds, words
from edge.desk.duty.doing import cameras_of
from edge.desk.duty.notices import notices_now
from edge.desk.duty.posts import posts_of
from edge.desk.duty.routes import router
from edge.desk.feature import Feature, Told

FIRST = "duty/first"


def _shown(booth: Booth, page: str, _language: str) -> Told:
    """Return what goes on at the post, kept true, and what the forms of this place offer."""
    pages = booth.book.pages
    values = {
        "duty": words,
        "cameras": cameras_of(booth),
        "posts": posts_of(booth),
        "notices": notices_now(booth),
        "open_incidents": [one for one in incidents.all_standing(pages) if one.is_open],
        "running": [one for one in rounds.rounds(pages) if one.ended_at is None],
    }
    return Told(("duty/now",) if page == FIRST else (), values)


DUTY = Feature("duty", "D", words.TITLE, router, _shown, words.REFUSALS)
