"""Plate pairs with what must come out: how a reading can be of a registered plate, and when a reading is doubtful."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.confusion import confusable_cost, province_cost
from access.likeness import (
    CHARACTER_SURE,
    COMPARED_LENGTH_MIN,
    DIFFERENCES_MAX,
    EXTRA_END,
    MISSING_END,
    MISSING_PROVINCE,
    Likeness,
    doubtful,
    favours,
    likeness,
)
from access.plate import CONFUSABLE, PROVINCES, SERIAL, kind_of

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


def test_what_differences_cost_without_scores() -> None:
    assert likeness("粤BQ1234", (), "粤B01234") == Likeness(likeness("粤BQ1234", (), "粤B01234").differences)  # type: ignore[union-attr]
