"""The whole walk: every journal in stretches, over two processes where there is much, and beside it the tree, audit and heads."""

import gc
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import closing
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from central.database import Database
from central.journal.reader import GC_THRESHOLD, cores
from central.tables import Edge
from central.tree.walk import audit, epochs, evidence, forgotten, journal, published
from central.tree.walk.epochs import Epoch
from central.tree.walk.findings import Finding, Seen
from central.tree.walk.journal import Stretch, Walked

# Entries of one stretch: some seconds of walking.
STRETCH: Final = 50_000
# With fewer entries a second process costs more time than it saves.
WORTHWHILE: Final = 200_000

# Is told how many entries are done, and how many there are.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is walked over: the database, the registry's public key, the time (UTC microseconds) and the heads kept outside."""

    url: URL
    key: bytes
    now_us: int
    outside: Path | None = None


def walk(asked: Asked, progress: Progress = lambda _done, _all: None, processes: int | None = None) -> Seen:
    """Walk over everything; `processes`: over how many (None: as the machine has cores, and there is much)."""
    with closing(Database(asked.url, visiting=True)) as database, database.read() as session:
        plan = epochs.plan(session)
        stretches = [stretch for epoch in plan.epochs for stretch in stretches_of(epoch)]
        total = sum(stretch.last - stretch.first + 1 for stretch in stretches)
        number = (min(cores(), 4) if total >= WORTHWHILE else 1) if processes is None else processes
        seen = plan.seen
        done = 0
        told: list[Walked] = []
        for walked, size in _walked(asked, session, stretches, number):
            if isinstance(walked, Walked):
                told.append(walked)
                seen.take(walked.seen)
            else:
                seen.take(walked)
            done += size
            progress(done, total)
        seen.take(epochs.compare(session, [each for walked in told for each in walked.declared]))
    seen.findings.sort(key=_order)
    return seen


def _order(finding: Finding) -> tuple[str, str, str, int]:
    place = finding.place
    return finding.part, str(place.edge), str(place.epoch), place.seq or place.leaf or 0


def stretches_of(epoch: Epoch) -> Iterator[Stretch]:
    """Divide an epoch."""
    for first in range(1, epoch.through + 1, STRETCH):
        last = min(first + STRETCH - 1, epoch.through)
        gaps = tuple(gap for gap in epoch.gaps if gap.first <= last and gap.last >= first)
        yield Stretch(epoch.edge, epoch.id, first, last, epoch.through, gaps, epoch.home)


def _walked(asked: Asked, session: Session, stretches: Sequence[Stretch], number: int) -> Iterator[tuple[Walked | Seen, int]]:
    """Yield what was seen on each stretch with its size, in whatever order it comes; and on all that is no journal."""
    if number < 2:
        yield _looked(session, asked), 0
        for stretch in stretches:
            yield journal.walk(session, stretch), _size(stretch)
        return
    with ProcessPoolExecutor(number, get_context("spawn"), _begin) as pool:
        # The longest first: it cannot be divided.
        waiting: dict[Future[Any], int] = {pool.submit(_rest, asked): 0}
        waiting |= {pool.submit(_one, asked.url, stretch): _size(stretch) for stretch in stretches}
        for future in as_completed(waiting):
            yield future.result(), waiting[future]


def _size(stretch: Stretch) -> int:
    return stretch.last - stretch.first + 1


def _begin() -> None:
    """Have what is decoded looked through less often than Python does: it goes as it comes."""
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, 20, 20)


def _one(url: URL, stretch: Stretch) -> Walked:
    """Walk over one stretch, in a process of its own."""
    with closing(Database(url, visiting=True)) as database, database.read() as session:
        return journal.walk(session, stretch)


def _rest(asked: Asked) -> Seen:
    """Walk over the tree, the audit and what was published, as they are at one moment."""
    with closing(Database(asked.url, visiting=True)) as database, database.read() as session:
        return _looked(session, asked)


def _looked(session: Session, asked: Asked) -> Seen:
    keys = dict(session.execute(select(Edge.id, Edge.public_key)).all())
    known = evidence.Evidence(keys, Ed25519PublicKey.from_public_bytes(asked.key), asked.now_us)
    evidence.walk(session, known)
    forgotten.walk(session, known)
    published.walk(session, known, asked.outside)
    audit.walk(session, known.audited, known.seen)
    return known.seen
