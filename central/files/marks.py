r"""Marks between the parts of a cell: `;` between items, `|` between parts of an item, `,` between values of a part.

A backslash before a mark makes it part of a value.
"""

import re
from typing import Final

ITEMS: Final = ";；、\n"
# Where items have parts, their values may be listed with `、`.
PARTED_ITEMS: Final = ";；\n"
PARTS: Final = "|｜"
VALUES: Final = ",，、"
NAMES: Final = "/"
_MARKED = re.compile(r"([\\/;；、\n])")
_MARKED_PART = re.compile(r"([\\;；、\n|｜,，])")
_MARKED_NAME = re.compile(r"([|｜,，])")
_UNMARKED = re.compile(r"\\(.)", re.DOTALL)


def split(text: str, marks: str) -> list[str]:
    """Return the text between these marks, with all its backslashes."""
    parts = [""]
    for found in re.finditer(rf"\\.|[{marks}]|[^\\{marks}]+|\\", text, re.DOTALL):
        if found[0] in marks:
            parts.append("")
        else:
            parts[-1] += found[0]
    return parts


def steps(text: str) -> list[str]:
    """Return the parts of a name as GATE/LANE, each as it is."""
    return [unmarked(part).strip() for part in split(text, NAMES)]


def unmarked(text: str) -> str:
    """Return a value without the backslashes that make marks part of it."""
    return _UNMARKED.sub(r"\1", text) if "\\" in text else text


def marked(text: str) -> str:
    """Return a part of a name, or an item of a list, so that it is read as one."""
    return _MARKED.sub(r"\\\1", text)


def marked_part(text: str) -> str:
    """Return a value so that it is read as one part of an item."""
    return _MARKED_PART.sub(r"\\\1", text)


def marked_name(name: str) -> str:
    """Return a name, marked already, so that it is read as one part of an item."""
    return _MARKED_NAME.sub(r"\\\1", name)
