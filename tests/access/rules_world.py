"""Snapshots for tests, packed and read back as a gate would."""

import io
from collections.abc import Iterable

from access.snapshot import Snapshot, SnapshotBuilder
from simulators.standalone import Rule


def packed(revision: int, rules: Iterable[Rule]) -> bytes:
    """Return the bytes of a snapshot file with these rules."""
    builder = SnapshotBuilder(revision, built_utc=0)
    for kind, identity, data in rules:
        builder.add(kind, identity, data)
    out = io.BytesIO()
    builder.write(out)
    return out.getvalue()


def snapshot(revision: int, rules: Iterable[Rule]) -> Snapshot:
    """Return a snapshot with these rules."""
    return Snapshot(packed(revision, rules))
