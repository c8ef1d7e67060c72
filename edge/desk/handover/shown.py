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
from edge.desk.passes.standing import board_of


def here_of(booth: Booth, one: Standing) -> sheet.Here:
    """Return what the sheet of a shift is made of now."""
    board = board_of(booth.config, booth.book.pages, booth.clock.utc(), "")
    return sheet.Here(booth.situation, board, one.began or datetime.fromtimestamp(one.record.begins, UTC))


def shown(booth: Booth, _page: str, language: str) -> Told:
    """Return what templates of this place call: words of items and states, and who somebody is."""
    names = sheet.equipment_names(booth.book.pages.settings, language)

    def item_name(code: str) -> str:
        return names.get(code) or worded(WORDS, code, language).removeprefix(sheet.EQUIPMENT)

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
