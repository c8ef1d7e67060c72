"""Pictures of recent captures, in memory until the gate asks to keep them. Bounded by number and bytes."""

import threading
from collections import OrderedDict
from dataclasses import dataclass

from devices.transports.pictures import encode_jpeg
from devices.transports.video import Frame

CAPTURES_MAX = 64
BYTES_MAX = 64 * 1024 * 1024

Corners = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Captured:
    """The picture of a capture as JPEG, and where its plate is in it: corners in pixels (none: none was read)."""

    jpeg: bytes
    corners: Corners = ()


class CaptureRing:
    """Winning frames by camera and capture id, as they came if they came encoded; the oldest go first. For any thread."""

    def __init__(self) -> None:
        self._pictures: OrderedDict[tuple[str, str], Captured] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def put(self, camera: str, capture_id: str, frame: Frame, corners: Corners = ()) -> None:
        """Remember the picture of a capture."""
        jpeg = frame.data if isinstance(frame.data, bytes) else encode_jpeg(frame.data)
        self.put_jpeg(camera, capture_id, Captured(jpeg, corners))

    def put_jpeg(self, camera: str, capture_id: str, captured: Captured) -> None:
        """Remember a picture that is encoded already; a capture keeps its first."""
        with self._lock:
            if (camera, capture_id) in self._pictures:
                return
            self._pictures[camera, capture_id] = captured
            self._bytes += len(captured.jpeg)
            while len(self._pictures) > CAPTURES_MAX or self._bytes > BYTES_MAX:
                _, oldest = self._pictures.popitem(last=False)
                self._bytes -= len(oldest.jpeg)

    def get(self, camera: str, capture_id: str) -> bytes | None:
        """Return the picture of a capture by that camera, None where it is not here (any more)."""
        with self._lock:
            found = self._pictures.get((camera, capture_id))
        return found.jpeg if found else None

    def of_capture(self, capture_id: str) -> Captured | None:
        """Return the picture of a capture by whichever camera, that of its plate first; None where none is here."""
        with self._lock:
            found = [captured for (_, capture), captured in self._pictures.items() if capture == capture_id]
        return max(found, key=lambda captured: bool(captured.corners), default=None)
