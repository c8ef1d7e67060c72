"""The hash chain over journal entries: finds an edit, a gap or a reordering; cutting the tail shows only against a kept head."""

import hashlib
from collections.abc import Iterable
from uuid import UUID


def genesis(edge: UUID, epoch: UUID) -> bytes:
    """Return the hash that the first entry of an epoch follows."""
    return hashlib.sha256(b"gatehouse-epoch-1" + edge.bytes + epoch.bytes).digest()


def link(previous: bytes, canonical: bytes) -> bytes:
    """Return the chain hash of an entry: SHA-256 over its predecessor's hash and its canonical bytes."""
    return hashlib.sha256(previous + canonical).digest()


def walk(previous: bytes, entries: Iterable[bytes]) -> bytes:
    """Return the head after chaining the canonical bytes of `entries` onto `previous`."""
    for canonical in entries:
        previous = link(previous, canonical)
    return previous
