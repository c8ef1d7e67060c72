"""Finding visits, units and cards by what a guard has heard or reads: names, initials, last digits, plates. Pure."""

import re
import unicodedata
from collections.abc import Iterable

from access.contract.booth_records import CardAtBooth, UnitAtBooth
from access.plate import normalise
from edge.desk.visitors.standing import Standing

PLATE_MIN = 3
TAIL = 4
FOUND_MAX = 30
UNITS_MAX = 8
_RUNS = re.compile(r"\d+|[a-z]+|[^\da-z\s]+")


def folded(text: str) -> str:
    """Return a text as it is compared: half width, lower case, no separators."""
    return re.sub(r"[\s\-_·.#,,、]+", "", unicodedata.normalize("NFKC", text).casefold())


def visits(found: Iterable[Standing], asked: str) -> list[Standing]:
    """Return the visits that every word of what was asked fits: inside and expected ones first."""
    words = unicodedata.normalize("NFKC", asked).casefold().split()
    if not words:
        return []
    fitting = [visit for visit in found if all(_fits(visit, word) for word in words)]
    order = {"overstayed": 0, "in": 0, "asked": 1, "approved": 1, "announced": 1, "out": 2}
    return sorted(fitting, key=lambda visit: (order.get(visit.visit.state, 3), visit.visit.terms.valid_from))[:FOUND_MAX]


def _fits(visit: Standing, word: str) -> bool:
    text, terms = folded(word), visit.visit.terms
    if not text:
        return False
    by_text = (visit.name, visit.company, terms.host_name, terms.unit)
    if any(text in folded(one) for one in by_text) or (visit.initials and visit.initials.startswith(text)):
        return True
    if text == visit.phone_tail or text in {folded(card.printed) for card in visit.cards}:
        return True
    if visit.number and (text == folded(visit.number) or (text.isdigit() and _tail(visit.number) == text.lstrip("0"))):
        return True
    return len(text) >= PLATE_MIN and any(normalise(text) in plate for plate in visit.plates)


def _tail(number: str) -> str:
    """Return the last run of digits of a number, as people say it."""
    runs: list[str] = re.findall(r"\d+", number)
    return runs[-1].lstrip("0") if runs else ""


def units(known: Iterable[UnitAtBooth], asked: str) -> list[UnitAtBooth]:
    """Return the units that a text may mean, by number, by name or by the initials of the building: the nearest first."""
    text = unicodedata.normalize("NFKC", asked).casefold()
    runs = _RUNS.findall(text)
    if not any(run.isalnum() for run in runs):
        return []
    fitting = [unit for unit in known if _unit_fits(unit, runs)]
    whole = folded(asked)
    return sorted(fitting, key=lambda unit: (folded(unit.label) != whole, len(unit.label), unit.label))[:UNITS_MAX]


def _unit_fits(unit: UnitAtBooth, runs: list[str]) -> bool:
    label, digits = folded(unit.label), "".join(re.findall(r"\d", unit.label))
    typed = "".join(run for run in runs if run.isdigit())
    others = (run for run in runs if run.isalnum() and not run.isdigit())
    initials = unit.initials.replace(" ", "")
    return (not typed or typed in digits) and all(folded(run) in label or folded(run) in initials for run in others)


def unit(known: Iterable[UnitAtBooth], asked: str) -> UnitAtBooth | None:
    """Return the unit that a text names: in full, or as the only one that it may mean."""
    found = units(known, asked)
    exact = [one for one in found if folded(one.label) == folded(asked)]
    return exact[0] if exact else found[0] if len(found) == 1 else None


def card(known: Iterable[CardAtBooth], text: str) -> CardAtBooth | None:
    """Return the visitor card on which a text stands; scanners and people leave out zeros at its head."""
    wanted = folded(text).lstrip("0")
    found = [one for one in known if wanted and folded(one.printed).lstrip("0") == wanted]
    return found[0] if len(found) == 1 else None
