"""Emergency vehicles (fire, ambulance, police) and law-enforcement officers: a class of their own, granted or asked at once."""

from access.case import Case, Verdict
from access.plate import kind_of
from access.rules.credential import is_usable

RESCUE_KINDS = frozenset({"emergency", "police", "armed-police"})


def emergency(case: Case) -> Verdict:
    """Grant or refer, as the lane is set, who comes in an emergency; before any rule that asks for hours, levels or quotas.

    Registered ones by their holder's category; others by the kind of plate, which by default only refers: plates are copied.
    """
    saw = {"category": case.category, "plate_kind": _rescue_kind(case)}
    if not rescues(case) and case.category != "officer":
        return Verdict(saw=saw)
    if case.match.credential and not is_usable(case):
        return Verdict(saw=saw | {"usable": False})  # the next rule says why
    if case.category == "officer":
        return Verdict("officer_ok" if case.lane.officers == "grant" and case.presented.is_sure else "officer_refer", saw=saw)
    setting = case.lane.emergency if case.category == "emergency" else case.lane.emergency_plates
    return Verdict("emergency_ok" if setting == "grant" and case.presented.is_sure else "emergency_refer", saw=saw)


def rescues(case: Case) -> bool:
    """Tell whether this is a fire, ambulance or police vehicle (or its crew): registered as such, or by the kind of its plate."""
    return case.category == "emergency" or (not case.match.exact and bool(_rescue_kind(case)))


def _rescue_kind(case: Case) -> str:
    kind = kind_of(case.presented.text) if case.presented.medium == "plate" else ""
    return kind if kind in RESCUE_KINDS else ""
