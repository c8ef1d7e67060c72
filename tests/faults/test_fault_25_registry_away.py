"""Fault 25: the registry is away for a week. The gate goes on; when it is back, all that was written meanwhile is there, once."""

import time
from collections.abc import Callable
from pathlib import Path

from simulators.wires.fault_proxy import FAIR, FaultProxy, Mood, Weather
from tests.faults.linked_box import Box, Sender, all_there_once, lakeside
from tests.sizes import sized

BACKLOG = sized(quick=5_000, soak=100_000)  # a busy gate's week
AT_ONCE = 500
RATE_MIN = 200.0  # entries a second: a week's backlog must not take a night


def test_fault_25_a_backlog_of_a_week_is_all_there_once(
    tmp_path: Path, migrated_sqlite: Path, record_property: Callable[[str, object], None]
) -> None:
    with (
        lakeside(tmp_path / "registry", migrated_sqlite) as central,
        FaultProxy(central.target, weather=Weather(Mood.REFUSE)) as link,
        Box(tmp_path / "box", central, link.url) as box,
        Sender(box) as sender,
    ):
        for _ in range(BACKLOG // AT_ONCE):
            box.write_many(AT_ONCE)
            sender.step()
        assert len(sender.failures) == BACKLOG // AT_ONCE, "it has tried all the time"
        assert central.stored(box) == []
        link.become(FAIR)
        began = time.monotonic()
        while sender.step():
            pass
        rate = BACKLOG / (time.monotonic() - began)
        record_property("entries_per_s", round(rate))
        assert all_there_once(central, box)
        assert rate > RATE_MIN
