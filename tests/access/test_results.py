import re

import pytest

from access.results import RESULTS, WENT_THROUGH, result_in_words


@pytest.mark.parametrize("code", RESULTS)
def test_a_result_has_a_word_in_both_languages(code: str) -> None:
    assert re.search(r"[一-鿿]", result_in_words(code, "zh"))
    assert not re.search(r"[一-鿿]", result_in_words(code, "en"))


def test_who_went_through_is_on_the_other_side_granted_or_not() -> None:
    assert {"passed", "assumed", "tailgated", "unauthorised", "wrong_way", "crashed"} == WENT_THROUGH


def test_a_result_of_a_later_version_stands_for_itself() -> None:
    assert result_in_words("levitated", "zh") == "levitated"
