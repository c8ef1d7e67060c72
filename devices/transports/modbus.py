"""One Modbus RTU board on a serial line of its own: inputs polled, relays pulsed, commands before polls.

Inputs are read before any output is written, a relay that nobody holds is only ever released, and ON is never sent twice for
one command: after a loss the state of the world is read, not assumed.
"""

import math
import queue
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from devices.barriers.modbus_rtu import Reply, ReplyParser, Request, read_coils, read_inputs, write_coil
from devices.errors import LinkLost
from devices.readings import InputsRead, WireCounters
from devices.transports.backoff import Backoff
from devices.transports.callbacks import Emit, State
from devices.transports.reopening import LINE_ERRORS, Line, ReopeningLine
from devices.transports.serial import line_settings, read_waiting, serial_line

Done = Callable[[bool, str, float], None]
"""Whether the board echoed ON, else why not, and when the frame left (monotonic seconds; 0.0: it never did)."""

REPLY_TIMEOUT_S: Final = 0.2
SILENT_AFTER_S: Final = 1.0  # with the last time-out and the reopening this stays under 2 s
COMMANDS_MAX: Final = 16
_READ_TIMEOUT_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class _Pulse:
    coil: int
    pulse_s: float
    done: Done
    expires_at: float

    def tell(self, error: str, sent_at: float = 0.0) -> None:
        """Call `done`; no error is success."""
        self.done(not error, error, sent_at)


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
        self._commands: queue.Queue[_Pulse | None] = queue.Queue(COMMANDS_MAX)  # None: wake up
        self._release_at: dict[int, float] = {}  # coils that a pulse of ours holds
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
        self._wake()
        self._line.stop()
        self._refuse_waiting("the line was stopped")

    def pulse(self, coil: int, pulse_ms: int, done: Done, expires_at: float = math.inf) -> None:
        """Energise a relay for `pulse_ms`; `done` is called once, and at once where the board is not there."""
        command = _Pulse(coil, pulse_ms / 1000, done, expires_at)
        if self._states is None:
            command.tell("the board does not answer")
            return
        try:
            self._commands.put_nowait(command)
        except queue.Full:
            command.tell("too many commands are waiting")

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
            self._refuse_waiting("the board was lost")

    def _bring_up(self, line: Line) -> None:
        """Read the inputs, then release every coil that is on without a pulse of ours."""
        self._refuse_waiting("the board was lost")
        states = self._must_ask(line, self._read_inputs).states
        self._inputs_at = self._quiet_since
        for coil, on in enumerate(self._coils_of(line)):
            if on and coil not in self._release_at:
                self._must_ask(line, write_coil(self._unit, coil, on=False))
        self._next_poll_at = self._clock() + self._poll_s
        self._states = states
        self._line.mark_up()
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
        command = self._next_command()
        if command is not None:
            self._execute(line, command)
        self._release_due(line)
        if self._clock() >= self._next_poll_at:
            self._poll(line)

    def _next_command(self) -> _Pulse | None:
        due_at = min([self._next_poll_at, *self._release_at.values()])
        try:
            return self._commands.get(timeout=max(0.0, due_at - self._clock()))
        except queue.Empty:
            return None

    def _execute(self, line: Line, command: _Pulse) -> None:
        now = self._clock()
        if now > command.expires_at:
            command.tell("the command came too late")
            return
        self._await_silence()
        sent_at = self._clock()
        # Held from before the frame leaves: with no echo the relay may still have closed, and must be released.
        self._release_at[command.coil] = sent_at + command.pulse_s
        try:
            reply, fault = self._exchange(line, write_coil(self._unit, command.coil, on=True))
        except LINE_ERRORS as error:
            command.tell(str(error) or "the line was lost", sent_at)
            raise
        if reply is not None and reply.exception:
            del self._release_at[command.coil]  # the board says itself that it did not do it
        command.tell(fault, sent_at)

    def _release_due(self, line: Line) -> None:
        now = self._clock()
        for coil in [coil for coil, release_at in self._release_at.items() if release_at <= now]:
            self._release(line, coil)

    def _release(self, line: Line, coil: int) -> None:
        """Send OFF; where the board does not echo it, it is due again after the next poll."""
        _, fault = self._exchange(line, write_coil(self._unit, coil, on=False))
        if not fault:
            del self._release_at[coil]
        else:
            self._release_at[coil] = self._clock() + self._poll_s

    def _release_all(self, line: Line) -> None:
        for coil in list(self._release_at):
            self._release(line, coil)

    def _poll(self, line: Line) -> None:
        self._next_poll_at = self._clock() + self._poll_s
        reply, fault = self._exchange(line, self._read_inputs)
        if reply is None or fault:
            if self._clock() - self._inputs_at > SILENT_AFTER_S:
                raise LinkLost(f"the board gives no inputs: {fault}")
            return
        self._inputs_at = self._quiet_since
        if reply.states != self._states:
            self._states = reply.states
            self._emit(InputsRead(reply.states), self._inputs_at)

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

    def _refuse_waiting(self, why: str) -> None:
        while True:
            try:
                command = self._commands.get_nowait()
            except queue.Empty:
                return
            if command is not None:
                command.tell(why)

    def _wake(self) -> None:
        try:
            self._commands.put_nowait(None)
        except queue.Full:
            return  # then the thread is not waiting


def frame_silence_s(baud: int) -> float:
    """Return the pause between frames: 3.5 characters of 11 bits, 1.75 ms above 19200 baud (Modbus over serial line, 2.5.1.1)."""
    return 3.5 * 11 / baud if baud <= 19200 else 0.00175
