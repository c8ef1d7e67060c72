"""SQL of the tree: its leaves, its nodes, what waits for it, and what was published of it."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from access.merkle import Node
from central.audit.tables import AuditEntry
from central.records.many import insert_many
from central.sync_tables import JournalCheckpoint
from central.tree.leaves import AUDIT
from central.tree.schemas import PublishedAsked
from central.tree.tables import PublishedHead, TreeLeaf, TreeNode


def node(session: Session, level: int, place: int) -> bytes:
    """Return the hash of a complete subtree; LookupError where it is missing."""
    found = session.scalar(select(TreeNode.hash).where(TreeNode.level == level, TreeNode.place == place))
    if found is None:
        raise LookupError(f"the tree lacks node {place} of level {level}")
    return found


def append(session: Session, leaves: Sequence[tuple[int, str, bytes]], nodes: Iterable[Node]) -> None:
    """Store leaves (place, kind and bytes), and the nodes that became complete with them."""
    insert_many(session, TreeLeaf, [dict(zip(("place", "kind", "data"), leaf, strict=True)) for leaf in leaves])
    insert_many(session, TreeNode, [dict(zip(("level", "place", "hash"), each, strict=True)) for each in nodes])


def waiting(session: Session, limit: int) -> Sequence[JournalCheckpoint]:
    """Return checkpoints that are not in the tree yet, in the order in which they came."""
    row = JournalCheckpoint
    query = select(row).where(row.leaf.is_(None)).order_by(row.received_us, row.edge_id, row.epoch, row.seq)
    return session.scalars(query.limit(limit)).all()


def note_leaves(session: Session, rows: Sequence[JournalCheckpoint], first: int) -> None:
    """Note which leaves these checkpoints have become: one after another from `first` on."""
    table: Any = JournalCheckpoint.__table__
    columns = table.c
    statement = update(table).where(
        columns.edge_id == bindparam("of_edge"), columns.epoch == bindparam("of_epoch"), columns.seq == bindparam("of_seq")
    )
    places = [
        {"of_edge": row.edge_id, "of_epoch": row.epoch, "of_seq": row.seq, "leaf": place} for place, row in enumerate(rows, first)
    ]
    session.connection().execute(statement.values(leaf=bindparam("leaf")), places)


def newest_of_audit(session: Session) -> bytes | None:
    """Return the bytes of the newest leaf that is of the audit."""
    query = select(TreeLeaf.data).where(TreeLeaf.kind == AUDIT).order_by(TreeLeaf.place.desc()).limit(1)
    return session.scalar(query)


def hash_of_audit(session: Session, seq: int) -> bytes | None:
    """Return the chain hash of an entry of the audit, None where it is missing."""
    return session.scalar(select(AuditEntry.chain_hash).where(AuditEntry.seq == seq))


def checkpoint_from(session: Session, place: tuple[UUID, UUID, int]) -> JournalCheckpoint | None:
    """Return the first checkpoint at or behind an entry (edge, epoch, seq) that is in the tree and on the stored chain."""
    row, (edge, epoch, seq) = JournalCheckpoint, place
    query = select(row).where(row.edge_id == edge, row.epoch == epoch, row.seq >= seq, row.leaf.is_not(None))
    return session.scalars(query.where(row.agrees.is_not(False)).order_by(row.seq).limit(1)).one_or_none()


def published(session: Session, asked: PublishedAsked) -> Sequence[PublishedHead]:
    """Return up to one more than `asked.limit` heads that were published, or could not be, newest first, behind `asked.after`."""
    row = PublishedHead
    query = select(row).order_by(row.id.desc()).limit(asked.limit + 1)
    if asked.after is not None:
        query = query.where(row.id < asked.after)
    if asked.target is not None:
        query = query.where(row.target == asked.target)
    if asked.since is not None:
        query = query.where(row.at_us >= round(asked.since.timestamp() * 1e6))
    return session.scalars(query).all()


def newest_published(session: Session) -> PublishedHead | None:
    """Return the head that was published last."""
    row = PublishedHead
    return session.scalars(select(row).where(row.fault == "").order_by(row.id.desc()).limit(1)).one_or_none()


def published_since(session: Session, at_us: int) -> set[str]:
    """Return to where a head was published since then."""
    row = PublishedHead
    return set(session.scalars(select(row.target).where(row.fault == "", row.at_us >= at_us)))
