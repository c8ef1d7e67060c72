"""Numbers of cards as people write them down: digits as printed, facility and number, or hex."""

import re

from access.card import CardNumber

_PAIR = re.compile(r"(\d{1,5})\s*[,+]\s*(\d{1,5})", re.ASCII)
_HEX = re.compile(r"(0x)?((?:[0-9a-f]{2}[ :-]?)+?)(?:/(\d{1,3}))?", re.ASCII | re.IGNORECASE)


def read_card(text: str) -> CardNumber:
    """Return the number meant by 10 or 8 digits, `facility,number` or hex, which may say its length: 0A0063E9AE/37; ValueError.

    Digits alone are decimal, as they are printed; hex of digits alone needs 0x before it.
    """
    text = text.strip().replace("，", ",").replace("＋", "+")
    if pair := _PAIR.fullmatch(text):
        return _of_pair(pair[1], int(pair[1]), int(pair[2]))
    if text.isdecimal():
        return _of_digits(text)
    found = _HEX.fullmatch(text)
    if found is None:
        raise ValueError("is no card number")
    raw = bytes.fromhex(re.sub("[^0-9A-Fa-f]", "", found[2]))
    return CardNumber(raw, int(found[3]) if found[3] else 8 * len(raw))


def written_card(number: CardNumber) -> str:
    """Return a text that `read_card` takes for this very number."""
    text = number.raw.hex().upper()
    if text.isdecimal():
        text = f"0x{text}"
    return text if number.bits == 8 * len(number.raw) else f"{text}/{number.bits}"


def _of_pair(first: str, facility: int, number: int) -> CardNumber:
    size = 2 if len(first) > 3 else 1
    if facility >= 1 << 8 * size or number > 0xFFFF:
        raise ValueError("is no card number")
    return CardNumber(facility.to_bytes(size, "big") + number.to_bytes(2, "big"), 8 * (size + 2))


def _of_digits(text: str) -> CardNumber:
    size = {8: 3, 10: 4}.get(len(text), 0)
    if not size or int(text) >= 1 << 8 * size:
        raise ValueError("digits of a card are 8 or 10, as printed, with their leading zeros")
    return CardNumber(int(text).to_bytes(size, "big"), 8 * size)
