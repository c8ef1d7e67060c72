"""Fault 10: the journal is corrupt at start. It is set aside, what can be read of it goes on, what is lost is said."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from random import Random

import pytest

from access.contract.checkpoints import Checkpoint
from access.entries import AlarmRaised, EvidenceKept, Observed
from edge.identity import Identity
from edge.logs import Log
from edge.places import Places
from edge.store.errors import StoreError
from edge.store.evidence import EvidenceReader
from edge.store.reader import JournalReader
from edge.store.renewal import Renewal
from edge.store.replacing import QUARANTINE
from edge.store.retention import Forgettable, OldEntries
from edge.store.scribe import Scribe
from tests.disks import fill, mounting, small_disk
from tests.faults.journals import (
    EDGE,
    KEY,
    STAMP,
    add,
    bodies_of,
    copied,
    epochs_in,
    gaps_in,
    is_declared,
    opened,
    passages,
    signed_head,
    stored,
)
from tests.sizes import sized

SEEDS = sized(quick=24, soak=1000)


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Checkpoint]]:
    """A journal as a kill leaves it: the newest entries are in the write-ahead log alone."""
    path = tmp_path_factory.mktemp("gate") / "journal.db"
    with closing(opened(path)) as journal:
        passages(journal, 40)
        journal.tidy()
        passages(journal, 20, 40)
        yield path, signed_head(journal)


def damage(path: Path, chance: Random) -> None:
    """Flip bytes in some pages, write over whole ones, or cut the file; also in the write-ahead log."""
    victim = chance.choice([path, path, path.with_name(path.name + "-wal")])
    content = bytearray(victim.read_bytes())
    match chance.choice(["flip", "overwrite", "cut", "first page"]):
        case "flip":
            for _ in range(chance.choice([1, 10, 200])):
                content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        case "overwrite":
            for _ in range(chance.choice([1, 5])):
                at = chance.randrange(len(content) // 4096) * 4096
                content[at : at + 4096] = chance.randbytes(4096)
        case "cut":
            del content[chance.randrange(len(content)) :]
        case _:
            content[:100] = chance.randbytes(100)
    victim.write_bytes(content)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_fault_10_what_can_be_read_goes_on_and_what_is_lost_is_said(
    seed: int, left: tuple[Path, Checkpoint], tmp_path: Path
) -> None:
    original, head = left
    before = stored(original)
    path = copied(original, tmp_path)
    damage(path, Random(seed))
    with closing(opened(path, head)) as journal:
        rotten = journal.scrub(len(before) + 1000)
        add(journal, Observed("the gate goes on"))
    if rotten:  # an old row, whose page is sound: nothing is lost but that row, see fault 11
        assert not (tmp_path / QUARANTINE).exists(), "a row was carried over that does not fit"
        return
    kept, gaps = stored(path), gaps_in(path)
    for place, canonical in before.items():
        assert kept.get(place) == canonical or (place not in kept and is_declared(place, gaps)), f"{place} is lost and not said"
    begun = len(epochs_in(path))
    opened(path).close()
    assert len(epochs_in(path)) == begun, "the next start begins anew again"


def test_fault_10_a_file_that_is_no_database_is_set_aside_whole_and_shown(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(opened(path)) as journal:
        passages(journal, 30)
        head = signed_head(journal)
    before, content = stored(path), path.read_bytes()
    torn = b"a letter" + content[8:]
    path.write_bytes(torn)
    with closing(opened(path, head)) as journal:
        assert journal.presence.facts, "who is inside is forgotten"
    assert [began.reason for began in epochs_in(path)] == ["created", "rebuilt"]
    assert epochs_in(path)[1].follows_seq == len(before)
    assert AlarmRaised("journal_rebuilt", f"file is not a database; {len(before)} entries kept") in bodies_of(path)
    assert before.items() <= stored(path).items()
    assert gaps_in(path) == []
    (aside,) = (tmp_path / QUARANTINE).glob("*/journal.db")
    assert aside.read_bytes() == torn


def test_fault_10_a_draft_of_a_rebuilding_that_was_cut_off_goes(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(opened(path)) as journal:
        passages(journal, 10)
    before = stored(path)
    left = [tmp_path / name for name in ("journal.rebuilding", "journal.rebuilding-journal", "journal.rebuilding.new")]
    for draft in left:
        draft.write_bytes(b"half")
    opened(path).close()
    assert stored(path) == before
    assert not any(draft.exists() for draft in left)


def test_fault_10_a_complete_new_file_is_the_journal_whatever_is_left_of_the_old(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(opened(path)) as journal:
        passages(journal, 10)
    before = stored(path)
    path.with_name("journal.db-shm").unlink()
    path.rename(path.with_suffix(".20260101T000000.000000Z.rebuilt"))
    path.write_bytes(b"damaged")
    path.with_name("journal.db-wal").write_bytes(b"its log")
    opened(path).close()
    aside = tmp_path / QUARANTINE / "20260101T000000.000000Z"
    assert {file.name: file.read_bytes() for file in aside.iterdir()} == {"journal.db": b"damaged", "journal.db-wal": b"its log"}
    assert stored(path) == before


def test_fault_10_what_a_running_gate_has_written_and_lost_is_said_to_the_last_entry(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(opened(path)) as journal:
        passages(journal, 20)
        journal.tidy()
        epoch, last = journal.epoch, journal.seq
        with path.open("r+b") as file:
            file.seek(-20 * 512, os.SEEK_END)
            file.write(bytes(20 * 512))
        journal.is_certain = False
        journal.reopen(STAMP)
        add(journal, Observed("the gate goes on"))
    kept = stored(path)
    lost = {seq for seq in range(1, last + 1) if (epoch, seq) not in kept}
    assert lost
    assert last in lost
    assert all(is_declared((epoch, seq), gaps_in(path)) for seq in lost)
    assert max(gap.last for gap in gaps_in(path)) == last, "how far it went is known, and not said"


def test_fault_10_who_reads_beside_a_running_gate_goes_on_with_the_new_file(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(opened(path)) as journal:
        passages(journal, 20)
        journal.tidy()
        with closing(JournalReader(path)) as courier, closing(EvidenceReader(path)) as keeper, closing(OldEntries(path)) as old:
            assert courier.head() == (journal.epoch, journal.seq)
            assert (keeper.newest(), old.room().free) == (0, 0)
            lose_pages(path, 5)
            journal.is_certain = False
            journal.reopen(STAMP)
            add(journal, EvidenceKept("capture", "00" * 32, 1, "camera-in"))
            assert courier.head() == (journal.epoch, journal.seq)
            assert keeper.newest() > 0
            assert old.forgettable({journal.epoch: 1}, None, 100) == Forgettable(journal.epoch, 1)
            path.rename(tmp_path / "elsewhere")
            with pytest.raises(StoreError, match=r"journal.db cannot be read"):
                courier.head()
            (tmp_path / "elsewhere").rename(path)
            assert courier.head() == (journal.epoch, journal.seq)


def test_fault_10_the_end_of_a_former_epoch_is_missed(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(opened(path)) as journal:
        passages(journal, 5)
        first, last = journal.epoch, journal.seq
        journal.renew(Renewal("restored"), STAMP)
        second = journal.epoch
        journal.renew(Renewal("restored"), STAMP)
        third = journal.epoch
        passages(journal, 5)
    lose(path, "epoch = ? AND seq > ?", first.bytes, last - 2)
    lose(path, "epoch = ?", second.bytes)
    opened(path).close()
    said = [(gap.epoch, gap.first, gap.last) for gap in gaps_in(path)]
    assert said[1:] == [(second.hex, 1, 1), (first.hex, last - 1, 0)]
    assert said[0][0] == third.hex


def lose(path: Path, which: str, *values: object) -> None:
    """Let rows rot away, and the file be taken for damaged."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(f"DELETE FROM entries WHERE {which}", values)
        db.execute("UPDATE entries SET personal = x'ff', hash = x'00' WHERE rowid = (SELECT max(rowid) - 1 FROM entries)")


def test_fault_10_a_journal_with_pages_as_they_were_made_before_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(opened(path)) as journal:
        passages(journal, 20)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for pragma in ("journal_mode=DELETE", "page_size=4096", "journal_mode=DELETE"):
            db.execute(f"PRAGMA {pragma}")
        db.execute("VACUUM")
    with closing(opened(path)) as journal:
        assert journal.look(lambda db: db.execute("PRAGMA page_size").fetchone()) == (4096,)
        passages(journal, 10, 20)
        left = copied(path, tmp_path / "left")
    before = stored(path)
    lose_pages(path, 0)
    lose_pages(left, 0, 5, 9)
    for damaged in (path, left):
        with closing(opened(damaged)) as journal:
            assert journal.look(lambda db: db.execute("PRAGMA page_size").fetchone()) == (512,), "it wears the disk more"
        kept, gaps = stored(damaged), gaps_in(damaged)
        assert all(kept.get(place) == canonical or is_declared(place, gaps) for place, canonical in before.items())
    assert gaps_in(path) == []


def lose_pages(path: Path, *numbers: int) -> None:
    with path.open("r+b") as file:
        for number in numbers:
            file.seek(number * 4096)
            file.write(bytes(4096 if number else 100))


def test_fault_10_damage_in_the_log_does_not_hide_what_is_behind(tmp_path: Path) -> None:
    path = tmp_path / "gate" / "journal.db"
    path.parent.mkdir()
    with closing(opened(path)) as journal:
        passages(journal, 5)
        left = copied(path, tmp_path / "left")
        acknowledged = {(journal.epoch, seq) for seq in range(1, journal.seq + 1)}
    log = left.with_name("journal.db-wal")
    content = log.read_bytes()
    for at in range(32 + 24, len(content), len(content) // 15):
        box = copied(left, tmp_path / str(at))
        box.with_name(log.name).write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        opened(box).close()
        kept, gaps = stored(box), gaps_in(box)
        lost = [place for place in acknowledged if place not in kept and not is_declared(place, gaps)]
        assert len(lost) <= 2, f"byte {at}: more is lost than the last commit, which may have been amid its writing"


@pytest.mark.parametrize("loses", [Path.unlink, partial(os.truncate, length=0)])
def test_fault_10_a_file_that_is_gone_or_empty_has_left_its_log(loses: Callable[[Path], object], tmp_path: Path) -> None:
    path = tmp_path / "gate" / "journal.db"
    path.parent.mkdir()
    with closing(opened(path)) as journal:
        passages(journal, 5)
        left = copied(path, tmp_path / "left")
    before = stored(path)
    loses(left)
    opened(left).close()
    assert before.items() <= stored(left).items()
    assert epochs_in(left)[-1].reason == "rebuilt"


@mounting
def test_fault_10_a_damaged_journal_on_a_full_disk_is_made_anew_in_the_reserve(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with small_disk(data, mib=4):
        places = Places(data)
        with closing(opened(places.journal)) as journal:
            passages(journal, 40)
        before = stored(places.journal)
        lose_pages(places.journal, 0)
        places.ballast.write_bytes(bytes(places.journal.stat().st_size * 3 // 2))  # enough to make it anew, and not once more
        fill(data / "foreign")

        def release() -> bool:
            places.ballast.unlink()
            return True

        identity = Identity(EDGE, EDGE, EDGE, {}, KEY, KEY.public_key())
        with closing(Scribe(places, identity, Log("gate"), lambda: STAMP, release)):
            assert before.items() <= stored(places.journal).items()
        assert not list(data.glob(f"{QUARANTINE}/*/journal.db")), "it takes the room in which it could be done again"
