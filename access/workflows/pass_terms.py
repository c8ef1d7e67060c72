"""What a contractor pass says."""

from dataclasses import dataclass
from datetime import datetime

from access.workflows.events import NEVER


@dataclass(frozen=True, slots=True)
class PassTerms:
    """What a pass says: one person (keyed hash of the ID, never the ID), firm (empty: none), units, dates, schedule of hours.

    `replaces`: the number of the lost pass that this one was made for.
    """

    number: str = ""
    permit: str = ""
    person: str = ""
    firm: str = ""
    responsible: str = ""
    trade: str = ""
    papers: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    valid_from: datetime = NEVER
    valid_until: datetime = NEVER
    schedule: str = ""
    leaves_anywhere: bool = False
    replaces: str = ""
