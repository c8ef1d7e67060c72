"""The board as the agent knows it: first its inputs, then commands; late ones and refused ones move nothing."""

import random

from edge.gate.actions import CloseBarrier, OpenBarrier
from edge.gate.events import CommandSent, DeviceReported, Event, InputsChanged
from simulators.lane.arm import Drive
from simulators.lane.board import DELAY_MAX_S, Board, States, states_of
from simulators.lane.layout import BOARD, CLOSE_COIL, LANE, OPEN_COIL, PINS, Layout

LAYOUT = Layout(
    "agent", far_loop=False, photocell=False, check=False, travel_s=2.0, close_after_s=1.0, no_passage_s=10.0, spring=False
)
CLEAR = states_of({"closed_limit": True})
OCCUPIED = states_of({"safety_loop": True})
OPEN = OpenBarrier(LANE, "p", BOARD, OPEN_COIL, 500, "open-1", 3.0)
CLOSE = CloseBarrier(LANE, "p", BOARD, CLOSE_COIL, 500, "close-1", 3.0, ((PINS["safety_loop"], False),))


def board() -> tuple[Board, Drive]:
    drive = Drive(LAYOUT)
    made = Board(drive, random.Random(1))
    made.find()
    return made, drive


def ended(events: list[Event]) -> list[str]:
    return [event.error for event in events if isinstance(event, CommandSent)]


def after(made: Board, now: float, states: States = CLEAR) -> list[Event]:
    return made.poll(now + DELAY_MAX_S, states)


def test_it_tells_that_it_is_there_then_its_inputs_then_only_changes() -> None:
    made, _ = board()
    assert made.poll(0.0, CLEAR) == [DeviceReported(BOARD, up=True), InputsChanged(BOARD, CLEAR)]
    assert made.poll(0.1, CLEAR) == []
    assert made.poll(0.2, OCCUPIED) == [InputsChanged(BOARD, OCCUPIED)]


def test_a_command_is_executed_and_answered() -> None:
    made, drive = board()
    made.send(OPEN, 0.0)
    assert ended(after(made, 0.0)) == [""]
    drive.step(0.3, 0.05, sensed=False)
    assert drive.arm.speed > 0


def test_a_late_command_moves_nothing() -> None:
    made, drive = board()
    made.send(OPEN, 0.0)
    assert ended(after(made, 4.0)) == ["the command came too late"]
    assert drive.is_still


def test_it_looks_again_before_it_lowers() -> None:
    made, drive = board()
    made.send(CLOSE, 0.0)
    assert ended(after(made, 0.0, OCCUPIED)) == ["an input is not as it was"]
    assert drive.is_still
    made.send(CLOSE, 1.0)
    assert ended(after(made, 1.0)) == [""]
    assert drive.lowers


def test_what_is_on_its_way_is_lost_with_the_line_and_the_inputs_come_first_again() -> None:
    made, drive = board()
    made.poll(0.0, CLEAR)
    made.send(OPEN, 0.0)
    made.lose()
    made.send(OPEN, 0.1)
    assert ended(made.poll(0.5, CLEAR)) == ["the board was lost", "the board does not answer"]
    made.find()
    assert made.poll(0.6, CLEAR) == [DeviceReported(BOARD, up=True), InputsChanged(BOARD, CLEAR)]
    assert drive.is_still


def test_a_lost_echo_says_nothing_of_the_arm() -> None:
    made, drive = board()
    made.is_mute = True
    made.send(OPEN, 0.0)
    assert ended(after(made, 0.0)) == ["no echo"]
    assert not drive.is_still
