"""A huge backlog of pictures on a slow link: new entries do not wait behind it, and the newest picture goes before the oldest."""

import hashlib
import time
from pathlib import Path

from access.entries import EvidenceKept, Observed
from central.journal.pictures import path_of
from edge.messages import SyncState
from simulators.wires.fault_proxy import FaultProxy, Weather
from tests.central.gate import JPEG
from tests.faults.linked_box import Box, Lakeside, lakeside
from tests.sizes import sized
from tests.waiting import wait_until

PICTURES = sized(quick=150, soak=50_000)
ENTRIES = sized(quick=4, soak=200)
PICTURE_BYTES = 20_000
SLOW = Weather(bytes_per_s=80_000)  # four pictures a second: the backlog outlasts the test
LAG_MAX_S = 5.0


def lay(box: Box) -> list[str]:
    """Lay the backlog on the disk and write it down; returns the hashes, the oldest first."""
    hashes, entries = [], []
    for number in range(PICTURES):
        picture = JPEG[:-2] + number.to_bytes(4, "big") + bytes(PICTURE_BYTES) + JPEG[-2:]
        hashes.append(hashlib.sha256(picture).hexdigest())
        path = path_of(box.places.evidence, hashes[-1])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture)
        entries.append(EvidenceKept(f"c-{number}", hashes[-1], len(picture), "camera-in"))
    box.write(*entries)
    return hashes


def lag_s(box: Box, number: int) -> float:
    """Write an entry and return how long it takes until the registry has it."""
    began = time.monotonic()
    box.write(Observed("arm_rose", "io", str(number)))
    seq = box.journal.seq
    box.end.wait_for(SyncState, lambda state: state.acked_through >= seq, timeout_s=30)
    return time.monotonic() - began


def has(central: Lakeside, sha256: str) -> bool:
    return path_of(central.registry.pictures, sha256).exists()


def test_fault_16_backlog_of_pictures(tmp_path: Path, migrated_sqlite: Path) -> None:
    with (
        lakeside(tmp_path / "registry", migrated_sqlite) as central,
        FaultProxy(central.target, seed=16, weather=SLOW) as link,
        Box(tmp_path / "box", central, link.url) as box,
    ):
        hashes = lay(box)
        box.start()
        box.end.wait_for(SyncState, lambda state: state.acked_through >= box.journal.seq, timeout_s=sized(quick=30, soak=600))
        wait_until(lambda: has(central, hashes[-1]), timeout_s=20, what="the newest picture")
        lags = [lag_s(box, number) for number in range(ENTRIES)]
        assert max(lags) < LAG_MAX_S, f"entries waited {max(lags):.1f} s behind pictures"
        assert not has(central, hashes[0]), "the backlog went before the test was over: it showed nothing"
