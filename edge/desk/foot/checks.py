"""Who is looked up where no reader is: by the unit, by the number on a card, by a plate."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from access.card import CardNumber
from access.on_record import Credential
from access.plate import normalise
from access.snapshot import Snapshot
from edge.desk.booth import Booth
from edge.desk.goods.codes import rules_of
from edge.desk.recording import now

HEX = frozenset("0123456789ABCDEF")
SHORTEST, LONGEST = 4, 32


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody on record; `shown` is the card or plate that led here, `valid` whether it holds now."""

    name: str
    unit: str
    category: str
    shown: str = ""
    valid: bool = True


async def look_up(booth: Booth, text: str) -> list[Known]:
    """Return who is on record under a unit, a card's number or a plate."""
    text = " ".join(text.split())
    if not text:
        return []
    persons = await booth.book.persons_of(text)
    rules, at = rules_of(booth), now(booth)
    if persons or rules is None:
        return [Known(person.name, person.unit, person.category) for person in persons]
    return list(dict.fromkeys(_known(one, at) for one in _credentials(rules, text)))


def numbers(text: str) -> Iterator[CardNumber]:
    """Yield the card numbers that a printed text can mean: ten or eight digits, 3+5, 5+5, or hexadecimal."""
    digits = text.replace(" ", "").upper()
    if digits.isdecimal() and digits.isascii() and SHORTEST <= len(digits) <= 10:
        for size in (4, 3):
            if int(digits) < 1 << 8 * size:
                yield CardNumber(int(digits).to_bytes(size), 8 * size)
    left, comma, right = text.replace(" ", "").partition(",")
    if comma and left.isdecimal() and right.isdecimal() and int(left) < 1 << 16 and int(right) < 1 << 16:
        raw = int(left).to_bytes(2) + int(right).to_bytes(2)
        yield CardNumber(raw, 32)
        yield CardNumber(raw[1:], 24)
    if SHORTEST <= len(digits) <= LONGEST and not len(digits) % 2 and HEX.issuperset(digits):
        raw = bytes.fromhex(digits)
        yield from CardNumber(raw, 8 * len(raw)).deliverable()


def _credentials(rules: Snapshot, text: str) -> Iterator[Credential]:
    for number in numbers(text):
        yield from rules.card(number)
    yield from rules.plate(normalise(text))


def _known(one: Credential, at: datetime) -> Known:
    person = one.person
    holds = one.status == "active" and (person is None or person.status == "active")
    since, until = one.valid_from, one.valid_until
    in_time = (since is None or since <= at) and (until is None or at < until)
    name, unit, category = (person.name, person.unit, person.category) if person else ("", "", "")
    return Known(name, unit, category, one.shown, holds and in_time)
