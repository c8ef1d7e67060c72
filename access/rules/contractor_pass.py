"""Contractor passes: a permit in force, its hours, one person one pass; the duplicate lies at a post while its holder is in."""

from collections.abc import Iterator

from access.case import PASSES, Case, Verdict
from access.claims import is_counted
from access.obligations import Obligation
from access.on_record import PERMIT_IN_FORCE, ContractorPass, Permit
from access.passing import hangs_elsewhere, lane_held_at
from access.presence import OUTSIDE
from access.rules.leaving import OVERSTAYED


def contractor_pass(case: Case) -> Verdict:
    """Judge a contractor by their pass and its permit; nobody is kept inside because time is up, that is noted.

    The duplicate is taken in on the way onto the site and given back on the way off it; between its zones it stays where it is.
    """
    found = case.papers.contractor_pass
    if found is None:
        return PASSES
    permit = case.snapshot.permit(found.permit)
    held = next((one for one in (found, *case.papers.passes) if case.known.held_since(str(one.id))), None)
    since = case.known.held_since(str(held.id)) if held else None
    values = {"number": found.number, "permit": permit.number if permit else "", "since": case.local(since) if since else ""}
    passing = _passing(case, found, permit, held)
    checks = _entering(case, found, permit, held) if case.enters else _leaving(case, held, passing)
    verdict = next((verdict for verdict in checks if verdict.reason), None) or passing
    saw = {"pass": found.number, "permit": values["permit"], "duplicate_held": since is not None}
    return Verdict(verdict.reason, {**values, **verdict.values}, saw, verdict.obligations)


def _entering(case: Case, found: ContractorPass, permit: Permit | None, held: ContractorPass | None) -> Iterator[Verdict]:
    yield _of_pass(case, found)
    if permit is None or not _is_in_force(permit, case):
        yield Verdict("permit_not_in_force")
    else:
        yield from _under_permit(case, found, permit, held)


def _under_permit(case: Case, found: ContractorPass, permit: Permit, held: ContractorPass | None) -> Iterator[Verdict]:
    if permit.violation:
        yield Verdict("permit_violation", {"violation": permit.violation})
    if not set(found.units) <= set(permit.units):
        yield Verdict("pass_unit")
    if _is_off_hours(case, permit):
        yield Verdict("pass_hours")
    if sum(other.status == "active" and other.window.holds(case.at) for other in case.papers.passes) > 1:
        yield Verdict("pass_double")
    if case.lane.outer != OUTSIDE:
        return
    claimed = held is not None and _is_claimed(case, held)
    if held is not None and not claimed:
        yield Verdict("pass_inside", {"number": held.number})
    moved = next((one for one in (found, *case.papers.passes) if case.known.value(f"transfer:{one.id}") is not None), None)
    if moved is not None:
        yield Verdict("pass_transfer", {"number": moved.number})
    inside = case.known.count(f"permit:{permit.id}") - claimed if permit.workers_max is not None else 0
    if permit.workers_max is not None and inside >= permit.workers_max:
        yield Verdict("permit_full", {"inside": inside, "workers": permit.workers_max})


def _is_claimed(case: Case, held: ContractorPass) -> bool:
    """Tell whether it is held only by this very claim: its home gate has said yes, and counted it as handed in here."""
    value = case.known.value(f"held:{held.id}")
    is_here = isinstance(value, list) and value[:1] == [case.lane.name_in_facts]
    return is_here and is_counted(case.known, held, case.presented.direction, case.lane, case.snapshot)


def _of_pass(case: Case, found: ContractorPass) -> Verdict:
    since, until = found.window.valid_from, found.window.valid_until
    if found.status != "active":
        return Verdict("pass_inactive", {"status": found.status})
    if found.lanes and case.lane.id not in found.lanes:
        return Verdict("pass_elsewhere")
    if since is not None and case.at + case.skew < since:
        return Verdict("pass_not_yet", {"from": case.local(since)})
    if until is not None and case.at - case.skew >= until:
        return Verdict("pass_expired", {"until": case.local(until)}, obligations=(_about("confiscate_pass", found),))
    return PASSES


def _leaving(case: Case, held: ContractorPass | None, passing: Verdict) -> Iterator[Verdict]:
    """Have the guard asked about who never came in, and about who is to leave elsewhere; with what is due where they leave."""
    if case.lane.outer != OUTSIDE:
        return
    if held is None:
        yield Verdict("pass_outside")
    elif not held.leaves_anywhere and _is_elsewhere(case, held):
        yield Verdict("pass_other_gate", {"number": held.number}, obligations=passing.obligations)


def _passing(case: Case, found: ContractorPass, permit: Permit | None, held: ContractorPass | None) -> Verdict:
    """Take the duplicate in, or give it back; on the way out an original that is not in force stays here instead.

    A duplicate that hangs at another gate's post nobody can give back here: it is to be brought over.
    """
    if case.lane.outer != OUTSIDE:
        return PASSES
    if case.enters:
        return Verdict(obligations=(_about("take_duplicate", found),))
    in_force = found.status == "active" and found.window.holds(case.at)
    given_back = "fetch_duplicate" if held is not None and _is_elsewhere(case, held) else "return_duplicate"
    due = (_about(given_back if in_force else "confiscate_pass", found),)
    in_time = in_force and permit is not None and _is_in_force(permit, case) and not _is_off_hours(case, permit)
    return Verdict(obligations=due if in_time else (*due, *OVERSTAYED))


def _is_elsewhere(case: Case, held: ContractorPass) -> bool:
    lane = lane_held_at(case.known.value(f"held:{held.id}"))
    return hangs_elsewhere(lane, case.snapshot.lanes_in_facts) if lane else False


def _about(code: str, found: ContractorPass) -> Obligation:
    return Obligation(code, {"number": found.number})


def _is_in_force(permit: Permit, case: Case) -> bool:
    return permit.status in PERMIT_IN_FORCE and permit.window.holds(case.at)


def _is_off_hours(case: Case, permit: Permit) -> bool:
    hours = permit.schedule
    return hours is not None and not hours.allows(case.at, case.snapshot.zone, case.snapshot.special_days)
