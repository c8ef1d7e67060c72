"""Countersigning a gate's checkpoints; a head that is not on the chain stored here is told to everybody."""

from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from access.contract.checkpoints import Checkpoint, Countersigned
from access.contract.signature import SignatureError, verify_bytes
from central.checkpoints.schemas import CheckpointShown
from central.edges.repository import has_event
from central.edges.trust import BY_REGISTRY, note_event
from central.errors import RegistryError
from central.journal import repository as journal
from central.journal.pages import NewestAsked, moment_text, newest_first
from central.records.schemas import PlacedPage
from central.registry import Work
from central.sync_tables import JournalCheckpoint
from central.tables import Edge
from central.tree.leaves import row_of

DISPUTED = "checkpoint_disputed"


def countersign(work: Work, key: Ed25519PrivateKey, edge: Edge, told: Checkpoint) -> Countersigned:
    """Compare, sign and keep a checkpoint; told again, the same answer. RegistryError 403, 409 for another head there, 422."""
    if told.edge != edge.id:
        raise RegistryError("this checkpoint is another edge's", 403, "edge")
    try:
        verify_bytes(Ed25519PublicKey.from_public_bytes(edge.public_key), bytes.fromhex(told.signature), told.signed_bytes())
    except SignatureError as error:
        raise RegistryError(f"the checkpoint: {error}", 422, "signature") from error
    kept = work.session.get(JournalCheckpoint, (edge.id, told.epoch, told.seq))
    agrees = _agrees(work.session, told.edge, told.epoch, told.seq, bytes.fromhex(told.head))
    if kept is not None and kept.head.hex() != told.head:
        agrees = False
        _dispute(work, edge, told, "was signed before with another head")
    elif agrees is False:
        _dispute(work, edge, told, "is not on the chain stored here")
    answer = _signed(key, told, work.at, agrees=agrees)
    if kept is None:
        work.session.add(row_of(answer))
    return answer


def page(work: Work, asked: NewestAsked) -> PlacedPage[CheckpointShown]:
    """Show one page of the checkpoints, newest first, compared with what is stored by now.

    RegistryError 422 for a gate or edge beyond the actor's bounds.
    """
    told = JournalCheckpoint
    query = select(told).join(Edge, Edge.id == told.edge_id)
    query = newest_first(work, query, asked, told.received_us, (told.edge_id, told.epoch, told.seq))
    rows = work.session.scalars(query).all()
    items = [_shown(work.session, row) for row in rows[: asked.limit]]
    return PlacedPage(items=items, more=_place(rows[asked.limit - 1]) if len(rows) > asked.limit else None)


def _shown(session: Session, row: JournalCheckpoint) -> CheckpointShown:
    agrees = _agrees(session, row.edge_id, row.epoch, row.seq, row.head) if row.agrees is None else row.agrees
    return CheckpointShown(
        edge=row.edge_id,
        epoch=row.epoch,
        seq=row.seq,
        head=row.head.hex(),
        at_us=row.at_us,
        received_us=row.received_us,
        agrees=agrees,
    )


def _place(row: JournalCheckpoint) -> str:
    return moment_text(row.received_us, row.edge_id, row.epoch, row.seq)


def _dispute(work: Work, edge: Edge, told: Checkpoint, how: str) -> None:
    """Tell the people of the office, once an epoch: where one head is disputed, all that follow are."""
    whose = f"epoch {told.epoch}: "
    if has_event(work.session, edge.id, DISPUTED, whose):
        return
    edge.note = f"{whose}its checkpoint at entry {told.seq} {how}"
    note_event(work, edge, DISPUTED, BY_REGISTRY, edge.note)


def _agrees(session: Session, edge_id: UUID, epoch: UUID, seq: int, head: bytes) -> bool | None:
    """Tell whether the chain stored here has this hash at this place; None while it has not come so far, and in a gap."""
    stored = journal.head(session, edge_id, epoch)
    if stored is None or stored.acked_through < seq:
        return None
    known = stored.head if stored.acked_through == seq else journal.chain_hash(session, edge_id, epoch, seq)
    return None if known is None else head == known


def _signed(key: Ed25519PrivateKey, told: Checkpoint, at: datetime, *, agrees: bool | None) -> Countersigned:
    draft = Countersigned(checkpoint=told, agrees=agrees, received_us=round(at.timestamp() * 1_000_000), signature="0" * 128)
    return draft.model_copy(update={"signature": key.sign(draft.signed_bytes()).hex()})
