import numpy as np
import pytest

from devices.errors import FrameError
from devices.transports.opencv import cv2
from devices.transports.pictures import (
    PICTURE_BYTES_MAX,
    Picture,
    decode,
    decode_small,
    encode_jpeg,
    require_whole,
    shrink,
)


def ramp(height: int = 80, width: int = 160) -> Picture:
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:] = np.linspace(0, 255, width, dtype=np.uint8)[:, None]
    return picture


def test_a_picture_survives_the_way_through_jpeg() -> None:
    again = decode(encode_jpeg(ramp(), quality=95))
    assert again.shape == (80, 160, 3)
    assert float(np.abs(again.astype(int) - ramp()).mean()) < 3


def test_small_pictures_agree_however_they_came() -> None:
    small = decode_small(encode_jpeg(ramp(), quality=95))
    assert small.shape == shrink(ramp()).shape == (10, 20)
    assert float(np.abs(small.astype(int) - shrink(ramp())).mean()) < 4


def test_metadata_does_not_survive() -> None:
    jpeg = encode_jpeg(ramp())
    marked = jpeg[:2] + b"\xff\xfe\x00\x0esecret place" + jpeg[2:]
    assert b"secret" in marked
    assert b"secret" not in encode_jpeg(decode(marked))


@pytest.mark.parametrize(
    ("data", "what"),
    [(b"", "empty picture"), (encode_jpeg(ramp())[:-40], "half a picture")],
)
def test_cameras_pictures_must_be_whole(data: bytes, what: str) -> None:
    with pytest.raises(FrameError, match=what):
        require_whole(data)


def test_padding_behind_the_end_is_no_fault() -> None:
    require_whole(encode_jpeg(ramp()) + b"\0" * 16)


def _png_of(width: int, height: int) -> bytes:
    """A PNG that states a size and has next to no pixels."""
    png = bytearray(cv2.imencode(".png", ramp(1, 1))[1].tobytes())
    png[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    return bytes(png)


@pytest.mark.parametrize("data", [b"", b"no picture", _png_of(60_000, 60_000), b"\0" * (PICTURE_BYTES_MAX + 1)])
def test_what_is_no_picture_or_too_large_is_refused(data: bytes) -> None:
    with pytest.raises(FrameError):
        decode(data)
