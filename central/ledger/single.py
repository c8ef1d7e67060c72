"""What one entry alone, or one beside a few others, contradicts: clocks, openings, revocations, a neighbour's word; pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from access.immutable import immutable
from access.sealing import Opened
from central.ledger.findings import Finding, told_by
from central.ledger.marks import CLOCK_OFF_US, END_US, SECOND_US, Mark, Spot, mark

MS_US: Final = 1000
CONFIRMED: Final = "rules"


# --- clocks ---------------------------------------------------------------------------------------


def clock_judged(opened: Opened, spot: Spot) -> Finding | None:
    """Return that a gate found its clock off, or set, by more than five minutes."""
    offset, jump = (opened.fields.get(name, 0) for name in ("offset_ms", "jump_ms"))
    if not isinstance(offset, int) or not isinstance(jump, int) or max(abs(offset), abs(jump)) * MS_US <= CLOCK_OFF_US:
        return None
    offset, jump = (min(max(each, -END_US), END_US) for each in (offset, jump))
    topic = f"clock:{opened.edge}:{opened.epoch}"
    how, by_ms = ("jumped", jump) if abs(jump) >= abs(offset) else ("off", offset)
    facts = {"how": how, "seconds": by_ms // 1000, "source": str(opened.fields.get("source", ""))[:40]}
    return Finding("clock_disagreement", f"{topic}:{opened.id.hex}", "", "medium", (mark(opened, spot, topic),), facts)


def clock_faults(topic: str, marks: Sequence[Mark]) -> list[Finding]:
    """Return for an epoch (`clock:`) that its times cannot be: the first of each fault stands for those behind it."""
    found = []
    for fault in ("ahead", "back"):
        one = min((each for each in marks if each.what.get("fault") == fault), key=lambda each: each.seq, default=None)
        if one is not None:
            facts = {"how": fault, "seconds": int(one.what.get("by_us", 0)) // SECOND_US}
            found.append(Finding("clock_disagreement", f"{topic}:{fault}", topic, "medium", (one,), facts))
    return found


# --- openings -------------------------------------------------------------------------------------


def opened_unwritten(topic: str, marks: Sequence[Mark]) -> Finding:
    """Return that something moved before it was written (`open:`), by all entries that tell of it."""
    how = "confirmed_late" if any(one.what.get("how") == "confirmed_late" for one in marks) else "uncommitted"
    first_to_last = sorted(marks, key=lambda one: (one.at_us, one.place))
    return Finding("uncommitted_opening", topic, topic, "medium", told_by(first_to_last), {"how": how})


def opened_before_gap(topic: str, gap: Mark, opening: Mark) -> Finding:
    """Return that what followed an opening is lost: whether and by whom it was passed nobody knows."""
    facts = {"how": "gap", **{name: gap.what.get(name, 0) for name in ("first", "last", "count")}}
    return Finding("uncommitted_opening", f"{topic}:{gap.what.get('first')}", topic, "high", (opening, gap), facts)


# --- revocations ----------------------------------------------------------------------------------


@immutable
class Withdrawn:
    """Something that was to open no more: the kind of record, its status, since when, and with which revision of the rules."""

    kind: str
    status: str
    since_us: int
    revision: int


def admitted(opened: Opened, spot: Spot, withdrawn: Iterable[Withdrawn]) -> Finding | None:
    """Return that a grant came surely after what it rested on was withdrawn, under rules that did not know it yet."""
    granted = mark(opened, spot, f"granted:{opened.id.hex}")
    under = revision_of(opened)
    late = [one for one in withdrawn if one.revision > under and granted.earliest_us > one.since_us]
    if not late:
        return None
    first = min(late, key=lambda one: (one.since_us, one.kind))
    facts: dict[str, Any] = {
        "how": "known_age" if (age_s := _age_s(opened)) is not None else "revision",
        "what": first.kind,
        "status": first.status,
        "since_us": first.since_us,
        "revision": first.revision,
        "under": under,
        "late_s": (opened.stamp.utc_us - first.since_us) // SECOND_US,
        **({} if age_s is None else {"age_s": age_s}),
    }
    return Finding("admitted_after_revocation", granted.topic, "", "high", (granted,), facts)


def revision_of(opened: Opened) -> int:
    """Return under which revision of the rules a gate decided."""
    under = opened.fields.get("revision", 0)
    return under if isinstance(under, int) and 0 <= under < END_US else 0


def _age_s(opened: Opened) -> int | None:
    """Return how old the gate's rules were, by what its decision read of it."""
    presence = opened.fields.get("presence")
    confirmed = presence.get(CONFIRMED) if isinstance(presence, Mapping) else None
    if not isinstance(confirmed, int) or not 0 <= confirmed < END_US:
        return None
    return max(0, opened.stamp.utc_us // SECOND_US - confirmed)


# --- neighbours -----------------------------------------------------------------------------------


def borne_out(fact: Sequence[Any], said: Sequence[Mark], begun: int = 0) -> bool | None:
    """Tell whether a neighbour's journal bears out what it told (`access.peers.written`).

    `said`: what the epoch says of the fact up to the entry through which it was told; all before that has come. None where that
    lies in what came in before the ledger began (through entry `begun`) and was not looked through.
    """
    if fact[0] == "add":
        _, _, total, _, seq = fact
        is_so = any(one.seq == seq for one in said) and sum(one.number for one in said) == total
        return None if begun else is_so
    how, _, value, at_us, _, seq = fact
    wanted = (at_us, value if how == "set" else None)
    is_so = any((one.what.get("time"), one.what.get("value")) == wanted for one in said)
    return True if is_so else None if begun else False


def contradicted(topic: str, told: Mark, peer: str, false: Sequence[Sequence[Any]]) -> Finding:
    """Return that a neighbour told what its own journal does not have."""
    facts = {"how": "peer", "peer": peer, "names": sorted({str(fact[1]) for fact in false})[:5], "count": len(false)}
    return Finding("peer_contradicted", topic, topic, "high", (told,), facts)
