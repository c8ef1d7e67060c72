"""`python -m tests.faults.hasty_gate --config C`: the gate program, whose look at its journal comes to no entries.

As with a journal so large, and a disk so slow, that the time is up before.
"""

import sys
from unittest.mock import patch

from edge.gate.program import run
from edge.programs import start
from edge.store import opening

if __name__ == "__main__":
    with patch.object(opening, "_quick_check_of_all", lambda _db: "ok"):
        sys.exit(start("gate", run))
