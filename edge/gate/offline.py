"""What a gate that is cut off cannot know, said plainly: which checks are weaker, and what becomes of grants, and when. Pure."""

from collections import defaultdict
from collections.abc import Mapping

from access.on_record import ListAge
from access.rules.list_age import HOUR_S, limits
from edge.messages import OutlookView, SyncState

FRESH_S = 90.0  # a registry that is there answers at least every half minute

WITHDRAWN = "withdrawn"  # who was blocked or lost a card since then still passes
ANNOUNCED = "announced"  # who was announced or registered since then is not known
ELSEWHERE = "elsewhere"  # what other gates have seen since then is not known: who is inside, what was used
OFFICE = "office"  # the office cannot command this gate
CLOCK = "clock"  # hours and ends of validity go by a clock that is not sure
NO_RULES = "no_rules"  # nobody is known


def weaker(sync: SyncState | None, revision: int, clock: str, at_utc: float) -> tuple[str, ...]:
    """Return which checks are weaker now. `clock` is the quality of the time."""
    found: list[str] = []
    if revision == 0:
        found.append(NO_RULES)
    if sync is None or at_utc - sync.rules_utc > FRESH_S:
        if sync is None or at_utc - sync.deny_utc > FRESH_S:
            found.append(WITHDRAWN)
        found.append(ANNOUNCED)
    if sync is None or at_utc - sync.facts_utc > FRESH_S:
        found.append(ELSEWHERE)
    if sync is None or not sync.online:
        found.append(OFFICE)
    if clock != "trusted":
        found.append(CLOCK)
    return tuple(found)


def outlook(set_by_site: Mapping[str, ListAge], confirmed_utc: float, at_utc: float) -> tuple[OutlookView, ...]:
    """Return what becomes of grants, soonest first, by rules last confirmed then; none while they are fresh."""
    if not confirmed_utc or at_utc - confirmed_utc <= FRESH_S:
        return ()
    grouped: dict[tuple[int, str], list[str]] = defaultdict(list)
    for category, limit in limits(set_by_site).items():
        grouped[limit.hours, limit.then].append(category)
    return tuple(
        OutlookView(tuple(categories), hours, then, confirmed_utc + hours * HOUR_S)
        for (hours, then), categories in sorted(grouped.items())
    )
