import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import FrameError
from devices.transports.mjpeg import HEAD_BYTES_MAX, PICTURE_BYTES_MAX, MjpegParser, boundary_of

PICTURES = [b"\xff\xd8\xff one \xff\xd9", b"\xff\xd8\xff" + b"x" * 5000 + b"\xff\xd9", b"\xff\xd8\xff three \xff\xd9"]


def part(picture: bytes, *, stated: int | None = None, with_length: bool = True) -> bytes:
    length = f"Content-Length: {len(picture) if stated is None else stated}\r\n" if with_length else ""
    return f"--lane\r\nContent-Type: image/jpeg\r\n{length}\r\n".encode() + picture + b"\r\n"


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/x-mixed-replace; boundary=lane", b"--lane"),
        ('multipart/x-mixed-replace;boundary="--lane"', b"--lane"),
        ("Multipart/X-Mixed-Replace; Boundary=lane; charset=x", b"--lane"),
        ("image/jpeg", None),
        ("", None),
    ],
)
def test_boundary(content_type: str, boundary: bytes | None) -> None:
    assert boundary_of(content_type) == boundary


@given(st.lists(st.integers(1, 400), max_size=60), st.booleans())
def test_pictures_come_out_however_the_bytes_are_cut(cuts: list[int], with_length: bool) -> None:
    stream = b"".join(part(picture, with_length=with_length) for picture in PICTURES) + b"--lane"
    parser = MjpegParser(b"--lane")
    came: list[bytes] = []
    for cut in [*cuts, len(stream)]:
        came += parser.feed(stream[:cut])
        stream = stream[cut:]
    assert came == PICTURES


def test_a_picture_of_stated_length_need_not_wait_for_the_next() -> None:
    assert MjpegParser(b"--lane").feed(part(PICTURES[0])[:-2]) == [PICTURES[0]]


def test_a_part_cut_off_ends_at_the_next_boundary() -> None:
    stream = part(PICTURES[1][:700], stated=len(PICTURES[1])) + part(PICTURES[2])
    assert MjpegParser(b"--lane").feed(stream) == [PICTURES[1][:700], PICTURES[2]]


@pytest.mark.parametrize(
    ("stream", "what"),
    [
        (part(b"", stated=PICTURE_BYTES_MAX + 1), "huge picture"),
        (part(b"", stated=10**17), "huge picture"),
        (part(b"x" * (PICTURE_BYTES_MAX + 1), with_length=False), "huge picture"),
        (b"--lane\r\n" + b"X-Header: x\r\n" * HEAD_BYTES_MAX, "endless part head"),
    ],
)
def test_what_has_no_end_is_refused(stream: bytes, what: str) -> None:
    with pytest.raises(FrameError, match=what):
        MjpegParser(b"--lane").feed(stream)


@given(st.lists(st.binary(max_size=3000), max_size=10))
def test_garbage_leaves_nothing_behind(garbage: list[bytes]) -> None:
    parser = MjpegParser(b"--never-drawn-boundary")
    assert [picture for chunk in garbage for picture in parser.feed(chunk)] == []
    assert len(parser._buffer) < HEAD_BYTES_MAX
