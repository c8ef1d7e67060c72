"""A tamper kit for a gate's data folder: what may be done to a journal behind the gate's back, and what a walk must call it."""

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from access.chain import genesis, link
from access.contract.checkpoints import Checkpoint, Countersigned
from access.contract.sync import EnrolReply
from access.entries import Entry, Observed, Stamp
from access.sealing import seal
from edge.identity import device_key, public_hex, save_identity
from edge.places import Places
from edge.store.findings import Verdict
from edge.store.head import keep_head, sign_head
from edge.store.received import Kept, Received
from edge.store.renewal import Renewal
from edge.store.verify import verify_beside
from edge.store.witnesses import CHECKPOINT, witnesses_of
from tests.faults.journals import EDGE, STAMP, opened, passages

REGISTRY_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(100, 132)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(50, 82)))
COLUMNS = "rowid, epoch, seq, id, kind, lane, passage, utc_us, canonical, personal, previous, hash"


@dataclass(frozen=True)
class Box:
    """A gate's data folder: three epochs, of the first the oldest entries forgotten; the newest is countersigned at `signed`."""

    places: Places
    epochs: tuple[UUID, UUID, UUID]
    lasts: tuple[int, int, int]
    forgotten: int
    signed: int

    @contextmanager
    def database(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.places.journal, isolation_level=None)) as db:
            yield db

    def do(self, change: str, *values: object) -> None:
        """Change the journal; in the words EPOCH0 to EPOCH2 stand for its epochs, and what is changed must be there."""
        for at, epoch in enumerate(self.epochs):
            change = change.replace(f"EPOCH{at}", f"x'{epoch.hex}'")
        with self.database() as db:
            assert db.execute(change, values).rowcount != 0, change

    def verdict(self) -> Verdict:
        return verify_beside(self.places.journal, witnesses_of(self.places))


def checkpoint(box: Box, seq: int, key: Ed25519PrivateKey | None = None, epoch: int = 2) -> Checkpoint:
    """Sign the head that the journal has at an entry by now."""
    with box.database() as db:
        query = "SELECT hash FROM entries WHERE epoch = ? AND seq = ?"
        ((head,),) = db.execute(query, (box.epochs[epoch].bytes, seq))
    return sign_head(key or device_key(box.places), EDGE, box.epochs[epoch], seq, head, STAMP.utc_us)


def countersigned(told: Checkpoint, key: Ed25519PrivateKey = REGISTRY_KEY, *, agrees: bool | None = True) -> str:
    draft = Countersigned(checkpoint=told, agrees=agrees, received_us=STAMP.utc_us, signature="0" * 128)
    return draft.model_copy(update={"signature": key.sign(draft.signed_bytes()).hex()}).model_dump_json()


def made(folder: Path) -> Box:
    """Let a gate work in this folder."""
    places = Places(folder)
    places.make()
    reply = EnrolReply(edge=EDGE, gate=UUID(int=2), site=UUID(int=3), lanes={}, registry_key=public_hex(REGISTRY_KEY))
    device_key(places)
    save_identity(places, reply)
    epochs, lasts = [], []
    with closing(opened(places.journal)) as journal:
        for why in ("cloned", "rebuilt", ""):
            passages(journal, 6)
            epochs.append(journal.epoch)
            if why:
                lasts.append(journal.seq)
                journal.renew(Renewal(why), STAMP)
        assert journal.forget(epochs[0], 8, STAMP).count == 8
        signed = journal.seq
        passages(journal, 2)
        lasts.append(journal.seq)
    first, second, third = epochs
    box = Box(places, (first, second, third), (lasts[0], lasts[1], lasts[2]), 8, signed)
    keep_head(places.head, checkpoint(box, signed))
    tell(box, countersigned(checkpoint(box, signed)))
    return box


def tell(box: Box, text: str) -> None:
    """Let the courier keep what the registry has said, and that it has all but the last entry."""
    with closing(Received(box.places.courier)) as received:
        received.keep_text(CHECKPOINT, "newest", text)
        acked = dict(zip(box.epochs, box.lasts, strict=True)) | {box.epochs[2]: box.lasts[2] - 1}
        received.keep(Kept(acked))


def copied(box: Box, folder: Path) -> Box:
    """Copy a box whose gate is stopped."""
    shutil.copytree(box.places.root, folder)
    return Box(Places(folder), box.epochs, box.lasts, box.forgotten, box.signed)


# --- what is done ---------------------------------------------------------------------------------


def chain_anew(box: Box, epoch: int, first: int) -> None:
    """Make the chain of an epoch anew from an entry on, as somebody does who has no key."""
    with box.database() as db:
        query = "SELECT seq, canonical, previous FROM entries WHERE epoch = ? AND seq >= ? ORDER BY seq"
        rows = db.execute(query, (box.epochs[epoch].bytes, first)).fetchall()
        before = rows[0][2]
        for seq, canonical, _ in rows:
            hashed = link(before, canonical)
            change = "UPDATE entries SET previous = ?, hash = ? WHERE epoch = ? AND seq = ?"
            db.execute(change, (before, hashed, box.epochs[epoch].bytes, seq))
            before = hashed


def edited(box: Box, epoch: int, seq: int) -> None:
    """Write another entry in the place of one, with columns to match, and leave its hash."""
    sealed = seal(Entry(EDGE, box.epochs[epoch], seq, UUID(int=seq), Stamp(1, STAMP.utc_us), Observed("forged")), os.urandom)
    change = "UPDATE entries SET canonical = ?, personal = x'', id = ?, kind = 'observation', lane = '', passage = '', utc_us = ?"
    values = (sealed.canonical, UUID(int=seq).bytes, STAMP.utc_us, box.epochs[epoch].bytes, seq)
    box.do(f"{change} WHERE epoch = ? AND seq = ?", *values)


def added(box: Box, epoch: UUID, seq: int, previous: bytes | None = None) -> None:
    """Write one entry more, which fits itself and the one before it."""
    sealed = seal(Entry(EDGE, epoch, seq, UUID(int=9), STAMP, Observed("forged")), os.urandom)
    with box.database() as db:
        query = "SELECT hash FROM entries WHERE epoch = ? AND seq = ?"
        before = previous or db.execute(query, (epoch.bytes, seq - 1)).fetchone()[0]
        row = (epoch.bytes, seq, UUID(int=9).bytes, "observation", "", "", STAMP.utc_us, sealed.canonical, b"", before)
        columns = "epoch, seq, id, kind, lane, passage, utc_us, canonical, personal, previous, hash"
        db.execute(f"INSERT INTO entries ({columns}) VALUES ({', '.join('?' * 11)})", (*row, link(before, sealed.canonical)))


def swapped(box: Box, column: str, one: int, other: int) -> None:
    """Let two entries of the newest epoch change what they have in a column."""
    with box.database() as db:
        query = f"SELECT rowid, {column} FROM entries WHERE epoch = ? AND seq = ?"
        (at, first), (there, second) = (db.execute(query, (box.epochs[2].bytes, seq)).fetchone() for seq in (one, other))
        change = f"UPDATE entries SET {column} = ? WHERE rowid = ?"
        if column in ("rowid", "seq"):
            db.execute(change, (-1, at))
        db.execute(change, (first, there))
        db.execute(change, (second, -1 if column == "rowid" else at))


def without_epoch(box: Box, epoch: int) -> None:
    for table in ("entries", "epochs"):
        box.do(f"DELETE FROM {table} WHERE epoch = EPOCH{epoch}")


def cut_forgotten(box: Box) -> None:
    """Take the first entries of the newest epoch away as if they had been forgotten, with no proof of it."""
    with box.database() as db:
        query = "SELECT hash FROM entries WHERE epoch = ? AND seq = 5"
        (head,) = db.execute(query, (box.epochs[2].bytes,)).fetchone()
    box.do("DELETE FROM entries WHERE epoch = EPOCH2 AND seq <= 5")
    box.do("UPDATE epochs SET anchor_seq = 5, anchor_hash = ? WHERE epoch = EPOCH2", head)


def edited_and_hashed(box: Box, seq: int) -> None:
    """Write another entry in the place of one of the newest epoch, with the hash that it has then."""
    edited(box, 2, seq)
    with box.database() as db:
        query = "SELECT previous, canonical FROM entries WHERE epoch = ? AND seq = ?"
        previous, canonical = db.execute(query, (box.epochs[2].bytes, seq)).fetchone()
    box.do("UPDATE entries SET hash = ? WHERE epoch = EPOCH2 AND seq = ?", link(previous, canonical), seq)


def edited_and_chained(box: Box, epoch: int, seq: int) -> None:
    edited(box, epoch, seq)
    chain_anew(box, epoch, seq)


def edited_and_signed(box: Box, seq: int, key: Ed25519PrivateKey | None = None) -> None:
    """Make the chain anew, and sign the head that this leads to."""
    edited_and_chained(box, 2, seq)
    keep_head(box.places.head, checkpoint(box, box.signed, key))


def cut(box: Box, last: int, head: int = 0) -> None:
    """Cut the tail of the newest epoch, and put a head before it in the place of the kept one (-1: take that away)."""
    older = checkpoint(box, head) if head > 0 else None
    box.do(f"DELETE FROM entries WHERE epoch = EPOCH2 AND seq > {last}")
    if older is not None:
        keep_head(box.places.head, older)
    elif head < 0:
        box.places.head.unlink()


def cut_with_former_head(box: Box) -> None:
    """Cut what the registry has not seen, and put a head of the epoch before in the place of the kept one."""
    cut(box, box.signed)
    keep_head(box.places.head, checkpoint(box, box.lasts[1], epoch=1))


def one_byte(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def one_byte_less(box: Box, seq: int) -> None:
    change = "UPDATE entries SET personal = CAST(substr(personal, 1, length(personal) - 1) AS BLOB)"
    box.do(f"{change} WHERE epoch = EPOCH2 AND seq = {seq}")


def head_of_other_seq(box: Box) -> None:
    said = json.loads(box.places.head.read_bytes())
    box.places.head.write_text(json.dumps(said | {"seq": said["seq"] - 1}))


def head_of_former_enrolment(box: Box) -> None:
    """Cut the last entries, and let the head be one that a made-up former key has signed for another edge."""
    box.do(f"DELETE FROM entries WHERE epoch = EPOCH2 AND seq > {box.signed}")
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    box.places.key.with_name("key.pem.old").write_bytes(OTHER_KEY.private_bytes(*form))
    keep_head(box.places.head, sign_head(OTHER_KEY, UUID(int=8), UUID(int=7), 3, bytes(32), STAMP.utc_us))


def not_strict(box: Box) -> None:
    """Let the table take values of any kind, and put some there."""
    with box.database() as db:
        ((made,),) = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'entries'")
        db.execute("ALTER TABLE entries RENAME TO former")
        db.execute(made.replace(") STRICT", ")"))
        db.execute("INSERT INTO entries SELECT * FROM former")
        db.execute("DROP TABLE former")
        db.execute("UPDATE entries SET canonical = 'text', hash = 5 WHERE seq = 7")


Act = Callable[[Box], object]
# By its name: what is done, of which kind it is found to be, and of which entry (epoch, seq); seq 0: of whichever.
TAMPERINGS: dict[str, tuple[Act, str, int, int]] = {
    "canonical bytes": (lambda box: edited(box, 2, 7), "edit", 2, 7),
    "canonical bytes and hash": (lambda box: edited_and_hashed(box, 7), "edit", 2, 8),
    "hash": (lambda box: box.do("UPDATE entries SET hash = zeroblob(32) WHERE epoch = EPOCH2 AND seq = 7"), "edit", 2, 7),
    "previous": (lambda box: box.do("UPDATE entries SET previous = hash WHERE epoch = EPOCH2 AND seq = 7"), "edit", 2, 7),
    "personal field": (lambda box: one_byte_less(box, 3), "edit", 2, 3),
    "personal field of another": (lambda box: swapped(box, "personal", 3, 7), "edit", 2, 3),
    "time": (lambda box: box.do("UPDATE entries SET utc_us = utc_us + 1 WHERE epoch = EPOCH2 AND seq = 7"), "edit", 2, 7),
    "kind": (lambda box: box.do("UPDATE entries SET kind = 'alarm' WHERE epoch = EPOCH2 AND seq = 7"), "edit", 2, 7),
    "lane": (lambda box: box.do("UPDATE entries SET lane = 'x' WHERE epoch = EPOCH2 AND seq = 7"), "edit", 2, 7),
    "passage": (lambda box: box.do("UPDATE entries SET passage = 'x' WHERE epoch = EPOCH2 AND seq = 7"), "edit", 2, 7),
    "id": (lambda box: box.do("UPDATE entries SET id = zeroblob(16) WHERE epoch = EPOCH2 AND seq = 7"), "edit", 2, 7),
    "chain of the newest epoch": (lambda box: edited_and_chained(box, 2, 7), "edit", 2, 0),
    "chain of a former epoch": (lambda box: edited_and_chained(box, 1, 7), "edit", 1, 0),
    "chain, head signed anew with another key": (lambda box: edited_and_signed(box, 7, OTHER_KEY), "wrong_key", 2, 0),
    "chain, head signed anew with this key": (lambda box: edited_and_signed(box, 7), "edit", 2, 0),
    "head's entry": (head_of_other_seq, "wrong_key", 2, 0),
    "head's bytes": (lambda box: one_byte(box.places.head, 0), "edit", -1, 0),
    "registry's word": (lambda box: tell(box, countersigned(checkpoint(box, 9), OTHER_KEY)), "wrong_key", 2, 9),
    "gate's word at the registry": (
        lambda box: tell(box, countersigned(checkpoint(box, 9, OTHER_KEY))),
        "wrong_key",
        2,
        9,
    ),
    "registry's text": (lambda box: tell(box, "{}"), "edit", -1, 0),
    "registry's chain": (lambda box: tell(box, countersigned(checkpoint(box, 9), agrees=False)), "edit", 2, 9),
    "one deleted": (lambda box: box.do("DELETE FROM entries WHERE epoch = EPOCH2 AND seq = 7"), "gap", 2, 7),
    "the first deleted": (lambda box: box.do("DELETE FROM entries WHERE epoch = EPOCH2 AND seq = 1"), "gap", 2, 1),
    "the first of those kept": (lambda box: box.do("DELETE FROM entries WHERE epoch = EPOCH0 AND seq = 9"), "gap", 0, 9),
    "a former epoch": (lambda box: without_epoch(box, 1), "gap", 1, 1),
    "entries of a former epoch": (lambda box: box.do("DELETE FROM entries WHERE epoch = EPOCH1"), "gap", 1, 1),
    "the first as if forgotten": (cut_forgotten, "gap", 2, 1),
    "end of a former epoch": (lambda box: box.do("DELETE FROM entries WHERE epoch = EPOCH1 AND seq > 10"), "gap", 1, 11),
    "head taken away": (lambda box: box.places.head.unlink(), "gap", 2, 0),
    "seq swapped": (lambda box: swapped(box, "seq", 7, 11), "reordering", 2, 7),
    "neighbours swapped": (lambda box: swapped(box, "seq", 7, 8), "reordering", 2, 8),
    "contents swapped": (lambda box: swapped(box, "canonical", 7, 11), "reordering", 2, 7),
    "places in the file swapped": (lambda box: swapped(box, "rowid", 7, 11), "reordering", 2, 0),
    "moved into another epoch": (
        lambda box: box.do("UPDATE entries SET epoch = EPOCH2, seq = 99 WHERE epoch = EPOCH1 AND seq = 7"),
        "reordering",
        2,
        99,
    ),
    "behind the end of a former epoch": (lambda box: added(box, box.epochs[1], box.lasts[1] + 1), "added", 1, 0),
    "before what was forgotten": (lambda box: added(box, box.epochs[0], 3, bytes(32)), "added", 0, 3),
    "in an epoch of its own": (lambda box: added(box, UUID(int=7), 1, genesis(EDGE, UUID(int=7))), "added", -1, 1),
    "tail": (lambda box: cut(box, 9), "cut_tail", 2, 0),
    "tail, the head taken away": (lambda box: cut(box, 9, -1), "cut_tail", 2, 10),
    "tail, an older head": (lambda box: cut(box, 9, 8), "cut_tail", 2, 10),
    "tail behind the head": (lambda box: cut(box, box.signed), "cut_tail", 2, 0),
    "tail, the head of a former enrolment": (head_of_former_enrolment, "cut_tail", 2, 0),
    "tail, a head of an epoch before": (cut_with_former_head, "cut_tail", 2, 0),
    "an epoch of no entries": (
        lambda box: box.do("INSERT INTO epochs (epoch, edge, anchor_seq, anchor_hash) VALUES (?, EPOCH0, 0, x'')", bytes(16)),
        "gap",
        -1,
        1,
    ),
    "an epoch's name": (lambda box: box.do("UPDATE epochs SET epoch = x'00' WHERE epoch = EPOCH2"), "edit", -1, 0),
    "an epoch's edge": (lambda box: box.do("UPDATE epochs SET edge = x'' WHERE epoch = EPOCH2"), "edit", -1, 0),
    "a table that takes anything": (not_strict, "edit", -1, 0),
    "a trigger": (lambda box: box.do("CREATE TRIGGER t AFTER INSERT ON entries BEGIN DELETE FROM entries; END"), "edit", -1, 0),
    "the newest epoch": (lambda box: without_epoch(box, 2), "cut_tail", -1, 0),
}
