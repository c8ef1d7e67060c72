import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.readers.em4100 import Em4100, encode
from devices.readings import CardRead
from tests.devices.captures import hex_lines

# Captured from an RDM6300; the card is printed 0006547886.
CAPTURED = bytes.fromhex("02 30 31 30 30 36 33 45 39 41 45 32 35 03")
CAPTURED_CARD = bytes.fromhex("010063E9AE")
# The same card as an ID-12 sends it.
ID12 = bytes.fromhex("02 30 31 30 30 36 33 45 39 41 45 32 35 0D 0A 03")
WRONG_CHECKSUM = bytes.fromhex("02 31 30 30 30 32 36 46 34 34 34 32 36 03")

cards = st.binary(min_size=5, max_size=5)
noise = st.binary(max_size=40).filter(lambda data: 0x02 not in data)


def read(data: bytes, codec: Em4100 | None = None, now: float = 0.0) -> list[bytes]:
    readings = (codec or Em4100()).feed(data, now)
    assert all(isinstance(reading, CardRead) and reading.bits == 40 for reading in readings)
    return [reading.raw for reading in readings if isinstance(reading, CardRead)]


@pytest.mark.parametrize("frame", [CAPTURED, ID12])
def test_a_captured_frame_is_its_card(frame: bytes) -> None:
    assert read(frame) == [CAPTURED_CARD]
    assert int.from_bytes(CAPTURED_CARD[1:]) == 6547886


def test_what_we_encode_is_what_was_captured() -> None:
    assert encode(CAPTURED_CARD) == CAPTURED
    assert encode(CAPTURED_CARD, line_end=True) == ID12


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (WRONG_CHECKSUM, "wrong checksum"),
        (b"\x02\x03", "wrong length"),
        (CAPTURED[:9] + b"\x03", "wrong length"),
        (CAPTURED[:-1] + b"\r\r\x03", "wrong length"),
        (CAPTURED[:-1] + b"\n\x03", "wrong length"),
        (CAPTURED[:3] + b"G" + CAPTURED[4:], "not hex digits"),
        (CAPTURED[:3] + b" " + CAPTURED[4:], "not hex digits"),
        (CAPTURED[:3] + b"\xb0" + CAPTURED[4:], "not hex digits"),
        (b"\x02" + b"0" * 15, "frame too long"),
        (CAPTURED[:6] + b"\x02", "frame cut short"),
        (b"hello", "bytes outside a frame"),
        (bytes.fromhex("02 0A 02 06 00 8E 6D 5D B0 03"), "wrong length"),
    ],
)
def test_each_refusal_is_counted_with_its_reason(data: bytes, reason: str) -> None:
    codec = Em4100()
    assert read(data, codec) == []
    assert reason in codec.counters.reasons
    assert read(CAPTURED, codec) == [CAPTURED_CARD], "the next good frame is read"


def test_a_clone_that_sends_the_sum_is_read_only_where_it_is_set() -> None:
    frame = encode(CAPTURED_CARD, "sum")
    assert frame != CAPTURED
    assert read(frame) == []
    assert read(frame, Em4100(checksum="sum")) == [CAPTURED_CARD]
    assert read(CAPTURED, Em4100(checksum="sum")) == []


def test_repeats_are_one_presence_until_the_card_was_away() -> None:
    codec = Em4100()
    seen = [len(read(CAPTURED, codec, now)) for now in (0, 0.065, 2.9, 5.8, 8.9)]
    assert seen == [1, 0, 0, 0, 1]
    assert codec.counters.repeats == 3
    assert codec.counters.frames == 5


def test_a_lost_line_forgets_half_a_frame() -> None:
    codec = Em4100()
    codec.feed(CAPTURED[:7], 0)
    codec.reset()
    assert read(CAPTURED[7:], codec) == []


@given(card=cards, cut=st.integers(0, 16), line_end=st.booleans())
def test_a_cut_anywhere_changes_nothing(card: bytes, cut: int, line_end: bool) -> None:
    frame = encode(card, line_end=line_end)
    codec = Em4100()
    assert read(frame[:cut], codec) + read(frame[cut:], codec) == [card]


@given(st.lists(st.tuples(noise, cards), max_size=8), noise)
def test_noise_between_frames_changes_nothing(parts: list[tuple[bytes, bytes]], tail: bytes) -> None:
    codec = Em4100(absent_after_s=-1)
    data = b"".join(before + encode(card) for before, card in parts) + tail
    assert read(data, codec) == [card for _, card in parts]


@given(st.binary(max_size=500), st.integers(1, 7))
def test_anything_at_all_leaves_it_bounded_and_working(data: bytes, step: int) -> None:
    codec = Em4100()
    for start in range(0, len(data), step):
        codec.feed(data[start : start + step], 0)
        assert codec._body is None or len(codec._body) <= 14
    assert codec.counters.bytes_in == len(data)
    assert CAPTURED_CARD in read(CAPTURED, codec, now=100)


def test_every_sample_is_read_or_refused_as_its_comment_says() -> None:
    ours = [(CAPTURED, "capture"), (WRONG_CHECKSUM, "BAD CHECKSUM")]
    for frame, comment in ours + hex_lines("readers/em4100_ascii_frames.txt"):
        is_ours = len(frame) in (14, 16) and "BAD CHECKSUM" not in comment
        assert len(read(frame)) == is_ours, comment
