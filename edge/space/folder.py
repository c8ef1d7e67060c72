"""The data folder as it lies on the disk: what its kinds of files take, the pictures in it, and their deletion."""

import os
from collections.abc import Iterator
from pathlib import Path

from edge.places import PICTURE, Places, picture_in
from edge.space.levels import Usage
from edge.space.quotas import Quotas
from edge.store.backup import BACKUPS
from edge.store.replacing import QUARANTINE


class Folder:
    """Looks and deletes; a file that goes meanwhile is no error."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def disk_bytes(self) -> int:
        """Return the size of the file system."""
        disk = os.statvfs(self._places.root)
        return disk.f_blocks * disk.f_frsize

    def free_bytes(self) -> int:
        """Return what may still be written."""
        disk = os.statvfs(self._places.root)
        return disk.f_bavail * disk.f_frsize

    def usage(self, quotas: Quotas, journal: int | None = None) -> Usage:
        """Return what is used; pictures are not in it, which give way by themselves. Costs a dozen calls of the system.

        `journal` is how much of the journal's file is in use (None: nobody knows, and all of it counts).
        """
        disk = os.statvfs(self._places.root)
        copies = (self._places.root / BACKUPS, self._places.root / QUARANTINE)
        used = {
            "disk": (disk.f_blocks - disk.f_bfree) * disk.f_frsize,
            "inodes": disk.f_files - disk.f_ffree,
            "journal": _size(self._places.journal) if journal is None else journal,
            "snapshots": sum(size for _, size, _ in _files(self._places.snapshots)),
            "copies": sum(size for folder in copies for _, size, _ in _files(folder)),
        }
        size = {
            "disk": used["disk"] + disk.f_bavail * disk.f_frsize,
            "inodes": used["inodes"] + disk.f_favail if disk.f_files else 0,
            "journal": quotas.journal,
            "snapshots": quotas.snapshots,
            "copies": quotas.copies,
        }
        return Usage(used, size)

    def pictures(self) -> list[tuple[str, int, int]]:
        """Return (SHA-256, bytes, UTC microseconds) of every picture, the oldest first. Walks the folder: for the start."""
        found = [(at_us, name, size) for name, size, at_us in _files(self._places.evidence) if name.endswith(PICTURE)]
        return [(name.removesuffix(PICTURE), size, at_us) for at_us, name, size in sorted(found)]

    def delete(self, sha256: str) -> None:
        """Delete a picture. Raises OSError where the disk refuses."""
        picture_in(self._places.evidence, sha256).unlink(missing_ok=True)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _files(folder: Path) -> Iterator[tuple[str, int, int]]:
    """Yield (name, bytes, UTC microseconds) of the files of a folder and of the folders in it."""
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        try:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(Path(entry.path))
            else:
                stat = entry.stat(follow_symlinks=False)
                yield entry.name, stat.st_size, stat.st_mtime_ns // 1000
        except OSError:
            continue
