"""Room: the parking spaces of a household or company, and the capacity of a zone."""

from access.case import PASSES, Case, Verdict
from access.obligations import Obligation
from access.passing import SMALL

_FULL = {"refer": "quota_full_refer", "deny": "quota_full", "wait": "quota_wait"}
_ZONE_FULL = {"refer": "zone_full_refer", "deny": "zone_full"}


def quota(case: Case) -> Verdict:
    """Conclude where a vehicle would come in for which there is no space, first of its household, then in the zone.

    Two and three wheels take none. One that is on the site has a space of its household, one that is in the zone has room there.
    """
    if case.lane.kind != "vehicle" or not case.enters or case.vehicle_class in SMALL:
        return PASSES
    where = case.known.whereabouts(case.subject) if case.subject else None
    household = Verdict(saw={"inside": True}) if where and where.zone else _of_household(case)
    if household.reason or (where and where.zone == case.lane.inner):
        return household
    return _of_zone(case, household)


def _of_household(case: Case) -> Verdict:
    person = case.person
    rented = case.snapshot.quota(person.quota) if person and person.quota else None
    if rented is None:
        return PASSES
    inside, spaces = case.known.count(f"quota:{rented.id}"), rented.in_force(case.at)
    saw = {"inside": inside, "spaces": spaces}
    if inside < spaces:
        return Verdict(saw=saw)
    obligations = (Obligation("decide_again"),) if rented.over == "wait" else ()
    return Verdict(_FULL[rented.over], {"quota": rented.name, **saw}, saw, obligations)


def _of_zone(case: Case, before: Verdict) -> Verdict:
    zone = case.snapshot.zones.get(case.lane.inner_zone) if case.lane.inner_zone else None
    if zone is None or zone.capacity is None:
        return before
    inside = case.known.count(f"zone:{case.lane.inner}")
    saw = {**before.saw, "zone_inside": inside, "capacity": zone.capacity}
    if inside < zone.capacity:
        return Verdict(saw=saw)
    return Verdict(_ZONE_FULL[zone.full], {"zone": zone.name, "inside": inside, "capacity": zone.capacity}, saw)
