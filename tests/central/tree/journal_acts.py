"""What may be done to the journals: entries, those parked, epochs, holes; each act says what must be found then, and where."""

from collections.abc import Callable
from typing import Any, Final
from uuid import uuid4

import cbor2
from sqlalchemy import delete, insert, update

from access.chain import link
from central.sync_tables import JournalGap
from central.tables import EdgeHead, JournalEntry, QuarantinedEntry
from tests.central.tampering import Acts, Scene, noted_in, table_of

ACTS: Final[Acts] = {}
act = noted_in(ACTS)


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
    return {column.name: getattr(row, column.name) for column in table_of(JournalEntry).columns}


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


def _newest_says(part: int, value: Any) -> Callable[[Scene], None]:
    """Put something into the newest entry, behind the last checkpoint, with its hash."""
    return lambda scene: scene.rewrite_chain(scene.newer, 8, lambda parts: parts.__setitem__(part, value))


for _name, _part in {"lane": (6, ["in"]), "body": (11, 7), "reference": (11, {"text": cbor2.CBORTag(29, 0)})}.items():
    ACTS[f"an_entry_of_another_form: {_name}"] = _newest_says(*_part), ("journal", "edit", {"seq": 8})


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


@act("journal", "parked", seq=3)
def an_entry_is_put_aside(scene: Scene) -> None:
    _put_aside(scene, 3)


@act("journal", "parked", seq=3)
def an_entry_is_put_aside_without_its_personal_fields(scene: Scene) -> None:
    _put_aside(scene, 3, personal=b"")


@act("journal", "parked", seq=3)
def an_entry_is_put_aside_with_others_beside_it(scene: Scene) -> None:
    _put_aside(scene, 3, personal=b"\xff")


def _put_aside(scene: Scene, seq: int, **changed: bytes) -> None:
    kept = _taken_out(scene, seq) | changed
    parked = {column.name: kept[column.name] for column in table_of(QuarantinedEntry).columns if column.name != "reason"}
    scene.session.execute(insert(QuarantinedEntry), [parked | {"reason": "its id is another entry's"}])
