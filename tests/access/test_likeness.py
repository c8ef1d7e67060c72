"""Plate pairs with what must come out: how a reading can be of a registered plate, and when a reading is doubtful."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.confusion import GROUPS, confusable_cost, province_cost
from access.likeness import (
    COMPARED_LENGTH_MIN,
    DIFFERENCES_MAX,
    EXTRA_END,
    MISSING_END,
    MISSING_PROVINCE,
    Likeness,
    favours,
    likeness,
)
from access.plate import PROVINCES, SERIAL

plates = st.builds(
    lambda province, city, serial: f"{province}{city}{serial}",
    st.sampled_from(PROVINCES),
    st.sampled_from("ABCDEFG"),
    st.text(alphabet=SERIAL, min_size=5, max_size=5),
)
scores = st.lists(st.floats(0, 1), min_size=7, max_size=7)


@pytest.mark.parametrize(
    ("read", "registered", "differences"),
    [
        ("粤B12345", "粤B12345", ""),
        ("粤B0D234", "粤B00234", "confusable 3 D/0"),
        ("粤BQ1234", "粤B01234", "confusable 2 Q/0"),
        ("粤B8B0D1", "粤B880D1", "confusable 3 B/8"),
        ("粤BZ1234", "粤B21234", "confusable 2 Z/2"),
        ("粤BS1234", "粤B51234", "confusable 2 S/5"),
        ("粤B71234", "粤BT1234", "confusable 2 7/T"),
        ("粤BG1234", "粤B61234", "confusable 2 G/6"),
        ("粤BA1234", "粤B41234", "confusable 2 A/4"),
        ("粤BU1234", "粤BV1234", "confusable 2 U/V"),
        ("粤812345", "粤B12345", "confusable 1 8/B"),
        ("粤BBBZ45", "粤B88245", "confusable 2 B/8, confusable 3 B/8, confusable 4 Z/2"),
        ("豫B12345", "皖B12345", "province 0 豫/皖"),
        ("京B12345", "琼B12345", "province 0 京/琼"),
        ("EB12345", "皖B12345", "province 0 E/皖"),
        ("WJ皖1234X", "WJ豫1234X", "province 2 皖/豫"),
        ("豫B1234S", "皖B12345", "province 0 豫/皖, confusable 6 S/5"),
        ("B12345", "粤B12345", "missing_province 0 /粤"),
        ("WJ1234X", "WJ粤1234X", "missing_province 2 /粤"),
        ("B1234S", "粤B12345", "missing_province 0 /粤, confusable 6 S/5"),
        ("粤B1234", "粤B12345", "missing_end 6 /5"),
        ("粤BD1234", "粤BD12345", "missing_end 7 /5"),
        ("粤B1234", "粤B1234警", "missing_end 6 /警"),
        ("粤BB234", "粤B82345", "confusable 2 B/8, missing_end 6 /5"),
        ("粤B123456", "粤B12345", "extra_end 7 6/"),
        ("AB123CO", "AB123C0", "confusable 6 O/0"),  # of another country: letters stay letters, and look alike all the same
    ],
)
def test_likenesses(read: str, registered: str, differences: str) -> None:
    found = likeness(read, (), registered)
    assert found is not None
    assert ", ".join(f"{one.kind} {one.at} {one.read}/{one.meant}" for one in found.differences) == differences
    assert found.differs == tuple(one.at for one in found.differences)


@pytest.mark.parametrize(
    ("read", "registered"),
    [
        ("粤B12345", "粤B12346"),  # no look-alikes
        ("粤B12345", "粤B13245"),  # two changed places
        ("粤B1245", "粤B12345"),  # a character lost in the middle
        ("粤B12345", "粤A12345"),
        ("粤B123", "粤B12345"),  # two lost at the end
        ("粤B1234567", "粤B12345"),
        ("12345", "粤B12345"),
        ("BB8Z345", "粤888234"),
        ("粤BBBBZ5", "粤B88825"),  # four differences
        ("粤B12345", "B12345"),  # a province won
        ("粤12345", "E12345"),
        ("1B12345", "粤B12345"),  # a digit is not taken for a province
        ("A8", "AB"),
        ("", "粤B12345"),
        ("粤B12345", ""),
    ],
)
def test_unlike(read: str, registered: str) -> None:
    assert likeness(read, (), registered) is None


def alike(read: str, registered: str, characters: tuple[float, ...] = ()) -> Likeness:
    found = likeness(read, characters, registered)
    assert found is not None, (read, registered)
    return found


@pytest.mark.parametrize(
    ("read", "registered", "cost"),
    [
        ("粤B12345", "粤B12345", 0.0),
        ("粤BQ1234", "粤B01234", confusable_cost("Q", "0")),
        ("藏B12345", "冀B12345", province_cost("藏", "冀")),
        ("B12345", "粤B12345", MISSING_PROVINCE),
        ("粤B1234", "粤B12345", MISSING_END),
        ("粤B123456", "粤B12345", EXTRA_END),
    ],
)
def test_without_scores_a_difference_costs_what_the_table_says(read: str, registered: str, cost: float) -> None:
    assert alike(read, registered).cost == cost


def test_differences_add_up() -> None:
    one, other = confusable_cost("Q", "0"), confusable_cost("S", "5")
    assert alike("粤BQ123S", "粤B01235").cost == pytest.approx((one or 0) + (other or 0))


def test_a_doubted_character_makes_a_difference_cheaper_and_a_sure_one_dearer() -> None:
    def cost(score: float) -> float:
        return alike("粤BQ1234", "粤B01234", (1.0, 1.0, score, 1.0, 1.0, 1.0, 1.0)).cost

    assert cost(0.2) < alike("粤BQ1234", "粤B01234").cost < cost(1.0)


@pytest.mark.parametrize(
    "characters", [(0.1,) * 2, (0.1,) * 6, (0.1,) * 8, *((none,) * 7 for none in (math.nan, -math.inf, -0.1, 1.1, math.inf))]
)
@pytest.mark.parametrize(
    ("read", "registered"), [("粤BQ1234", "粤B01234"), ("藏BQ1234", "冀B01234"), ("粤BQ1234", "粤B0123"), ("粤B01234", "粤B0123")]
)
def test_scores_that_do_not_fit_the_text_say_nothing(read: str, registered: str, characters: tuple[float, ...]) -> None:
    assert alike(read, registered, characters) == alike(read, registered)


def test_of_two_ways_the_cheaper_is_meant() -> None:
    assert [one.kind for one in alike("BBBBBB", "粤BBBBBB").differences] == ["missing_province"]


@given(plates, scores)
def test_a_plate_is_like_itself_at_no_cost(plate: str, characters: list[float]) -> None:
    assert alike(plate, plate, tuple(characters)) == Likeness()


@given(plates, st.data())
def test_substitutions_are_alike_both_ways_and_at_the_same_cost(plate: str, data: st.DataObject) -> None:
    changed = list(plate)
    for at in data.draw(st.sets(st.integers(0, 6), max_size=DIFFERENCES_MAX)):
        groups = [PROVINCES] if at == 0 else [group for group in GROUPS if plate[at] in group]
        changed[at] = data.draw(st.sampled_from(groups[0])) if groups else plate[at]
    other = "".join(changed)
    there, back = alike(plate, other), alike(other, plate)
    assert there.cost == pytest.approx(back.cost)
    assert there.differs == back.differs == tuple(at for at in range(7) if plate[at] != other[at])


@given(st.text(max_size=12), st.lists(st.floats(), max_size=12), st.text(max_size=12))
def test_whatever_is_compared_costs_a_finite_sum_of_few_differences(read: str, characters: list[float], registered: str) -> None:
    found = likeness(read, characters, registered)
    if found is not None:
        assert 0 <= found.cost < 100
        assert len(found.differences) <= DIFFERENCES_MAX
        assert read == registered or min(len(read), len(registered)) >= COMPARED_LENGTH_MIN


# --- scores that speak for what is registered -------------------------------------------------------


def at(place: int, score: float, length: int = 7) -> tuple[float, ...]:
    return tuple(score if index == place else 1.0 for index in range(length))


@pytest.mark.parametrize(
    ("read", "characters", "registered", "speaks"),
    [
        ("粤BQ1234", at(2, 0.49), "粤B01234", True),
        ("粤BQ1234", at(2, 0.5), "粤B01234", False),
        ("粤BQ1234", at(3, 0.1), "粤B01234", False),  # doubted elsewhere
        ("粤BQ1234", (), "粤B01234", False),
        *(("粤BQ1234", (0.3,) * count, "粤B01234", False) for count in (2, 3, 6, 8, 9)),  # not of this text
        *(("粤BQ1234", at(2, none), "粤B01234", False) for none in (-0.1, math.nan, -math.inf)),  # no scores
        ("粤BQ1234", at(2, 0.0), "粤B01234", True),
        ("藏B12345", at(0, 0.4), "冀B12345", True),
        ("京B12345", at(0, 0.1), "粤B12345", False),  # hardly ever mixed up
        ("VA12345", at(0, 0.1), "粤A12345", False),  # of the forces, as it stands
        ("粤BQQ234", (1.0, 1.0, 0.4, 0.4, 1.0, 1.0, 1.0), "粤B00234", False),  # one doubt, not two
        ("藏BQ2345", (0.1, 1.0, 0.1, 1.0, 1.0, 1.0, 1.0), "冀B02345", False),
        ("粤B1234", at(5, 0.1, 6), "粤B12345", False),
        ("B12345", at(0, 0.1, 6), "粤B12345", False),
        ("粤B123456", at(7, 0.1, 8), "粤B12345", False),
        ("粤B12345", at(3, 0.1), "粤B12345", False),  # equal: nothing to speak for
    ],
)
def test_scores_that_favour_the_registered_plate(read: str, characters: tuple[float, ...], registered: str, speaks: bool) -> None:
    assert favours(alike(read, registered, characters)) is speaks
