import hashlib
import os
from pathlib import Path

import numpy as np
import pytest

from devices.transports.video import Frame
from edge.eyes import ring
from edge.eyes.evidence import EvidenceStore
from edge.eyes.ring import CAPTURES_MAX, CaptureRing


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_a_picture_lies_under_its_hash_once(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path)
    sha256 = store.keep(b"picture")
    assert sha256 == hashlib.sha256(b"picture").hexdigest()
    assert (tmp_path / sha256[:2] / f"{sha256}.jpg").read_bytes() == b"picture"
    assert store.keep(b"picture") == sha256
    assert store.bytes_held == 7
    assert files(tmp_path) == {f"{sha256}.jpg"}


def test_the_oldest_pictures_give_way_also_after_a_restart(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path, bytes_max=25)
    first, second = (store.keep(bytes([number]) * 10) for number in range(2))
    for age, name in enumerate((second, first)):
        path = tmp_path / name[:2] / f"{name}.jpg"
        path.touch()
        _set_age(path, age * 100)
    store = EvidenceStore(tmp_path, bytes_max=25)
    third = store.keep(bytes([2]) * 10)
    assert files(tmp_path) == {f"{second}.jpg", f"{third}.jpg"}
    assert store.bytes_held == 20


def _set_age(path: Path, age_s: int) -> None:
    os.utime(path, (1_700_000_000 - age_s,) * 2)


def test_a_disk_that_refuses_leaves_nothing_half_done(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path)
    sha256 = hashlib.sha256(b"picture").hexdigest()
    (tmp_path / sha256[:2]).write_bytes(b"a file where the folder should be")
    with pytest.raises(OSError, match=sha256[:2]):
        store.keep(b"picture")
    assert store.bytes_held == 0


def frame(data: bytes) -> Frame:
    return Frame(1, 0.0, np.zeros((1, 1), np.uint8), data)


def test_the_ring_keeps_the_newest_captures_by_camera() -> None:
    captures = CaptureRing()
    for number in range(CAPTURES_MAX + 1):
        captures.put("camera-in", f"{number}", frame(b"%d" % number))
    assert captures.get("camera-in", "0") is None
    assert captures.get("camera-in", f"{CAPTURES_MAX}") == b"%d" % CAPTURES_MAX
    assert captures.get("camera-out", "1") is None


def test_the_ring_is_bounded_in_bytes_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ring, "BYTES_MAX", 10)
    captures = CaptureRing()
    for name in "abc":
        captures.put("camera-in", name, frame(b"four"))
    assert [captures.get("camera-in", name) for name in "abc"] == [None, b"four", b"four"]
