"""An invented estate of any size for benchmarks: as many persons, vehicles and cards as asked for, each a function of its number.

Of a hundred persons two are visitors with a visit, one a contractor with a pass; three persons share a household with two
parking spaces; one card in twenty is a code. Seven plates in ten share province and city. Every fifth vehicle is inside.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from access.card import CardNumber, card_hash, code_hash
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
    Space,
    Span,
    VehicleRecord,
    VisitRecord,
    ZoneRecord,
)
from access.persistent import PersistentMap
from access.plate import PROVINCES
from access.presence import Plates, Presence, Value
from edge.store.received import Received

AT = datetime(2026, 3, 4, 2, tzinfo=UTC)  # a Wednesday, 10:00 in Shanghai
CARD_KEY = bytes(range(32))
HOUSEHOLD, SPACES = 3, 2
BLOCKS = 1000
LEVELS = 20
DAY_S = 24 * 3600
SERIALS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
SERIALS_THERE_ARE = len(SERIALS) ** 5
STRANGERS_FROM = 20_000_000  # numbers of plates that nobody has registered
Row = tuple[str, UUID, str]


def identity(kind: str, number: int) -> UUID:
    """Return the id of a record, in the order of its kind and number."""
    return UUID(int=ord(kind[0]) << 120 | ord(kind[-1]) << 112 | number << 64 | number * 0x9E3779B97F4A7C15 % (1 << 64))


def plate(number: int) -> str:
    """Return a plate; no two numbers below SERIALS_THERE_ARE have the same."""
    serial, left = "", number * 7_654_321 % SERIALS_THERE_ARE
    for _ in range(5):
        left, at = divmod(left, len(SERIALS))
        serial += SERIALS[at]
    share = number % 20
    head = "粤B" if share < 14 else f"粤{'ACDEFG'[number % 6]}" if share < 17 else f"{PROVINCES[number % 31]}A"
    return head + serial


def card_number(number: int) -> CardNumber:
    """Return the number of a card."""
    return CardNumber((0x01_0000_0000 + number * 2_654_435_761 % (1 << 32)).to_bytes(5, "big"), 40)


def code(number: int) -> str:
    """Return the text of a code."""
    return f"GH-{number * 2_654_435_761 % (1 << 40):010x}"


def is_code(number: int) -> bool:
    """Tell whether this person's card is a code."""
    return number % 20 == 7


def category(number: int) -> str:
    """Return the category of a person."""
    of_hundred = number % 100
    if of_hundred in (0, 50):
        return "visitor"
    return "contractor" if of_hundred == 1 else ("resident", "tenant", "family", "staff", "resident")[number % 5]


def is_inside(number: int) -> bool:
    """Tell whether this person's vehicle is inside."""
    return number % 5 == 4


def _row(record: Record) -> Row:
    return record.model_dump()["kind"], record.id, record.model_dump_json()


def _like(record: Record) -> dict[str, Any]:
    """Return the data of a record as a pattern for many: a model for each of a million would take minutes."""
    return record.model_dump(mode="json")


def _said(pattern: dict[str, Any], of: UUID, **values: Any) -> Row:
    return pattern["kind"], of, json.dumps({**pattern, "id": str(of), **values}, ensure_ascii=False, separators=(",", ":"))


def rows(size: int) -> Iterator[Row]:
    """Yield every record of the estate as the courier keeps it: kind, id, JSON."""
    yield from map(_row, _site())
    yield from map(_row, _blocks())
    yield from _persons(size)
    yield from _vehicles(size)
    yield from _cards(size)
    yield from _documents(size)


def _site() -> Iterator[Record]:
    zone = identity("zone", 0)
    yield SiteRecord(id=identity("site", 0), slug="lakeside", name="湖畔", card_key=CARD_KEY.hex())
    yield ZoneRecord(id=zone, name="园区", capacity=1_000_000, anti_passback="hard")
    for at, direction in enumerate(("in", "out", "both")):
        yield LaneRecord.model_validate(
            {"id": identity("lane", at), "slug": f"{direction}-1", "name": direction, "lane_kind": "vehicle"}
            | {"direction": direction, "inner_zone": zone}
        )
    weekly = ScheduleRecord(id=identity("hours", 0), name="白天", spans=(Span(days=tuple(range(7)), start="06:00", end="23:30"),))
    yield weekly
    for at in range(LEVELS):
        grants = (LevelGrant(), LevelGrant(direction="in", schedule=weekly.id))[at % 2 :]
        yield LevelRecord(id=identity("level", at), name=f"L{at}", grants=grants)


def _blocks() -> Iterator[Record]:
    for at in range(BLOCKS):
        yield BlockRecord(id=identity("block", at), plate=plate(STRANGERS_FROM + at), reason="欠费")


def _persons(size: int) -> Iterator[Row]:
    pattern = _like(PersonRecord(id=UUID(int=0), name=""))
    names = "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
    for at in range(size):
        household = at // HOUSEHOLD
        levels = [str(identity("level", level)) for level in {0, at % LEVELS}]
        yield _said(
            pattern,
            identity("person", at),
            name=f"{names[at % 20]}*{names[at // 20 % 20] if at % 3 else ''}",
            unit=f"{household // 120}-{household % 120 // 4:02d}{household % 4:02d}",
            category=category(at),
            levels=levels,
            quota=str(identity("quota", household)),
        )


def _vehicles(size: int) -> Iterator[Row]:
    pattern = _like(VehicleRecord(id=UUID(int=0), plate="--", colour="blue"))
    for at in range(size):
        yield _said(pattern, identity("vehicle", at), plate=plate(at), person=str(identity("person", at)))


def _cards(size: int) -> Iterator[Row]:
    pattern = _like(CardRecord(id=UUID(int=0), hashes=("0" * 32,)))
    for at in range(size):
        number, holder = card_number(at), str(identity("person", at))
        if is_code(at):
            shown = {"medium": "code", "hashes": [code_hash(CARD_KEY, code(at)).hex()]}
        else:
            forms = [card_hash(CARD_KEY, form).hex() for form in number.deliverable()]
            shown = {"tail": number.raw.hex()[-4:].upper(), "hashes": forms}
        yield _said(pattern, identity("card", at), person=holder, **shown)


def _documents(size: int) -> Iterator[Row]:
    now, lanes = int(AT.timestamp()), [str(identity("lane", 0))]
    window = {"valid_from": now - DAY_S, "valid_until": now + DAY_S}
    quota = _like(QuotaRecord(id=UUID(int=0), name="", spaces=(Space(),) * SPACES))
    for at in range(-(-size // HOUSEHOLD)):
        yield _said(quota, identity("quota", at), name=f"{at}")
    visit = _like(VisitRecord(id=UUID(int=0), person=UUID(int=0), valid_from=0, valid_until=0))
    permit = _like(PermitRecord(id=UUID(int=0), number="", units=("3-1201",), valid_from=0, valid_until=0))
    one_pass = _like(
        PassRecord(id=UUID(int=0), number="", person=UUID(int=0), permit=UUID(int=0), units=(), valid_from=0, valid_until=0)
    )
    for at in range(size):
        holder, kind = str(identity("person", at)), category(at)
        if kind == "visitor":
            yield _said(visit, identity("visit", at), person=holder, host="李*", lanes=lanes, uses=2, **window)
        elif kind == "contractor":
            works = str(identity("permit", at // 1000))
            yield _said(
                one_pass, identity("pass", at), number=f"{at:07d}", person=holder, permit=works, units=["3-1201"], **window
            )
    for at in range(-(-size // 1000)):
        yield _said(permit, identity("permit", at), number=f"W-{at}", **window)


def write_database(path: Path, size: int) -> None:
    """Write the estate as the courier keeps it, at revision `size`."""
    Received(path).close()
    with closing(sqlite3.connect(path)) as database, database:
        kept = ((kind, of.bytes, size, text) for kind, of, text in rows(size))
        database.executemany("INSERT INTO rules (kind, id, from_revision, data) VALUES (?, ?, ?, ?)", kept)
        database.execute("INSERT OR REPLACE INTO progress VALUES ('revision', ?)", (size,))


def presence(size: int) -> Presence:
    """Return the facts of the estate: who is inside, with what they count in, and how many of each household and zone."""
    zone, since = str(identity("zone", 0)), int(AT.timestamp()) - 3600
    inside = [at for at in range(size) if is_inside(at)]
    quotas = {at: f"quota:{identity('quota', at // HOUSEHOLD)}" for at in inside}
    counted = f"zone:{zone}"
    facts: dict[str, Value] = {f"at:{identity('vehicle', at)}": [zone, since, counted, quotas[at]] for at in inside}
    facts |= Counter(quotas.values())
    facts |= {counted: len(inside), "rules": since}
    return Presence(PersistentMap(facts), Plates.inside({str(identity("vehicle", at)): plate(at) for at in inside}))
