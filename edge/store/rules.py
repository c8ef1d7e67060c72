"""Rules snapshots on disk: mapped, not loaded; changes together with the base that lies beside them."""

import hashlib
import mmap
import os
from pathlib import Path
from weakref import WeakKeyDictionary, WeakValueDictionary

from access.overlay import Overlaid
from access.snapshot import Snapshot, SnapshotError
from access.snapshot import base_of as base_in

SUFFIX = ".snapshot"
GIVEN_BACK_BYTES = 4 * 1024 * 1024  # a multiple of every page size; takes a tenth of a millisecond
_FileKey = tuple[int, int, int, int]
# Whole snapshots that are in use, so that changes which come every few seconds do not each map and check a large base anew.
_in_use: WeakValueDictionary[_FileKey, Snapshot] = WeakValueDictionary()
_mappings: WeakKeyDictionary[Snapshot, mmap.mmap] = WeakKeyDictionary()


def map_snapshot(path: Path) -> Snapshot:
    """Map a snapshot file, with its base where it has one, and return read access; raises SnapshotError.

    The files may be unlinked while they are mapped.
    """
    rules = _map(path)
    return rules if rules.base is None else Overlaid(rules, _map(path.with_name(f"{rules.base}{SUFFIX}")))


def base_of(path: Path) -> int | None:
    """Return the revision of the base that a file of changes needs, None for a whole one; raises SnapshotError."""
    try:
        with memoryview(_mapped(path)[0]) as content:
            return base_in(content)
    except (OSError, ValueError) as error:
        raise SnapshotError(f"{path} cannot be mapped: {error}") from error


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of a file, in one call that lets other threads run; raises OSError, ValueError where it is empty."""
    mapped, _ = _mapped(path)
    with memoryview(mapped) as content:
        digest = hashlib.sha256(content).hexdigest()
    _give_back(mapped)
    return digest


def let_go(snapshot: Snapshot) -> None:
    """Give back the memory of a whole snapshot's file; what is looked at again is read again.

    For the thread that maps, when another snapshot has taken its place: to unmap so much at once would hold up every thread.
    """
    if mapped := _mappings.get(snapshot):
        _give_back(mapped)


def _give_back(mapped: mmap.mmap) -> None:
    """Give back a part at a time: the interpreter's lock is held meanwhile, and nobody at a barrier shall wait for all of it."""
    for at in range(0, len(mapped), GIVEN_BACK_BYTES):
        mapped.madvise(mmap.MADV_DONTNEED, at, min(GIVEN_BACK_BYTES, len(mapped) - at))


def _map(path: Path) -> Snapshot:
    try:
        mapped, key = _mapped(path)
        snapshot = _in_use.get(key)
        if snapshot is None:
            snapshot = Snapshot(memoryview(mapped))
            _mappings[snapshot] = mapped
            _give_back(mapped)  # the check has been through all of it; a gate looks at little
    except (OSError, ValueError) as error:
        raise SnapshotError(f"{path} cannot be mapped: {error}") from error
    if snapshot.base is None:
        _in_use[key] = snapshot
    return snapshot


def _mapped(path: Path) -> tuple[mmap.mmap, _FileKey]:
    """Map a file; with it comes what tells it from every other, and from itself after it was written to."""
    with path.open("rb") as file:
        found = os.fstat(file.fileno())
        key = found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
        return mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ), key


def newest_first(folder: Path) -> list[Path]:
    """Return the snapshot files in `folder`, that of the highest revision first."""
    found = [path for path in folder.glob(f"*{SUFFIX}") if path.stem.isdigit()]
    return sorted(found, key=lambda path: int(path.stem), reverse=True)
