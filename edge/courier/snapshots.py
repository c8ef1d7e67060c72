"""Builds the snapshot file of the installed rules: a short-lived pass of its own, so that its memory goes with it.

`python -m edge.courier.snapshots DATABASE FOLDER` prints nothing and leaves `<revision>.snapshot` in FOLDER. That is a whole
snapshot, or, among many rules of which few have changed, the changes since a whole one in FOLDER, which then stays there: to pack
a million persons, vehicles and cards takes 20 s of a core and more, and a lost card must be lost at the gate within seconds.
"""

import argparse
import contextlib
import gc
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from access.packing import SnapshotBuilder
from access.snapshot import SnapshotError
from edge.folders import sync_folder
from edge.store.changes import reading_changes
from edge.store.errors import StoreError
from edge.store.received import RuleRow, erased_at, reading_rules
from edge.store.rules import SUFFIX, base_of, map_snapshot, newest_first

SNAPSHOTS_KEPT = 3
BUILD_TIMEOUT_S = 600
RULES_MANY = 20_000  # so many records are packed in less than a second
CHANGES_FEW = 2_000  # persons, credentials and documents: read and laid over in milliseconds, and days of an estate's changes


def snapshot_path(folder: Path, revision: int) -> Path:
    """Return where the snapshot of a revision lies."""
    return folder / f"{revision}{SUFFIX}"


def build(database: Path, folder: Path, built_utc: int, *, many: int = RULES_MANY, few: int = CHANGES_FEW) -> Path:
    """Write the snapshot of the installed rules, all or nothing, synced; keep the last few. Raises StoreError.

    Where `many` rules live, and at most `few` have changed since the newest whole snapshot, it holds these alone.
    """
    draft = folder / f"{os.getpid()}.draft"
    for abandoned in folder.glob("*.draft"):
        abandoned.unlink(missing_ok=True)
    try:
        revision = _pack_changes(database, draft, built_utc, many, few)
        if revision is None:
            revision = _pack_all(database, draft, built_utc)
        return _put_in_place(draft, snapshot_path(folder, revision), erased_at(database))
    except (OSError, SnapshotError, KeyError, ValueError) as error:
        raise StoreError(f"no snapshot can be built: {error}") from error
    finally:
        draft.unlink(missing_ok=True)


def _pack_all(database: Path, draft: Path, built_utc: int) -> int:
    with reading_rules(database) as (revision, records):
        _write(SnapshotBuilder(revision, built_utc), records, draft)
    map_snapshot(draft)
    return revision


def _pack_changes(database: Path, draft: Path, built_utc: int, many: int, few: int) -> int | None:
    """Pack the changes since the newest whole snapshot; return their revision, or None where all is to be packed."""
    base = next((revision for revision, beneath in _bases(draft.parent).items() if beneath is None), None)
    if base is None or base < erased_at(database):
        return None
    with reading_changes(database, base, few, many) as changes:
        if changes is None:
            return None
        _write(SnapshotBuilder(changes.revision, built_utc, base, changes.touched), changes.records, draft)
    with contextlib.suppress(SnapshotError):  # the base is damaged
        map_snapshot(draft)
        return changes.revision
    return None


def _write(builder: SnapshotBuilder, records: Iterator[RuleRow], draft: Path) -> None:
    for kind, identity, data in records:
        builder.add(kind, identity, data)
    with draft.open("wb") as out:
        builder.write(out)
        out.flush()
        os.fsync(out.fileno())


def _put_in_place(draft: Path, final: Path, since: int) -> Path:
    draft.replace(final)
    sync_folder(final.parent)
    _forget_oldest(final.parent, since)
    return final


def _forget_oldest(folder: Path, since: int) -> None:
    """Keep the last few, none from before `since`: those tell of somebody who is erased."""
    kept = [int(path.stem) for path in newest_first(folder)[:SNAPSHOTS_KEPT] if int(path.stem) >= since]
    bases = _bases(folder)
    needed = {*kept, *(bases.get(revision) for revision in kept)}
    for path in newest_first(folder):
        if int(path.stem) not in needed:
            path.unlink(missing_ok=True)


def _bases(folder: Path) -> dict[int, int | None]:
    """Return of each revision, the newest first, the base that its file needs (None: it is whole), where it can be read."""
    bases: dict[int, int | None] = {}
    for path in newest_first(folder):
        with contextlib.suppress(SnapshotError):
            bases[int(path.stem)] = base_of(path)
    return bases


def is_whole(path: Path) -> bool:
    """Tell whether a snapshot is there, undamaged and of this version, and so is the base that it needs."""
    try:
        map_snapshot(path)
    except SnapshotError:
        return False
    return True


def forget_from(folder: Path, revision: int) -> None:
    """Remove the snapshots of `revision` and later: the registry went back, and will give these numbers to other rules.

    Changes are of a later revision than their base, so none is left without it.
    """
    for path in newest_first(folder):
        if int(path.stem) >= revision:
            path.unlink(missing_ok=True)


class Builder:
    """Starts the pass as a process of its own, one at a time; any thread may call."""

    def __init__(self, database: Path, folder: Path) -> None:
        self._one_at_a_time = threading.Lock()
        self._command = [sys.executable, "-m", "edge.courier.snapshots", str(database), str(folder)]
        self._process: subprocess.Popen[bytes] | None = None

    def build(self) -> None:
        """Build and wait for it. Raises StoreError with what the pass said."""
        with self._one_at_a_time:
            self._build()

    def _build(self) -> None:
        self._process = subprocess.Popen(self._command, stderr=subprocess.PIPE)
        try:
            _, said = self._process.communicate(timeout=BUILD_TIMEOUT_S)
        except subprocess.TimeoutExpired as error:
            self._process.kill()
            self._process.communicate()
            raise StoreError(f"building a snapshot took over {BUILD_TIMEOUT_S} s") from error
        if self._process.returncode != 0:
            raise StoreError(said.decode(errors="replace").strip()[-500:] or f"the pass ended with {self._process.returncode}")

    def stop(self) -> None:
        """End a pass that is running; what it had written is no snapshot."""
        if self._process is not None:
            self._process.kill()


def main() -> None:
    """Build once; on failure say why on standard error, with status 1."""
    parser = argparse.ArgumentParser(prog="python -m edge.courier.snapshots", description="Build the rules snapshot.")
    parser.add_argument("database", type=Path)
    parser.add_argument("folder", type=Path)
    asked = parser.parse_args()
    gc.disable()  # of millions of objects none refers to itself; to look for such takes a tenth of the time
    try:
        build(asked.database, asked.folder, int(time.time()))
    except StoreError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
