"""The classes of vehicle that a lane is for."""

from access.case import Case, Verdict
from access.words import VEHICLE_CLASSES

APART = ({"car", "large"}, {"motorcycle", "tricycle"}, {"bicycle"})  # cameras tell these groups apart, and little more


def vehicle_class(case: Case) -> Verdict:
    """Deny a class that the lane is not for; ask where another kind of vehicle was seen than the plate is registered for."""
    seen, found = (code if code in VEHICLE_CLASSES else "" for code in (case.presented.vehicle_class, case.vehicle_class))
    saw = {"vehicle_class": found, "seen_class": seen}
    if found and case.lane.classes and found not in case.lane.classes:
        return Verdict("class_not_here", {"vehicle_class": found}, saw)
    if found and seen and not any({found, seen} <= group for group in APART):
        return Verdict("class_differs", {"vehicle_class": found, "seen_class": seen}, saw)
    return Verdict(saw=saw)
