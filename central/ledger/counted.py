"""What all gates together used of a visit, or let go out on a slip, and may not have; pure."""

from collections.abc import Sequence

from central.ledger.detect import ordered
from central.ledger.findings import Finding, Severity, told_by
from central.ledger.marks import Mark

THOUSANDTHS = 1000


def used_beyond(topic: str, marks: Sequence[Mark], allowed: int) -> Finding | None:
    """Return that a visit (`uses:`) was used more often than it allows, over all gates and epochs; None where it was not.

    A use that a gate gave back, because nobody passed on it, tells of nothing.
    """
    used = sum(one.number for one in marks)
    if used <= allowed:
        return None
    kept = _not_given_back(ordered(marks))
    facts = {"how": "visit", "used": used, "allowed": allowed}
    severity: Severity = "high" if len({one.gate for one in kept}) > 1 else "medium"
    return Finding("pass_used_twice", topic, topic, severity, told_by(kept), facts)


def _not_given_back(line: Sequence[Mark]) -> list[Mark]:
    kept: list[Mark] = []
    for one in line:
        if one.number > 0:
            kept.append(one)
        elif one.number < 0:
            of_epoch = [other for other in kept if (other.edge, other.epoch) == (one.edge, one.epoch)]
            given_back = of_epoch[one.number :]
            kept = [other for other in kept if other not in given_back]
    return kept


def released_beyond(topic: str, marks: Sequence[Mark], approved: int, at_office: int) -> Finding | None:
    """Return that more went out on a line of a slip (`released:`) than was approved, in thousandths of its unit.

    `at_office`: what the slip's own record has of it, beside what gates wrote.
    """
    released = at_office + sum(one.number for one in marks)
    if released <= approved or not marks:
        return None
    facts = {"how": "line", "line": topic.rpartition(":")[2], "released": _as_text(released), "approved": _as_text(approved)}
    if at_office:
        facts |= {"how": "line_and_office", "at_office": _as_text(at_office)}
    return Finding("over_released", topic, topic, "high", told_by(ordered(marks)), facts)


def _as_text(thousandths: int) -> str:
    return f"{thousandths / THOUSANDTHS:.3f}".rstrip("0").rstrip(".")
