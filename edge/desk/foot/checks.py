"""Who is looked up where no reader is: by the unit, the number on a card or permit, the frame number of a bicycle, a plate."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from access.card import CardNumber
from access.contract.booth_records import ParkingAtBooth
from access.on_record import Credential
from access.plate import normalise
from access.snapshot import Snapshot
from edge.desk.booth import Booth
from edge.desk.goods.codes import rules_of
from edge.desk.recording import now

HEX = frozenset("0123456789ABCDEF")
SHORTEST, LONGEST = 4, 32
FOUND_MAX = 10
VALID = "valid"


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody on record; `shown` is the card or plate that led here, `valid` whether it holds now.

    Of a permit `permit` is its number, and `state` what it is now (a name of `words.PERMIT_STATES`).
    """

    name: str
    unit: str
    category: str
    shown: str = ""
    valid: bool = True
    permit: str = ""
    state: str = ""


async def look_up(booth: Booth, text: str) -> list[Known]:
    """Return who is on record under a unit, a permit's number, a frame number or its end, a card's number or a plate."""
    text = " ".join(text.split())
    if not text:
        return []
    persons = await booth.book.persons_of(text)
    if persons:
        return [Known(person.name, person.unit, person.category) for person in persons]
    rules, at = rules_of(booth), now(booth)
    permits = [of_permit(one, at) for one in permits_like(booth.book.pages.all(ParkingAtBooth).values(), text)]
    credentials = _credentials(rules, text) if rules else ()
    return list(dict.fromkeys([*permits, *(_known(one, at) for one in credentials)]))


def permits_like(told: Iterable[ParkingAtBooth], text: str, *, whole: bool = False) -> list[ParkingAtBooth]:
    """Return the permits with this number or frame number; else those whose frame number ends so, in four characters or more.

    `whole`: not by the end.
    """
    wanted, known = _plain(text), list(told)
    exact = [one for one in known if wanted and wanted in (_plain(one.number), _plain(one.bound_to))]
    if exact or whole or len(wanted) < SHORTEST:
        return exact
    return [one for one in known if _plain(one.bound_to).endswith(wanted)][:FOUND_MAX]


def of_permit(told: ParkingAtBooth, at: datetime) -> Known:
    """Return whose a permit is, and whether it is in force now."""
    seconds = at.timestamp()
    state = VALID if told.state == "active" else told.state
    if state == VALID and told.valid_until is not None and seconds >= told.valid_until:
        state = "expired"
    if state == VALID and told.valid_from is not None and seconds < told.valid_from:
        state = "not_yet"
    return Known(told.holder, told.unit, "", told.bound_to, state == VALID, told.number, state)


def _plain(text: str) -> str:
    plain = text.upper()
    return plain if plain.isalnum() else "".join(filter(str.isalnum, plain))


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
