"""A simulated gate hears what the registry tells, by the gate's and the courier's own programs."""

from contextlib import closing
from itertools import count
from pathlib import Path

from access.entries import Stamp, stamped
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


def joined(registry: SimulatedRegistry, folder: Path) -> SimulatedGate:
    """Return a gate, open, that the registry knows by the name of its new folder."""
    folder.mkdir()
    gate = SimulatedGate(folder, registry, registry.clocks, 1, home_of(folder))
    gate.enrol(folder.name)
    gate.open()
    return gate


def hear(gate: SimulatedGate, clocks: Clocks) -> dict[str, object]:
    """Let the gate take the first page of what the registry tells; returns all that it knows then."""
    seconds = count(1_770_000_000)

    def stamp() -> Stamp:
        second = float(next(seconds))
        return stamped(second, second)

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
        assert neighbours.taken.through > 0, "the page is taken: the next can come"
        known: dict[str, object] = dict(scribe.journal.presence.facts)
    gate.open()
    return known
