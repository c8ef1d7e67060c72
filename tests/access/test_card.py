"""Card numbers: printed forms, forms that readers deliver, keyed hashes."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.card import CARD_BYTES_MAX, CardNumber, card_hash, code_hash

PUBLISHED = Path(__file__).parents[3] / "shared" / "samples" / "readers" / "card_number_conventions.csv"
OURS = """number,convention,text
0A1B2C3D4E,hex,0A1B2C3D4E
0A1B2C3D4E,10,0455884110
0A1B2C3D4E,10 reversed,1312631835
0A1B2C3D4E,5+5,"06956,15694"
0A1B2C3D4E,8,02899278
0A1B2C3D4E,3+5,"044,15694"
000000000F,10,0000000015
000000000F,3+5,"000,00015"
"""


@pytest.mark.parametrize(("number", "convention", "text"), list(csv.reader(io.StringIO(OURS)))[1:])
def test_printed_forms(number: str, convention: str, text: str) -> None:
    assert CardNumber(bytes.fromhex(number), 40).printed()[convention] == text


def published() -> list[list[str]]:
    if not PUBLISHED.exists():
        return []
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def test_what_others_print_is_among_our_forms() -> None:
    """Of the published cards, all but the last two bytes alone and the forms of a first part are conventions of ours."""
    left_out = ("low 2 bytes", "3+5 of the first three", "3+5 reversed")
    for _, number, rule, text in published():
        if not rule.startswith(left_out):
            forms = CardNumber(bytes.fromhex(number), 4 * len(number)).printed()
            assert text in forms.values(), (number, rule)


@pytest.mark.parametrize(("size", "conventions"), [(1, {"hex"}), (2, {"hex"}), (3, {"hex", "8", "3+5"})])
def test_a_short_card_has_fewer_printed_forms(size: int, conventions: set[str]) -> None:
    assert set(CardNumber(bytes(size), 8 * size).printed()) == conventions


def test_forms_in_which_readers_deliver_a_card() -> None:
    forms = CardNumber(bytes.fromhex("0A1B2C3D4E"), 40).deliverable()
    assert [(form.raw.hex().upper(), form.bits) for form in forms] == [
        ("0A1B2C3D4E", 40),
        ("1B2C3D4E", 32),
        ("4E3D2C1B", 32),
        ("2C3D4E", 24),
        ("4E3D2C", 24),
    ]


@given(st.binary(min_size=1, max_size=CARD_BYTES_MAX))
def test_every_card_delivers_itself_first_and_nothing_twice(raw: bytes) -> None:
    number = CardNumber(raw, 8 * len(raw))
    forms = number.deliverable()
    assert forms[0] == number
    assert len(set(forms)) == len(forms)


@pytest.mark.parametrize(("raw", "bits"), [(b"", 1), (b"\x01", 0), (b"\x01", 9), (bytes(17), 8), (b"\x01", -1)])
def test_what_is_no_card_number(raw: bytes, bits: int) -> None:
    with pytest.raises(ValueError, match="a card number has"):
        CardNumber(raw, bits)


def test_hashes_depend_on_key_bytes_length_and_medium() -> None:
    key, other = bytes(32), bytes([1]) * 32
    hashes = {
        card_hash(key, CardNumber(b"\x00\x12", 16)),
        card_hash(key, CardNumber(b"\x12", 8)),
        card_hash(key, CardNumber(b"\x12", 7)),
        card_hash(other, CardNumber(b"\x12", 8)),
        code_hash(key, "\x12"),
        code_hash(key, "A"),
    }
    assert len(hashes) == 6
    assert {len(one) for one in hashes} == {16}
    assert card_hash(key, CardNumber(b"\x12", 8)).hex() == "71817eae1f31078448559290ce065288"
