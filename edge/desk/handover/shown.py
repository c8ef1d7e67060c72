"""What the pages of the handover show beside their records."""

from collections.abc import Mapping
from datetime import UTC, datetime

from access.words import worded
from access.workflows.shift import undecided
from access.workflows.words import STATES, WORDS
from edge.desk.booth import Booth
from edge.desk.feature import Told
from edge.desk.handover import sheet, words
from edge.desk.handover.standing import Standing
from edge.desk.heading import lane_id


def here_of(booth: Booth, one: Standing) -> sheet.Here:
    """Return what the sheet of a shift is made of now."""
    pages = booth.book.pages
    slugs = [lane.id for lane in booth.config.lane]
    lanes = frozenset(slugs) | {str(lane_id(booth.config, pages, slug)) for slug in slugs}
    since = one.began or datetime.fromtimestamp(one.record.begins, UTC)
    return sheet.Here(pages, booth.situation, lanes, since)


def shown(booth: Booth, _page: str, language: str) -> Told:
    """Return what templates of this place call: words of items and states, and who somebody is."""
    settings = booth.book.pages.settings

    def item_name(code: str) -> str:
        if code.startswith(sheet.EQUIPMENT):
            return sheet.equipment_name(settings, code, language)
        return worded(WORDS, code, language)

    def who_is(badge: str) -> str:
        on_record = booth.roll.find(badge)
        return on_record.name if on_record else badge

    values: Mapping[str, object] = {
        "handover": words,
        "sheet": sheet,
        "item_name": item_name,
        "who_is": who_is,
        "state_name": lambda state: worded(STATES["shift"], state, language),
        "undecided": undecided,
    }
    return Told((), values)
