import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from access.plate import kind_of
from devices.plates.grammar import ALPHABET
from devices.plates.read import LINES_MAX, _places, spell
from devices.plates.stages import Floats


def slices(*likely: dict[str, float]) -> Floats:
    """Probabilities by slice; what is not named is the blank's."""
    table = np.zeros((len(likely), len(ALPHABET) + 1), np.float32)
    for row, shares in zip(table, likely, strict=True):
        for character, share in shares.items():
            row[1 + ALPHABET.index(character)] = share
        row[0] = 1 - sum(shares.values())
    return table


def sure(text: str) -> list[dict[str, float]]:
    """Each character sure, with a blank behind it."""
    return [shares for character in text for shares in ({character: 1.0}, {})]


@pytest.mark.parametrize("text", ["粤B12D45", "粤BD12345", "沪A88888", "京A1234警", "使198476", "粤ZR066港"])
def test_a_sure_line_is_read_whole(text: str) -> None:
    (line, *_) = spell(slices(*sure(text)))
    assert line.text == text
    assert line.probability == pytest.approx(1.0)
    assert line.characters == pytest.approx((1.0,) * len(text))


def test_a_character_held_over_slices_counts_once_and_twice_with_a_blank_between() -> None:
    held = slices({"粤": 1.0}, {"粤": 1.0}, *sure("B11111"))
    assert spell(held)[0].text == "粤B11111"
    assert spell(slices(*sure("粤B1111"), {"1": 1.0}, {"1": 1.0}))[0].text == "粤B11111"


def test_the_grammar_overrules_a_likelier_character() -> None:
    doubtful = [*sure("粤B1234"), {"粤": 0.7, "5": 0.3}]
    assert spell(slices(*doubtful))[0].text == "粤B12345"


def test_alternatives_come_with_their_shares() -> None:
    lines = spell(slices(*sure("粤B1234"), {"0": 0.6, "D": 0.4}))
    assert [(line.text, round(line.probability, 2)) for line in lines] == [("粤B12340", 0.6), ("粤B1234D", 0.4)]
    assert lines[0].characters == pytest.approx((1, 1, 1, 1, 1, 1, 0.6), abs=1e-3)


def test_what_is_no_plate_spells_nothing() -> None:
    assert spell(slices(*sure("STOP"))) == ()
    assert spell(slices({}, {}, {})) == ()


@given(arrays.arrays(np.float32, (22, len(ALPHABET) + 1), elements=st.floats(0, 1, width=32)))
def test_whatever_the_network_says_only_plates_are_spelt(noise: Floats) -> None:
    lines = spell(noise / np.maximum(noise.sum(axis=1, keepdims=True), 1))
    assert len(lines) <= LINES_MAX
    assert all(kind_of(line.text) for line in lines)
    assert all(0 <= line.probability <= 1.0001 and len(line.characters) == len(line.text) for line in lines)


@pytest.mark.parametrize(
    ("symbol", "meant"), [("院", "皖"), ("湾", "湘"), ("粵", "粤"), ("O", "O0"), ("8", "8"), ("龙", ""), ("·", None)]
)
def test_what_a_symbol_of_the_network_may_stand_for(symbol: str, meant: str | None) -> None:
    assert _places(symbol) == ([0] if meant is None else [1 + ALPHABET.index(character) for character in meant])
