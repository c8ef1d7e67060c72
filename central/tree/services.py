"""The tree of all heads: what waits is taken up in order, its head is signed, and proofs are made of it."""

import base64
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from access import merkle
from access.chain import genesis
from access.contract.heads import TreeHead
from access.contract.signature import SignatureError, fingerprint, verify_bytes
from access.merkle import NodeAt
from central.audit.chain import GENESIS
from central.errors import RegistryError
from central.journal.repository import chain_hash
from central.records.repository import get
from central.records.schemas import Page
from central.registry import Registry, Work
from central.sync_tables import JournalCheckpoint
from central.tables import Edge
from central.tree import ends, leaves, repository
from central.tree.schemas import ConsistencyShown, HeadInPrint, InclusionShown, PublishedAsked, PublishedShown
from central.tree.tables import ChainEnd, PublishedHead

# In one piece of work, so that nobody waits for long where very many came at once.
TAKEN_MAX: Final = 2_000
GROUP: Final = 4


def take_up(registry: Registry) -> TreeHead:
    """Append all that waits to the tree, in pieces of work of their own; returns the signed head. Nothing waits: no write."""
    with registry.read() as work:
        if not repository.waiting(work.session, 1) and not _of_audit(work.session, 0):
            return head(work, registry.key)
    while True:
        with registry.write() as work:
            signed, is_all = _take_up(work, registry.key)
        if is_all:
            return signed


def _take_up(work: Work, key: Ed25519PrivateKey) -> tuple[TreeHead, bool]:
    """Append what waits, up to a limit; tells whether that was all. Only who holds the tree's end appends."""
    session = work.session
    end = ends.locked_end(session, ends.TREE, merkle.EMPTY_ROOT)
    _check_end(session, ends.end(session, ends.TREE), key)
    waiting = repository.waiting(session, TAKEN_MAX)
    new = [(leaves.CHECKPOINT, leaves.of_checkpoint(row)) for row in waiting] + _of_audit(session, _us(work))
    if new:
        nodes = list(merkle.nodes_of(end.size, _nodes(session), (merkle.leaf_hash(data) for _, data in new)))
        repository.append(session, [(place, *leaf) for place, leaf in enumerate(new, end.size)], nodes)
        if waiting:
            repository.note_leaves(session, waiting, end.size)
        end = ends.End(end.size + len(new), merkle.root(end.size + len(new), _nodes(session)))
    signed = _signed(key, end.size, end.head, _us(work))
    if new:
        ends.advance(session, ends.TREE, end.size, end.head, signed=(signed.at_us, bytes.fromhex(signed.signature)))
    return signed, len(waiting) < TAKEN_MAX


def _of_audit(session: Session, at_us: int) -> list[tuple[str, bytes]]:
    """Return the head of the audit as a leaf, where it is not the one that was taken up last. RegistryError 409."""
    end, taken = ends.end(session, ends.AUDIT), repository.newest_of_audit(session)
    known = leaves.parts(taken) if taken is not None else None
    size, head_now = (end.size, end.head) if end else (0, GENESIS)
    if known is not None:
        seq, chain_hash_then = known[1:3]
        if size < seq or (head_now if size == seq else repository.hash_of_audit(session, seq)) != chain_hash_then:
            # Taken up once more, another audit would have the registry's own word for it.
            raise RegistryError("the audit was rewritten: nothing is signed before somebody looks (audit verify)", 409)
    if not size or (known is not None and known[1] == size):
        return []
    return [(leaves.AUDIT, leaves.of_audit(size, head_now, at_us))]


def _check_end(session: Session, end: ChainEnd | None, key: Ed25519PrivateKey) -> None:
    """See that the tree ends as the registry has signed it last: what another hand has written it puts its name to no more.

    RegistryError 409.
    """
    if end is None or (end.size, end.head) == (0, merkle.EMPTY_ROOT):
        return
    signed = TreeHead(size=end.size, root=end.head.hex(), at_us=end.at_us or 0, signature=(end.signature or bytes(64)).hex())
    try:
        verify_bytes(key.public_key(), bytes.fromhex(signed.signature), signed.signed_bytes())
        is_intact = merkle.root(end.size, _nodes(session)) == end.head
    except (SignatureError, LookupError):
        is_intact = False
    if not is_intact:
        raise RegistryError("the tree was rewritten: nothing is signed before somebody looks (audit verify)", 409)


def head(work: Work, key: Ed25519PrivateKey) -> TreeHead:
    """Sign the head of the tree as it is now. RegistryError 409 where it is not the one that was signed last."""
    end = ends.end(work.session, ends.TREE)
    _check_end(work.session, end, key)
    return _signed(key, end.size, end.head, _us(work)) if end else _signed(key, 0, merkle.EMPTY_ROOT, _us(work))


def _signed(key: Ed25519PrivateKey, size: int, root: bytes, at_us: int) -> TreeHead:
    draft = TreeHead(size=size, root=root.hex(), at_us=at_us, signature="0" * 128)
    return draft.model_copy(update={"signature": key.sign(draft.signed_bytes()).hex()})


def inclusion(work: Work, key: Ed25519PrivateKey, place: tuple[UUID, UUID, int], size: int | None) -> InclusionShown:
    """Prove that a checkpoint (edge, epoch, seq) is in the tree of this size (None: of now).

    RegistryError 404 where it is not known, 409 where it has not been taken up, 422 for a size that the tree had not with it.
    """
    get(work, Edge, place[0])
    row = work.session.get(JournalCheckpoint, place)
    if row is None:
        raise RegistryError("there is no such checkpoint", 404, "seq")
    if row.leaf is None:
        raise RegistryError("this checkpoint is not in the tree yet: ask again in a moment", 409, "seq")
    now = head(work, key)
    proof = _inclusion(work.session, row.leaf, _known_size(size, now, row.leaf + 1))
    return InclusionShown(
        leaf=row.leaf,
        data=leaves.of_checkpoint(row).hex(),
        size=proof[0],
        root=proof[1].hex(),
        proof=[each.hex() for each in proof[2]],
        head=now,
    )


def _inclusion(session: Session, leaf: int, size: int) -> tuple[int, bytes, list[bytes]]:
    nodes = _nodes(session)
    return size, merkle.root(size, nodes), merkle.inclusion(leaf, size, nodes)


def consistency(work: Work, key: Ed25519PrivateKey, first: int, second: int | None) -> ConsistencyShown:
    """Prove that the tree only grew from one size to another (None: that of now); RegistryError 422."""
    now, nodes = head(work, key), _nodes(work.session)
    last = _known_size(second, now, first)
    return ConsistencyShown(
        first=first,
        first_root=merkle.root(first, nodes).hex(),
        second=last,
        second_root=merkle.root(last, nodes).hex(),
        proof=[each.hex() for each in merkle.consistency(first, last, nodes)],
        head=now,
    )


def _known_size(wanted: int | None, now: TreeHead, least: int) -> int:
    size = now.size if wanted is None else wanted
    if not least <= size <= now.size:
        words = "the tree has {size} leaves: ask for a size between {least} and that"
        raise RegistryError(words, 422, "size", size=now.size, least=least)
    return size


def published(work: Work, asked: PublishedAsked) -> Page[PublishedShown]:
    """Show one page of what was published of the tree, or could not be, newest first."""
    rows = repository.published(work.session, asked)
    items = [_shown(row) for row in rows[: asked.limit]]
    return Page(items=items, more=items[-1].id if len(rows) > asked.limit else None)


def in_print(work: Work, key: Ed25519PrivateKey) -> HeadInPrint:
    """Return the head that was published last, in a form that two people can compare on paper; RegistryError 404."""
    row = repository.newest_published(work.session)
    if row is None:
        raise RegistryError("nothing was published yet", 404)
    code = row.root.hex().upper()
    return HeadInPrint(
        size=row.size,
        root=" ".join(code[at : at + GROUP] for at in range(0, len(code), GROUP)),
        at_us=row.head_at_us,
        signature=base64.b64encode(row.signature).decode(),
        published_us=row.at_us,
        target=row.target,
        key=fingerprint(key.public_key().public_bytes_raw()),
    )


def head_of(row: PublishedHead) -> TreeHead:
    """Return the head that a row notes."""
    return TreeHead(size=row.size, root=row.root.hex(), at_us=row.head_at_us, signature=row.signature.hex())


def _shown(row: PublishedHead) -> PublishedShown:
    return PublishedShown(id=row.id, at_us=row.at_us, target=row.target, fault=row.fault, head=head_of(row))


def _nodes(session: Session) -> NodeAt:
    return lambda level, place: repository.node(session, level, place)


def _us(work: Work) -> int:
    return round(work.at.timestamp() * 1_000_000)


def hash_before(session: Session, place: tuple[UUID, UUID, int]) -> bytes | None:
    """Return the chain hash that an entry (edge, epoch, seq) follows, None where that is not here."""
    edge, epoch, seq = place
    return genesis(edge, epoch) if seq == 1 else chain_hash(session, edge, epoch, seq - 1)


def proof_of_leaf(work: Work, leaf: int, size: int) -> Sequence[str]:
    """Return the inclusion proof of a leaf in the tree of this size, in hex."""
    return [each.hex() for each in _inclusion(work.session, leaf, size)[2]]
