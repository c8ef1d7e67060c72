"""The evidence store: JPEG files named by their hash, written whole or not at all, within a budget of bytes."""

import hashlib
import os
import tempfile
from collections import deque
from pathlib import Path

EVIDENCE_BYTES_MAX = 4 * 1024**3  # some twenty thousand pictures


class EvidenceStore:
    """The one writer of the folder; where the budget is spent the oldest pictures go."""

    def __init__(self, folder: Path, bytes_max: int = EVIDENCE_BYTES_MAX) -> None:
        self._folder = folder
        self._bytes_max = bytes_max
        stats = sorted((path.stat().st_mtime, path, path.stat().st_size) for path in folder.glob("*/*.jpg"))
        self._held = deque((path, size) for _, path, size in stats)
        self.bytes_held = sum(size for _, size in self._held)

    def keep(self, jpeg: bytes) -> str:
        """Store `jpeg` and return its SHA-256 (hex); raises OSError where the disk refuses."""
        sha256 = hashlib.sha256(jpeg).hexdigest()
        path = self._folder / sha256[:2] / f"{sha256}.jpg"
        if not path.exists():
            self._make_room(len(jpeg))
            _write_whole(path, jpeg)
            self._held.append((path, len(jpeg)))
            self.bytes_held += len(jpeg)
        return sha256

    def _make_room(self, size: int) -> None:
        while self._held and self.bytes_held + size > self._bytes_max:
            oldest, freed = self._held.popleft()
            oldest.unlink(missing_ok=True)
            self.bytes_held -= freed


def _write_whole(path: Path, data: bytes) -> None:
    """Write, sync, then rename: after a power cut the file is whole or absent."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".part", delete=False) as part:
        try:
            part.write(data)
            part.flush()
            os.fsync(part.fileno())
            Path(part.name).replace(path)
        finally:
            Path(part.name).unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
