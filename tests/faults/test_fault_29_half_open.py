"""TCP that is half open: the connection stands, and nothing comes back, for long."""

import threading
import time
from pathlib import Path

import pytest

from edge.courier.errors import SyncError
from simulators.wires.fault_proxy import FAIR, FaultProxy, Mood, Weather
from tests.faults.linked_box import Box, Sender, all_there_once, lakeside
from tests.sizes import sized

TRIES = sized(quick=20, soak=2_000)
DEADLINE_S = 0.05


def footprint(link: FaultProxy) -> tuple[int, int]:
    """Return how many descriptors and threads this process has, without what the link holds: a deaf end hears no farewell."""
    return len(list(Path("/proc/self/fd").iterdir())) - link.open_connections, threading.active_count()


@pytest.mark.parametrize("mood", [Mood.DEAF, Mood.MUTE])
def test_fault_29_every_request_ends_by_its_deadline_and_leaves_nothing(
    mood: Mood, tmp_path: Path, migrated_sqlite: Path
) -> None:
    with (
        lakeside(tmp_path / "registry", migrated_sqlite) as central,
        FaultProxy(central.target) as link,
        Box(tmp_path / "box", central, link.url) as box,
        Sender(box) as sender,
    ):
        box.write_many(30)
        sender.step()
        link.become(Weather(mood))
        before, began = (0, 0), time.monotonic()
        for number in range(TRIES):
            with pytest.raises(SyncError, match="no whole answer within"):
                sender.asking.ask("POST", "/entries", bytes(200_000), deadline_s=DEADLINE_S)
            before = footprint(link) if number == 4 else before
        assert time.monotonic() - began < TRIES * (DEADLINE_S + 0.2)
        descriptors, threads = footprint(link)
        assert descriptors <= before[0] + 6, "a socket may be on its way in or out"
        assert threads <= before[1]
        link.become(FAIR)
        link.cut()
        sender.drain()
        assert all_there_once(central, box)
