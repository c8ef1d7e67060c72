import re

import pytest

from access.signs import SIGNS, sign_in_words

LETTERS_MAX = 40
CHARACTERS_MAX = 14


@pytest.mark.parametrize("kind", ["vehicle", "pedestrian"])
@pytest.mark.parametrize("direction", ["in", "out", "both"])
@pytest.mark.parametrize("code", SIGNS)
def test_a_sign_is_short_and_in_both_languages(code: str, direction: str, kind: str) -> None:
    chinese, english = (sign_in_words(code, language, direction, kind) for language in ("zh", "en"))
    assert re.search(r"[一-鿿]", chinese)
    assert not re.search(r"[一-鿿]", english)
    assert len(chinese) <= CHARACTERS_MAX
    assert len(english) <= LETTERS_MAX


@pytest.mark.parametrize(
    ("code", "direction", "kind", "expected"),
    [
        ("go", "in", "vehicle", "请驶入"),
        ("go", "out", "vehicle", "请驶出，一路平安"),
        ("go", "both", "vehicle", "请通行"),
        ("go", "in", "pedestrian", "请进"),
        ("closed", "in", "pedestrian", "此门关闭"),
        ("closed", "in", "vehicle", "车道关闭"),
        ("levitate", "in", "vehicle", "levitate"),
    ],
)
def test_a_sign_fits_its_lane(code: str, direction: str, kind: str, expected: str) -> None:
    assert sign_in_words(code, "zh", direction, kind) == expected
