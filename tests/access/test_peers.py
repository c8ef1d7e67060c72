"""What neighbours say: kept with its source and age, laid over what is known, and gone once the registry has said the same."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.entries import FactsChanged, PassageEnded
from access.peers import KEPT_S, WORDS_MAX, Hearsay, Word, Words, word, words_in, written
from access.presence import Presence
from access.projection import changes_in, projected
from access.sharing import contributions, learned, sums_in, times_in

WEST, NORTH = str(UUID(int=1)), str(UUID(int=2))
NOW_US = 1_800_000_000_000_000
AT = datetime.fromtimestamp(NOW_US / 1e6, UTC)
EPOCH = "e" * 32
PEERS = frozenset({UUID(WEST), UUID(NORTH)})


def said(row: tuple[Any, ...], edge: str = WEST, ago_s: int = 0) -> Word:
    found = word(edge, row, NOW_US - ago_s * 1_000_000)
    assert found is not None
    return found


def used(total: int, seq: int = 5, edge: str = WEST, epoch: str = EPOCH, ago_s: int = 0) -> Word:
    return said((epoch, seq, "uses:v", "sum", total, NOW_US), edge, ago_s)


def inside(value: object, at_us: int = NOW_US, edge: str = WEST) -> Word:
    return said((EPOCH, 7, "at:car", "set", value, at_us), edge)


def beyond(*words: Word, presence: Presence | None = None, times: dict[str, int] | None = None, totals: Any = None) -> Hearsay:
    return Words(words).beyond(presence or Presence(), times or {}, totals or {}, NOW_US)


def test_a_word_is_laid_over_what_is_known_and_says_whose_it_is() -> None:
    known = Presence().after([("add", "uses:v", 1)])
    shown = beyond(used(2), inside(["site", 7, "zone:site"]), presence=known).as_said(known, PEERS, AT)
    assert shown is not None
    assert (shown.presence.facts["uses:v"], shown.presence.facts["zone:site"]) == (3, 1)
    assert shown.said == dict.fromkeys(("uses:v", "at:car", "zone:site"), (UUID(WEST), NOW_US))
    assert known.facts["uses:v"] == 1


def test_what_the_registry_has_told_of_the_same_is_not_counted_twice() -> None:
    assert beyond(used(2), totals={(EPOCH, "uses:v"): (2, 5)}) == Hearsay()
    assert [one.change for one in beyond(used(3, 6), totals={(EPOCH, "uses:v"): (2, 5)}).spoken] == [("add", "uses:v", 1)]
    assert beyond(used(2, 5), totals={(EPOCH, "uses:v"): (3, 9)}) == Hearsay(), "nor what is older than its word"
    assert beyond(inside(["site", 7]), times={"at:car": NOW_US + 1}) == Hearsay()


def test_of_whom_the_rules_do_not_know_nothing_is_heard_and_after_a_week_nobody() -> None:
    spoken = beyond(used(2))
    assert spoken.as_said(Presence(), frozenset({UUID(NORTH)}), AT) is None
    assert beyond(used(2, ago_s=KEPT_S + 1)) == Hearsay()
    late = datetime.fromtimestamp(NOW_US / 1e6 + KEPT_S + 1, UTC)
    assert spoken.as_said(Presence(), PEERS, late) is None


def test_what_this_gate_sets_itself_later_holds() -> None:
    spoken = beyond(used(2), inside(["site", 7]))
    own = PassageEnded("passed", "out", facts=(("set", "at:car", ["", 9]), ("add", "uses:v", 1)))
    assert [one.change[1] for one in spoken.after(own.facts, NOW_US + 1).spoken] == ["uses:v"]
    assert spoken.after(own.facts, NOW_US - 1) == spoken, "by its clock it was before"


def test_what_neighbours_say_is_written_and_read_back_and_changes_no_fact() -> None:
    words = [used(2), inside(["site", 7]), said((EPOCH, 8, "held:p", "set", None, NOW_US), NORTH)]
    entries = written(words)
    assert [(entry.source, entry.reason) for entry in entries] == [(f"peer:{WEST}", "heard"), (f"peer:{NORTH}", "heard")]
    assert entries[0].facts == (("add", "uses:v", 2, EPOCH, 5), ("set", "at:car", ["site", 7], NOW_US, EPOCH, 7))
    assert [one.told for entry in entries for one in words_in(entry, NOW_US)] == [one.told for one in words]
    for entry in entries:
        assert projected(Presence(), entry) == Presence()
        assert (contributions([(1, entry)]), changes_in(entry), times_in(entry, 1), [*sums_in(entry, "x", 1)]) == ({}, (), {}, [])


def test_only_the_newest_word_of_an_epoch_counts_and_only_so_many_are_kept() -> None:
    words = Words([used(3, 9), used(1, 4)])
    assert [one.change for one in words.beyond(Presence(), {}, {}, NOW_US).spoken] == [("add", "uses:v", 3)]
    many = Words(
        said((EPOCH, 1, f"uses:{number}", "sum", 1, 1), edge) for edge in (WEST, NORTH) for number in range(WORDS_MAX + 5)
    )
    assert len(many) == 2 * WORDS_MAX


@pytest.mark.parametrize(
    "row",
    [
        (EPOCH, 5, "zone:site", "sum", 1, NOW_US),
        (EPOCH, 5, "evacuation", "set", 1, NOW_US),
        (EPOCH, 5, "mode:in-1", "set", ["held_open", 0, ""], NOW_US),
        (EPOCH, 5, "loading:car", "set", 1, NOW_US),
        (EPOCH, 5, "cleared:car", "set", 1, NOW_US),
        (EPOCH, 5, "rules", "set", 1, NOW_US),
        (EPOCH, 5, "claim:v", "set", ["yes", "", "", 1], NOW_US),
        (EPOCH, 5, "uses:v", "set", 1, NOW_US),
        (EPOCH, 0, "uses:v", "sum", 1, NOW_US),
        (EPOCH, 5, "uses:v", "sum", 2**50, NOW_US),
        (EPOCH, 5, "at:car", "set", ["x" * 300, 1], NOW_US),
        (EPOCH, 5, "at:car", "set", 1.5, NOW_US),
        (EPOCH, 5, "at:car"),
        (),
    ],
)
def test_of_anything_else_no_neighbour_is_believed(row: tuple[Any, ...]) -> None:
    found = word(WEST, row, NOW_US)
    assert found is None or not Words([found])


ROWS = st.tuples(
    st.sampled_from([EPOCH, "f" * 32]), st.integers(1, 9), st.just("uses:v"), st.just("sum"), st.integers(0, 5), st.just(NOW_US)
)


@given(st.lists(ROWS, max_size=8), st.randoms())
def test_in_whatever_order_it_is_heard_it_comes_to_what_the_registry_would_tell(rows: list[tuple[Any, ...]], chance: Any) -> None:
    newest = {row[0]: row for row in sorted(rows, key=lambda row: row[1])}
    honest = [row for row in rows if row == newest[row[0]] or row[1] < newest[row[0]][1]]
    chance.shuffle(honest)
    shown = beyond(*(said(row) for row in honest)).as_said(Presence(), PEERS, AT)
    told = [one.told for one in map(said, newest.values())]
    registry = Presence()
    for entry in learned(told, Presence(), {}, {}):
        assert isinstance(entry, FactsChanged)
        registry = projected(registry, entry)
    assert dict(shown.presence.facts if shown else {}) == dict(registry.facts)


def test_what_was_heard_by_a_clock_that_was_years_ahead_is_forgotten_as_what_is_old() -> None:
    words = Words([used(1, ago_s=-10 * 365 * 86_400)])
    assert words.beyond(Presence(), {}, {}, NOW_US).spoken == ()
    assert len(words) == 0
