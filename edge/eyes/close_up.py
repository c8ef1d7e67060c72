"""The plate of a capture, cut out of its picture for a person to compare."""

from devices.errors import FrameError
from devices.transports.pictures import decode, encode_jpeg, shrink_to
from edge.eyes.ring import Captured, Corners

MARGIN = 0.3  # of the plate's width on each side, and of its height twice that
WIDTH_MAX = 480


def plate_of(captured: Captured) -> bytes:
    """Return the plate as JPEG with a little around it; empty where none was read, or the picture cannot be read."""
    if not captured.corners:
        return b""
    try:
        picture = decode(captured.jpeg)
        height, width = picture.shape[:2]
        left, top, right, bottom = _box(captured.corners, width, height)
        if right - left < 2 or bottom - top < 2:
            return b""
        cut = picture[top:bottom, left:right]
        if right - left > WIDTH_MAX:
            cut = shrink_to(cut, WIDTH_MAX, max(1, (bottom - top) * WIDTH_MAX // (right - left)))
        return encode_jpeg(cut)
    except FrameError:
        return b""


def _box(corners: Corners, width: int, height: int) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of the upright rectangle around a plate, inside the picture."""
    across, down = [x for x, _ in corners], [y for _, y in corners]
    beside, above = MARGIN * (max(across) - min(across)), 2 * MARGIN * (max(down) - min(down))
    return (
        max(0, int(min(across) - beside)),
        max(0, int(min(down) - above)),
        min(width, int(max(across) + beside) + 1),
        min(height, int(max(down) + above) + 1),
    )
