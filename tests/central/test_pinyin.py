"""Initials of names as guards type them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.contract.booth_records import UnitAtBooth
from central.pinyin import initials, initials_of_name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("李小明", "lxm"),
        ("翠湖苑3栋", "chy3d"),
        ("A座", "az"),
        ("３号楼", "3hl"),
        ("Élan Tower 12", "et12"),
        ("阿·吐", "at"),
        ("女", "n"),
        ("嗯", "n"),
        ("", ""),
        ("😀—", ""),
    ],
)
def test_initials(text: str, expected: str) -> None:
    assert initials(text) == expected


@pytest.mark.parametrize(
    ("name", "expected"), [("单立", "sl"), ("曾国强", "zgq"), ("简单", "jd"), ("欧阳锋", "oyf"), ("Li Wei", "lw")]
)
def test_family_names_are_read_as_such(name: str, expected: str) -> None:
    assert initials_of_name(name) == expected


@given(st.text(max_size=120))
def test_whatever_somebody_is_called_fits_the_record(text: str) -> None:
    [pattern] = [each.pattern for each in UnitAtBooth.model_fields["initials"].metadata if hasattr(each, "pattern")]
    assert re.fullmatch(pattern, initials_of_name(text))
