"""Rules snapshots on disk: mapped, not loaded."""

import hashlib
import mmap
from pathlib import Path

from access.snapshot import Snapshot, SnapshotError


def map_snapshot(path: Path) -> Snapshot:
    """Map a snapshot file and return read access to it; raises SnapshotError. The file may be unlinked while it is mapped."""
    try:
        mapped = _mapped(path)
        snapshot = Snapshot(memoryview(mapped))
        mapped.madvise(mmap.MADV_DONTNEED)  # the check has been through all of it; a gate looks at little
    except (OSError, ValueError) as error:
        raise SnapshotError(f"{path} cannot be mapped: {error}") from error
    return snapshot


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of a file, in one call that lets other threads run; raises OSError, ValueError where it is empty."""
    with memoryview(_mapped(path)) as content:
        return hashlib.sha256(content).hexdigest()


def _mapped(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)


def newest_first(folder: Path) -> list[Path]:
    """Return the snapshot files in `folder`, that of the highest revision first."""
    found = [path for path in folder.glob("*.snapshot") if path.stem.isdigit()]
    return sorted(found, key=lambda path: int(path.stem), reverse=True)
