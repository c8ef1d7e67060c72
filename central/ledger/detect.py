"""Where somebody was: who came in twice, left without having come in, or was at two gates at once; pure.

The order between gates is only as good as their clocks (`access.workflows.order`). Nothing is claimed where some order that the
clocks allow goes together.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

from access.workflows.events import TIME, Event, Fact
from access.workflows.order import in_order
from central.ledger.findings import Finding, Severity, pair_key
from central.ledger.marks import END_US, SECOND_US, Mark

BETWEEN_GATES_S: Final = 60
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


def may_change_places(one: Mark, other: Mark) -> bool:
    """Tell whether the clocks leave it open which of two came first; within one epoch its numbers tell."""
    if (one.edge, one.epoch) == (other.edge, other.epoch):
        return False
    return one.earliest_us <= other.latest_us and other.earliest_us <= one.latest_us


def farthest_us(one: Mark, other: Mark) -> int:
    """Return by how much two moments can be apart at most."""
    if END_US in (one.latest_us, other.latest_us):
        return END_US
    return max(abs(one.latest_us - other.earliest_us), abs(other.latest_us - one.earliest_us))


def movements(topic: str, marks: Sequence[Mark], between_gates_s: int = BETWEEN_GATES_S) -> Iterator[Finding]:
    """Yield what cannot be of the ways of one subject (`at:`), or of the duplicate of a pass (`held:`)."""
    line = ordered(marks)
    yield from _Walk(topic, line).findings()
    if topic.startswith("at:"):
        yield from _at_two_gates(topic, line, between_gates_s)


def _at_two_gates(topic: str, line: Sequence[Mark], between_gates_s: int) -> Iterator[Finding]:
    seen = [one for one in line if one.what.get("way") != "set"]
    for one, other in pairwise(seen):
        if one.gate != other.gate and (apart := farthest_us(one, other)) < between_gates_s * SECOND_US:
            facts = {"how": "two_gates", "seconds": -(-apart // SECOND_US), "needed": between_gates_s}
            yield Finding("impossible_movement", pair_key(topic, one, other), topic, "high", (one, other), facts)


class _Walk:
    """Goes along what happened, and keeps in mind whether the subject is inside."""

    def __init__(self, topic: str, line: Sequence[Mark]) -> None:
        self._topic = topic
        self._line = line
        self._inside: Mark | None = None  # by which way in
        self._outside: Mark | None = None  # by which way out
        self._spare: Mark | None = None  # a way out of somebody who was out: it may belong behind the next way in
        self._used: set[int] = set()  # ways out that belong before the way in ahead of them
        self._found: list[Finding] = []

    def findings(self) -> list[Finding]:
        """Return what does not go together."""
        steps = {"in": self._came_in, "out": self._went_out, "set": self._forget}
        for at, one in enumerate(self._line):
            # Who moves between zones, or in a party that is counted by its visit, says nothing of the street.
            step = steps.get(str(one.what.get("way")))
            if step is not None and at not in self._used:
                step(at, one)
        return self._found

    def _forget(self, _at: int, _one: Mark) -> None:
        """Go by what somebody said who did not see it: from here on nobody knows."""
        self._inside = self._outside = self._spare = None

    def _came_in(self, at: int, one: Mark) -> None:
        if self._inside is not None and not self._is_out_between(at, self._inside, one):
            self._found.append(_came_twice(self._topic, self._inside, one))
        self._inside, self._outside = one, None

    def _is_out_between(self, at: int, before: Mark, one: Mark) -> bool:
        """Tell whether the clocks let a way out lie between two ways in that no other way in needs, and use it up."""
        if self._spare is not None and may_change_places(self._spare, before):
            self._spare = None
            return True
        if self._may_follow(at, one, "out"):
            self._used.add(at + 1)
            return True
        return False

    def _went_out(self, at: int, one: Mark) -> None:
        before, self._spare = self._outside, one if self._inside is None else None
        if before is not None and one.what.get("hard") and self._is_sure(before, at, one):
            key, facts = pair_key(self._topic, before, one), {"how": "out_without_in"}
            self._found.append(Finding("impossible_movement", key, self._topic, "medium", (before, one), facts))
        self._inside, self._outside = None, one

    def _is_sure(self, before: Mark, at: int, one: Mark) -> bool:
        """Tell whether no way in can lie between two ways out."""
        return not may_change_places(before, one) and not self._may_follow(at, one, "in")

    def _may_follow(self, at: int, one: Mark, way: str) -> bool:
        """Tell whether what comes next goes this way, and may have come before it."""
        behind = self._line[at + 1] if at + 1 < len(self._line) else None
        return behind is not None and behind.what.get("way") == way and may_change_places(one, behind)


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
