"""CBOR that comes from outside, or may have rotted: one value and nothing behind it, nested no deeper than ours ever is.

Nothing in it may refer to another part of it (tag 29): by such references a few hundred bytes double what they say with each
ten, and to hash or write that takes for ever.
"""

from collections.abc import Collection, Mapping, Sequence
from io import BytesIO
from typing import Any, Final

import cbor2

DEPTH_MAX = 64
_REFERENCE: Final = 29
_TAG_ENDS: Final = (b"\xd8\x1d", b"\0\x1d")  # of the tag, in one to eight bytes; other bytes may be as these
_LENGTHS: Final = {24: 1, 25: 2, 26: 4, 27: 8}
_BYTES, _TEXT, _TAG, _WITHOUT_END = 2, 3, 6, 31
# The end of what has no length; elsewhere it is no value, though cbor2 reads it as this one.
_END: Final = b"\xff"
_PLAIN: Final = frozenset({int, bytes, str, float, bool, type(None)})
_END_READ: Final[object] = getattr(cbor2, "break_marker", object())


class CborError(ValueError):
    """Bytes that are no CBOR, or more than one value."""


def loads(data: bytes, depth_max: int = DEPTH_MAX) -> Any:
    """Return the value that is the whole of `data`. Raises CborError."""
    if _may_refer(data) and _refers(data):
        raise CborError("it refers to a part of itself")
    source = BytesIO(data)
    try:
        value = cbor2.CBORDecoder(source, max_depth=depth_max).decode()
    except Exception as error:  # of dates, numbers and patterns, which it makes too, anything may come
        raise CborError(f"no CBOR: {error}") from error
    if source.tell() != len(data):
        raise CborError(f"{len(data) - source.tell()} bytes behind its end")
    _check_ends(data, value)
    return value


def _check_ends(data: bytes, value: Any) -> None:
    if _END in data and _has_end(value):
        raise CborError("an end stands where a value should")


def _has_end(value: Any) -> bool:
    """Tell whether an end was read as a value, anywhere in this one."""
    if isinstance(value, dict | Mapping):
        inner: Collection[Any] = [*value, *value.values()]
    elif isinstance(value, list | tuple | set | frozenset):
        inner = value
    elif isinstance(value, cbor2.CBORTag):
        inner = (value.value,)
    else:
        return value is _END_READ
    return any([_has_end(each) for each in inner if type(each) not in _PLAIN])  # noqa: C419 - most are plain: this is quicker


def _may_refer(data: bytes) -> bool:
    return _TAG_ENDS[0] in data or _TAG_ENDS[1] in data


def _refers(data: bytes) -> bool:
    """Tell whether a reference stands anywhere in `data`, by the heads of its values, one after another as they are read."""
    at = 0
    while at < len(data):
        kind, says = data[at] >> 5, data[at] & 31
        begins = at + 1
        at = begins + _LENGTHS.get(says, 0)
        says = int.from_bytes(data[begins:at]) if says in _LENGTHS else says
        if kind == _TAG and says == _REFERENCE:
            return True
        if kind in (_BYTES, _TEXT) and data[begins - 1] & 31 != _WITHOUT_END:
            at += says
    return False


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


def loads_each(pieces: Sequence[bytes]) -> list[Any]:
    """Return for each piece the value that is the whole of it, as `loads` does, in half the time. Raises CborError."""
    together = b"".join(pieces)
    if _may_refer(together):
        return [loads(piece) for piece in pieces]
    source, found, end = BytesIO(together), [], 0
    decode, tell = cbor2.CBORDecoder(source, max_depth=DEPTH_MAX).decode, source.tell
    for piece in pieces:
        end += len(piece)
        try:
            found.append(decode())
        except Exception as error:  # as above
            raise CborError(f"no CBOR: {error}") from error
        if tell() != end:
            raise CborError("a piece is not one value")
        _check_ends(piece, found[-1])
    return found
