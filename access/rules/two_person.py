"""More than one person: first-person-in, the two-person rule, escort."""

from access.case import PASSES, Case, Verdict
from access.obligations import Obligation

GUESTS = frozenset({"visitor", "contractor"})


def two_person(case: Case) -> Verdict:
    """Deny until the first person of the day has come in; deny, and wait, until a second person or an escort is there."""
    person = case.person
    if person is None:
        return PASSES
    if case.lane.first_person and case.enters and not person.first_person and not _first_is_in(case):
        return Verdict("first_person_missing", saw={"first_person": False})
    window = {"seconds": case.lane.factor_window_s}
    if not case.lane.two_person and not person.escorted:
        return _brings(case)
    others = [who for who in (other.credential.person for other in case.companions()) if who and who.id != person.id]
    saw = {"others": len(others)}
    if case.lane.two_person and not others:
        return Verdict("person_awaited", {}, saw, (Obligation("await_person", window),))
    if person.escorted and not any(who.category not in GUESTS for who in others):
        return Verdict("escort_awaited", {}, saw, (Obligation("await_escort", window),))
    return Verdict(saw=saw)


def _brings(case: Case) -> Verdict:
    """Note whom an escort brings: the guests who presented before and wait for one."""
    if not case.presented.earlier or case.category in GUESTS:
        return PASSES
    guests = [other for other in case.companions() if other.credential.person and other.credential.person.escorted]
    return Verdict(saw={"guests": len(guests)})


def _first_is_in(case: Case) -> bool:
    """Tell whether a first person came in through this lane today, on the site's calendar."""
    since = case.known.moment(f"first:{case.lane.id}")
    zone = case.snapshot.zone
    return since is not None and since.astimezone(zone).date() == case.at.astimezone(zone).date()
