"""The world whose log is searched: two years of a site with twenty gates of two vehicle lanes and a door each.

Of ten million entries it has 20,000 known vehicles with their cards and most of the passages, and two million plates that came
once; all numbers follow the number of entries. Each value is made from its number, so nothing need be kept to ask for it later.

An entry's bytes are real ones, played by a gate's own core and sealed: of the right kind, outcome and category, and of true size.
The columns that it is searched by (plate, person, time, place ...) are made up beside them: they differ from what the bytes say.
"""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

from access.acts import PassActed, SlipActed, VisitActed
from access.entries import Body, Entry, GuardActed, LaneChanged, Observed, Stamp
from access.sealing import seal, unseal
from central.journal.forms import Kept
from central.journal.projection import project
from simulators.load.story import Line, tell

HOUR_US: Final = 3_600_000_000
YEARS: Final = 2
HOURS: Final = YEARS * 365 * 24
GATES: Final = 20
# How busy each hour of a day is, and each day of a week.
BY_HOUR: Final = (2, 1, 1, 1, 2, 5, 18, 45, 50, 28, 20, 22, 26, 24, 20, 20, 26, 42, 50, 40, 28, 20, 12, 5)
BY_DAY: Final = (10, 10, 10, 10, 10, 7, 6)
# Of the newest passages stands here what else is told of them: what the barrier did, and how it ended.
TOLD_SHARE: Final = 8
PICTURE_HOURS: Final = 30 * 24
FORMS_EACH: Final = 8
# Once in so many entries.
RARE: Final = {"blocked": 20_000, "duress": 500_000}
LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"
OTHERS: Final = ("粤A", "粤S", "粤L", "粤C", "湘A", "桂A", "赣B", "京A", "京N", "沪A", "川A", "鄂A", "豫A", "皖A", "闽D", "浙A")
SURNAMES: Final = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN: Final = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉红文云"
GREEN, TWO_LETTERS, ONE_LETTER = 680_000, 5_760_000, 1_200_000


class Made(NamedTuple):
    """An entry: by which lane, the columns that are its own, what is kept of it, and the fields of its bytes."""

    lane: str
    columns: dict[str, Any]
    kept: Kept
    fields: dict[str, Any]


class Sort(NamedTuple):
    """What a real entry says in its columns and fields, and bytes of it, each with salts of its own."""

    columns: dict[str, Any]
    fields: dict[str, Any]
    forms: Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a world that was made, to make its values again; ids as hex."""

    entries: int
    seed: int
    begin_us: int
    site: str
    gates: list[str]
    edges: list[str]
    lanes: list[dict[str, str]]

    @classmethod
    def read(cls, path: Path) -> "Told":
        """Read it back."""
        return cls(**json.loads(path.read_bytes()))

    def write(self, path: Path) -> None:
        """Keep it."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")


def plate(number: int) -> str:
    """Return the plate of a number: each has another, below two million."""
    chosen = number * 2_654_435_761 % 100
    head = "粤B" if chosen < 60 else OTHERS[number * 7919 % len(OTHERS)]
    if number % 3 == 0:
        at = number // 3 * 104_729 % GREEN
        digit, rest = divmod(at, 10_000)
        kind, sort = divmod(digit, 34)
        return f"{head}{'DF'[kind]}{('0123456789' + LETTERS)[sort]}{rest:04}"
    at = number * 1_299_709 % (TWO_LETTERS + ONE_LETTER)
    if at >= TWO_LETTERS:
        spot, rest = divmod(at - TWO_LETTERS, 240_000)
        letters, digits = LETTERS[rest // 10_000], f"{rest % 10_000:04}"
        return head + digits[:spot] + letters + digits[spot:]
    spot, rest = divmod(at, 576_000)
    pair, number_part = divmod(rest, 1000)
    first, second = PAIRS[spot]
    body = list(f"{number_part:03}")
    body.insert(first, LETTERS[pair // 24])
    body.insert(second, LETTERS[pair % 24])
    return head + "".join(body)


PAIRS: Final = tuple((first, second) for first in range(5) for second in range(first + 1, 5))


def card(number: int) -> str:
    """Return the number of a card, in hex: of every fourth seven bytes."""
    text = f"{number * 2_654_435_761 % (1 << 32):08X}"
    return "04A1B2" + text if number % 4 == 0 else text


class World:
    """All that can be asked for."""

    def __init__(self, told: Told) -> None:
        self.told = told
        self.known = max(100, told.entries // 500)
        self.persons = self.known * 5 // 4
        self.units = self.known // 2
        self.companies = max(2, self.known // 250)
        self.records = max(10, told.entries // 40)
        self.guards = 60

    @property
    def end_us(self) -> int:
        """The end of the two years."""
        return self.told.begin_us + HOURS * HOUR_US

    @cached_property
    def strangers(self) -> int:
        """How many plates there are beside the known ones, nearly."""
        return int(self.told.entries * 0.2)

    @staticmethod
    def person_id(number: int) -> UUID:
        """Return the id of a person."""
        return UUID(int=0x0190_0000_0000_7000_8000_0000_0000_0000 | number)

    @staticmethod
    def company_id(number: int) -> UUID:
        """Return the id of a company."""
        return UUID(int=0x0190_0000_0001_7000_8000_0000_0000_0000 | number)

    @staticmethod
    def record_id(number: int) -> UUID:
        """Return the id of a visit, pass or slip."""
        return UUID(int=0x0190_0000_0002_7000_8000_0000_0000_0000 | number)

    @staticmethod
    def name(number: int) -> str:
        """Return what a person is called: about one in seven by two characters."""
        surname = SURNAMES[number * 7 % len(SURNAMES)]
        given = GIVEN[number * 13 // 7 % len(GIVEN)]
        return surname + given + ("" if number % 7 == 0 else GIVEN[number * 31 // 11 % len(GIVEN)])

    def unit(self, number: int) -> str:
        """Return the unit of a person."""
        at = number % self.units
        return f"{at // 400 + 1}-{at // 100 % 4 + 1}-{at // 4 % 25 + 1:02}{at % 4 + 1:02}"

    @staticmethod
    def company(number: int) -> str:
        """Return what a company is called."""
        return f"{SURNAMES[number % 20]}{GIVEN[number // 20 % len(GIVEN)]}第{number}物流有限公司"

    @staticmethod
    def number(number: int) -> str:
        """Return the number of a visit, pass or slip."""
        return f"{('V', 'P', 'S')[number % 3]}{number:07}"

    @staticmethod
    def guard(number: int) -> str:
        """Return a guard's badge."""
        return f"b{1000 + number}"


class Making:
    """Makes a world's entries, hour by hour."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rng = random.Random(world.told.seed)
        self._sorts = _sorts(world.told.seed, self._rng)
        weights = [BY_HOUR[(hour + 8) % 24] * BY_DAY[hour // 24 % 7] for hour in range(HOURS)]
        whole, through = sum(weights), [0, *accumulate(weights)]
        self._through = [world.told.entries * each // whole for each in through]
        self.strangers = 0

    def hour(self, hour: int) -> list[list[Made]]:
        """Return the entries of an hour for each gate."""
        first, last = self._through[hour], self._through[hour + 1]
        begin = self._world.told.begin_us + hour * HOUR_US
        step = HOUR_US // max(1, last - first)
        gates: list[list[Made]] = [[] for _ in range(GATES)]
        is_told = self._through[hour] > self._world.told.entries * (TOLD_SHARE - 1) // TOLD_SHARE
        rng = self._rng
        for n in range(first, last):
            at_us = begin + (n - first) * step + int(rng.random() * step)
            # The first gates are the busy ones.
            gate = gates[int(rng.random() * rng.random() * GATES)]
            one = self._entry(n, at_us)
            gate.append(one)
            if is_told and one.columns["kind"] == "decision":
                gate.extend(self._rest(one, at_us))
        return gates

    def _entry(self, n: int, at_us: int) -> Made:
        rng, world = self._rng, self._world
        chosen = rng.random()
        if chosen < 0.62:
            known = int(rng.random() * world.known)
            made = self._of("vehicle", at_us, plate=plate(known), person_id=world.person_id(known))
        elif chosen < 0.82:
            number, self.strangers = world.known + self.strangers, self.strangers + 1
            if chosen < 0.64:
                made = self._of("visitor", at_us, plate=plate(number), record_id=self._record(n))
            else:
                made = self._of("stranger", at_us, plate=plate(number))
        elif chosen < 0.94:
            number = int(rng.random() * world.persons)
            text = card(number)
            columns = {"card": text, "card_low": text[-8:], "person_id": world.person_id(number)}
            made = self._of("card", at_us, lane="door-1", **columns)
        elif chosen < 0.965:
            made = self._of("guard", at_us, guard=world.guard(int(rng.random() * world.guards)))
        elif chosen < 0.99:
            badge = world.guard(int(rng.random() * world.guards))
            made = self._of("act", at_us, record_id=self._record(n), guard=badge)
        else:
            made = self._of("other", at_us)
        return made

    def _record(self, n: int) -> UUID:
        """Return a record of the days around the n-th entry."""
        world = self._world
        near = n * world.records // world.told.entries + int(self._rng.random() * 20)
        return world.record_id(min(near, world.records - 1))

    def _of(self, pool: str, at_us: int, lane: str = "", **own: Any) -> Made:
        rng = self._rng
        sort = rng.choice(self._sorts[pool])
        chance = rng.getrandbits(80)
        head = at_us // 1000
        passage = f"{head:012x}{chance:020x}"
        identity = UUID(int=head << 80 | 0x7 << 76 | (chance >> 68) << 64 | 0b10 << 62 | chance & (1 << 62) - 1)
        columns = {**sort.columns, **own, "id": identity, "at_us": at_us, "passage": passage}
        if "plate" in own:
            columns["capture"] = passage[8:24]
            for reason, once in RARE.items():
                if rng.random() * once < 1:
                    columns |= {"outcome": "deny", "reason": reason}
        kept = Kept(rng.randbytes(32), *rng.choice(sort.forms))
        return Made(lane or ("in-1" if chance & 1 else "out-1"), columns, kept, sort.fields)

    def _rest(self, decision: Made, at_us: int) -> Iterator[Made]:
        """Yield what else is told of a passage."""
        for pool, later_us in (("outcome", 300_000), ("passage", 6_000_000)):
            made = self._of(pool, at_us + later_us, decision.lane)
            made.columns["passage"] = decision.columns["passage"]
            yield made


def _sorts(seed: int, rng: random.Random) -> dict[str, list[Sort]]:
    """Seal real entries, and put them together by what they stand for."""
    pools: dict[str, list[Sort]] = {}
    for line in (*tell(seed), *_beside()):
        if (pool := _pool(line.body)) is not None:
            pools.setdefault(pool, []).append(_sort(line, rng))
    return pools


def _pool(body: Body) -> str | None:
    if body.kind in ("passage", "outcome", "guard"):
        return body.kind
    if body.kind in ("visit", "pass", "slip"):
        return "act"
    if body.kind in ("lane", "observation"):
        return "other"
    if body.kind != "decision":
        return None
    medium, category = getattr(body, "medium", ""), getattr(body, "category", "")
    if category == "visitor":
        return "visitor"
    if medium == "card":
        return "card"
    return "vehicle" if category and medium == "plate" else "stranger"


def _beside() -> Iterator[Line]:
    """Yield what is not in the story."""
    record = str(World.record_id(1))
    acted: tuple[Body, ...] = (
        VisitActed(record, "VisitorArrived", "b1001", "r", words="按预约放行", guard_name="张*"),
        VisitActed(record, "VisitorLeft", "b1001", "r", guard_name="张*"),
        PassActed(record, "PassPresented", "b1001", "r", guard_name="张*"),
        SlipActed(record, "SlipPresented", "b1001", "r", guard_name="张*"),
    )
    for body in acted:
        yield Line("in-1", "", body)
    for what in ("passed_without_grant", "raised_by_hand", "held_open", "loop_stuck"):
        yield Line("in-1", "", Observed(what, "io"))
    yield Line("in-1", "", LaneChanged("held_open", "guard", "fire_drill"))
    yield Line("in-1", "", LaneChanged("normal", "guard", "fire_drill"))
    yield Line("in-1", "", GuardActed("open_once", "delivery", "b1001", "r", guard_name="张*"))


def _sort(line: Line, rng: random.Random) -> Sort:
    edge, epoch = UUID(int=rng.getrandbits(128)), UUID(int=rng.getrandbits(128))
    forms = []
    for seq in range(1, FORMS_EACH + 1):
        entry = Entry(edge, epoch, seq, UUID(int=rng.getrandbits(128)), Stamp(seq, seq), line.body, line.lane, line.passage)
        sealed = seal(entry, rng.randbytes)
        forms.append((sealed.canonical, sealed.personal))
    opened = unseal(*forms[0])
    columns = project(opened) | dict.fromkeys(("plate", "card", "card_low", "person_id", "record_id", "capture"))
    return Sort(columns, dict(opened.fields), forms)
