"""What is stored of each epoch besides its entries: how far it goes, what is declared lost, what it goes on from, whose it is."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from access.contract.signature import fingerprint
from access.entries import EpochBegan
from central.audit.tables import AuditEntry
from central.edges.trust import KIND as EDGES
from central.journal.repository import chain_hash
from central.retention.tables import ForgottenRange
from central.sync_tables import JournalGap
from central.tables import Edge, EdgeHead, JournalEntry, Lane, QuarantinedEntry
from central.tree.walk import forgotten
from central.tree.walk.columns import Home
from central.tree.walk.findings import Place, Seen
from central.tree.walk.journal import Declared, Gap

JOURNAL, EDGE = "journal", "edge"
HASH_BYTES = 32
Name = tuple[UUID, UUID]


@dataclass(frozen=True, slots=True)
class Epoch:
    """An epoch, how far it is stored, and the holes that entries have come behind."""

    edge: UUID
    id: UUID
    through: int
    gaps: tuple[Gap, ...]
    home: Home


@dataclass(slots=True)
class Plan:
    """The epochs to walk over, and what was found while they were looked up."""

    epochs: list[Epoch] = field(default_factory=list)
    seen: Seen = field(default_factory=Seen)


def plan(session: Session) -> Plan:
    """Look up what there is to walk over."""
    made = Plan()
    homes = _homes(session, made.seen)
    heads = {(head.edge_id, head.epoch): head for head in session.scalars(select(EdgeHead))}
    last = _last(session)
    gaps: dict[Name, list[Gap]] = {}
    for gap in session.scalars(select(JournalGap).where(JournalGap.follows.is_not(None)).order_by(JournalGap.first)):
        assert gap.follows is not None
        gaps.setdefault((gap.edge_id, gap.epoch), []).append(Gap(gap.first, gap.last or gap.first, gap.follows))
    for row in session.scalars(select(ForgottenRange)):
        gaps.setdefault((row.edge_id, row.epoch), []).append(Gap(row.first, row.last, row.head, row.follows))
        made.seen.count("forgotten ranges")
    for several in gaps.values():
        several.sort()
    for name in sorted(heads.keys() | last.keys()):
        head, stored = heads.get(name), last.get(name, 0)
        through = head.acked_through if head else 0
        place = Place(edge=name[0], epoch=name[1], seq=through + 1)
        if name[0] not in homes:
            made.seen.add(JOURNAL, "added", place, "there is no such edge")
            continue
        if stored > through:
            words = f"entries to {stored} are stored, and the epoch ends at {through}"
            made.seen.add(JOURNAL, "added", place, words)
        made.seen.count("epochs")
        made.epochs.append(Epoch(*name, through, tuple(gaps.get(name, ())), homes[name[0]]))
    return made


def _last(session: Session) -> dict[Name, int]:
    found: dict[Name, int] = {}
    for table in (JournalEntry, QuarantinedEntry):
        query = select(table.edge_id, table.epoch, func.max(table.seq)).group_by(table.edge_id, table.epoch)
        for edge, epoch, seq in session.execute(query):
            found[edge, epoch] = max(seq, found.get((edge, epoch), 0))
    return found


def _homes(session: Session, seen: Seen) -> dict[UUID, Home]:
    """Return the homes of all edges; an edge whose key is not the one that people have approved is told."""
    lanes = _lane_names(session)
    approved: dict[UUID, str] = {}
    query = select(AuditEntry.record_id, AuditEntry.after).where(AuditEntry.kind == EDGES, AuditEntry.act == "approved")
    for identity, after in session.execute(query.order_by(AuditEntry.seq)):
        if isinstance(after, dict) and "fingerprint" in after:
            approved[identity] = after["fingerprint"]
    homes = {}
    for edge in session.scalars(select(Edge)):
        homes[edge.id] = Home(edge.site_id, edge.gate_id, lanes)
        if approved.get(edge.id, fingerprint(edge.public_key)) != fingerprint(edge.public_key):
            seen.add(EDGE, "wrong_key", Place(edge=edge.id), f"its key is not the one that was approved: {approved[edge.id]}")
    return homes


def _lane_names(session: Session) -> dict[UUID, frozenset[str]]:
    """Return by which names each lane has gone: its id, and its slugs now and before."""
    names: dict[UUID, set[str]] = {}
    for identity, slug in session.execute(select(Lane.id, Lane.slug)):
        names.setdefault(identity, {str(identity)}).add(slug)
    query = select(AuditEntry.record_id, AuditEntry.before, AuditEntry.after).where(AuditEntry.kind == Lane.__tablename__)
    for identity, *sides in session.execute(query):
        known = names.setdefault(identity, {str(identity)})
        known |= {side["slug"] for side in sides if isinstance(side, dict) and isinstance(side.get("slug"), str)}
    return {identity: frozenset(known) for identity, known in names.items()}


def compare(session: Session, declared: Iterable[Declared]) -> Seen:
    """Compare what is noted of epochs with what their entries say: holes that nobody declared, beginnings that nobody wrote."""
    seen = Seen()
    lost: dict[Name, list[tuple[int, int]]] = {}
    begun: dict[Name, list[tuple[UUID, int]]] = {}
    for each in (*declared, *forgotten.declared(session)):
        if each.kind == EpochBegan.kind:
            _take_beginning(session, seen, begun, each)
        else:
            first, last, epoch = each.fields.get("first"), each.fields.get("last"), _named(each.fields.get("epoch"))
            if epoch is not None and isinstance(first, int) and isinstance(last, int):
                lost.setdefault((each.edge, epoch), []).append((first, last or 2**63))
    for gap in session.scalars(select(JournalGap)):
        until = gap.last or 2**63
        if not any(first <= gap.first and until <= last for first, last in lost.get((gap.edge_id, gap.epoch), ())):
            place = Place(edge=gap.edge_id, epoch=gap.epoch, seq=gap.first)
            seen.add(JOURNAL, "gap", place, f"entries {gap.first} to {gap.last} are noted as lost, and the gate never said so")
    for head in session.scalars(select(EdgeHead).where(EdgeHead.follows.is_not(None))):
        name = head.edge_id, head.epoch
        if (head.follows, head.follows_seq) not in begun.get(name, ()):
            place = Place(edge=head.edge_id, epoch=head.epoch, seq=1)
            seen.add(JOURNAL, "edit", place, "what this epoch is noted to go on from is not what the gate said")
    return seen


def _take_beginning(session: Session, seen: Seen, begun: dict[Name, list[tuple[UUID, int]]], told: Declared) -> None:
    """Note where an epoch says to go on from; the former has the hash there that it says, as far as it is stored."""
    former, seq = _named(told.fields.get("follows_epoch")), told.fields.get("follows_seq")
    if former is None or not isinstance(seq, int) or seq < 1:
        if former is not None and isinstance(seq, int):
            begun.setdefault((told.edge, told.epoch), []).append((former, seq))
        return
    begun.setdefault((told.edge, told.epoch), []).append((former, seq))
    said: Any = told.fields.get("follows_hash")
    stored = chain_hash(session, told.edge, former, seq)
    if isinstance(said, bytes) and len(said) == HASH_BYTES and stored is not None and stored != said:
        words = f"epoch {told.epoch} goes on from here, and says another hash: this entry or one before it was rewritten"
        seen.add(JOURNAL, "fork", Place(edge=told.edge, epoch=former, seq=seq), words)


def _named(epoch: object) -> UUID | None:
    try:
        return UUID(str(epoch))
    except ValueError:
        return None
