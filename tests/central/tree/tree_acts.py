"""What may be done to all that stands for the journals: checkpoints, keys, the tree, the audit, what was published."""

from typing import Final
from uuid import uuid4

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, insert, update

from central.audit.tables import AuditEntry
from central.sync_tables import JournalCheckpoint
from central.tables import Edge
from central.tree import leaves
from central.tree.tables import ChainEnd, PublishedHead, TreeNode
from tests.central.tampering import STRANGER, Acts, Scene, noted_in, table_of

ACTS: Final[Acts] = {}
act = noted_in(ACTS)


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


@act("edge", "wrong_key")
def an_edge_has_half_a_key(scene: Scene) -> None:
    scene.session.execute(update(Edge).where(Edge.id == scene.edge).values(public_key=bytes(16)))


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
    values = {column.name: getattr(row, column.name) for column in table_of(AuditEntry).columns}
    scene.session.execute(insert(AuditEntry), [values | {"id": uuid4(), "seq": None}])


@act("audit", "added")
def an_entry_is_put_behind_the_audit(scene: Scene) -> None:
    row = scene.audit()[-1]
    values = {column.name: getattr(row, column.name) for column in table_of(AuditEntry).columns}
    scene.session.execute(insert(AuditEntry), [values | {"id": uuid4(), "seq": (row.seq or 0) + 1}])


@act("published", "wrong_key")
def another_head_was_published(scene: Scene) -> None:
    scene.session.execute(update(PublishedHead).values(root=bytes(32)))


@act("published", "gap")
def nothing_was_ever_published(scene: Scene) -> None:
    scene.session.execute(delete(PublishedHead))


@act("tree", "gap", seq=8)
def a_checkpoint_says_that_it_is_in_the_tree(scene: Scene) -> None:
    _another_checkpoint(scene, leaf=0)


@act("checkpoint", "wrong_key", seq=8)
def a_checkpoint_that_says_so_is_signed_by_another(scene: Scene) -> None:
    _another_checkpoint(scene, leaf=0)


@act("tree", "cut_tail", seq=8)
def a_checkpoint_says_that_it_is_behind_the_tree(scene: Scene) -> None:
    _another_checkpoint(scene, leaf=len(scene.leaves()))


def _another_checkpoint(scene: Scene, leaf: int) -> None:
    row = scene.checkpoint(7)
    values = {column.name: getattr(row, column.name) for column in table_of(JournalCheckpoint).columns}
    scene.session.execute(insert(JournalCheckpoint), [values | {"seq": 8, "head": scene.entry(8).chain_hash, "leaf": leaf}])


@act("audit", "fork")
def a_later_leaf_has_another_audit(scene: Scene) -> None:
    _appended(scene, leaves.of_audit(len(scene.audit()), bytes(32), 0))


@act("audit", "fork", seq=1)
def a_later_leaf_has_the_audit_fall(scene: Scene) -> None:
    _appended(scene, leaves.of_audit(1, scene.audit()[0].chain_hash or b"", 0))


@act("audit", "fork")
def a_later_leaf_agrees_with_an_audit_that_is_rewritten(scene: Scene) -> None:
    rows = scene.audit()
    rows[1].by_name = "nobody"
    scene.rechain_audit(rows)
    told = [leaf.data for leaf in scene.leaves() if leaf.kind == leaves.AUDIT]
    seqs = [cbor2.loads(data)[1] for data in told]
    _appended(scene, *(leaves.of_audit(seq, rows[seq - 1].chain_hash or b"", 0) for seq in seqs))


@act("tree", "edit")
def a_leaf_of_another_form(scene: Scene) -> None:
    _appended(scene, cbor2.dumps([leaves.AUDIT, "2", 7, None]), cbor2.dumps([leaves.CHECKPOINT, *range(9)]))


@act("checkpoint", "edit", leaf=6)
def a_leaf_of_a_checkpoint_that_can_be_none(scene: Scene) -> None:
    parts = cbor2.loads(scene.leaves()[1].data)
    assert parts[0] == leaves.CHECKPOINT
    _appended(scene, *(cbor2.dumps([*parts[:4], *each, *parts[6:]], canonical=True) for each in ((bytes(32), 1), (b"", 1))))


def _appended(scene: Scene, *data: bytes) -> None:
    """Append leaves as the registry itself would."""
    scene.grow_anew([*(leaf.data for leaf in scene.leaves()), *data], scene.registry.key)
