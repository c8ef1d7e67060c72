import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.eyes.window import Window

PICTURES = {"camera-in": b"jpeg of the entry", "门": b"jpeg of the door"}


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    window = Window(tmp_path / "eyes.sock", lambda camera: PICTURES.get(camera, b""))
    window.start()
    yield tmp_path / "eyes.sock"
    window.stop()


def ask(sock: socket.socket, camera: str) -> bytes:
    asked = camera.encode()
    sock.sendall(bytes([len(asked)]) + asked)
    with sock.makefile("rb") as stream:
        (length,) = struct.unpack(">I", stream.read(4))
        return stream.read(length)


def connect(path: Path) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(10)
    sock.connect(str(path))
    return sock


def test_one_viewer_may_ask_again_and_again(path: Path) -> None:
    with connect(path) as sock:
        for camera in ("camera-in", "门", "nobody", "camera-in"):
            assert ask(sock, camera) == PICTURES.get(camera, b"")


@pytest.mark.parametrize("nonsense", [b"", b"\x00", b"\xff\xff", b"\x05abc"])
def test_a_viewer_that_talks_nonsense_disturbs_no_other(path: Path, nonsense: bytes) -> None:
    with connect(path) as odd, connect(path) as sock:
        odd.sendall(nonsense)
        assert ask(sock, "camera-in") == PICTURES["camera-in"]


def test_only_this_user_may_look(path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600
