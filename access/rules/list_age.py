"""List age: what each category may still do on rules that nobody has confirmed for long. Never more than on fresh ones."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from access.case import PASSES, Case, Verdict
from access.on_record import ListAge
from access.rules.leaving import leaves_from_inside

DAY = 24
# Whose rights change by the day is asked about soon; residents may be cut off with their gate for weeks.
LIMITS: Mapping[str, ListAge] = {
    "resident": ListAge(30 * DAY, "refer"),
    "tenant": ListAge(30 * DAY, "refer"),
    "family": ListAge(30 * DAY, "refer"),
    "vip": ListAge(30 * DAY, "refer"),
    "staff": ListAge(7 * DAY, "refer"),
    "company": ListAge(7 * DAY, "refer"),
    "contractor": ListAge(DAY, "refer"),
    "visitor": ListAge(DAY, "refer"),
    "emergency": ListAge(DAY, "refer"),
    "officer": ListAge(DAY, "refer"),
}
_REASONS = {"refer": "list_old_refer", "deny": "list_old"}


def list_age(case: Case) -> Verdict:
    """Refer or deny, by the holder's category, where the rules are older than its limit; who is inside may leave on any."""
    if case.credential is None or leaves_from_inside(case):
        return PASSES
    limit, age = _limit(case, case.category), _age(case)
    hours = age // timedelta(hours=1)
    saw = {"list_hours": hours, "list_hours_max": limit.hours}
    return Verdict(_REASONS[limit.then] if age > timedelta(hours=limit.hours) else "", {"hours": hours}, saw)


def is_old(case: Case, category: str) -> bool:
    """Tell whether the rules are older than the limit of a category."""
    return _age(case) > timedelta(hours=_limit(case, category).hours)


def _limit(case: Case, category: str) -> ListAge:
    return case.snapshot.list_age.get(category) or LIMITS.get(category) or LIMITS["visitor"]


def _age(case: Case) -> timedelta:
    """Return the time since the registry last confirmed the rules; where none ever did, since they were packed."""
    confirmed = case.known.moment("rules") or datetime.fromtimestamp(case.snapshot.built_utc, UTC)
    return max(timedelta(0), case.at - confirmed)
