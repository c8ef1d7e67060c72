"""The mark beside a journal: it is being written. What is there at a start tells of a stop that was not orderly.

After such a stop the newest commits are in the write-ahead log alone; where that is gone, so are they.
"""

import os
from pathlib import Path

WAL_HEADER_BYTES = 32


class OpenMark:
    """Set after the first commit, taken away once the write-ahead log has been moved into the file."""

    def __init__(self, journal: Path) -> None:
        self._path = journal.with_suffix(".open")
        self._log = journal.with_name(journal.name + "-wal")
        self._is_set = False

    def tells_of_loss(self) -> bool:
        """Tell whether the journal was left open and its write-ahead log is gone; to be asked before the journal is opened."""
        return self._path.exists() and (not self._log.exists() or self._log.stat().st_size < WAL_HEADER_BYTES)

    def set(self) -> None:
        """Say that commits are in the write-ahead log; raises OSError."""
        if self._is_set:
            return
        self._path.touch(mode=0o600)
        self._sync()
        self._is_set = True

    def clear(self) -> None:
        """Say that all is in the file; raises OSError."""
        self._path.unlink(missing_ok=True)
        self._sync()
        self._is_set = False

    def _sync(self) -> None:
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
