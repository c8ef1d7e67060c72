"""A plate camera: an HTTP server on loopback that sends MJPEG of a drawn lane, and misbehaves when told to."""

import contextlib
import http.server
import sys
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Literal, Self

import numpy as np
import typer

from devices.transports.pictures import encode_jpeg
from simulators.wires.drawing import DAY, NIGHT, Light, Vehicle, colour_for, draw_scene

FPS: Final = 8.0
NOISE_STEP_S: Final = 1.0  # a still scene is drawn again only this often, with other noise
LEAVING_S: Final = 0.6
GONE: Final = 1.6  # nearness at which a vehicle has passed below the camera
QUALITY: Final = 80
BOUNDARY: Final = "gatehouse-lane"
HUGE_BYTES: Final = 1 << 30

Mode = Literal["well", "half_picture", "frozen", "stall", "huge"]
MODES: Final[tuple[Mode, ...]] = ("well", "half_picture", "frozen", "stall", "huge")


@dataclass(frozen=True, slots=True)
class _Motion:
    """A vehicle on its way from one nearness to another between two times (monotonic seconds)."""

    vehicle: Vehicle
    start: float
    end: float
    nearness_start: float
    nearness_end: float

    def nearness(self, now: float) -> float:
        if now >= self.end:
            return self.nearness_end
        return self.nearness_start + (self.nearness_end - self.nearness_start) * (now - self.start) / (self.end - self.start)


class Camera:
    """One camera; `port` 0 takes a free one. Starts with an empty lane by day."""

    def __init__(self, port: int = 0, seed: int = 1, fps: float = FPS) -> None:
        self.mode: Mode = "well"
        self.light: Light = DAY
        self._fps = fps
        self._rng = np.random.default_rng(seed)
        self._motion: _Motion | None = None
        self._drawn: object = None
        self._jpeg = b""
        self._ticks = 0
        self._ticked = threading.Condition()
        self._stopping = threading.Event()
        self._server = _Server(self, port)
        self._threads = [
            threading.Thread(target=target, name="camera", daemon=True) for target in (self._server.serve_forever, self._tick_all)
        ]

    @property
    def url(self) -> str:
        """What a gate.toml says to see through this camera."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/stream"

    def start(self) -> Self:
        """Begin to serve."""
        self._draw(time.monotonic())
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        """Close all streams and the port."""
        self._stopping.set()
        if self._threads[0].is_alive():  # else shutdown would wait for a loop that never ran
            self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def show(
        self, plate: str, colour: str = "", *, nearness: float = 1.0, yaw: float = 0.35, paint: int = 0, approach_s: float = 1.0
    ) -> None:
        """Let a vehicle drive in and stand at `nearness` (1: at the barrier, less: farther off) after `approach_s`."""
        now = time.monotonic()
        vehicle = Vehicle(plate, colour or colour_for(plate), paint, yaw)
        self._motion = _Motion(vehicle, now, now + approach_s, 0.0, nearness)

    def clear(self) -> None:
        """Let the vehicle drive on, below the camera and out of sight."""
        now = time.monotonic()
        if (motion := self._motion) is not None:
            self._motion = _Motion(motion.vehicle, now, now + LEAVING_S, motion.nearness(now), GONE)

    def next_jpeg(self, after: int, timeout_s: float = 1.0) -> tuple[int, bytes]:
        """Wait for the tick after number `after` and return its number and picture; empty where stopped or timed out."""
        with self._ticked:
            self._ticked.wait_for(lambda: self._ticks > after or self._stopping.is_set(), timeout_s)
            return self._ticks, b"" if self._stopping.is_set() else self._jpeg

    def _tick_all(self) -> None:
        while not self._stopping.wait(1 / self._fps):
            if self.mode != "frozen":
                self._draw(time.monotonic())
            with self._ticked:
                self._ticks += 1
                self._ticked.notify_all()
        with self._ticked:
            self._ticked.notify_all()

    def _draw(self, now: float) -> None:
        """Draw and encode only what differs from the last picture."""
        motion = self._motion
        nearness = motion.nearness(now) if motion else 0.0
        vehicle = motion.vehicle if motion and nearness < GONE else None
        wanted = (vehicle, nearness, self.light, int(now / NOISE_STEP_S))
        if wanted != self._drawn:
            self._jpeg = encode_jpeg(draw_scene(vehicle, nearness, self.light, self._rng), QUALITY)
            self._drawn = wanted


class _Server(http.server.ThreadingHTTPServer):
    """Loopback only; streams end with the process."""

    daemon_threads = True

    def __init__(self, camera: Camera, port: int) -> None:
        self.camera = camera
        super().__init__(("127.0.0.1", port), _Streams)

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore a viewer that goes away."""


class _Streams(http.server.BaseHTTPRequestHandler):
    """GET of any path is the stream."""

    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""

    def do_GET(self) -> None:
        """Send pictures until the viewer or the camera goes away."""
        self.send_response(200)
        self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={BOUNDARY}")
        self.end_headers()
        ticks = 0
        with contextlib.suppress(OSError):
            while True:
                ticks, jpeg = self.server.camera.next_jpeg(ticks)
                if not jpeg:
                    return
                self._send(self.server.camera.mode, jpeg)

    def _send(self, mode: Mode, jpeg: bytes) -> None:
        if mode == "stall":
            return
        stated = HUGE_BYTES if mode == "huge" else len(jpeg)
        body = jpeg[: len(jpeg) // 2] if mode == "half_picture" else jpeg
        head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {stated}\r\n\r\n"
        self.wfile.write(head.encode() + body + b"\r\n")


def run(port: int = 8080) -> None:
    """Serve one camera and obey lines of standard input: show PLATE [COLOUR], clear, day, night, mode MODE."""
    with Camera(port) as camera:
        typer.echo(f'url = "{camera.url}"')
        for line in sys.stdin:
            if not obey(camera, line.split()):
                typer.echo(f"show PLATE [COLOUR] | clear | day | night | mode {'|'.join(MODES)}")


def obey(camera: Camera, line: list[str]) -> bool:
    """Do what a line of words asks; False where it is not understood."""
    match line:
        case ["show", plate, *colour]:
            camera.show(plate, colour[0] if colour else "")
        case ["clear"]:
            camera.clear()
        case ["day"]:
            camera.light = DAY
        case ["night"]:
            camera.light = NIGHT
        case ["mode", mode] if mode in MODES:
            camera.mode = mode
        case _:
            return False
    return True
