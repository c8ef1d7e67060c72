"""What must hold of the relays of one arm, whatever is asked and however the wire fails: a board in virtual time."""

import contextlib
from collections import Counter
from collections.abc import Callable

from hypothesis import settings as sizes
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from devices.barriers.modbus_board import Refused, RequestParser, encode_reply
from devices.barriers.modbus_rtu import READ_COILS, Request
from devices.errors import LinkLost
from devices.readings import InputsRead, Reading
from devices.transports.modbus import ModbusLine
from devices.transports.pulses import Clear, is_clear
from tests.sizes import sized

OPEN, CLOSE, OTHER = 0, 1, 2
INPUTS, COILS = 4, 8
CLEAR: Clear = ((2, False), (3, False))
PULSES = st.sampled_from([100, 500, 3000])
FAULTS = st.sampled_from(["none", "none", "none", "deaf", "mute", "garbled", "loses OFF"])
READ_S, CALL_S = 0.05, 0.002


class BoardAtTheEnd:
    """The line as its owner sees it, and the board behind it; a `deaf` one hears nothing, a `mute` one answers nothing."""

    def __init__(self) -> None:
        self.now = 100.0
        self.fault = "none"
        self.inputs = [False] * INPUTS
        self.coils = [False] * COILS
        self.welded: set[int] = set()
        self.switched_on: Counter[int] = Counter()
        self.on_energised: Callable[[int], None] = lambda _coil: None
        self._let_go_at: dict[int, float] = {}
        self._requests = RequestParser(1)
        self._sent = b""

    def clock(self) -> float:
        """Return the time; asking for it takes a little."""
        self.pass_time(CALL_S)
        return self.now

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        for coil in [coil for coil, at in self._let_go_at.items() if at <= self.now]:
            self._switch(coil, on=False)

    @property
    def in_waiting(self) -> int:
        return len(self._sent)

    def read(self, size: int) -> bytes:
        if not self._sent:
            self.pass_time(READ_S)
        taken, self._sent = self._sent[:size], self._sent[size:]
        return taken

    def write(self, data: bytes) -> int:
        for request in self._requests.feed(data):
            assert not isinstance(request, Refused)
            if self.fault != "deaf" and not (self.fault == "loses OFF" and request.states == (False,)):
                reply = self._answer(request)
                garbled = reply[:-1] + bytes([reply[-1] ^ 0xFF])
                self._sent += {"mute": b"", "garbled": garbled}.get(self.fault, reply)
        return len(data)

    def reset_input_buffer(self) -> None:
        self._sent = b""

    def close(self) -> None:
        self._sent = b""

    def _answer(self, request: Request) -> bytes:
        if not request.states:
            points = self.coils if request.function == READ_COILS else self.inputs
            return encode_reply(request, tuple(points[request.start : request.start + request.count]))
        if request.states[0]:
            self.on_energised(request.start)
            self.switched_on[request.start] += 1
        self._switch(request.start, on=request.states[0])
        if request.tenths:
            self._let_go_at[request.start] = self.now + request.tenths / 10
        return encode_reply(request)

    def _switch(self, coil: int, *, on: bool) -> None:
        self._let_go_at.pop(coil, None)
        self.coils[coil] = on or (coil in self.welded and self.coils[coil])


class RelaysUnderFire(RuleBasedStateMachine):
    """One arm's two relays and another lane's, any order of commands, faults, losses and time."""

    @initialize(found_on=st.sets(st.sampled_from([OPEN, CLOSE, 5])))
    def begin(self, found_on: set[int]) -> None:
        self.board = BoardAtTheEnd()
        for coil in found_on:
            self.board.coils[coil] = True
        self.asked = 0
        self.sent: Counter[int] = Counter()
        self.told: Counter[int] = Counter()
        self.seen: tuple[bool, ...] | None = None
        self.is_up = False
        self.line = ModbusLine(
            "io", "serial:///dev/null?baud=115200", self.emit, lambda _up, _why: None, inputs=INPUTS, clock=self.board.clock
        )
        self.board.on_energised = self.check
        self.bring_up()

    def emit(self, reading: Reading, _received_at: float) -> None:
        assert isinstance(reading, InputsRead)
        self.seen = reading.states

    # --- what can happen --------------------------------------------------------------------------

    @rule(pulse_ms=PULSES, by_board=st.booleans(), at_once=st.booleans())
    def raise_arm(self, pulse_ms: int, *, by_board: bool, at_once: bool) -> None:
        self.ask(OPEN, pulse_ms, by_board=by_board, against=CLOSE)
        self.work(6 * at_once)

    @rule(pulse_ms=PULSES, by_board=st.booleans(), at_once=st.booleans())
    def lower_arm(self, pulse_ms: int, *, by_board: bool, at_once: bool) -> None:
        self.ask(CLOSE, pulse_ms, by_board=by_board, clear=CLEAR, against=OPEN)
        self.work(6 * at_once)

    @rule(pulse_ms=PULSES)
    def open_the_other(self, pulse_ms: int) -> None:
        self.ask(OTHER, pulse_ms, by_board=False)

    @rule(number=st.sampled_from([2, 3]), on=st.booleans())
    def something_comes_or_goes(self, number: int, *, on: bool) -> None:
        self.board.inputs[number] = on

    @rule(fault=FAULTS)
    def the_wire_fails(self, fault: str) -> None:
        self.board.fault = fault

    @rule(coil=st.sampled_from([OPEN, CLOSE]))
    def a_relay_welds(self, coil: int) -> None:
        self.board.welded.add(coil)

    @rule()
    def all_is_repaired(self) -> None:
        self.board.welded.clear()
        self.board.fault = "none"

    @rule()
    def the_line_is_lost(self) -> None:
        self.is_up = False
        self.line._states = None
        self.line._pulses.refuse_all("the board was lost")

    @rule(seconds=st.sampled_from([0.01, 0.1, 0.6, 4.0]))
    def time_passes(self, seconds: float) -> None:
        self.board.pass_time(seconds)
        self.work(6)

    @rule(turns=st.sampled_from([1, 6]))
    def work(self, turns: int) -> None:
        """Let the line's thread go round."""
        for _ in range(turns):
            self.turn()

    # --- what must hold ---------------------------------------------------------------------------

    def check(self, coil: int) -> None:
        """Look at each frame that energises a relay, as it arrives."""
        if coil == CLOSE:
            assert is_clear(self.board.inputs, CLEAR), "lowered onto something"
            assert not self.board.coils[OPEN], "lowered while it is being raised"
        if coil == OPEN and CLOSE not in self.line._stuck:
            assert not self.board.coils[CLOSE], "raised while it is being lowered"

    @invariant()
    def no_command_is_told_or_sent_twice(self) -> None:
        assert all(times == 1 for times in self.told.values())
        assert all(self.board.switched_on[coil] <= self.sent[coil] for coil in self.board.switched_on)

    def teardown(self) -> None:
        """When all is well again every command has ended and every relay is off."""
        self.board.fault = "none"
        self.board.welded.clear()
        for _ in range(60):
            self.board.pass_time(0.1)
            self.turn()
        assert len(self.told) == self.asked
        assert not any(self.board.coils)
        assert self.seen == tuple(self.board.inputs)

    # --- the line's thread, one turn at a time ----------------------------------------------------

    def ask(self, coil: int, pulse_ms: int, *, by_board: bool, clear: Clear | None = None, against: int | None = None) -> None:
        number, self.asked = self.asked, self.asked + 1

        def done(ok: bool, error: str, sent_at: float) -> None:
            self.told[number] += 1
            assert ok is not bool(error)
            assert sent_at < expires_at + 5 * CALL_S, "sent too late"
            self.sent[coil] += sent_at > 0

        expires_at = self.board.now + 3
        self.line.pulse(coil, pulse_ms, done, expires_at, by_board=by_board, clear=clear, against=against)

    def bring_up(self) -> None:
        with contextlib.suppress(LinkLost):
            self.line._bring_up(self.board)
            self.is_up = True

    def turn(self) -> None:
        if not self.is_up:
            self.bring_up()
            return
        self.line._pulses.wake()  # it does not wait: time passes as the rules have it
        try:
            self.line._work_once(self.board)
        except LinkLost:
            self.the_line_is_lost()


TestRelaysUnderFire = RelaysUnderFire.TestCase
TestRelaysUnderFire.settings = sizes(max_examples=sized(quick=300, soak=5_000), stateful_step_count=sized(quick=30, soak=60))
