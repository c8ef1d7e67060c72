"""Templates of other countries, of bicycles and of anywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.plate import PLATE_LENGTH_MAX, normalise
from access.plate_countries import TEMPLATES, origin_of


@pytest.mark.parametrize("code", TEMPLATES)
def test_an_example_fits_its_own_template_and_is_in_normal_form(code: str) -> None:
    example = TEMPLATES[code].example
    assert origin_of(example, [code]) == code
    assert normalise(example) == example


@pytest.mark.parametrize(
    ("code", "written", "fits"),
    [
        ("DE", "B-AB 1", True),
        ("DE", "MÜ-X 12", True),
        ("DE", "HH-IO 100H", True),  # I and O stay what they are
        ("DE", "B-AB 0123", False),
        ("DE", "B 1234", False),
        ("FR", "AA-001-AA", True),
        ("FR", "1234 AB 75", True),
        ("FR", "12 ABC 2A", True),
        ("FR", "AI-123-CD", False),
        ("GB", "AB12 CDE", True),
        ("GB", "A123 BCD", True),
        ("GB", "ABC 123D", True),
        ("GB", "AIZ 1234", True),
        ("GB", "AB1 CDE", False),
        ("NL", "XX-123-X", True),
        ("NL", "12-AB-34", True),
        ("NL", "1-ABC-23", True),
        ("NL", "ABC-123", False),
        ("ES", "1234 BCD", True),
        ("ES", "M-1234-AB", True),
        ("ES", "1234 ABC", False),
        ("IT", "AB 123 CD", True),
        ("IT", "AQ 123 CD", False),
        ("PL", "WX 12345", True),
        ("PL", "WPR 1A23", True),
        ("PL", "KR 1AC23", True),
        ("PL", "WX 1234B", False),
        ("bicycle", "京A123456", True),
        ("bicycle", "1234567", True),
        ("bicycle", "京A1234", False),
        ("international", "M5XSX", True),
        ("international", "GWAGEN", False),  # a word
        ("international", "1", False),
        ("international", "粤B12345", False),
    ],
)
def test_plates_as_they_are_written(code: str, written: str, fits: bool) -> None:
    assert (origin_of(normalise(written), [code]) == code) is fits


def test_the_first_of_the_chosen_that_fits_is_the_origin() -> None:
    assert origin_of("AB123CD", ["FR", "IT"]) == "FR"
    assert origin_of("AB123CD", ["IT", "FR"]) == "IT"
    assert origin_of("RK755AJ", ["ES", "international"]) == "international"
    assert origin_of("AB123CD", []) == ""


@given(st.text(max_size=200), st.sampled_from(sorted(TEMPLATES)))
def test_whatever_fits_is_no_longer_than_a_plate(text: str, code: str) -> None:
    if origin_of(text, [code]):
        assert 2 <= len(text) <= PLATE_LENGTH_MAX
