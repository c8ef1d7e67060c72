"""The tree of all heads: each leaf and node made again, each checkpoint in it and on the stored chain, with both signatures."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from access import merkle
from access.contract.heads import TreeHead
from access.contract.signature import SignatureError, verify_bytes
from central.journal.repository import standing
from central.retention.services import ALL_CHECKPOINTS_US, DAY_US
from central.retention.tables import ForgottenRange
from central.sync_tables import JournalCheckpoint
from central.tables import JournalEntry, QuarantinedEntry
from central.tree import ends, leaves
from central.tree.walk.findings import Kind, Place, Seen
from central.tree.walk.rows import as_uuid, stream

AUDIT, CHECKPOINT, TREE = "audit", "checkpoint", "tree"
_LEAVES: Final = "SELECT place, kind, data FROM tree_leaves ORDER BY place"
_PLACED: Final = "SELECT edge_id, epoch, seq FROM journal_checkpoints WHERE leaf IS NOT NULL"
_NODES: Final = "SELECT level, place, hash FROM tree_nodes ORDER BY level, place"
# So many checkpoints are compared with what is stored in one question.
GROUP: Final = 400
KEY_BYTES: Final = 32


class Grown:
    """A tree made again: the hashes of each level, one behind the other."""

    def __init__(self) -> None:
        self.levels: list[bytearray] = []
        self.size = 0

    def add(self, hashed: bytes) -> None:
        """Append the hash of a leaf."""
        for level, _, node in list(merkle.nodes_of(self.size, self.node, [hashed])):
            if level == len(self.levels):
                self.levels.append(bytearray())
            self.levels[level] += node
        self.size += 1

    def node(self, level: int, place: int) -> bytes:
        """Return the hash of a complete subtree."""
        return bytes(self.levels[level][place * merkle.HASH_BYTES : (place + 1) * merkle.HASH_BYTES])


# Edge, epoch and day of receipt.
_Day = tuple[UUID, UUID, int]


@dataclass(slots=True)
class Evidence:
    """What is known while the tree is walked: whose key is whose, and what the leaves have told."""

    keys: dict[UUID, bytes]
    registry_key: Ed25519PublicKey
    now_us: int
    seen: Seen = field(default_factory=Seen)
    tree: Grown = field(default_factory=Grown)
    # Heads of the audit that were taken up: by entry, chain hash and leaf.
    audited: dict[int, tuple[bytes, int]] = field(default_factory=dict)
    # Numbers of the checkpoints that leaves have told of.
    told: dict[tuple[UUID, UUID], set[int]] = field(default_factory=dict)
    last_of_day: dict[_Day, int] = field(default_factory=dict)
    let_go: list[tuple[int | None, JournalCheckpoint]] = field(default_factory=list)
    broken: set[tuple[UUID, UUID]] = field(default_factory=set)

    def add(self, part: str, kind: Kind, row: JournalCheckpoint | None, leaf: int | None, words: str) -> None:
        """Note what does not fit with a checkpoint, or a leaf."""
        place = Place(leaf=leaf) if row is None else Place(edge=row.edge_id, epoch=row.epoch, seq=row.seq, leaf=leaf)
        self.seen.add(part, kind, place, words)


def walk(session: Session, known: Evidence) -> None:
    """Walk over the leaves, then over the nodes, then over the checkpoints that no leaf tells of."""
    stored = _leaves(session, known)
    while group := list(islice(stored, GROUP)):
        _compare(session, known, group)
    _explain(known)
    _nodes(session, known)
    _head(session, known)
    waiting = session.scalars(select(JournalCheckpoint).where(JournalCheckpoint.leaf.is_(None))).all()
    _compare(session, known, [(None, row) for row in waiting])
    _untold(session, known)


def _leaves(session: Session, known: Evidence) -> Iterator[tuple[int | None, JournalCheckpoint]]:
    """Yield what the leaves say of checkpoints, each with its place; the tree grows meanwhile."""
    for place, kind, data in stream(session, _LEAVES):
        if place != known.tree.size:
            known.add(TREE, "gap", None, known.tree.size, f"leaves {known.tree.size} to {place - 1} are missing")
            while known.tree.size < place:  # what is behind keeps its place
                known.tree.add(bytes(merkle.HASH_BYTES))
        known.tree.add(merkle.leaf_hash(data))
        known.seen.count("leaves")
        told = leaves.parts(data)
        if told is None or told[0] != kind:
            known.add(TREE, "edit", None, place, "the bytes of this leaf are none of ours")
        elif kind == leaves.AUDIT:
            _take_audit(known, place, told[1], told[2])
        else:
            row = leaves.checkpoint_of(told)
            known.told.setdefault((row.edge_id, row.epoch), set()).add(row.seq)
            yield place, row


def _take_audit(known: Evidence, leaf: int, seq: int, chain_hash: bytes) -> None:
    """Note a head of the audit; what an earlier leaf has told stands, whatever a later one says."""
    former, newest = known.audited.get(seq), next(reversed(known.audited), 0)
    if former is not None and former[0] != chain_hash:
        words = f"leaf {former[1]} of the tree has another hash here than leaf {leaf}: the audit was rewritten in between"
    elif seq < newest:
        words = f"leaf {leaf} of the tree has the audit end here, and an earlier one had it go on to entry {newest}"
    else:
        known.audited.setdefault(seq, (chain_hash, leaf))
        return
    known.seen.add(AUDIT, "fork", Place(seq=seq, leaf=leaf), words)


def _untold(session: Session, known: Evidence) -> None:
    """Tell of checkpoints that are noted as taken up, and no leaf tells of them; they are compared like those that wait."""
    placed = ((as_uuid(edge), as_uuid(epoch), seq) for edge, epoch, seq in stream(session, _PLACED))
    names = [(edge, epoch, seq) for edge, epoch, seq in placed if edge and epoch and seq not in known.told.get((edge, epoch), ())]
    rows = [session.get_one(JournalCheckpoint, name) for name in names]
    for row in rows:
        assert row.leaf is not None
        if row.leaf >= known.tree.size:
            known.add(TREE, "cut_tail", row, row.leaf, "the leaf of this checkpoint is missing")
        else:
            known.add(TREE, "gap", row, row.leaf, "the tree has no leaf of this checkpoint, which is noted as this one")
    for begin in range(0, len(rows), GROUP):
        _compare(session, known, [(None, row) for row in rows[begin : begin + GROUP]])


def _compare(session: Session, known: Evidence, group: list[tuple[int | None, JournalCheckpoint]]) -> None:
    """Compare checkpoints, as leaves have them, with their rows, their signatures and the stored chain."""
    rows = _stored(session, [row for _, row in group])
    hashes = _hashes(session, [row for _, row in group])
    for leaf, row in group:
        known.seen.count("checkpoints")
        day = row.edge_id, row.epoch, row.received_us // DAY_US
        known.last_of_day[day] = max(row.seq, known.last_of_day.get(day, 0))
        found = rows.get(_name(row))
        if found is None:
            known.let_go.append((leaf, row))
        elif leaf is not None:
            _check_row(known, leaf, row, found)
        _check_signatures(known, leaf, row)
        _check_chain(known, leaf, row, hashes)


def _check_row(known: Evidence, leaf: int, told: JournalCheckpoint, found: JournalCheckpoint) -> None:
    if leaves.of_checkpoint(told) != leaves.of_checkpoint(found):
        known.add(CHECKPOINT, "edit", told, leaf, "the stored checkpoint is not the one that its leaf was made of")
    elif found.leaf != leaf:
        known.add(CHECKPOINT, "reordering", told, leaf, f"the stored checkpoint says that its leaf is {found.leaf}")


def _check_signatures(known: Evidence, leaf: int | None, row: JournalCheckpoint) -> None:
    try:
        countersigned = leaves.countersigned(row)
    except ValueError:
        known.add(CHECKPOINT, "edit", row, leaf, "it has not the form of a checkpoint")
        return
    told = countersigned.checkpoint
    key = known.keys.get(row.edge_id)
    if key is None:
        known.add(CHECKPOINT, "wrong_key", row, leaf, "there is no such edge")
    elif len(key) != KEY_BYTES or not _is_signed(Ed25519PublicKey.from_public_bytes(key), row.signature, told.signed_bytes()):
        known.add(CHECKPOINT, "wrong_key", row, leaf, "the edge's signature is not of its key, or of something else")
    if not _is_signed(known.registry_key, row.countersignature, countersigned.signed_bytes()):
        known.add(CHECKPOINT, "wrong_key", row, leaf, "the countersignature is not of the registry's key, or of something else")


def _is_signed(key: Ed25519PublicKey, signature: bytes, signed: bytes) -> bool:
    with suppress(SignatureError):
        verify_bytes(key, signature, signed)
        return True
    return False


def _check_chain(
    known: Evidence, leaf: int | None, row: JournalCheckpoint, hashes: dict[tuple[UUID, UUID, int], tuple[bytes | None, int]]
) -> None:
    """Compare a head with the stored chain; of an epoch that is another from some entry on the first is named."""
    chain_hash, through = hashes[_name(row)]
    if (row.edge_id, row.epoch) in known.broken:
        return
    if row.agrees is False:
        kind, words = "disputed", "the gate signed a head here that was not on the stored chain then"
    elif chain_hash is not None and chain_hash != row.head:
        kind, words = (
            "fork",
            "the stored chain has another hash here than the gate signed: this entry or one before it was rewritten",
        )
    elif row.agrees and through < row.seq:
        kind, words = "cut_tail", f"this entry was stored when it was countersigned; now the epoch ends at {through}"
    else:
        return
    known.broken.add((row.edge_id, row.epoch))
    known.add(CHECKPOINT, kind, row, leaf, words)  # type: ignore[arg-type]  # one of the three above


def _explain(known: Evidence) -> None:
    """Tell of checkpoints that are gone but for their leaves, unless they are such as the registry lets go of in its time."""
    for leaf, row in known.let_go:
        is_old = row.received_us < known.now_us - ALL_CHECKPOINTS_US
        last = known.last_of_day[row.edge_id, row.epoch, row.received_us // DAY_US]
        if not is_old or row.agrees is False or row.seq >= last:
            known.add(CHECKPOINT, "gap", row, leaf, "this checkpoint is in the tree, and is not stored any more")


def _nodes(session: Session, known: Evidence) -> None:
    """Compare each stored node with those below it as they are stored, so that only what was edited is named."""
    size, wanted = known.tree.size, (0, 0)
    end = (size.bit_length(), 0)
    levels = (bytearray(), bytearray())  # the stored hashes of the level below, and of this one
    for level, place, hashed in stream(session, _NODES):
        while wanted < min((level, place), end):
            wanted, levels = _without(known, wanted, levels)
        if wanted != (level, place):
            known.add(TREE, "added", None, None, f"node {place} of level {level} is over leaves that are not there")
            continue
        if hashed != _expected(known.tree, level, place, levels[0]):
            leaf = place if level == 0 else None
            known.add(TREE, "edit", None, leaf, f"node {place} of level {level} is not the hash of what is below it")
        levels[1].extend(hashed)
        wanted, levels = _after(wanted, size, levels)
    while wanted < end:
        wanted, levels = _without(known, wanted, levels)


_Levels = tuple[bytearray, bytearray]


def _expected(tree: Grown, level: int, place: int, below: bytearray) -> bytes:
    if level == 0:
        return tree.node(0, place)
    at, width = 2 * place * merkle.HASH_BYTES, merkle.HASH_BYTES
    return merkle.node_hash(bytes(below[at : at + width]), bytes(below[at + width : at + 2 * width]))


def _without(known: Evidence, wanted: tuple[int, int], levels: _Levels) -> tuple[tuple[int, int], _Levels]:
    """Tell of a node that is missing, and go on as if it were the one that it should be."""
    level, place = wanted
    known.add(TREE, "gap", None, place if level == 0 else None, f"node {place} of level {level} is missing")
    levels[1].extend(_expected(known.tree, level, place, levels[0]))
    return _after(wanted, known.tree.size, levels)


def _after(node: tuple[int, int], size: int, levels: _Levels) -> tuple[tuple[int, int], _Levels]:
    level, place = node
    return ((level, place + 1), levels) if place + 1 < size >> level else ((level + 1, 0), (levels[1], bytearray()))


def _head(session: Session, known: Evidence) -> None:
    """Compare the end that was noted, and signed, with the tree that was made again."""
    end, tree = ends.end(session, ends.TREE), known.tree
    if end is None:
        if tree.size:
            known.add(TREE, "cut_tail", None, None, "nothing says where the tree ends")
        return
    head = TreeHead(size=end.size, root=end.head.hex(), at_us=end.at_us or 0, signature=(end.signature or bytes(64)).hex())
    if end.size and not _is_signed(known.registry_key, bytes.fromhex(head.signature), head.signed_bytes()):
        known.add(TREE, "wrong_key", None, None, "the head of the tree is not signed by the registry's key")
    for fault in head_faults(tree, head):
        known.add(TREE, *fault)
    if end.size < tree.size:
        known.add(TREE, "added", None, end.size, f"the tree ends with {end.size} leaves, and {tree.size} are stored")


def head_faults(tree: Grown, head: TreeHead) -> Iterator[tuple[Kind, None, int | None, str]]:
    """Yield what speaks against a head of the tree, as what `Evidence.add` takes."""
    if head.size > tree.size:
        yield "cut_tail", None, tree.size, f"there were {head.size} leaves, and {tree.size} are left"
    elif merkle.root(head.size, tree.node).hex() != head.root:
        yield "fork", None, None, f"the first {head.size} leaves are not those that the head was signed over"


def _name(row: JournalCheckpoint) -> tuple[UUID, UUID, int]:
    return row.edge_id, row.epoch, row.seq


def _by_epoch(rows: list[JournalCheckpoint]) -> dict[tuple[UUID, UUID], list[int]]:
    found: dict[tuple[UUID, UUID], list[int]] = {}
    for row in rows:
        found.setdefault((row.edge_id, row.epoch), []).append(row.seq)
    return found


def _stored(session: Session, rows: list[JournalCheckpoint]) -> dict[tuple[UUID, UUID, int], JournalCheckpoint]:
    """Return the checkpoints of these places that are stored."""
    found: dict[tuple[UUID, UUID, int], JournalCheckpoint] = {}
    row = JournalCheckpoint
    for (edge, epoch), seqs in _by_epoch(rows).items():
        query = select(row).where(row.edge_id == edge, row.epoch == epoch, row.seq.in_(seqs))
        found |= {_name(each): each for each in session.scalars(query)}
    session.expunge_all()
    return found


def _hashes(session: Session, rows: list[JournalCheckpoint]) -> dict[tuple[UUID, UUID, int], tuple[bytes | None, int]]:
    """Return for each of these places the chain hash that is stored there, and how far the epoch is stored."""
    found: dict[tuple[UUID, UUID, int], tuple[bytes | None, int]] = {}
    for (edge, epoch), seqs in _by_epoch(rows).items():
        hashes, through = _chain_hashes(session, edge, epoch, seqs)
        found |= {(edge, epoch, seq): (hashes.get(seq), through) for seq in seqs}
    return found


def _chain_hashes(session: Session, edge: UUID, epoch: UUID, seqs: list[int]) -> tuple[dict[int, Any], int]:
    hashes: dict[int, Any] = {}
    for table in (JournalEntry, QuarantinedEntry):
        query = select(table.seq, table.chain_hash).where(table.edge_id == edge, table.epoch == epoch, table.seq.in_(seqs))
        hashes |= dict(session.execute(query).all())
    row = ForgottenRange
    gone = select(row.last, row.head).where(row.edge_id == edge, row.epoch == epoch, row.last.in_(seqs))
    hashes |= dict(session.execute(gone).all())
    return hashes, standing(session, edge, epoch).acked_through
