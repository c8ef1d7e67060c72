from hypothesis import given
from hypothesis import strategies as st

from devices.barriers.modbus_listener import BusListener
from devices.barriers.modbus_rtu import FRAME_BYTES_MAX
from devices.readings import InputsRead, OutputsRead

CAPTURED = bytes.fromhex(
    "01 02 00 00 00 08 79 CC 01 02 01 09 61 8E"  # inputs asked and told
    "01 05 00 00 FF 00 8C 3A 01 05 00 00 FF 00 8C 3A"  # relay 0 on and its echo
    "01 01 00 00 00 08 3D CC 01 01 01 41 91 B8"  # relays asked and told
    "01 0F 00 00 00 08 01 05 3E 96 01 0F 00 00 00 08 54 0D"  # relays 0 and 2 on and its echo
)
READINGS = [
    InputsRead((True, False, False, True, False, False, False, False)),
    OutputsRead((True, False, False, False, False, False, True, False)),
]


def test_a_captured_line_is_its_inputs_and_outputs() -> None:
    listener = BusListener()
    assert listener.feed(CAPTURED, 0) == READINGS
    assert (listener.counters.frames, listener.counters.rejected) == (8, 0)


@given(st.integers(0, len(CAPTURED)))
def test_a_cut_anywhere_changes_nothing(cut: int) -> None:
    listener = BusListener()
    assert [*listener.feed(CAPTURED[:cut], 0), *listener.feed(CAPTURED[cut:], 0.1)] == READINGS


def test_an_old_rest_is_not_the_head_of_a_frame() -> None:
    listener = BusListener()
    listener.feed(b"\x01\x02\x01", 0)
    assert listener.feed(CAPTURED, 5) == READINGS
    assert listener.counters.reasons == {"frame cut short": 1}


@given(st.lists(st.binary(max_size=300), max_size=5))
def test_anything_at_all_leaves_it_bounded_and_working(chunks: list[bytes]) -> None:
    listener = BusListener()
    for chunk in chunks:
        listener.feed(chunk, 0)
        assert len(listener._buffer) <= FRAME_BYTES_MAX
    assert READINGS[0] in listener.feed(CAPTURED, 100)
