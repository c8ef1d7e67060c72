"""From the last byte of a card frame on one wire to the first byte of the relay frame on another, commit included.

The gate is the installed program on real pseudo-terminals; this program plays reader and board, and polls are answered as a real
board would. Beside it stands the floor: a bare pyserial program that echoes, and a bare SQLite commit on the same disk, whose
slowest syncs no program can outrun (TMPDIR chooses the disk). A pseudo-terminal does not pace bytes: the board's
line is opened at 115200 baud, which sets the pause that Modbus wants between frames, and what a 9600 baud line adds (bytes and
the longer pause) is computed and printed apart.
"""

import argparse
import contextlib
import itertools
import json
import os
import random
import select
import sqlite3
import subprocess
import sys
import tempfile
import time
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from access.card import CardNumber, card_hash
from bench.load import Load
from bench.machine import machine, percentile
from devices.barriers.modbus_board import Refused, RequestParser, encode_reply
from devices.barriers.modbus_rtu import READ_INPUTS, Request
from devices.readers.em4100 import encode
from simulators.standalone import Rule, card, prepare, resident, small_rules

CARD_KEY = bytes(range(32))
POLL_MS = 50
BOARD_BAUD = 115_200
INPUTS = 8
CLOSED = 4
BAUD_BITS = 11  # start, eight data, parity or second stop, stop: as Modbus counts a character
ENTRY_BYTES = (500, 1300, 500)  # reading, decision, command
FRAME_BYTES = {"request": 8, "reply": 6}
NEVER_S = 30.0

GATE_TOML = """
[gate]
site = "{site}"
name = "{gate}"
data = "data"
{central}
[booth]
port = 0

[[device]]
id = "reader"
protocol = "em4100"
url = "serial://{reader}?baud=9600"

[[device]]
id = "io"
protocol = "modbus-rtu"
url = "serial://{board}?baud={board_baud}"
poll_ms = {poll_ms}

[[lane]]
id = "door"
kind = "pedestrian"
direction = "in"
readers = ["reader"]

[lane.barrier]
device = "io"
open = {{ coil = 0, pulse_ms = 50 }}
closed_limit = {{ input = {closed} }}
{cameras}
"""


class FarEnd:
    """The far ends of both wires in one quiet loop: answers polls, sends cards, sees the relay frame come."""

    def __init__(self) -> None:
        self.reader, reader_slave = os.openpty()
        self.board, board_slave = os.openpty()
        self.paths = os.ttyname(reader_slave), os.ttyname(board_slave)
        self._slaves = (reader_slave, board_slave)  # kept open, so that nobody sees a hang-up
        for descriptor in (self.reader, self.board, *self._slaves):
            tty.setraw(descriptor)
        self._requests = RequestParser(1)
        self._coils = [False] * 8
        self.is_shut = True
        self.polls = 0

    def present(self, number: bytes) -> float:
        """Send a card's frame; returns when its last byte was handed over (monotonic seconds)."""
        os.write(self.reader, encode(number))
        return time.monotonic()

    def await_relay(self, within_s: float) -> float | None:
        """Serve the board until a coil is switched on; returns when the frame's first byte was there."""
        until = time.monotonic() + within_s
        while (left := until - time.monotonic()) > 0:
            for at, request in self._serve(left):
                if request.states and request.states[0]:
                    return at
        return None

    def serve_polls(self, count: int) -> None:
        """Serve the board until it has been polled `count` times more; `TimeoutError` where it is not."""
        goal, until = self.polls + count, time.monotonic() + NEVER_S
        while self.polls < goal:
            if time.monotonic() > until:
                raise TimeoutError("the gate does not poll its board")
            list(self._serve(0.1))

    def serve_for(self, seconds: float) -> None:
        """Serve the board for a while."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            list(self._serve(left))

    def _serve(self, wait_s: float) -> Iterator[tuple[float, Request]]:
        ready, _, _ = select.select([self.board], [], [], wait_s)
        if not ready:
            return
        at = time.monotonic()
        for request in self._requests.feed(os.read(self.board, 1024)):
            if not isinstance(request, Refused):
                os.write(self.board, self._reply(request))
                yield at, request

    def _reply(self, request: Request) -> bytes:
        if request.states:
            self._coils[request.start] = request.states[0]
            return encode_reply(request)
        self.polls += request.function == READ_INPUTS
        inputs = tuple(self.is_shut if index == CLOSED else False for index in range(INPUTS))
        return encode_reply(request, inputs if request.function == READ_INPUTS else tuple(self._coils))


def rules(cards: int) -> Iterator[Rule]:
    """Yield a site of that many residents with a card each, in every form that a reader may deliver."""
    yield from small_rules(CARD_KEY, ["door"], kind="pedestrian", unknown="deny")
    for index in range(cards):
        person = UUID(int=1 << 100 | index)
        number = CardNumber(_number(index), 40)
        yield resident(person, "李*", f"{index % 60}-{index % 3000}")
        yield card(UUID(int=2 << 100 | index), person, [card_hash(CARD_KEY, number)])


def _number(index: int) -> bytes:
    return (0x01_0000_0000 + index * 2654435761 % (1 << 32)).to_bytes(5, "big")


def measure(far: FarEnd, cards: int, readings: int, chance: random.Random) -> list[float]:
    """Present random cards at random moments of the poll; returns seconds from card to relay."""
    took = []
    far.serve_polls(10)
    for index in chance.sample(range(cards), readings):  # each card once: the same again would be one presence
        far.serve_for(chance.uniform(0, 2 * POLL_MS / 1000))
        sent = far.present(_number(index))
        relay = far.await_relay(NEVER_S)
        if relay is None:
            raise TimeoutError("a card on record did not open the door")
        took.append(relay - sent)
        far.is_shut = False
        far.serve_polls(2)
        far.is_shut = True
        far.serve_polls(2)
    return took


def floor(readings: int) -> list[float]:
    """Measure a bare pyserial program that writes eight bytes to one port for fourteen read from another."""
    far = FarEnd()
    program = (
        "import serial, sys\n"
        "a, b = (serial.Serial(p, 9600, timeout=None) for p in sys.argv[1:])\n"
        "while True:\n"
        "    a.read(14); b.write(bytes(8))\n"
    )
    took = []
    with subprocess.Popen([sys.executable, "-c", program, *far.paths]) as process:
        select.select([], [], [], 0.5)
        for _ in range(readings):
            sent = far.present(_number(1))
            select.select([far.board], [], [], NEVER_S)
            took.append(time.monotonic() - sent)
            os.read(far.board, 1024)
        process.kill()
    return took


def disk(readings: int) -> list[float]:
    """Measure the disk alone: bare SQLite committing (WAL, FULL) rows of the size of one decision's three entries."""
    took = []
    with tempfile.TemporaryDirectory() as folder:
        database = sqlite3.connect(Path(folder) / "bare.db")
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=0"):
            database.execute(f"PRAGMA {pragma}")
        database.execute("CREATE TABLE entries (seq INTEGER PRIMARY KEY, entry BLOB)")
        for _ in range(readings):
            time.sleep(POLL_MS / 1000)
            began = time.monotonic()
            database.executemany("INSERT INTO entries (entry) VALUES (?)", [(os.urandom(size),) for size in ENTRY_BYTES])
            database.commit()
            took.append(time.monotonic() - began)
        database.close()
    return took


def line_adds_ms(baud: int) -> dict[str, float]:
    """Compute what a real line adds: a poll under way must end, and a pause must pass, before the relay frame may leave.

    `mean` and `max` of that wait, and the time of the relay frame itself until its last byte is there.
    """
    character_ms = BAUD_BITS * 1000 / baud
    poll_ms = sum(FRAME_BYTES.values()) * character_ms
    pause_ms = 3.5 * character_ms
    busy = min(1.0, poll_ms / POLL_MS)
    return {"mean": round(busy * poll_ms / 2, 2), "max": round(poll_ms + pause_ms, 2), "relay_frame": round(8 * character_ms, 2)}


@contextlib.contextmanager
def gate(folder: Path, far: FarEnd, cards: int, load: Load) -> Iterator[None]:
    """Run the installed gate with that many cards on record, under that load."""
    reader, board = far.paths
    toml = GATE_TOML.format(
        site=load.site,
        gate=load.gate,
        central=load.central_toml,
        cameras=load.cameras_toml,
        reader=reader,
        board=board,
        board_baud=BOARD_BAUD,
        poll_ms=POLL_MS,
        closed=CLOSED,
    )
    path, config = prepare(folder, toml, itertools.chain(load.rules(), rules(cards)), revision=1_000_000)
    load.attach(config)
    command = [sys.executable, "-m", "edge.cli", "run", "--config", str(path)]
    with (folder / "edge.log").open("wb") as log, subprocess.Popen(command, stderr=log) as process:
        try:
            far.serve_polls(20)
            with load.running(config):
                yield
        finally:
            process.terminate()
            far.serve_for(0.5)
            process.wait(20)


def _stand_for_hardware() -> None:
    """Let the far ends not wait for a core, where the system allows it: reader and board have their own processors."""
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(2))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cards", default="1000,1000000", help="how many cards are on record, with commas")
    parser.add_argument("--load", default="idle,busy", help="idle, busy, booths (four pages open, one hammered), with commas")
    parser.add_argument("--readings", type=int, default=400, help="cards presented in each row")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    _stand_for_hardware()
    rows: list[dict[str, Any]] = []
    for cards in map(int, options.cards.split(",")):
        for name in options.load.split(","):
            with tempfile.TemporaryDirectory() as folder:
                far, load = FarEnd(), Load.named(name, Path(folder))
                with load, gate(Path(folder), far, cards, load):
                    took = measure(far, cards, options.readings, random.Random(options.seed))
            rows.append(_row(took, cards=cards, load=name))
            if not options.json:
                print(_line(rows[-1]), flush=True)
    bare = [
        _row(floor(options.readings), cards=0, load="bare pyserial echo"),
        _row(disk(options.readings), cards=0, load="bare SQLite commit"),
    ]
    answer = {
        "rows": rows,
        "floor": bare,
        "line_9600_adds_ms": line_adds_ms(9600),
        "board_baud": BOARD_BAUD,
        "machine": machine(),
    }
    if options.json:
        print(json.dumps(answer))
    else:
        adds = f"a 9600 baud line adds {answer['line_9600_adds_ms']} ms"
        print(*[_line(row) for row in bare], adds, answer["machine"], sep="\n")


def _row(took: list[float], **what: Any) -> dict[str, Any]:
    figures = {"p50_ms": percentile(took, 0.5), "p99_ms": percentile(took, 0.99), "max_ms": max(took)}
    return {**what, "readings": len(took), **{name: round(value * 1000, 3) for name, value in figures.items()}}


def _line(row: dict[str, Any]) -> str:
    figures = "  ".join(f"{name} {row[f'{name}_ms']:7.3f} ms" for name in ("p50", "p99", "max"))
    return f"{row['cards']:>9} cards  {row['load']:<20} {figures}"


if __name__ == "__main__":
    main()
