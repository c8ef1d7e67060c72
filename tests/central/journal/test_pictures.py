"""The files of pictures: there after a power cut, and no halves of them after a full disk."""

import errno
import hashlib
import os
from pathlib import Path

import pytest

from central.erasure.services import finish
from central.erasure.tables import ErasedPicture
from central.journal.pictures import path_of, write_picture
from central.registry import Registry
from central.tables import Picture
from tests.central.databases import ON_ONE
from tests.central.gate import JPEG, Gate

SHA256 = "ab" * 32


def test_a_picture_and_the_folders_it_lies_in_are_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, synced = os.fsync, list[str]()

    def sync(descriptor: int) -> None:
        real(descriptor)
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink().name.partition(".")[0])

    monkeypatch.setattr(os, "fsync", sync)
    write_picture(tmp_path / "pictures", SHA256, b"jpeg")
    assert synced == [tmp_path.name, "pictures", SHA256, "ab"]
    write_picture(tmp_path / "pictures", SHA256, b"jpeg")
    assert len(synced) == 4, "it is there already"


def test_a_disk_that_fails_is_left_no_half_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    path_of(tmp_path, SHA256).parent.mkdir()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_picture(tmp_path, SHA256, b"jpeg")
    assert list(path_of(tmp_path, SHA256).parent.iterdir()) == []


@ON_ONE
def test_a_picture_that_is_erased_while_it_is_written_is_not_kept(
    gate: Gate, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256, real = hashlib.sha256(JPEG).hexdigest(), os.fsync

    def erased_meanwhile(descriptor: int) -> None:
        real(descriptor)
        if Path(f"/proc/self/fd/{descriptor}").readlink().name.startswith(sha256):
            with registry.write() as work:
                work.session.add(ErasedPicture(sha256=sha256, is_file_left=False))

    monkeypatch.setattr(os, "fsync", erased_meanwhile)
    assert gate.send_picture(JPEG, "pic1").status_code == 200
    with registry.read() as work:
        assert work.session.get(Picture, (gate.enrolled.edge, "pic1", sha256)) is None
    finish(registry)
    assert not path_of(registry.pictures, sha256).exists()
