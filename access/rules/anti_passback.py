"""Anti-passback: nobody comes in twice, nobody leaves who is not in, counted per zone across its lanes."""

from datetime import timedelta

from access.case import PASSES, Case, Verdict
from access.finding import nearest
from access.obligations import Obligation
from access.on_record import Zone
from access.passing import zones
from access.presence import OUTSIDE, SITE, Whereabouts

_NOTE = (Obligation("note_passed_back"),)


def anti_passback(case: Case) -> Verdict:
    """Conclude where the holder is not where they would have to be; one whom nobody has seen yet may pass, hard notes the exit.

    Whoever is in any other zone is not: a car in the garage within the yard does not come into the yard from the street.
    soft notes it; hard denies a card and asks about a plate (a clone? a missed exit?); timed is hard for minutes after entry.
    A card is asked about as well where somebody left meanwhile whom nobody could name, as by a manual opening. Several who come
    by one credential are counted by their visit instead.
    """
    zone = case.snapshot.zones.get(case.lane.inner_zone) if case.lane.inner_zone else None
    if zone is None or zone.anti_passback == "none" or not case.subject or _is_party(case):
        return PASSES
    where = case.known.whereabouts(case.subject)
    saw = {"anti_passback": zone.anti_passback, "zone": where.zone if where else None}
    origin, _ = zones(case.lane, case.presented.direction)
    if where is None:
        return Verdict(saw=saw, obligations=_NOTE if zone.anti_passback == "hard" and not case.enters else ())
    if where.zone in (origin, SITE):  # the site is around every zone
        return Verdict(saw=saw)
    return (_came_in_twice(case, zone, where) if case.enters else _never_came_in(case, zone, where))._replace(saw=saw)


def _is_party(case: Case) -> bool:
    return case.papers.visit is not None and case.papers.visit.party > 1


def _came_in_twice(case: Case, zone: Zone, where: Whereabouts) -> Verdict:
    over = zone.anti_passback == "timed" and case.at - where.since >= timedelta(minutes=zone.minutes)
    if zone.anti_passback == "soft" or over:
        return Verdict(obligations=_NOTE)
    values = {"since": case.local(where.since)}
    if case.presented.medium == "plate":
        return Verdict("inside_already", values)
    left = case.known.moment(f"left:{zone.id}")
    if left and left >= where.since:
        return Verdict("may_have_left", values | {"left": case.local(left)})
    return Verdict("passed_back", values)


def _never_came_in(case: Case, zone: Zone, where: Whereabouts) -> Verdict:
    if zone.anti_passback != "hard":
        return Verdict(obligations=_NOTE)
    if case.mover and case.mover.medium != "plate" and case.person and case.known.count(f"drove:{case.person.id}"):
        return Verdict(obligations=_NOTE)  # came in by the plate of their car
    near = nearest(case.presented, case.snapshot, case.known)
    if where.zone == OUTSIDE:
        return Verdict("exit_without_entry", candidates=near)
    other = next((one.name for one in case.snapshot.zones.values() if str(one.id) == where.zone), where.zone)
    return Verdict("exit_from_elsewhere", {"where": other, "since": case.local(where.since)}, candidates=near)
