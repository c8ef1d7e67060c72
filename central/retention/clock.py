"""Whether the clock can be believed: with a clock that is ten years ahead everything would be past its time.

The job notes the time each time that it looks. Where that is more than `JUMP` ago it has leapt, or the registry was off; where
something here is of a later time it has gone back; where the calendar and the clock that only counts disagree it was set. Then
nothing goes until somebody has looked at the clock and said that it is right.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

import structlog
from sqlalchemy import select

from central.audit import services as audit
from central.errors import RegistryError
from central.registry import Registry, Work
from central.retention.schemas import ClockShown, ClockWanted
from central.retention.tables import RetentionClock
from central.tables import EdgeHead, JournalEntry
from central.tree import ends

JUMP: Final = timedelta(days=1)
KIND: Final = "retention_clock"
ONLY: Final = 1
AHEAD, BACK, SET = "ahead", "back", "set"
log = structlog.get_logger("central.retention")


class Reading(NamedTuple):
    """Both clocks at one moment: the one that only counts (seconds), and the calendar."""

    counted: float
    at: datetime


def reading(registry: Registry) -> Reading:
    """Read both clocks."""
    return Reading(registry.clock(), registry.calendar())


def fault_of(
    now: Reading,
    former: Reading | None,
    noted: datetime | None,
    seen: Collection[datetime],
    beyond: datetime | None = None,
) -> str:
    """Return what is wrong with the clock, "" for nothing; pure.

    `former`: both clocks as this process read them before. `noted`: the time that was noted last. `seen`: the latest times that
    stand here, of which those up to `beyond` are known to be wrong.
    """
    if former is not None and abs((now.at - former.at).total_seconds() - (now.counted - former.counted)) > JUMP.total_seconds():
        return SET
    believed = [at for at in seen if beyond is None or at > beyond]
    latest = noted if noted is not None else max(believed, default=now.at)
    if now.at - latest > JUMP:
        return AHEAD
    return BACK if max([latest, *believed]) - now.at > JUMP else ""


def tick(work: Work, former: Reading | None = None) -> str:
    """Note the time where it can be believed; return what is wrong with it, "" for nothing. A fault stays."""
    row = work.session.get(RetentionClock, ONLY, with_for_update=True)
    if row is not None and row.fault:
        return row.fault
    seen = _seen(work)
    noted, beyond = (row.noted_at, row.beyond) if row is not None else (None, None)
    fault = fault_of(Reading(work.now, work.at), former, noted, seen, beyond)
    if row is None:
        row = RetentionClock(id=ONLY, noted_at=max(seen, default=work.at), fault="")
        work.session.add(row)
    if fault:
        row.fault, row.fault_at = fault, work.at
        log.error("the clock has jumped: nothing is deleted before somebody confirms it", fault=fault)
        facts = {"fault": fault, "noted_at": row.noted_at.isoformat(), "at": work.at.isoformat()}
        audit.note(work, KIND, UUID(int=ONLY), None, "jumped", version=1, after=facts)
    else:
        row.noted_at = work.at
    return fault


def shown(work: Work) -> ClockShown:
    """Show how the clock stands, without noting anything."""
    row = work.session.get(RetentionClock, ONLY)
    if row is None:
        return ClockShown(at=work.at, noted_at=None, fault="", fault_at=None)
    fault = row.fault or fault_of(Reading(work.now, work.at), None, row.noted_at, _seen(work), row.beyond)
    return ClockShown(at=work.at, noted_at=row.noted_at, fault=fault, fault_at=row.fault_at)


def confirm(work: Work, wanted: ClockWanted) -> ClockShown:
    """Take the word of somebody that the clock is right; RegistryError 403 for who is bound to a site, whose clock it is not."""
    if work.actor.site is not None:
        raise RegistryError("the clock is of all sites: somebody who is bound to none confirms it", 403)
    row = work.session.get(RetentionClock, ONLY, with_for_update=True)
    if row is None:
        row = RetentionClock(id=ONLY, noted_at=work.at, fault="")
        work.session.add(row)
    before = {"fault": row.fault, "noted_at": row.noted_at.isoformat()}
    row.fault, row.fault_at, row.noted_at = "", None, work.at
    row.beyond = max(_seen(work), default=None)
    after = {"fault": "", "noted_at": work.at.isoformat()}
    audit.note(work, KIND, UUID(int=ONLY), None, "confirmed", version=1, before=before, after=after, reason=wanted.reason)
    work.session.flush()
    return shown(work)


def _seen(work: Work) -> list[datetime]:
    """Return when the newest entry of each epoch came, and when the head of the tree was signed."""
    row = JournalEntry
    at_end = (row.edge_id == EdgeHead.edge_id, row.epoch == EdgeHead.epoch, row.seq == EdgeHead.acked_through)
    times = list(work.session.scalars(select(row.received_at).join(EdgeHead, at_end[0] & at_end[1] & at_end[2])))
    head = ends.end(work.session, ends.TREE)
    if head is not None and head.at_us:
        times.append(datetime.fromtimestamp(head.at_us / 1e6, UTC))
    return times
