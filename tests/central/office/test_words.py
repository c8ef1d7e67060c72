"""Every text of the pages is in both languages, and every code that is shown has words."""

from importlib import import_module
from pathlib import Path

from babel.messages.extract import extract_from_dir

import central.office
from access.reasons import REASONS
from access.rules import RULES
from central.log.words import OBSERVATIONS
from central.office import words
from tests.access.rules.world import Table, decided

METHODS = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")]
KEYWORDS = {"_": None, "N_": None, "translate": None}


def texts() -> set[str]:
    folder = Path(central.office.__file__).parent
    extracted = extract_from_dir(folder, method_map=METHODS, keywords=KEYWORDS)
    return {text for _, _, text, _, _ in extracted if isinstance(text, str)}


def test_every_text_is_in_chinese() -> None:
    found = texts()
    assert len(found) > 100
    chinese = words.catalogue("zh")
    assert [text for text in sorted(found) if chinese.gettext(text) == text] == []


def test_no_translation_is_left_over() -> None:
    catalogue = (words.LOCALES / "zh" / "LC_MESSAGES" / "office.po").read_text(encoding="utf-8")
    kept = {line[7:-1] for line in catalogue.splitlines() if line.startswith('msgid "') and line != 'msgid ""'}
    assert kept == texts()


def test_placeholders_are_kept() -> None:
    chinese = words.catalogue("zh")
    for text in texts():
        holes = sorted(part.split("}")[0] for part in text.split("{")[1:])
        assert sorted(part.split("}")[0] for part in chinese.gettext(text).split("{")[1:]) == holes


def test_every_reason_and_rule_has_words() -> None:
    assert set(words.REASONS) == {*REASONS, *OBSERVATIONS}
    assert set(words.RULES) == set(RULES)


def test_everything_that_a_rule_sees_has_words_but_for_ids() -> None:
    seen: set[str] = set()
    for rule in RULES:
        table: Table = import_module(f"tests.access.rules.test_{rule}").TABLE
        for given, shown, _ in table.values():
            seen |= {name for step in decided(given, shown).explanation.steps for name in step.saw}
    assert seen - words.FACTS.keys() == {"visit", "zone"}
