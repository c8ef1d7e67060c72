"""Who passed where no reader is, counted from what guards pressed today; and what of it can still be taken back. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from edge.desk.journal_read import Act

UNDO_S = 5
COUNT, CHECK = "count", "check"
_SLACK_S = 1  # what the way of a press may take


@dataclass(frozen=True, slots=True)
class Today:
    """Counts of a day: by kind and direction, and by hour and direction."""

    by_kind: Counter[tuple[str, str]]
    by_hour: Counter[tuple[int, str]]

    def kind(self, what: str, way: str) -> int:
        """Return how many of a kind went one way."""
        return self.by_kind[what, way]

    @property
    def hours(self) -> list[int]:
        """The hours in which anybody was counted."""
        return sorted({hour for (hour, _), number in self.by_hour.items() if number})

    @property
    def highest(self) -> int:
        """The most that went one way in an hour, at least 1."""
        return max([1, *self.by_hour.values()])

    def total(self, way: str) -> int:
        """Return how many went one way."""
        return sum(number for (_, of), number in self.by_kind.items() if of == way)


def today(acts: Iterable[Act], at: datetime, zone: str) -> Today:
    """Return what was counted on the day of `at` on the clock of the zone."""
    by_kind: Counter[tuple[str, str]] = Counter()
    by_hour: Counter[tuple[int, str]] = Counter()
    clock = ZoneInfo(zone)
    midnight = at.astimezone(clock).replace(hour=0, minute=0, second=0, microsecond=0)
    begins, ends = (moment.astimezone(UTC) for moment in (midnight, midnight + timedelta(days=1)))
    for act in (act for act in acts if begins <= act.at < ends):
        local, number = act.at.astimezone(clock), act.values.get("number", 0)
        if isinstance(number, int):
            what, way = str(act.values.get("what", "")), str(act.values.get("direction", ""))
            by_kind[what, way] += number
            by_hour[local.hour, way] += number
    return Today(by_kind, by_hour)


def undoable(acts: Sequence[Act], guard: str, at: datetime) -> Act | None:
    """Return the newest press of a guard (a badge), while it can still be taken back and has not been."""
    last = next((act for act in reversed(acts) if act.guard == guard and act.name == COUNT), None)
    if last is None or "undoes" in last.values:
        return None
    return last if at - last.at <= timedelta(seconds=UNDO_S + _SLACK_S) else None
