"""What somebody types of a plate, and which plates fit it: the same by SQLite's manner, by PostgreSQL's, and by hand."""

import re
from fnmatch import translate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.plate import PROVINCES, SERIAL
from access.plate_index import folded
from central.log.patterns import TRIGRAM, PlateMatch, pattern_of

PLATES = st.builds("{}{}".format, st.sampled_from(["粤B", "京A", "临粤B", "WJ粤"]), st.text(SERIAL, min_size=4, max_size=6))


@pytest.mark.parametrize(
    ("typed", "match", "fitting", "others"),
    [
        ("粤B·12D45", "whole", ["粤B12D45"], ["粤B12D4", "粤B12D455", "临粤B12D45"]),
        ("粤B1?D45", "whole", ["粤B12D45", "粤B1XD45"], ["粤B1D45", "粤B122D45"]),
        ("粤b12", "prefix", ["粤B12D45", "粤B12345D"], ["京B12D45", "粤B21D45"]),
        ("345", "suffix", ["粤B12345"], ["粤B34512"]),
        ("2d4", "part", ["粤B12D45"], ["粤B1D245"]),
        ("o1", "part", ["粤B001X5"], ["粤B00X15"]),
        ("?45", "suffix", ["粤B12D45"], ["粤B12D54"]),
        ("粤B", "part", ["粤B12D45", "临粤B12D45"], ["京B12D45"]),
        ("%", "part", [], ["粤B12D45"]),
        ("]^-", "part", [], ["粤B12D45"]),
    ],
)
def test_what_fits(typed: str, match: PlateMatch, fitting: list[str], others: list[str]) -> None:
    pattern = pattern_of(typed, match)
    assert [plate for plate in (*fitting, *others) if re.search(pattern.regex, plate)] == fitting
    assert [plate for plate in (*fitting, *others) if re.match(translate(pattern.glob), plate)] == fitting


def test_look_alikes_fit_where_they_are_asked_for() -> None:
    assert re.search(pattern_of("粤B8D0", "prefix", alike=True).regex, "粤BB0Q1")
    assert not re.search(pattern_of("粤B8D0", "prefix").regex, "粤BB0Q1")
    assert not re.search(pattern_of("粤B8D0", "prefix", alike=True).regex, "京BB0Q1")


@given(PLATES, st.data())
def test_what_indexes_are_asked_for_leaves_no_plate_out(plate: str, data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, len(plate) - 1))
    end = data.draw(st.integers(begin + 1, len(plate)))
    match: PlateMatch = (
        "whole" if end - begin == len(plate) else "prefix" if begin == 0 else "suffix" if end == len(plate) else "part"
    )
    hidden = data.draw(st.sets(st.integers(begin, end - 1)))
    typed = "".join("?" if at in hidden else plate[at] for at in range(begin, end))
    pattern = pattern_of(typed, match, alike=data.draw(st.booleans()))
    assert re.search(pattern.regex, plate)
    assert re.match(translate(pattern.glob), plate)
    assert plate[::-1].startswith(pattern.ending)
    assert not pattern.beginnings or plate.startswith(pattern.beginnings)
    assert all(len(piece) >= TRIGRAM and piece in folded(plate) for piece in pattern.pieces)


def test_provinces_are_on_no_other_place() -> None:
    assert pattern_of("藏", "part").beginnings == ("藏", "临藏", "WJ藏", "WJ警藏")
    assert pattern_of("1藏", "part").beginnings == ()
    assert "藏" in PROVINCES
