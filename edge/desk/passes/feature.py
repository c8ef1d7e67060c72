"""This place as the booth knows it."""

from typing import TYPE_CHECKING

from edge.desk import words as shared
from edge.desk.feature import Feature, Told
from edge.desk.passes import words
from edge.desk.passes.routes import router
from edge.desk.passes.standing import board_of

if TYPE_CHECKING:
    from edge.desk.booth import Booth

FIRST = "passes/first"
PARTS = ("passes/tally", "passes/overdue", "passes/board")


def shown(booth: "Booth", page: str, language: str) -> Told:
    """Return what a page of this place shows: the board, on the page that has it."""
    elsewhere = shared.catalogue(language).gettext(words.ELSEWHERE)
    board = board_of(booth.config, booth.book.pages, booth.clock.utc(), elsewhere)
    return Told(PARTS if page == FIRST else (), {"board": board, "told": words})


PASSES = Feature("passes", "P", words.TITLE, router, shown, words.REFUSALS)
