import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.readers.qr_line import LINE_BYTES_MAX, QrLine, encode
from devices.readings import CodeRead

texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40)


def read(data: bytes, codec: QrLine | None = None, now: float = 0.0) -> list[str]:
    readings = (codec or QrLine()).feed(data, now)
    assert all(isinstance(reading, CodeRead) for reading in readings)
    return [reading.text for reading in readings if isinstance(reading, CodeRead)]


@pytest.mark.parametrize("line_end", [b"\r", b"\n", b"\r\n", b"\t"])
def test_every_line_end_ends_a_code(line_end: bytes) -> None:
    codec = QrLine()
    assert read(b"GH1:ABC" + line_end, codec) == ["GH1:ABC"]
    assert codec.counters.rejected == 0
    assert codec.counters.frames == 1


# A module of 9600 8N1 set to "CR", "CRLF" and "TAB": the bytes as they lie on the wire, spaces in a row and at the head included.
PASS = "GP1: 6BF  N8E2%$*+-./:" + "7 Q" * 153 + "Z"  # 482 characters


@pytest.mark.parametrize("line_end", [b"\r", b"\n", b"\r\n", b"\t"])
@pytest.mark.parametrize("step", [1, 8, 62, 4096])
def test_a_long_code_with_spaces_inside_comes_as_it_is_at_1200_baud_too(line_end: bytes, step: int) -> None:
    codec, data = QrLine(), encode(PASS, line_end)
    texts: list[str] = []
    for start in range(0, len(data), step):  # as an adapter hands them on: one by one, in its packets, all at once
        texts += read(data[start : start + step], codec, now=start / 120)
    assert texts == [PASS]
    assert codec.counters.rejected == 0


@pytest.mark.parametrize("text", ["gp1:abc", "GP1:ABC", "Gp1:AbC", " GP1:ABC", "GP1:ABC ", "GP1:A  B"])
def test_the_text_is_neither_folded_nor_stripped(text: str) -> None:
    assert read(encode(text)) == [text]


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_chinese_text_in_both_encodings(encoding: str) -> None:
    assert read("访客·京A12345".encode(encoding) + b"\r\n") == ["访客·京A12345"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xff\xff\r", "neither UTF-8 nor GBK"),
        (b"AB\x00CD\r", "control character"),
        (b"AB\x7f\r", "control character"),
        ("AB\x85".encode() + b"\r", "control character"),
        (b"\x1b[2J\r", "control character"),
        (b"A" * (LINE_BYTES_MAX + 1) + b"\r", "line too long"),
        (b"A" * 10_000 + b"\r", "line too long"),
    ],
)
def test_each_refusal_is_counted_once_with_its_reason(data: bytes, reason: str) -> None:
    codec = QrLine()
    assert read(data, codec) == []
    assert codec.counters.reasons == {reason: 1}
    assert read(b"GOOD\r", codec) == ["GOOD"]


def test_the_longest_line_is_read() -> None:
    assert read(b"A" * LINE_BYTES_MAX + b"\r") == ["A" * LINE_BYTES_MAX]


def test_an_old_rest_is_not_the_head_of_the_next_code() -> None:
    codec = QrLine()
    assert read(b"\xf0glitch", codec, now=0) == []
    assert read(b"GOOD\r", codec, now=5) == ["GOOD"]
    assert codec.counters.reasons == {"line cut short": 1}


def test_a_lost_line_forgets_half_a_code() -> None:
    codec = QrLine()
    codec.feed(b"GOO", 0)
    codec.reset()
    assert read(b"D\r", codec) == ["D"]


def test_a_code_held_up_is_one_presence() -> None:
    codec = QrLine()
    assert [len(read(b"A\r", codec, now)) for now in (0, 1, 3.9, 7.0)] == [1, 0, 0, 1]
    assert codec.counters.repeats == 2


@given(text=texts, cut=st.integers(0, 200))
def test_a_cut_anywhere_changes_nothing(text: str, cut: int) -> None:
    data, codec = encode(text), QrLine()
    assert read(data[:cut], codec) + read(data[cut:], codec) == [text]


@given(st.lists(st.binary(max_size=700), max_size=5))
def test_anything_at_all_leaves_it_bounded_and_working(chunks: list[bytes]) -> None:
    codec = QrLine()
    for chunk in chunks:
        codec.feed(chunk, 0)
        assert len(codec._line) <= LINE_BYTES_MAX
    assert read(b"\rGOOD\r", codec, now=100) == ["GOOD"]
