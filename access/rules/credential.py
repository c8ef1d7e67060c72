"""The credential itself: one holder, active, inside its validity; and its holder likewise."""

from datetime import datetime

from access.case import Case, Verdict
from access.snapshot import Credential, Person


def credential(case: Case) -> Verdict:
    """Conclude where the credential or its holder cannot be used now."""
    found = case.match.credential
    if found is None:
        return Verdict("shared", saw={"holders": len(case.match.exact)})
    if found.person is None:
        return Verdict("no_holder", saw={"holder": None})
    for subject in (found, found.person):
        verdict = _usable(subject, case)
        if verdict.reason:
            return verdict
    return Verdict(saw={"status": found.status, "holder": str(found.person.id), "category": found.person.category})


def _usable(subject: Credential | Person, case: Case) -> Verdict:
    saw = {"status": subject.status, "from": _iso(subject.valid_from), "until": _iso(subject.valid_until)}
    if subject.status != "active":
        return Verdict("inactive", {"status": subject.status}, saw)
    if subject.valid_from is not None and case.at < subject.valid_from:
        return Verdict("not_yet_valid", {"from": _local(subject.valid_from, case)}, saw)
    if subject.valid_until is not None and case.at >= subject.valid_until:
        return Verdict("expired", {"until": _local(subject.valid_until, case)}, saw)
    return Verdict(saw=saw)


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def _local(moment: datetime, case: Case) -> str:
    return moment.astimezone(case.snapshot.zone).strftime("%Y-%m-%d %H:%M")
