"""One camera of the eyes program: its source, its motion gate, its arrivals, and the frames that may still win."""

import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Protocol

from devices.errors import FrameError
from devices.plates.stages import Image
from devices.plates.stages import Region as Pixels
from devices.readings import PlateRead
from devices.transports.pictures import encode_jpeg
from devices.transports.video import Frame, VideoSource
from edge.config import DeviceSection
from edge.eyes.arrival import Arrivals, Sighting
from edge.eyes.motion import WHOLE, MotionGate, Region
from edge.messages import DeviceState


class Reader(Protocol):
    """Reads the plates of a picture."""

    def read(self, image: Image, region: Pixels | None = None) -> list[PlateRead]:
        """Return the plates, best first."""
        ...


class Eye:
    """Follows one camera. `trigger` and `turn` belong to the reading thread, all else to any."""

    def __init__(
        self,
        device: DeviceSection,
        arrived: Callable[[], None],
        tell: Callable[[DeviceState], None],
        new_id: Callable[[], str],
        log: Any,
    ) -> None:
        self.id = device.id
        self.source = VideoSource(device.url, lambda *_: tell(self.state()), arrived)
        self.no_plates = ""  # why no plates are read, where none are
        self._region: Region = device.region or WHOLE
        self._log = log
        self._motion = MotionGate(self._region)
        self._moving = False
        self._arrivals = Arrivals(new_id)
        self._frames: dict[int, Frame] = {}  # those that may still win
        self._looked_at = self._read_number = 0
        self._reads = self._read_faults = 0
        self._encoded = (0, b"")
        self._encoding = threading.Lock()

    def trigger(self, now: float) -> None:
        """Look at once: a vehicle is on the loop."""
        self._arrivals.trigger(now)

    def turn(self, reader: Reader | None, now: float) -> tuple[Sighting, Frame] | None:
        """Look at the newest frame, read it if there is reason to; return what the gate shall be told, with its frame."""
        frame = self.source.newest
        if reader is None or frame is None or not self.source.is_up:
            return None
        if frame.number != self._looked_at:
            self._looked_at = frame.number
            self._moving = self._motion.moved(frame.small)
        wanted = self._arrivals.wants(now, moving=self._moving)
        sighting = self._read(reader, frame, now) if wanted and frame.number != self._read_number else self._arrivals.due(now)
        winner = self._frames.get(sighting.frame) if sighting else None
        self._frames = {number: kept for number, kept in self._frames.items() if number in self._arrivals.frames}
        return (sighting, winner) if sighting and winner else None

    def newest_jpeg(self) -> bytes:
        """Return the newest picture, encoded once however many look; empty where there is none."""
        frame = self.source.newest
        if frame is None or not self.source.is_up:
            return b""
        with self._encoding:
            if self._encoded[0] != frame.number:
                try:
                    self._encoded = frame.number, encode_jpeg(frame.image)
                except FrameError:
                    return b""
            return self._encoded[1]

    def state(self) -> DeviceState:
        """Return the camera's health: whether its pictures come, what it has carried, and why no plates are read."""
        counters = asdict(self.source.counters) | {"plates_read": self._reads, "read_faults": self._read_faults}
        return DeviceState(self.id, self.source.is_up, self.source.why or self.no_plates, counters)

    def _read(self, reader: Reader, frame: Frame, now: float) -> Sighting | None:
        """Read one frame. Whatever goes wrong with it is counted, and the next frame is read as if nothing had been."""
        self._read_number = frame.number
        self._reads += 1
        try:
            image = frame.image
            reads = reader.read(image, _pixels(self._region, image))
        except Exception as error:  # noqa: BLE001 - pictures and native libraries fail in ways that cannot be listed
            self._read_faults += 1
            self._log.warning("frame_not_read", camera=self.id, why=repr(error))
            return None
        self._frames[frame.number] = frame
        return self._arrivals.take(reads, frame.number, now)


def _pixels(region: Region, image: Image) -> Pixels:
    height, width = image.shape[:2]
    left, top, right, bottom = region
    return Pixels(int(left * width), int(top * height), int((right - left) * width), int((bottom - top) * height))
