import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.barriers.modbus_board import (
    ILLEGAL_FUNCTION,
    ILLEGAL_VALUE,
    Refused,
    RequestParser,
    encode_refusal,
    encode_reply,
)
from devices.barriers.modbus_rtu import (
    FRAME_BYTES_MAX,
    Request,
    pulse_coil,
    read_coils,
    read_inputs,
    sealed,
    write_coil,
    write_coils,
)
from tests.devices.captures import hex_lines

REQUESTS = [
    read_coils(1, 8),
    read_inputs(1, 16, start=8),
    write_coil(1, 3, on=True),
    write_coil(1, 3, on=False),
    write_coils(1, (True,) * 9),
    pulse_coil(1, 3, 7),
    pulse_coil(1, 255, 300),
]


@pytest.mark.parametrize("request_", REQUESTS)
def test_what_a_master_asks_is_what_the_board_hears(request_: Request) -> None:
    assert RequestParser(1).feed(request_.encode()) == [request_]


def test_replies_are_the_published_bytes() -> None:
    assert encode_reply(read_coils(1, 8), (True,) + (False,) * 7) == bytes.fromhex("01 01 01 01 90 48")
    assert encode_reply(write_coils(1, (True, False) * 4)) == bytes.fromhex("01 0F 00 00 00 08 54 0D")
    assert encode_reply(write_coil(1, 0, on=True)) == bytes.fromhex("01 05 00 00 FF 00 8C 3A")


@pytest.mark.parametrize(
    ("body", "exception"),
    [
        ("01 05 00 00 55 00", ILLEGAL_VALUE),  # a maker's own toggle
        ("01 05 02 00 00 00", ILLEGAL_VALUE),
        ("01 05 02 00 FF 00", ILLEGAL_VALUE),
        ("01 05 03 00 00 07", ILLEGAL_VALUE),
        ("01 05 04 00 00 07", ILLEGAL_VALUE),  # a maker's own pulse that ends with the relay on
        ("01 03 00 00 00 01", ILLEGAL_FUNCTION),
        ("01 06 00 00 00 01", ILLEGAL_FUNCTION),
        ("01 01 00 00 00 00", ILLEGAL_VALUE),
        ("01 02 00 00 FF FF", ILLEGAL_VALUE),
        ("01 0F 00 00 00 08 02 05 05", ILLEGAL_VALUE),
    ],
)
def test_what_a_board_cannot_do_is_refused(body: str, exception: int) -> None:
    (refused,) = RequestParser(1).feed(sealed(bytes.fromhex(body)))
    assert isinstance(refused, Refused)
    assert refused.exception == exception
    assert encode_refusal(refused)[1] == bytes.fromhex(body)[1] | 0x80


def test_requests_to_other_units_are_passed_over() -> None:
    parser = RequestParser(1)
    assert parser.feed(read_coils(2, 8).encode() + read_coils(1, 8).encode()) == [read_coils(1, 8)]
    assert parser.counters.rejected == 0


@given(cut=st.integers(0, 40), noise=st.binary(max_size=20))
def test_cuts_and_noise_change_nothing(cut: int, noise: bytes) -> None:
    data = noise + b"".join(request.encode() for request in REQUESTS)
    parser = RequestParser(1)
    assert [*parser.feed(data[:cut]), *parser.feed(data[cut:])] == REQUESTS


@given(st.lists(st.binary(max_size=400), max_size=5))
def test_anything_at_all_leaves_it_bounded(chunks: list[bytes]) -> None:
    parser = RequestParser(1)
    for chunk in chunks:
        parser.feed(chunk)
        assert len(parser._buffer) <= FRAME_BYTES_MAX


def test_every_sample_request_is_heard() -> None:
    for frame, comment in hex_lines("barrier/modbus_relay_vectors.txt"):
        if "reply" not in comment.partition(";")[0]:
            assert len(RequestParser(1).feed(frame)) == 1, comment
