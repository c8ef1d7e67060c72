"""By what a visitor is known again however it is written: names folded, telephones in one form."""

import hashlib
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from central.people.names import masked

# A visitor whose name nobody took down, or whose name was erased.
UNNAMED: Final = "访客"
TAIL_LENGTH = 4
DIGITS_MIN, DIGITS_MAX = 5, 20
CHINA = "86"
MOBILE_LENGTH = 11


def folded_name(name: str) -> str:
    """Return what spellings of a name have in common: width, case, spaces and marks make no difference. It may be empty."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return "".join(character for character in text if character.isalnum())


def is_named(details: Mapping[str, Any]) -> bool:
    """Tell whether anybody took down the name of a visitor."""
    return str(details["name"]) != UNNAMED


def shown_name(details: Mapping[str, Any]) -> str:
    """Return how a visitor is called where the whole name is not needed: masked, and what is no name as it is."""
    return masked(str(details["name"])) if is_named(details) else UNNAMED


def phone_in_one_form(raw: str) -> str:
    """Return the digits of a telephone number as dialled within China, with a plus before that of another country.

    It is the same with or without the code of the country, spaces, dashes, or full-width digits; a number of this form stays.
    """
    text = unicodedata.normalize("NFKC", raw).strip()
    digits = "".join(str(unicodedata.decimal(character)) for character in text if character.isdecimal())
    is_abroad = text.lstrip(" (").startswith("+") or digits.startswith("00")
    digits = digits.lstrip("0") if is_abroad else digits
    # Behind the code of the country some write the 0 of a call within it, and some do not.
    national = digits.removeprefix(CHINA).lstrip("0")
    if digits.startswith(CHINA) and (is_abroad or _is_mobile(national)):
        return national if _is_mobile(national) else f"0{national}"
    if digits.startswith("0") and _is_mobile(digits[1:]):
        return digits[1:]
    return f"+{digits}" if is_abroad else digits


def phone_hash(phone: str) -> bytes:
    """Return by what a number of one form is found on a list that does not say it."""
    return hashlib.sha256(f"phone {phone}".encode()).digest()


def tail_of(phone: str) -> str:
    """Return the last digits, which may be shown."""
    return phone[-TAIL_LENGTH:]


def known_tail(details: Mapping[str, Any]) -> str:
    """Return the last digits of a visitor's telephone, of which a guard may have taken down no more than those."""
    return tail_of(details.get("phone") or "").lstrip("+") or details.get("phone_end") or ""


def _is_mobile(digits: str) -> bool:
    return len(digits) == MOBILE_LENGTH and digits.startswith("1")
