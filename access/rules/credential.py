"""The credential itself: surely read, of one holder, active, inside its validity; and its holder likewise."""

from datetime import datetime

from access.case import PASSES, Case, Verdict
from access.obligations import Obligation
from access.on_record import Credential, Person
from access.plate import colours_of
from access.rules.leaving import OVERSTAYED, leaves_from_inside


def credential(case: Case) -> Verdict:
    """Conclude where a credential on record or its holder cannot be used now; what is not on record is left to the last rule.

    Who is on record as inside may leave when the time is up, and is asked about, not denied, when the credential is not active.
    """
    match = case.match
    if not match.exact:
        return Verdict(saw={"exact": 0})
    if case.adopted is None and not (case.presented.is_sure and _has_its_colour(case)):
        return Verdict("doubtful", saw={"confidence": case.presented.confidence}, obligations=(Obligation("read_again"),))
    if case.credential is None:
        return Verdict("shared", saw={"holders": len(match.exact)})
    if case.credential.person is None:
        return Verdict("no_holder", saw={"holders": 0})
    of_itself, of_holder = _judged(case.credential, case), _judged(case.credential.person, case)
    if of_itself.reason or of_holder.reason:
        return of_itself if of_itself.reason else of_holder
    saw = {"status": case.credential.status, "category": case.category}
    return Verdict(saw=saw, obligations=of_itself.obligations or of_holder.obligations)


def _has_its_colour(case: Case) -> bool:
    """Tell whether the colour seen, green or blue, is one that this kind of plate is made in; as to others cameras are unsure."""
    seen = case.presented.colour if case.presented.medium == "plate" else ""
    made = colours_of(case.presented.text) if seen in ("green", "blue") else frozenset()
    return not made or any(seen in colour for colour in made)


def is_usable(case: Case) -> bool:
    """Tell whether the one credential that was found, and its holder, are active and inside their validity."""
    found = case.credential
    subjects = (found, found.person) if found else (None,)
    return all(subject is not None and not _judged(subject, case).reason for subject in subjects)


def _judged(subject: Credential | Person, case: Case) -> Verdict:
    if subject.status == "active" and subject.valid_from is None and subject.valid_until is None:
        return PASSES
    saw = {"status": subject.status, "from": _iso(subject.valid_from), "until": _iso(subject.valid_until)}
    values = {"subject": (subject.name if isinstance(subject, Person) else "") or case.match.shown}
    if subject.status != "active":
        reason = "inactive_leaving" if leaves_from_inside(case) else "inactive"
        return Verdict(reason, values | {"status": subject.status}, saw)
    early = subject.valid_from is not None and case.at + case.skew < subject.valid_from
    late = subject.valid_until is not None and case.at - case.skew >= subject.valid_until
    if (early or late) and leaves_from_inside(case):
        return Verdict(saw=saw, obligations=OVERSTAYED)
    if subject.valid_from is not None and early:
        return Verdict("not_yet_valid", values | {"from": case.local(subject.valid_from)}, saw)
    if subject.valid_until is not None and late:
        return Verdict("expired", values | {"until": case.local(subject.valid_until)}, saw)
    return Verdict(saw=saw)


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
