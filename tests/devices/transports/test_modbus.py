import threading
import time
from collections.abc import Iterator
from queue import SimpleQueue

import pytest

from devices.errors import UsageError
from devices.readings import InputsRead
from devices.transports.modbus import ModbusLine, frame_silence_s
from devices.transports.pulses import Clear
from simulators.wires.barrier_model import BarrierModel
from simulators.wires.board import Fault, ModbusBoard, RelayFrame
from simulators.wires.pty_port import PtyPort
from tests.devices.transports.told import TIMEOUT_S, Told
from tests.waiting import wait_until

IDLE = InputsRead((False, True, False, False, False, False, False, False))
CLEAR: Clear = ((2, False), (3, False))
"""Nothing on either loop."""
OPEN, CLOSE = 0, 1
ARRIVED = InputsRead((False, True, True, False, False, False, False, False))


class Bench:
    """A simulated board with one arm, and the line that drives it."""

    def __init__(self, poll_s: float = 0.05) -> None:
        self.told = Told()
        self.port = PtyPort()
        self.arm = BarrierModel(travel_s=0.1)
        self.relays: SimpleQueue[RelayFrame] = SimpleQueue()
        self.outcomes: SimpleQueue[tuple[bool, str, float]] = SimpleQueue()
        self.board = ModbusBoard(self.port, mechanisms=[self.arm], on_relay=self.relays.put)
        url = f"serial://{self.port.path}?baud=115200"
        self.line = ModbusLine("io", url, self.told.emit, self.told.state, poll_s=poll_s)

    def pulse(self, coil: int = 0, pulse_ms: int = 50, expires_in_s: float = 10) -> None:
        self.line.pulse(coil, pulse_ms, self.done, expires_at=time.monotonic() + expires_in_s)

    def raise_arm(self, pulse_ms: int = 50) -> None:
        self.line.pulse(OPEN, pulse_ms, self.done, time.monotonic() + 10, against=CLOSE)

    def lower_arm(self, pulse_ms: int = 50, clear: Clear = CLEAR, expires_in_s: float = 10, by_board: bool = False) -> None:
        expires_at = time.monotonic() + expires_in_s
        self.line.pulse(CLOSE, pulse_ms, self.done, expires_at, by_board=by_board, clear=clear, against=OPEN)

    def done(self, ok: bool, error: str, sent_at: float) -> None:
        self.outcomes.put((ok, error, sent_at))

    def next_relay(self) -> tuple[int, tuple[bool, ...]]:
        frame = self.relays.get(timeout=TIMEOUT_S)
        return frame.coil, frame.states

    def next_outcome(self) -> tuple[bool, str, float]:
        return self.outcomes.get(timeout=TIMEOUT_S)

    def next_inputs(self) -> tuple[bool, ...]:
        reading = self.told.next_reading()
        assert isinstance(reading, InputsRead)
        return reading.states

    def await_poll(self) -> None:
        polled = self.line.counters.frames
        wait_until(lambda: self.line.counters.frames > polled, what="a poll to have ended")

    def begin(self) -> None:
        """Start both and wait until the inputs are known."""
        self.board.start()
        self.line.start()
        assert self.told.next_state() == (True, "")
        assert self.told.next_reading() == IDLE

    def end(self) -> None:
        self.line.stop()
        if self.board._thread.is_alive():
            self.board.stop()
        self.port.close()


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.end()


@pytest.fixture
def seldom() -> Iterator[Bench]:
    """A bench whose inputs are polled so seldom that what is read anew is read for the command."""
    bench = Bench(poll_s=0.9)
    yield bench
    bench.end()


def test_inputs_are_told_at_first_and_on_change_only(bench: Bench) -> None:
    bench.begin()
    for _ in range(3):
        bench.await_poll()
    assert bench.told.readings.empty()
    bench.board.apply(lambda now: bench.arm.occupy_arrival(now, on=True))
    assert bench.told.next_reading() == ARRIVED
    bench.board.apply(lambda now: bench.arm.occupy_arrival(now, on=False))
    assert bench.told.next_reading() == IDLE


def test_a_pulse_is_on_then_off_and_is_told_after_the_echo_of_on(bench: Bench) -> None:
    bench.begin()
    asked_at = time.monotonic()
    bench.pulse(pulse_ms=80)
    on = bench.relays.get(timeout=TIMEOUT_S)
    ok, error, sent_at = bench.next_outcome()
    assert (ok, error) == (True, "")
    assert asked_at <= sent_at <= on.at
    off = bench.relays.get(timeout=TIMEOUT_S)
    assert (on.states, off.states) == ((True,), (False,))
    assert 0.08 <= off.at - sent_at < 0.5
    wait_until(lambda: bench.arm.openings == 1)


def test_inputs_are_polled_while_a_pulse_is_held(bench: Bench) -> None:
    bench.begin()
    bench.pulse(pulse_ms=2000)
    assert bench.next_outcome()[0]
    bench.board.apply(lambda now: bench.arm.occupy_arrival(now, on=True))
    wait_until(lambda: bench.next_inputs()[2], what="the loop")
    assert bench.board.coils()[0], "the relay is still held"


def test_stopping_releases_what_is_held(bench: Bench) -> None:
    bench.begin()
    bench.pulse(pulse_ms=60_000)
    assert bench.next_outcome()[0]
    bench.line.stop()
    assert not any(bench.board.coils())


def test_a_queued_command_wakes_the_line_at_once(bench: Bench) -> None:
    bench.begin()
    delays = []
    for _ in range(15):
        bench.await_poll()
        asked_at = time.monotonic()
        bench.pulse(pulse_ms=10)
        delays.append(bench.next_outcome()[2] - asked_at)
        bench.next_relay()
        bench.next_relay()
    assert sorted(delays)[7] < 0.003, "the median: other programs may hold this machine up"


def test_nothing_is_written_before_the_inputs_were_read(bench: Bench) -> None:
    bench.pulse()
    assert bench.next_outcome() == (False, "the board does not answer", 0.0)
    bench.begin()
    bench.pulse()
    assert bench.next_outcome()[0]
    assert bench.next_relay() == (0, (True,))


def test_a_coil_found_on_is_released_and_never_set(bench: Bench) -> None:
    bench.board.energise(5, on=True)
    bench.begin()
    assert bench.next_relay() == (5, (False,))
    assert not any(bench.board.coils())
    assert bench.relays.empty()


def test_a_command_that_came_too_late_is_refused_unsent(bench: Bench) -> None:
    bench.begin()
    bench.pulse(expires_in_s=-0.001)
    assert bench.next_outcome() == (False, "the command came too late", 0.0)
    assert bench.relays.empty()


def test_the_queue_of_commands_is_bounded(bench: Bench) -> None:
    bench.begin()
    bench.board.fault = "silent"
    for _ in range(40):
        bench.pulse()
    errors = [bench.next_outcome()[1] for _ in range(40)]
    assert "too many commands are waiting" in errors
    assert bench.relays.empty()


def test_a_refusal_of_the_board_is_told(bench: Bench) -> None:
    bench.begin()
    bench.pulse(coil=20)
    ok, error, sent_at = bench.next_outcome()
    assert (ok, error) == (False, "the board refused with exception 2")
    assert sent_at > 0
    asked = bench.line.counters.frames
    bench.await_poll()
    bench.await_poll()
    assert bench.line.counters.frames <= asked + 3, "what was refused needs no release"


def test_a_board_with_fewer_relays_is_read_one_by_one() -> None:
    told = Told()
    with PtyPort() as port, ModbusBoard(port, coils=2, inputs=4) as board:
        board.energise(1, on=True)
        line = ModbusLine("io", port.url, told.emit, told.state, inputs=4)
        line.start()
        assert told.next_state() == (True, "")
        line.stop()
        assert board.coils() == (False, False)


def test_a_board_with_fewer_inputs_than_configured_is_not_taken_for_good() -> None:
    told = Told()
    with PtyPort() as port, ModbusBoard(port, inputs=4):
        line = ModbusLine("io", port.url, told.emit, told.state, inputs=8)
        line.start()
        assert told.next_state() == (False, "the board refuses function 2 with exception 2")
        line.stop()


@pytest.mark.parametrize("fault", ["silent", "garbage", "wrong-crc"])
def test_a_board_that_gives_no_inputs_is_lost_within_two_seconds_and_found_again(bench: Bench, fault: Fault) -> None:
    bench.begin()
    bench.board.fault = fault
    began = time.monotonic()
    up, why = bench.told.next_state()
    assert not up
    assert "the board gives no inputs" in why
    assert time.monotonic() - began < 2
    bench.pulse()
    assert bench.next_outcome() == (False, "the board does not answer", 0.0)
    bench.board.fault = "none"
    assert bench.told.next_state() == (True, "")
    assert bench.told.next_reading() == IDLE
    assert bench.line.counters.rejected > 0
    assert bench.relays.empty(), "coming back moves nothing"


def test_on_without_an_echo_is_not_sent_again_but_is_released(bench: Bench) -> None:
    bench.begin()
    bench.board.fault = "wrong-crc"
    bench.pulse(pulse_ms=10)
    ok, error, sent_at = bench.next_outcome()
    assert not ok
    assert error == "wrong CRC"
    assert sent_at > 0
    bench.board.fault = "none"
    wait_until(lambda: not any(bench.board.coils()), what="the relay to be released")
    frames = [bench.next_relay() for _ in range(bench.relays.qsize())]
    assert [states for _, states in frames].count((True,)) == 1


def test_unplugging_in_the_middle_of_a_pulse_ends_it_on_the_next_plugging(bench: Bench) -> None:
    bench.begin()
    bench.pulse(pulse_ms=300)
    assert bench.next_outcome()[0]
    bench.port.unplug()
    assert not bench.told.next_state()[0]
    assert bench.board.coils()[0]
    bench.port.replug()
    wait_until(lambda: not any(bench.board.coils()), what="the relay to be released")
    assert bench.arm.openings == 1


def test_a_command_on_a_wire_just_cut_is_told_as_failed(bench: Bench) -> None:
    bench.begin()
    bench.port.unplug()
    bench.pulse()
    ok, error, _ = bench.next_outcome()
    assert not ok
    assert error


@pytest.mark.parametrize(("baud", "silence_ms"), [(9600, 4.01), (19200, 2.005), (115200, 1.75)])
def test_the_pause_between_frames(baud: int, silence_ms: float) -> None:
    assert frame_silence_s(baud) * 1000 == pytest.approx(silence_ms, abs=0.01)


def test_every_callback_of_the_board_comes_before_its_reply(bench: Bench) -> None:
    replied = threading.Event()
    seen: SimpleQueue[bool] = SimpleQueue()
    bench.board._on_relay = lambda _frame: seen.put(replied.is_set())
    bench.begin()
    bench.line.pulse(0, 10, lambda _ok, _error, _sent_at: replied.set())
    assert seen.get(timeout=TIMEOUT_S) is False


# --- pulses that the board ends ----------------------------------------------------------------------


def test_a_pulse_of_the_boards_own_ends_though_the_line_is_dead(bench: Bench) -> None:
    bench.begin()
    # Long enough for the line to die before it ends, on a machine that is busy too.
    bench.line.pulse(OPEN, 2_000, bench.done, by_board=True)
    assert bench.next_outcome()[:2] == (True, "")
    bench.port.unplug()
    assert bench.board.coils()[OPEN]
    frame = bench.relays.get(timeout=TIMEOUT_S)
    assert (frame.coil, frame.states, frame.tenths) == (OPEN, (True,), 20)
    wait_until(lambda: not any(bench.board.coils()), what="the board to let go")
    assert bench.relays.empty(), "nobody told it to"


def test_after_a_pulse_of_the_boards_own_the_relay_is_looked_at(bench: Bench) -> None:
    bench.board.welded.add(OPEN)
    bench.begin()
    bench.line.pulse(OPEN, 100, bench.done, by_board=True)
    assert bench.told.next_state() == (True, "relay 0 stays on")


def test_a_board_counts_in_tenths_of_a_second(bench: Bench) -> None:
    with pytest.raises(UsageError, match="in steps of 100 ms, not 250 ms"):
        bench.line.pulse(OPEN, 250, bench.done, by_board=True)


# --- closing -----------------------------------------------------------------------------------------


def test_an_arm_is_lowered_where_the_way_is_clear(bench: Bench) -> None:
    bench.begin()
    bench.lower_arm()
    assert bench.next_outcome()[:2] == (True, "")
    assert [bench.next_relay() for _ in range(2)] == [(CLOSE, (True,)), (CLOSE, (False,))]


def test_the_inputs_are_read_again_before_an_arm_is_lowered(seldom: Bench) -> None:
    seldom.begin()
    seldom.board.apply(lambda now: seldom.arm.occupy_safety(now, on=True))
    seldom.lower_arm()
    assert seldom.next_outcome() == (False, "the way is not clear any more", 0.0)
    assert not seldom.told.readings.empty(), "what was read is told, and before the refusal"
    assert seldom.next_inputs()[3]
    assert seldom.relays.empty()


@pytest.mark.parametrize("clear", [(), ((8, False),), ((2, True),)])
def test_what_does_not_prove_the_way_clear_lowers_nothing(bench: Bench, clear: Clear) -> None:
    bench.begin()
    bench.lower_arm(clear=clear)
    assert bench.next_outcome() == (False, "the way is not clear any more", 0.0)
    assert bench.relays.empty()


@pytest.mark.parametrize("fault", ["silent", "garbage", "wrong-crc"])
def test_no_answer_is_no_clear_way(seldom: Bench, fault: Fault) -> None:
    seldom.begin()
    seldom.board.fault = fault
    seldom.lower_arm()
    ok, error, sent_at = seldom.next_outcome()
    assert (ok, sent_at) == (False, 0.0)
    assert error.startswith("the inputs could not be read again: ")
    assert seldom.relays.empty()


def test_what_stands_under_a_moving_arm_has_its_relay_let_go(bench: Bench) -> None:
    bench.begin()
    bench.lower_arm(pulse_ms=60_000)
    assert bench.next_outcome()[0]
    bench.board.apply(lambda now: bench.arm.occupy_safety(now, on=True))
    assert [bench.next_relay() for _ in range(2)] == [(CLOSE, (True,)), (CLOSE, (False,))]
    assert bench.next_inputs()[3]


@pytest.mark.parametrize("by_board", [False, True])
def test_an_opening_ends_a_closing_first(bench: Bench, by_board: bool) -> None:
    bench.begin()
    bench.lower_arm(pulse_ms=20_000, by_board=by_board)
    assert bench.next_outcome()[0]
    bench.raise_arm()
    assert bench.next_outcome()[0]
    frames = [bench.next_relay() for _ in range(4)]
    assert frames == [(CLOSE, (True,)), (CLOSE, (False,)), (OPEN, (True,)), (OPEN, (False,))]


def test_a_closing_gives_way_to_an_opening_that_is_held(bench: Bench) -> None:
    bench.begin()
    bench.raise_arm(pulse_ms=60_000)
    assert bench.next_outcome()[0]
    bench.lower_arm()
    assert bench.next_outcome() == (False, "relay 0 is still on", 0.0)
    assert bench.next_relay() == (OPEN, (True,))
    assert bench.relays.empty()


def test_an_opening_overtakes_a_closing_that_waits(bench: Bench) -> None:
    def meanwhile(frame: RelayFrame) -> None:
        """Have both come while the line is busy with the relay of another lane."""
        bench.relays.put(frame)
        if frame.coil == 5 and frame.energises:
            bench.lower_arm()
            bench.raise_arm()

    bench.board._on_relay = meanwhile
    bench.begin()
    bench.pulse(coil=5)
    outcomes = [bench.next_outcome()[:2] for _ in range(3)]
    assert outcomes == [(False, "an opening came first"), (True, ""), (True, "")]
    wait_until(lambda: not any(bench.board.coils()))
    frames = [bench.next_relay() for _ in range(bench.relays.qsize())]
    assert frames.count((OPEN, (True,))) == 1
    assert (CLOSE, (True,)) not in frames


def test_an_opening_that_comes_while_the_inputs_are_read_goes_first(seldom: Bench) -> None:
    """What has come onto the arrival loop forbids no closing, but has somebody ask for the arm at once."""
    seldom.begin()
    seldom.line._emit = lambda _reading, _at: seldom.raise_arm()
    seldom.board.apply(lambda now: seldom.arm.occupy_arrival(now, on=True))
    seldom.lower_arm(clear=((3, False),))
    assert [seldom.next_outcome()[:2] for _ in range(2)] == [(False, "an opening came first"), (True, "")]
    assert seldom.next_relay() == (OPEN, (True,))


def test_an_opening_is_refused_where_the_closing_relay_does_not_answer(seldom: Bench) -> None:
    seldom.begin()
    seldom.lower_arm(pulse_ms=60_000)
    assert seldom.next_outcome()[0]
    seldom.board.fault = "wrong-crc"
    seldom.raise_arm()
    assert seldom.next_outcome() == (False, "relay 1 could not be released", 0.0)
    seldom.board.fault = "none"
    frames = [seldom.next_relay() for _ in range(seldom.relays.qsize())]
    assert (OPEN, (True,)) not in frames


def test_a_welded_closing_relay_forbids_no_opening(bench: Bench) -> None:
    bench.board.welded.add(CLOSE)
    bench.begin()
    bench.lower_arm()
    assert bench.next_outcome()[0]
    bench.raise_arm()
    assert bench.next_outcome()[:2] == (True, "")


def test_a_closing_that_a_loss_broke_off_is_not_resumed(bench: Bench) -> None:
    bench.begin()
    bench.lower_arm(pulse_ms=60_000)
    assert bench.next_outcome()[0]
    bench.port.unplug()
    assert not bench.told.next_state()[0]
    bench.port.replug()
    wait_until(lambda: not any(bench.board.coils()), what="the relay to be released")


def test_a_closing_that_came_too_late_is_refused_unsent(bench: Bench) -> None:
    bench.begin()
    bench.lower_arm(expires_in_s=-0.001)
    assert bench.next_outcome() == (False, "the command came too late", 0.0)
    assert bench.relays.empty()


# --- relays that stay on -----------------------------------------------------------------------------


def test_a_relay_that_stays_on_is_told_within_two_seconds_and_so_is_its_end(bench: Bench) -> None:
    bench.begin()
    bench.board.welded.add(OPEN)
    began = time.monotonic()
    bench.pulse(pulse_ms=100)
    assert bench.told.next_state() == (True, "relay 0 stays on")
    assert time.monotonic() - began < 2
    bench.board.welded.clear()
    assert bench.told.next_state() == (True, "")
    assert not any(bench.board.coils())


def test_a_relay_that_is_on_at_the_start_and_stays_on_is_told(bench: Bench) -> None:
    bench.board.energise(5, on=True)
    bench.board.welded.add(5)
    bench.board.start()
    bench.line.start()
    assert bench.told.next_state() == (True, "relay 5 stays on")
    assert bench.told.next_reading() == IDLE


def test_no_arm_is_lowered_while_its_opening_relay_stays_on(bench: Bench) -> None:
    bench.board.welded.add(OPEN)
    bench.begin()
    bench.raise_arm()
    assert bench.next_outcome()[0]
    assert bench.told.next_state() == (True, "relay 0 stays on")
    bench.lower_arm()
    assert bench.next_outcome() == (False, "relay 0 is still on", 0.0)
