"""The journal's partitions on PostgreSQL: one a month (UTC, by the gates' stamps), and one for all else.

What comes late or early, of a wrong clock or for a month that is gone, goes into the partition for all else: no stamp keeps an
entry out. On SQLite there are no partitions, and all of this does nothing.

An id is unique within its partition, whoever sends it. PostgreSQL keeps no key over all of them that leaves out what they are
divided by; one of a gate's entries has the id of another in another month only where somebody forges it, and then who looks an
id up is shown the entry that was here first.
"""

import re
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Final, NamedTuple

import structlog
from sqlalchemy import text
from sqlalchemy.orm import Session

from central.jobs import repeated
from central.registry import Registry

AHEAD: Final = 3
EVERY_S: Final = 24 * 3600.0
_JOURNAL: Final = "journal_entries"
REST: Final = f"{_JOURNAL}_default"
_SPAN: Final = re.compile(r"FROM \('(-?\d+)'\) TO \('(-?\d+)'\)")
_PARTITIONS: Final = text("""
    SELECT child.relname, pg_get_expr(child.relpartbound, child.oid) AS bound
    FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid WHERE inhparent = to_regclass('journal_entries')
""")
_MOVE: Final = """
    WITH moved AS (DELETE FROM {rest} WHERE at_us >= :first AND at_us < :end RETURNING *)
    INSERT INTO {month} SELECT * FROM moved
"""
# Whoever waits for a lock holds up all that come behind him: the job is tried again another time.
_PATIENCE: Final = "SET LOCAL lock_timeout = '5s'"
log = structlog.get_logger("central.journal")


class Month(NamedTuple):
    """A month's partition: the name of its table, and its entries' stamps in UTC microseconds, the last one excluded."""

    name: str
    from_us: int
    until_us: int


def month_of(at: datetime, later: int = 0) -> Month:
    """Return the month of a time (aware), or the one so many months later."""
    count = at.astimezone(UTC).year * 12 + at.astimezone(UTC).month - 1 + later
    begins, ends = (datetime(each // 12, each % 12 + 1, 1, tzinfo=UTC) for each in (count, count + 1))
    return Month(f"{_JOURNAL}_{begins:y%Ym%m}", round(begins.timestamp()) * 1_000_000, round(ends.timestamp()) * 1_000_000)


def months(session: Session) -> Sequence[Month]:
    """Return the months that have a partition, the oldest first."""
    if not _is_parted(session):
        return ()
    rows = session.execute(_PARTITIONS).all()
    spans = [(name, span) for name, bound in rows if (span := _SPAN.search(bound)) is not None]
    return sorted((Month(name, int(span[1]), int(span[2])) for name, span in spans), key=lambda month: month.from_us)


def ensure(session: Session, at: datetime) -> Sequence[Month]:
    """Let this month and the next two have their partitions, with what had come for them; returns those that are new."""
    wanted = [month_of(at, later) for later in range(AHEAD)]
    if not _is_parted(session) or not _missing(session, wanted):
        return ()
    session.execute(text(_PATIENCE))
    # In the order in which ingest takes them: it notes that it has seen the gate, then it writes the journal.
    session.execute(text("LOCK TABLE edges IN SHARE ROW EXCLUSIVE MODE"))
    session.execute(text(f"LOCK TABLE {REST} IN ACCESS EXCLUSIVE MODE"))
    made = _missing(session, wanted)  # another worker may have made them meanwhile
    for month in made:
        _make(session, month)
    return made


def drop(session: Session, month: Month) -> bool:
    """Let go of all entries of a month at once; False where it has no partition. What came late for it is elsewhere."""
    if month not in months(session):
        return False
    session.execute(text(_PATIENCE))
    session.execute(text("LOCK TABLE edges IN ACCESS EXCLUSIVE MODE"))
    session.execute(text(f"DROP TABLE {month.name}"))
    return True


def months_ahead(registry: Registry, every_s: float = EVERY_S) -> AbstractContextManager[None]:
    """See to it, now and daily while the block lasts, that the months ahead have their partitions."""

    def act() -> None:
        with registry.write() as work:
            made = ensure(work.session, work.at)
        if made:
            log.info("months have their partitions", names=[month.name for month in made])

    return repeated("months", act, every_s, 0.0, registry.database.alone)


def _is_parted(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _missing(session: Session, wanted: Sequence[Month]) -> Sequence[Month]:
    known = months(session)
    return [
        month for month in wanted if not any(each.from_us < month.until_us and month.from_us < each.until_us for each in known)
    ]


def _make(session: Session, month: Month) -> None:
    """Make a table like the one for all else, keys and indexes too, and let it have its rows of there."""
    span = {"first": month.from_us, "end": month.until_us}
    session.execute(text(f"CREATE TABLE {month.name} (LIKE {REST} INCLUDING ALL)"))
    session.execute(text(_MOVE.format(rest=REST, month=month.name)), span)
    bounds = f"FOR VALUES FROM ({month.from_us}) TO ({month.until_us})"
    session.execute(text(f"ALTER TABLE {_JOURNAL} ATTACH PARTITION {month.name} {bounds}"))
