"""From what a clerk types of a card to what gates may have written down of it."""

import re
from dataclasses import dataclass

from access.card import CardNumber
from central.errors import RegistryError

PRINTED = re.compile(r"\d{10}")
HEX = re.compile(r"(?:[0-9A-F]{2}){3,16}")
PRINTED_BYTES = 4


@dataclass(frozen=True, slots=True)
class CardForms:
    """Numbers as hex: as delivered in whole, and as the low four bytes of a longer one."""

    whole: frozenset[str]
    low: frozenset[str]


def card_forms(typed: str) -> CardForms:
    """Return the forms that a number in hex, or the ten digits printed on a card, may have; RegistryError 422."""
    text = re.sub(r"[\s:-]", "", typed).upper()
    numbers = [CardNumber(bytes.fromhex(text), 4 * len(text))] if HEX.fullmatch(text) else []
    if PRINTED.fullmatch(text) and int(text) < 1 << 8 * PRINTED_BYTES:
        numbers.append(CardNumber(int(text).to_bytes(PRINTED_BYTES, "big"), 8 * PRINTED_BYTES))
    if not numbers:
        raise RegistryError("a card is searched by its number in hex or by the ten digits printed on it", 422, "card")
    forms = [form for number in numbers for form in number.deliverable()]
    four = {form.raw.hex().upper() for number in numbers if len(number.raw) == PRINTED_BYTES for form in number.deliverable()}
    return CardForms(frozenset(form.raw.hex().upper() for form in forms), frozenset(text for text in four if len(text) == 8))
