"""What of guards' acts people must look at, for the conflict ledger: what is on no record, and who acted without the right."""

from typing import Final
from uuid import UUID

from access.sealing import unseal
from central.booth.guards import Rights
from central.booth.reading import Act
from central.ledger import repository
from central.ledger.findings import Finding, told_by
from central.ledger.marks import Mark, Spot, mark
from central.ledger.tables import Conflict
from central.ledger.writing import explain, put
from central.registry import Work

AFTER: Final = "acted_after_revocation"


def not_taken_over(work: Work, site: UUID, act: Act, why: str) -> None:
    """Write down that an act of no workflow (of the duty log, a round, a count, …) is not on record, and why."""
    topic = _topic(act)
    if one := _mark(work, act, topic):
        facts = {"how": "act", "what": act.kind, "why": why}
        repository.take_turn(work.session, site)
        put(work, site, Finding("record_contradicted", topic, topic, "medium", (one,), facts))


def taken_over_at_last(work: Work, site: UUID, act: Act) -> None:
    """Let it be explained that such an act was not on record: now it is."""
    repository.take_turn(work.session, site)
    explain(work, site, _topic(act), (), None)


def acted_after(work: Work, site: UUID, act: Act, badge: str, rights: Rights) -> None:
    """Write down that a guard acted after their right had ended: one row for each end and gate, with all acts."""
    if rights.ended is None or (one := _mark(work, act, "")) is None:
        return
    repository.take_turn(work.session, site)
    status, since_us = rights.ended
    key = f"guard:{rights.record}:{act.edge}:{status}:{since_us}"
    row = repository.newest_round(work.session, site, AFTER, key)
    before = _marks_in(row) if row and row.state != "signed" else []
    if row and one.entry in {each.entry_id for each in row.entries}:
        return
    count = 1 + (row.facts["count"] if row and before else 0)
    facts = {"how": "guard", "what": "guard", "guard": badge, "status": status, "since_us": since_us, "count": count}
    entries = sorted([*before, one], key=lambda each: (each.at_us, each.place))
    put(work, site, Finding(AFTER, key, "", "high", told_by(entries), facts))


def _topic(act: Act) -> str:
    return f"act:{act.id}"


def _mark(work: Work, act: Act, topic: str) -> Mark | None:
    rows = repository.entries_at(work.session, act.edge, act.epoch, [act.seq])
    return mark(unseal(rows[0].canonical), Spot(rows[0].gate_id, rows[0].lane_id), topic) if rows else None


def _marks_in(row: Conflict) -> list[Mark]:
    return [
        Mark("", each.edge_id, each.epoch, each.seq, each.entry_id, each.gate_id, each.lane_id, each.at_us, each.quality)
        for each in row.entries
    ]
