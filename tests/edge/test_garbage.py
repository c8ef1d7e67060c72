"""Garbage on every wire of a whole edge: nothing stops, nothing opens, all of it is counted and shown at the booth."""

import functools
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import argon2
import pytest

from access.card import CardNumber, card_hash
from edge.places import Places
from edge.store.reader import JournalReader
from simulators.estate import Guard
from simulators.standalone import Rule, card, guard, prepare, resident, small_rules
from simulators.traffic.booth_pages import BoothError, BoothPages, DeviceRow
from simulators.wires.barrier_model import BarrierModel
from simulators.wires.board import ModbusBoard
from simulators.wires.camera import Camera
from simulators.wires.mqtt_reader import MqttCardReader
from simulators.wires.pty_port import PtyPort
from simulators.wires.reader import Em4100Reader
from tests.servers.mosquitto import Mosquitto
from tests.waiting import wait_until

pytestmark = [pytest.mark.programs, pytest.mark.timeout(240)]

CARD_KEY = bytes(range(32))
RESIDENTS_CARD = bytes.fromhex("010063E9AE")
PERSON = Guard(name="王*", badge="1001", pin="246810")
HUGE_BYTES = 100 * 1024 * 1024
MQTT_TOPIC = "gate/v1/lakeside/reader-mqtt/read"
DEVICES = ("reader", "scanner", "reader-mqtt", "camera", "io")

GATE_TOML = """
[gate]
site = "lakeside"
name = "east"
data = "data"

[mqtt]
url = "{broker}"

[booth]
port = 0

[[device]]
id = "reader"
protocol = "em4100"
url = "{reader}"

[[device]]
id = "scanner"
protocol = "qr-line"
url = "{scanner}"

[[device]]
id = "reader-mqtt"
protocol = "card-json"
url = "mqtt:///{topic}"

[[device]]
id = "camera"
protocol = "video"
url = "{camera}"

[[device]]
id = "io"
protocol = "modbus-rtu"
url = "{board}"

[[lane]]
id = "in-1"
kind = "vehicle"
direction = "in"
readers = ["reader", "scanner", "reader-mqtt"]
cameras = ["camera"]

[lane.barrier]
device = "io"
open = {{ coil = 0, pulse_ms = 100 }}
open_limit = {{ input = 0 }}
closed_limit = {{ input = 1 }}
arrival_loop = {{ input = 2 }}
safety_loop = {{ input = 3 }}
"""


class Edge:
    """A whole edge under its supervisor on five real wires, without a registry."""

    def __init__(self, folder: Path, broker: Mosquitto) -> None:
        self.reader_port, self.scanner_port, self.board_port = (PtyPort(folder / name) for name in ("reader", "scanner", "io"))
        self.arm = BarrierModel(travel_s=0.2)
        self.board = ModbusBoard(self.board_port, mechanisms=[self.arm])
        self.camera = Camera()
        self.mqtt = MqttCardReader(broker.url, MQTT_TOPIC)
        toml = GATE_TOML.format(
            broker=broker.url,
            reader=self.reader_port.url,
            scanner=self.scanner_port.url,
            board=self.board_port.url,
            camera=self.camera.url,
            topic=MQTT_TOPIC,
        )
        self.config, config = prepare(folder, toml, rules())
        self.places = Places(config.gate.data)
        self.booth = BoothPages(lambda: self.places.booth_address.read_text(encoding="ascii").strip())

    def devices(self) -> dict[str, DeviceRow]:
        try:
            return self.booth.devices(PERSON)
        except (BoothError, FileNotFoundError):
            return {}

    def all_up(self) -> bool:
        devices = self.devices()
        return all(name in devices and devices[name].is_up for name in DEVICES)

    def refuses_more(self, name: str, before: int) -> bool:
        devices = self.devices()
        return name in devices and devices[name].refused > before

    def decisions(self) -> int:
        reader = JournalReader(self.places.journal)
        try:
            return sum(entry.kind == "decision" for entry in reader.every())
        finally:
            reader.close()


def rules() -> list[Rule]:
    person = uuid4()
    hashes = [card_hash(CARD_KEY, CardNumber(RESIDENTS_CARD, 40))]
    return [
        *small_rules(CARD_KEY, ["in-1"], unknown="deny"),
        resident(person, "李*", "3-1201"),
        card(uuid4(), person, hashes),
        guard(PERSON.badge, argon2.PasswordHasher().hash(PERSON.pin)),
    ]


def children(pid: int) -> set[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return set(map(int, listed.split()))


def test_garbage_on_every_wire_stops_nothing_and_opens_nothing(tmp_path: Path, mosquitto: Mosquitto) -> None:
    edge = Edge(tmp_path, mosquitto)
    chance = random.Random(1)
    with edge.camera, edge.board, (tmp_path / "edge.log").open("wb") as log:
        command = [sys.executable, "-m", "edge.cli", "run", "--config", str(edge.config)]
        process = subprocess.Popen(command, stderr=log, env=os.environ | {"NO_PROXY": "*"})
        try:
            wait_until(edge.all_up, 90, "all five wires to be up")
            programs = children(process.pid)
            before = edge.devices()
            pour_garbage(edge, chance)
            for name in DEVICES:
                wait_until(
                    functools.partial(edge.refuses_more, name, before[name].refused), 60, f"garbage of {name} to be counted"
                )
            assert edge.arm.openings == 0, "garbage opened the barrier"
            assert edge.decisions() == 0
            settle(edge)
            wait_until(edge.all_up, 60, "all five wires to be well again")
            Em4100Reader(edge.reader_port).present(RESIDENTS_CARD)
            wait_until(lambda: edge.arm.openings == 1, 20, "the gate to go on as before")
            assert children(process.pid) == programs, "a program ended"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
            edge.mqtt.close()
            edge.booth.close()
            for port in (edge.reader_port, edge.scanner_port, edge.board_port):
                port.close()


def pour_garbage(edge: Edge, chance: random.Random) -> None:
    """Random bytes, cut frames, hostile JSON, a payload of 100 MB, half a picture for ever, a board that answers nonsense."""
    edge.reader_port.write(b"\x02" + b"0100" + chance.randbytes(3000) + b"\x0201006")
    edge.scanner_port.write(chance.randbytes(3000) + b"\r\n" + b"A" * 5000 + b"\r\n" + b"\xff\xfe\r\n")
    hostile = (b"", b"null", b"[" * 4000, b'{"v":1,"id":"x","card":"ZZ","bits":8}', b'{"v":1e999}', chance.randbytes(500))
    for payload in (*hostile, bytes(HUGE_BYTES)):
        edge.mqtt.publish(payload)
    edge.camera.mode = "half_picture"
    edge.board.fault = "garbage"


def settle(edge: Edge) -> None:
    edge.camera.mode = "well"
    edge.board.fault = "none"
