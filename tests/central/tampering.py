"""What somebody with the database in his hands may do: each act says what must be found then, and where."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast
from uuid import UUID, uuid4

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
from central.tree import leaves
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
            self._kept = {of: [dict(row) for row in session.execute(select(_table(of))).mappings()] for of in KEPT}
            self._keys = dict(session.execute(select(Edge.id, Edge.public_key)).all())

    def do(self, act: Callable[[Scene], None]) -> None:
        """Do this alone."""
        with self._scene.registry.database.write() as session:
            for of, rows in self._kept.items():
                session.execute(delete(_table(of)))
                if rows:
                    session.execute(insert(_table(of)), rows)
            for edge, key in self._keys.items():
                session.execute(update(Edge).where(Edge.id == edge).values(public_key=key))
            self._scene.session = session
            act(self._scene)


def _table(of: type[Base]) -> Table:
    return cast("Table", of.__table__)


# --- the acts -------------------------------------------------------------------------------------

ACTS: dict[str, tuple[Callable[[Scene], None], Expected]] = {}


def act(part: str, kind: str, **place: Any) -> Callable[[Callable[[Scene], None]], Callable[[Scene], None]]:
    """Say of an act what it must be found as."""

    def known(what: Callable[[Scene], None]) -> Callable[[Scene], None]:
        ACTS[what.__name__] = what, (part, kind, place)
        return what

    return known


@act("journal", "edit", seq=3)
def an_entry_says_otherwise(scene: Scene) -> None:
    row = scene.entry(3)
    row.canonical = row.canonical[:-1] + bytes([row.canonical[-1] ^ 1])


@act("journal", "edit", seq=3)
def a_chain_hash_is_another(scene: Scene) -> None:
    scene.entry(3).chain_hash = bytes(32)


@act("journal", "edit", seq=3)
def a_plate_is_another(scene: Scene) -> None:
    scene.entry(3).plate = "粤B99999"


@act("journal", "edit", seq=3)
def a_grant_becomes_a_refusal(scene: Scene) -> None:
    scene.entry(3).outcome = "refuse"


@act("journal", "edit", seq=4)
def it_was_at_another_time(scene: Scene) -> None:
    scene.entry(4).at_us += 3_600_000_000


@act("journal", "edit", seq=3)
def it_was_somebody_else(scene: Scene) -> None:
    scene.entry(3).person_id = uuid4()


@act("journal", "edit", seq=3)
def it_was_another_lane(scene: Scene) -> None:
    scene.entry(3).lane_id = uuid4()


@act("journal", "edit", seq=3)
def it_was_another_gate(scene: Scene) -> None:
    scene.entry(3).gate_id = uuid4()


@act("journal", "edit", seq=3)
def another_name_stands_beside(scene: Scene) -> None:
    row = scene.entry(3)
    beside = cbor2.loads(row.personal)
    beside["holder"] = beside["holder"][:16] + cbor2.dumps("王*")
    row.personal = cbor2.dumps(beside, canonical=True)


@act("journal", "gap", seq=3)
def an_entry_is_gone(scene: Scene) -> None:
    scene.session.delete(scene.entry(3))


@act("journal", "reordering", seq=3)
def two_entries_change_places(scene: Scene) -> None:
    three, four = _taken_out(scene, 3), _taken_out(scene, 4)
    scene.session.execute(insert(JournalEntry), [three | {"seq": 4}, four | {"seq": 3}])


@act("journal", "reordering", seq=3)
def an_entry_of_another_epoch_stands_here(scene: Scene) -> None:
    _taken_out(scene, 3)
    other = _values(scene.entry(2, scene.former))
    scene.session.delete(scene.entry(2, scene.former))
    scene.session.flush()
    scene.session.execute(insert(JournalEntry), [other | {"epoch": scene.newer, "seq": 3}])


def _taken_out(scene: Scene, seq: int) -> dict[str, Any]:
    values = _values(scene.entry(seq))
    scene.session.delete(scene.entry(seq))
    scene.session.flush()
    return values


def _values(row: JournalEntry) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in _table(JournalEntry).columns}


@act("journal", "cut_tail", seq=8)
def the_newest_entry_is_gone(scene: Scene) -> None:
    scene.session.delete(scene.entry(8))


@act("checkpoint", "cut_tail", seq=7)
def the_tail_is_cut_and_the_head_put_back(scene: Scene) -> None:
    for seq in (7, 8):
        scene.session.delete(scene.entry(seq))
    head, last = (
        scene.session.get_one(EdgeHead, (scene.edge, scene.newer)),
        scene.session.get_one(QuarantinedEntry, (scene.edge, scene.newer, 6)),
    )
    head.acked_through, head.head = 6, last.chain_hash


@act("checkpoint", "cut_tail", seq=2)
def a_whole_epoch_is_gone(scene: Scene) -> None:
    for table in (JournalEntry, QuarantinedEntry, EdgeHead):
        scene.session.execute(delete(table).where(table.epoch == scene.newer))


@act("checkpoint", "fork", seq=4)
def an_entry_is_rewritten_with_all_behind_it(scene: Scene) -> None:
    def change(parts: list[Any]) -> None:
        parts[11]["reason"] = "other"

    scene.entry(4).reason = "other"
    scene.rewrite_chain(scene.newer, 4, change)


@act("journal", "fork", seq=10)
def a_former_epoch_without_checkpoints_is_rewritten(scene: Scene) -> None:
    def change(parts: list[Any]) -> None:
        parts[11]["reason"] = "other"

    scene.entry(9, scene.former).reason = "other"
    scene.rewrite_chain(scene.former, 9, change)


@act("journal", "edit", seq=3)
def a_card_stands_beside_a_plate(scene: Scene) -> None:
    scene.entry(3).card = "0A0063E9"


@act("journal", "edit", seq=8)
def a_lane_is_no_text(scene: Scene) -> None:
    _set_part(scene, 6, ["in"])


@act("journal", "edit", seq=8)
def a_body_is_none(scene: Scene) -> None:
    _set_part(scene, 11, 7)


@act("journal", "edit", seq=8)
def an_entry_refers_to_a_part_of_itself(scene: Scene) -> None:
    _set_part(scene, 11, {"text": cbor2.CBORTag(29, 0)})


def _set_part(scene: Scene, part: int, value: Any) -> None:
    """Put something into the newest entry, behind the last checkpoint, with its hash."""

    def change(parts: list[Any]) -> None:
        parts[part] = value

    scene.rewrite_chain(scene.newer, 8, change)


@act("journal", "edit", seq=8)
def something_stands_behind_the_bytes_of_an_entry(scene: Scene) -> None:
    row, head = scene.entry(8), scene.session.get_one(EdgeHead, (scene.edge, scene.newer))
    row.canonical += b"\0"
    row.chain_hash = head.head = link(scene.entry(7).chain_hash, row.canonical)


@act("journal", "added", seq=9)
def an_entry_is_put_behind_the_end(scene: Scene) -> None:
    scene.session.execute(insert(JournalEntry), [_values(scene.entry(8)) | {"seq": 9, "id": uuid4()}])


@act("journal", "gap", seq=3)
def what_is_gone_is_passed_off_as_lost(scene: Scene) -> None:
    row = scene.entry(3)
    gap = {"edge_id": scene.edge, "epoch": scene.newer, "first": 3, "last": 3, "reason": "damaged", "declared_us": row.at_us}
    scene.session.execute(insert(JournalGap), [gap | {"follows": row.chain_hash}])
    scene.session.delete(row)


@act("journal", "gap", seq=5)
def a_declared_hole_is_made_wider(scene: Scene) -> None:
    seven = scene.entry(7, scene.former)
    scene.session.execute(update(JournalGap).values(last=7, follows=seven.chain_hash))
    scene.session.delete(seven)


@act("journal", "edit", seq=6)
def a_parked_entry_says_otherwise(scene: Scene) -> None:
    scene.session.get_one(QuarantinedEntry, (scene.edge, scene.newer, 6)).canonical = b"\xff\x00"


@act("journal", "edit", seq=1)
def an_epoch_goes_on_from_elsewhere(scene: Scene) -> None:
    scene.session.get_one(EdgeHead, (scene.edge, scene.newer)).follows_seq = 7


@act("checkpoint", "edit", seq=5)
def a_checkpoint_is_signed_by_another(scene: Scene) -> None:
    row = scene.checkpoint(5)
    row.signature = STRANGER.sign(leaves.countersigned(row).checkpoint.signed_bytes())


@act("checkpoint", "wrong_key", seq=5)
def a_checkpoint_and_its_leaf_are_signed_by_another(scene: Scene) -> None:
    _resigned(scene, edge=STRANGER)


@act("checkpoint", "wrong_key", seq=5)
def a_checkpoint_is_countersigned_by_another(scene: Scene) -> None:
    _resigned(scene, registry=STRANGER)


def _resigned(scene: Scene, edge: Ed25519PrivateKey | None = None, registry: Ed25519PrivateKey | None = None) -> None:
    """Sign a checkpoint anew, and make the whole tree anew over it."""
    row = scene.checkpoint(5)
    if edge:
        row.signature = edge.sign(leaves.countersigned(row).checkpoint.signed_bytes())
    if registry:
        row.countersignature = registry.sign(leaves.countersigned(row).signed_bytes())
    data = [leaf.data if leaf.place != row.leaf else leaves.of_checkpoint(row) for leaf in scene.leaves()]
    scene.grow_anew(data, STRANGER)


@act("checkpoint", "gap", seq=7)
def a_checkpoint_is_gone(scene: Scene) -> None:
    scene.session.delete(scene.checkpoint(7))


@act("checkpoint", "edit", seq=7)
def what_did_not_agree_agrees(scene: Scene) -> None:
    scene.checkpoint(7).agrees = None


@act("edge", "wrong_key")
def an_edge_has_another_key(scene: Scene) -> None:
    key = STRANGER.public_key().public_bytes_raw()
    scene.session.execute(update(Edge).where(Edge.id == scene.edge).values(public_key=key))


@act("tree", "edit", leaf=1)
def a_leaf_says_otherwise(scene: Scene) -> None:
    leaf = scene.leaves()[1]
    leaf.data = leaf.data[:-1] + bytes([leaf.data[-1] ^ 1])


@act("tree", "edit")
def a_node_is_another(scene: Scene) -> None:
    scene.session.get_one(TreeNode, (1, 0)).hash = bytes(32)


@act("tree", "gap")
def a_node_is_gone(scene: Scene) -> None:
    scene.session.delete(scene.session.get_one(TreeNode, (1, 0)))


@act("tree", "gap", leaf=1)
def a_leaf_is_gone(scene: Scene) -> None:
    scene.session.delete(scene.leaves()[1])


@act("tree", "cut_tail")
def the_newest_leaf_is_gone_with_its_nodes(scene: Scene) -> None:
    kept = [leaf.data for leaf in scene.leaves()][:-1]
    end = scene.session.get_one(ChainEnd, "tree")
    was = end.size, end.head
    scene.grow_anew(kept)
    end.size, end.head = was


@act("tree", "wrong_key")
def the_tree_is_made_anew_without_a_leaf(scene: Scene) -> None:
    scene.grow_anew([leaf.data for leaf in scene.leaves()][:-1])


@act("tree", "cut_tail", seq=7)
def the_tree_forgets_a_checkpoint(scene: Scene) -> None:
    end = scene.checkpoint(7).leaf
    scene.grow_anew([leaf.data for leaf in scene.leaves()][:end])


@act("tree", "cut_tail")
def nothing_says_where_the_tree_ends(scene: Scene) -> None:
    scene.session.execute(delete(ChainEnd).where(ChainEnd.name == "tree"))


@act("checkpoint", "reordering")
def two_leaves_change_places(scene: Scene) -> None:
    data = [leaf.data for leaf in scene.leaves()]
    places = [place for place, each in enumerate(data) if cbor2.loads(each)[0] == leaves.CHECKPOINT]
    data[places[0]], data[places[1]] = data[places[1]], data[places[0]]
    scene.grow_anew(data)


@act("published", "fork")
def the_registrys_own_key_signs_another_tree(scene: Scene) -> None:
    data = [leaf.data for leaf in scene.leaves()]
    row = scene.checkpoint(5)
    row.at_us += 1
    row.countersignature = scene.registry.key.sign(leaves.countersigned(row).signed_bytes())
    data[row.leaf or 0] = leaves.of_checkpoint(row)
    scene.grow_anew(data, scene.registry.key)
    scene.session.execute(delete(PublishedHead))


@act("published", "cut_tail")
def the_registrys_own_key_signs_a_shorter_tree(scene: Scene) -> None:
    scene.grow_anew([leaf.data for leaf in scene.leaves()][:1], scene.registry.key)


@act("audit", "edit", seq=2)
def an_act_of_the_audit_is_another(scene: Scene) -> None:
    scene.audit()[1].act = "deleted"


@act("audit", "edit", seq=2)
def a_reason_of_the_audit_is_another(scene: Scene) -> None:
    scene.audit()[1].reason = "no reason"


@act("audit", "edit", seq=1)
def what_was_erased_in_the_audit_is_written_anew(scene: Scene) -> None:
    scene.audit()[0].after = {"name": "somebody"}


@act("audit", "gap", seq=2)
def an_entry_of_the_audit_is_gone(scene: Scene) -> None:
    scene.session.delete(scene.audit()[1])


@act("audit", "reordering", seq=2)
def two_entries_of_the_audit_change_places(scene: Scene) -> None:
    one, other = scene.audit()[1:3]
    for row, seq in ((one, None), (other, 2), (one, 3)):
        row.seq = seq
        scene.session.flush()


@act("audit", "cut_tail")
def the_newest_of_the_audit_is_gone(scene: Scene) -> None:
    scene.session.delete(scene.audit()[-1])


@act("audit", "cut_tail")
def the_audit_is_cut_and_its_end_put_back(scene: Scene) -> None:
    *kept, last = scene.audit()
    scene.session.delete(last)
    end = scene.session.get_one(ChainEnd, "audit")
    end.size, end.head = len(kept), kept[-1].chain_hash or b""


@act("audit", "fork")
def the_audit_is_rewritten_as_a_whole(scene: Scene) -> None:
    rows = scene.audit()
    rows[1].by_name = "nobody"
    scene.rechain_audit(rows)


@act("audit", "added")
def an_entry_is_put_beside_the_audit(scene: Scene) -> None:
    row = scene.audit()[-1]
    values = {column.name: getattr(row, column.name) for column in _table(AuditEntry).columns}
    scene.session.execute(insert(AuditEntry), [values | {"id": uuid4(), "seq": None}])


@act("audit", "added")
def an_entry_is_put_behind_the_audit(scene: Scene) -> None:
    row = scene.audit()[-1]
    values = {column.name: getattr(row, column.name) for column in _table(AuditEntry).columns}
    scene.session.execute(insert(AuditEntry), [values | {"id": uuid4(), "seq": (row.seq or 0) + 1}])


@act("published", "wrong_key")
def another_head_was_published(scene: Scene) -> None:
    scene.session.execute(update(PublishedHead).values(root=bytes(32)))


@act("published", "gap")
def nothing_was_ever_published(scene: Scene) -> None:
    scene.session.execute(delete(PublishedHead))
