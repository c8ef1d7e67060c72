"""A walk finds what is missing without a word of it, and nothing else: whatever the gate does to its journal meanwhile."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from access.entries import GapDeclared, Observed
from edge.store.backup import copy_to, restore
from edge.store.errors import StoreError
from edge.store.findings import Verdict
from edge.store.journal import Journal
from edge.store.mark import NOTHING_KNOWN
from edge.store.recovery import rebuild
from edge.store.renewal import Renewal
from edge.store.scrub import Rotten
from edge.store.verify import length, verify
from tests.faults.journals import STAMP, add, epochs_in, opened, passages, signed_head

ANEW = Renewal("cloned")
Act = Callable[[], object]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def many(journal: Journal, number: int) -> None:
    """Commit so many entries at once."""
    add(journal, *(Observed(str(index)) for index in range(number)))


def changed(path: Path, change: str, *values: object) -> None:
    """Change a journal by another hand."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(change, values)


def give_up(journal: Journal, path: Path, *places: tuple[UUID, int]) -> None:
    """Let entries rot that nobody else has."""
    for epoch, seq in places:
        changed(path, "UPDATE entries SET canonical = x'80' WHERE epoch = ? AND seq = ?", epoch.bytes, seq)
    for epoch, seq in places:
        journal.give_up(Rotten(epoch, seq), STAMP)


def walked_amid(path: Path, *acts: Act) -> Verdict:
    """Walk a journal, and do one thing more each time that the walk says how far it is."""
    left = list(acts)
    verdict = verify(path, lambda _: left.pop(0)() if left else None)
    assert left == [], "the walk was over before all was done"
    return verdict


def remade(path: Path) -> None:
    """Make a journal anew of what is left of it, and start its gate."""
    rebuild(path, STAMP.utc_us, "damaged", NOTHING_KNOWN, lambda: None)
    opened(path).close()


@pytest.mark.parametrize("lost", [(5, 6), (6, 5, 7), (39, 40), (40, 41), (41, 40)])
def test_neighbours_that_were_given_up_are_declared_and_a_backup_of_such_a_journal_is_put_back(
    lost: tuple[int, ...], path: Path, tmp_path: Path
) -> None:
    with closing(opened(path)) as journal:
        passages(journal, 10)
        former = journal.epoch
        assert journal.seq == 41
        give_up(journal, path, *((former, seq) for seq in lost))
        copy = tmp_path / "copy.db"
        copy_to(path, copy)
    verdict = verify(path)
    assert (verdict.faults, verdict.epochs[0].holes, len(verdict.gaps)) == ([], [(min(lost), max(lost))], len(lost))
    assert restore(path, copy, STAMP.utc_us).faults == []
    opened(path).close()
    assert epochs_in(path)[-1].reason == "restored"


@pytest.mark.parametrize(
    ("gaps", "faults"),
    [
        ([(5, 5), (8, 8)], ["6 to 7"]),
        ([(6, 6)], ["5 to 5", "7 to 8"]),
        ([(8, 0)], ["5 to 7"]),
        ([(7, 8), (5, 6)], []),
        ([(1, 5), (6, 30)], []),
        ([(7, 7), (6, 0), (5, 5)], []),
        ([(4, 4), (9, 0)], ["5 to 8"]),
    ],
)
def test_of_a_hole_what_no_gap_covers_is_a_fault(gaps: list[tuple[int, int]], faults: list[str], path: Path) -> None:
    with closing(opened(path)) as journal:
        passages(journal, 10)
        for first, last in gaps:
            add(journal, GapDeclared(journal.epoch.hex, first, last, "damaged"))
    changed(path, "DELETE FROM entries WHERE seq BETWEEN 5 AND 8")
    found = verify(path)
    assert [one.split(" of ")[0] for one in found.faults] == [f"entries {run}" for run in faults]
    assert found.epochs[0].holes == [(5, 8)]


def test_the_word_of_entries_that_never_had_a_place_declares_no_hole(path: Path) -> None:
    with closing(opened(path)) as journal:
        passages(journal, 10)
        add(journal, GapDeclared(journal.epoch.hex, 0, 0, "held_overflow", 3))
    changed(path, "DELETE FROM entries WHERE seq = 5")
    assert [fault.split(" of ")[0] for fault in verify(path).faults] == ["entries 5 to 5"]


def test_the_word_of_an_entry_that_has_rotted_itself_is_not_believed(path: Path) -> None:
    with closing(opened(path)) as journal:
        passages(journal, 10)
        add(journal, GapDeclared(journal.epoch.hex, 5, 5, "damaged"))
        (sealed,) = journal._rows("SELECT canonical FROM entries WHERE kind = 'gap'")[0]
    rotten = sealed.replace(b"first\x05", b"first\x60")  # an empty text in the place of a number
    assert rotten != sealed
    changed(path, "UPDATE entries SET canonical = ? WHERE kind = 'gap'", rotten)
    changed(path, "DELETE FROM entries WHERE seq = 5")
    verdict = verify(path)
    assert (len(verdict.faults), verdict.gaps) == (2, [])


def test_entries_from_before_the_place_that_an_epoch_goes_on_from_are_a_fault(path: Path) -> None:
    with closing(opened(path)) as journal:
        passages(journal, 10)
    changed(path, "UPDATE epochs SET anchor_seq = 50")
    assert verify(path).faults


def test_what_is_forgotten_amid_the_walk_is_not_missing(path: Path) -> None:
    with closing(opened(path)) as journal:
        many(journal, 1200)
        former = journal.epoch
        journal.renew(ANEW, STAMP)
        many(journal, 1200)

        def forget() -> None:
            assert journal.forget(former, 700, STAMP).count == 700
            assert journal.forget(journal.epoch, 300, STAMP).count == 300

        verdict = walked_amid(path, forget)
        assert verdict.faults == []
        assert [(one.last, one.holes) for one in verdict.epochs] == [(1201, []), (journal.seq, [])]
        assert verdict.epochs[-1].head == journal.head.hex()


def test_what_is_given_up_amid_the_walk_is_declared_in_an_epoch_that_is_walked_too(path: Path) -> None:
    with closing(opened(path)) as journal:
        many(journal, 1200)
        journal.renew(ANEW, STAMP)
        many(journal, 50)
        later = journal.epoch
        verdict = walked_amid(path, lambda: give_up(journal, path, (later, 20), (later, 21)))
        assert verdict.faults == []
        assert [one.holes for one in verdict.epochs] == [[], [(20, 21)], [], []]
        assert verdict.entries == length(path)


def test_an_epoch_that_goes_on_and_ends_amid_the_walk_is_walked_to_its_end(path: Path) -> None:
    with closing(opened(path)) as journal:
        many(journal, 1200)

        def go_on() -> None:
            many(journal, 700)
            journal.renew(ANEW, STAMP)

        verdict = walked_amid(path, lambda: None, lambda: None, go_on)
        assert (verdict.faults, [one.last for one in verdict.epochs]) == ([], [1901, 1])


def test_a_hole_is_not_told_once_it_was_forgotten_with_the_word_of_it(path: Path) -> None:
    with closing(opened(path)) as journal:
        many(journal, 1200)
        former = journal.epoch
        give_up(journal, path, (former, 5))
        later = journal.epoch
        journal.renew(ANEW, STAMP)

        def forget() -> None:
            for epoch in (former, former, later):
                assert journal.forget(epoch, 2000, STAMP).count

        verdict = walked_amid(path, forget)
        assert (verdict.faults, verdict.epochs[0].holes) == ([], [(5, 5)])


def test_an_end_that_was_lost_and_is_declared_amid_the_walk_is_no_fault(path: Path) -> None:
    with closing(opened(path)) as journal:
        many(journal, 1300)
        kept = signed_head(journal)
    changed(path, "DELETE FROM entries WHERE seq > 1200")
    assert len(verify(path, checkpoint=kept).faults) == 1
    left: list[Act] = [lambda: opened(path, kept).close()]
    verdict = verify(path, lambda _: left.pop()() if left else None, kept)
    assert (verdict.faults, [gap.reason for gap in verdict.gaps]) == ([], ["behind_head"])


def test_the_walk_holds_nothing_back_that_the_gate_does_to_its_log(path: Path) -> None:
    with closing(opened(path)) as journal, closing(sqlite3.connect(path, isolation_level=None)) as other:
        many(journal, 1200)
        folded: list[int] = []

        def fold() -> None:
            many(journal, 1)
            folded.append(other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])

        walked_amid(path, fold, fold)
        assert folded == [0, 0], "busy"


def test_the_walk_says_of_every_entry_that_it_is_done(path: Path) -> None:
    with closing(opened(path)) as journal:
        many(journal, 1200)
        journal.renew(ANEW, STAMP)
    told: list[int] = []
    assert verify(path, told.append).entries == sum(told) == length(path)


def test_a_walk_finds_that_a_former_epoch_is_gone_as_a_whole(path: Path) -> None:
    with closing(opened(path)) as journal:
        passages(journal, 10)
        former, last = journal.epoch, journal.seq
        journal.renew(ANEW, STAMP)
        passages(journal, 10)
    assert verify(path).faults == []
    for table in ("entries", "epochs"):
        changed(path, f"DELETE FROM {table} WHERE epoch = ?", former.bytes)
    assert verify(path).faults == [f"entries 1 to {last} of {former} are missing, and no gap is declared"]
    with pytest.raises(StoreError, match="is damaged"):
        restore(path.with_name("other.db"), path, STAMP.utc_us)


def test_an_epoch_that_was_lost_as_a_whole_and_declared_is_no_fault(path: Path) -> None:
    with closing(opened(path)) as journal:
        passages(journal, 10)
        former = journal.epoch
        assert journal.forget(former, 10, STAMP).count == 0
        journal.renew(ANEW, STAMP)
        assert journal.forget(former, 10, STAMP).count == 10
    changed(path, "DELETE FROM entries WHERE epoch = ?", former.bytes)
    remade(path)
    verdict = verify(path)
    assert (verdict.faults, [(gap.first, gap.last) for gap in verdict.gaps]) == ([], [(11, 41)])
    assert former not in {one.epoch for one in verdict.epochs}


def test_a_hole_behind_what_was_forgotten_is_declared_as_the_file_is_made_anew(path: Path) -> None:
    with closing(opened(path)) as journal:
        many(journal, 300)
        assert journal.forget(journal.epoch, 50, STAMP).count == 50
    changed(path, "DELETE FROM entries WHERE seq BETWEEN 51 AND 60")
    remade(path)
    verdict = verify(path)
    assert (verdict.faults, [(gap.first, gap.last) for gap in verdict.gaps]) == ([], [(51, 60)])


@pytest.mark.parametrize("is_proof_forgotten", [False, True])
def test_an_epoch_that_was_forgotten_as_a_whole_is_no_fault_in_a_file_that_was_made_anew(
    is_proof_forgotten: bool, path: Path
) -> None:
    with closing(opened(path)) as journal:
        passages(journal, 10)
        former = journal.epoch
        journal.renew(ANEW, STAMP)
        passages(journal, 10)
        journal.renew(ANEW, STAMP)
        assert journal.forget(former, 1000, STAMP).count == 41
        if is_proof_forgotten:  # the epoch between waits for the registry
            many(journal, 300)
            assert journal.forget(journal.epoch, 50, STAMP).count == 50
    remade(path)
    verdict = verify(path)
    assert former not in {one.epoch for one in verdict.epochs}
    assert former.hex in {began.follows_epoch for began in epochs_in(path)}
    assert verdict.faults == []
