"""The registry has committed, and its answer is lost on the way."""

from pathlib import Path

import pytest

from simulators.wires.fault_proxy import FAIR, FaultProxy, Weather
from tests.faults.linked_box import Box, Sender, all_there_once, lakeside
from tests.sizes import sized


@pytest.mark.parametrize("seed", range(sized(quick=2, soak=50)))
def test_fault_27_what_was_stored_is_not_stored_twice(seed: int, tmp_path: Path, migrated_sqlite: Path) -> None:
    with (
        lakeside(tmp_path / "registry", migrated_sqlite) as central,
        FaultProxy(central.target, seed=seed, weather=Weather(lose_answers=0.5)) as link,
        Box(tmp_path / "box", central, link.url) as box,
        Sender(box) as sender,
    ):
        for _ in range(12):
            box.write_many(25)
            sender.step()
        sender.drain()
        assert link.answers_lost >= 1, "the link has done its part"
        link.become(FAIR)
        sender.drain()
        assert all_there_once(central, box)
        assert sender.progress.acked == {box.journal.epoch: box.journal.seq}
