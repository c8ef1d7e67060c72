"""Somebody with the database in his hands: what he has before him, and how what he does is told with what must be found then."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast
from uuid import UUID

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.orm import Session

from access import merkle
from access.chain import link
from access.contract.heads import TreeHead
from central.audit.chain import GENESIS, chained
from central.audit.tables import AuditEntry
from central.registry import Registry
from central.sync_tables import JournalCheckpoint, JournalGap
from central.tables import Base, Edge, EdgeHead, JournalEntry, QuarantinedEntry
from central.tree.tables import ChainEnd, PublishedHead, TreeLeaf, TreeNode

KEPT: Final = (
    EdgeHead, JournalEntry, QuarantinedEntry, JournalCheckpoint, JournalGap, AuditEntry, ChainEnd, TreeLeaf, TreeNode,
    PublishedHead,
)  # fmt: skip
STRANGER: Final = Ed25519PrivateKey.generate()
# Part, kind and what of the place must be named in one of the findings.
Expected = tuple[str, str, dict[str, Any]]


@dataclass
class Scene:
    """A registry with a history: of the former epoch entries 5 and 6 are lost, of the newer one an entry was parked."""

    registry: Registry
    edge: UUID
    former: UUID
    newer: UUID
    outside: Path
    session: Session = field(init=False)

    # --- looking ----------------------------------------------------------------------------------

    def entry(self, seq: int, epoch: UUID | None = None) -> JournalEntry:
        return self.session.get_one(JournalEntry, (self.edge, epoch or self.newer, seq))

    def checkpoint(self, seq: int) -> JournalCheckpoint:
        return self.session.get_one(JournalCheckpoint, (self.edge, self.newer, seq))

    def audit(self) -> Sequence[AuditEntry]:
        return self.session.scalars(select(AuditEntry).order_by(AuditEntry.seq)).all()

    def leaves(self) -> Sequence[TreeLeaf]:
        return self.session.scalars(select(TreeLeaf).order_by(TreeLeaf.place)).all()

    # --- rewriting --------------------------------------------------------------------------------

    def rewrite_chain(self, epoch: UUID, first: int, change: Callable[[list[Any]], None]) -> None:
        """Change what an entry says, and make all hashes behind it anew, as somebody would who knows how."""
        tables = JournalEntry, QuarantinedEntry
        found = [self.session.scalars(select(each).where(each.epoch == epoch, each.seq >= first - 1)).all() for each in tables]
        rows: list[Any] = sorted((row for some in found for row in some), key=lambda row: row.seq)
        before = rows[0].chain_hash
        parts = cbor2.loads(rows[1].canonical)
        change(parts)
        rows[1].canonical = cbor2.dumps(parts, canonical=True)
        for row in rows[1:]:
            row.chain_hash = before = link(before, row.canonical)
        head = self.session.get_one(EdgeHead, (self.edge, epoch))
        head.head = before

    def grow_anew(self, data: Sequence[bytes], key: Ed25519PrivateKey | None = None) -> None:
        """Make the tree anew over other leaves, and sign its head with a key, if there is one."""
        self.session.execute(delete(TreeLeaf))
        self.session.execute(delete(TreeNode))
        nodes = {(level, place): h for level, place, h in merkle.nodes_of(0, _nothing, map(merkle.leaf_hash, data))}
        self.session.add_all(TreeLeaf(place=place, kind=cbor2.loads(each)[0], data=each) for place, each in enumerate(data))
        self.session.add_all(TreeNode(level=level, place=place, hash=h) for (level, place), h in nodes.items())
        end = self.session.get_one(ChainEnd, "tree")
        end.size, end.head = len(data), merkle.root_of(data)
        if key:
            head = TreeHead(size=end.size, root=end.head.hex(), at_us=end.at_us or 0, signature="0" * 128)
            end.signature = key.sign(head.signed_bytes())

    def rechain_audit(self, rows: Sequence[AuditEntry]) -> None:
        """Make the chain of the audit anew over these entries."""
        head = GENESIS
        for seq, row in enumerate(rows, 1):
            entry = {column.name: getattr(row, column.name) for column in cast("Table", AuditEntry.__table__).columns}
            made = chained(head, seq, entry, bytes(16))
            head = row.chain_hash = made["chain_hash"]
            row.commitment, row.salt = made["commitment"], made["salt"]
        end = self.session.get_one(ChainEnd, "audit")
        end.size, end.head = len(rows), head


def _nothing(_level: int, _place: int) -> bytes:
    raise LookupError


class Tampering:
    """Somebody at the database of a scene; what he did before is put back first, in the same piece of work."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        with scene.registry.database.read() as session:
            self._kept = {of: [dict(row) for row in session.execute(select(table_of(of))).mappings()] for of in KEPT}
            self._keys = dict(session.execute(select(Edge.id, Edge.public_key)).all())

    def do(self, act: Callable[[Scene], None]) -> None:
        """Do this alone."""
        with self._scene.registry.database.write() as session:
            for of, rows in self._kept.items():
                session.execute(delete(table_of(of)))
                if rows:
                    session.execute(insert(table_of(of)), rows)
            for edge, key in self._keys.items():
                session.execute(update(Edge).where(Edge.id == edge).values(public_key=key))
            self._scene.session = session
            act(self._scene)


def table_of(of: type[Base]) -> Table:
    return cast("Table", of.__table__)


# By the name of each act: what is done, and what it must be found as.
Acts = dict[str, tuple[Callable[[Scene], None], Expected]]
Act = Callable[[Scene], None]


def noted_in(acts: Acts) -> Callable[..., Callable[[Act], Act]]:
    """Return what says of an act, as a decorator, what it must be found as: part, kind, and what of the place is named."""

    def act(part: str, kind: str, **place: Any) -> Callable[[Act], Act]:
        def known(what: Act) -> Act:
            acts[what.__name__] = what, (part, kind, place)
            return what

        return known

    return act
