"""Who passes in an invented past, and the rules they pass by, of every kind there is. Pure; the same seed gives the same."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from access.card import CardNumber, card_hash
from access.contract.record_fields import Record
from access.contract.records import (
    BlockRecord,
    CardRecord,
    LaneRecord,
    LevelGrant,
    LevelRecord,
    PassRecord,
    PermitRecord,
    PersonRecord,
    QuotaRecord,
    ScheduleRecord,
    SiteRecord,
    SlipRecord,
    Space,
    Span,
    SpecialDayRecord,
    VehicleRecord,
    VisitRecord,
    ZoneRecord,
)
from access.plate import SERIAL

SITE, ZONE, LEVEL, WORK_LEVEL, WORK_HOURS, ANYTIME, BUILDING_HOURS = (UUID(int=0x51_0000 + at) for at in range(7))
RESIDENTS: Final = 60
STAFF: Final = 12
VISITORS: Final = 20
CONTRACTORS: Final = 10
OTHERS: Final = (("emergency", 2), ("officer", 1))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who comes and goes: card (five bytes), plate or none."""

    id: UUID
    category: str
    card: bytes
    plate: str


class People:
    """Everybody on record, the records that say so, and strangers who are on none."""

    def __init__(self, seed: int, begin: datetime, days: int, card_key: bytes) -> None:
        self._rng = random.Random(f"people {seed}")
        self._begin, self._days, self._card_key = begin, days, card_key
        counted = (("resident", RESIDENTS), ("staff", STAFF), ("visitor", VISITORS), ("contractor", CONTRACTORS), *OTHERS)
        categories = [category for category, count in counted for _ in range(count)]
        self.everybody = tuple(self._person(at, category) for at, category in enumerate(categories))
        self.strangers = tuple(self._plate() for _ in range(30))
        self.blocked = self._plate()

    def _person(self, at: int, category: str) -> Person:
        drives = category in ("resident", "contractor", "emergency") or self._rng.random() < 0.3
        card = self._rng.randbytes(5)
        return Person(UUID(int=0x10_0000 + at), category, card, self._plate() if drives else "")

    def _plate(self) -> str:
        return "粤B" + "".join(self._rng.choices(SERIAL, k=5))

    def records(self, lanes: Iterable[tuple[str, str, str]]) -> Iterator[Record]:
        """Yield the rules at the beginning; `lanes` are (slug, kind, direction)."""
        yield SiteRecord(id=SITE, slug="lakeside", name="湖畔", card_key=self._card_key.hex())
        yield ZoneRecord(id=ZONE, name="园区", capacity=200, anti_passback="soft")
        for at, (slug, kind, direction) in enumerate(lanes):
            yield _lane(at, slug, kind, direction)
        yield from _levels()
        yield SpecialDayRecord(id=UUID(int=0x70_0000), date=(self._begin + timedelta(days=5)).date().isoformat(), counts_as=7)
        yield BlockRecord(id=UUID(int=0x71_0000), plate=self.blocked, reason="欠费纠纷")
        for at, person in enumerate(self.everybody):
            yield from self._of(at, person)

    def _of(self, at: int, person: Person) -> Iterator[Record]:
        quota = UUID(int=0x20_0000 + at // 3) if person.category == "resident" else None
        levels = {"visitor": (), "contractor": (), "staff": (WORK_LEVEL,)}.get(person.category, (LEVEL,))
        category: Any = person.category
        yield PersonRecord(id=person.id, name=f"人{at}", unit=f"3-{at // 3}", category=category, levels=levels, quota=quota)
        hashes = [card_hash(self._card_key, form).hex() for form in CardNumber(person.card, 40).deliverable()]
        yield CardRecord(id=UUID(int=0x30_0000 + at), hashes=tuple(hashes), person=person.id)
        if person.plate:
            heavy = person.category == "contractor" and at % 2 == 0
            vehicle_class: Any = "large" if heavy else "car"
            yield VehicleRecord(
                id=UUID(int=0x40_0000 + at), plate=person.plate, vehicle_class=vehicle_class, person=person.id, colour="blue"
            )
        if quota is not None and at % 3 == 0:
            yield QuotaRecord(id=quota, name=f"3-{at // 3}", spaces=(Space(),))
        yield from self._papers(at, person)

    def _papers(self, at: int, person: Person) -> Iterator[Record]:
        """Yield the visits of a visitor, permit and pass of a contractor, a slip for every sixth vehicle."""
        if person.category == "visitor":
            yield from (self._visit(at, person, day) for day in range(0, self._days, 2))
        if person.category == "contractor":
            permit = UUID(int=0x60_0000 + at // 4)
            window = self._window(0, self._days)
            yield PermitRecord(id=permit, number=f"P{at // 4}", units=("3-1",), schedule=BUILDING_HOURS, workers_max=3, **window)
            yield PassRecord(
                id=UUID(int=0x61_0000 + at), number=f"{at:06d}", person=person.id, permit=permit, units=("3-1",), **window
            )
        if person.plate and at % 6 == 0:
            day = self._rng.randrange(self._days)
            yield SlipRecord(id=UUID(int=0x62_0000 + at), number=f"F{at}", plate=person.plate, **self._window(day, day + 1))

    def _visit(self, at: int, person: Person, day: int) -> Record:
        obligations = ("lead_in",) if at % 2 else ("ask_host_first",)
        return VisitRecord(
            id=UUID(int=0x50_0000 + at * 1000 + day),
            person=person.id,
            host="3-1",
            uses=1 + at % 3,
            party=1 + at % 2,
            obligations=obligations,
            **self._window(day, day + 1),
        )

    def _window(self, first_day: int, last_day: int) -> dict[str, Any]:
        begin = int(self._begin.timestamp())
        return {"valid_from": begin + first_day * 86_400, "valid_until": begin + last_day * 86_400}


def _lane(at: int, slug: str, kind: str, direction: str) -> Record:
    of_kind: Any = kind
    going: Any = direction
    classes: Any = ("car", "large") if kind == "vehicle" else ()
    inner = ZONE if kind == "vehicle" else None
    return LaneRecord(
        id=UUID(int=0x52_0000 + at),
        slug=slug,
        name=slug,
        lane_kind=of_kind,
        direction=going,
        inner_zone=inner,
        classes=classes,
        inexact=("resident",) if direction == "out" else (),
    )


def _levels() -> Iterator[Record]:
    weekdays = Span(days=(0, 1, 2, 3, 4), start="08:00", end="18:00")
    yield ScheduleRecord(id=WORK_HOURS, name="工作日", spans=(weekdays, Span(days=(5,), start="22:00", end="02:00")))
    yield ScheduleRecord(id=BUILDING_HOURS, name="施工", spans=(Span(days=(0, 1, 2, 3, 4, 5), start="08:00", end="18:00"),))
    yield LevelRecord(id=LEVEL, name="住户", grants=(LevelGrant(),))
    yield LevelRecord(id=WORK_LEVEL, name="员工", grants=(LevelGrant(schedule=WORK_HOURS),))
