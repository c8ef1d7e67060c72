"""Two factors: a lane may ask for plate and card, plate and code, or card and code, within a window."""

from access.case import PASSES, Case, Verdict
from access.obligations import Obligation


def two_factor(case: Case) -> Verdict:
    """Deny, and wait, until both factors of one holder or one unit were presented; refer where their holders differ."""
    found = case.credential
    if case.lane.factors == "any" or found is None:
        return PASSES
    needed = case.lane.factors.split("+")
    missing = [medium for medium in needed if medium != case.presented.medium]
    if len(missing) == len(needed):
        return _awaited(case, needed[0])
    others = [other.credential for other in case.companions() if other.medium == missing[0]]
    if not others:
        return _awaited(case, missing[0])
    agree = any(found.belongs_with(other) for other in others)
    return Verdict("" if agree else "factors_differ", saw={"factors": case.lane.factors, "agree": agree})


def _awaited(case: Case, missing: str) -> Verdict:
    waits = Obligation("await_factor", {"missing": missing, "seconds": case.lane.factor_window_s})
    return Verdict("factor_awaited", {"missing": missing}, {"factors": case.lane.factors, "missing": missing}, (waits,))
