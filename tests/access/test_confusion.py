"""The table of confusions: what is in it, both ways, and what is not."""

import itertools

import pytest

from access.confusion import GROUPS, OTHER_PROVINCE, RARE, WIDER, confusable_cost, partners, province_cost
from access.plate import PROVINCES, SERIAL


@pytest.mark.parametrize("pair", ["0D", "0Q", "DQ", "0O", "8B", "2Z", "5S", "1T", "17", "7T", "1I", "1L", "6G", "4A", "UV", "MN"])
def test_what_people_and_readers_mix_up_has_a_cost_both_ways(pair: str) -> None:
    cost = confusable_cost(pair[0], pair[1])
    assert cost is not None
    assert 1.0 <= cost <= RARE
    assert confusable_cost(pair[1], pair[0]) == cost


@pytest.mark.parametrize("pair", ["88", "38", "3B", "01", "MH", "68", "96", "粤京", "粤1"])
def test_what_is_not_mixed_up_has_none(pair: str) -> None:
    assert confusable_cost(pair[0], pair[1]) is None


def test_the_commoner_confusion_costs_less() -> None:
    costs = [confusable_cost(one, other) for one, other in ("0Q", "8B", "4A")]
    assert costs == sorted(costs, key=lambda cost: cost or 0)
    assert province_cost("藏", "冀") == 1.5
    assert province_cost("京", "琼") == OTHER_PROVINCE


def test_any_province_may_be_another_and_those_mixed_up_cost_less() -> None:
    for one, other in itertools.permutations(PROVINCES, 2):
        cost = province_cost(one, other)
        assert cost == province_cost(other, one)
        assert cost is not None
        assert cost <= OTHER_PROVINCE


@pytest.mark.parametrize(
    ("read", "meant", "cost"), [("E", "皖", OTHER_PROVINCE), ("皖", "E", None), ("1", "皖", None), ("警", "皖", None)]
)
def test_a_letter_may_be_read_for_a_province_but_no_province_for_a_letter(read: str, meant: str, cost: float | None) -> None:
    assert province_cost(read, meant) == cost


def test_groups_do_not_overlap_and_the_wider_ones_hold_the_others() -> None:
    for groups in (GROUPS, WIDER):
        assert len("".join(groups)) == len(set("".join(groups)))
    assert all(any(set(group) <= set(wider) for wider in WIDER) for group in GROUPS)


@pytest.mark.parametrize(("character", "others"), [("8", "B"), ("M", "NHW"), ("3", ""), ("宁", "皖"), ("京", "皖")])
def test_partners(character: str, others: str) -> None:
    assert partners(character) == set(others)


def test_partners_are_mutual_and_never_the_character_itself() -> None:
    for character in SERIAL + PROVINCES:
        assert character not in partners(character)
        assert all(character in partners(other) for other in partners(character))
