"""CBOR that comes from outside, or may have rotted: one value and nothing behind it, nested no deeper than ours ever is."""

from io import BytesIO
from typing import Any

import cbor2

DEPTH_MAX = 64


class CborError(ValueError):
    """Bytes that are no CBOR, or more than one value."""


def loads(data: bytes, depth_max: int = DEPTH_MAX) -> Any:
    """Return the value that is the whole of `data`. Raises CborError."""
    source = BytesIO(data)
    try:
        value = cbor2.CBORDecoder(source, max_depth=depth_max).decode()
    except Exception as error:  # of dates, numbers and patterns, which it makes too, anything may come
        raise CborError(f"no CBOR: {error}") from error
    if source.tell() != len(data):
        raise CborError(f"{len(data) - source.tell()} bytes behind its end")
    return value


def loads_canonical(data: bytes, depth_max: int = DEPTH_MAX) -> Any:
    """Return the value that is the whole of `data`, written in the one way that it can be. Raises CborError."""
    value = loads(data, depth_max)
    try:
        again = cbor2.dumps(value, canonical=True)
    except Exception as error:  # of what was read anything may be what cannot be written
        raise CborError(f"no CBOR of ours: {error}") from error
    if again != data:
        raise CborError("CBOR that is written in another way than ours")
    return value
