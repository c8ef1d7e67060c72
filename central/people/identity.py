"""Telephone and ID numbers as people write them. Of an ID number only the last four characters and a keyed hash are kept."""

import hashlib
import hmac
import re
from datetime import date
from typing import Annotated
from unicodedata import normalize

from pydantic import AfterValidator, Field, SecretStr

TAIL_LENGTH = 4
_BETWEEN = re.compile(r"[\s()-]")
_PHONE = re.compile(r"\+?[0-9]{5,20}")
_CITIZEN = re.compile(r"[0-9]{17}[0-9A-Z]")
_PASSPORT = re.compile(r"[0-9A-Z]{5,20}")
# GB 11643-1999: the check character by the weighted sum of the others, modulo 11.
_CHECKS = "10X98765432"


def normal_phone(typed: str) -> str:
    """Return a telephone number without what people put between its digits; ValueError for what is none."""
    number = _BETWEEN.sub("", normalize("NFKC", typed))
    if number and not _PHONE.fullmatch(number):
        raise ValueError("is no telephone number")
    return number


def normal_id_number(typed: str) -> str:
    """Return an ID number in its normal form; ValueError for what is none, without repeating it.

    18 characters with the check of GB 11643, or 5 to 20 letters and digits as passports and travel permits have.
    """
    number = _BETWEEN.sub("", normalize("NFKC", typed)).upper()
    if _CITIZEN.fullmatch(number):
        if number[17] != _CHECKS[sum(int(digit) << 17 - place for place, digit in enumerate(number[:17])) % 11]:
            raise ValueError("is no ID number: its check character is wrong")
        if not _is_day(number[6:14]):
            raise ValueError("is no ID number: there is no such day of birth")
    elif number and not _PASSPORT.fullmatch(number):
        raise ValueError("is no ID number")
    return number


def id_hash(key: bytes, number: str) -> bytes:
    """Return the hash by which the holder of an ID number (in normal form) is found again, by this registry only."""
    return hmac.new(key, b"id-number\n" + number.encode(), hashlib.sha256).digest()


def tail(number: str) -> str:
    """Return the last four characters, which people tell each other by."""
    return number[-TAIL_LENGTH:]


def _is_day(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True


def _normal_secret(typed: SecretStr) -> SecretStr:
    return SecretStr(normal_id_number(typed.get_secret_value()))


Phone = Annotated[str, Field(max_length=40), AfterValidator(normal_phone)]
IdNumber = Annotated[SecretStr, Field(max_length=40), AfterValidator(_normal_secret)]
