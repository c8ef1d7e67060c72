"""What else an edge is doing while it is measured: nothing, or cameras, booth and sync all busy."""

import contextlib
import itertools
import multiprocessing
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import argon2
import httpx

from access.contract.signature import fingerprint
from edge.config import GateConfig
from edge.enrolment import Ticket, enrol_gate
from edge.places import Places
from simulators.demo.places import answers, free_port
from simulators.demo.programs import Program, installed
from simulators.demo.registry import approve, fill
from simulators.demo.waiting import within
from simulators.estate import GATE, SITE, Guard, make_estate
from simulators.standalone import Rule, guard
from simulators.traffic.booth_pages import BoothError, BoothPages
from simulators.wires.camera import Camera

UP_WITHIN_S: Final = 60.0
MEMORY: Final = Path("/dev/shm")
BOOTHS: Final = 2
OPEN_PAGES: Final = 4
HAMMERED: Final = ("/", "/visitors", "/passes", "/goods", "/duty", "/devices", "/emergency")
PAGES_PER_S: Final = 10.0
VEHICLE_EVERY_S: Final = 2.0
PLATES: Final = ("粤B12D45", "粤B7X230", "粤AD12345", "湘A88K21", "京N5F3K2")
BADGE, PIN = "1001", "246810"


class Load:
    """Idle: the four programs run, nothing happens."""

    site, gate = "bench", "bench"
    central_toml = ""
    cameras_toml = ""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @staticmethod
    def named(name: str, folder: Path) -> "Load":
        """Return the load of that name; `KeyError` where there is none."""
        return {"idle": Load, "busy": Busy, "booths": Booths}[name](folder)

    def __enter__(self) -> Self:
        """Start what must be there before the gate."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop it."""

    def rules(self) -> Iterator[Rule]:
        """Yield rules beside the cards."""
        return iter(())

    def attach(self, config: GateConfig) -> None:
        """Prepare a gate that is laid out and not yet running."""

    @contextlib.contextmanager
    def running(self, config: GateConfig) -> Iterator[None]:
        """Keep a running gate busy."""
        del config
        yield


class Booths(Load):
    """Four booth pages that are kept open, as by browsers on other machines, and a fifth client that asks without a pause."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._processes: list[BaseProcess] = []
        self._context = multiprocessing.get_context("spawn")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for process in self._processes:
            process.kill()
            process.join()

    def rules(self) -> Iterator[Rule]:
        """Yield a guard who may sign in."""
        yield guard(BADGE, argon2.PasswordHasher().hash(PIN))

    @contextlib.contextmanager
    def running(self, config: GateConfig) -> Iterator[None]:
        """Look at the lanes four times, and hammer."""
        address = Places(config.gate.data).booth_address
        if not within(address.exists, UP_WITHIN_S):
            raise TimeoutError("the booth does not come up")
        url = address.read_text(encoding="ascii").strip()
        for target in (*[_look] * OPEN_PAGES, _hammer):
            process = self._context.Process(target=target, args=(url,), daemon=True)
            process.start()
            self._processes.append(process)
        yield


class Busy(Load):
    """A camera whose vehicles are read all the time, two booths that turn pages, and a registry that takes every entry."""

    site, gate = SITE, GATE

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._ports = free_port(), free_port()
        self._processes: list[BaseProcess] = []
        # A registry runs on another machine: it shall not sync to the disk that is measured.
        self._elsewhere = tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)
        self._context = multiprocessing.get_context("spawn")
        camera, office = self._ports
        self.central_toml = f'[central]\nurl = "http://127.0.0.1:{office}"\n'
        self.cameras_toml = CAMERA_TOML.format(port=camera)

    def __enter__(self) -> Self:
        camera, office = self._ports
        data = Path(self._elsewhere.name)
        self._token = fill(data, self.folder / "estate.json", make_estate(1), "not used here", new=True)
        command = [installed("gatehouse-central"), "serve", "--data", str(data), "--port", str(office)]
        self._central = Program(command, self.folder / "registry.log")
        self._central.start()
        self._start(_drive_past, camera)
        if not within(lambda: answers(office) and answers(camera), UP_WITHIN_S):
            raise TimeoutError("the registry or the camera does not answer")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for process in self._processes:
            process.kill()
            process.join()
        self._central.stop()
        self._elsewhere.cleanup()

    def rules(self) -> Iterator[Rule]:
        """Yield a guard who may sign in."""
        yield guard(BADGE, argon2.PasswordHasher().hash(PIN))

    def attach(self, config: GateConfig) -> None:
        """Make the gate known to the registry."""
        Places(config.gate.data).identity.unlink()  # the one that was only laid out
        reply, public_key = enrol_gate(config, Ticket(self._token))
        approve(Path(self._elsewhere.name), reply.edge, fingerprint(public_key))

    @contextlib.contextmanager
    def running(self, config: GateConfig) -> Iterator[None]:
        """Turn the booth's pages."""
        address = Places(config.gate.data).booth_address
        if not within(address.exists, UP_WITHIN_S):
            raise TimeoutError("the booth does not come up")
        for _ in range(BOOTHS):
            self._start(_turn_pages, address.read_text(encoding="ascii").strip())
        yield

    def _start(self, target: Any, *arguments: Any) -> None:
        process = self._context.Process(target=target, args=arguments, daemon=True)
        process.start()
        self._processes.append(process)


CAMERA_TOML: Final = """
[[device]]
id = "camera"
protocol = "video"
url = "http://127.0.0.1:{port}/stream"

[[lane]]
id = "in-1"
kind = "vehicle"
direction = "in"
cameras = ["camera"]

[lane.barrier]
device = "io"
open = {{ coil = 1 }}
"""


def _drive_past(port: int) -> None:
    """Show one vehicle after the other to a camera, for ever."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Camera(port) as camera:
        while True:
            for plate in PLATES:
                camera.show(plate)
                time.sleep(VEHICLE_EVERY_S)


def _turn_pages(booth: str) -> None:
    """Be a guard who never rests: sign in and load pages, for ever."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(5)
    pages = BoothPages(lambda: booth)
    person = Guard(name="王*", badge=BADGE, pin=PIN)
    while True:
        began = time.monotonic()
        with contextlib.suppress(BoothError):
            pages.devices(person)
        time.sleep(max(0.0, began + 1 / PAGES_PER_S - time.monotonic()))


def _signed_in(booth: str) -> httpx.Client:
    """Return a client in which a guard has signed in."""
    client = httpx.Client(base_url=booth, timeout=30)
    token = client.get("/sign-in").text.partition('name="token" value="')[2].partition('"')[0]
    client.post("/sign-in", data={"token": token, "badge": BADGE, "pin": PIN})
    return client


def _look(booth: str) -> None:
    """Be a page of the lanes that is kept open: read all that it is told, for ever."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    client = _signed_in(booth)
    while True:
        with contextlib.suppress(httpx.HTTPError), client.stream("GET", "/live?page=lanes") as told:
            for _ in told.iter_raw():
                pass


def _hammer(booth: str) -> None:
    """Load pages one after the other without a pause, for ever."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    client = _signed_in(booth)
    for path in itertools.cycle(HAMMERED):
        with contextlib.suppress(httpx.HTTPError):
            client.get(path)
