"""The evidence store: JPEG files named by their hash, written whole or not at all.

The eyes write and never delete: what goes, and when, is decided by the gate, who knows which pictures are disputed and writes the
proof (`edge.space`). They only take care not to take the last space.
"""

import errno
import hashlib
import os
import tempfile
from pathlib import Path

from devices.transports.pictures import JPEG_QUALITY, Picture, encode_jpeg, shrink_to
from edge.folders import sync_folder
from edge.places import picture_in

LEFT_PERCENT = 4  # of space and of inodes: what a picture leaves to the journal
PART = ".part"  # a picture that is not whole yet
QUALITIES = (JPEG_QUALITY, 70, 50)


class EvidenceStore:
    """The one writer of the folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for left in folder.glob(f"*/.*{PART}"):  # by a power cut, amid a picture
            left.unlink(missing_ok=True)

    def keep(self, jpeg: bytes) -> str:
        """Store `jpeg` and return its SHA-256 (hex); raises OSError where the disk refuses or has hardly room."""
        sha256 = hashlib.sha256(jpeg).hexdigest()
        path = picture_in(self._folder, sha256)
        if not path.exists():
            self._require_room(len(jpeg))
            _write_whole(path, jpeg)
        return sha256

    def _require_room(self, size: int) -> None:
        disk = os.statvfs(self._folder)
        left = disk.f_bavail - size // disk.f_frsize
        if left < disk.f_blocks * LEFT_PERCENT // 100 or disk.f_favail < disk.f_files * LEFT_PERCENT // 100:
            raise OSError(errno.ENOSPC, "the last space is for the journal", str(self._folder))


def encode_within(picture: Picture, bytes_max: int) -> bytes:
    """Return a JPEG of at most so many bytes, with nothing in it but pixels: coarser, and at last smaller. Raises FrameError."""
    while True:
        for quality in QUALITIES:
            jpeg = encode_jpeg(picture, quality)
            if len(jpeg) <= bytes_max:
                return jpeg
        height, width = picture.shape[:2]
        picture = shrink_to(picture, width * 3 // 4, height * 3 // 4)


def _write_whole(path: Path, data: bytes) -> None:
    """Write, sync, then rename: after a power cut the file is whole or absent."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=PART, delete=False) as part:
        try:
            part.write(data)
            part.flush()
            os.fsync(part.fileno())
            Path(part.name).replace(path)
        finally:
            Path(part.name).unlink(missing_ok=True)
    sync_folder(path.parent)
