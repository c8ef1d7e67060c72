"""Snapshots for tests, packed and read back as a gate would."""

import io
from collections.abc import Iterable
from datetime import UTC, datetime

from access.packing import SnapshotBuilder
from access.snapshot import Snapshot
from simulators.standalone import Rule

BUILT = datetime(2026, 3, 2, tzinfo=UTC)


def packed(revision: int, rules: Iterable[Rule], built: datetime = BUILT) -> bytes:
    """Return the bytes of a snapshot file with these rules."""
    builder = SnapshotBuilder(revision, int(built.timestamp()))
    for kind, identity, data in rules:
        builder.add(kind, identity, data)
    out = io.BytesIO()
    builder.write(out)
    return out.getvalue()


def snapshot(revision: int, rules: Iterable[Rule], built: datetime = BUILT) -> Snapshot:
    """Return a snapshot with these rules, packed at `built`."""
    return Snapshot(packed(revision, rules, built))
