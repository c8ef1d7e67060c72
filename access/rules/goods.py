"""Goods: the exit of a vehicle that may carry some waits for its slip, or for the guard's word that it carries nothing."""

from access.case import Case, Verdict
from access.obligations import Obligation
from access.on_record import Slip
from access.passing import chosen_visit

OPEN = frozenset({"approved", "held", "partly"})
_CHECK = (Obligation("check_goods"),)


def goods(case: Case) -> Verdict:
    """Refer a vehicle at the exit that is loading, a mover's, a contractor's, large, or named by a slip, until it is cleared."""
    if case.enters or case.lane.kind != "vehicle" or not case.subject:
        return Verdict()
    slip = _slip(case)
    cause = next((cause for cause in case.lane.goods_checks if _applies(cause, case, slip)), "")
    if not cause:
        return Verdict(saw={"cause": ""})
    cleared = case.known.value(f"cleared:{case.subject}") is not None
    saw = {"cause": cause, "slip": slip.number if slip else "", "cleared": cleared}
    if cleared:
        return Verdict(saw=saw)
    if slip is not None:
        return Verdict("goods_slip", {"number": slip.number}, saw, _CHECK)
    return Verdict("goods_check", {"cause": cause}, saw, _CHECK)


def _slip(case: Case) -> Slip | None:
    """Return the first slip that names this plate and is not used up."""
    if case.presented.medium != "plate" or "slip" not in case.lane.goods_checks:
        return None
    named = case.snapshot.slips(case.presented.text)
    return next((slip for slip in named if slip.status in OPEN and slip.window.holds(case.at)), None)


def _applies(cause: str, case: Case, slip: Slip | None) -> bool:
    match cause:
        case "loading":
            return case.known.value(f"loading:{case.subject}") is not None
        case "mover":
            found = chosen_visit(case.visits, case.lane, case.at)
            return found is not None and found.category == "mover"
        case "contractor":
            return case.category == "contractor"
        case "large":
            return case.vehicle_class == "large"
        case _:
            return slip is not None
