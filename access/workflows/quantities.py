"""Quantities of goods: whole numbers or decimals given as text, never floats."""

import re
from decimal import Decimal

# Up to 999 999.999: no slip names more, and a sum of a hundred lines stays exact.
_QUANTITY = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,3})?")


def quantity(text: str | int) -> Decimal:
    """Return the quantity that `text` says ("3", "2.5"); raises ValueError unless it is above 0 with at most three decimals."""
    if isinstance(text, float) or not _QUANTITY.fullmatch(str(text)):
        raise ValueError(f"{text!r} is no quantity")
    number = Decimal(text)
    if not number:
        raise ValueError("a quantity is above 0")
    return number


def plain(number: Decimal) -> str:
    """Return a quantity in digits, without an exponent and without zeros behind that say nothing."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
