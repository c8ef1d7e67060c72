"""`python -m tests.faults.lax_gate`: the gate program with synchronous=NORMAL, for power cuts to find out."""

import functools
import sqlite3
import sys
from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

from typing_extensions import override

from edge.gate.program import run
from edge.programs import start


class LaxConnection(sqlite3.Connection):
    """Asks for less safety than it was told to."""

    @override
    def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
        return super().execute(sql.replace("synchronous=FULL", "synchronous=NORMAL"), parameters)


def main(arguments: Sequence[str] | None = None) -> int:
    with patch.object(sqlite3, "connect", functools.partial(sqlite3.connect, factory=LaxConnection)):
        return start("gate", run, arguments)


if __name__ == "__main__":
    sys.exit(main())
