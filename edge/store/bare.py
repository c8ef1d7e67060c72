"""A journal's file, read past SQLite: for what SQLite cannot read any more.

As soon as a process closes any descriptor of a file, POSIX takes away all locks that it has on that file
(https://sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_). SQLite does not learn
of it, and whoever closes the journal in another program then deletes the log as the last one. So what is opened here stays open
as long as it bears the name, and nothing else may open a journal's file but SQLite.
"""

import os
import threading
import weakref
from pathlib import Path


class BareFile:
    """A file whose bytes are asked for by their place; closed once nobody has a use for it."""

    def __init__(self, path: Path) -> None:
        """Open it. Raises OSError."""
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self._descriptor)

    @property
    def size(self) -> int:
        """How many bytes it has. Raises OSError."""
        return os.fstat(self._descriptor).st_size

    def read(self, at: int, size: int) -> bytes:
        """Return bytes of it, fewer where it ends. Raises OSError."""
        return os.pread(self._descriptor, size, at)

    def is_at(self, path: Path) -> bool:
        """Tell whether it is the file that bears this name now. Raises OSError."""
        return path.exists() and os.path.samestat(os.fstat(self._descriptor), path.stat())


_kept: dict[Path, BareFile] = {}
_turn = threading.Lock()


def bare_file(path: Path) -> BareFile:
    """Return the file that bears a name. Raises OSError."""
    let_go_of_former(path)
    with _turn:
        if path not in _kept:
            _kept[path] = BareFile(path)
        return _kept[path]


def let_go_of_former(path: Path) -> None:
    """Close a file that has lost its name to another: nobody writes it any more, and it may be deleted. Raises OSError."""
    with _turn:
        if path in _kept and not _kept[path].is_at(path):
            del _kept[path]
