"""Signed passes: whether a code is the registry's, and what it says by itself where the registry has told this gate no more."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from access.case import PASSES, Case, Verdict
from access.codes import SLIP, is_alone
from access.obligations import Obligation
from access.passes import DUPLICATE, SKEW_S, TURN_S, Line, Pass, Shown, gate_tag
from access.plate import shown
from access.rules.leaving import leaves_from_inside

TURNS_OLD_MAX = 2  # how many turns of a phone's code its clock and the gate's may be apart
_THOUSANDTHS = 1000
# Whoever shows such a code is not turned away for it, or is so on either side of the arm; all others are asked about at an exit.
_AS_IT_IS = frozenset({"forged", "algorithm", "unknown_key"})


def signed_code(case: Case) -> Verdict:
    """Conclude where a code is none of the registry's, may not be used so, here or now, or opens nothing by itself.

    What is on record of its visit or pass counts more than what it says, and is left to the other rules. Who leaves is asked
    about where they would be turned away coming in; nobody on record as inside is held up by its window or gates, goods are.
    """
    code = case.presented.code
    if code is None:
        return PASSES
    distrusted = case.known.value("clock")
    saw = {"kid": code.kid.hex(), "clock": distrusted or "trusted", **_said(code)}
    if code.says is None:
        return _faulty(case, code.fault)._replace(saw=saw)
    concluded = next(_objections(case, code, code.says, is_distrusted=distrusted is not None), None)
    if concluded:
        return concluded._replace(values={**_values(case, code.says), **concluded.values}, saw=saw)
    noted = (("known_by_code", is_alone(case.credential, code)), ("note_clock", distrusted is not None))
    return Verdict(saw=saw, obligations=tuple(Obligation(due) for due, applies in noted if applies))


def _said(code: Shown) -> Mapping[str, Any]:
    if code.says is None:
        return {"fault": code.fault}
    return {"code": code.says.kind, "part": code.says.part, "until": _moment(code.says.valid_until).isoformat()}


def _faulty(case: Case, fault: str) -> Verdict:
    if fault not in _AS_IT_IS:
        return _turned_away(case, fault)
    return Verdict(f"code_{fault}", obligations=(Obligation("raise_alarm"),) if fault == "forged" else ())


def _turned_away(case: Case, fault: str) -> Verdict:
    """Deny who comes in; nobody is kept inside for a code, so of who leaves the guard is asked."""
    return Verdict(f"code_{fault}") if case.enters else Verdict("code_leaving", {"fault": fault})


def _objections(case: Case, code: Shown, says: Pass, *, is_distrusted: bool) -> Iterator[Verdict]:
    if says.part == DUPLICATE:
        yield _turned_away(case, "wrong_part")
    if says.turns and is_distrusted:
        yield Verdict("code_clock")
    elif says.turns and _is_stale(case, code):
        yield _turned_away(case, "stale")
    is_on_record = bool(case.match.exact) and not case.papers.by_code
    if is_on_record and _is_gone(case):
        yield _turned_away(case, "gone")
    # What may leave with whoever is inside is another matter than whether they may.
    if not is_on_record and (says.kind == SLIP or not leaves_from_inside(case)):
        yield from _not_here_and_now(case, says)
    other = _other_plate(case, says)
    if says.kind == SLIP:
        yield Verdict("code_slip_other" if other else "code_slip", {"plate": other}, obligations=_goods(case))
    elif not case.match.exact:
        yield Verdict("code_pass_only")
    elif other:
        yield Verdict("code_other_plate", {"plate": other})


def _is_stale(case: Case, code: Shown) -> bool:
    """Tell whether a phone did not make this just now: a picture of one that turns is old soon, and what never turned is one."""
    now = int(case.at.timestamp()) // TURN_S * TURN_S
    return code.turned == 0 or abs(now - code.turned) > TURNS_OLD_MAX * TURN_S


def _is_gone(case: Case) -> bool:
    """Tell whether a code counts by itself, but its visit or pass is not on record any more."""
    found, papers = case.credential, case.papers
    in_use = found is not None and found.person is not None and found.status == found.person.status == "active"
    return in_use and papers.visit is None and papers.contractor_pass is None


def _not_here_and_now(case: Case, says: Pass) -> Iterator[Verdict]:
    at = case.at.timestamp()
    if at + SKEW_S < says.valid_from:
        yield _turned_away(case, "not_yet")
    if at - SKEW_S >= says.valid_until:
        yield _turned_away(case, "expired")
    if says.gates and (case.lane.gate is None or gate_tag(case.lane.gate) not in says.gates):
        yield _turned_away(case, "elsewhere")


def _other_plate(case: Case, says: Pass) -> str:
    """Return the plate that was surely read here, where the code names vehicles and not this one; else ""."""
    sure = next((one.text for one in reversed(case.plates) if one.is_sure), "")
    is_named = not says.vehicles or not sure or case.snapshot.vehicle_tag(sure) in says.vehicles
    return "" if is_named else shown(sure)


def _goods(case: Case) -> tuple[Obligation, ...]:
    return () if case.enters else (Obligation("check_goods"),)


def _values(case: Case, says: Pass) -> Mapping[str, Any]:
    since, until = case.local(_moment(says.valid_from)), case.local(_moment(says.valid_until))
    carried = "; ".join(map(_line, says.lines))
    return {"code": says.kind, "number": says.number, "from": since, "until": until, "lines": carried and f"({carried})"}


def _line(line: Line) -> str:
    return f"{line.item} {line.quantity / _THOUSANDTHS:g} {line.unit}"


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
