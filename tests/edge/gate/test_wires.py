"""What the gate asks of its wires, on a real pty with a board behind it."""

import queue
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.config_file import load
from edge.gate.actions import CloseBarrier, OpenBarrier
from edge.gate.events import CommandSent, DeviceReported, Event, InputsChanged
from edge.gate.wires import Wires
from simulators.wires.barrier_model import BarrierModel
from simulators.wires.board import ModbusBoard, RelayFrame
from simulators.wires.pty_port import PtyPort
from tests.waiting import wait_until

TIMEOUT_S = 10
OPEN, CLOSE = 0, 12
"""A relay beyond the first eight: the board has sixteen."""

GATE_TOML = """
[gate]
site = "lakeside"
name = "east"

[[device]]
id = "io"
protocol = "modbus-rtu"
url = "{url}"

[[lane]]
id = "in-1"
kind = "vehicle"
direction = "in"

[lane.barrier]
device = "io"
open = {{ coil = 0, pulse_ms = 200, by = "board" }}
close = {{ coil = 12, pulse_ms = 200 }}
closing = "agent"
open_limit = {{ input = 0 }}
closed_limit = {{ input = 1 }}
safety_loop = {{ input = 3 }}
"""


class Bench:
    """The wires of one lane, and the board at their end."""

    def __init__(self, folder: Path) -> None:
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.relays: queue.SimpleQueue[RelayFrame] = queue.SimpleQueue()
        self.port = PtyPort()
        self.arm = BarrierModel(open_coil=OPEN)
        self.board = ModbusBoard(self.port, mechanisms=[self.arm], coils=16, on_relay=self.relays.put)
        config = folder / "gate.toml"
        config.write_text(GATE_TOML.format(url=self.port.url), encoding="utf-8")
        self.wires = Wires(load(config), self.events.put)

    def begin(self) -> None:
        self.board.start()
        self.wires.start()
        while not isinstance(self.next_event(), InputsChanged):
            pass

    def next_event(self) -> Event:
        return self.events.get(timeout=TIMEOUT_S)

    def next_relay(self) -> tuple[int, bool, int]:
        frame = self.relays.get(timeout=TIMEOUT_S)
        return frame.coil, frame.energises, frame.tenths

    def raise_arm(self, command: str, *, by_board: bool) -> None:
        self.wires.open(OpenBarrier("in-1", "p-1", "io", OPEN, 200, command, time.monotonic() + 5, by_board=by_board))

    def lower_arm(self, command: str, pulse_ms: int = 200, *, by_board: bool = False) -> None:
        clear, expires = ((3, False),), time.monotonic() + 5
        self.wires.close(CloseBarrier("in-1", "p-1", "io", CLOSE, pulse_ms, command, expires, clear, by_board=by_board))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.wires.stop()
    bench.board.stop()
    bench.port.close()


def outcome(event: Event) -> tuple[str, bool, str]:
    assert isinstance(event, CommandSent)
    return event.command, event.ok, event.error


@pytest.mark.parametrize(("by_board", "tenths"), [(False, 0), (True, 2)])
def test_an_arm_is_raised_by_a_pulse_of_ours_or_of_the_boards(bench: Bench, by_board: bool, tenths: int) -> None:
    bench.begin()
    bench.raise_arm("c-1", by_board=by_board)
    assert outcome(bench.next_event()) == ("c-1", True, "")
    assert [bench.next_relay() for _ in range(2)] == [(OPEN, True, tenths), (OPEN, False, 0)]


def test_an_arm_is_lowered_only_where_the_way_is_clear(bench: Bench) -> None:
    bench.begin()
    bench.lower_arm("c-1")
    assert outcome(bench.next_event()) == ("c-1", True, "")
    assert [bench.next_relay() for _ in range(2)] == [(CLOSE, True, 0), (CLOSE, False, 0)]
    bench.board.apply(lambda now: bench.arm.occupy_safety(now, on=True))
    bench.lower_arm("c-2")
    occupied = bench.next_event()
    assert isinstance(occupied, InputsChanged)
    assert occupied.states[3], "what stands there is told before the refusal"
    assert outcome(bench.next_event()) == ("c-2", False, "the way is not clear any more")
    assert bench.relays.empty()


def test_an_opening_ends_the_closing_of_its_lane(bench: Bench) -> None:
    bench.begin()
    bench.lower_arm("c-1", pulse_ms=20_000, by_board=True)
    assert outcome(bench.next_event()) == ("c-1", True, "")
    bench.raise_arm("c-2", by_board=False)
    assert outcome(bench.next_event()) == ("c-2", True, "")
    assert [bench.next_relay() for _ in range(3)] == [(CLOSE, True, 200), (CLOSE, False, 0), (OPEN, True, 0)]


def test_a_lanes_relays_are_looked_at_on_bringing_up_wherever_they_are(bench: Bench) -> None:
    bench.board.energise(CLOSE, on=True)
    bench.begin()
    assert bench.next_relay() == (CLOSE, False, 0)
    assert not any(bench.board.coils())


def test_a_relay_that_stays_on_is_reported_of_a_device_that_is_up(bench: Bench) -> None:
    bench.board.welded.add(OPEN)
    bench.begin()
    bench.raise_arm("c-1", by_board=True)
    assert outcome(bench.next_event()) == ("c-1", True, "")

    def reported() -> DeviceReported | None:
        event = bench.next_event()
        return event if isinstance(event, DeviceReported) else None

    report = wait_until(reported)
    assert report is not None
    assert (report.device, report.up, report.why) == ("io", True, "relay 0 stays on")
    assert report.counters["frames"] > 0


def test_a_command_to_a_board_that_is_away_ends_at_once(bench: Bench) -> None:
    bench.board.start()
    bench.lower_arm("c-1")
    assert outcome(bench.next_event()) == ("c-1", False, "the board does not answer")
