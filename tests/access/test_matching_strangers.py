"""The stranger test at its quick size, and that it would fail."""

import json
import random
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest

from access.plate import kind_of
from bench.matching import MIX, EditDistance, first_share, measure, misread, missed, plates, read_right, table
from tests.sizes import sized

REGISTERED = sized(quick=4_000, soak=20_000)
STRANGERS = sized(quick=4_000, soak=100_000)

Row = dict[str, Any]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return measure(REGISTERED, STRANGERS, seed=1)


def total(rows: list[Row], who: str, figure: str, *, right: bool) -> int:
    return sum(int(row[figure]) for row in rows if row["who"] == who and (row["reading"] == "right") is right)


def test_no_stranger_opens_by_an_inexact_match_and_residents_are_proposed_first(rows: list[Row]) -> None:
    assert missed(rows) == []
    assert total(rows, "stranger", "opened", right=True) == 0
    assert total(rows, "stranger", "opened", right=False) <= total(rows, "stranger", "equal", right=False)


def test_everybody_is_read_once_right_and_once_wrong(rows: list[Row]) -> None:
    for who, count in (("resident", REGISTERED), ("stranger", STRANGERS)):
        assert total(rows, who, "readings", right=True) == total(rows, who, "readings", right=False) == count
    assert {row["reading"] for row in rows} == {"right", *MIX}


def test_nearly_all_residents_read_right_pass_and_the_others_are_asked_about(rows: list[Row]) -> None:
    opened, asked = (total(rows, "resident", figure, right=True) for figure in ("opened", "asked_doubtful"))
    assert opened + asked == REGISTERED
    assert opened > 0.95 * REGISTERED


def test_what_others_do_lets_strangers_in(rows: list[Row]) -> None:
    assert total(rows, "stranger", "others_wrong", right=True) > 0.02 * STRANGERS


def test_a_missed_must_is_named(rows: list[Row]) -> None:
    spoilt = [dict(row) for row in rows]
    spoilt[0]["opened_inexact"] = 1
    next(row for row in spoilt if row["reading"] == "confusable")["first"] = 0
    assert len(missed(spoilt)) == 2
    assert first_share(spoilt[1]) == 0


def test_the_table_has_a_line_for_each_row(rows: list[Row]) -> None:
    assert len(list(table(rows))) == 1 + len(rows)


def test_plates_are_different_and_valid() -> None:
    drawn = plates(2000, random.Random(3))
    assert len(set(drawn)) == 2000
    assert all(kind_of(plate) for plate in drawn)


def test_misreadings_come_in_the_mix_of_the_field_and_never_say_what_stood_there() -> None:
    chance = random.Random(5)
    readings = [misread(plate, chance) for plate in plates(5000, chance)]
    counts = Counter(reading.wrong for reading in readings)
    assert all(abs(counts[wrong] / 5000 - share / 100) < 0.03 for wrong, share in MIX.items())
    assert all(reading.text != reading.plate and len(reading.characters) == len(reading.text) for reading in readings)
    assert read_right("粤B12345", chance).text == "粤B12345"


@pytest.mark.parametrize(
    ("text", "opens"),
    [
        ("粤B12345", "粤B12345"),
        ("粤B12395", "粤B12345"),  # another character
        ("粤B1245", "粤B12345"),  # one lost
        ("粤B129345", "粤B12345"),  # one more
        ("粤B1234", "粤B12345"),
        ("粤B99345", ""),
        ("粤A7777", ""),  # two are equally near
    ],
)
def test_the_other_matcher_opens_for_the_only_plate_within_one_edit(text: str, opens: str) -> None:
    assert EditDistance(["粤B12345", "粤A77771", "粤A77772"]).opens_for(text) == opens


def test_the_program_prints_one_object_and_says_by_its_status_whether_all_is_met() -> None:
    command = [sys.executable, "-m", "bench.matching", "--registered", "200", "--strangers", "200", "--json"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    said = json.loads(run.stdout)
    assert said["missed"] == []
    assert {row["who"] for row in said["rows"]} == {"resident", "stranger"}
