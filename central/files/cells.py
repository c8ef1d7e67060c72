"""Cells of a sheet: the letter of a column, and an apostrophe before what a spreadsheet would take for a formula."""

import re

# Excel keeps 15 digits of a number and makes the others 0: such a card number would be another one.
NUMBER_MAX = 10**15 - 1

# OWASP ASVS 1.2.10, and the full-width signs, which Excel takes for the plain ones; what is not seen may stand before.
_FORMULA = re.compile(r"'*[\s\x00-\x1f\u200b-\u200f\u2060\ufeff]*?[=+\-@＝＋－＠\t\r\n\x00]")


def letter(index: int) -> str:
    """Return how Excel names the column at this index: A for 0, AA for 26."""
    rest, last = divmod(index, 26)
    return (letter(rest - 1) if rest else "") + chr(ord("A") + last)


def quoted(text: str) -> str:
    """Return the text with an apostrophe before it if it begins as a formula does, apostrophes of its own aside."""
    return f"'{text}" if _FORMULA.match(text) else text


def unquoted(text: str) -> str:
    """Return what `quoted` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
