"""Pictures as bytes: refused before they cost anything where they are cut off or too large, re-encoded without metadata."""

import numpy as np
from numpy.typing import NDArray

from devices.errors import FrameError
from devices.transports.opencv import PIXELS_MAX, cv2

Picture = NDArray[np.uint8]  # height x width x 3 (blue, green, red), or height x width where grey

PICTURE_BYTES_MAX = 32 * 1024 * 1024
JPEG_START = b"\xff\xd8\xff"
JPEG_END = b"\xff\xd9"
JPEG_TAIL = 64  # bytes of padding that some cameras leave after the end mark
JPEG_QUALITY = 85


def require_whole(data: bytes) -> None:
    """Raise FrameError where a camera's picture is empty or cut off: a decoder would fill the rest with grey."""
    if not data:
        raise FrameError("empty picture")
    if data.startswith(JPEG_START) and JPEG_END not in data[-JPEG_TAIL:]:
        raise FrameError("half a picture", data)


def decode(data: bytes) -> Picture:
    """Return the picture in `data`, a JPEG, PNG or what else OpenCV knows; raises FrameError."""
    return _decode(data, cv2.IMREAD_COLOR)


def decode_small(data: bytes) -> Picture:
    """Return a grey picture an eighth as wide and high: all that seeing motion needs; raises FrameError."""
    return _decode(data, cv2.IMREAD_REDUCED_GRAYSCALE_8)


def shrink(picture: Picture) -> Picture:
    """Return what `decode_small` would have returned for a picture that is decoded already."""
    height, width = picture.shape[:2]
    small: Picture = cv2.cvtColor(shrink_to(picture, width // 8, height // 8), cv2.COLOR_BGR2GRAY)
    return small


def shrink_to(picture: Picture, width: int, height: int) -> Picture:
    """Return the picture in that size, one pixel at least."""
    smaller: Picture = cv2.resize(picture, (max(1, width), max(1, height)), interpolation=cv2.INTER_AREA)
    return smaller


def encode_jpeg(picture: Picture, quality: int = JPEG_QUALITY) -> bytes:
    """Return `picture` as a JPEG that holds nothing but pixels."""
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise FrameError("picture cannot be encoded")
    return bytes(data)


def _decode(data: bytes, how: int) -> Picture:
    if not 0 < len(data) <= PICTURE_BYTES_MAX:
        raise FrameError("empty picture" if not data else "huge picture")
    try:
        picture: Picture | None = cv2.imdecode(np.frombuffer(data, np.uint8), how)
    except cv2.error as error:
        raise FrameError(f"picture of more than {PIXELS_MAX} pixels, or broken") from error
    if picture is None:
        raise FrameError("not a picture", data)
    return picture
