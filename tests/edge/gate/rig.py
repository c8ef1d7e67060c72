"""A real gate program on real ptys: one vehicle lane with an EM4100 reader and a Modbus board with an arm behind it."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from access.card import CardNumber, card_hash
from access.sealing import Opened
from edge.booth_messages import LaneView
from edge.link import LinkClient
from edge.messages import Hello
from edge.places import Places
from edge.store.errors import StoreError
from edge.store.reader import JournalReader
from simulators.standalone import Rule, card, prepare, resident, small_rules
from simulators.wires.barrier_model import BarrierModel
from simulators.wires.board import ModbusBoard, RelayFrame
from simulators.wires.pty_port import PtyPort
from simulators.wires.reader import Em4100Reader
from tests.waiting import wait_until

CARD_KEY = bytes(range(32))
RESIDENTS_CARD = bytes.fromhex("010063E9AE")
STRANGERS_CARD = bytes.fromhex("0100000001")

GATE_TOML = """
[gate]
site = "lakeside"
name = "east"
data = "data"

[[device]]
id = "reader-in"
protocol = "em4100"
url = "{reader}"
absent_after_s = 0.3

[[device]]
id = "io"
protocol = "modbus-rtu"
url = "{board}"

[[lane]]
id = "in-1"
kind = "vehicle"
direction = "in"
readers = ["reader-in"]
on_store_failure = "{on_store_failure}"
{lane}
[lane.barrier]
device = "io"
{barrier}
open = {{ coil = 0, pulse_ms = 100 }}
open_limit = {{ input = 0 }}
closed_limit = {{ input = 1 }}
arrival_loop = {{ input = 2 }}
safety_loop = {{ input = 3 }}
"""


def rules() -> list[Rule]:
    person = uuid4()
    number = CardNumber(RESIDENTS_CARD, 40)
    return [
        *small_rules(CARD_KEY, ["in-1"]),
        resident(person, "李*", "3-1201"),
        card(uuid4(), person, [card_hash(CARD_KEY, number)]),
    ]


class Rig:
    """Starts and kills the gate program; everything else stays, as hardware would."""

    def __init__(
        self,
        folder: Path,
        on_relay: Callable[[RelayFrame], None] | None = None,
        on_store_failure: str = "deny",
        *,
        lane: str = "",
        barrier: str = "",
        close_coil: int | None = None,
        program: str = "edge.gate",
    ) -> None:
        self.program = program
        self.reader_port = PtyPort(folder / "by-id" / "reader")
        self.board_port = PtyPort(folder / "by-id" / "io")
        self.arm = BarrierModel(travel_s=0.2, close_after_s=0.2, no_passage_s=2.0, close_coil=close_coil)
        self.board = ModbusBoard(self.board_port, mechanisms=[self.arm], on_relay=on_relay)
        self.reader = Em4100Reader(self.reader_port)
        toml = GATE_TOML.format(
            reader=self.reader_port.url,
            board=self.board_port.url,
            on_store_failure=on_store_failure,
            lane=lane,
            barrier=barrier,
        )
        self.config, config = prepare(folder, toml, rules())
        self.places = Places(config.gate.data)
        self.process: subprocess.Popen[bytes] | None = None
        self.said: list[Any] = []
        self.desk = LinkClient(self.places.gate_socket, Hello("desk", "test"), self.said.append)

    def __enter__(self) -> Self:
        self.board.start()
        self.start()
        self.desk.start()
        wait_until(self.view, what="the booth to be told of the lane")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.desk.stop()
        self.stop()
        self.board.stop()
        self.reader_port.close()
        self.board_port.close()

    def start(self) -> None:
        log = (self.config.parent / "gate.log").open("ab")
        command = [sys.executable, "-m", self.program, "--config", str(self.config)]
        self.process = subprocess.Popen(command, stderr=log, env=os.environ | {"PYTHONUNBUFFERED": "1"})
        log.close()
        before = self.count("start") if self.places.journal.exists() else 0
        wait_until(lambda: self.places.journal.exists() and self.count("start") > before, what="the gate to start")
        wait_until(self.is_ready, what="reader and board to be up")

    def is_ready(self) -> bool:
        entries = self.entries()
        at = max(index for index, entry in enumerate(entries) if entry.kind == "start")
        up = {entry.fields["device"] for entry in entries[at:] if entry.kind == "device" and entry.fields["up"]}
        return up >= {"reader-in", "io"}

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(timeout=10)

    def entries(self) -> list[Opened]:
        try:
            reader = JournalReader(self.places.journal)
        except StoreError:
            return []
        try:
            return list(reader.every())
        except StoreError:
            return []
        finally:
            reader.close()

    def count(self, kind: str) -> int:
        return sum(entry.kind == kind for entry in self.entries())

    def log(self) -> str:
        """What the gate program has logged."""
        return (self.config.parent / "gate.log").read_text(encoding="utf-8")

    def view(self) -> LaneView | None:
        """The lane as the booth was told of it last."""
        return next((message for message in reversed(self.said) if isinstance(message, LaneView)), None)

    def wait_for_state(self, state: str, reason: str | None = None) -> None:
        """Wait until the booth was told that the lane is so, for this reason where one is given."""

        def is_so() -> bool:
            shown = self.view()
            return shown is not None and shown.state == state and reason in (None, shown.reason)

        wait_until(is_so, what=f"the lane to be {state} {reason or ''}")

    @contextmanager
    def held_journal(self) -> Iterator[None]:
        """Hold the journal's write lock from outside: it stands for every disk that refuses."""
        other = sqlite3.connect(self.places.journal, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")
            other.close()

    def wait_for(self, kind: str, **fields: Any) -> Opened:
        def found() -> Opened | None:
            fitting = [e for e in self.entries() if e.kind == kind and fields.items() <= dict(e.fields).items()]
            return fitting[-1] if fitting else None

        entry = wait_until(found, what=f"an entry {kind} {fields}")
        assert entry is not None
        return entry
