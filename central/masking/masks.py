"""The masks: 张*明, 138****5678, 粤B·1**45, ****1234. A mask of a mask is the same mask. Pure."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from access.plate import PROVINCES
from access.plate import shown as with_dot
from central.masking.kinds import Kind

STAR = "*"
HIDDEN = "***"
_CARD = re.compile(r"(?:[0-9A-F]{2}[ :-]?){4,}|\d{8,10}|…?.{0,4}")
# Telephones, ID numbers, cards as printed and as hex; not dates, nor numbers of slips.
_NUMBERS = (
    r"1\d{2}[ -]?\d{4}[ -]?\d{4}",
    r"0\d{2,3}[ -]?\d{7,8}",
    r"\d{17}[0-9Xx]",
    r"\d{15}",
    r"\d{10}",
    r"(?=[0-9A-F]*[A-F])[0-9A-F]{8,64}",
)
_LONG = re.compile(rf"(?<![0-9A-Za-z*])(?:{'|'.join(_NUMBERS)})(?![0-9A-Za-z])")
_PLATE = re.compile(rf"[{''.join(sorted(PROVINCES))}临][A-Z]?[A-Z]·?[0-9A-Z]{{4,6}}[挂学警港澳领使试超]?")


def name(text: str) -> str:
    """Leave the first character and, of three or more, the last."""
    inner = len(text) - 2
    return text if not text else text[0] + STAR * min(max(inner, 1), 3) + (text[-1] if inner > 0 else "")


def phone(text: str) -> str:
    """Leave the last four digits, and of a long number the first three; of a short one no more than the last two."""
    if len(text) >= 10:
        return f"{text[:3]}{STAR * 4}{text[-4:]}"
    return _end(text, 4 if len(text) > 6 else 2)


def plate(text: str) -> str:
    """Leave province and city letter, and of what follows the first and the last two characters."""
    written = text if "·" in text else with_dot(text)
    head, dot, tail = written.rpartition("·")
    if len(tail) < 4:
        return head + dot + tail[:1] + STAR * 2 if tail else text
    return f"{head}{dot}{tail[0]}{STAR * (len(tail) - 3)}{tail[-2:]}"


def card(text: str) -> str:
    """Leave the last four characters."""
    return _end(text, 4)


def identity(text: str) -> str:
    """Leave the last character: more of an ID number tells day of birth or sex."""
    return f"{STAR * 3}{text[-1]}" if text else text


def credential(text: str) -> str:
    """Mask a plate as a plate and all others as a card."""
    if not text or STAR in text:
        return text
    return card(text) if _CARD.fullmatch(text.upper()) else plate(text)


def address(text: str) -> str:
    """Leave what stands before the first dash or blank, as the building: 3-1201 becomes 3-***."""
    found = re.match(r"[^-\s]{1,8}[-\s]", text)
    return (found[0] if found and found.end() < len(text) else "") + HIDDEN if text else text


def words(text: str) -> str:
    """Leave nothing but that there is something."""
    return HIDDEN if text else text


def report(text: str) -> str:
    """Mask plates, telephones, ID and card numbers in running text; names in it nobody can tell from other words."""
    return _LONG.sub(lambda found: card(found[0]), _PLATE.sub(lambda found: plate(found[0]), text))


def _end(text: str, kept: int) -> str:
    if not text or text == STAR * 4:
        return text
    return STAR * 4 + (text[-kept:] if len(text) > kept else "")


MASKS: Mapping[Kind, Callable[[str], str]] = {
    "name": name,
    "phone": phone,
    "tail": words,
    "id": identity,
    "plate": plate,
    "card": card,
    "credential": credential,
    "address": address,
    "photo": words,
    "note": words,
    "report": report,
    "staff": name,
    "facts": words,
}


def mask(kind: Kind, value: Any) -> Any:
    """Return a value, or all texts in a list or table of such, behind the mask of this kind; bytes are left out."""
    return _each(value, MASKS[kind])


def nothing(value: Any) -> Any:
    """Return what stands in the place of a value that is not seen at all: none, of the same form."""
    if isinstance(value, list | tuple | set | frozenset | Mapping):
        return type(value)()
    return _each(value, lambda _text: "")


def _each(value: Any, masked: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, bytes):
        return b""
    if isinstance(value, Mapping):
        return {key: _each(each, masked) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return type(value)(_each(each, masked) for each in value)
    return value
