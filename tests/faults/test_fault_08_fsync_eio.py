"""Fault 8: a sync fails with EIO. What was written then is not trusted: the file is opened anew and looked at; it is shown."""

import json
import os
import subprocess
import sys
from pathlib import Path

from access.entries import AlarmRaised, Body, Observed
from tests.faults.bad_disk import build_bad_disk
from tests.faults.eio_program import ENTRIES
from tests.faults.journals import bodies_of, opened, stored
from tests.sizes import sized


def numbers(bodies: list[Body]) -> list[str]:
    return [body.what for body in bodies if isinstance(body, Observed)]


def test_fault_08_whichever_sync_fails_what_was_acknowledged_is_there_and_each_entry_once(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.faults.eio_program", str(tmp_path), str(sized(quick=5, soak=1))]
    environment = os.environ | {"LD_PRELOAD": str(build_bad_disk(tmp_path))}
    rounds = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True).stdout.splitlines()
    begun = told = 0
    for at, acknowledged in map(json.loads, rounds):
        path = tmp_path / str(at) / "journal.db"
        if acknowledged is None:  # it could not begin: nothing was promised, and the next start finds nothing half done
            opened(path).close()
            continue
        begun += 1
        stored(path)
        bodies = bodies_of(path)
        assert set(acknowledged) <= set(numbers(bodies)), f"sync {at}: acknowledged and lost"
        assert sorted(numbers(bodies), key=int) == [str(number) for number in range(ENTRIES)], f"sync {at}: lost or doubled"
        told += any(isinstance(body, AlarmRaised) and body.what == "disk_bad" for body in bodies)
        opened(path).close()
    assert begun > 5
    assert told >= begun - 3, "a bad disk is passed over"  # but where SQLite syncs a folder, or we are about to close
