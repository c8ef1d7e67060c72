"""Where somebody was: who came in twice, left without having come in, or was at two gates at once; pure.

The order between gates is only as good as their clocks (`access.workflows.order`). Nothing is claimed where some order that the
clocks allow goes together.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final
from uuid import UUID

from access.immutable import immutable
from access.workflows.events import TIME, Event, Fact
from access.workflows.order import in_order
from central.ledger.findings import Finding, Severity, pair_key
from central.ledger.marks import END_US, SECOND_US, Mark

BETWEEN_GATES_S: Final = 60
# Of the states that entries of many gates, in an order that nobody knows, can lead to: the best are followed.
WAYS_MAX: Final = 50
_STREET: Final = ("in", "out", "set")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_US: Final = round(datetime(9000, 1, 1, tzinfo=UTC).timestamp()) * SECOND_US
_QUALITIES: Final = frozenset({"trusted", "drifting"})


def ordered(marks: Sequence[Mark]) -> list[Mark]:
    """Return the marks in the order they happened, as far as the clocks tell it; the same however they are given."""
    by_id = {one.entry: one for one in marks}
    return [by_id[fact.id] for fact in in_order(map(_fact, by_id.values()))]


def _fact(one: Mark) -> Fact:
    return Fact(one.entry, f"{one.edge}:{one.epoch}", one.seq, Event(at=moment(one), by=TIME), quality_of(one))


def moment(one: Mark) -> datetime:
    """Return the time of an entry, as far from the ends of the calendar as reckoning with it needs."""
    return _EPOCH + timedelta(microseconds=min(max(one.at_us, 86_400 * SECOND_US), _LATEST_US))


def quality_of(one: Mark) -> str:
    """Return what is known of an entry's clock; of a quality that is not known here no more is believed than of a floor."""
    return one.quality if one.quality in _QUALITIES else "floor"


def farthest_us(one: Mark, other: Mark) -> int:
    """Return by how much two moments can be apart at most."""
    if END_US in (one.latest_us, other.latest_us):
        return END_US
    return max(abs(one.latest_us - other.earliest_us), abs(other.latest_us - one.earliest_us))


def movements(topic: str, marks: Sequence[Mark], between_gates_s: int = BETWEEN_GATES_S) -> Iterator[Finding]:
    """Yield what cannot be of the ways of one subject (`at:`), or of the duplicate of a pass (`held:`)."""
    yield from _out_of_turn(topic, _as_it_may_have_been(marks))
    if topic.startswith("at:"):
        yield from _at_two_gates(topic, ordered(marks), between_gates_s)


def _at_two_gates(topic: str, line: Sequence[Mark], between_gates_s: int) -> Iterator[Finding]:
    seen = [one for one in line if one.what.get("way") not in ("set", "party")]
    for one, other in pairwise(seen):
        if one.gate != other.gate and (apart := farthest_us(one, other)) < between_gates_s * SECOND_US:
            facts = {"how": "two_gates", "seconds": -(-apart // SECOND_US), "needed": between_gates_s}
            yield Finding("impossible_movement", pair_key(topic, one, other), topic, "high", (one, other), facts)


def _out_of_turn(topic: str, line: Sequence[Mark]) -> Iterator[Finding]:
    """Yield who came in while inside, or left while outside where that is hard."""
    before, where = None, ""
    for one in line:
        now, is_wrong = _step(where, one)
        if is_wrong and before is not None:
            if now == "in":
                yield _came_twice(topic, before, one)
            else:
                key, facts = pair_key(topic, before, one), {"how": "out_without_in"}
                yield Finding("impossible_movement", key, topic, "medium", (before, one), facts)
        if one.what.get("way") in _STREET:
            before, where = one, now


def _step(where: str, one: Mark) -> tuple[str, bool]:
    """Return where a subject is then (in, out, "": nobody knows), and whether that cannot be.

    Who moves between zones, or in a party that is counted by its visit, says nothing of the street; and what is said by somebody
    who did not see it ends what was known.
    """
    way = str(one.what.get("way"))
    if way not in _STREET:
        return where, False
    return ("" if way == "set" else way), way == where and (way == "in" or bool(one.what.get("hard")))


# --- the order ------------------------------------------------------------------------------------


@immutable
class _Placed:
    """An entry with the span of true time in which it can have been made, and its place in the order that is likeliest."""

    mark: Mark
    rank: int
    earliest_us: int
    latest_us: int


def _as_it_may_have_been(marks: Sequence[Mark]) -> list[Mark]:
    """Return, of all orders that the clocks allow, one in which least contradicts itself, and of those the likeliest.

    Goes on from entry to entry with the best way to each state that can be reached; the same however the marks are given.
    """
    line = ordered(marks)
    queues = _queues(line)
    ways: dict[tuple[tuple[int, ...], str], tuple[int, tuple[int, ...]]] = {((0,) * len(queues), ""): (0, ())}
    for _ in line:
        further: dict[tuple[tuple[int, ...], str], tuple[int, tuple[int, ...]]] = {}
        for (places, where), (wrong, path) in ways.items():
            for at, one in _possible(queues, places):
                now, is_wrong = _step(where, one.mark)
                state = (*places[:at], places[at] + 1, *places[at + 1 :]), now
                way = wrong + is_wrong, (*path, one.rank)
                further[state] = min(way, further.get(state, way))
        ways = dict(sorted(further.items(), key=lambda each: each[1])[:WAYS_MAX])
    return [line[rank] for rank in min(ways.values())[1]]


def _queues(line: Sequence[Mark]) -> list[list[_Placed]]:
    """Return the entries of each epoch in their order; none can have been made after what the same epoch has behind it."""
    queues: dict[tuple[UUID, UUID], list[_Placed]] = {}
    for rank, one in reversed(list(enumerate(line))):
        queue = queues.setdefault((one.edge, one.epoch), [])
        latest_us = min(one.latest_us, queue[-1].latest_us) if queue else one.latest_us
        queue.append(_Placed(one, rank, one.earliest_us, latest_us))
    return [queue[::-1] for queue in queues.values()]


def _possible(queues: Sequence[Sequence[_Placed]], places: Sequence[int]) -> list[tuple[int, _Placed]]:
    """Return what can have come next, and of which queue it is: what no other surely came before."""
    heads = [(at, queue[place]) for at, (queue, place) in enumerate(zip(queues, places, strict=True)) if place < len(queue)]
    limit_us = min(one.latest_us for _, one in heads)
    return [(at, one) for at, one in heads if one.earliest_us <= limit_us or one.latest_us == limit_us]


def _came_twice(topic: str, one: Mark, other: Mark) -> Finding:
    key = pair_key(topic, one, other)
    if topic.startswith("held:"):
        return Finding("pass_used_twice", key, topic, _gravity(one, other), (one, other), {"how": "duplicate"})
    how = "two_gates" if one.gate != other.gate else "one_gate"
    return Finding("double_entry", key, topic, _gravity(one, other), (one, other), {"how": how})


def _gravity(one: Mark, other: Mark) -> Severity:
    """Judge two ways in: at two gates grave; at one that knew of the first, as it wrote both, most likely a way out missed."""
    if one.gate != other.gate:
        return "high"
    return "low" if (one.edge, one.epoch) == (other.edge, other.epoch) else "medium"
