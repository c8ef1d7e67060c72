"""The far side of the desk program's wires: a gate and eyes that speak the real sockets, and a browser's first steps."""

import io
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from argon2 import PasswordHasher
from PIL import Image

from access.contract.sync import EnrolReply
from access.packing import SnapshotBuilder
from edge.booth_messages import AlarmView, FeedLine, GuardReply, GuardRequest, LaneView, RecordAct
from edge.identity import device_key, public_hex, save_identity
from edge.link import LinkServer, Peer
from edge.messages import DeviceState, GateView, JournalAdvanced, RaiseAlarm, SyncState
from edge.places import Places
from tests.waiting import wait_until

BADGE, PIN, GUARD = "1001", "2468", "张*"
GUARD_ID = UUID("0190b6a0-0000-7000-8000-000000000001")
SECOND_BADGE, SECOND_PIN, SECOND = "1003", "9753", "陈*"
SECOND_ID = UUID("0190b6a0-0000-7000-8000-000000000003")
SITE_ID = UUID("0190b6a0-0000-7000-8000-000000000002")
QUICK_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

CONFIG = """
[gate]
site = "lakeside"
name = "east"
data = "var"

[booth]
port = 0

[[device]]
id = "reader-in"
protocol = "em4100"
url = "serial:///dev/reader-in"

[[device]]
id = "camera-in"
protocol = "video"
url = "http://127.0.0.1:9/in"

[[device]]
id = "camera-out"
protocol = "video"
url = "http://127.0.0.1:9/out"

[[device]]
id = "io"
protocol = "modbus-rtu"
url = "serial:///dev/io"

[[lane]]
id = "in-1"
kind = "vehicle"
direction = "in"
cameras = ["camera-in"]
barrier = { device = "io", open = { coil = 0 }, arrival_loop = { input = 2 }, safety_loop = { input = 3 } }

[[lane]]
id = "out-1"
kind = "vehicle"
direction = "out"
cameras = ["camera-out"]
barrier = { device = "io", open = { coil = 1 }, arrival_loop = { input = 4 }, safety_loop = { input = 5 } }

[[lane]]
id = "door-1"
kind = "pedestrian"
direction = "both"
readers = ["reader-in"]
barrier = { device = "io", open = { coil = 2 } }
"""


def write_snapshot(path: Path, guards: Sequence[Mapping[str, Any]]) -> Path:
    builder = SnapshotBuilder(7, int(time.time()))
    site = {
        "id": str(SITE_ID),
        "kind": "site",
        "slug": "lakeside",
        "name": "湖畔",
        "zone": "Asia/Shanghai",
        "card_key": "00" * 32,
    }
    builder.add("site", SITE_ID, site)
    for guard in guards:
        builder.add("guard", UUID(guard["id"]), guard)
    with path.open("wb") as out:
        builder.write(out)
    return path


def enrol(places: Places) -> None:
    """Leave the files of an enrolled gate."""
    places.make()
    key = public_hex(device_key(places))
    save_identity(places, EnrolReply(edge=SITE_ID, gate=SITE_ID, site=SITE_ID, lanes={}, registry_key=key))


def guard_record(
    badge: str = BADGE, pin: str = PIN, name: str = GUARD, status: str = "active", guard: UUID = GUARD_ID
) -> dict[str, str]:
    return {
        "id": str(guard),
        "kind": "guard",
        "name": name,
        "badge": badge,
        "pin_hash": QUICK_HASH.hash(pin),
        "status": status,
    }


def second_record() -> dict[str, str]:
    return guard_record(SECOND_BADGE, SECOND_PIN, SECOND, guard=SECOND_ID)


def alarm(code: str, *, identity: str = "a1", **changes: Any) -> AlarmView:
    return AlarmView(identity, code, time.time() - 125, **changes)


def lane_view(lane: str = "in-1", **changes: Any) -> LaneView:
    names = {"in-1": "入口", "out-1": "出口", "door-1": "人行"}
    kind, direction = ("pedestrian", "both") if lane == "door-1" else ("vehicle", lane.partition("-")[0])
    view = LaneView(lane, names[lane], kind, direction, "idle", time.monotonic(), "down", arrival=False, safety=False)
    return replace(view, **changes)


@dataclass
class Gate:
    """The gate's end of the link: tells what a test wants told, answers what is asked."""

    path: Path
    snapshot: str
    lanes: dict[str, LaneView] = field(default_factory=lambda: {lane: lane_view(lane) for lane in ("in-1", "out-1", "door-1")})
    devices: tuple[DeviceState, ...] = (DeviceState("io", up=True, counters={"frames": 20}),)
    sync: SyncState | None = field(default_factory=lambda: SyncState(True, 5, 0, time.time(), 7, time.time() - 12))
    feed: list[FeedLine] = field(default_factory=list)
    asked: list[GuardRequest] = field(default_factory=list)
    answer: Callable[[GuardRequest], GuardReply | None] = lambda request: GuardReply(request.request, accepted=True)
    keep: Callable[[RecordAct], GuardReply | None] = lambda act: GuardReply(act.request, accepted=True)
    alarmed: list[RaiseAlarm] = field(default_factory=list)
    server: LinkServer | None = None
    falls_silent: threading.Event = field(default_factory=threading.Event)
    journal_seq: int = 5

    def start(self) -> None:
        self.server = LinkServer(self.path, self._receive, self._greet, lambda _program: None)
        self.server.start()
        self.falls_silent = threading.Event()
        threading.Thread(target=self._beat, args=(self.server, self.falls_silent), daemon=True).start()

    def _beat(self, server: LinkServer, falls_silent: threading.Event) -> None:
        """Say something all the time, as a gate program does that works."""
        while not falls_silent.wait(0.5):
            server.tell(JournalAdvanced("", self.journal_seq), "desk")

    def stop(self) -> None:
        if self.server is not None:
            self.falls_silent.set()
            self.server.stop()
            self.server = None

    def tell(self, message: Any) -> None:
        if isinstance(message, LaneView):
            self.lanes[message.lane] = message
        assert self.server is not None
        self.server.tell(message)

    def view(self, alarms: tuple[AlarmView, ...] = ()) -> GateView:
        return GateView(
            "east", "lakeside", "Asia/Shanghai", 7, self.journal_seq, self.devices, alarms, self.sync, "3.50.4", self.snapshot
        )

    def reset(self, snapshot: str) -> None:
        """Begin anew, as a test expects it: lanes free, one device, everything accepted."""
        fresh = Gate(self.path, snapshot)
        self.snapshot, self.devices, self.sync, self.answer = snapshot, fresh.devices, fresh.sync, fresh.answer
        self.keep = fresh.keep
        self.asked.clear()
        self.alarmed.clear()
        self.journal_seq += 1
        if self.server is None:
            self.start()
        for message in (*fresh.lanes.values(), self.view()):
            self.tell(message)

    def _greet(self, peer: Peer) -> None:
        for message in (self.view(), *self.lanes.values(), *self.feed):
            peer.send(message)

    def _receive(self, message: Any, peer: Peer) -> None:
        if isinstance(message, GuardRequest):
            self.asked.append(message)
            if (reply := self.answer(message)) is not None:
                peer.send(reply)
        if isinstance(message, RaiseAlarm):
            self.alarmed.append(message)
        if isinstance(message, RecordAct) and (kept := self.keep(message)) is not None:
            peer.send(kept)


class Eyes:
    """The pictures' end: answers with a picture of one colour per camera, and counts how often it was asked."""

    def __init__(self, path: Path) -> None:
        self.asked: list[str] = []
        self._path = path
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen(8)
        self._thread = threading.Thread(target=self._answer_all, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()
        self._path.unlink()

    def _answer_all(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                camera = connection.recv(connection.recv(1)[0]).decode()
                self.asked.append(camera)
                picture = jpeg() if camera == "camera-in" else b""
                connection.sendall(struct.pack(">I", len(picture)) + picture)


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 36), (40, 90, 140)).save(out, "JPEG")
    return out.getvalue()


@dataclass
class Desk:
    """The running program."""

    folder: Path
    process: subprocess.Popen[bytes]
    url: str

    def pause(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)


def start_desk(folder: Path, config: str = CONFIG, *, wait: bool = True) -> Desk:
    file = folder / "gate.toml"
    file.write_text(config, encoding="utf-8")
    address = Places(folder / "var").booth_address
    address.unlink(missing_ok=True)
    process = subprocess.Popen([sys.executable, "-m", "edge.desk", "--config", str(file)])
    if wait:
        wait_until(lambda: address.exists() or process.poll() is not None, what="the booth's address")
        assert process.poll() is None, "the desk program has ended"
    return Desk(folder, process, address.read_text(encoding="ascii") if wait else "")


def stop_desk(desk: Desk) -> int:
    desk.resume()
    desk.process.terminate()
    return desk.process.wait(10)


def form_token(html: str) -> str:
    return hidden_field(html, "token")


def hidden_field(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found, f"no field {name} in the page"
    return found[1]


def sign_in(client: httpx.Client, badge: str = BADGE, pin: str = PIN) -> httpx.Response:
    return client.post("/sign-in", data={"token": form_token(client.get("/sign-in").text), "badge": badge, "pin": pin})


def see(guard: httpx.Client, text: str, path: str = "/") -> str:
    """Return the page once it shows `text`."""
    return str(wait_until(lambda: (html := guard.get(path).text) and text in html and html, what=text))


def press(guard: httpx.Client, path: str, **fields: str) -> httpx.Response:
    form = guard.get(path).text
    hidden = {name: hidden_field(form, name) for name in ("token", "request")}
    return guard.post(path, data=hidden | fields, follow_redirects=True)
