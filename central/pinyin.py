"""What a Chinese name is called by its first letters: 李小明 is lxm, as guards type it."""

import os
import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any, Final

LENGTH_MAX: Final = 80
_PARTS: Final = re.compile(r"[a-z]+|[0-9]+|[^\W\d_]")
# As family names these characters are read otherwise than in most words.
_FAMILIES: Final = {"单": "s", "解": "x", "仇": "q", "查": "z", "区": "o", "曾": "z", "乐": "y", "朴": "p", "翟": "z", "种": "c"}


def initials(text: str) -> str:
    """Return the first letter of each Chinese character and of each Latin word, and all digits: 翠湖苑3栋 is chy3d."""
    folded = "".join(each for each in unicodedata.normalize("NFKD", text).casefold() if not unicodedata.combining(each))
    return "".join(_of_part(part) for part in _PARTS.findall(folded))[:LENGTH_MAX]


def initials_of_name(name: str) -> str:
    """Return the initials of a person, whose family name comes first: 单立 is sl."""
    family = _FAMILIES.get(name[:1])
    return f"{family}{initials(name[1:])}"[:LENGTH_MAX] if family else initials(name)


def _of_part(part: str) -> str:
    if part.isascii():
        return part if part.isdigit() else part[0]
    return _of_character(part)


@lru_cache(maxsize=4096)
def _of_character(character: str) -> str:
    found = _reader()(character)
    first = found[0][:1] if found else ""
    return first if first.isascii() and first.isalpha() else ""


@cache
def _reader() -> Callable[[str], list[str]]:
    """Load the table of characters when the first of them is read; that of phrases, three times as big, never."""
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")
    os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "1")
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415 - as it says above

    letters: dict[str, Any] = {"style": Style.FIRST_LETTER, "errors": "ignore"}
    return lambda character: lazy_pinyin(character, **letters)
