"""The holder's access levels: this lane, this direction, this hour."""

from access.case import PASSES, Case, Verdict
from access.on_record import Grant, Level
from access.presence import OUTSIDE
from access.rules.leaving import OVERSTAYED, leaves_from_inside


def access_level(case: Case) -> Verdict:
    """Deny where no level of the holder opens this lane in this direction, or none does at this hour.

    Visitors with a visit and contractors with a pass go by those instead. Who is on record as inside may leave after hours, and
    is asked about where no exit is theirs any more.
    """
    if case.credential is None or case.papers.visits or case.papers.passes:
        return PASSES
    person = case.credential.person
    levels = person.levels if person else ()
    here = [grant for level in levels for grant in level.grants if _covers(grant, case)]
    now = [grant for grant in here if _allows(grant, case)]
    saw = {"levels": [level.name for level in levels], "here": len(here), "now": len(now)}
    if now:
        return Verdict(saw=saw)
    if here and leaves_from_inside(case):
        return Verdict(saw=saw, obligations=OVERSTAYED)
    if not case.enters and not _has_a_way_out(levels, case) and leaves_from_inside(case):
        return Verdict("no_access_leaving", saw=saw)
    return Verdict("outside_schedule" if here else "no_access_here", saw=saw)


def _has_a_way_out(levels: tuple[Level, ...], case: Case) -> bool:
    exits = {lane.id for lane in case.snapshot.lanes.values() if lane.direction != "in" and lane.outer == OUTSIDE}
    grants = [grant for level in levels for grant in level.grants if grant.direction != "in"]
    return any(not grant.lanes or grant.lanes & exits for grant in grants)


def _covers(grant: Grant, case: Case) -> bool:
    return (not grant.lanes or case.lane.id in grant.lanes) and grant.direction in ("both", case.presented.direction)


def _allows(grant: Grant, case: Case) -> bool:
    return grant.schedule is None or grant.schedule.allows(case.at, case.snapshot.zone, case.snapshot.special_days)
