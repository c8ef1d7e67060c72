"""A small believable estate, invented from a seed: who lives and works there, what they carry, when they may pass. Pure.

The same seed gives the same estate. All persons, plates and numbers are invented.
"""

import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from access.card import CardNumber
from access.plate import SERIAL, skeleton
from access.schedule import Schedule, Span, minutes

SITE: Final = "lakeside"
GATE: Final = "east"
POST: Final = "东门岗"
ZONE: Final = "Asia/Shanghai"
RESIDENTS: Final = 24
STAFF_PER_SHIFT: Final = 2
VISITORS: Final = 4
FOREIGN_CODES: Final = 8
STRANGERS: Final = 24
LOOK_ALIKES: Final = (("8", "B"), ("2", "Z"), ("5", "S"))  # people confuse them, a good reading does not
APART_MIN: Final = 3  # two unrelated plates differ in at least so many characters: what one misreads is no other's plate
MARGIN: Final = timedelta(minutes=5)
SHIFTS: Final = {
    "早班": (("06:00", "14:00"),),
    "中班": (("14:00", "22:00"),),
    "夜班": (("22:00", "24:00"), ("00:00", "06:00")),
}
RESIDENT_LEVEL: Final = "住户"
VISITOR_LEVEL: Final = "访客"
LEVELS: Final = (RESIDENT_LEVEL, VISITOR_LEVEL, *SHIFTS)
CARD_BITS: Final = 40

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
_GIVEN = "伟芳娜敏静丽强磊洋艳勇军杰娟涛明超秀霞平刚桂文辉玲梅浩宇欣怡子涵晨雨佳琪思远"
_PROVINCES = "苏苏苏苏浙沪皖粤"  # mostly its own province
_LETTERS, _DIGITS = SERIAL[:-10], SERIAL[-10:]
_TRADES = ("保洁", "绿化", "维修")


@dataclass(frozen=True, slots=True)
class Plate:
    """A plate in normal form and the colour it is made in."""

    text: str
    colour: str


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane of the gate as the office knows it."""

    slug: str
    name: str
    kind: str
    direction: str
    unknown: str


LANES: Final = (
    Lane("in-1", "东门入口", "vehicle", "in", "refer"),
    Lane("out-1", "东门出口", "vehicle", "out", "refer"),
    Lane("door-1", "东门人行", "pedestrian", "both", "deny"),
)


@dataclass(frozen=True, slots=True)
class Holder:
    """A person on record with what they carry: a vehicle, a card (five bytes), a code; empty where they have none."""

    name: str
    unit: str
    category: str
    level: str
    plate: Plate | None = None
    card: bytes = b""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Guard:
    """A guard who may sign in at the booth."""

    name: str
    badge: str
    pin: str


@dataclass(frozen=True, slots=True)
class Estate:
    """All of it. `strangers`, `look_alikes` and `foreign_codes` are not on record; a look-alike nearly has a resident's plate."""

    residents: tuple[Holder, ...]
    staff: tuple[Holder, ...]
    visitors: tuple[Holder, ...]
    guards: tuple[Guard, ...]
    blocked: Plate
    strangers: tuple[Plate, ...]
    look_alikes: tuple[Plate, ...]
    foreign_codes: tuple[str, ...]

    def on_shift(self, at: datetime) -> tuple[Holder, ...]:
        """Return the staff whose shift it surely is at `at` (aware): not just before its end, not just after its begin."""
        return tuple(holder for holder in self.staff if all(_works(holder, moment) for moment in _around(at)))

    def off_shift(self, at: datetime) -> tuple[Holder, ...]:
        """Return the staff whose shift it surely is not at `at`."""
        return tuple(holder for holder in self.staff if not any(_works(holder, moment) for moment in _around(at)))

    @property
    def holders(self) -> tuple[Holder, ...]:
        """Everybody on record."""
        return self.residents + self.staff + self.visitors


def make_estate(seed: int) -> Estate:
    """Invent the estate of `seed`."""
    maker = _Maker(random.Random(f"estate {seed}"))
    plates = [maker.plate() for _ in range(RESIDENTS)]
    look_alikes = []
    for place, pair in enumerate(LOOK_ALIKES):
        plates[place], other = maker.look_alikes(pair)
        look_alikes.append(other)
    return Estate(
        residents=tuple(maker.holder("resident", RESIDENT_LEVEL, plate=plate, card=True) for plate in plates),
        staff=tuple(maker.holder("staff", shift, card=True) for shift in SHIFTS for _ in range(STAFF_PER_SHIFT)),
        visitors=tuple(maker.holder("visitor", VISITOR_LEVEL, code=True) for _ in range(VISITORS)),
        guards=(maker.guard("1001"), maker.guard("1002")),
        blocked=maker.plate(),
        strangers=tuple(maker.plate() for _ in range(STRANGERS)),
        look_alikes=tuple(look_alikes),
        foreign_codes=tuple(maker.code() for _ in range(FOREIGN_CODES)),
    )


class _Maker:
    """Draws names, plates and numbers, each only once."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._skeletons: list[str] = []
        self._numbers: set[CardNumber] = set()
        self._names: set[str] = set()
        self._units = self._unit_numbers()

    def holder(self, category: str, level: str, *, plate: Plate | None = None, card: bool = False, code: bool = False) -> Holder:
        """Invent a person who carries this."""
        unit = f"物业{self._rng.choice(_TRADES)}" if category == "staff" else next(self._units)
        return Holder(
            name=self.name(),
            unit=unit,
            category=category,
            level=level,
            plate=plate,
            card=self.card() if card else b"",
            code=self.code() if code else "",
        )

    def guard(self, badge: str) -> Guard:
        """Invent a guard."""
        return Guard(self.name(), badge, f"{self._rng.randrange(1_000_000):06d}")

    def name(self) -> str:
        """Return a name of two or three characters."""
        while True:
            given = self._rng.choice(_GIVEN) + self._rng.choice(["", *_GIVEN])
            name = f"{self._rng.choice(_SURNAMES)}{given}"
            if name not in self._names:
                self._names.add(name)
                return name

    def card(self) -> bytes:
        """Return an EM number of which no reader's form is another card's."""
        while True:
            raw = bytes([1]) + self._rng.randbytes(4)
            forms = set(CardNumber(raw, CARD_BITS).deliverable())
            if not forms & self._numbers:
                self._numbers |= forms
                return raw

    def code(self) -> str:
        """Return the text of a code."""
        return f"V{self._rng.randbytes(8).hex().upper()}"

    def plate(self) -> Plate:
        """Return a plate, every fourth of a new-energy vehicle, that resembles no other."""
        return next(plate for plate in self._plates() if self._keep(plate))

    def look_alikes(self, pair: tuple[str, str]) -> tuple[Plate, Plate]:
        """Return a plate with the first character of `pair`, and one that has the second in its place."""
        fitting = (plate for plate in self._plates() if plate.colour == "blue" and pair[0] in plate.text[3:])
        plate = next(plate for plate in fitting if self._keep(plate))
        place = plate.text.index(pair[0], 3)
        return plate, Plate(plate.text[:place] + pair[1] + plate.text[place + 1 :], plate.colour)

    def _plates(self) -> Iterator[Plate]:
        while True:
            head = self._rng.choice(_PROVINCES) + self._rng.choice("ABCDEFGH")
            if self._rng.random() < 0.25:
                yield Plate(f"{head}{self._rng.choice('DF')}{self._rng.randrange(100_000):05d}", "green")
            else:
                letters = self._rng.choices(_LETTERS, k=self._rng.choice((0, 1, 1, 2)))
                serial = letters + self._rng.choices(_DIGITS, k=5 - len(letters))
                yield Plate(head + "".join(self._rng.sample(serial, 5)), "blue")

    def _keep(self, plate: Plate) -> bool:
        """Keep a plate unless it is near one that is kept already."""
        folded = skeleton(plate.text)
        if any(_apart(folded, other) < APART_MIN for other in self._skeletons):
            return False
        self._skeletons.append(folded)
        return True

    def _unit_numbers(self) -> Iterator[str]:
        units = [f"{house}-{floor:02d}{door:02d}" for house in range(1, 7) for floor in range(1, 19) for door in range(1, 5)]
        self._rng.shuffle(units)
        return iter(units)


def _works(holder: Holder, at: datetime) -> bool:
    every_day = frozenset(range(7))
    spans = tuple(Span(every_day, minutes(start), minutes(end)) for start, end in SHIFTS[holder.level])
    return Schedule(holder.level, spans).allows(at, ZoneInfo(ZONE))


def _around(at: datetime) -> tuple[datetime, ...]:
    return (at - MARGIN, at, at + MARGIN)


def _apart(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one, other, strict=False)) + abs(len(one) - len(other))


# --- as the registry takes it in ----------------------------------------------------------------------


def seed_document(estate: Estate) -> dict[str, Any]:
    """Return the estate in the form of a seed file of `gatehouse-central seed`."""
    site = {
        "slug": SITE,
        "name": "湖畔花园",
        "zone": ZONE,
        "gates": [{"slug": GATE, "name": "东门", "lanes": [asdict(lane) for lane in LANES]}],
        "schedules": [{"name": name, "spans": _spans(name)} for name in SHIFTS],
        "levels": [{"name": name, "grants": [{"schedule": name if name in SHIFTS else ""}]} for name in LEVELS],
        "persons": [_person(holder) for holder in estate.holders],
        "guards": [asdict(guard) for guard in estate.guards],
        "blocks": [{"plate": estate.blocked.text, "reason": "多次冲卡"}],
    }
    return {"sites": [site]}


def _spans(shift: str) -> list[dict[str, Any]]:
    return [{"days": list(range(7)), "start": start, "end": end} for start, end in SHIFTS[shift]]


def _person(holder: Holder) -> dict[str, Any]:
    cards = [{"raw": holder.card.hex(), "bits": CARD_BITS}] if holder.card else []
    codes = [{"code": holder.code}] if holder.code else []
    vehicles = [{"plate": holder.plate.text, "colour": holder.plate.colour}] if holder.plate else []
    who = {"name": holder.name, "unit": holder.unit, "category": holder.category, "levels": [holder.level]}
    return {**who, "vehicles": vehicles, "cards": cards + codes}
