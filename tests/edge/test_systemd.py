import socket
from pathlib import Path

import pytest

from edge.systemd import Service
from tests.edge.notified import notified


def test_ready_once_then_only_alive(tmp_path: Path) -> None:
    with notified(tmp_path) as (address, said):
        service = Service(address)
        service.alive()
        service.alive()
        service.stopping()
        assert [said() for _ in range(3)] == ["READY=1\nWATCHDOG=1", "WATCHDOG=1", "STOPPING=1"]


def test_a_name_outside_the_file_system_is_understood() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind("")  # the kernel gives it a free name
        name = line.getsockname()
        Service("@" + name[1:].decode()).alive()
        assert line.recv(100) == b"READY=1\nWATCHDOG=1"


@pytest.mark.parametrize("address", ["", "/nowhere/at/all"])
def test_with_nobody_to_tell_nothing_happens(address: str) -> None:
    service = Service(address)
    service.alive()
    service.stopping()
