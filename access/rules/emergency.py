"""Emergency vehicles (fire, ambulance, police) and law-enforcement officers: a class of their own, granted or asked at once."""

from access.case import Case, Verdict
from access.rules.block_list import blocks
from access.rules.credential import is_usable
from access.rules.list_age import is_old
from access.rules.rescue import answers_calls, rescue_kind, rescues


def emergency(case: Case) -> Verdict:
    """Grant or refer, as the lane is set, who comes in an emergency; before any rule that asks for hours, levels or quotas.

    Registered ones by their holder's category; others by the kind of plate, which by default only refers: plates are copied. A
    vehicle that is doubtfully read, blocked, or not in force on record is asked about, and never sent away; nor is anybody of
    them by an old list, which may be what is wrong.
    """
    if not answers_calls(case):
        return Verdict(saw={"category": case.category})
    usable = case.credential is None or is_usable(case)
    saw = {"category": case.category, "plate_kind": rescue_kind(case), "usable": usable}
    may_be_asked = usable or is_old(case, case.category or "emergency") or (rescues(case) and case.presented.medium == "plate")
    if not may_be_asked:
        return Verdict(saw=saw)  # of a card that is not in force, or an officer, the next rule says why
    granted = _setting(case) == "grant" and usable and case.presented.is_sure and not any(blocks(case))
    kind = "emergency" if rescues(case) else "officer"
    return Verdict(f"{kind}_ok" if granted else f"{kind}_refer", saw=saw)


def _setting(case: Case) -> str:
    if case.category == "officer":
        return case.lane.officers
    return case.lane.emergency if case.category == "emergency" else case.lane.emergency_plates
