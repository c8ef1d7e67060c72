"""The holder's access levels: this lane, this direction, this hour."""

from access.case import Case, Verdict
from access.snapshot import Grant


def access_level(case: Case) -> Verdict:
    """Deny where no level of the holder opens this lane in this direction, or none does at this hour."""
    person = case.match.credential.person if case.match.credential else None
    levels = person.levels if person else ()
    here = [grant for level in levels for grant in level.grants if _covers(grant, case)]
    now = [grant for grant in here if grant.schedule is None or grant.schedule.allows(case.at, case.snapshot.zone)]
    saw = {"levels": [level.name for level in levels], "here": len(here), "now": len(now)}
    if now:
        return Verdict(saw=saw)
    return Verdict("outside_schedule" if here else "no_access_here", saw=saw)


def _covers(grant: Grant, case: Case) -> bool:
    return (not grant.lanes or case.lane.id in grant.lanes) and grant.direction in ("both", case.presented.direction)
