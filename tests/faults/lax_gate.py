"""`python -m tests.faults.lax_gate`: the gate program with synchronous=NORMAL, for power cuts to find out."""

import sqlite3
import sys
from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

from edge.gate.program import run
from edge.programs import start
from edge.store.sqlite import Database

as_told = Database.execute


def execute(db: Database, sql: str, parameters: Any = None) -> sqlite3.Cursor:
    """Ask for less safety than one was told to."""
    return as_told(db, sql.replace("synchronous=FULL", "synchronous=NORMAL"), parameters)


def main(arguments: Sequence[str] | None = None) -> int:
    with patch.object(Database, "execute", execute):
        return start("gate", run, arguments)


if __name__ == "__main__":
    sys.exit(main())
