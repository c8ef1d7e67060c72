"""Is this a JPEG, and of what size? Reads the segments' headers only; pure."""

START_OF_IMAGE, END_OF_IMAGE = b"\xff\xd8", b"\xff\xd9"
# Start-of-frame markers: C0..CF but for C4, C8 and CC, which are tables.
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
START_OF_SCAN = 0xDA
SIDE_MIN, SIDE_MAX = 16, 8192


class JpegError(ValueError):
    """Not a JPEG of a sane size; says why."""


def jpeg_size(data: bytes) -> tuple[int, int]:
    """Return width and height in pixels; raises JpegError."""
    if not data.startswith(START_OF_IMAGE) or not data.endswith(END_OF_IMAGE):
        raise JpegError("it does not begin and end as a JPEG does")
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker in FRAMES and at + 9 <= len(data):
            height, width = int.from_bytes(data[at + 5 : at + 7], "big"), int.from_bytes(data[at + 7 : at + 9], "big")
            if not (SIDE_MIN <= width <= SIDE_MAX and SIDE_MIN <= height <= SIDE_MAX):
                raise JpegError(f"{width}x{height} is no size of a picture of ours")
            return width, height
        if marker == START_OF_SCAN or length < 2:
            break
        at += 2 + length
    raise JpegError("it has no frame")
