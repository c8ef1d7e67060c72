"""Builds the snapshot file of the installed rules: a short-lived pass of its own, so that its memory goes with it.

`python -m edge.courier.snapshots DATABASE FOLDER` prints nothing and leaves `<revision>.snapshot` in FOLDER.
"""

import argparse
import gc
import os
import subprocess
import sys
import time
from pathlib import Path

from access.packing import SnapshotBuilder
from access.snapshot import SnapshotError
from edge.store.errors import StoreError
from edge.store.received import reading_rules
from edge.store.rules import map_snapshot

SNAPSHOTS_KEPT = 3
BUILD_TIMEOUT_S = 600
_SUFFIX = ".snapshot"


def snapshot_path(folder: Path, revision: int) -> Path:
    """Return where the snapshot of a revision lies."""
    return folder / f"{revision}{_SUFFIX}"


def build(database: Path, folder: Path, built_utc: int) -> Path:
    """Write the snapshot of the installed rules, whole or not at all, synced; keep the last few. Raises StoreError."""
    draft = folder / f"{os.getpid()}.draft"
    for abandoned in folder.glob("*.draft"):
        abandoned.unlink(missing_ok=True)
    try:
        with reading_rules(database) as (revision, records), draft.open("wb") as out:
            builder = SnapshotBuilder(revision, built_utc)
            for kind, identity, data in records:
                builder.add(kind, identity, data)
            builder.write(out)
            out.flush()
            os.fsync(out.fileno())
        map_snapshot(draft)
        return _put_in_place(draft, snapshot_path(folder, revision))
    except (OSError, SnapshotError, KeyError, ValueError) as error:
        raise StoreError(f"no snapshot can be built: {error}") from error
    finally:
        draft.unlink(missing_ok=True)


def _put_in_place(draft: Path, final: Path) -> Path:
    draft.replace(final)
    folder = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    for path in _revisions(final.parent)[:-SNAPSHOTS_KEPT]:
        path.unlink(missing_ok=True)
    return final


def forget_from(folder: Path, revision: int) -> None:
    """Remove the snapshots of `revision` and later: the registry went back, and will give these numbers to other rules."""
    for path in _revisions(folder):
        if int(path.stem) >= revision:
            path.unlink(missing_ok=True)


def _revisions(folder: Path) -> list[Path]:
    return sorted((path for path in folder.glob(f"*{_SUFFIX}") if path.stem.isdigit()), key=lambda path: int(path.stem))


class Builder:
    """Starts the pass as a process of its own; `stop` may be called from another thread."""

    def __init__(self, database: Path, folder: Path) -> None:
        self._command = [sys.executable, "-m", "edge.courier.snapshots", str(database), str(folder)]
        self._process: subprocess.Popen[bytes] | None = None

    def build(self) -> None:
        """Build and wait for it. Raises StoreError with what the pass said."""
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
