"""Rules snapshots on disk: mapped, not loaded."""

import mmap
from pathlib import Path

from access.snapshot import Snapshot, SnapshotError


def map_snapshot(path: Path) -> Snapshot:
    """Map a snapshot file and return read access to it; raises SnapshotError. The file may be unlinked while it is mapped."""
    try:
        with path.open("rb") as file:
            return Snapshot(memoryview(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)))
    except (OSError, ValueError) as error:
        raise SnapshotError(f"{path} cannot be mapped: {error}") from error


def newest_first(folder: Path) -> list[Path]:
    """Return the snapshot files in `folder`, that of the highest revision first."""
    found = [path for path in folder.glob("*.snapshot") if path.stem.isdigit()]
    return sorted(found, key=lambda path: int(path.stem), reverse=True)
