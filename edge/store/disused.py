"""Sums of what is long over: how often a visit was used, what went out on a slip. They go, or they would grow for years.

One goes once nothing was added to it for LONGEST_US: no visit lasts as long (`visit_hours_max`), so the window of whoever was let
in by it is over, and the window is asked before the uses. What the rules still tell of stays whatever its age, as a slip that is
valid for years; rules that were not confirmed since tell nothing. Times count from when the clock was trusted: by one that was
behind a use would look older than it is.
"""

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from uuid import UUID

from edge.store.following import Following
from edge.store.received import kept_in, reading

DAY_US = 86_400_000_000
LONGEST_US = 400 * DAY_US
AT_ONCE = 50  # so many go, or are dated, in one commit: a lane may have to wait for it
_LIVING = "SELECT 1 FROM living WHERE kind IN ('visit', 'booth_visit', 'booth_slip') AND id = ? LIMIT 1"
_SUMS = "(name > 'released:' AND name < 'released;' OR name > 'uses:' AND name < 'uses;')"
_OLD = f"SELECT name FROM heard WHERE {_SUMS} GROUP BY name HAVING min(at_us) > 0 AND max(at_us) < ?"  # noqa: S608 - our own
_UNDATED = f"SELECT epoch, name FROM heard WHERE at_us = 0 AND {_SUMS} LIMIT ?"  # noqa: S608 - our own


@dataclass(frozen=True, slots=True)
class Disused:
    """Sums that may go, by name; and those, by (epoch, name), of which nobody knows yet how old they are. Some of each."""

    names: tuple[str, ...]
    undated: tuple[tuple[str, str], ...]


class OldSums(Following):
    """Reads on a connection of its own; one thread at a time. Every method may raise StoreError."""

    def disused(self, courier: Path, now_us: int) -> Disused:
        """Return what may go by a clock that is trusted, and is not told of by rules that were confirmed since."""
        undated = tuple((epoch, name) for epoch, name in self._query(_UNDATED, (AT_ONCE,)))
        # When they were confirmed and what they tell is of one moment: the courier's database may be made anew meanwhile.
        with reading(courier) as (db, _):
            before_us = min(now_us, kept_in(db).rules_utc * 1_000_000) - LONGEST_US
            old = (name for (name,) in self._query(_OLD, (before_us,)))
            not_told = (name for name in old if not db.execute(_LIVING, (_record(name),)).fetchone())
            return Disused(tuple(islice(not_told, AT_ONCE)), undated)


def _record(name: str) -> bytes:
    try:
        return UUID(name.split(":")[1]).bytes
    except ValueError:
        return b""
