"""What is not on record: a look-alike is a question to the guard, a stranger goes by the lane's setting."""

from access.case import Case, Verdict
from access.plate import shown


def unknown(case: Case) -> Verdict:
    """Refer a plate that resembles registered ones, or one that is inside; refer or deny what resembles nothing."""
    saw = {"exact": len(case.match.exact), "similar": [candidate.credential.shown for candidate in case.match.candidates]}
    if case.match.exact:
        return Verdict(saw=saw)
    if case.match.candidates:
        near = case.match.candidates[0].credential
        person = near.person
        values = {"near": shown(near.shown), "holder": person.name if person else "", "unit": person.unit if person else ""}
        return Verdict("similar", values, saw)
    return Verdict("unknown" if case.lane.unknown == "deny" else "unknown_refer", saw=saw)
