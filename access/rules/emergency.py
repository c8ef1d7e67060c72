"""Emergency vehicles (fire, ambulance, police) and law-enforcement officers: a class of their own, granted or asked at once."""

from access.case import Case, Verdict
from access.rules.block_list import blocks
from access.rules.credential import is_usable
from access.rules.rescue import rescue_kind, rescues


def emergency(case: Case) -> Verdict:
    """Grant or refer, as the lane is set, who comes in an emergency; before any rule that asks for hours, levels or quotas.

    Registered ones by their holder's category; others by the kind of plate, which by default only refers: plates are copied. A
    vehicle that is doubtfully read, blocked, or not in force on record is asked about, and never sent away.
    """
    if case.category != "officer" and not rescues(case):
        return Verdict(saw={"category": case.category})
    usable = case.credential is None or is_usable(case)
    saw = {"category": case.category, "plate_kind": rescue_kind(case), "usable": usable}
    if case.category == "officer" and usable:
        return Verdict("officer_ok" if case.lane.officers == "grant" and case.presented.is_sure else "officer_refer", saw=saw)
    if not rescues(case) or not (usable or case.presented.medium == "plate"):
        return Verdict(saw=saw)  # of a card that is not in force, the next rule says why
    setting = case.lane.emergency if case.category == "emergency" else case.lane.emergency_plates
    beyond_doubt = usable and case.presented.is_sure and not any(blocks(case))
    return Verdict("emergency_ok" if setting == "grant" and beyond_doubt else "emergency_refer", saw=saw)
