"""A map that never changes behaves as a dictionary whose every state is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.persistent import SHARDS, PersistentMap

NAMES = st.sampled_from([f"at:{number}" for number in range(12)]) | st.text(max_size=3)
VALUES = st.integers(0, 9)
CHANGES = st.lists(st.tuples(NAMES, st.none() | VALUES), max_size=40)


@given(st.dictionaries(NAMES, VALUES), CHANGES)
def test_it_is_a_dictionary_and_what_it_was_stays(begun: dict[str, int], changes: list[tuple[str, int | None]]) -> None:
    plain, persistent = dict(begun), PersistentMap(begun)
    past = [(dict(plain), persistent)]
    for name, value in changes:
        if value is None:
            plain.pop(name, None)
            persistent = persistent.without(name)
        else:
            plain[name] = value
            persistent = persistent.with_value(name, value)
        past.append((dict(plain), persistent))
    for expected, kept in past:
        assert dict(kept) == expected
        assert len(kept) == len(expected)
        assert kept == expected


def test_what_is_not_there_is_not_found() -> None:
    empty: PersistentMap[int] = PersistentMap()
    assert empty.get("at:1") is None
    assert "at:1" not in empty
    with pytest.raises(KeyError):
        empty["at:1"]
    assert empty.without("at:1") is empty


def test_a_change_leaves_all_but_one_shard_shared() -> None:
    before = PersistentMap({str(number): number for number in range(10_000)})
    after = before.with_value("5", -5)
    assert (before["5"], after["5"]) == (5, -5)
    assert sum(one is other for one, other in zip(before._shards, after._shards, strict=True)) == SHARDS - 1


def test_values_given_to_it_may_change_afterwards() -> None:
    given_values = {"a": 1}
    held = PersistentMap(given_values)
    given_values["a"] = 2
    assert held["a"] == 1
