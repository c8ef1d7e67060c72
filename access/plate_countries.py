"""Plates that a site chooses to expect beside the Chinese kinds: of seven countries, of bicycles, and of anywhere.

Patterns are of the normal form, in which these keep I and O as they are; they are written as those of `access.plate` are. The
countries' forms are those of private cars, as their registration authorities publish them, the newest first; personal and special
plates fit only the international form.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from access.plate import PROVINCES


@dataclass(frozen=True, slots=True)
class Template:
    """Plates of one origin: its code (ISO 3166 for a country), the pattern of their normal form, an example."""

    code: str
    pattern: re.Pattern[str]
    example: str


def _template(code: str, example: str, *forms: str, letters: str = "[A-Z]") -> Template:
    """Spell out 字 (a letter of this origin) and 省 (a Chinese province) in each of the forms."""
    spelt = "|".join(forms).replace("字", letters).replace("省", f"[{PROVINCES}]")
    return Template(code, re.compile(f"(?:{spelt})", re.ASCII), example)


# The fourteen series of Dutch plates: X for a letter, 9 for a digit.
_DUTCH = "XX999X X999XX 999XX9 9XX999 XXX99X X99XXX 9XXX99 99XXX9 99XXXX XXXX99 XX99XX 99XX99 9999XX XX9999"

TEMPLATES: Mapping[str, Template] = {
    template.code: template
    for template in (
        # District of up to three letters, one or two letters, up to four digits; E is electric, H historic.
        _template("DE", "BMW1234E", r"字字?字?[A-Z][A-Z]?[1-9]\d?\d?\d?[EH]?", letters="[A-ZÄÖÜ]"),
        # Since 2009 without I, O and U; before that with the department behind.
        _template(
            "FR",
            "AB123CD",
            r"字{2}\d{3}字{2}",
            r"[1-9]\d?\d?\d?字字?字?\d{2}",
            r"[1-9]\d?\d?\d?字字?字?2[AB]",
            letters="[A-HJ-NP-TV-Z]",
        ),
        # Since 2001; since 1983; since 1963; Northern Ireland.
        _template(
            "GB",
            "AB12CDE",
            r"字{2}\d{2}[A-HJ-PR-Z]{3}",
            r"字[1-9]\d?\d?[A-HJ-PR-Z]{3}",
            r"[A-HJ-PR-Z]{3}[1-9]\d?\d?字",
            r"字[A-Z][A-Z]?[1-9]\d?\d?\d?",
            letters="[A-HJ-PR-Z]",
        ),
        # Two to four groups of letters and digits; all side codes.
        _template("NL", "XX123X", *_DUTCH.replace("X", "字").replace("9", r"\d").split()),
        # Since 2000 without vowels, Ñ and Q; before that with the province in front.
        _template("ES", "1234BCD", r"\d{4}字{3}", r"[A-Z][A-Z]?\d{4}[A-Z][A-Z]?", letters="[BCDFGHJKLMNPRSTVWXYZ]"),
        # Since 1994 without I, O, Q and U.
        _template("IT", "AB123CD", r"字{2}\d{3}字{2}", letters="[A-HJ-NPR-TV-Z]"),
        # A district of two or three letters, then four or five characters; behind the district no B, D, I, O, Q and Z.
        _template(
            "PL",
            "WX12345",
            *(f"[A-Z]{{2}}{rest}" for rest in (r"\d{5}", r"\d{4}字", r"\d{3}字{2}", r"\d字\d{3}", r"\d字{2}\d{2}")),
            *(
                f"[A-Z]{{3}}{rest}"
                for rest in (r"字\d{3}", r"\d{2}字\d", r"\d字\d{2}", r"\d{2}字{2}", r"\d字{2}\d", r"字{2}\d{2}")
            ),
            *(f"[A-Z]{{3}}{rest}" for rest in (r"\d{5}", r"\d{4}字", r"\d{3}字{2}")),
            letters="[ACE-HJ-NPR-Y]",
        ),
        # Each Chinese city numbers bicycles and e-bikes in its own way, often with its name in small print that is no part of the
        # number. This much they have in common; it fits ordinary car plates too, so it is asked last.
        _template("bicycle", "A123456", r"省?[A-Z]?[A-Z]?\d{5}\d?\d?\d?"),
        Template("international", re.compile(r"(?=.*\d)[A-Z0-9]{2,12}", re.ASCII), "RK755AJ"),  # no plate is without a digit
    )
}


def origin_of(text: str, chosen: Iterable[str]) -> str:
    """Return the first of the `chosen` codes whose template the normal form `text` fits, "" where none does."""
    return next((code for code in chosen if TEMPLATES[code].pattern.fullmatch(text)), "")
