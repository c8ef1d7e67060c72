"""Pictures of recent captures, in memory until the gate asks to keep them. Bounded by number and bytes."""

from collections import OrderedDict

from devices.transports.pictures import encode_jpeg
from devices.transports.video import Frame

CAPTURES_MAX = 64
BYTES_MAX = 64 * 1024 * 1024


class CaptureRing:
    """Winning frames by camera and capture id, as they came if they came encoded; the oldest go first."""

    def __init__(self) -> None:
        self._pictures: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._bytes = 0

    def put(self, camera: str, capture_id: str, frame: Frame) -> None:
        """Remember the picture of a capture."""
        picture = frame.data if isinstance(frame.data, bytes) else encode_jpeg(frame.data)
        self._pictures[camera, capture_id] = picture
        self._bytes += len(picture)
        while len(self._pictures) > CAPTURES_MAX or self._bytes > BYTES_MAX:
            _, oldest = self._pictures.popitem(last=False)
            self._bytes -= len(oldest)

    def get(self, camera: str, capture_id: str) -> bytes | None:
        """Return the picture of a capture by that camera, None where it is not here (any more)."""
        return self._pictures.get((camera, capture_id))
