"""`python -m tests.edge.store.without_shared_memory FOLDER`: open a journal as the gate does, and say how it is written."""

import json
import os
import sys
from contextlib import closing
from pathlib import Path

from access.entries import AlarmRaised, Observed
from edge.identity import Identity
from edge.logs import Log
from edge.places import Places
from edge.store.scribe import Scribe
from tests.faults.journals import EDGE, KEY, STAMP


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir()
    identity = Identity(EDGE, EDGE, EDGE, {}, KEY, KEY.public_key())
    with closing(Scribe(Places(folder), identity, Log("gate"), lambda: STAMP, lambda: False)) as scribe:
        scribe.commit([scribe.draft(Observed("x"))])
        names = {"mode": "journal_mode", "synchronous": "synchronous"}
        said = {name: scribe.journal._db.execute(f"PRAGMA {pragma}").fetchone()[0] for name, pragma in names.items()}
        said |= {
            "note": scribe.journal.note,
            "alarms": [alarm.body.what for alarm in scribe.new_alarms() if isinstance(alarm.body, AlarmRaised)],
        }
    os.write(1, json.dumps(said).encode())


if __name__ == "__main__":
    main()
