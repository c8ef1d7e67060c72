"""Numbers of cards as they are printed on them, and what such a text can mean."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from access.card import CardNumber
from central.errors import RegistryError

# Ten or eight digits, facility and number of one or two bytes, hex; each also with its bytes the other way round.
Form = Literal["10", "8", "3+5", "5+5", "hex", "10 reversed", "8 reversed", "3+5 reversed", "5+5 reversed", "hex reversed"]
FORMS: tuple[Form, ...] = get_args(Form)
REVERSED = " reversed"
TEXT_MAX = 64
_PAIR = re.compile(r"(\d{1,5})\s*[,+]\s*(\d{1,5})", re.ASCII)
_HEX = re.compile(r"(?:0x)?((?:[0-9a-f]{2}[ :-]?)+?)(?:/(\d{1,3}))?", re.ASCII | re.IGNORECASE)
_DIGITS = re.compile(r"\d+", re.ASCII)
_BYTES = {"10": 4, "8": 3}


@dataclass(frozen=True, slots=True)
class Reading:
    """One meaning of a printed text; `is_meant`: it is one of those that are taken unless another form is asked for."""

    form: str
    number: CardNumber
    is_meant: bool


def readings(text: str, *, is_reversed: bool = False) -> list[Reading]:
    """Return all that a text printed on a card can mean; `is_reversed`: bytes are printed the other way round here."""
    found: list[Reading] = []
    plain = text.strip().replace("，", ",").replace("＋", "+")
    for form, number, is_meant in (*_digits(plain), *_pair(plain), *_hex(plain)):
        whole = number.bits == 8 * len(number.raw)
        other = CardNumber(number.raw[::-1], number.bits) if whole else number
        # What is the same both ways has one reading.
        found.append(Reading(form, number, is_meant and (not is_reversed or other == number)))
        if other != number:
            found.append(Reading(form + REVERSED, other, is_meant and is_reversed))
    return found


def number_meant(text: str, form: Form | None, *, is_reversed: bool) -> CardNumber:
    """Return the number that a text printed on a card means; RegistryError 422 naming `printed` with what else it can be."""
    found = readings(text, is_reversed=is_reversed)
    meant = [each for each in found if (each.is_meant if form is None else each.form == form)]
    if len({each.number for each in meant}) == 1:
        return meant[0].number
    facts = {"readings": [{"form": each.form, "raw": each.number.raw.hex().upper(), "bits": each.number.bits} for each in found]}
    if meant:
        forms = ", ".join(each.form for each in meant)
        raise RegistryError("this can be read as {forms}: say which in form", 422, "printed", facts, forms=forms)
    if form is None or not found:
        raise RegistryError("is no card number", 422, "printed")
    raise RegistryError("this cannot be read as {form}", 422, "printed", facts, form=form)


def _digits(text: str) -> Iterator[tuple[str, CardNumber, bool]]:
    if _DIGITS.fullmatch(text):
        for form, size in _BYTES.items():
            if len(text) == int(form) and int(text) < 1 << 8 * size:
                yield form, CardNumber(int(text).to_bytes(size, "big"), 8 * size), True


def _pair(text: str) -> Iterator[tuple[str, CardNumber, bool]]:
    """Yield facility and number; written in full, the length of the facility says how many bytes it has."""
    pair = _PAIR.fullmatch(text)
    if pair is None or int(pair[2]) > 0xFFFF:
        return
    written, facility, low = len(pair[1]), int(pair[1]), int(pair[2]).to_bytes(2, "big")
    is_short = facility <= 0xFF and written <= 3
    if is_short:
        yield "3+5", CardNumber(bytes([facility]) + low, 24), True
    if facility <= 0xFFFF:
        yield "5+5", CardNumber(facility.to_bytes(2, "big") + low, 32), not (is_short and written == 3)


def _hex(text: str) -> Iterator[tuple[str, CardNumber, bool]]:
    """Yield hex; ten digits alone are decimal, as everybody prints them, where they can be."""
    found = _HEX.fullmatch(text)
    if found is None:
        return
    raw = bytes.fromhex(re.sub("[ :-]", "", found[1]))
    try:
        number = CardNumber(raw, int(found[2]) if found[2] else 8 * len(raw))
    except ValueError:
        return
    yield "hex", number, not any(form == "10" for form, _, _ in _digits(text))


def forms_of(found: Sequence[Reading]) -> list[CardNumber]:
    """Return the numbers of these readings, each once."""
    return list(dict.fromkeys(each.number for each in found))
