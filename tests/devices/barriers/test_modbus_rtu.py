import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.barriers.modbus_rtu import (
    FRAME_BYTES_MAX,
    Reply,
    ReplyParser,
    Request,
    crc16,
    is_sound,
    packed,
    pulse_coil,
    read_coils,
    read_inputs,
    sealed,
    unpacked,
    write_coil,
    write_coils,
)
from devices.errors import UsageError
from tests.devices.captures import hex_lines

INPUTS = read_inputs(1, 8)
COILS = read_coils(1, 8)
ON = write_coil(1, 0, on=True)
OFF = write_coil(1, 0, on=False)
SEVERAL = write_coils(1, (True, False, True, False, False, False, False, False))

# Printed in the board maker's manual or captured between an independent master and slave.
REQUESTS = [
    (ON, "01 05 00 00 FF 00 8C 3A"),
    (OFF, "01 05 00 00 00 00 CD CA"),
    (COILS, "01 01 00 00 00 08 3D CC"),
    (INPUTS, "01 02 00 00 00 08 79 CC"),
    (SEVERAL, "01 0F 00 00 00 08 01 05 3E 96"),
    (pulse_coil(1, 0, 7), "01 05 02 00 00 07 8D B0"),
    (pulse_coil(1, 1, 8), "01 05 02 01 00 08 9C 74"),
]
REPLIES = [
    (ON, "01 05 00 00 FF 00 8C 3A", ()),
    (COILS, "01 01 01 01 90 48", (0,)),
    (COILS, "01 01 01 41 91 B8", (0, 6)),
    (INPUTS, "01 02 01 09 61 8E", (0, 3)),
    (SEVERAL, "01 0F 00 00 00 08 54 0D", ()),
    (pulse_coil(1, 0, 7), "01 05 02 00 00 07 8D B0", ()),
]
INPUTS_REPLY = bytes.fromhex("01 02 01 09 61 8E")
INPUTS_READ = Reply((True, False, False, True, False, False, False, False))


def parse(request: Request, *chunks: bytes) -> tuple[Reply | None, ReplyParser]:
    parser = ReplyParser()
    parser.expect(request)
    replies = [reply for chunk in chunks if (reply := parser.feed(chunk)) is not None]
    return (replies[0] if replies else None), parser


def test_the_published_check_value() -> None:
    assert crc16(b"123456789") == (0x4B37).to_bytes(2, "little")


@pytest.mark.parametrize(("request_", "frame"), REQUESTS)
def test_requests_are_the_published_bytes(request_: Request, frame: str) -> None:
    assert request_.encode() == bytes.fromhex(frame)


@pytest.mark.parametrize(("request_", "frame", "on"), REPLIES)
def test_replies_say_what_was_published(request_: Request, frame: str, on: tuple[int, ...]) -> None:
    reply, parser = parse(request_, bytes.fromhex(frame))
    assert reply is not None
    assert tuple(index for index, state in enumerate(reply.states) if state) == on
    assert (parser.counters.frames, parser.counters.rejected) == (1, 0)


@pytest.mark.parametrize("code", [1, 2, 3, 4])
def test_an_exception_reply_is_told(code: int) -> None:
    reply, _ = parse(ON, sealed(bytes([1, 0x85, code])))
    assert reply == Reply(exception=code)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "no reply"),
        (bytes.fromhex("02 02 01 09 25 8E"), "wrong unit or noise"),
        (b"\xff\xff\xff\xff\xff\xff\xff\xff", "wrong unit or noise"),
        (INPUTS_REPLY[:-1], "reply cut short"),
        (INPUTS_REPLY[:-1] + b"\x00", "wrong CRC"),
        (sealed(b"\x01\x01\x01\x09"), "not the reply to this request"),
    ],
)
def test_what_is_no_reply_is_counted_with_its_fault(data: bytes, fault: str) -> None:
    reply, parser = parse(INPUTS, data)
    assert reply is None
    assert parser.give_up() == fault
    assert parser.counters.reasons == {fault: 1}


@pytest.mark.parametrize("echo", [OFF, write_coil(1, 1, on=True), write_coil(2, 0, on=True), pulse_coil(1, 0, 5)])
def test_the_echo_of_another_write_is_not_ours(echo: Request) -> None:
    assert parse(ON, echo.encode())[0] is None


def test_what_came_before_the_request_belongs_to_nobody() -> None:
    parser = ReplyParser()
    parser.expect(INPUTS)
    parser.feed(INPUTS_REPLY[:4])
    parser.expect(COILS)
    assert parser.feed(INPUTS_REPLY[4:]) is None
    assert ReplyParser().feed(INPUTS_REPLY) is None, "nothing was asked"


@given(cut=st.integers(0, 6), noise=st.binary(max_size=30).filter(lambda data: 1 not in data))
def test_noise_before_and_cuts_anywhere_change_nothing(cut: int, noise: bytes) -> None:
    reply, parser = parse(INPUTS, noise, INPUTS_REPLY[:cut], INPUTS_REPLY[cut:])
    assert reply == INPUTS_READ
    assert parser.counters.rejected == bool(noise)


@given(st.lists(st.binary(max_size=300), max_size=6))
def test_anything_at_all_leaves_it_bounded(chunks: list[bytes]) -> None:
    parser = ReplyParser()
    parser.expect(INPUTS)
    for chunk in chunks:
        parser.feed(chunk)
        assert len(parser._buffer) <= FRAME_BYTES_MAX
    parser.expect(INPUTS)
    assert parser.feed(INPUTS_REPLY) == INPUTS_READ


@given(st.lists(st.booleans(), min_size=1, max_size=64).map(tuple))
def test_states_survive_packing(states: tuple[bool, ...]) -> None:
    assert unpacked(packed(states), len(states)) == states


@pytest.mark.parametrize(("unit", "count", "start"), [(0, 8, 0), (248, 8, 0), (1, 0, 0), (1, 257, 0), (1, 2, 0xFFFF)])
def test_requests_that_make_no_sense_are_ours_to_refuse(unit: int, count: int, start: int) -> None:
    with pytest.raises(UsageError):
        read_inputs(unit, count, start)


@pytest.mark.parametrize(("coil", "tenths"), [(-1, 5), (256, 5), (0, 0), (0, 301)])
def test_pulses_that_make_no_sense_are_ours_to_refuse(coil: int, tenths: int) -> None:
    with pytest.raises(UsageError):
        pulse_coil(1, coil, tenths)


def test_every_sample_frame_is_sound() -> None:
    frames = [bytes.fromhex(frame) for _, frame in REQUESTS]
    frames += [frame for frame, _ in hex_lines("barrier/modbus_relay_vectors.txt")]
    assert [frame.hex() for frame in frames if not is_sound(frame)] == []
