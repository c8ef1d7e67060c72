"""The order in which facts of several clocks happened: each origin's own order, and time as far as a clock can be believed."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from access.workflows.events import Fact

# How far a clock may be off. A trusted one is within 5 s (GA/T 1742-2020); a floor is only the earliest time there is.
SLACK = {"trusted": timedelta(seconds=5), "drifting": timedelta(minutes=5), "floor": timedelta(minutes=5)}
RANKS = {"trusted": 0, "drifting": 1, "floor": 2}
END_OF_TIME = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Placed:
    """A fact with the span of true time in which it can have happened."""

    fact: Fact
    earliest: datetime
    latest: datetime

    def preference(self) -> tuple[int, datetime, str, int]:
        """Return what decides between facts whose times overlap: the better clock, then what the clocks say."""
        return RANKS[self.fact.quality], self.fact.event.at, self.fact.origin, self.fact.seq


def in_order(facts: Iterable[Fact]) -> list[Fact]:
    """Return the facts, each id once, in the order they happened; the same whatever order they are given in.

    An origin's own facts follow its `seq` whatever its clock said. Of two origins' facts the surely earlier one comes first;
    where the spans overlap, the one of the better clock (trusted before drifting before floor).
    """
    queues = _by_origin(facts)
    ordered = []
    while queues:
        heads = [queue[-1] for queue in queues.values()]
        limit = min(head.latest for head in heads)
        possible = [head for head in heads if head.earliest <= limit or head.latest == limit]
        chosen = min(possible, key=_Placed.preference)
        ordered.append(chosen.fact)
        queue = queues[chosen.fact.origin]
        queue.pop()
        if not queue:
            del queues[chosen.fact.origin]
    return ordered


def _by_origin(facts: Iterable[Fact]) -> dict[str, list[_Placed]]:
    """Return each origin's facts, last first, so that the next one is popped from the end."""
    queues: dict[str, list[Fact]] = defaultdict(list)
    for fact in {fact.id: fact for fact in facts}.values():
        queues[fact.origin].append(fact)
    return {origin: _placed(sorted(queue, key=lambda fact: fact.seq)) for origin, queue in queues.items()}


def _placed(queue: list[Fact]) -> list[_Placed]:
    """Return one origin's facts, last first; none can have happened after what the same origin recorded later."""
    placed: list[_Placed] = []
    for fact in reversed(queue):
        span = _span(fact)
        placed.append(span if not placed else replace(span, latest=min(span.latest, placed[-1].latest)))
    return placed


def _span(fact: Fact) -> _Placed:
    at, slack = fact.event.at, SLACK[fact.quality]
    return _Placed(fact, at - slack, END_OF_TIME if fact.quality == "floor" else at + slack)
