"""Into the ledger: a row for each contradiction, never taken back once it is signed, and never there twice."""

from collections.abc import Collection
from decimal import Decimal
from uuid import UUID

from central.ledger import repository
from central.ledger.findings import Finding
from central.ledger.tables import Conflict, ConflictEntry
from central.registry import Work


def put(work: Work, site_id: UUID, finding: Finding) -> None:
    """Write a finding down, or what is new of it: in its row while that is not signed, behind a signed one in another."""
    row = repository.newest_round(work.session, site_id, finding.kind, finding.key)
    if row is not None and row.state == "signed":
        if finding.places <= {(each.edge_id, each.epoch, each.seq) for each in row.entries} and not _is_more(row, finding):
            return
        row = _new(work, site_id, finding, row.round + 1)
    elif row is None:
        row = _new(work, site_id, finding, 1)
    elif row.state == "open" and _is_told(row, finding):
        return
    _tell(work, row, finding)


def explain(work: Work, site_id: UUID, topic: str, found: Collection[tuple[str, str]], sure: Collection[UUID] | None) -> None:
    """Let what is open of a topic and was not `found` (kind, key) again be explained by what came to light since.

    `sure`: only what all entries of are among these was looked at (None: everything of the topic).
    """
    for row in repository.open_of(work.session, site_id, topic):
        looked_at = sure is None or all(each.entry_id in sure for each in row.entries)
        if looked_at and (row.kind, row.key) not in found:
            row.state, row.changed_at = "explained", work.at
            row.version += 1


def _new(work: Work, site_id: UUID, finding: Finding, round_: int) -> Conflict:
    row = Conflict(
        id=work.new_id(),
        site_id=site_id,
        version=0,
        kind=finding.kind,
        key=finding.key,
        round=round_,
        found_at=work.at,
        entries=[],
    )
    work.session.add(row)
    return row


def _is_more(row: Conflict, finding: Finding) -> bool:
    """Tell whether more was used, or went out, than the row says: the entries that it is told by may be the same."""
    said = [(finding.facts.get(name), row.facts.get(name)) for name in ("used", "released")]
    return any(now is not None and was is not None and Decimal(now) > Decimal(was) for now, was in said)


def _is_told(row: Conflict, finding: Finding) -> bool:
    told = [(each.edge_id, each.epoch, each.seq) for each in row.entries]
    return told == [each.place for each in finding.entries] and (row.severity, row.facts) == (
        finding.severity,
        dict(finding.facts),
    )


def _tell(work: Work, row: Conflict, finding: Finding) -> None:
    row.topic, row.severity, row.state, row.facts = finding.topic, finding.severity, "open", dict(finding.facts)
    row.at_us = max(each.at_us for each in finding.entries)
    row.changed_at = work.at
    row.version += 1
    if row.entries:
        row.entries.clear()
        work.session.flush()  # others take their numbers
    row.entries += [
        ConflictEntry(
            n=n,
            entry_id=each.entry,
            edge_id=each.edge,
            epoch=each.epoch,
            seq=each.seq,
            gate_id=each.gate,
            lane_id=each.lane,
            at_us=each.at_us,
            quality=each.quality,
        )
        for n, each in enumerate(finding.entries, 1)
    ]
    work.session.flush()
