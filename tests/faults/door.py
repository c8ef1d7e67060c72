"""A gate of a few doors, as real programs on real ptys: many cards on record, and people who walk through whenever one opens."""

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from typing_extensions import override

from access.card import CardNumber, card_hash
from edge.booth_messages import GuardReply, GuardRequest
from edge.config_file import load
from edge.link import LinkClient
from edge.messages import Hello
from edge.places import Places
from simulators.standalone import Rule, card, prepare, resident, small_rules
from simulators.wires.barrier_model import DoorModel
from simulators.wires.board import ModbusBoard
from simulators.wires.pty_port import PtyPort
from simulators.wires.reader import Em4100Reader
from tests.waiting import wait_until

CARD_KEY = bytes(range(32))
CARDS = 60
NO_REGISTRY = "http://127.0.0.1:9"  # nobody listens there
NEXT_CARD_S = 0.3
DOORS = 6  # so many that people can pass quickly one after the other, and no door is opened as often as only a fault would

GATE_TOML = """
[gate]
site = "lakeside"
name = "{gate}"
data = "{data}"
{central}
[booth]
port = 0

[[device]]
id = "io"
protocol = "modbus-rtu"
url = "{board}"
poll_ms = 20
"""

DOOR_TOML = """
[[device]]
id = "reader-{index}"
protocol = "em4100"
url = "{reader}"

[[lane]]
id = "door-{index}"
kind = "pedestrian"
direction = "in"
readers = ["reader-{index}"]

[lane.barrier]
device = "io"
open = {{ coil = {index}, pulse_ms = 50 }}
closed_limit = {{ input = {index} }}
"""


def number(index: int) -> bytes:
    """Return the number of one of the cards on record, as the reader tells it (five bytes)."""
    return (0x01_0000_0000 + index * 2654435761 % (1 << 32)).to_bytes(5, "big")


def rules() -> Iterable[Rule]:
    """Return a site where each card opens every door."""
    yield from small_rules(CARD_KEY, [f"door-{index}" for index in range(DOORS)], kind="pedestrian", unknown="deny")
    for index in range(CARDS):
        person = UUID(int=1 << 100 | index)
        yield resident(person, "李*", f"{index}-101")
        yield card(UUID(int=2 << 100 | index), person, [card_hash(CARD_KEY, CardNumber(number(index), 40))])


class Walker(DoorModel):
    """A door that somebody pushes at once when it is released."""

    def __init__(self, index: int) -> None:
        super().__init__(strike_coil=index, contact=index, release_s=0.2, closer_s=0.08)

    @override
    def drive(self, coil: int, now: float, *, on: bool) -> None:
        super().drive(coil, now, on=on)
        if coil == self.strike_coil and on:
            self.push(now)


class Door:
    """Hardware that stays while programs are started and killed. Where no registry can be reached it has rules of its own."""

    def __init__(self, folder: Path, *, gate: str = "east", registry: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.board_port = PtyPort(folder / "by-id" / "io")
        self.reader_ports = [PtyPort(folder / "by-id" / f"reader-{index}") for index in range(DOORS)]
        self.walkers = [Walker(index) for index in range(DOORS)]
        self.board = ModbusBoard(self.board_port, mechanisms=self.walkers)
        self.readers = [Em4100Reader(port) for port in self.reader_ports]
        self._next_card = itertools.cycle(range(CARDS))
        self.programs: dict[str, subprocess.Popen[bytes]] = {}
        self.config = folder / "gate.toml"
        toml = GATE_TOML.format(
            gate=gate,
            data=folder / "data",
            central=f'[central]\nurl = "{registry}"' if registry else "",
            board=self.board_port.url,
        )
        toml += "".join(DOOR_TOML.format(index=index, reader=port.url) for index, port in enumerate(self.reader_ports))
        if registry and registry != NO_REGISTRY:
            self.config.write_text(toml, encoding="utf-8")
        else:
            prepare(folder, toml, rules())
        self.places = Places(load(self.config).gate.data)

    def __enter__(self) -> Self:
        self.board.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for program in list(self.programs):
            self.kill(program)
        self.board.stop()
        for port in (self.board_port, *self.reader_ports):
            port.close()

    # --- programs ---------------------------------------------------------------------------------

    def start(self, program: str, module: str = "", environment: Mapping[str, str] | None = None) -> None:
        """Start one program of the gate; `module` stands in for its own."""
        self._start(program, ["-m", module or f"edge.{program}"], environment)

    def start_all(self) -> None:
        """Start all programs of the gate under their supervisor, as the installed service does."""
        self._start("supervisor", ["-m", "edge.cli", "run"], None)

    def _start(self, program: str, arguments: Sequence[str], environment: Mapping[str, str] | None) -> None:
        command = [sys.executable, *arguments, "--config", str(self.config)]
        with (self.folder / f"{program}.log").open("ab") as log:
            self.programs[program] = subprocess.Popen(command, stderr=log, env=os.environ | dict(environment or {}))

    def kill(self, program: str) -> None:
        """Kill a program as a lack of memory would."""
        process = self.programs.pop(program)
        process.kill()
        process.wait()

    def stop(self, program: str) -> None:
        """Ask a program to stop, and wait until it has."""
        process = self.programs.pop(program)
        process.terminate()
        code = process.wait(20)
        assert code == 0, f"{program} ended with {code}: {self.log(program)}"

    def started(self, program: str) -> list[int]:
        """Return the processes that the supervisor has started for a program, oldest first."""
        lines = (self.folder / "supervisor.log").read_text(encoding="utf-8").splitlines()
        said = [json.loads(line) for line in lines if '"program_started"' in line and line.endswith("}")]
        return [facts["process"] for facts in said if facts["started"] == program]

    def _assert_running(self) -> None:
        for program, process in self.programs.items():
            assert process.poll() is None, f"{program} ended: {self.log(program)}"

    def log(self, program: str) -> str:
        """Return the end of what a program has logged."""
        return (self.folder / f"{program}.log").read_text(encoding="utf-8")[-3000:]

    # --- people -----------------------------------------------------------------------------------

    @property
    def openings(self) -> int:
        """How often a door was released."""
        return sum(walker.openings for walker in self.walkers)

    def are_shut(self) -> bool:
        """Tell whether all doors are shut."""
        return not any(self.board.apply(walker.is_open) for walker in self.walkers)

    def show_card(self) -> None:
        """Show a card that has not been shown yet."""
        index = next(self._next_card)
        self.readers[index % DOORS].present(number(index), hold_s=0)

    def pass_one(self, timeout_s: float = 15) -> None:
        """Let somebody through: people show their cards one after the other until a door opens; returns when all are shut."""
        before = self.openings

        def has_opened() -> bool:
            self._assert_running()
            self.show_card()
            return _soon(lambda: self.openings > before, NEXT_CARD_S)

        wait_until(has_opened, timeout_s, "a door to open")
        wait_until(self.are_shut, what="the doors to be shut")


def _soon(condition: Callable[[], bool], within_s: float) -> bool:
    """Tell whether something is so within a while."""
    try:
        wait_until(condition, within_s)
    except AssertionError:
        return False
    return True


class Booth:
    """A guard at the booth: asks, and hears what became of it."""

    def __init__(self, places: Places) -> None:
        self.replies: dict[str, GuardReply] = {}
        self._requests = map("r-{}".format, itertools.count(1))
        self._link = LinkClient(places.gate_socket, Hello("desk", "test"), self._hear)
        self._link.start()

    def _hear(self, message: Any) -> None:
        if isinstance(message, GuardReply):
            self.replies[message.request] = message

    def ask(self, *acts: str, now: float) -> Sequence[GuardReply]:
        """Ask for these acts one after the other; returns the answers."""
        wait_until(self._link.connected.is_set, what="the booth to be connected")
        return [self._ask(act, now + 30) for act in acts]

    def _ask(self, act: str, expires: float) -> GuardReply:
        request = next(self._requests)
        self._link.send(GuardRequest(request, act, "door-1", "g-1", "张*", "known", "", expires))
        wait_until(lambda: request in self.replies, what=f"an answer to {act}")
        return self.replies[request]

    def close(self) -> None:
        """Leave the booth."""
        self._link.stop()
