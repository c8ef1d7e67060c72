import hashlib
from pathlib import Path

import numpy as np
import pytest

from devices.transports.pictures import Picture, decode
from devices.transports.video import Frame
from edge.eyes import ring
from edge.eyes.evidence import EvidenceStore, encode_within
from edge.eyes.ring import CAPTURES_MAX, CaptureRing
from tests.disks import mounting, small_disk


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_a_picture_lies_under_its_hash_once(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path)
    sha256 = store.keep(b"picture")
    assert sha256 == hashlib.sha256(b"picture").hexdigest()
    assert (tmp_path / sha256[:2] / f"{sha256}.jpg").read_bytes() == b"picture"
    assert store.keep(b"picture") == sha256
    assert files(tmp_path) == {f"{sha256}.jpg"}


@mounting
def test_the_last_space_is_not_for_pictures(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", mib=1):
        store = EvidenceStore(tmp_path / "disk")
        store.keep(bytes(500_000))
        (tmp_path / "disk" / "foreign").write_bytes(bytes(440_000))
        with pytest.raises(OSError, match="the last space is for the journal"):
            store.keep(bytes(70_000))
        assert len(files(tmp_path / "disk")) == 2


def noise(width: int, height: int) -> Picture:
    return np.random.default_rng(5).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize("kib", [512, 100, 16])
def test_a_picture_keeps_within_its_budget_and_carries_nothing_but_pixels(kib: int) -> None:
    jpeg = encode_within(noise(640, 480), kib * 1024)
    assert len(jpeg) <= kib * 1024
    assert b"Exif" not in jpeg
    height, width = decode(jpeg).shape[:2]
    assert width / height == pytest.approx(4 / 3, rel=0.01)


def test_a_disk_that_refuses_leaves_nothing_half_done(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path)
    sha256 = hashlib.sha256(b"picture").hexdigest()
    (tmp_path / sha256[:2]).write_bytes(b"a file where the folder should be")
    with pytest.raises(OSError, match=sha256[:2]):
        store.keep(b"picture")


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


def test_what_a_power_cut_left_of_a_picture_is_removed(tmp_path: Path) -> None:
    whole = EvidenceStore(tmp_path).keep(b"whole")
    (tmp_path / whole[:2] / ".x.part").write_bytes(b"wh")
    EvidenceStore(tmp_path)
    assert [path.name for path in tmp_path.glob("*/*")] == [f"{whole}.jpg"]
