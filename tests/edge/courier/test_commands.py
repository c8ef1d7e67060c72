"""A command of the office reaches the gate within its ten seconds or not at all; its result is brought back."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from access.contract.commands import CommandResult, RemoteCommand
from edge.courier.commands import CommandsStream
from edge.courier.errors import RefusalError, SyncError
from edge.courier.progress import Progress
from edge.courier.registry import Registry
from edge.courier.surroundings import Surroundings
from edge.messages import GuardReply, GuardRequest
from tests.edge.courier.conftest import Clock
from tests.edge.courier.wire import LOST_REPLY, LOST_REQUEST, Answer, Fault, Handler, WireRegistry

COMMAND, OTHER, NEXT = UUID(int=7), UUID(int=8), UUID(int=9)


def open_once(command: UUID = COMMAND, left_ms: int = 9_000) -> RemoteCommand:
    return RemoteCommand(command=command, lane="in-1", act="open_once", issuer="wang", reason="visitor", left_ms=left_ms)


class Gate:
    """The gate's end: answers each request at once, as it is told to."""

    def __init__(self) -> None:
        self.asked: list[GuardRequest] = []
        self.is_there = True
        self.refusal = ""
        self.reply: Callable[[GuardReply], None] = lambda _reply: None

    def tell(self, message: Any) -> bool:
        if self.is_there:
            self.asked.append(message)
            self.reply(GuardReply(message.request, not self.refusal, self.refusal))
        return self.is_there


@pytest.fixture
def gate_end() -> Gate:
    return Gate()


@pytest.fixture
def stream(registry: Registry, progress: Progress, around: Surroundings, gate_end: Gate) -> CommandsStream:
    stream = CommandsStream(registry, progress, around, gate_end.tell)
    gate_end.reply = stream.replied
    return stream


def done(*, refusal: str = "", command: UUID = COMMAND) -> CommandResult:
    return CommandResult(command=command, accepted=not refusal, refusal=refusal)


def test_it_is_claimed_done_and_its_result_brought_back(
    stream: CommandsStream, wire: WireRegistry, gate_end: Gate, clock: Clock
) -> None:
    wire.commands[COMMAND] = open_once()
    stream.step()
    expected = GuardRequest(COMMAND.hex, "open_once", "in-1", "wang", "", "visitor", "", clock.now + 9, source="office")
    assert gate_end.asked == [expected]
    assert wire.results == [done()]
    assert stream.step() > 0


def test_the_gates_refusal_is_brought_back(stream: CommandsStream, wire: WireRegistry, gate_end: Gate) -> None:
    wire.commands[COMMAND], gate_end.refusal = open_once(), "held_closed"
    stream.step()
    assert wire.results == [done(refusal="held_closed")]


def held_back(clock: Clock, seconds: float) -> Fault:
    """Let an answer arrive so much later."""

    def act(handler: Handler, answer: Answer) -> None:
        clock.now += seconds
        handler.respond(answer)

    return Fault(act, before=False)


def as_it_is(handler: Handler, answer: Answer) -> None:
    handler.respond(answer)


AT_ONCE = Fault(as_it_is, before=False)


def test_one_whose_claim_was_held_back_is_not_handed_on(
    stream: CommandsStream, wire: WireRegistry, gate_end: Gate, clock: Clock
) -> None:
    wire.commands[COMMAND] = open_once()
    wire.faults.extend([AT_ONCE, held_back(clock, 9.5)])
    stream.step()
    assert gate_end.asked == []
    assert wire.results == [done(refusal="expired")]


def test_a_claim_whose_answer_was_lost_is_made_again_and_told_to_be_over(
    stream: CommandsStream, wire: WireRegistry, gate_end: Gate
) -> None:
    wire.commands[COMMAND] = open_once()
    wire.faults.extend([AT_ONCE, LOST_REPLY])
    with pytest.raises(SyncError):
        stream.step()
    stream.step()
    assert wire.claims == [COMMAND, COMMAND]
    assert gate_end.asked == []
    assert wire.results == [done(refusal="expired")]


def test_without_a_gate_nothing_is_done(stream: CommandsStream, wire: WireRegistry, gate_end: Gate) -> None:
    wire.commands[COMMAND], gate_end.is_there = open_once(), False
    stream.step()
    assert wire.results == [done(refusal="gate_away")]


def test_a_result_that_cannot_be_brought_back_now_is_brought_later(stream: CommandsStream, wire: WireRegistry) -> None:
    wire.commands[COMMAND] = open_once()
    wire.faults.extend([AT_ONCE, AT_ONCE, LOST_REQUEST])
    with pytest.raises(SyncError):
        stream.step()
    assert wire.results == []
    stream.step()
    assert wire.results == [done()]


def test_a_reply_to_a_guard_of_the_booth_is_none_of_it(stream: CommandsStream, wire: WireRegistry) -> None:
    stream.replied(GuardReply("0123", accepted=True))
    stream.step()
    assert wire.results == []


def test_a_result_that_is_refused_for_good_is_dropped_and_never_in_the_way_of_a_claim(
    stream: CommandsStream, wire: WireRegistry, gate_end: Gate
) -> None:
    wire.commands[COMMAND], wire.refuse_results = open_once(), 422
    stream.step()
    wire.commands[OTHER], wire.refuse_results = open_once(OTHER), 503
    with pytest.raises(RefusalError):
        stream.step()
    wire.commands[NEXT] = open_once(NEXT)
    with pytest.raises(RefusalError):
        stream.step()
    assert [UUID(asked.request) for asked in gate_end.asked] == [COMMAND, OTHER, NEXT]
    wire.refuse_results = 0
    stream.step()
    assert wire.results == [done(command=OTHER), done(command=NEXT)]
