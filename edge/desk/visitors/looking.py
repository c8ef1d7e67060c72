"""All visits and the guard's lists of them, made anew when the book is, and every few seconds: time alone brings some about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from edge.desk.book import Pages
from edge.desk.booth import Booth
from edge.desk.visitors import standing
from edge.desk.visitors.forms import day_end
from edge.desk.visitors.standing import Lists, Standing

FRESH_S = 5


@dataclass(frozen=True, slots=True)
class Look:
    """The visits that concern the post, by id, and the lists; of which pages of the book they were made, and when."""

    found: Mapping[str, Standing] = field(default_factory=dict)
    lists: Lists = field(default_factory=Lists)
    pages: Pages = field(default_factory=Pages)
    turn: int = -1


_last = [Look()]


def look(booth: Booth) -> Look:
    """Return the visits by what was read last."""
    pages, utc = booth.book.pages, booth.clock.utc()
    turn = int(utc // FRESH_S)
    if _last[0].pages is not pages or _last[0].turn != turn:
        now = datetime.fromtimestamp(utc, UTC)
        found = standing.every(pages, now)
        _last[0] = Look(found, standing.lists(found.values(), now, day_end(now, booth.config.gate.zone)), pages, turn)
    return _last[0]
