"""CBOR from outside ends as a value or as a CborError, whatever it is."""

from contextlib import suppress

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.cbor import DEPTH_MAX, CborError, loads


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
    ],
)
def test_what_is_no_cbor_is_refused(data: bytes) -> None:
    with pytest.raises(CborError):
        loads(data)


def test_one_value_is_read() -> None:
    assert loads(cbor2.dumps({"a": [1, b"x", None]})) == {"a": [1, b"x", None]}


@given(st.binary(max_size=200))
def test_anything_ends_well(data: bytes) -> None:
    with suppress(CborError):
        loads(data)
