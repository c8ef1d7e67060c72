"""A registry with very many entries, as gates would have filled it: the same sealing, reading and storing, without the wire.

What every gate tells is a story that a gate's own core has played, with an entry for the picture of each decision; a gate has an
epoch of so many entries and signs a checkpoint every 500, which the registry countersigns and takes up in its tree.
"""

import json
import marshal
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from access.contract.checkpoints import Checkpoint
from access.contract.sync import ENTRIES_PER_BATCH_MAX
from access.entries import EvidenceKept
from bench.registry import Measured
from central.checkpoints.services import countersign
from central.config import Settings
from central.edges.repository import speaker
from central.journal.reader import cores
from central.journal.reading import Home, as_plain, from_plain, read
from central.journal.services import home_of, take_in
from central.migrations import migrate
from central.registry import Registry, Work
from central.tables import Edge
from central.tree.services import take_up
from edge.identity import Identity
from edge.store.head import EVERY_ENTRIES, sign_head
from simulators.load.enrolling import GateKey, enrol_in, make_site
from simulators.load.gates import PretendedGate
from simulators.load.story import Line, tell

SITE: Final = "bench"
PER_GATE: Final = 50_000
# So many batches are one transaction, and one answer of a process that makes them.
TOGETHER: Final = 25
PICTURE_BYTES: Final = 40_000
BEGAN: Final = datetime(2026, 3, 2, tzinfo=UTC)
Progress = Callable[[int, int], None]


class Wanted(NamedTuple):
    """A gate's journal that is to be made: `entries` of them, at the place and for the registry that `home` tells of."""

    edge: UUID
    key: bytes
    entries: int
    home: Home


class Batch(NamedTuple):
    """A batch as it was read, in portions as `marshal` takes them, and the checkpoint at its end."""

    portions: bytes
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class Made:
    """What was made: how many, of how many bytes, and what the making took, in microseconds of this program's processor time."""

    backend: str
    entries: int
    gates: int
    canonical_bytes: int
    personal_bytes: int
    seconds: float
    countersigned_us: float
    taken_up_us: float


def story(seed: int) -> tuple[Line, ...]:
    """Return what gates tell: a story, with an entry for each picture."""
    return tuple(line for told in tell(seed) for line in _with_picture(told))


def _with_picture(line: Line) -> Iterator[Line]:
    yield line
    if line.capture:
        digest = sha256(line.capture.encode()).hexdigest()
        body = EvidenceKept(capture=line.capture, sha256=digest, size=PICTURE_BYTES, camera="camera-in")
        yield Line(line.lane, line.passage, body)


def filled(
    measured: Measured, folder: Path, entries: int, seed: int, progress: Progress, told: Sequence[Line] | None = None
) -> Made:
    """Make so many entries in an empty registry, unless the folder says that they are there. Raises ValueError for others.

    They tell the story of this seed, or what is `told`.
    """
    note = folder / "made.json"
    if note.exists():
        made = Made(**json.loads(note.read_bytes()))
        if made.entries != entries:
            raise ValueError(f"{folder} has {made.entries} entries, not {entries}")
        return made
    if (folder / "begun").exists():
        raise ValueError(f"{folder} has been filled in part: delete it")
    (folder / "begun").touch()
    registry = Registry.open(Settings(measured.data, measured.url))
    try:
        made = _Filling(registry, story(seed) if told is None else told, progress).fill(entries)
    finally:
        registry.close()
    note.write_text(json.dumps(asdict(made)), encoding="utf-8")
    return made


class _Filling:
    """Has journals made in other processes, and stores them."""

    def __init__(self, registry: Registry, told: Sequence[Line], progress: Progress) -> None:
        self._registry, self._told, self._progress = registry, told, progress
        self._done = self._batches = 0
        self._bytes = [0, 0]
        self._countersigned_s = 0.0

    def fill(self, entries: int) -> Made:
        """Fill an empty database."""
        began = time.perf_counter()
        journals = self._journals(entries)
        with ProcessPoolExecutor(cores(), get_context("spawn"), partial(_know, tuple(self._told))) as pool:
            waiting: deque[Future[Any]] = deque()
            left = iter(journals)
            # Not many more than are being made: what is made waits in memory.
            waiting.extend(pool.submit(_make, wanted) for wanted in islice(left, cores() + 1))
            while waiting:
                batches, sizes = waiting.popleft().result()
                waiting.extend(pool.submit(_make, wanted) for wanted in islice(left, 1))
                self._bytes = [had + new for had, new in zip(self._bytes, sizes, strict=True)]
                for at in range(0, len(batches), TOGETHER):
                    self._store(batches[at : at + TOGETHER], entries)
        cpu = time.process_time()
        taken = take_up(self._registry)
        return Made(
            backend=self._registry.database.form,
            entries=entries,
            gates=len(journals),
            canonical_bytes=round(self._bytes[0] / entries),
            personal_bytes=round(self._bytes[1] / entries),
            seconds=round(time.perf_counter() - began, 1),
            countersigned_us=round(self._countersigned_s / self._batches * 1e6, 1),
            taken_up_us=round((time.process_time() - cpu) / taken.size * 1e6, 1),
        )

    def _journals(self, entries: int) -> list[Wanted]:
        """Enrol as many gates as are needed."""
        migrate(self._registry.database)
        sizes = [min(PER_GATE, entries - first) for first in range(0, entries, PER_GATE)]
        with self._registry.write() as work:
            make_site(work, SITE)
        gates = [GateKey(f"gate-{number}", Ed25519PrivateKey.generate()) for number in range(len(sizes))]
        identities = enrol_in(self._registry, SITE, gates)
        with self._registry.read() as work:
            return [self._wanted(work, one, size) for one, size in zip(identities, sizes, strict=True)]

    def _wanted(self, work: Work, identity: Identity, entries: int) -> Wanted:
        speaking = speaker(work.session, identity.edge)
        assert speaking is not None
        home = home_of(self._registry.database.form, speaking, work.at, 0, {})
        return Wanted(identity.edge, identity.key.private_bytes_raw(), entries, home)

    def _store(self, batches: Sequence[Batch], entries: int) -> None:
        with self._registry.write() as work:
            for batch in batches:
                self._store_one(work, batch)
        self._progress(self._done, entries)

    def _store_one(self, work: Work, batch: Batch) -> None:
        """Store a batch and its checkpoint."""
        told = batch.checkpoint
        portions = [from_plain(content) for content in marshal.loads(batch.portions)]
        first = portions[0].batch
        speaking = speaker(work.session, told.edge)
        assert speaking is not None
        ack = take_in(work, speaking, first.first - 1, iter(portions))
        assert (ack.acked_through, ack.quarantined) == (told.seq, ()), ack
        cpu = time.process_time()
        answer = countersign(work, self._registry.key, work.session.get_one(Edge, told.edge), told)
        work.session.flush()
        self._countersigned_s += time.process_time() - cpu
        assert answer.agrees
        self._done, self._batches = self._done + first.size, self._batches + 1


_told: tuple[Line, ...] = ()


def _know(told: tuple[Line, ...]) -> None:
    """Have the story at hand in a process that makes journals."""
    global _told  # noqa: PLW0603 - the way that a process of a pool is given anything
    _told = told


def _make(wanted: Wanted) -> tuple[list[Batch], tuple[int, int]]:
    """Make a gate's journal; also tells how many bytes its entries have, and how many stand beside them."""
    key = Ed25519PrivateKey.from_private_bytes(wanted.key)
    identity = Identity(wanted.edge, wanted.edge, wanted.edge, {}, key, key.public_key())
    gate = PretendedGate.begun(identity, _told, str(wanted.edge), BEGAN, with_pictures=False)
    batches, sizes = [], (0, 0)
    for first in range(1, wanted.entries + 1, ENTRIES_PER_BATCH_MAX):
        follows = gate.head
        for seq in range(first, min(first + ENTRIES_PER_BATCH_MAX, wanted.entries + 1)):
            gate.write(BEGAN + timedelta(seconds=10 * seq), 1.0)
        chosen = list(gate.waiting)
        gate.waiting.clear()
        body = gate.packed(follows, chosen)
        home = wanted.home._replace(after=first - 1)
        portions = marshal.dumps([as_plain(portion) for portion in read(body, home)])
        at_us = round((BEGAN + timedelta(seconds=10 * chosen[-1].seq)).timestamp() * 1e6)
        batches.append(Batch(portions, sign_head(key, wanted.edge, gate.epoch, chosen[-1].seq, gate.head, at_us)))
        sealed = [one.sealed for one in chosen]
        sizes = sizes[0] + sum(len(one.canonical) for one in sealed), sizes[1] + sum(len(one.personal) for one in sealed)
    return batches, sizes


assert ENTRIES_PER_BATCH_MAX == EVERY_ENTRIES, "a batch has a checkpoint at its end"
