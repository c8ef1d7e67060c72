"""A row of the log as cells of a sheet: in words, and with nothing in them that a spreadsheet obeys or hides. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, tzinfo
from typing import Final, NamedTuple
from uuid import UUID

from access.words import worded
from central.files.writing import Cell
from central.log.schemas import Row
from central.log_export.words import CATEGORIES, HEADS, MEDIA, OUTCOMES

# What Excel has room for in a cell, in units of UTF-16; one is left for an apostrophe.
UNITS_MAX: Final = 32_767 - 1
# What ends a line or leaps: it would make several cells of one.
_BREAKS: Final = re.compile("[\t\n\v\f\r\x85\u2028\u2029]+")
# What is not seen, or turns the order of what is: control characters, halves of characters, marks of direction, tags.
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
REPLACED: Final = "\ufffd"


class Names(NamedTuple):
    """What sites, gates and lanes are called, and the zones of the sites."""

    called: Mapping[UUID, str]
    zones: Mapping[UUID, tzinfo]


def clean(text: str) -> str:
    """Return a text that is seen as it is, in one line, no longer than a cell of Excel; what is not seen shows as U+FFFD."""
    if not text.isprintable():
        text = _UNSEEN.sub(REPLACED, _BREAKS.sub(" ", text))
    if len(text) * 2 > UNITS_MAX and len(units := text.encode("utf-16-le")) > UNITS_MAX * 2:
        return units[: (UNITS_MAX - 1) * 2].decode("utf-16-le", "ignore") + "…"
    return text


def heads(language: str) -> list[str]:
    """Return the headers of the columns."""
    return [worded(HEADS, name, language) for name in HEADS]


def cells(row: Row, names: Names, language: str) -> list[Cell]:
    """Return the cells of a row, in the order of the headers; times in the zone of the site, and in UTC to the millisecond."""
    texts: Sequence[str] = (
        row.at.astimezone(names.zones.get(row.site, UTC)).isoformat(" ", "seconds")[:19],
        row.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        names.called.get(row.site, ""),
        names.called.get(row.gate, ""),
        names.called.get(row.lane, "") if row.lane else "",
        worded(OUTCOMES, row.outcome, language),
        row.sentence.get(language, ""),
        row.reason,
        row.story.get(language, ""),
        worded(MEDIA, row.medium, language),
        row.credential,
        row.holder,
        row.unit,
        worded(CATEGORIES, row.category, language),
    )
    return [*map(clean, texts), len(row.pictures), clean(row.passage), str(row.id)]
