"""A Modbus RTU relay and input board on a port, with arms and doors behind its relays."""

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Literal, Self, TypeVar

from devices.barriers.modbus_board import (
    ILLEGAL_ADDRESS,
    Refused,
    RequestParser,
    encode_refusal,
    encode_reply,
)
from devices.barriers.modbus_rtu import READ_COILS, READ_INPUTS, Request
from simulators.wires.barrier_model import Mechanism
from simulators.wires.pty_port import PtyPort

T = TypeVar("T")

Fault = Literal["none", "silent", "garbage", "wrong-crc"]

FRAMES_REMEMBERED: Final = 10_000
READ_TIMEOUT_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class RelayFrame:
    """One write that reached the relays: when (monotonic seconds), first coil, states; after `tenths` the board lets go."""

    at: float
    coil: int
    states: tuple[bool, ...]
    tenths: int = 0

    @property
    def energises(self) -> bool:
        """Whether a relay is switched on by it."""
        return any(self.states)


class ModbusBoard:
    """Serves one unit in its own thread; `on_relay` is called after a write came and before its reply leaves.

    One that is not `timed` knows no pulses of its own and refuses them. A coil in `welded` never goes off again.
    """

    def __init__(
        self,
        port: PtyPort,
        unit: int = 1,
        mechanisms: Sequence[Mechanism] = (),
        *,
        coils: int = 8,
        inputs: int = 8,
        timed: bool = True,
        on_relay: Callable[[RelayFrame], None] | None = None,
        chance: random.Random | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.frames: deque[RelayFrame] = deque(maxlen=FRAMES_REMEMBERED)
        self.fault: Fault = "none"
        self.rounds = 0
        """How often it has begun to read its wire: what it had read before it has done then."""
        self.welded: set[int] = set()
        self.port = port
        self._requests = RequestParser(unit)
        self._mechanisms = tuple(mechanisms)
        self._coils = [False] * coils
        self._let_go_at: dict[int, float] = {}  # coils in a pulse that the board ends
        self._input_count = inputs
        self._timed = timed
        self._on_relay = on_relay
        self._chance = chance or random.Random(0)
        self._clock = clock
        self._lock = threading.Lock()  # guards coils and mechanisms
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="simulated board", daemon=True)

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving."""
        self._stopping.set()
        self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def apply(self, action: Callable[[float], T]) -> T:
        """Do something to the mechanisms (called with the time) while the board does nothing to them."""
        with self._lock:
            return action(self._clock())

    def coils(self) -> tuple[bool, ...]:
        """Return the state of the relays."""
        with self._lock:
            self._end_pulses(self._clock())
            return tuple(self._coils)

    def energise(self, coil: int, *, on: bool) -> None:
        """Switch a relay by the board's own button, with nobody asking over the wire."""
        with self._lock:
            self._switch(coil, (on,), self._clock())

    def inputs(self) -> tuple[bool, ...]:
        """Return the state of the inputs; those with nothing behind them are inactive."""
        with self._lock:
            now = self._clock()
            seen: dict[int, bool] = {}
            for mechanism in self._mechanisms:
                seen |= mechanism.inputs(now)
        return tuple(seen.get(index, False) for index in range(self._input_count))

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.rounds += 1
            if not self.port.is_plugged:
                self._stopping.wait(READ_TIMEOUT_S)
            requests = self._requests.feed(self.port.read(READ_TIMEOUT_S))
            self.apply(self._end_pulses)
            for request in requests:
                if self.fault != "silent":
                    self.port.write(self._spoilt(self._answer(request)))

    def _answer(self, request: Request | Refused) -> bytes:
        if isinstance(request, Refused):
            return encode_refusal(request)
        points = self._input_count if request.function == READ_INPUTS else len(self._coils)
        if request.start + request.count > points or (request.tenths and not self._timed):
            return encode_refusal(Refused(request.unit, request.function, ILLEGAL_ADDRESS))
        if request.states:
            self._write(request)
            return encode_reply(request)
        states = self.coils() if request.function == READ_COILS else self.inputs()
        return encode_reply(request, states[request.start : request.start + request.count])

    def _write(self, request: Request) -> None:
        now = self._clock()
        frame = RelayFrame(now, request.start, request.states, request.tenths)
        self.frames.append(frame)
        if self._on_relay is not None:
            self._on_relay(frame)
        with self._lock:
            self._switch(request.start, request.states, now)
            if request.tenths:
                self._let_go_at[request.start] = now + request.tenths / 10

    def _switch(self, first: int, states: tuple[bool, ...], now: float) -> None:
        for coil, asked in enumerate(states, first):
            on = asked or (coil in self.welded and self._coils[coil])
            self._let_go_at.pop(coil, None)
            self._coils[coil] = on
            for mechanism in self._mechanisms:
                mechanism.drive(coil, now, on=on)

    def _end_pulses(self, now: float) -> None:
        for coil in [coil for coil, at in self._let_go_at.items() if at <= now]:
            self._switch(coil, (False,), now)

    def _spoilt(self, reply: bytes) -> bytes:
        if self.fault == "garbage":
            return self._chance.randbytes(len(reply))
        if self.fault == "wrong-crc":
            return reply[:-1] + bytes([reply[-1] ^ 0xFF])
        return reply
