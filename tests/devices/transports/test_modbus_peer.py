"""The line against pymodbus: a board side that is not ours."""

import asyncio
import threading
from collections.abc import Iterator
from queue import SimpleQueue

import pytest
from pymodbus.server import ModbusSerialServer
from pymodbus.simulator import DataType, SimData, SimDevice

from devices.barriers.modbus_rtu import WRITE_COIL
from devices.readings import InputsRead
from devices.transports.modbus import ModbusLine
from simulators.wires.pty_port import PtyPort
from tests.devices.transports.told import TIMEOUT_S, Told

INPUTS = (True, False, False, True, False, False, False, False)
COILS = (False, False, False, False, False, True, False, False)


class PymodbusBoard:
    """A pymodbus server on a serial port, in a thread with a loop of its own; `requests` is what it received."""

    def __init__(self, path: str) -> None:
        self.requests: SimpleQueue[bytes] = SimpleQueue()
        self._path = path
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(TIMEOUT_S)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._server.shutdown(), self._loop).result(TIMEOUT_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(TIMEOUT_S)
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.run_forever()

    async def _serve(self) -> None:
        blocks = [
            [SimData(0, values=list(COILS), datatype=DataType.BITS)],
            [SimData(0, values=list(INPUTS), datatype=DataType.BITS)],
            [SimData(0, values=0, datatype=DataType.REGISTERS)],
            [SimData(0, values=0, datatype=DataType.REGISTERS)],
        ]
        device = SimDevice(1, simdata=tuple(blocks))
        self._server = ModbusSerialServer(device, port=self._path, baudrate=9600, trace_packet=self._keep)
        await self._server.serve_forever(background=True)
        self._ready.set()

    def _keep(self, sending: bool, packet: bytes) -> bytes:
        if not sending:
            self.requests.put(packet)
        return packet


@pytest.fixture
def path_to_board() -> Iterator[tuple[str, PymodbusBoard]]:
    """Give a path for the line, joined by two pumping threads to the path that the board has open."""
    stopping = threading.Event()

    def pump(source: PtyPort, target: PtyPort) -> None:
        while not stopping.is_set():
            target.write(source.read(0.05))

    with PtyPort() as near, PtyPort() as far:
        pumps = [threading.Thread(target=pump, args=ends) for ends in ((near, far), (far, near))]
        for thread in pumps:
            thread.start()
        board = PymodbusBoard(far.path)
        board.start()
        yield near.path, board
        board.stop()
        stopping.set()
        for thread in pumps:
            thread.join()


def test_an_independent_board_is_read_released_and_pulsed(path_to_board: tuple[str, PymodbusBoard]) -> None:
    path, board = path_to_board
    told = Told()
    outcomes: SimpleQueue[tuple[bool, str, float]] = SimpleQueue()
    line = ModbusLine("io", f"serial://{path}?baud=9600", told.emit, told.state)
    line.start()
    try:
        assert told.next_state() == (True, "")
        assert told.next_reading() == InputsRead(INPUTS)
        line.pulse(0, 50, lambda *outcome: outcomes.put(outcome))
        assert outcomes.get(timeout=TIMEOUT_S)[:2] == (True, "")
        functions: list[int] = []
        writes: list[bytes] = []
        while len(writes) < 3:
            request = board.requests.get(timeout=TIMEOUT_S)
            functions.append(request[1])
            writes += [request] if request[1] == WRITE_COIL else []
    finally:
        line.stop()
    assert functions[:3] == [2, 1, 5], "inputs are read first, then relays; the one found on is released"
    assert [(write[3], write[4]) for write in writes] == [(5, 0x00), (0, 0xFF), (0, 0x00)]
    assert line.counters.rejected == 0
