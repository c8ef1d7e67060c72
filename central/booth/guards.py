"""Whether a guard had the right to act when they did: by the act's own time, as far as the gate's clock can be believed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from access.immutable import immutable
from access.workflows.order import END_OF_TIME, SLACK
from central.audit.tables import AuditEntry
from central.booth.reading import Act
from central.ledger.repository import changes_until
from central.records.repository import find
from central.registry import Work
from central.tables import Guard

END_US: Final = 2**62
DELETED: Final = "deleted"
RELIEVED: Final = "relieved"
EXPIRED: Final = "expired"


@immutable
class Served:
    """A guard's right as it stood from one moment until another (UTC us); `status` is deleted where there is no record."""

    since_us: int
    until_us: int
    status: str
    leads: bool
    valid_from_us: int
    valid_until_us: int

    @property
    def in_force(self) -> bool:
        """Whether the guard had access at some time of it."""
        return self.status == "active" and self.valid_from_us <= self.until_us and self.since_us < self.valid_until_us

    @property
    def has_begun(self) -> bool:
        """Whether the validity had begun by the end of it."""
        return self.valid_from_us <= self.until_us


@immutable
class Rights:
    """Who did an act: the guard's `record`, whether they led (or did once), and what had ended before (None: nothing).

    `ended` says how (a status, deleted, expired or relieved) and since when (UTC us).
    """

    record: UUID
    leads: bool
    ended: tuple[str, int] | None


def rights_of(work: Work, site: UUID, badge: str, act: Act, *, as_leader: bool) -> Rights | None:
    """Return the right of a guard of the site to an act; None for a badge that nobody had by then."""
    found = _guard(work, site, badge)
    if found is None:
        return None
    record, now = found
    earliest, latest = _span(act, work.at)
    told = list(served(now, changes_until(work.session, site, record, END_US), _us_of(work.at)))
    then = [_cut(one, earliest, latest) for one in told if one.since_us <= latest and earliest <= one.until_us]
    if not any(one.has_begun for one in then):
        return None
    led = [one for one in told if one.leads and one.since_us <= latest]
    ended = None
    if not any(one.in_force for one in then):
        ended = _ended(told, then[-1])
    elif as_leader and led and not any(one.leads for one in then):
        ended = RELIEVED, led[0].until_us
    return Rights(record, bool(led), ended)


def _guard(work: Work, site: UUID, badge: str) -> tuple[UUID, Served] | None:
    """Return the guard with a badge as they stand now, else the one who had it last and is deleted."""
    row = find(work.session, Guard, site_id=site, badge=badge)
    if row is not None:
        return row.id, _as_of(row)
    entry = AuditEntry
    gone_of = select(entry.record_id).where(entry.site_id == site, entry.kind == Guard.__tablename__, entry.act == DELETED)
    had_it = gone_of.where(entry.before["badge"].as_string() == badge)
    gone = work.session.scalars(had_it.order_by(entry.id.desc()).limit(1)).first()
    return None if gone is None else (gone, Served(0, END_US, DELETED, leads=False, valid_from_us=0, valid_until_us=END_US))


def _as_of(row: Guard) -> Served:
    since, until = row.valid_from, row.valid_until
    window = _us_of(since) if since else 0, _us_of(until) if until else END_US
    return Served(0, END_US, row.status, row.is_leader, *window)


def served(now: Served, changes: Iterable[AuditEntry], now_us: int) -> Iterator[Served]:
    """Yield how a guard stood, the last first: each change (the last first) taken back, none later than what followed it.

    The registry's own clock may have been put back between two of them.
    """
    latest_us = now_us
    for one in changes:
        if one.act == "created":
            break
        latest_us = min(latest_us, one.at_us)
        yield replace(now, since_us=latest_us)
        now = replace(now, until_us=latest_us, **_before(one.before))
    yield now


def _before(facts: Any) -> dict[str, Any]:
    """Return what of a guard's right was otherwise before a change; what is erased says nothing."""
    known = facts if isinstance(facts, Mapping) else {}
    found: dict[str, Any] = {}
    if "status" in known:
        found["status"] = str(known["status"])
    if "is_leader" in known:
        found["leads"] = bool(known["is_leader"])
    if "valid_from" in known:
        found["valid_from_us"] = _us(known["valid_from"], 0)
    if "valid_until" in known:
        found["valid_until_us"] = _us(known["valid_until"], END_US)
    return found


def _us(told: Any, none: int) -> int:
    try:
        return none if told is None else _us_of(datetime.fromisoformat(str(told)))
    except ValueError:
        return none


def _us_of(at: datetime) -> int:
    return round(at.timestamp() * 1e6)


def _span(act: Act, now: datetime) -> tuple[int, int]:
    """Return between which moments an act was done (UTC us); it was done before it came in, whatever its clock says."""
    now_us = _us_of(now)
    slack = round(SLACK.get(act.quality, timedelta()).total_seconds() * 1e6)
    earliest = act.at_us - slack
    if earliest > now_us:
        return 0, now_us
    latest = END_US if act.at_latest == END_OF_TIME else act.at_us + slack
    return earliest, min(latest, now_us)


def _cut(one: Served, earliest: int, latest: int) -> Served:
    return replace(one, since_us=max(one.since_us, earliest), until_us=min(one.until_us, latest))


def _ended(told: Sequence[Served], one: Served) -> tuple[str, int]:
    """Return how the right as it stood then had ended, and since when; `told` is the last first."""
    if one.status == "active":
        return EXPIRED, one.valid_until_us
    since = one.since_us
    for each in told:
        if each.since_us <= one.since_us and each.status != one.status:
            break
        since = min(since, each.since_us)
    return one.status, since
