"""Whole months of the journal, on PostgreSQL: where every entry of one may go it is dropped at once, as a partition.

One month a run, however many entries it has; what is left over is deleted by rows.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from central.journal import months
from central.journal.months import Month
from central.log.plates import forget_unseen
from central.registry import Registry, Work
from central.retention import forgetting, holds, keeping, proofs
from central.retention.forgetting import Epoch, Turn
from central.retention.holds import Held
from central.retention.noting import begin, note
from central.retention.profiles import cutoff
from central.retention.tables import RetentionRun

DONE: Final = "done"
MONTHS_SEEN: Final = 3
# Of a table of ours, whose name PostgreSQL itself has given: stretches without a hole, in one pass.
_RUNS: Final = """
    SELECT site_id, edge_id, epoch, min(seq) AS first, max(seq) AS last, count(*) AS number FROM (
        SELECT site_id, edge_id, epoch, seq, seq - row_number() OVER (PARTITION BY edge_id, epoch ORDER BY seq) AS hole
        FROM {month}
    ) AS placed GROUP BY site_id, edge_id, epoch, hole ORDER BY edge_id, epoch, first
"""
_STATE: Final = "SELECT count(*), max(received_at) FROM {month}"
_NEWEST: Final = "SELECT site_id, max(received_at) FROM {month} GROUP BY site_id"
_PLATES: Final = "SELECT DISTINCT site_id, plate FROM {month} WHERE plate IS NOT NULL"
_HASH: Final = "SELECT chain_hash FROM {month} WHERE edge_id = :edge AND epoch = :epoch AND seq = :seq"
_TOLD: Final = """
    SELECT canonical FROM {month} WHERE edge_id = :edge AND epoch = :epoch AND seq BETWEEN :first AND :last AND kind = ANY(:kinds)
    ORDER BY seq
"""


def drop_one(registry: Registry) -> Month | None:
    """Drop the oldest month that may go as a whole, with its ranges declared and the proof of it; returns it, if there is one."""
    with registry.read() as work:
        wanted = next((month for month in months.months(work.session)[:MONTHS_SEEN] if _may_go(work, month)), None)
    if wanted is None:
        return None
    with registry.read() as work:
        plates = _plates(work.session, wanted)
    with registry.write() as work:
        if not _drop(work, registry, wanted):
            return None
    for site_id, some in plates:
        with registry.write() as work:
            forget_unseen(work.session, site_id, some)
    return wanted


def _plates(session: Session, month: Month) -> list[tuple[UUID, Sequence[str]]]:
    """Return the plates that a month has, some of a site at a time: those that no entry has any more are forgotten after it."""
    of_site: dict[UUID, list[str]] = {}
    for site_id, plate in _ask(session, _PLATES, month):
        of_site.setdefault(site_id, []).append(plate)
    step = forgetting.CHUNK
    return [(site_id, some[at : at + step]) for site_id, some in of_site.items() for at in range(0, len(some), step)]


def _ask(session: Session, sql: str, month: Month, **values: Any) -> Sequence[Any]:
    return session.execute(text(sql.format(month=month.name)), values).all()


def _may_go(work: Work, month: Month) -> bool:
    """Tell whether all entries of a month are past their time, whosever they are, and nothing there is held."""
    if datetime.fromtimestamp(month.until_us / 1e6, UTC) > work.at:
        return False
    newest: Mapping[UUID, datetime] = dict(_ask(work.session, _NEWEST, month))
    for site_id, received_at in newest.items():
        before = cutoff(keeping.days_of(work.session, site_id).events, work.at)
        if before is None or received_at >= before or _is_held(work, site_id, month):
            return False
    return bool(newest)


def _is_held(work: Work, site_id: UUID, month: Month) -> bool:
    """Tell whether something of a month may be held: where anything but other times is, it is looked at entry by entry."""
    held = holds.held_of(work, site_id)
    times = held.times
    return held != Held(times=times) or any(begin < month.until_us and end >= month.from_us for begin, end in times)


def _drop(work: Work, registry: Registry, month: Month) -> bool:
    """Declare and drop; False where an entry came for it meanwhile."""
    session = work.session
    state = _ask(session, _STATE, month)
    stretches = _ask(session, _RUNS, month)
    ends = {(each.edge_id, each.epoch, each.last): _ends(session, month, each) for each in stretches}
    session.execute(text("SET LOCAL lock_timeout = '5s'"))
    # As `months.drop` takes it: from here on no entry comes, and no hold is placed.
    session.execute(text("LOCK TABLE edges IN ACCESS EXCLUSIVE MODE"))
    if _ask(session, _STATE, month) != state or not _may_go(work, month):
        return False
    runs: dict[UUID, RetentionRun] = {}
    for each in stretches:
        site_run = runs.get(each.site_id) or begin(work, each.site_id, keeping.days_of(session, each.site_id), 0)
        runs[each.site_id] = site_run
        head, told = ends[each.edge_id, each.epoch, each.last]
        turn, epoch = Turn(registry.key, site_run, Held(), 0), Epoch(each.edge_id, each.epoch)
        forgetting.declare(session, turn, epoch, (each.first, each.last), head, told)
        said = f"{each.edge_id}/{each.epoch}/{each.first}-{each.last} {head.hex()}"
        note(site_run, "events", each.number, said)
    months.drop(session, month)
    for site_run in runs.values():
        proofs.conclude(work, registry.key, site_run, DONE)
    return True


def _ends(session: Session, month: Month, each: Any) -> tuple[bytes, list[str]]:
    """Return the chain hash at the end of a stretch, and what other epochs hang on there."""
    place = {"edge": each.edge_id, "epoch": each.epoch}
    ((head,),) = _ask(session, _HASH, month, **place, seq=each.last)
    span = {"first": each.first, "last": each.last, "kinds": list(forgetting.OF_EPOCHS)}
    return head, [canonical.hex() for (canonical,) in _ask(session, _TOLD, month, **place, **span)]
