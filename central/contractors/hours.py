"""Whether these are working hours: by a schedule and the special days of a site, on its clock, as the gates have it."""

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from access.contract.records import Span, SpecialDayRecord
from access.schedule import Schedule as Hours
from access.schedule import Span as Minutes
from access.schedule import minutes
from central.tables import RuleChange, Schedule, Site

_spans: TypeAdapter[list[Span]] = TypeAdapter(list[Span])


def hours_at(session: Session, site: Site, at: datetime) -> Callable[[str], bool]:
    """Return what tells of a schedule (its id as text) whether it allows work at `at`: none always does, a lost one never."""
    zone, special = ZoneInfo(site.zone), _special_days(session, site)

    def in_hours(schedule: str) -> bool:
        return not schedule or _hours(session, site, schedule).allows(at, zone, special)

    return in_hours


def spans_of(session: Session, site_id: UUID, schedule: str) -> list[Span]:
    """Return the hours of a schedule of the site; none where there is no such schedule."""
    row = session.get(Schedule, UUID(schedule)) if schedule else None
    return _spans.validate_python(row.spans) if row and row.site_id == site_id else []


def _hours(session: Session, site: Site, schedule: str) -> Hours:
    spans = spans_of(session, site.id, schedule)
    return Hours("", tuple(Minutes(frozenset(span.days), minutes(span.start), minutes(span.end)) for span in spans))


def _special_days(session: Session, site: Site) -> dict[date, int]:
    told = select(RuleChange.data).where(
        RuleChange.site_id == site.id,
        RuleChange.kind == "special_day",
        RuleChange.to_revision.is_(None),
        RuleChange.data.is_not(None),
    )
    days = (SpecialDayRecord.model_validate_json(data or "") for data in session.scalars(told))
    return {date.fromisoformat(day.date): day.counts_as for day in days}
