"""The proof of one entry: its bytes, the run of bytes to the next checkpoint, both signatures, and the way to a signed head."""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from access import merkle
from access.chain import walk
from access.contract.checkpoints import Countersigned
from access.contract.heads import TreeHead
from access.contract.signature import SignatureError, verify_bytes
from access.contract.sync import Hex32, Message
from central.errors import RegistryError
from central.journal import repository as journal
from central.registry import Work
from central.tables import Edge, JournalEntry, QuarantinedEntry
from central.tree import leaves, repository, services

# Between two checkpoints there are minutes; more than this is none that a person can carry.
RUN_MAX: Final = 100_000


class EntryProof(Message):
    """A proof that an entry (bytes in hex) stood in its place when the head was signed; `run` are the entries behind it.

    `follows`: the chain hash before the entry. Chained over entry and run it becomes the checkpoint's; the checkpoint is the leaf
    at `leaf`, and `inclusion` leads from that to the root of `head`.
    """

    version: int = 1
    edge: UUID
    epoch: UUID
    seq: int
    edge_key: Hex32
    registry_key: Hex32
    follows: Hex32
    canonical: str
    run: tuple[str, ...]
    checkpoint: Countersigned
    leaf: int
    inclusion: tuple[Hex32, ...]
    head: TreeHead


def prove(work: Work, key: Ed25519PrivateKey, place: tuple[UUID, UUID, int]) -> EntryProof:
    """Prove an entry (edge, epoch, seq). RegistryError 404 where it is not here, 409 where no checkpoint covers it yet."""
    edge_id, epoch, seq = place
    edge = work.session.get(Edge, edge_id)
    if edge is None or journal.entry_at(work.session, *place) is None:
        raise RegistryError("this entry is not here", 404, "seq")
    row = repository.checkpoint_from(work.session, place)
    if row is None or row.leaf is None or row.seq - seq > RUN_MAX:
        raise RegistryError("no checkpoint in the tree covers this entry yet", 409, "seq")
    entries = _bytes(work.session, place, row.seq)
    follows = services.hash_before(work.session, place)
    if follows is None or len(entries) != row.seq - seq + 1:
        raise RegistryError("between this entry and the next checkpoint entries are lost", 409, "seq")
    head = services.head(work, key)
    return EntryProof(
        edge=edge_id,
        epoch=epoch,
        seq=seq,
        edge_key=edge.public_key.hex(),
        registry_key=key.public_key().public_bytes_raw().hex(),
        follows=follows.hex(),
        canonical=entries[0].hex(),
        run=tuple(each.hex() for each in entries[1:]),
        checkpoint=leaves.countersigned(row),
        leaf=row.leaf,
        inclusion=tuple(services.proof_of_leaf(work, row.leaf, head.size)),
        head=head,
    )


def _bytes(session: Session, place: tuple[UUID, UUID, int], last: int) -> list[bytes]:
    """Return the canonical bytes of the entries from a place on that are here, parked ones too."""
    edge, epoch, first = place
    found: dict[int, bytes] = {}
    for table in (JournalEntry, QuarantinedEntry):
        query = select(table.seq, table.canonical).where(table.edge_id == edge, table.epoch == epoch)
        found |= dict(session.execute(query.where(table.seq.between(first, last))).all())
    return [found[seq] for seq in sorted(found)]


def faults_of(proof: EntryProof) -> Iterable[str]:
    """Yield what is wrong with a proof; the two keys it names must be known from elsewhere."""
    checkpoint, head = proof.checkpoint.checkpoint, proof.head
    if (checkpoint.edge, checkpoint.epoch, checkpoint.seq) != (proof.edge, proof.epoch, proof.seq + len(proof.run)):
        yield "the checkpoint is of another place"
    run = [bytes.fromhex(each) for each in (proof.canonical, *proof.run)]
    if walk(bytes.fromhex(proof.follows), run).hex() != checkpoint.head:
        yield "the entries do not lead to the checkpoint"
    signed: tuple[tuple[str, str, Any], ...] = (
        ("the checkpoint", proof.edge_key, checkpoint),
        ("the countersignature", proof.registry_key, proof.checkpoint),
        ("the head", proof.registry_key, head),
    )
    for what, key, message in signed:
        try:
            public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
            verify_bytes(public, bytes.fromhex(message.signature), message.signed_bytes())
        except SignatureError:
            yield f"{what} is not signed by the key that is named"
    path = [bytes.fromhex(each) for each in proof.inclusion]
    leaf = merkle.leaf_hash(leaves.of_countersigned(proof.checkpoint))
    if not merkle.is_included(leaf, proof.leaf, head.size, path, bytes.fromhex(head.root)):
        yield "the checkpoint is not in the tree of the head"
