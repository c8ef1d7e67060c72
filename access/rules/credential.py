"""The credential itself: surely read, of one holder, active, inside its validity; and its holder likewise."""

from datetime import datetime

from access.case import Case, Verdict
from access.obligations import Obligation
from access.on_record import Credential, Person


def credential(case: Case) -> Verdict:
    """Conclude where a credential on record or its holder cannot be used now; what is not on record is left to the last rule."""
    match = case.match
    if not match.exact:
        return Verdict(saw={"exact": 0})
    if case.adopted is None and not case.presented.is_sure:
        return Verdict("doubtful", saw={"confidence": case.presented.confidence}, obligations=(Obligation("read_again"),))
    if match.credential is None:
        return Verdict("shared", saw={"holders": len(match.exact)})
    if match.credential.person is None:
        return Verdict("no_holder", saw={"holder": None})
    for subject in (match.credential, match.credential.person):
        verdict = _unusable(subject, case)
        if verdict.reason:
            return verdict
    return Verdict(saw={"status": match.credential.status, "category": case.category})


def is_usable(case: Case) -> bool:
    """Tell whether the one credential that was found, and its holder, are active and inside their validity."""
    found = case.match.credential
    subjects = (found, found.person) if found else (None,)
    return all(subject is not None and not _unusable(subject, case).reason for subject in subjects)


def _unusable(subject: Credential | Person, case: Case) -> Verdict:
    saw = {"status": subject.status, "from": _iso(subject.valid_from), "until": _iso(subject.valid_until)}
    if subject.status != "active":
        return Verdict("inactive", {"status": subject.status}, saw)
    if subject.valid_from is not None and case.at < subject.valid_from:
        return Verdict("not_yet_valid", {"from": case.local(subject.valid_from)}, saw)
    if subject.valid_until is not None and case.at >= subject.valid_until:
        return Verdict("expired", {"until": case.local(subject.valid_until)}, saw)
    return Verdict(saw=saw)


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
