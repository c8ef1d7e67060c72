"""The gate's surroundings: every simulated device on a real wire, and the gate.toml that names them."""

import contextlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

from devices.errors import LinkLost
from simulators.estate import GATE, LANES, POST, SITE, ZONE
from simulators.traffic.lanes import DoorWires, VehicleWires
from simulators.wires.barrier_model import BarrierModel, DoorModel
from simulators.wires.board import ModbusBoard
from simulators.wires.camera import Camera
from simulators.wires.mqtt_reader import MqttCardReader
from simulators.wires.pty_port import PtyPort
from simulators.wires.reader import Em4100Reader
from simulators.wires.scanner import QrScanner

T = TypeVar("T")

LANE_IN, LANE_OUT, LANE_DOOR = LANES
TOPIC: Final = f"gate/v1/{SITE}/{LANE_OUT.slug}/read"
SERIAL_PORTS: Final = ("reader-in", "reader-door", "scanner-door", "io")
RELEASE_S: Final = 2.0  # not longer than the door takes to shut: it is locked again when the next one comes
TRAVEL_S, CLOSE_AFTER_S, NO_PASSAGE_S = 0.9, 0.5, 5.0  # a quick arm, so that a minute shows much
INPUTS: Final = 16


class Wiring:
    """All devices. Their numbers on the board: entry arm coil 0 and inputs 0-3, exit arm 1 and 4-7, door 2 and 8."""

    def __init__(self, folder: Path, broker_url: str) -> None:
        self._broker_url = broker_url
        self._ports = {name: PtyPort(folder / name) for name in SERIAL_PORTS}
        self._cameras = {"camera-in": Camera(seed=1), "camera-out": Camera(seed=2)}
        self._card_by_mqtt = MqttCardReader(broker_url, TOPIC)
        arm = partial(BarrierModel, travel_s=TRAVEL_S, close_after_s=CLOSE_AFTER_S, no_passage_s=NO_PASSAGE_S)
        self.arm_in = arm()
        self.arm_out = arm(open_coil=1, open_limit=4, closed_limit=5, arrival_loop=6, safety_loop=7)
        self.door = DoorModel(strike_coil=2, contact=8, release_s=RELEASE_S)
        mechanisms = (self.arm_in, self.arm_out, self.door)
        self.board = ModbusBoard(self._ports["io"], mechanisms=mechanisms, inputs=INPUTS)
        self.sent = dict.fromkeys(("reader-in", "reader-out", "reader-door", "scanner-door"), 0)
        """How many cards and codes were held up to each reader."""

    def __enter__(self) -> Self:
        self.board.start()
        for camera in self._cameras.values():
            camera.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.board.stop()
        self._card_by_mqtt.close()
        for camera in self._cameras.values():
            camera.stop()
        for port in self._ports.values():
            port.close()

    # --- what stands at each lane -----------------------------------------------------------------

    def entry(self) -> VehicleWires:
        """Return the entry lane's wires."""
        reader = Em4100Reader(self._ports["reader-in"])
        disturb = self._ports["reader-in"].write
        return VehicleWires(
            self.board, self.arm_in, self._cameras["camera-in"], self._counted("reader-in", reader.present), disturb
        )

    def exit(self) -> VehicleWires:
        """Return the exit lane's wires."""
        show = self._counted("reader-out", self._card_by_mqtt.present)
        return VehicleWires(self.board, self.arm_out, self._cameras["camera-out"], show, self._card_by_mqtt.publish)

    def pedestrian(self) -> DoorWires:
        """Return the door's wires."""
        reader, scanner = Em4100Reader(self._ports["reader-door"]), QrScanner(self._ports["scanner-door"])
        return DoorWires(
            self.board,
            self.door,
            self._counted("reader-door", reader.present),
            self._counted("scanner-door", scanner.scan),
            lambda garbage: self._ports["scanner-door"].write(_one_bad_line(garbage)),
        )

    def _counted(self, name: str, show: Callable[[T], None]) -> Callable[[T], None]:
        def counted(thing: T) -> None:
            self.sent[name] += 1
            with contextlib.suppress(LinkLost):  # held up in vain: the broker is away
                show(thing)

        return counted

    # --- as the gate is told ----------------------------------------------------------------------

    def gate_toml(self, central_url: str, booth_port: int) -> str:
        """Return the configuration of the gate that these wires belong to."""
        ports = {name: port.url for name, port in self._ports.items()}
        return GATE_TOML.format(
            site=SITE,
            gate=GATE,
            zone=ZONE,
            central=central_url,
            broker=self._broker_url,
            booth=booth_port,
            post=POST,
            reader_in=ports["reader-in"],
            reader_out=f"mqtt:///{TOPIC}",
            reader_door=ports["reader-door"],
            scanner_door=ports["scanner-door"],
            io=ports["io"],
            inputs=INPUTS,
            camera_in=self._cameras["camera-in"].url,
            camera_out=self._cameras["camera-out"].url,
            lane_in=LANE_IN.slug,
            lane_out=LANE_OUT.slug,
            lane_door=LANE_DOOR.slug,
        )


def _one_bad_line(garbage: bytes) -> bytes:
    """Return garbage that ends like a code but cannot be one: a scanner's line has no check by which to refuse it."""
    return b"\x00" + garbage.translate(None, b"\r\n\t") + b"\r\n"


GATE_TOML: Final = """\
# Written by the demonstration: one gate with two vehicle lanes and a door, all on simulated wires.

[gate]
site = "{site}"
name = "{gate}"
zone = "{zone}"

[central]
url = "{central}"

[mqtt]
url = "{broker}"

[booth]
port = {booth}
post = "{post}"
camera = "camera-in"

[[device]]
id = "reader-in"
protocol = "em4100"
url = "{reader_in}"
absent_after_s = 1.0

[[device]]
id = "reader-out"
protocol = "card-json"
url = "{reader_out}"
absent_after_s = 1.0

[[device]]
id = "reader-door"
protocol = "em4100"
url = "{reader_door}"
absent_after_s = 1.0

[[device]]
id = "scanner-door"
protocol = "qr-line"
url = "{scanner_door}"
absent_after_s = 1.0

[[device]]
id = "camera-in"
protocol = "video"
url = "{camera_in}"

[[device]]
id = "camera-out"
protocol = "video"
url = "{camera_out}"

[[device]]
id = "io"
protocol = "modbus-rtu"
url = "{io}"
inputs = {inputs}

[[lane]]
id = "{lane_in}"
kind = "vehicle"
direction = "in"
readers = ["reader-in"]
cameras = ["camera-in"]
no_show_s = 10

[lane.barrier]
device = "io"
open = {{ coil = 0, pulse_ms = 500 }}
open_limit = {{ input = 0 }}
closed_limit = {{ input = 1 }}
arrival_loop = {{ input = 2 }}
safety_loop = {{ input = 3 }}

[[lane]]
id = "{lane_out}"
kind = "vehicle"
direction = "out"
readers = ["reader-out"]
cameras = ["camera-out"]
no_show_s = 10

[lane.barrier]
device = "io"
open = {{ coil = 1, pulse_ms = 500 }}
open_limit = {{ input = 4 }}
closed_limit = {{ input = 5 }}
arrival_loop = {{ input = 6 }}
safety_loop = {{ input = 7 }}

[[lane]]
id = "{lane_door}"
kind = "pedestrian"
direction = "both"
readers = ["reader-door", "scanner-door"]
no_show_s = 4

[lane.barrier]
device = "io"
open = {{ coil = 2, pulse_ms = 500 }}
closed_limit = {{ input = 8 }}
"""
