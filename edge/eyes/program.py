"""The eyes program: one thread reads plates for all cameras in turn; frames that come meanwhile are dropped, never queued."""

import os
import secrets
import signal
import threading
import time
from collections import deque
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from access.identifiers import uuid7
from devices.errors import FrameError
from devices.plates.chain import load_reader
from devices.plates.models import ModelError, models_folder
from devices.transports.pictures import decode
from edge.config import GateConfig
from edge.eyes.close_up import plate_of
from edge.eyes.evidence import EvidenceStore, encode_within
from edge.eyes.eye import Eye, Reader
from edge.eyes.ring import Captured, CaptureRing
from edge.eyes.window import CAPTURE, CROP, Window
from edge.identity import Identity
from edge.link import LinkClient
from edge.messages import DeviceState, EvidenceStored, Hello, KeepPicture, LookNow, PlateSeen
from edge.places import Places

REPORT_S = 5.0
TURN_S = 0.2  # a turn comes at least this often, so that what is due is told
ASKS_MAX = 256
NICENESS = 10  # the gate's programs come first


class Eyes:
    """All cameras of one gate, the link to it, and the pictures."""

    def __init__(self, config: GateConfig, places: Places, log: Any) -> None:
        self._log = log
        self._wake = threading.Event()
        self._stopping = False
        self._asks: deque[LookNow | KeepPicture] = deque(maxlen=ASKS_MAX)
        self._eyes = {camera.id: Eye(camera, self._wake.set, self._tell, _new_id, log) for camera in config.cameras}
        self._ring = CaptureRing()
        self._evidence = EvidenceStore(places.evidence)
        self._picture_bytes_max = config.space.picture_kib * 1024
        self._window = Window(places.eyes_socket, self._asked_for)
        self._link = LinkClient(places.gate_socket, Hello("eyes", version("gatehouse-access")), self._receive, self._report)

    def run(self) -> None:
        """Follow the cameras until `stop`."""
        reader = self._load()
        self._link.start()
        self._window.start()
        for eye in self._eyes.values():
            eye.source.start()
        report_at = 0.0
        while not self._stopping:
            self._wake.wait(TURN_S)
            self._wake.clear()
            self._answer()
            self._turn(reader)
            if time.monotonic() >= report_at:
                report_at = time.monotonic() + REPORT_S
                self._report()
        self._close()

    def stop(self) -> None:
        """Let `run` return within a turn; safe from a signal handler, as it takes no lock."""
        self._stopping = True

    def _load(self) -> Reader | None:
        """Return the plate reader, or say in every camera's health why there is none: pictures go on without."""
        try:
            return load_reader(models_folder())
        except (ModelError, ImportError) as error:
            self._log.error("no_plates", why=str(error))
            for eye in self._eyes.values():
                eye.no_plates = f"plates are not read: {error}"
            return None

    def _turn(self, reader: Reader | None) -> None:
        for eye in self._eyes.values():
            if told := eye.turn(reader, time.monotonic()):
                sighting, frame = told
                self._ring.put(eye.id, sighting.read.capture_id, frame, sighting.read.corners)
                self._link.send(PlateSeen(eye.id, sighting.read, frame.mono))

    def _answer(self) -> None:
        """Do what the gate has asked for since the last turn."""
        while self._asks:
            ask = self._asks.popleft()
            if ask.camera not in self._eyes:
                self._log.warning("unknown_camera", camera=ask.camera)
            elif isinstance(ask, LookNow):
                self._eyes[ask.camera].trigger(time.monotonic())
            else:
                self._keep(ask)

    def _keep(self, ask: KeepPicture) -> None:
        """Store the picture of a capture, or the camera's newest where the capture is not ours, and tell the gate."""
        captured = self._ring.get(ask.camera, ask.capture_id) or self._newest(ask.camera)
        if not captured:
            return
        try:
            jpeg = encode_within(decode(captured), self._picture_bytes_max)
            sha256 = self._evidence.keep(jpeg)
        except (FrameError, OSError) as error:
            self._log.error("picture_not_kept", camera=ask.camera, passage=ask.passage, why=str(error))
            return
        self._ring.put_jpeg(ask.camera, ask.capture_id, Captured(jpeg))
        self._link.send(EvidenceStored(ask.capture_id, sha256, len(jpeg), ask.camera, ask.passage, ask.lane))

    def _asked_for(self, what: str) -> bytes:
        """Return the picture that a viewer asks for: of a capture, of its plate, or the newest of a camera."""
        kind, _, capture_id = what.partition(":")
        if kind not in (CAPTURE, CROP) or not capture_id:
            return self._newest(what)
        captured = self._ring.of_capture(capture_id)
        if captured is None:
            return b""
        return captured.jpeg if kind == CAPTURE else plate_of(captured)

    def _newest(self, camera: str) -> bytes:
        eye = self._eyes.get(camera)
        return eye.newest_jpeg() if eye else b""

    def _receive(self, message: Any) -> None:
        if isinstance(message, LookNow | KeepPicture):
            self._asks.append(message)
            self._wake.set()

    def _tell(self, state: DeviceState) -> None:
        self._link.send(state)

    def _report(self) -> None:
        for eye in self._eyes.values():
            self._tell(eye.state())

    def _close(self) -> None:
        for eye in self._eyes.values():
            eye.source.stopping.set()
        for eye in self._eyes.values():
            eye.source.stop()
        self._window.stop()
        self._link.stop()


def run(config: GateConfig, places: Places, _identity: Identity, log: Any) -> None:
    """Run the eyes until SIGTERM or SIGINT."""
    os.nice(NICENESS)
    eyes = Eyes(config, places, log)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: eyes.stop())
    log.info("eyes_started")
    eyes.run()


def _new_id() -> str:
    return uuid7(datetime.now(UTC), secrets.token_bytes(10)).hex
