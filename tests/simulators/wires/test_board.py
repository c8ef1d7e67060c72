from collections.abc import Iterator

import pytest

from devices.barriers.modbus_rtu import (
    Reply,
    ReplyParser,
    Request,
    pulse_coil,
    read_coils,
    read_inputs,
    write_coil,
    write_coils,
)
from devices.transports.reopening import Line
from devices.transports.serial import read_waiting, serial_line
from simulators.wires.barrier_model import BarrierModel, DoorModel
from simulators.wires.board import Fault, ModbusBoard, RelayFrame
from simulators.wires.pty_port import PtyPort
from tests.waiting import wait_until


class Master:
    """A plain Modbus master that asks and waits."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.parser = ReplyParser()

    def ask(self, request: Request) -> Reply | None:
        self.parser.expect(request)
        self.line.write(request.encode())
        while data := read_waiting(self.line):
            if (reply := self.parser.feed(data)) is not None:
                return reply
        return None


@pytest.fixture
def port() -> Iterator[PtyPort]:
    with PtyPort() as port:
        yield port


@pytest.fixture
def master(port: PtyPort) -> Iterator[Master]:
    line = serial_line(port.url, read_timeout_s=0.3)
    yield Master(line)
    line.close()


def on(reply: Reply | None) -> list[int]:
    assert reply is not None
    assert not reply.exception
    return [index for index, state in enumerate(reply.states) if state]


def test_two_arms_and_a_door_share_one_board(port: PtyPort, master: Master) -> None:
    entry = BarrierModel(travel_s=1e-6)
    exit_ = BarrierModel(open_coil=1, open_limit=4, closed_limit=5, arrival_loop=6, safety_loop=7, travel_s=1e-6)
    door = DoorModel(strike_coil=2, contact=8)
    with ModbusBoard(port, mechanisms=[entry, exit_, door], coils=8, inputs=16) as board:
        assert on(master.ask(read_inputs(1, 16))) == [1, 5, 8]
        master.ask(write_coil(1, 1, on=True))
        assert on(master.ask(read_coils(1, 8))) == [1]
        assert on(master.ask(read_inputs(1, 16))) == [1, 4, 8]
        board.apply(lambda now: entry.occupy_arrival(now, on=True))
        assert not board.apply(door.push)
        master.ask(write_coils(1, (False, False, True)))
        assert board.apply(door.push)
        assert on(master.ask(read_inputs(1, 16))) == [1, 2, 4]
        assert [(frame.coil, frame.states, frame.energises) for frame in board.frames] == [
            (1, (True,), True),
            (0, (False, False, True), True),
        ]


def test_an_owner_hears_of_a_write_before_its_reply_leaves(port: PtyPort, master: Master) -> None:
    heard: list[RelayFrame] = []
    with ModbusBoard(port, on_relay=heard.append):
        assert master.ask(write_coil(1, 0, on=True)) == Reply()
        assert [frame.coil for frame in heard] == [0]


@pytest.mark.parametrize("request_", [read_inputs(1, 9), read_coils(1, 8, start=1), write_coil(1, 8, on=True)])
def test_points_that_are_not_there_are_refused(port: PtyPort, master: Master, request_: Request) -> None:
    with ModbusBoard(port) as board:
        assert master.ask(request_) == Reply(exception=2)
        assert not board.frames


def test_another_unit_is_silent(port: PtyPort, master: Master) -> None:
    with ModbusBoard(port, unit=2):
        assert master.ask(read_inputs(1, 8)) is None


@pytest.mark.parametrize(("fault", "moved"), [("silent", False), ("garbage", True), ("wrong-crc", True)])
def test_faults_spoil_the_reply(port: PtyPort, master: Master, fault: Fault, moved: bool) -> None:
    with ModbusBoard(port) as board:
        board.fault = fault
        assert master.ask(write_coil(1, 0, on=True)) is None
        assert board.coils()[0] is moved


def test_a_pulse_of_the_boards_own_ends_with_nobody_asking(port: PtyPort, master: Master) -> None:
    with ModbusBoard(port) as board:
        assert master.ask(pulse_coil(1, 2, 1)) == Reply()
        (began,) = board.frames
        assert (began.coil, began.states, began.tenths) == (2, (True,), 1)
        wait_until(lambda: not any(board.coils()), what="the board to let go")
        assert board.apply(lambda now: now) - began.at >= 0.1


def test_off_ends_a_pulse_of_the_boards_own(port: PtyPort, master: Master) -> None:
    with ModbusBoard(port) as board:
        master.ask(pulse_coil(1, 2, 300))
        master.ask(write_coil(1, 2, on=False))
        assert not any(board.coils())


def test_a_board_with_no_pulses_of_its_own_refuses_them(port: PtyPort, master: Master) -> None:
    with ModbusBoard(port, timed=False) as board:
        assert master.ask(pulse_coil(1, 2, 1)) == Reply(exception=2)
        assert not any(board.coils())


def test_a_welded_relay_stays_on_whatever_is_written(port: PtyPort, master: Master) -> None:
    with ModbusBoard(port) as board:
        board.welded.add(2)
        assert master.ask(write_coil(1, 2, on=True)) == Reply()
        assert master.ask(write_coil(1, 2, on=False)) == Reply(), "the echo says nothing of the contact"
        assert on(master.ask(read_coils(1, 8))) == [2]
