"""Pictures: checked, kept as files named by their SHA-256, bound to the capture that an entry names."""

import hashlib
import os
import re
from pathlib import Path
from uuid import UUID

from sqlalchemy import delete

from access.contract.sync import PICTURE_BYTES_MAX
from central.errors import RegistryError
from central.journal import repository
from central.journal.jpeg import JpegError, jpeg_size
from central.registry import Work
from central.retention.tables import PictureLeft
from central.tables import Picture

SHA256 = re.compile(r"[0-9a-f]{64}")


def path_of(pictures: Path, sha256: str) -> Path:
    """Return where the file of a picture lies."""
    assert SHA256.fullmatch(sha256), "only a hash names a file"
    return pictures / sha256[:2] / f"{sha256}.jpg"


def check_picture(sha256: str, data: bytes) -> None:
    """Check size, hash and form; RegistryError 413 and 422."""
    if len(data) > PICTURE_BYTES_MAX:
        raise RegistryError(f"a picture has at most {PICTURE_BYTES_MAX} bytes", 413, "body")
    if hashlib.sha256(data).hexdigest() != sha256:
        raise RegistryError("the picture's hash is another", 422, "sha256")
    try:
        jpeg_size(data)
    except JpegError as error:
        raise RegistryError(f"this is no picture: {error}", 422, "body") from error


def write_picture(pictures: Path, sha256: str, data: bytes) -> None:
    """Write the file so that it is whole and on the disk when this returns; a second time changes nothing."""
    path = path_of(pictures, sha256)
    if path.exists():
        return
    _make_folder(path.parent)
    draft = path.with_suffix(f".{os.getpid()}-{os.urandom(4).hex()}")
    try:
        with draft.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)  # on a full disk it would take what little is left
        raise
    _sync(path.parent)


def _make_folder(folder: Path) -> None:
    """Make a folder, and what it lies in, so that a power cut does not take its name."""
    if not folder.exists():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync(folder.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def keep_picture(work: Work, edge_id: UUID, sha256: str, capture: str, camera: str, size: int) -> None:
    """Bind a stored picture to its capture."""
    picture = Picture(edge_id=edge_id, capture=capture, sha256=sha256, camera=camera, size=size, received_at=work.at)
    repository.keep_picture(work.session, picture)
    # Waits for who is just deleting a file that nobody had any more.
    work.session.execute(delete(PictureLeft).where(PictureLeft.sha256 == sha256))


def find_picture(work: Work, pictures: Path, sha256: str) -> Path:
    """Return the file of a picture that some capture has; RegistryError 404."""
    path = path_of(pictures, sha256)
    if not repository.has_picture(work, sha256) or not path.exists():
        raise RegistryError("there is no such picture", 404, "sha256")
    return path
