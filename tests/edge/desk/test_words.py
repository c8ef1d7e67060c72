"""Every text that a page can show has its Chinese."""

import importlib
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from access.reasons import WHYS
from access.words import LANGUAGES
from edge.desk import words
from edge.desk.features import FEATURES

TEMPLATES = Path(words.__file__).parent / "templates"


PLACES = [importlib.import_module(f"edge.desk.{feature.name}.words") for feature in FEATURES]


def used() -> set[str]:
    texts = words.marked().union(*(place.marked() for place in PLACES))
    for template in TEMPLATES.rglob("*.html"):
        with template.open("rb") as file:
            found = extract(
                "jinja2.ext:babel_extract", file, options={"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
            )
            texts |= {message for _, message, _, _ in found if isinstance(message, str)}
    return texts


def test_every_text_is_translated_and_none_is_left_over() -> None:
    entries: dict[str, Message] = {}
    for path in (words.LOCALES / "zh/LC_MESSAGES").glob("*.po"):
        with path.open("rb") as file:
            entries |= {str(entry.id): entry for entry in read_po(file, locale="zh") if entry.id}
    assert set(entries) == used()
    assert [text for text, entry in entries.items() if not entry.string or entry.fuzzy] == []


def placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"%\(\w+\)s|\{\w+\}", text))


def test_placeholders_survive_translation() -> None:
    chinese = words.catalogue("zh").gettext
    assert [text for text in sorted(used()) if placeholders(text) != placeholders(chinese(text))] == []


def test_letters_of_reasons_are_single_within_an_act() -> None:
    for whys in words.WHYS.values():
        assert len({letter for _, letter in whys}) == len(whys)


def test_every_reason_is_put_in_words() -> None:
    assert {code for whys in words.WHYS.values() for code, _ in whys} | {words.OTHER} == WHYS.keys()


@pytest.mark.parametrize(("cookie", "language"), [(None, "zh"), ("en", "en"), ("zh", "zh"), ("xx", "zh"), ("../en", "zh")])
def test_the_language_is_one_of_ours(cookie: str | None, language: str) -> None:
    assert words.chosen(cookie) == language
    assert language in LANGUAGES
