"""Fault 19: an old image of the box is put back. What was used here since, the registry tells it as it does of its neighbours."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from access.entries import PassageEnded, Stamp, stamped
from edge.courier.facts import FactsStream
from edge.courier.progress import Progress
from edge.courier.surroundings import Surroundings
from edge.gate.neighbours import Neighbours
from edge.logs import Log
from edge.store.received import Received
from edge.store.scribe import Scribe
from edge.store.whereabouts import home_of
from tests.sync.clocks import Clocks
from tests.sync.gate import SimulatedGate
from tests.sync.link import LinkedRegistry
from tests.sync.registry import SimulatedRegistry
from tests.waiting import wait_until

USED_ONCE = PassageEnded("passed", "in", facts=(("add", "uses:visit", 1), ("set", "held:pass", ["in-1", 7])))


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[SimulatedRegistry]:
    with closing(SimulatedRegistry(tmp_path, Clocks())) as registry:
        yield registry


@pytest.fixture
def gate(registry: SimulatedRegistry, tmp_path: Path) -> SimulatedGate:
    folder = tmp_path / "east"
    folder.mkdir()
    gate = SimulatedGate(folder, registry, registry.clocks, 1, home_of(folder))
    gate.enrol("east")
    gate.open()
    return gate


def hear(gate: SimulatedGate, clocks: Clocks) -> dict[str, object]:
    """Let the gate's own programs hear all that the registry tells; returns what they know of the pass and the visit then."""

    def stamp() -> Stamp:
        return stamped(clocks.monotonic(), clocks.gates_utc().timestamp())

    gate.close()
    around = Surroundings(clocks.monotonic, clocks.gates_utc, lambda _low, high: high)
    with (
        closing(Scribe(gate.places, gate.identity, Log("gate"), stamp, lambda: False)) as scribe,
        closing(LinkedRegistry(gate.identity, "facts", around, gate.link)) as asking,
        closing(Received(gate.places.courier)) as received,
    ):
        neighbours = Neighbours(scribe)
        stream = FactsStream(asking, Progress(received), around, neighbours.take)
        stream.taken(neighbours.taken)
        stream.step()
        wait_until(lambda: scribe.is_idle)
        return {name: scribe.journal.presence.facts.get(name) for name in ("uses:visit", "held:pass")}


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
    assert hear(gate, registry.clocks) == {"uses:visit": 1 + after_it, "held:pass": ["in-1", 7]}
