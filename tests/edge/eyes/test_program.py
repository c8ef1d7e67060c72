"""The eyes program as it runs, between a camera that speaks HTTP and a gate that speaks the link."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import pytest

from devices.transports.pictures import decode
from edge.link import LinkServer
from edge.messages import DeviceState, EvidenceStored, Hello, KeepPicture, LookNow, PlateSeen
from edge.places import Places
from simulators.standalone import prepare, small_rules
from simulators.wires.camera import Camera
from tests.edge.eyes.test_window import ask, connect
from tests.waiting import wait_until

pytestmark = pytest.mark.programs

M = TypeVar("M")

GATE_TOML = """
[gate]
site = "lakeside"
name = "east"
data = "data"

[[device]]
id = "camera-in"
protocol = "video"
url = "{url}"
region = [0.1, 0.2, 0.9, 1.0]

[[device]]
id = "io"
protocol = "modbus-rtu"
url = "serial:///dev/null"

[[lane]]
id = "in-1"
kind = "vehicle"
direction = "in"
cameras = ["camera-in"]

[lane.barrier]
device = "io"
open = {{ coil = 0 }}
"""


class Rig:
    """A gate's end of the link, and the program on the other."""

    def __init__(self, folder: Path, url: str, environment: dict[str, str]) -> None:
        self.config, config = prepare(folder, GATE_TOML.format(url=url), small_rules(bytes(32), ["in-1"]))
        self.places = Places(config.gate.data)
        self.heard: list[Any] = []
        self.environment = environment
        self.link = LinkServer(
            self.places.gate_socket, lambda message, _: self.heard.append(message), lambda _: None, lambda _: None
        )

    def __enter__(self) -> Self:
        self.link.start()
        with (self.config.parent / "eyes.log").open("ab") as log:
            command = [sys.executable, "-m", "edge.eyes", "--config", str(self.config)]
            self.process = subprocess.Popen(command, stderr=log, env=os.environ | self.environment)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.process.terminate()
        code = self.process.wait(timeout=15)
        self.link.stop()
        assert code == 0, (self.config.parent / "eyes.log").read_text(encoding="utf-8")

    def all(self, kind: type[M]) -> list[M]:
        return [message for message in self.heard if isinstance(message, kind)]

    def wait_for_state(self, up: bool, why: str) -> DeviceState:
        def met() -> list[DeviceState]:
            return [state for state in self.all(DeviceState)[-1:] if state.up is up and why in state.why]

        return wait_until(met, 30, f"the camera to be up={up}, {why!r}")[0]

    def wait_for(self, kind: type[M], count: int = 1) -> M:
        return wait_until(lambda: self.all(kind)[count - 1 :], 30, f"{kind.__name__} number {count}")[0]


@pytest.fixture
def camera() -> Iterator[Camera]:
    with Camera() as camera:
        yield camera


@pytest.fixture
def rig(tmp_path: Path, camera: Camera) -> Iterator[Rig]:
    with Rig(tmp_path, camera.url, {}) as rig:
        yield rig


def test_from_an_arrival_to_its_evidence(rig: Rig, camera: Camera) -> None:
    rig.wait_for_state(up=True, why="")
    assert rig.all(Hello)[0].program == "eyes"
    camera.show("粤B12D45", approach_s=0.5)
    seen = rig.wait_for(PlateSeen)
    assert (seen.camera, seen.read.text, seen.read.kind, seen.read.colour) == ("camera-in", "粤B12D45", "ordinary", "blue")
    assert seen.read.arrival

    rig.link.tell(LookNow("camera-in", "passage-1"), "eyes")
    again = rig.wait_for(PlateSeen, 2)
    assert (again.read.text, again.read.arrival) == (seen.read.text, seen.read.arrival)

    rig.link.tell(KeepPicture(again.read.capture_id, "camera-in", "passage-1", "in-1"), "eyes")
    stored = rig.wait_for(EvidenceStored)
    assert (stored.capture_id, stored.camera, stored.passage) == (again.read.capture_id, "camera-in", "passage-1")
    path = rig.places.evidence / stored.sha256[:2] / f"{stored.sha256}.jpg"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == stored.sha256
    assert path.stat().st_size == stored.size
    assert decode(path.read_bytes()).shape == (720, 1280, 3)

    rig.link.tell(KeepPicture("a capture of a card", "camera-in", "passage-2", "in-1"), "eyes")
    assert rig.wait_for(EvidenceStored, 2).capture_id == "a capture of a card"

    with connect(rig.places.eyes_socket) as sock:
        assert decode(ask(sock, "camera-in")).shape == (720, 1280, 3)
        assert ask(sock, "camera-out") == b""
        assert decode(ask(sock, f"capture:{again.read.capture_id}")).shape == (720, 1280, 3)
        assert 0 < decode(ask(sock, f"crop:{again.read.capture_id}")).shape[1] < 640
        assert decode(ask(sock, "capture:a capture of a card")).shape == (720, 1280, 3)
        assert (ask(sock, "crop:a capture of a card"), ask(sock, "capture:another")) == (b"", b"")


def test_a_vehicle_that_stood_there_before_is_read_on_the_trigger(rig: Rig, camera: Camera) -> None:
    rig.wait_for_state(up=True, why="")
    camera.show("沪AF71017", approach_s=0.1)
    assert rig.wait_for(PlateSeen).read.text == "沪AF71017"
    rig.link.tell(LookNow("camera-in", "passage-1"), "eyes")
    assert rig.wait_for(PlateSeen, 2).read.text == "沪AF71017"
    rig.link.tell(LookNow("no-such-camera", "passage-2"), "eyes")
    rig.link.tell(LookNow("camera-in", "passage-3"), "eyes")
    assert rig.wait_for(PlateSeen, 3).read.text == "沪AF71017"


def test_a_camera_that_sends_half_pictures_for_ever_is_counted_and_comes_back(rig: Rig, camera: Camera) -> None:
    rig.wait_for_state(up=True, why="")
    camera.mode = "half_picture"
    down = rig.wait_for_state(up=False, why="no whole picture")
    assert down.counters["reasons"]["half a picture"] > 0
    with connect(rig.places.eyes_socket) as sock:
        assert ask(sock, "camera-in") == b""
    camera.mode = "well"
    rig.wait_for_state(up=True, why="")


def test_without_models_pictures_go_on_and_health_names_what_is_missing(tmp_path: Path, camera: Camera) -> None:
    with Rig(tmp_path, camera.url, {"GATEHOUSE_MODELS": str(tmp_path / "none")}) as rig:
        state = rig.wait_for_state(up=True, why="plates are not read")
        assert "clp_det.onnx" in state.why
        assert "install-models" in state.why
        with connect(rig.places.eyes_socket) as sock:
            assert decode(ask(sock, "camera-in")).shape == (720, 1280, 3)


def test_without_opencv_health_says_so(tmp_path: Path, camera: Camera) -> None:
    (tmp_path / "cv2.py").write_text("raise ImportError('libGL.so.1: cannot open shared object file')\n", encoding="utf-8")
    with Rig(tmp_path, camera.url, {"PYTHONPATH": str(tmp_path)}) as rig:
        state = rig.wait_for_state(up=False, why="libGL.so.1")
        assert "gatehouse-access[plates]" in state.why
