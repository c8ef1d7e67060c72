"""What a batch of entries adds to the counts of the log, and which plates it names; pure, so that another process may do it."""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from access.results import WENT_THROUGH

PASSAGE: Final = "passage"
COUNTED: Final = frozenset({"decision", "guard", "lane", "observation", "pass", "slip", "visit", "vehicle", PASSAGE})
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Zones differ from UTC by whole quarters of an hour.
_QUARTER: Final = timedelta(minutes=15)


class Cell(NamedTuple):
    """What is counted together: one hour of one sort at one lane (by id in hex, empty for none), by the clock of the site."""

    day: str
    hour: int
    lane: str
    outcome: str
    category: str
    guard: str


class Told(NamedTuple):
    """What is read back of a tally."""

    plates: tuple[str, ...] = ()
    cells: Mapping[Cell, int] = {}


class Tally:
    """Counts entries, one after another."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)
        self._plates: set[str] = set()
        self._cells: Counter[Cell] = Counter()
        self._hours: dict[int, tuple[str, int]] = {}

    def add(self, lane: bytes | None, columns: Mapping[str, Any], fields: Mapping[str, Any]) -> None:
        """Count an entry by its columns; of a passage its result counts."""
        kind = columns["kind"]
        if kind not in COUNTED:
            return
        if plate := columns["plate"]:
            self._plates.add(plate)
        outcome = columns["outcome"] or kind
        if kind == PASSAGE:
            outcome = "passed" if fields.get("result") in WENT_THROUGH else "not_passed"
        sort = (outcome, columns["category"] or "", columns["guard"] or "")
        self._cells[Cell(*self._hour(columns["at_us"]), lane.hex() if lane else "", *sort)] += 1

    def as_json(self) -> str:
        """Return it as JSON, "" where there is nothing."""
        if not self._cells:
            return ""
        return json.dumps([sorted(self._plates), [[*cell, count] for cell, count in self._cells.items()]])

    def _hour(self, at_us: int) -> tuple[str, int]:
        quarter = at_us // (_QUARTER // timedelta(microseconds=1))
        if quarter not in self._hours:
            local = (_EPOCH + quarter * _QUARTER).astimezone(self._zone)
            self._hours[quarter] = (local.date().isoformat(), local.hour)
        return self._hours[quarter]


def read_tally(text: str) -> Told:
    """Return what `as_json` told."""
    if not text:
        return Told()
    plates, cells = json.loads(text)
    return Told(tuple(plates), {Cell(*cell): count for *cell, count in cells})


def lane_of(cell: Cell) -> UUID:
    """Return the lane of a cell, all zeros for none."""
    return UUID(cell.lane or "0" * 32)
