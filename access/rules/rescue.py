"""Who comes in an emergency: fire, ambulance, police."""

from access.case import Case
from access.plate import kind_of

RESCUE_KINDS = frozenset({"emergency", "police", "armed-police"})
# The categories of holders who answer calls: the rule of emergencies lets them through or asks, on a list of any age.
ANSWERING_CALLS = frozenset({"emergency", "officer"})


def rescues(case: Case) -> bool:
    """Tell whether this is such a vehicle, or its crew: by its holder's category, without a holder by the kind of plate."""
    return case.category == "emergency" or (not case.category and bool(rescue_kind(case)))


def answers_calls(case: Case) -> bool:
    """Tell whether this is one whom a stale list or a closed lane must not turn away: a rescue, or an officer."""
    return case.category == "officer" or rescues(case)


def rescue_kind(case: Case) -> str:
    """Name the kind of plate where it is one of theirs, else ""."""
    kind = kind_of(case.presented.text) if case.presented.medium == "plate" else ""
    return kind if kind in RESCUE_KINDS else ""
