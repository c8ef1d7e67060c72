"""One Modbus RTU board on a serial line of its own: inputs polled, relays pulsed, commands before polls.

Inputs are read before any output is written, a relay that nobody holds is only ever released, and ON is never sent twice for
one command: after a loss the state of the world is read, not assumed. What lowers an arm is sent only if the inputs, read again
just before, still say that the way is clear, and is let go as soon as they do not.
"""

import math
import time
from collections.abc import Callable
from typing import Final

from devices.barriers.modbus_rtu import TENTH_MS, Reply, ReplyParser, Request, pulse_coil, read_coils, read_inputs, write_coil
from devices.errors import LinkLost, UsageError
from devices.readings import InputsRead, WireCounters
from devices.transports.backoff import Backoff
from devices.transports.callbacks import Emit, State
from devices.transports.pulses import AN_OPENING_CAME, Clear, Done, Pulse, PulseQueue, is_clear
from devices.transports.reopening import LINE_ERRORS, Line, ReopeningLine
from devices.transports.serial import line_settings, read_waiting, serial_line

REPLY_TIMEOUT_S: Final = 0.2
SILENT_AFTER_S: Final = 1.0  # with the last time-out and the reopening this stays under 2 s
RELEASE_AGAIN_S: Final = 1.0  # how often OFF is tried on a relay that stays on
RELEASE_TRIES: Final = 2
BOARD_LETS_GO_S: Final = 0.1  # how much later than asked a board may end a pulse of its own: it counts in such steps
TOO_LATE: Final = "the command came too late"
_READ_TIMEOUT_S: Final = 0.05


class ModbusLine:
    """The thread that owns the line; `pulse` may be called from any other."""

    def __init__(
        self,
        device_id: str,
        url: str,
        emit: Emit,
        state: State,
        *,
        unit: int = 1,
        inputs: int = 8,
        coils: int = 8,
        poll_s: float = 0.05,
        clock: Callable[[], float] = time.monotonic,
        backoff: Backoff | None = None,
    ) -> None:
        self._parser = ReplyParser()
        self._read_inputs = read_inputs(unit, inputs)
        self._read_coils = read_coils(unit, coils)
        self._unit = unit
        self._emit = emit
        self._poll_s = poll_s
        self._silence_s = frame_silence_s(line_settings(url)[1])
        self._clock = clock
        self._pulses = PulseQueue()
        self._release_at: dict[int, float] = {}  # coils that a pulse of ours holds, or that were not seen to be off
        self._lowering: dict[int, Clear] = {}  # those of them that lower an arm, and what must stay so meanwhile
        self._stuck: set[int] = set()  # those of them that read on though OFF was echoed
        self._states: tuple[bool, ...] | None = None  # None: unknown
        self._next_poll_at = 0.0
        self._inputs_at = 0.0  # when they were last read
        self._quiet_since = 0.0
        self._line = ReopeningLine(f"modbus {device_id}", lambda: serial_line(url, _READ_TIMEOUT_S), self._serve, state, backoff)

    @property
    def counters(self) -> WireCounters:
        """What the line has carried."""
        return self._parser.counters

    def start(self) -> None:
        """Begin to open the line and poll the board."""
        self._line.start()

    def stop(self) -> None:
        """Release what is held, close the line and wait for the thread; commands still waiting are refused."""
        self._line.stopping.set()
        self._pulses.wake()
        self._line.stop()
        self._pulses.refuse_all("the line was stopped")

    def pulse(
        self,
        coil: int,
        pulse_ms: int,
        done: Done,
        expires_at: float = math.inf,
        *,
        by_board: bool = False,
        clear: Clear | None = None,
        against: int | None = None,
    ) -> None:
        """Energise a relay for `pulse_ms`; `done` is called once, and at once where the board is not there.

        `by_board`: the board ends the pulse by itself; UsageError where it cannot count so (100 ms is its step). With `clear` it
        lowers an arm: refused unless each of these inputs, read anew, has its level. `against` is the arm's other relay, never on
        together with this one: an opening has it released first and takes back what waits for it, a closing gives way to it.
        """
        pulse = Pulse(self._frame(coil, pulse_ms, by_board=by_board), pulse_ms / 1000, done, expires_at, clear, against)
        if self._states is None:
            pulse.tell("the board does not answer")
        else:
            self._pulses.put(pulse)

    def _frame(self, coil: int, pulse_ms: int, *, by_board: bool) -> Request:
        if by_board and pulse_ms % TENTH_MS:
            raise UsageError(f"a board counts its pulses in steps of {TENTH_MS} ms, not {pulse_ms} ms")
        return pulse_coil(self._unit, coil, pulse_ms // TENTH_MS) if by_board else write_coil(self._unit, coil, on=True)

    # --- the thread -------------------------------------------------------------------------------

    def _serve(self, line: Line) -> None:
        self.counters.reopened = self._line.losses
        try:
            self._bring_up(line)
            while not self._line.stopping.is_set():
                self._work_once(line)
            self._release_all(line)
        finally:
            self._states = None
            self._pulses.refuse_all("the board was lost")

    def _bring_up(self, line: Line) -> None:
        """Read the inputs, then release every coil that is on without a pulse of ours, or that would go on to lower an arm."""
        self._pulses.refuse_all("the board was lost")
        states = self._must_ask(line, self._read_inputs).states
        self._inputs_at = self._quiet_since
        for coil, on in enumerate(self._coils_of(line)):
            if on and (coil not in self._release_at or coil in self._lowering):
                self._release(line, coil)
        self._next_poll_at = self._clock() + self._poll_s
        self._states = states
        self._mark_up()
        self._emit(InputsRead(states), self._inputs_at)

    def _coils_of(self, line: Line) -> tuple[bool, ...]:
        """Read the relays; a board that has fewer than we ask for refuses, and is asked for one after the other."""
        reply = self._must_answer(line, self._read_coils)
        if not reply.exception:
            return reply.states
        states: tuple[bool, ...] = ()
        while len(states) < self._read_coils.count:
            reply = self._must_answer(line, read_coils(self._unit, 1, start=len(states)))
            if reply.exception:
                break
            states += reply.states
        return states

    def _work_once(self, line: Line) -> None:
        """Wait for a command or the next thing due, and do it; a command goes first."""
        due_at = min([self._next_poll_at, *self._release_at.values()])
        pulse = self._pulses.get(max(0.0, due_at - self._clock()))
        if pulse is not None:
            self._execute(line, pulse)
        self._release_due(line)
        if self._clock() >= self._next_poll_at:
            self._poll(line)
        self._mark_up()

    def _mark_up(self) -> None:
        self._line.mark_up(", ".join(f"relay {coil} stays on" for coil in sorted(self._stuck)))

    # --- pulses -----------------------------------------------------------------------------------

    def _execute(self, line: Line, pulse: Pulse) -> None:
        sent_at = 0.0
        try:
            fault = self._hindrance(line, pulse)
            if not fault:
                self._await_silence()
                sent_at = self._clock()
                fault = self._energise(line, pulse, sent_at)
        except LINE_ERRORS as error:
            pulse.tell(str(error) or "the line was lost", sent_at)
            raise
        pulse.tell(fault, sent_at)

    def _hindrance(self, line: Line, pulse: Pulse) -> str:
        """Make way for a pulse; say why it must not be sent, or nothing."""
        fault = self._end_closing(line, pulse.against) if pulse.clear is None else self._obstruction(line, pulse, pulse.clear)
        return fault or (TOO_LATE if self._clock() > pulse.expires_at else "")

    def _obstruction(self, line: Line, pulse: Pulse, clear: Clear) -> str:
        """Read the inputs again and say what forbids to lower the arm, or nothing."""
        if pulse.against in self._release_at:
            return f"relay {pulse.against} is still on"
        if fault := self._take_inputs(line):
            return f"the inputs could not be read again: {fault}"
        if not is_clear(self._states or (), clear):
            return "the way is not clear any more"
        return AN_OPENING_CAME if self._pulses.opens_against(pulse.coil) else ""

    def _end_closing(self, line: Line, coil: int | None) -> str:
        """Release the relay that lowers the arm before it is raised; one that stays on in spite of all must not forbid that."""
        if coil is not None and coil in self._release_at:
            self._release(line, coil)
        if coil is not None and self._holds(coil):  # a frame that was lost must not keep an arm down
            self._release(line, coil)
        return f"relay {coil} could not be released" if coil is not None and self._holds(coil) else ""

    def _holds(self, coil: int) -> bool:
        return coil in self._release_at and coil not in self._stuck

    def _energise(self, line: Line, pulse: Pulse, sent_at: float) -> str:
        """Send ON; return what is wrong with the answer."""
        before = self._release_at.get(pulse.coil)
        # Held from before the frame leaves: with no echo the relay may still have closed, and must be released.
        self._release_at[pulse.coil] = sent_at + pulse.pulse_s + (BOARD_LETS_GO_S if pulse.on.tenths else 0)
        if pulse.clear is not None:
            self._lowering[pulse.coil] = pulse.clear
        reply, fault = self._exchange(line, pulse.on)
        if reply is not None and reply.exception and before is None:  # the board says itself that it did not do it
            self._let_go(pulse.coil)
        return fault

    def _release_due(self, line: Line) -> None:
        now = self._clock()
        for coil in [coil for coil, release_at in self._release_at.items() if release_at <= now]:
            self._release(line, coil)

    def _release_all(self, line: Line) -> None:
        for coil in list(self._release_at):
            self._release(line, coil)

    def _release(self, line: Line, coil: int) -> None:
        """Send OFF until the relay reads off, also where the board has ended the pulse; one not seen to be off is due again."""
        for _ in range(RELEASE_TRIES):
            _, fault = self._exchange(line, write_coil(self._unit, coil, on=False))
            is_on = None if fault else self._reads_on(line, coil)
            if is_on is None:
                self._release_at[coil] = self._clock() + self._poll_s
                return
            if not is_on:
                self._let_go(coil)
                return
        self._stuck.add(coil)
        self._release_at[coil] = self._clock() + RELEASE_AGAIN_S

    def _reads_on(self, line: Line, coil: int) -> bool | None:
        """Read one relay back, None where nothing came; a board that refuses to tell is believed to have done as it echoed."""
        reply, _ = self._exchange(line, read_coils(self._unit, 1, start=coil))
        return None if reply is None else reply.states == (True,)

    def _let_go(self, coil: int) -> None:
        self._release_at.pop(coil, None)
        self._lowering.pop(coil, None)
        self._stuck.discard(coil)

    # --- inputs -----------------------------------------------------------------------------------

    def _poll(self, line: Line) -> None:
        self._next_poll_at = self._clock() + self._poll_s
        fault = self._take_inputs(line)
        if fault and self._clock() - self._inputs_at > SILENT_AFTER_S:
            raise LinkLost(f"the board gives no inputs: {fault}")

    def _take_inputs(self, line: Line) -> str:
        """Read the inputs and tell them where they differ; return what was wrong instead."""
        reply, fault = self._exchange(line, self._read_inputs)
        if reply is None or fault:
            return fault
        self._inputs_at = self._quiet_since
        has_changed, self._states = reply.states != self._states, reply.states
        for coil, clear in list(self._lowering.items()):
            if self._holds(coil) and not is_clear(reply.states, clear):
                self._release(line, coil)
        if has_changed:
            self._emit(InputsRead(reply.states), self._inputs_at)
        return ""

    # --- frames -----------------------------------------------------------------------------------

    def _must_ask(self, line: Line, request: Request) -> Reply:
        """Return what was asked for; without it the line is no use."""
        reply = self._must_answer(line, request)
        if reply.exception:
            raise LinkLost(f"the board refuses function {request.function} with exception {reply.exception}")
        return reply

    def _must_answer(self, line: Line, request: Request) -> Reply:
        """Return the reply, a refusal too."""
        reply, fault = self._exchange(line, request)
        if reply is None:
            raise LinkLost(f"the board does not answer: {fault}")
        return reply

    def _exchange(self, line: Line, request: Request) -> tuple[Reply | None, str]:
        """Send one request and wait for its reply; says what is wrong where none came or the board refused."""
        self._await_silence()
        line.reset_input_buffer()
        self._parser.expect(request)
        line.write(request.encode())
        deadline = self._clock() + REPLY_TIMEOUT_S
        reply = None
        while reply is None and self._clock() < deadline:
            reply = self._parser.feed(read_waiting(line))
        self._quiet_since = self._clock()
        if reply is None:
            return None, self._parser.give_up()
        return reply, f"the board refused with exception {reply.exception}" if reply.exception else ""

    def _await_silence(self) -> None:
        """Keep the pause that tells one frame from the next; most often it has long passed."""
        pause_s = self._quiet_since + self._silence_s - self._clock()
        if pause_s > 0:
            time.sleep(pause_s)


def frame_silence_s(baud: int) -> float:
    """Return the pause between frames: 3.5 characters of 11 bits, 1.75 ms above 19200 baud (Modbus over serial line, 2.5.1.1)."""
    return 3.5 * 11 / baud if baud <= 19200 else 0.00175
