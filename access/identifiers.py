"""Identifiers: UUIDv7 made from a time and given chance, so that keys sort by time and tests repeat."""

import re
from datetime import datetime
from uuid import UUID, SafeUUID

_new, _put, _unknown = object.__new__, object.__setattr__, SafeUUID.unknown
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


def uuid7(at: datetime, entropy: bytes) -> UUID:
    """Return the UUIDv7 (RFC 9562) of `at` (aware) filled from ten bytes of `entropy`."""
    if len(entropy) != 10:
        raise ValueError(f"uuid7 needs 10 bytes of entropy, got {len(entropy)}")
    milliseconds = int(at.timestamp() * 1000) & 0xFFFF_FFFF_FFFF
    chance = int.from_bytes(entropy, "big")
    value = milliseconds << 80 | 0x7 << 76 | (chance >> 68 & 0xFFF) << 64 | 0b10 << 62 | chance & (1 << 62) - 1
    return UUID(int=value)


def uuid_of(content: bytes | memoryview) -> UUID:
    """Return the UUID of 16 bytes, in less than half the time that its constructor takes to look at its arguments."""
    found = _new(UUID)
    _put(found, "int", int.from_bytes(content))
    _put(found, "is_safe", _unknown)
    return found


def is_slug(text: str) -> bool:
    """Tell whether `text` is a name for people and addresses: 1..64 of a-z, 0-9 and inner hyphens."""
    return SLUG.fullmatch(text) is not None
