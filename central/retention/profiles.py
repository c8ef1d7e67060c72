"""For how long each class of data is kept: ready profiles, and the limits of a site's own; pure.

Ages are counted from when the registry received something: that is the one clock it can answer for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, get_args

Class = Literal["events", "identity", "pictures", "fragments", "audit"]
CLASSES: Final[tuple[Class, ...]] = get_args(Class)
Ready = Literal["cn", "eu"]
ProfileName = Literal["keep", "cn", "eu", "own"]


class Bounds(NamedTuple):
    """The fewest and the most days that a site may choose."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Days:
    """For how many days each class is kept; None: until somebody chooses."""

    events: int | None = None
    identity: int | None = None
    pictures: int | None = None
    fragments: int | None = None
    audit: int | None = None

    def of(self, what: Class) -> int | None:
        """Return the days of one class."""
        days: int | None = getattr(self, what)
        return days

    def facts(self) -> dict[str, int | None]:
        """Return them by name."""
        return {what: self.of(what) for what in CLASSES}


# Of the audit at least 180 days: Cybersecurity Law (network logs, six months). Nothing for more than ten years.
LIMITS: Final[Mapping[Class, Bounds]] = MappingProxyType(
    {
        "events": Bounds(30, 3650),
        "identity": Bounds(1, 3650),
        "pictures": Bounds(1, 3650),
        "fragments": Bounds(1, 365),
        "audit": Bounds(180, 3650),
    }
)
# cn: GA/T 1742-2020 wants what was recorded of a passage, the plate too, for 365 days or more, GB 50396 180; PIPL 19 no longer
# than needed: so the year and not a day more. Fragments of ID numbers and pictures: 30 days, as is advised for visitors' records.
# eu: access logs with names three months (CNIL), pictures of plates a month; what is left of an entry then names nobody.
READY: Final[Mapping[Ready, Days]] = MappingProxyType(
    {
        "cn": Days(events=365, identity=365, pictures=30, fragments=30, audit=365),
        "eu": Days(events=365, identity=90, pictures=30, fragments=30, audit=180),
    }
)
KEEP: Final = Days()


def faults(days: Days) -> Iterator[tuple[Class, str]]:
    """Yield which class is out of its bounds, or outlives the entries that it hangs on."""
    for what, bounds in LIMITS.items():
        chosen = days.of(what)
        if chosen is not None and not bounds.least <= chosen <= bounds.most:
            yield what, "bounds"
    for what in ("identity", "pictures"):
        chosen = days.of(what)
        if days.events is not None and (chosen is None or chosen > days.events):
            yield what, "events"


def cutoff(days: int | None, now: datetime) -> datetime | None:
    """Return before which moment something must have come to go; None: nothing goes."""
    return None if days is None else now - timedelta(days=days)
