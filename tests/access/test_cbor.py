"""CBOR from outside ends as a value or as a CborError, whatever it is."""

from contextlib import suppress

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.cbor import DEPTH_MAX, CborError, loads, loads_canonical, loads_each


def doubling(levels: int, reference: bytes = b"\xd8\x1d") -> bytes:
    """Return an array of which each item has the one before it twice."""
    items = [b"\xd8\x1c\x81\x00", *(b"\xd8\x1c\x82" + (reference + cbor2.dumps(one)) * 2 for one in range(levels))]
    return b"\x98" + bytes([len(items)]) + b"".join(items)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x01\x02", id="two values"),
        pytest.param(cbor2.dumps([1, 2])[:-1], id="cut off"),
        pytest.param(b"\x81" * (DEPTH_MAX + 1) + b"\x01", id="nested too deep"),
        pytest.param(b"\x81" * 100_000, id="nested without end"),
        pytest.param(bytes.fromhex("5bffffffffffffffff"), id="more bytes than there are"),
        pytest.param(bytes.fromhex("ba7fffffff"), id="more pairs than there are"),
        pytest.param(bytes.fromhex("c5821b00ffffffffffffff01"), id="a number beyond numbers"),
        pytest.param(bytes.fromhex("d81e820100"), id="a fraction of nothing"),
        pytest.param(b"\xd8\x23\x78\x30" + b"(" * 48, id="a pattern that is none"),
        pytest.param(bytes.fromhex("c11b7fffffffffffffff"), id="a date beyond dates"),
        pytest.param(b"no CBOR", id="text"),
        pytest.param(b"\xff", id="the end of nothing"),
        pytest.param(b"\x82\x01\xff", id="an end as an item"),
        pytest.param(b"\xa1\xff\x01", id="as a key"),
        pytest.param(b"\xa1\x01\xff", id="as a value"),
        pytest.param(b"\xa1\x82\x01\xff\x01", id="in a key"),
        pytest.param(b"\xd8\x63\xff", id="in a tag"),
        pytest.param(b"\xd9\x01\x02\x81\xff", id="in a set"),
        pytest.param(b"\x81\xa1\x01\x81\xff", id="deep within"),
        pytest.param(doubling(60), id="twice the one before, sixty times"),
        pytest.param(b"\xa1" + doubling(60) + b"\x00", id="a key that takes for ever to hash"),
        pytest.param(b"\x82\x5f\x42\xd8\x1d\xff" + doubling(60, b"\xd9\x00\x1d"), id="a reference of three bytes"),
        pytest.param(doubling(60, b"\xda\x00\x00\x00\x1d"), id="of five"),
        pytest.param(doubling(60, b"\xdb" + bytes(7) + b"\x1d"), id="of nine"),
        pytest.param(b"\xd8\x1c\x81\xd8\x1d\x00", id="itself in itself"),
    ],
)
def test_what_is_no_cbor_is_refused(data: bytes) -> None:
    with pytest.raises(CborError):
        loads(data)


def test_one_value_is_read() -> None:
    assert loads(cbor2.dumps({"a": [1, b"x", None]})) == {"a": [1, b"x", None]}
    assert loads(b"\x82\x9f\x01\x41\xff\xff\xbf\xff") == [[1, b"\xff"], {}], "ends that are some"


@given(
    st.recursive(
        st.integers(-(2**64), 2**64 - 1)
        | st.binary(max_size=300)
        | st.text(max_size=40)
        | st.floats(allow_nan=False)
        | st.booleans(),
        lambda inner: (
            st.lists(inner, max_size=5) | st.dictionaries(st.integers(0, 70_000) | st.text(max_size=4), inner, max_size=5)
        ),
        max_leaves=8,
    )
)
def test_bytes_that_look_like_a_reference_are_none(value: object) -> None:
    made = [b"\xd8\x1d", "\x1d", 29, 0x1D << 8, value, b"\xd9\x00\x1d" * 3]
    assert loads(cbor2.dumps(made)) == made
    assert loads_canonical(cbor2.dumps(made, canonical=True)) == made
    with pytest.raises(CborError, match="refers"):
        loads(cbor2.dumps(made)[:-10] + b"\xd8\x1d\x00")


@given(st.binary(max_size=200))
def test_anything_ends_well(data: bytes) -> None:
    with suppress(CborError):
        loads(data)


@pytest.mark.parametrize("bad", [b"", b"\x01\x02", b"\x19\x01", b"\xd8\x1d\x00", b"\x82\x01", b"\xff", b"\x81\xff"])
def test_many_pieces_are_read_as_each_is_by_itself(bad: bytes) -> None:
    good = [cbor2.dumps(value) for value in (1, "车", [b"\xd8\x1d", {}], {"a": None})]
    assert loads_each(good) == [loads(piece) for piece in good]
    assert loads_each([]) == []
    for pieces in ([*good, bad], [bad, *good], [b"\x01", bad, b"\x02"]):
        with pytest.raises(CborError):
            loads_each(pieces)
