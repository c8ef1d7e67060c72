"""A captive portal, or a wrong proxy, answers 200 to everything."""

from pathlib import Path

from simulators.wires.fault_proxy import FAIR, FaultProxy, Mood, Weather
from tests.faults.linked_box import Box, Sender, all_there_once, lakeside


def test_fault_32_its_200_acknowledges_nothing(tmp_path: Path, migrated_sqlite: Path) -> None:
    with (
        lakeside(tmp_path / "registry", migrated_sqlite) as central,
        FaultProxy(central.target) as link,
        Box(tmp_path / "box", central, link.url) as box,
        Sender(box) as sender,
    ):
        box.write_many(10)
        sender.drain()
        box.write_many(10)
        link.become(Weather(Mood.PORTAL))
        link.cut()
        for _ in range(5):
            sender.step()
        assert all("was not the registry" in failure or "cannot be reached" in failure for failure in sender.failures)
        assert any("200" in failure for failure in sender.failures)
        assert sender.progress.acked == {box.journal.epoch: 11}
        link.become(FAIR)
        sender.drain()
        assert all_there_once(central, box)
