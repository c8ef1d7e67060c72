import time
from pathlib import Path

import pytest

from devices.transports.serial import serial_line
from simulators.wires.pty_port import PtyPort

EVERY_BYTE = bytes(range(256))


def test_every_byte_passes_both_ways_unchanged() -> None:
    with PtyPort() as port:
        line = serial_line(port.url)
        port.write(EVERY_BYTE)
        assert line.read(256) == EVERY_BYTE
        line.write(EVERY_BYTE)
        assert port.read(timeout_s=5) == EVERY_BYTE
        line.close()


def test_a_stable_name_follows_the_device(tmp_path: Path) -> None:
    link = tmp_path / "by-id" / "usb-reader"
    with PtyPort(link) as port:
        assert port.path == str(link)
        for _ in range(2):
            assert link.readlink() == Path(port.device)
            port.unplug()
            assert not link.is_symlink()
            port.replug()
    assert not link.is_symlink()


def test_pulling_it_out_hangs_up_who_has_it_open() -> None:
    with PtyPort() as port:
        line = serial_line(port.url)
        port.unplug()
        assert not port.is_plugged
        with pytest.raises(OSError, match="returned no data"):
            line.read(1)
        line.close()
        port.write(b"lost")
        assert port.read(timeout_s=0) == b""


def test_what_nobody_reads_is_lost_at_last() -> None:
    with PtyPort() as port:
        began = time.monotonic()
        port.write(bytes(200_000))
        assert time.monotonic() - began < 5


def test_a_paced_line_takes_its_time() -> None:
    with PtyPort(baud=9600) as port:
        began = time.monotonic()
        port.write(b"x" * 48)
        assert time.monotonic() - began >= 48 * 10 / 9600


def test_nothing_is_left_open() -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        with PtyPort() as port:
            port.unplug()
            port.replug()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
