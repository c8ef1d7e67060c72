"""What became of the office's commands is brought back, whatever befalls one of them."""

from uuid import UUID

import pytest

from access.contract.commands import CommandResult
from edge.courier.errors import RefusalError, SyncError
from edge.courier.registry import Registry
from edge.courier.results import IDLE_S, KEPT_MAX, ResultsStream
from tests.edge.courier.wire import LOST_REPLY, LOST_REQUEST, Fault, WireRegistry, refusing


@pytest.fixture
def results(registry: Registry) -> ResultsStream:
    return ResultsStream(registry)


def done(number: int) -> CommandResult:
    return CommandResult(command=UUID(int=number), accepted=True)


def test_each_is_brought_back_in_turn(results: ResultsStream, wire: WireRegistry) -> None:
    assert results.step() == IDLE_S
    results.note(done(1))
    results.note(done(2))
    assert [results.step(), results.step(), results.step()] == [0, 0, IDLE_S]
    assert wire.results == [done(1), done(2)]


@pytest.mark.parametrize("fault", [LOST_REQUEST, refusing(500, "result"), refusing(404), refusing(422)])
def test_one_that_is_not_taken_now_goes_behind_the_others_and_is_tried_again(
    fault: Fault, results: ResultsStream, wire: WireRegistry
) -> None:
    results.note(done(1))
    results.note(done(2))
    wire.faults.append(fault)
    with pytest.raises((SyncError, RefusalError)):
        results.step()
    assert [results.step(), results.step(), results.step()] == [0, 0, IDLE_S]
    assert wire.results == [done(2), done(1)]


def test_one_whose_answer_was_lost_is_brought_again(results: ResultsStream, wire: WireRegistry) -> None:
    results.note(done(1))
    wire.faults.append(LOST_REPLY)
    with pytest.raises(SyncError):
        results.step()
    results.step()
    assert wire.results == [done(1), done(1)]


def test_one_that_is_refused_for_good_is_dropped(results: ResultsStream, wire: WireRegistry) -> None:
    results.note(done(1))
    wire.faults.append(refusing(422, "result"))
    assert [results.step(), results.step()] == [0, IDLE_S]
    assert wire.results == []


def test_of_many_the_newest_are_kept(results: ResultsStream, wire: WireRegistry) -> None:
    for number in range(KEPT_MAX + 1):
        results.note(done(number))
    while not results.step():
        pass
    assert wire.results == [done(number) for number in range(1, KEPT_MAX + 1)]
