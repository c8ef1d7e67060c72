"""What a folder lists, kept through a power cut."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Have what a folder lists written to the disk; raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
