"""What is not on record: a look-alike is a question to the guard, a stranger goes by the lane's setting."""

from datetime import datetime

from access.case import Case, Verdict
from access.plate import shown


def unknown(case: Case) -> Verdict:
    """Refer a plate that resembles registered ones, or an unregistered one that was let in and leaves; else by the lane."""
    saw = {"exact": len(case.match.exact), "similar": [candidate.credential.shown for candidate in case.match.candidates]}
    if case.match.exact:
        return Verdict(saw=saw)
    if since := _inside_since(case):
        return Verdict("guest_leaving", {"since": case.local(since)}, saw)
    if case.match.candidates:
        return _similar(case, saw)
    return Verdict("unknown" if case.lane.unknown == "deny" else "unknown_refer", saw=saw)


def _inside_since(case: Case) -> datetime | None:
    """Return since when somebody who leaves is inside: as unregistered, or under a registration that is gone."""
    if case.enters:
        return None
    where = case.known.whereabouts(case.subject) if case.subject else None
    if where and where.zone:
        return where.since
    text = case.presented.text if case.presented.medium == "plate" else ""
    return next((since for _, plate, since in case.known.inside_alike(text) if plate == text), None)


def _similar(case: Case, saw: dict[str, object]) -> Verdict:
    near = case.match.candidates[0].credential
    if near.person is None:
        return Verdict("similar_no_holder", {"near": shown(near.shown)}, saw)
    return Verdict("similar", {"near": shown(near.shown), "holder": near.person.name, "unit": near.person.unit}, saw)
