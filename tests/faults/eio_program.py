"""`python -m tests.faults.eio_program FOLDER EVERY`: write as the gate does while its syncs fail, under `bad_disk`.

One round for each EVERYth sync that a whole round takes; says on a line of JSON what was acknowledged in each.
"""

import ctypes
import json
import os
import sys
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from access.entries import Observed, Stamp
from edge.identity import Identity
from edge.logs import Log
from edge.places import Places
from edge.store.errors import StoreError
from edge.store.held import Unwritten
from edge.store.scribe import WRITE_AGAIN_S, Scribe
from tests.waiting import wait_until

ENTRIES = 30
KEY = Ed25519PrivateKey.generate()
IDENTITY = Identity(UUID(int=1), UUID(int=2), UUID(int=3), {}, KEY, KEY.public_key())
STAMP = Stamp(1_000_000, 1_767_225_600_000_000)


def written(folder: Path) -> list[str] | None:
    """Write entries, held back and tried again as the program does; returns those that were acknowledged at once.

    None where the disk fails already as the journal is opened.
    """
    folder.mkdir()
    try:
        scribe = Scribe(Places(folder), IDENTITY, Log("gate"), lambda: STAMP, lambda: False)
    except StoreError:
        return None
    acknowledged, now = [], 0.0
    for number in range(ENTRIES):
        draft = scribe.draft(Observed(str(number)))
        now += WRITE_AGAIN_S / 3
        try:
            scribe.commit([draft])
            acknowledged.append(str(number))
        except StoreError:
            scribe.hold_back([Unwritten.unchanged(draft)], now)
        look_after(scribe, now, quiet=number % 5 == 0)
    look_after(scribe, now + WRITE_AGAIN_S, quiet=True)
    scribe.close()
    return acknowledged


def look_after(scribe: Scribe, now: float, *, quiet: bool) -> None:
    """Have done all that is due."""
    for _ in range(4):
        scribe.look_after(now, quiet=quiet)
        wait_until(lambda: scribe.is_idle, what="the journal to be looked after")


def main() -> None:
    disk, folder, every = ctypes.CDLL(None), Path(sys.argv[1]), int(sys.argv[2])
    disk.bad_disk_fail_at(0)
    written(folder / "0")
    for at in range(1, int(disk.bad_disk_syncs()) + 1, every):
        disk.bad_disk_fail_at(at)
        os.write(1, json.dumps([at, written(folder / str(at))]).encode() + b"\n")


if __name__ == "__main__":
    main()
