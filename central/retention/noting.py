"""A run begun, and what went noted in it: how much of each class, and the digest over all of it."""

import hashlib
from typing import Final
from uuid import UUID

from central.registry import Work
from central.retention.profiles import Class, Days
from central.retention.tables import RetentionRun

RUNNING: Final = "running"


def begin(work: Work, site_id: UUID, days: Days, cap: int) -> RetentionRun:
    """Begin a run of a site."""
    row = RetentionRun(id=work.new_id(), site_id=site_id, state=RUNNING, started_at=work.at, by_name=work.actor.name, cap=cap)
    row.days, row.counts, row.spans, row.digest, row.proof = days.facts(), {}, [], bytes(32), ""
    work.session.add(row)
    work.session.flush()
    return row


def note(run: RetentionRun, what: Class, number: int, said: str) -> None:
    """Note what went in a piece of work; `said` names it, by no name of anybody's."""
    run.counts = run.counts | {what: run.counts.get(what, 0) + number}
    run.digest = hashlib.sha256(run.digest + f"{what} {said}".encode()).digest()
