"""TCP that is half open: the connection stands, and nothing comes back, for long."""

import threading
import time
from pathlib import Path

import pytest

from edge.courier.errors import SyncError
from simulators.wires.fault_proxy import FAIR, FaultProxy, Mood, Weather
from tests.faults.linked_box import Box, Sender, all_there_once, lakeside
from tests.sizes import sized
from tests.waiting import wait_until

TRIES = sized(quick=20, soak=2_000)
DEADLINE_S = 0.05
FORGETS_AFTER = 200  # tries: then the far side gives up what has long been left, as systems do


def footprint(link: FaultProxy) -> tuple[int, int]:
    """Return how many descriptors and threads this process has, without what the far side holds: a deaf end hears no farewell."""
    threads = [thread for thread in threading.enumerate() if not thread.name.startswith("AnyIO")]  # the registry's
    return len(list(Path("/proc/self/fd").iterdir())) - link.open_connections, len(threads)


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
            if number % FORGETS_AFTER == FORGETS_AFTER - 1:
                link.cut()
        assert time.monotonic() - began < TRIES * (DEADLINE_S + 0.2)
        wait_until(lambda: footprint(link)[0] <= before[0] + 6, what="sockets that are on their way out to be closed")
        assert footprint(link)[1] <= before[1]
        link.become(FAIR)
        link.cut()
        sender.drain()
        assert all_there_once(central, box)
