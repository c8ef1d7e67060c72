"""What the log is asked: each kind of search with other values each time, as people would type them."""

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from bench.query_world import GATES, HOUR_US, HOURS, RARE, World, card, plate

Params = dict[str, Any]
SEARCH, COUNT, ENTRY = "/log", "/log/counts", "/entries"
DAY_US: Final = 24 * HOUR_US


class Ask(NamedTuple):
    """One question: of which kind, at which path, with what."""

    kind: str
    path: str
    params: Params


class Asks:
    """Makes questions about a world."""

    def __init__(self, world: World, rng: random.Random) -> None:
        self._world, self._rng = world, rng
        self.kinds: Mapping[str, Callable[[], Params]] = {
            **self._places(),
            **self._plates(),
            **self._who(),
            **self._what(),
            **self._several(),
        }

    def searches(self, each: int) -> list[Ask]:
        """Return so many of each kind, in an order of chance."""
        asks = [Ask(kind, SEARCH, make()) for kind, make in self.kinds.items() for _ in range(each)]
        self._rng.shuffle(asks)
        return asks

    def counts(self, each: int) -> list[Ask]:
        """Return questions after the counts of a year."""
        asks = []
        groups = (
            "day",
            "month",
            "gate",
            "lane",
            "outcome",
            "category",
            "hour_of_day",
            "hour",
            "guard",
            "gate day",
            "gate category",
        )
        for by in groups:
            for _ in range(each):
                last = self._at(self._world.end_us - int(self._rng.random() * 300 * DAY_US)).date()
                year = {"since": (last - timedelta(days=364)).isoformat(), "until": last.isoformat()}
                # A year by the hour is more groups than are told at once: a month of it.
                if by == "hour":
                    year["since"] = (last - timedelta(days=30)).isoformat()
                asks.append(Ask(f"count by {by}", COUNT, {**year, "by": by.split()}))
        self._rng.shuffle(asks)
        return asks

    # --- places and times

    def _places(self) -> dict[str, Callable[[], Params]]:
        return {
            "newest": dict,
            "time range": lambda: self._range(self._rng.choice((1, 24, 24 * 30))),
            "gate": lambda: {"gate": self._gate()},
            "gate and day": lambda: {"gate": self._gate(), **self._range(24)},
            "lane": lambda: {"lane": self._lane()},
            "several gates": lambda: {"gate": [self._gate() for _ in range(self._rng.randint(2, GATES))]},
            "several lanes": lambda: {"lane": [self._lane() for _ in range(self._rng.randint(2, 30))]},
        }

    def _gate(self) -> str:
        return self._rng.choice(self._world.told.gates)

    def _lane(self) -> str:
        return self._rng.choice(list(self._rng.choice(self._world.told.lanes).values()))

    def _range(self, hours: int) -> Params:
        begin = self._world.told.begin_us + int(self._rng.random() * (HOURS - hours) * HOUR_US)
        return {"since": self._at(begin).isoformat(), "until": self._at(begin + hours * HOUR_US).isoformat()}

    @staticmethod
    def _at(at_us: int) -> datetime:
        return datetime.fromtimestamp(at_us / 1e6, UTC)

    # --- plates

    def _plates(self) -> dict[str, Callable[[], Params]]:
        def of(match: str, text: Callable[[], str], *, alike: bool = False) -> Callable[[], Params]:
            return lambda: {"plate": text(), "plate_match": match, **({"alike": "true"} if alike else {})}

        return {
            "plate known": of("whole", self._known),
            "plate stranger": of("whole", self._stranger),
            "plate unknown": of("whole", lambda: "琼" + self._any()[1:]),
            **{f"plate prefix {n}": of("prefix", lambda n=n: self._any()[:n]) for n in (1, 2, 3, 4, 5)},  # type: ignore[misc]
            **{f"plate suffix {n}": of("suffix", lambda n=n: self._any()[-n:]) for n in (2, 3, 4)},  # type: ignore[misc]
            **{f"plate part {n}": of("part", lambda n=n: self._part(n)) for n in (1, 2, 3, 4, 5)},  # type: ignore[misc]
            "plate part nowhere": of("part", lambda: "".join(self._rng.choices("XYZWU", k=4))),
            "plate with one ?": of("whole", lambda: self._with_holes(1)),
            "plate with three ?": of("whole", lambda: self._with_holes(3)),
            "plate part with ?": of("part", lambda: self._part(2) + "?" + self._part(1)),
            "plate alike": of("whole", self._any, alike=True),
            "plate part 4 alike": of("part", lambda: self._part(4), alike=True),
            "plate suffix 4 alike": of("suffix", lambda: self._any()[-4:], alike=True),
        }

    def _known(self) -> str:
        return plate(self._rng.randrange(self._world.known))

    def _stranger(self) -> str:
        return plate(self._world.known + self._rng.randrange(max(1, self._world.strangers * 9 // 10)))

    def _any(self) -> str:
        return self._known() if self._rng.random() < 0.5 else self._stranger()

    def _part(self, length: int) -> str:
        text = self._any()
        first = self._rng.randint(2, len(text) - length)
        return text[first : first + length]

    def _with_holes(self, holes: int) -> str:
        text = list(self._any())
        for at in self._rng.sample(range(1, len(text)), holes):
            text[at] = "?"
        return "".join(text)

    # --- who

    def _who(self) -> dict[str, Callable[[], Params]]:
        world, rng = self._world, self._rng

        def person() -> int:
            return rng.randrange(world.persons)

        return {
            "card hex": lambda: {"card": card(person())},
            "card printed": lambda: {"card": f"{int(card(person())[-8:], 16):010}"},
            "card unknown": lambda: {"card": f"{rng.getrandbits(64):016X}"},
            "person id": lambda: {"person": str(world.person_id(person()))},
            "person name": lambda: {"person": self._name(person())},
            "person nobody": lambda: {"person": "欧阳" + world.name(person())},
            "unit": lambda: {"unit": world.unit(person())},
            "company": lambda: {"company": world.company(rng.randrange(world.companies))},
            "guard": lambda: {"guard": world.guard(rng.randrange(world.guards))},
            "number": lambda: {"number": world.number(rng.randrange(world.records))},
            "number unknown": lambda: {"number": f"X{rng.randrange(10**7)}"},
        }

    def _name(self, number: int) -> str:
        """Return a name of three characters: of two there may be more than are told."""
        return next(name for at in range(number, number + 7) if len(name := self._world.name(at)) == 3)

    # --- what

    def _what(self) -> dict[str, Callable[[], Params]]:
        rng = self._rng
        return {
            "category": lambda: {"category": rng.choice(("resident", "staff", "contractor", "visitor", "officer", "emergency"))},
            "category none": lambda: {"category": "vip"},
            "outcome": lambda: {
                "outcome": rng.choice(("grant", "deny", "refer", "visit", "slip", "observation", "lane", "guard"))
            },
            "outcome none": lambda: {"outcome": "vehicle"},
            "reason": lambda: {
                "reason": rng.choice(("access_ok", "similar", "unknown_refer", "outside_schedule", "VisitorLeft"))
            },
            "reason rare": lambda: {"reason": rng.choice(list(RARE))},
            "reason none": lambda: {"reason": "no_such_reason"},
            "evidence with": lambda: {"evidence": "with"},
            "evidence without": lambda: {"evidence": "without"},
        }

    # --- several at once

    def _several(self) -> dict[str, Callable[[], Params]]:
        rng, world = self._rng, self._world
        made: tuple[Callable[[], Params], ...] = (
            lambda: {"gate": self._gate(), "outcome": "deny"},
            lambda: {"gate": self._gate(), "category": "visitor", **self._range(24 * 7)},
            lambda: {"lane": self._lane(), "reason": "blocked"},
            lambda: {"lane": self._lane(), "category": "emergency", "outcome": "grant", **self._range(24 * 30)},
            lambda: {"plate": self._part(3), "plate_match": "part", "gate": self._gate()},
            lambda: {"plate": self._any()[:4], "plate_match": "prefix", "outcome": "refer", **self._range(24 * 30)},
            lambda: {"person": str(world.person_id(rng.randrange(world.persons))), "gate": self._gate(), "outcome": "deny"},
            lambda: {"category": "officer", "reason": "duress"},
            lambda: {"guard": world.guard(rng.randrange(world.guards)), "gate": self._gate(), **self._range(24 * 30)},
            lambda: {"unit": world.unit(rng.randrange(world.persons)), "outcome": "deny", "evidence": "with"},
            lambda: {"gate": self._gate(), "evidence": "without", "outcome": "refer"},
            lambda: {"plate": self._any()[-3:], "plate_match": "suffix", "category": "staff", "outcome": "deny"},
            lambda: {"plate": self._any()[:2], "plate_match": "prefix", "reason": "duress"},
        )
        return {f"several {number}: {' '.join(make())}": make for number, make in enumerate(made, 1)}


def entries(world: World, ids: list[str], rng: random.Random, number: int) -> Iterator[Ask]:
    """Yield questions after single entries."""
    del world
    for identity in rng.choices(ids, k=number):
        yield Ask("one entry", f"{ENTRY}/{identity}", {})
