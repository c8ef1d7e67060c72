"""Facts of other gates go to the gate page by page, from where it says; it is told again what it did not take."""

from typing import Any
from uuid import UUID

import pytest

from access.contract.facts import SharedFact
from edge.courier.facts import ANSWER_S, PAGE, PAUSE_S, FactsStream
from edge.courier.progress import Progress
from edge.courier.registry import Registry
from edge.courier.surroundings import Surroundings
from edge.messages import FactsHeard, FactsTaken
from tests.edge.courier.conftest import OTHER, Clock
from tests.edge.courier.wire import WireRegistry

EPOCH, FORMER = UUID(int=7).hex, UUID(int=6)


class Gate:
    """The gate's end: what it was told, and whether it is there."""

    def __init__(self) -> None:
        self.told: list[FactsHeard] = []

    def tell(self, message: Any) -> bool:
        self.told.append(message)
        return True


@pytest.fixture
def gate_end() -> Gate:
    return Gate()


@pytest.fixture
def stream(registry: Registry, progress: Progress, around: Surroundings, gate_end: Gate) -> FactsStream:
    return FactsStream(registry, progress, around, gate_end.tell)


def fact(cursor: int) -> SharedFact:
    place = {"edge": OTHER, "epoch": FORMER, "seq": 3}
    return SharedFact(cursor=cursor, **place, name="at:car", how="set", value=["site", 7], plate="粤B8D2Z5", at_us=5)


def test_nothing_is_asked_before_the_gate_says_what_it_has(stream: FactsStream, wire: WireRegistry) -> None:
    assert stream.step() == ANSWER_S
    assert wire.facts_asked == []


def test_the_gate_is_told_what_follows_what_it_has(stream: FactsStream, wire: WireRegistry, gate_end: Gate) -> None:
    wire.facts = [fact(40), fact(50)]
    stream.taken(FactsTaken(EPOCH, 40))
    assert stream.step() == ANSWER_S
    row = (str(OTHER), FORMER.hex, 3, "at:car", "set", ["site", 7], 5, "粤B8D2Z5")
    assert gate_end.told == [FactsHeard((row,), EPOCH, 40, 50)]
    stream.taken(FactsTaken(EPOCH, 50))
    assert stream.step() == PAUSE_S
    assert wire.facts_asked == [(EPOCH, 40), (EPOCH, 50)]


def test_many_facts_go_in_pages_each_after_the_one_before_is_taken(
    stream: FactsStream, wire: WireRegistry, gate_end: Gate
) -> None:
    wire.facts = [fact(cursor) for cursor in range(1, 2 * PAGE + 2)]
    for through in (0, PAGE, 2 * PAGE):
        stream.taken(FactsTaken(EPOCH, through))
        stream.step()
    assert [(told.after, told.through) for told in gate_end.told] == [(0, PAGE), (PAGE, 2 * PAGE), (2 * PAGE, 2 * PAGE + 1)]


def test_a_gate_that_does_not_answer_is_told_again_after_a_while(
    stream: FactsStream, wire: WireRegistry, gate_end: Gate, clock: Clock
) -> None:
    wire.facts = [fact(50)]
    stream.taken(FactsTaken(EPOCH, 0))
    assert [stream.step(), stream.step()] == [ANSWER_S, ANSWER_S]
    assert len(gate_end.told) == 1
    clock.now += ANSWER_S
    stream.step()
    assert len(gate_end.told) == 2
