"""A device with a real journal, and a registry at the wire that knows it."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from access.entries import Body, Observed, Stamp, stamped
from edge.config import CentralSection
from edge.courier.precedence import Precedence
from edge.courier.progress import Progress
from edge.courier.registry import Registry
from edge.courier.surroundings import Surroundings
from edge.identity import Identity
from edge.places import Places
from edge.store.backup import restore
from edge.store.journal import Journal
from edge.store.received import Received
from tests.edge.courier.wire import WireRegistry, serving

EDGE = UUID("0198c0de-0000-7000-8000-0000000000ed")
OTHER = UUID("0198c0de-0000-7000-8000-00000000000f")


class Gate:
    """The gate's half of a box: it writes the journal."""

    def __init__(self, places: Places, seed: int = 1) -> None:
        self._seconds = count(1_700_000_000)
        self._places = places
        self.journal = Journal(places.journal, EDGE, self._stamp(), Random(seed).randbytes)

    def write(self, *bodies: Body) -> int:
        """Append entries; returns the seq of the last."""
        stamp = self._stamp()
        return self.journal.append([self.journal.draft(body, stamp) for body in bodies], stamp)

    def write_for(self, passage: str, body: Body) -> int:
        """Append an entry of a passage; returns its seq."""
        stamp = self._stamp()
        return self.journal.append([self.journal.draft(body, stamp, passage=passage)], stamp)

    def write_many(self, number: int) -> int:
        """Append so many observations; returns the seq of the last."""
        return self.write(*(Observed("arm_rose", "io", str(at)) for at in range(number)))

    def put_back(self, copy: Path) -> None:
        """Go on with a copy of the journal, in a new epoch."""
        self.journal.close()
        restore(self._places.journal, copy, self._stamp().utc_us)
        self.journal = Journal(self._places.journal, EDGE, self._stamp(), Random(2).randbytes)

    def _stamp(self) -> Stamp:
        second = next(self._seconds)
        return stamped(float(second), float(second))


class Clock:
    """Monotonic seconds that a test moves by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def around(clock: Clock) -> Surroundings:
    return Surroundings(clock=clock, jitter=lambda _low, high: high)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    places = Places(tmp_path / "box")
    places.make()
    return places


@pytest.fixture
def gate(places: Places) -> Iterator[Gate]:
    gate = Gate(places)
    yield gate
    gate.journal.close()


@pytest.fixture
def device() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@pytest.fixture
def wire(device: Ed25519PrivateKey) -> Iterator[WireRegistry]:
    with serving(device.public_key()) as registry:
        yield registry


@pytest.fixture
def identity(device: Ed25519PrivateKey, wire: WireRegistry) -> Identity:
    return Identity(EDGE, OTHER, OTHER, {"in-1": OTHER}, device, wire.key.public_key())


@pytest.fixture
def central(wire: WireRegistry) -> CentralSection:
    return CentralSection(url=wire.url)


@pytest.fixture
def registry(central: CentralSection, identity: Identity, around: Surroundings) -> Iterator[Registry]:
    registry = Registry(central, identity, "test", around.calendar)
    yield registry
    registry.close()


@pytest.fixture
def received(places: Places) -> Iterator[Received]:
    received = Received(places.courier)
    yield received
    received.close()


@pytest.fixture
def progress(received: Received) -> Progress:
    return Progress(received)


@pytest.fixture
def precedence(around: Surroundings) -> Precedence:
    return Precedence(around.clock)
