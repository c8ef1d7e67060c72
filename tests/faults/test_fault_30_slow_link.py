"""64 kbit/s, and losses: what is urgent goes first, pictures when there is room."""

import hashlib
import time
from pathlib import Path

import pytest

from access.entries import AlarmRaised, EvidenceKept
from central.early import services as early
from central.journal.pages import NewestAsked
from central.journal.pictures import path_of
from edge.courier import pictures
from simulators.wires.fault_proxy import FAIR, FaultProxy, Weather
from tests.central.gate import JPEG
from tests.faults.linked_box import Box, Lakeside, all_there_once, lakeside
from tests.waiting import wait_until

SLOW = Weather(bytes_per_s=8_000, delay_s=0.02, jitter_s=0.05, drop=0.01)
BACKLOG = 150
PICTURE_BYTES = 150_000  # 19 s of this link


def test_fault_30_alarms_then_entries_then_pictures(
    tmp_path: Path, migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "IDLE_S", 0.2)
    with (
        lakeside(tmp_path / "registry", migrated_sqlite) as central,
        FaultProxy(central.target, seed=30) as link,
        Box(tmp_path / "box", central, link.url) as box,
    ):
        picture = JPEG[:-2] + bytes(PICTURE_BYTES) + JPEG[-2:]
        sha256 = hashlib.sha256(picture).hexdigest()
        kept = box.places.evidence / sha256[:2] / f"{sha256}.jpg"
        kept.parent.mkdir(parents=True)
        kept.write_bytes(picture)
        box.start()
        wait_until(lambda: all_there_once(central, box), 20, "the beginning to be sent")
        before = link.carried_bytes
        link.become(SLOW)
        box.write(EvidenceKept("c1", sha256, len(picture), "camera-in"))
        wait_until(lambda: link.carried_bytes > before + 12_000, 20, "the picture to be on its way")
        began = time.monotonic()
        box.write_many(BACKLOG)
        box.write(AlarmRaised("gate_crash", "in-1"))
        wait_until(lambda: _early(central), 10, "the alarm")
        alarm_s = time.monotonic() - began
        assert not _has_picture(central, sha256)
        link.become(FAIR)
        wait_until(lambda: all_there_once(central, box), 30, "the entries")
        wait_until(lambda: _has_picture(central, sha256), 30, "the picture, tried again")
    assert alarm_s < 8


def _early(central: Lakeside) -> bool:
    with central.registry.read() as work:
        return bool(early.page(work, NewestAsked()).items)


def _has_picture(central: Lakeside, sha256: str) -> bool:
    return path_of(central.registry.pictures, sha256).exists()
