"""Goods: the exit of a vehicle that may carry some waits for its slip, or for the guard's word that it carries nothing."""

from access.case import PASSES, Case, Verdict
from access.obligations import Obligation
from access.on_record import Slip
from access.passing import subject_of
from access.plate import shown

OPEN = frozenset({"approved", "held", "partly"})
_CHECK = (Obligation("check_goods"),)


def goods(case: Case) -> Verdict:
    """Refer a vehicle at the exit that is loading, a mover's, a contractor's, large, or named by a slip, until it is cleared."""
    if case.enters or case.lane.kind != "vehicle" or not _subjects(case):
        return PASSES
    slip, is_due = _slip(case)
    cause = next((cause for cause in case.lane.goods_checks if _applies(cause, case, is_due=is_due)), "")
    if not cause:
        return Verdict(saw={"cause": ""})
    cleared = _is_marked("cleared", case)
    saw = {"cause": cause, "slip": slip.number if slip else "", "cleared": cleared}
    if cleared:
        return Verdict(saw=saw)
    values = {"cause": cause, "shown": shown(case.plates[-1].text) if case.plates else case.match.shown}
    if slip is None:
        return Verdict("goods_check", values, saw, _CHECK)
    values["number"], since = slip.number, slip.window.valid_from
    if is_due or since is None:
        return Verdict("goods_slip", values, saw, _CHECK)
    return Verdict("goods_slip_early", values | {"from": case.local(since)}, saw, _CHECK)


def _slip(case: Case) -> tuple[Slip | None, bool]:
    """Return the slip that names a plate read here, and whether it is valid; else the next to come; (None, False) without one."""
    if "slip" not in case.lane.goods_checks:
        return None, False
    registered = [case.vehicle.shown] if case.vehicle else []  # another than was read, where a look-alike is let out
    plates = dict.fromkeys((*(plate.text for plate in case.plates), *registered))
    named = [slip for plate in plates for slip in case.snapshot.slips(plate) if slip.status in OPEN]
    due = next((slip for slip in named if slip.window.holds(case.at)), None)
    coming = (slip for slip in named if slip.window.valid_from and case.at < slip.window.valid_from)
    return due or next(coming, None), due is not None


def _subjects(case: Case) -> tuple[str, ...]:
    """Return by what names the presence may know the vehicle: by its plate, also behind a card, and by its holder."""
    earlier = [one.text for one in case.plates if one is not case.presented]
    found = [(text, case.snapshot.plate(text)) for text in earlier]
    vehicles = [subject_of(known[0] if known else None, text, case.snapshot) for text, known in found if len(known) < 2]
    if case.vehicle:  # which may have come in by its holder's card, and stand in the presence for the holder
        vehicles.append(str(case.vehicle.id))
    return tuple(filter(None, dict.fromkeys((*vehicles, case.subject))))


def _is_marked(mark: str, case: Case) -> bool:
    return any(case.known.value(f"{mark}:{subject}") is not None for subject in _subjects(case))


def _applies(cause: str, case: Case, *, is_due: bool) -> bool:
    match cause:
        case "loading":
            return _is_marked("loading", case)
        case "mover":
            return case.papers.visit is not None and case.papers.visit.category == "mover"
        case "contractor":
            return case.category == "contractor"
        case "large":
            return case.vehicle_class == "large"
        case _:
            return is_due
