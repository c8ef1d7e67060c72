"""Reasons and obligations in words: whole sentences in both languages, whatever values are there."""

import re
import string

import pytest

from access.obligations import OBLIGATIONS, Obligation, obligation_in_words
from access.reasons import GATES_OWN, REASONS, WHYS, sentence, why_in_words
from access.words import LANGUAGES


def holes(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", REASONS)
def test_a_reason_says_the_same_in_both_languages(code: str) -> None:
    reason = REASONS[code]
    assert reason.code == code
    assert reason.outcome in ("grant", "deny", "refer")
    assert re.search(r"[一-鿿]", reason.zh)
    assert not re.search(r"[一-鿿]", reason.en)
    assert holes(reason.zh) == holes(reason.en)


@pytest.mark.parametrize("code", OBLIGATIONS)
def test_an_obligation_says_the_same_in_both_languages(code: str) -> None:
    zh, en = OBLIGATIONS[code]
    assert re.search(r"[一-鿿]", zh)
    assert not re.search(r"[一-鿿]", en)
    assert holes(zh) == holes(en)


def test_a_site_may_have_obligations_of_its_own() -> None:
    assert [obligation_in_words(Obligation("wash the tyres"), language) for language in LANGUAGES] == ["wash the tyres"] * 2


def test_codes_among_the_values_are_put_in_words() -> None:
    values = {"subject": "…0001", "status": "lost"}
    assert sentence("inactive", values, "en") == "…0001 is reported lost and cannot be used"
    assert sentence("inactive", values, "zh") == "…0001 的状态为“已挂失”，不可用"
    awaited = Obligation("await_factor", {"missing": "card", "seconds": 30})
    assert obligation_in_words(awaited, "en") == "present card within 30 s"


def test_a_sentence_of_an_erased_or_later_entry_still_reads() -> None:
    assert sentence("blocked", None, "en") == "— is on the block list: —"
    assert sentence("levitating", {}, "zh") == "levitating"
    assert sentence("inactive", {"subject": "x", "status": "melted"}, "en") == "x is melted and cannot be used"


def test_values_are_never_taken_for_templates() -> None:
    assert sentence("access_ok", {"holder": "{shown}", "unit": ""}, "en") == "{shown} may pass here now"


@pytest.mark.parametrize("code", WHYS)
def test_a_guards_reason_and_words(code: str) -> None:
    for language in LANGUAGES:
        told = sentence("guard_opened", {"why": code, "words": "三号楼"}, language)
        assert told.endswith("三号楼")
        assert (why_in_words(code, "", language) in told) is (code != "other")


def test_the_gates_own_reasons_are_reasons() -> None:
    assert set(REASONS) >= GATES_OWN
