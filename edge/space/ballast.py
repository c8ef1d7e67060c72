"""Space that is held so that it can be let go: on a full disk SQLite can neither delete nor checkpoint: nothing cleans itself."""

import contextlib
import os
from pathlib import Path


class Ballast:
    """A file that holds real blocks. Called from one thread at a time; raises nothing."""

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self._size = size

    def is_there(self) -> bool:
        """Tell whether it can be let go, where there is to be any."""
        return not self._size or self._path.exists()

    def release(self) -> bool:
        """Let the space go; tell whether there was any."""
        try:
            self._path.unlink()
        except OSError:
            return False
        return True

    def remake(self, free: int) -> bool:
        """Take the space again where at least twice as much is free; tell whether it is there now."""
        if self.is_there():
            return True
        if free < 2 * self._size:
            return False
        part = self._path.with_suffix(".part")
        try:
            with part.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, self._size)
                os.fsync(file.fileno())
            part.replace(self._path)
        except OSError:
            with contextlib.suppress(OSError):
                part.unlink()
            return False
        return True
