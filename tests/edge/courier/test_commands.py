"""A command of the office reaches the gate within its ten seconds or not at all; its result is brought back."""

from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any
from uuid import UUID

import pytest

from access.contract.commands import CommandResult, RemoteCommand
from edge.booth_messages import GuardReply, GuardRequest
from edge.config import CentralSection
from edge.courier.commands import CommandsStream
from edge.courier.errors import SyncError
from edge.courier.program import Courier
from edge.courier.progress import Progress
from edge.courier.registry import Registry
from edge.courier.surroundings import Surroundings
from edge.identity import Identity
from edge.logs import Log
from edge.places import Places
from tests.edge.courier.conftest import Clock
from tests.edge.courier.conftest import Gate as Journaling
from tests.edge.courier.wire import LOST_REPLY, Answer, Fault, Handler, WireRegistry
from tests.waiting import wait_until

COMMAND, NEXT = UUID(int=7), UUID(int=8)


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
def ended() -> list[CommandResult]:
    """What is to be brought back."""
    return []


@pytest.fixture
def stream(
    registry: Registry, progress: Progress, around: Surroundings, gate_end: Gate, ended: list[CommandResult]
) -> CommandsStream:
    stream = CommandsStream(registry, progress, around, gate_end.tell, ended.append)
    gate_end.reply = stream.replied
    return stream


def done(*, refusal: str = "", command: UUID = COMMAND) -> CommandResult:
    return CommandResult(command=command, accepted=not refusal, refusal=refusal)


def test_it_is_claimed_and_done(
    stream: CommandsStream, wire: WireRegistry, gate_end: Gate, clock: Clock, ended: list[CommandResult]
) -> None:
    wire.commands[COMMAND] = open_once()
    stream.step()
    expected = GuardRequest(COMMAND.hex, "open_once", "in-1", "wang", "", "visitor", "", clock.now + 9, source="office")
    assert gate_end.asked == [expected]
    assert ended == [done()]
    assert stream.step() > 0


def test_the_gates_refusal_is_a_result(
    stream: CommandsStream, wire: WireRegistry, gate_end: Gate, ended: list[CommandResult]
) -> None:
    wire.commands[COMMAND], gate_end.refusal = open_once(), "held_closed"
    stream.step()
    assert ended == [done(refusal="held_closed")]


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
    stream: CommandsStream, wire: WireRegistry, gate_end: Gate, clock: Clock, ended: list[CommandResult]
) -> None:
    wire.commands[COMMAND] = open_once()
    wire.faults.extend([AT_ONCE, held_back(clock, 9.5)])
    stream.step()
    assert gate_end.asked == []
    assert ended == [done(refusal="expired")]


def test_a_claim_whose_answer_was_lost_is_made_again_and_told_to_be_over(
    stream: CommandsStream, wire: WireRegistry, gate_end: Gate, ended: list[CommandResult]
) -> None:
    wire.commands[COMMAND] = open_once()
    wire.faults.extend([AT_ONCE, LOST_REPLY])
    with pytest.raises(SyncError):
        stream.step()
    stream.step()
    assert wire.claims == [COMMAND, COMMAND]
    assert gate_end.asked == []
    assert ended == [done(refusal="expired")]


def test_without_a_gate_nothing_is_done(
    stream: CommandsStream, wire: WireRegistry, gate_end: Gate, ended: list[CommandResult]
) -> None:
    wire.commands[COMMAND], gate_end.is_there = open_once(), False
    stream.step()
    assert ended == [done(refusal="gate_away")]


def test_a_reply_to_a_guard_of_the_booth_is_none_of_it(stream: CommandsStream, ended: list[CommandResult]) -> None:
    stream.replied(GuardReply("0123", accepted=True))
    stream.step()
    assert ended == []


LEFT_ALONE_S = 60.0  # what meets a failure; far longer than a test waits


@pytest.fixture
def courier(places: Places, gate: Journaling, central: CentralSection, identity: Identity) -> Iterator[Courier]:
    """A whole courier that runs, with no gate to talk to."""
    courier = Courier(places, central, identity, Log("courier"), Surroundings(jitter=lambda *_: LEFT_ALONE_S))
    running = Thread(target=courier.run)
    running.start()
    yield courier
    courier.stop()
    running.join()


@pytest.mark.usefixtures("courier")
def test_a_result_that_the_registry_stumbles_over_holds_up_no_command(wire: WireRegistry) -> None:
    wire.refuse_results = 500
    wire.commands[COMMAND] = open_once()
    wait_until(lambda: COMMAND in wire.refused_results, what="a result")
    wire.commands[NEXT] = open_once(NEXT)
    wait_until(lambda: NEXT in wire.claims, what="the next command's claim")
