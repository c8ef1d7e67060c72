"""sqlite-utils as the store uses it: a connection with `atomic` transactions, and the steps of a schema.

Where NumPy is installed sqlite-utils loads it, to know its types of numbers: 12 MB in each program that opens a store. No store
holds such numbers, so NumPy is out of its sight while it loads. Nor are plug-ins asked, which anybody may have installed.
"""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def _out_of_sight(*names: str) -> Iterator[None]:
    """Let modules that are not loaded yet be as if they were not installed."""
    modules: dict[str, Any] = sys.modules
    hidden = [name for name in names if name not in modules]
    modules.update(dict.fromkeys(hidden))  # Python takes None for "there is no such module"
    try:
        yield
    finally:
        for name in hidden:
            del modules[name]


with _out_of_sight("numpy", "pandas"):
    from sqlite_utils import Database, Migrations

__all__ = ["Database", "Migrations", "database_at"]


def database_at(place: Path | str, timeout_s: float = 0.0, *, uri: bool = False) -> Database:
    """Open a file, in which a statement is a transaction of its own but within `atomic`; one thread at a time may use it."""
    connection = sqlite3.connect(place, timeout=timeout_s, isolation_level=None, check_same_thread=False, uri=uri)
    return Database(connection, execute_plugins=False)
