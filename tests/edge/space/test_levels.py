"""People are told at 80, 90 and 95 percent, once each, and that it is over when it clearly is."""

import pytest

from edge.space.levels import Levels, Usage, level_after


@pytest.mark.parametrize(
    ("before", "percent", "after"),
    [
        (0, 79, 0),
        (0, 80, 80),
        (0, 94, 90),
        (0, 97, 95),
        (80, 79, 80),
        (80, 78, 80),
        (80, 77, 0),
        (95, 92, 90),
        (95, 50, 0),
        (90, 96, 95),
    ],
)
def test_a_threshold_is_left_only_clearly_below_it(before: int, percent: int, after: int) -> None:
    assert level_after(before, percent) == after


def test_the_worst_counts_and_is_named() -> None:
    levels = Levels()
    assert levels.take({"disk": 81, "inodes": 96, "journal": 3}) == 95
    assert levels.at(95) == ("inodes",)
    assert levels.take({"disk": 81, "inodes": 20, "journal": 3}) == 80


def test_what_cannot_be_full_is_left_out() -> None:
    assert Usage({"disk": 1, "inodes": 0}, {"disk": 3, "inodes": 0}).percents() == {"disk": 34}
