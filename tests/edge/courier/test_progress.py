"""What the gate is told of sync, and how seldom that costs a write."""

from uuid import UUID

import pytest

from edge.courier.progress import KEEP_EVERY_S, RULES_SEEN_KEEP_EVERY_S, Progress
from edge.messages import TimeTold
from edge.store.errors import StoreError
from edge.store.received import Kept, Received

OLD, NEW = UUID(int=1), UUID(int=2)


def test_nothing_is_known_at_first(progress: Progress) -> None:
    state = progress.state({})
    assert not state.online
    assert (state.acked_through, state.waiting, state.rules_revision, state.last_contact_utc) == (0, 0, 0, 0.0)


def test_what_waits_is_counted_over_all_epochs(progress: Progress) -> None:
    progress.entries_acked({OLD: 10, NEW: 4}, 0)
    state = progress.state({OLD: 12, NEW: 9})
    assert (state.acked_through, state.waiting) == (4, 7)


def test_contact_comes_and_goes(progress: Progress) -> None:
    progress.contact(1000.0)
    assert progress.state({}).online
    progress.away()
    state = progress.state({})
    assert (state.online, state.last_contact_utc) == (False, 1000.0)


def test_faults_of_all_streams_are_told_until_they_are_over(progress: Progress) -> None:
    progress.fault("entries", "entry 3: refused")
    progress.fault("rules", "of another version")
    assert progress.state({}).error == "entry 3: refused; of another version"
    progress.fault("entries", "")
    assert progress.state({}).error == "of another version"


def test_only_news_is_a_change(progress: Progress) -> None:
    progress.fault("rules", "away")
    progress.contact(1.0)
    progress.changed.clear()
    progress.fault("rules", "away")
    progress.contact(2.0)
    assert not progress.changed.is_set()
    progress.fault("rules", "")
    assert progress.changed.is_set()


def test_keeping_waits_for_its_time(progress: Progress, received: Received) -> None:
    last = 4 * int(KEEP_EVERY_S) - 1
    for second in range(last + 1):
        progress.entries_acked({NEW: second}, 0)
        progress.keep(float(second))
    assert received.kept() == Kept({NEW: 3 * int(KEEP_EVERY_S)})
    progress.keep(float(last), at_once=True)
    assert received.kept() == Kept({NEW: last})


@pytest.mark.parametrize(("seen_s", "written"), [(RULES_SEEN_KEEP_EVERY_S - 1, False), (RULES_SEEN_KEEP_EVERY_S, True)])
def test_polls_without_news_hardly_cost_writes(seen_s: int, written: bool, progress: Progress, received: Received) -> None:
    progress.time_told(TimeTold(mono=0.0, utc=0.0, trusted=True))
    progress.rules_current(seen_s)
    progress.keep(1e6)
    assert (received.kept().rules_utc == seen_s) is written


def test_when_the_rules_were_confirmed_is_kept_by_the_gates_clock_and_never_by_the_machines(
    progress: Progress, received: Received
) -> None:
    progress.rules_current(500.0)
    assert (progress.state({}).rules_utc, progress.state({}).rules_mono) == (0, 500.0)
    assert progress.time_at(600.0) is None
    progress.time_told(TimeTold(mono=600.0, utc=7_000_600.0, trusted=False))
    assert progress.rules_utc == 7_000_500
    assert progress.time_at(610.0) == TimeTold(mono=610.0, utc=7_000_610.0, trusted=False)
    progress.keep(0.0)
    assert received.kept().rules_utc == 7_000_500


def test_what_was_kept_is_there_after_a_restart(progress: Progress, received: Received) -> None:
    progress.entries_acked({NEW: 5}, 0)
    progress.pictures_through(NEW, 3, progress.losses)
    progress.time_told(TimeTold(mono=1000.0, utc=1000.0, trusted=True))
    progress.rules_current(77.0)
    progress.keep(0.0, at_once=True)
    again = Progress(received)
    assert (again.acked, again.pictures, again.state({}).rules_utc) == ({NEW: 5}, {NEW: 3}, 77.0)


@pytest.fixture
def ahead(progress: Progress) -> Progress:
    """Sync has come far, and that is kept."""
    progress.entries_acked({NEW: 100}, 0)
    progress.pictures_through(NEW, 90, 0)
    progress.picture_sent((NEW, 95), 0)
    progress.keep(0.0)
    return progress


def test_26_what_a_registry_lost_is_lost_after_a_kill_too(ahead: Progress, received: Received) -> None:
    ahead.entries_acked({NEW: 50}, 1)
    ahead.entries_acked({NEW: 100}, 1)
    again = Progress(received)
    assert not any(again.is_picture_sent((NEW, seq)) for seq in (80, 95)), "nothing tells of the loss any more"
    assert again.acked == {NEW: 50}, "by it the gate forgets what the registry has"


def test_26_what_goes_again_is_kept_when_its_time_comes(ahead: Progress, received: Received) -> None:
    ahead.entries_acked({NEW: 50}, 1)
    ahead.entries_acked({NEW: 100}, 1)
    ahead.pictures_through(NEW, 90, 1)
    ahead.keep(KEEP_EVERY_S - 1)
    assert received.kept() == Kept({NEW: 50})
    ahead.keep(KEEP_EVERY_S)
    assert received.kept() == Kept({NEW: 100}, {NEW: 90})


def test_26_a_loss_that_cannot_be_kept_is_not_noted_yet(ahead: Progress, received: Received) -> None:
    received._db.execute("CREATE TRIGGER full BEFORE INSERT ON acked BEGIN SELECT raise(ABORT, 'disk full'); END")
    with pytest.raises(StoreError, match="disk full"):
        ahead.entries_acked({NEW: 50}, 1)
    assert (ahead.losses, ahead.acked, ahead.pictures) == (0, {NEW: 100}, {NEW: 90})
    received._db.execute("DROP TRIGGER full")
    ahead.entries_acked({NEW: 50}, 1)
    assert (ahead.losses, ahead.acked, ahead.pictures) == (1, {NEW: 50}, {})
