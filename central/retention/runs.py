"""The deletion job: site after site lets go of what is past its time, in small pieces, so that ingest goes on meanwhile.

Each piece is a transaction that says all of what it did: whoever is stopped in the middle has lost nothing, and the next run
ends his with a proof of what went until then.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from central.records.turns import take_turn
from central.registry import Registry, Work
from central.retention import clock, forgetting, holds, keeping, others, proofs
from central.retention.clock import Reading
from central.retention.forgetting import Epoch, OfJournals, Turn
from central.retention.holds import Held
from central.retention.months import drop_one
from central.retention.noting import RUNNING, begin
from central.retention.profiles import CLASSES, Class, Days, cutoff
from central.retention.tables import RetentionProfile, RetentionRun
from central.tables import Edge, EdgeHead

FINISHED, CAPPED, INTERRUPTED = "done", "capped", "interrupted"
CAP_LEAST: Final = 10_000
CAP_SHARE: Final = 0.02
# So many times as long as a piece took, others have the database for themselves.
REST: Final = 3.0
# Is given the seconds that a piece took, and gives the others their turn.
Rests = Callable[[float], None]


def resting(seconds: float) -> None:
    """Let others have the database."""
    time.sleep(min(seconds * REST, 1.0))


class StoppedError(Exception):
    """The run was ended by another, or the clock has jumped."""


@dataclass(slots=True)
class Done:
    """What became of the job: what is wrong with the clock ("": nothing), and the runs in which something went."""

    fault: str = ""
    runs: list[UUID] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


def run(
    registry: Registry, former: Reading | None = None, *, only: UUID | None = None, cap: int | None = None, rests: Rests = resting
) -> Done:
    """Let go of what is past its time at all sites (or `only` one), at most `cap` rows of each class at each.

    `former`: both clocks as this process read them before. Nothing goes while the clock cannot be believed.
    """
    done = Done()
    with registry.write() as work:
        done.fault = clock.tick(work, former)
    others.delete_files(registry)  # those of a run that was stopped
    if done.fault:
        return done
    with registry.read() as work:
        wanted = select(RetentionProfile.site_id).order_by(RetentionProfile.site_id)
        sites = work.session.scalars(wanted if only is None else wanted.where(RetentionProfile.site_id == only)).all()
    drop_one(registry)
    for site_id in sites:
        _of_site(registry, site_id, cap, rests, done)
    others.delete_files(registry)
    return done


def _of_site(registry: Registry, site_id: UUID, cap: int | None, rests: Rests, done: Done) -> None:
    job = _begin(registry, site_id, cap, rests)
    try:
        for what in CLASSES:
            job.take(what)
    except StoppedError:
        return
    with registry.write() as work:
        row = job.row(work)
        if row.counts:
            done.runs.append(row.id)
            done.counts |= {what: done.counts.get(what, 0) + number for what, number in row.counts.items()}
        proofs.conclude(work, registry.key, row, CAPPED if job.is_capped else FINISHED)


def _begin(registry: Registry, site_id: UUID, cap: int | None, rests: Rests) -> "_Job":
    with registry.write() as work:
        take_turn(work.session, site_id)
        left = select(RetentionRun).where(RetentionRun.site_id == site_id, RetentionRun.state == RUNNING)
        for row in work.session.scalars(left.order_by(RetentionRun.id)).all():
            proofs.conclude(work, registry.key, row, INTERRUPTED)
        holds.settle(work, site_id)
        days = keeping.days_of(work.session, site_id)
        begun = begin(work, site_id, days, _cap(work, site_id) if cap is None else cap)
        return _Job(registry, site_id, begun.id, days, work.at, begun.cap, rests)


def _cap(work: Work, site_id: UUID) -> int:
    """Return how many rows may go at once: a fiftieth of what the site has ever sent, or what is little anyway."""
    sent = select(func.sum(EdgeHead.acked_through)).join(Edge, Edge.id == EdgeHead.edge_id).where(Edge.site_id == site_id)
    return max(CAP_LEAST, int(int(work.session.scalar(sent) or 0) * CAP_SHARE))


@dataclass(slots=True)
class _Job:
    """One run at one site."""

    registry: Registry
    site_id: UUID
    run_id: UUID
    days: Days
    at: datetime
    cap: int
    rests: Rests
    left: int = 0
    is_capped: bool = False

    def take(self, what: Class) -> None:
        """Let go of one class."""
        before = cutoff(self.days.of(what), self.at)
        if before is None:
            return
        self.left = self.cap
        for count in _PIECES[what](self, before):
            self.left -= count
            if self.left <= 0:
                self.is_capped = True
                return

    def row(self, work: Work) -> RetentionRun:
        """Return the run, within the site's turn; StoppedError where another has ended it."""
        take_turn(work.session, self.site_id)
        row = work.session.get(RetentionRun, self.run_id, with_for_update=True, populate_existing=True)
        if row is None or row.state != RUNNING:
            raise StoppedError
        return row

    @contextmanager
    def piece(self) -> Iterator[tuple[Work, RetentionRun, Held]]:
        """Give one transaction with what is held as of now; StoppedError where the clock has jumped meanwhile."""
        begun = self.registry.clock()
        with self.registry.write() as work:
            row = self.row(work)
            if abs(work.at - self.at) > clock.JUMP:
                raise StoppedError
            yield work, row, holds.held_of(work, self.site_id)
        self.rests(self.registry.clock() - begun)


def _entries(job: _Job, before: datetime) -> Iterator[int]:
    yield from _journals(job, "events", before)


def _identity(job: _Job, before: datetime) -> Iterator[int]:
    yield from _journals(job, "identity", before)


def _journals(job: _Job, what: OfJournals, before: datetime) -> Iterator[int]:
    with job.registry.read() as work:
        epochs: list[Epoch] = list(forgetting.epochs(work.session, job.site_id))
    for epoch in epochs:
        is_more = True
        while is_more:
            with job.piece() as (work, row, held):
                turn = Turn(job.registry.key, row, held, job.left)
                count, is_more = forgetting.step(work, turn, what, epoch, before)
            yield count


def _pictures(job: _Job, before: datetime) -> Iterator[int]:
    after, captures, known = None, set[others.Capture](), None
    while True:
        with job.piece() as (work, row, held):
            if held != known:
                known, captures = held, others.captures_held(work.session, job.site_id, held)
            count, after = others.pictures(work, row, before, captures, after, job.left)
        yield count
        if after is None:
            return


def _fragments(job: _Job, before: datetime) -> Iterator[int]:
    while True:
        with job.piece() as (work, row, held):
            count = others.fragments(work, row, before, held, job.left)
        if not count:
            return
        yield count


def _audit(job: _Job, before: datetime) -> Iterator[int]:
    is_more = True
    while is_more:
        with job.piece() as (work, row, held):
            count, is_more = others.audited(work, row, before, held, job.left)
        yield count


_PIECES: Final[dict[Class, Callable[[_Job, datetime], Iterator[int]]]] = {
    "events": _entries,
    "identity": _identity,
    "pictures": _pictures,
    "fragments": _fragments,
    "audit": _audit,
}
