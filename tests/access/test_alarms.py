import re

import pytest

from access.alarms import ALARMS, DETAILS, alarm_in_words, detail_in_words


@pytest.mark.parametrize("words", [*ALARMS.values(), *DETAILS.values()])
def test_what_a_gate_raises_has_words_in_both_languages(words: tuple[str, str]) -> None:
    chinese, english = words
    assert re.search(r"[一-鿿]", chinese)
    assert not re.search(r"[一-鿿]", english)


def test_what_is_not_known_stands_for_itself() -> None:
    assert alarm_in_words("levitating", "en") == "levitating"
    assert detail_in_words("io", "zh") == "io"
    assert detail_in_words("far_loop", "zh") == "对面地感"
