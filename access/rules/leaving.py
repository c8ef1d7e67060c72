"""What rules about time have in common: nobody is kept inside because a time is up."""

from access.case import Case
from access.obligations import Obligation

OVERSTAYED = (Obligation("note_overstay"),)


def leaves_from_inside(case: Case) -> bool:
    """Tell whether somebody who is on record as inside goes out."""
    where = case.known.whereabouts(case.subject) if case.subject and not case.enters else None
    return where is not None and bool(where.zone)
