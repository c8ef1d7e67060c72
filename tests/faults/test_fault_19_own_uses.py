"""Fault 19: an old image of the box is put back. What was used here since, the registry tells it as it does of its neighbours."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from access.entries import PassageEnded
from tests.sync.clocks import Clocks
from tests.sync.gate import SimulatedGate
from tests.sync.hearing import hear, joined
from tests.sync.registry import SimulatedRegistry

USED_ONCE = PassageEnded("passed", "in", facts=(("add", "uses:visit", 1), ("set", "held:pass", ["in-1", 7])))


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[SimulatedRegistry]:
    with closing(SimulatedRegistry(tmp_path, Clocks())) as registry:
        yield registry


@pytest.fixture
def gate(registry: SimulatedRegistry, tmp_path: Path) -> Iterator[SimulatedGate]:
    with closing(joined(registry, tmp_path / "east")) as gate:
        yield gate


@pytest.mark.parametrize("after_it", [0, 1])
def test_fault_19_what_was_used_after_the_backup_stays_used(
    gate: SimulatedGate, registry: SimulatedRegistry, tmp_path: Path, after_it: int
) -> None:
    image = gate.copy_to(tmp_path / "image")
    gate.write_bodies(USED_ONCE)
    gate.settle()
    gate.put_back(image)
    assert "uses:visit" not in gate.journal.presence.facts
    gate.settle()
    gate.write_bodies(*[USED_ONCE] * after_it)  # and the registry does not have it yet
    known = hear(gate, registry.clocks)
    assert (known.get("uses:visit"), known.get("held:pass")) == (1 + after_it, ["in-1", 7])
