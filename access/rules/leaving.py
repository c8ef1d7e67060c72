"""What rules about time have in common: nobody is kept inside because a time is up."""

from access.case import Case
from access.obligations import Obligation

OVERSTAYED = (Obligation("note_overstay"),)


def leaves_from_inside(case: Case) -> bool:
    """Tell whether somebody who is on record as inside goes out: by where they are, a vehicle or party of theirs, or a duplicate.

    Where a lane asks for a plate too and none was read yet, nobody knows who leaves: the plate will tell.
    """
    if case.enters:
        return False
    where = case.known.whereabouts(case.subject) if case.subject else None
    if where is not None and where.zone:
        return True
    if case.person and case.known.count(f"drove:{case.person.id}"):
        return True
    if any(case.known.count(f"party:{visit.id}") for visit in case.papers.visits):
        return True
    if any(case.known.held_since(str(one.id)) for one in case.papers.passes):
        return True
    return "plate" in case.lane.factors and not case.plates
