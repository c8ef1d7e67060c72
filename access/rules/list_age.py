"""List age: what each category may still do on rules that nobody has confirmed for long. Never more than on fresh ones."""

from collections.abc import Mapping

from access.case import PASSES, Case, Verdict
from access.codes import VISIT
from access.on_record import ListAge
from access.passes import SKEW_S
from access.rules.leaving import leaves_from_inside

HOUR_S = 3600
DAY = 24
UNKNOWN_H = 9_999
"""The age of rules that were confirmed long after now, by a clock that was ahead: older than any limit."""
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


def limits(set_by_site: Mapping[str, ListAge]) -> Mapping[str, ListAge]:
    """Return what holds for each category at a site."""
    return {**LIMITS, **set_by_site}


def list_age(case: Case) -> Verdict:
    """Refer or deny, by the holder's category, where the rules are older than its limit; who is inside may leave on any."""
    if case.credential is None or leaves_from_inside(case):
        return PASSES
    limit, age_s = _limit(case, case.category), _age_s(case)
    hours = int(age_s // HOUR_S)
    saw = {"list_hours": hours, "list_hours_max": limit.hours}
    return Verdict(_REASONS[limit.then] if age_s > limit.hours * HOUR_S else "", {"hours": hours}, saw)


def is_old(case: Case, category: str) -> bool:
    """Tell whether the rules are older than the limit of a category."""
    return _age_s(case) > _limit(case, category).hours * HOUR_S


def _limit(case: Case, category: str) -> ListAge:
    return case.snapshot.list_age.get(category) or LIMITS.get(category) or LIMITS["visitor"]


def _age_s(case: Case) -> float:
    """Return the seconds since the registry last confirmed the rules; where none ever did, since they were packed.

    The signed code of a visit is the registry's word too, as of its issue: then since that, if it is less long ago. The first of
    two factors or persons is judged as of its own moment, up to an hour ago: what was confirmed since is fresh.
    """
    says, at_utc = case.presented.code.says if case.presented.code else None, case.at.timestamp()
    unconfirmed_s = _unconfirmed_s(case, at_utc)
    if says is None or says.kind != VISIT or says.issued > at_utc + SKEW_S:
        return unconfirmed_s
    return min(unconfirmed_s, max(0.0, at_utc - says.issued))


def _unconfirmed_s(case: Case, at_utc: float) -> float:
    confirmed = case.known.value("rules")
    if not isinstance(confirmed, int):
        return max(0.0, at_utc - case.snapshot.built_utc)
    return max(0.0, at_utc - confirmed) if at_utc - confirmed >= -HOUR_S else UNKNOWN_H * HOUR_S
