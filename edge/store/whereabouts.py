"""Where a journal lies: on which kind of file system, and on which machine, in which folder."""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from edge.store.errors import StoreError

# Their locks and syncs cannot be relied on by SQLite, and two machines may reach the file at once.
OVER_THE_NETWORK = frozenset(
    {
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "9p",
        "afs",
        "ceph",
        "ncpfs",
        "coda",
        "ocfs2",
        "gfs2",
        "lustre",
        "glusterfs",
        "davfs",
    }
)
FUSE_OVER_THE_NETWORK = ("sshfs", "glusterfs", "s3fs", "rclone", "davfs", "ceph", "curlftpfs", "smb", "nfs", "gcsfuse")
_MOUNTS = Path("/proc/self/mountinfo")
# What every user of the machine may read: a home must not change with the user that the gate runs as.
_MACHINE = (Path("/etc/machine-id"), Path("/proc/device-tree/serial-number"))
_ESCAPED = re.compile(r"\\([0-7]{3})")


def refuse_network(path: Path) -> None:
    """Raise StoreError where `path` lies on a file system of the network."""
    kind = file_system_of(path.resolve(), _read(_MOUNTS).decode(errors="replace").splitlines())
    if is_over_the_network(kind):
        raise StoreError(f"{path} lies on a network file system ({kind}): put the data folder on a disk of this machine")


def is_over_the_network(kind: str) -> bool:
    """Tell whether files of this kind of file system (as mountinfo names it) live on another machine."""
    family, _, member = kind.partition(".")
    return kind in OVER_THE_NETWORK or (family == "fuse" and member.startswith(FUSE_OVER_THE_NETWORK))


def file_system_of(path: Path, mountinfo: Iterable[str]) -> str:
    """Return the kind of file system that an absolute path lies on, "" where that is not known; lines as proc(5) has them."""
    kind, longest = "", -1
    for line in mountinfo:
        fields, _, about = line.partition(" - ")
        parts = fields.split(" ")
        if len(parts) < 5 or not about:
            continue
        point = Path(_ESCAPED.sub(lambda octal: chr(int(octal[1], 8)), parts[4]))  # a space is written \040
        if (path == point or point in path.parents) and len(point.parts) >= longest:  # the last of equals lies on top
            kind, longest = about.split(" ")[0], len(point.parts)
    return kind


def home_of(folder: Path) -> str:
    """Return a digest of the machine and of the data folder itself: it differs on another machine, and in a copy."""
    known = [_read(name).strip() for name in _MACHINE]
    return hashlib.sha256(b"\n".join([*known, str(folder.stat().st_ino).encode()])).hexdigest()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
