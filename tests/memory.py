"""Memory in place of a disk: tests sync so often that a disk keeps them waiting longer than they work."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

_MEMORY: Final = Path("/dev/shm")
_ROOM_MIN: Final = 2 << 30  # a whole run takes half a gigabyte; containers often have 64 MiB


def memory() -> Path | None:
    """Return a folder in memory with room for what tests write; None where the system has none."""
    roomy = os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free >= _ROOM_MIN
    return _MEMORY if roomy else None


def use_memory() -> None:
    """Have temporary files made in memory from now on, those of programs started too; TMPDIR, if it is set, wins."""
    if (folder := memory()) and "TMPDIR" not in os.environ:
        os.environ["TMPDIR"] = str(folder)
        tempfile.tempdir = None  # asked for before, and kept
