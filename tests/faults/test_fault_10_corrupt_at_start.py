"""Fault 10: the journal is corrupt at start. It is set aside, what can be read of it goes on, what is lost is said."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from access.contract.checkpoints import Checkpoint
from access.entries import AlarmRaised, Observed
from edge.store.recovery import QUARANTINE
from tests.faults.journals import (
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


def test_fault_10_a_rebuilding_that_was_cut_off_is_begun_again(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(opened(path)) as journal:
        passages(journal, 10)
    before = stored(path)
    complete = path.with_suffix(".rebuilt")
    path.with_suffix(".rebuilding").write_bytes(b"half")
    path.rename(complete)  # the old one is in quarantine already, the new one not yet in its place
    opened(path).close()
    assert stored(path) == before
    complete.write_bytes(b"made of a journal that is not yet moved")
    opened(path).close()
    assert (stored(path), complete.exists(), path.with_suffix(".rebuilding").exists()) == (before, False, False)
