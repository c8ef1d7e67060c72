"""What a gate that is cut off cannot know, said plainly: which checks are weaker, and what becomes of grants, and when. Pure."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from access.on_record import ListAge
from access.rules.list_age import HOUR_S, limits
from access.rules.rescue import ANSWERING_CALLS
from access.snapshot import Snapshot
from edge.booth_messages import NeighbourView, OutlookView
from edge.messages import SyncState
from edge.peer_messages import NeighboursHeard

SILENT_S = 30.0  # a neighbour that is there says so every five seconds
FRESH_S = 90.0  # a registry that is there answers at least every half minute

WITHDRAWN = "withdrawn"  # who was blocked or lost a card since then still passes
ANNOUNCED = "announced"  # who was announced or registered since then is not known
ELSEWHERE = "elsewhere"  # what other gates have seen since then is not known: who is inside, what was used
OFFICE = "office"  # the office cannot command this gate
CLOCK = "clock"  # hours and ends of validity go by a clock that is not sure
NO_RULES = "no_rules"  # nobody is known


def on_own_clock(told: SyncState, before: SyncState | None, revision: int, now: float, at_utc: float) -> SyncState:
    """Return what the courier tells with the times of its lists on the gate's own clock: none is fresh for a clock that was set.

    `revision` is that of the rules in force: what the registry says of others does not make these any fresher. `now`: monotonic.
    """
    rules_utc = told.rules_utc if told.rules_mono is None else at_utc - (now - told.rules_mono)
    if told.rules_revision != revision:
        rules_utc = before.rules_utc if before else 0.0
    facts_utc = told.facts_utc if told.facts_mono is None else at_utc - (now - told.facts_mono)
    return replace(told, rules_utc=rules_utc, deny_utc=max(told.deny_utc, rules_utc), facts_utc=facts_utc)


def weaker(sync: SyncState | None, revision: int, clock: str, at_utc: float) -> tuple[str, ...]:
    """Return which checks are weaker now. `clock` is the quality of the time."""
    found: list[str] = []
    if revision == 0:
        found.append(NO_RULES)
    if sync is None or _is_old(sync.rules_utc, at_utc):
        if sync is None or _is_old(sync.deny_utc, at_utc):
            found.append(WITHDRAWN)
        found.append(ANNOUNCED)
    if sync is None or _is_old(sync.facts_utc, at_utc):
        found.append(ELSEWHERE)
    if sync is None or not sync.online:
        found.append(OFFICE)
    if clock != "trusted":
        found.append(CLOCK)
    return tuple(found)


def _is_old(utc: float, at_utc: float) -> bool:
    """Tell whether a list is: also where it was confirmed later than it is now, by a clock that was ahead."""
    return abs(at_utc - utc) > FRESH_S


def neighbours(heard: NeighboursHeard, rules: Snapshot | None, now: float, at_utc: float) -> tuple[NeighbourView, ...]:
    """Return the other gates of the site as the courier has last heard them over the LAN; `now`: monotonic."""
    seen: list[NeighbourView] = []
    for edge, mono in heard.heard_mono.items():
        peer = rules.peers.get(UUID(edge)) if rules else None
        is_here = edge not in heard.gone and mono is not None and now - mono < SILENT_S
        state = "heard" if is_here else "gone" if edge in heard.gone else "silent"
        seen.append(NeighbourView(peer.name if peer else edge, state, 0.0 if mono is None else at_utc - (now - mono)))
    return tuple(sorted(seen, key=lambda one: one.name))


def outlook(
    directions: Mapping[str, str], set_by_site: Mapping[str, ListAge], confirmed_utc: float, at_utc: float
) -> tuple[OutlookView, ...]:
    """Return what each lane does, soonest first, by rules last confirmed then; nothing while they are fresh.

    `directions`: of each lane, by its id: in, out or both.
    """
    if not confirmed_utc or not _is_old(confirmed_utc, at_utc):
        return ()
    grouped: dict[tuple[int, str], list[str]] = defaultdict(list)
    for category, limit in limits(set_by_site).items():
        grouped[limit.hours, "as_set" if category in ANSWERING_CALLS else limit.then].append(category)
    serving = {way: tuple(lane for lane, ways in directions.items() if ways in (way, "both")) for way in ("in", "out")}
    return tuple(
        OutlookView(lanes, way, tuple(categories), hours, then, confirmed_utc + hours * HOUR_S)
        for way, lanes in serving.items()
        if lanes
        for (hours, then), categories in sorted(grouped.items())
    )
