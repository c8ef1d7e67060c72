"""Room: the parking spaces of a household or company, and the capacity of a zone."""

from access.case import PASSES, Case, Verdict
from access.obligations import Obligation
from access.passing import SMALL
from access.presence import OUTSIDE

_FULL = {"refer": "quota_full_refer", "deny": "quota_full", "wait": "quota_wait"}
_ZONE_FULL = {"refer": "zone_full_refer", "deny": "zone_full"}


def quota(case: Case) -> Verdict:
    """Conclude where a vehicle would come in for which there is no space, first of its household, then in the zone.

    Two and three wheels take none. One that is on the site has a space of its household, one that is in the zone has room there.
    The household is that of whose vehicle passes, not of who rides along. Between the zones of a site a card alone tells too
    little to ask for one: the car may be inside by its plate.
    """
    if case.lane.kind != "vehicle" or not case.enters or case.vehicle_class in SMALL:
        return PASSES
    zone = _stands_in(case)
    household = Verdict(saw={"inside": True}) if zone else _of_household(case)
    if household.reason or zone == case.lane.inner:
        return household
    return _of_zone(case, household)


def _stands_in(case: Case) -> str:
    """Return in which zone the vehicle is on record, "" where it is in none; who is there on foot has none there."""
    subject = str(case.beside.id) if case.beside else case.subject
    where = case.known.whereabouts(subject) if subject else None
    return where.zone if where and not (_comes_by_card(case) and case.known.value(f"car:{subject}") is None) else ""


def _comes_by_card(case: Case) -> bool:
    """Tell whether nothing is known of the vehicle but whose card was shown."""
    return case.beside is None and case.mover is not None and case.mover.medium != "plate"


def _of_household(case: Case) -> Verdict:
    vehicle = case.beside or case.mover
    person = vehicle.person if vehicle else None
    rented = case.snapshot.quota(person.quota) if person and person.quota else None
    if rented is None or (case.lane.outer != OUTSIDE and _comes_by_card(case)):
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
