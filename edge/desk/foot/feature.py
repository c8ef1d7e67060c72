"""This place as the booth knows it."""

from access.acts import CountActed
from edge.desk.booth import Booth
from edge.desk.feature import Feature, Told
from edge.desk.foot import words
from edge.desk.foot.counts import today
from edge.desk.foot.routes import router
from edge.desk.foot.words import REFUSALS, TITLE
from edge.desk.recording import now


def _shown(booth: Booth, page: str, _language: str) -> Told:
    """Say what was counted today."""
    del page
    counted = today(booth.book.pages.of_kind(CountActed.kind), now(booth), booth.config.gate.zone)
    return Told(("foot/today",), {"counted": counted, "of_foot": words})


FOOT = Feature("foot", "B", TITLE, router, _shown, REFUSALS)
