"""What does not go together, and what does after all, as tables of cases."""

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from access.acts import ACTED
from central.booth.kinds import WORKFLOW_OF
from central.ledger import counted, detect, single, words
from central.ledger.findings import KINDS, SEVERITIES, STATES, Finding
from central.ledger.marks import Mark
from tests.central.ledger.marked import NOON_US, mark
from tests.sizes import sized

MIN, HOUR = 60, 3600


def told(found: list[Finding]) -> list[tuple[str, str, str]]:
    return [(one.kind, str(one.facts["how"]), one.severity) for one in found]


TWICE = ("double_entry", "two_gates", "high")
AGAIN = ("double_entry", "one_gate", "low")
AT_ONCE = ("impossible_movement", "two_gates", "high")
OUT_TWICE = ("impossible_movement", "out_without_in", "medium")
MOVES: list[tuple[str, list[Mark], list[tuple[str, str, str]]]] = [
    ("in and out", [mark("a", 0), mark("b", HOUR, "out")], []),
    ("in at two gates", [mark("a", 0), mark("b", HOUR)], [TWICE]),
    ("in, out, in", [mark("a", 0), mark("a", 60, "out"), mark("b", HOUR)], []),
    ("twice at one gate, which wrote both", [mark("a", 0), mark("a", HOUR)], [AGAIN]),
    ("twice at one gate, its journal put back between", [mark("a", 0), mark("a", HOUR, epoch="2")], [(*AGAIN[:2], "medium")]),
    ("three times", [mark("a", 0), mark("b", HOUR), mark("a", 2 * HOUR)], [TWICE, TWICE]),
    ("the way out may lie between", [mark("a", 0), mark("b", HOUR, quality="drifting"), mark("a", HOUR + 90, "out")], []),
    ("the way out lies surely behind", [mark("a", 0), mark("b", HOUR), mark("a", HOUR + 90, "out")], [TWICE]),
    ("the way out was early by a wrong clock", [mark("a", 0, "out", "drifting"), mark("b", 100), mark("c", HOUR)], []),
    (
        "one way out explains one way in only",
        [mark("a", 0), mark("b", 100, "out"), mark("a", HOUR), mark("b", 2 * HOUR)],
        [TWICE],
    ),
    ("floor: not before", [mark("a", 0), mark("b", HOUR), mark("b", 30, "out", "floor", seq=1)], []),
    ("a guard said so", [mark("a", 0), mark("b", HOUR, "set"), mark("b", 2 * HOUR)], []),
    ("between zones", [mark("a", 0), mark("b", HOUR, "within")], []),
    ("a party is counted by its visit", [mark("a", 0, "party"), mark("b", HOUR, "party")], []),
    ("a party at two gates at once", [mark("a", 0, "party"), mark("b", 5, "party")], []),
    ("the first way in may lie before the way out", [mark("a", 0, "out"), mark("b", 15, quality="drifting"), mark("a", 90)], []),
    (
        "a floor far behind may lie between",
        [mark("a", 0), mark("c", 30, "out", "floor"), mark("b", HOUR), mark("b", HOUR + 99, "out")],
        [],
    ),
    (
        "what lies between hides no way out",
        [mark("a", 0), mark("b", 90), mark("b", 95, "within"), mark("c", 99, "out", "floor")],
        [],
    ),
    ("at two gates at once", [mark("a", 0, "out"), mark("b", 40)], [AT_ONCE]),
    ("at two gates in time", [mark("a", 0, "out"), mark("b", 55)], []),  # up to 65 s, as each clock may be 5 s off
    ("at two gates in the same second", [mark("a", 0, "out"), mark("b", 0)], [AT_ONCE]),  # whichever was first
    ("a clock that may have drifted", [mark("a", 0, "out"), mark("b", 40, quality="drifting")], []),
    ("a floor", [mark("a", 0, "out"), mark("b", 40, quality="floor")], []),
    ("a clock of a quality nobody knows", [mark("a", 0, "out"), mark("b", 40, quality="quantum")], []),
    ("one gate, quickly", [mark("a", 0, "out"), mark("a", 2)], []),
    ("out twice, hard", [mark("a", 0, "out"), mark("b", HOUR, "out", hard=True)], [OUT_TWICE]),
    ("out twice, not hard", [mark("a", 0, "out"), mark("b", HOUR, "out")], []),
    ("out, never seen before", [mark("a", 0, "out", hard=True)], []),
    ("a way in may lie between", [mark("a", 0, "out"), mark("b", HOUR, "out", hard=True), mark("c", HOUR + 3)], [AT_ONCE]),
    ("out twice, in an order nobody knows", [mark("a", 0, "out"), mark("b", 200, "out", "drifting", hard=True)], []),
]


@pytest.mark.parametrize(("_what", "marks", "wanted"), MOVES, ids=[each[0] for each in MOVES])
def test_movements(_what: str, marks: list[Mark], wanted: list[tuple[str, str, str]]) -> None:
    chance = random.Random(1)
    for _ in range(4):
        assert told(list(detect.movements("at:car", marks))) == wanted
        chance.shuffle(marks)


def orders(done: list[Mark], left: list[Mark]) -> Iterator[list[Mark]]:
    """Every order that the clocks allow."""
    if not left:
        yield done
    for one in left:
        others = [other for other in left if other is not one]
        if not any(surely_before(other, one) for other in others):
            yield from orders([*done, one], others)


def surely_before(one: Mark, other: Mark) -> bool:
    same = (one.edge, one.epoch) == (other.edge, other.epoch)
    return one.seq < other.seq if same else one.latest_us < other.earliest_us


def wrong_in(order: list[Mark]) -> int:
    where, wrong = "", 0
    for one in order:
        way = one.what["way"]
        wrong += way == where and way in ("in", "out")
        where = where if way == "within" else "" if way == "set" else way
    return wrong


def test_nothing_is_claimed_that_some_order_of_the_clocks_explains() -> None:
    chance = random.Random(7)
    for _ in range(sized(quick=150, soak=5000)):
        line, seqs = [], Counter[str]()
        for at in sorted(chance.choice((chance.randrange(900), chance.randrange(20))) for _ in range(chance.randint(2, 5))):
            seqs[gate := chance.choice("abc")] += 1
            quality = chance.choice(("trusted", "trusted", "drifting", "floor"))
            line.append(
                mark(gate, at, chance.choice(("in", "in", "out", "out", "within", "set")), quality, seq=seqs[gate], hard=True)
            )
        assert len(list(detect.movements("at:car", line, 0))) == min(map(wrong_in, orders([], line)))


def test_many_gates_of_whose_order_nobody_knows_are_looked_at_soon() -> None:
    line = [mark(f"g{n}", n, ("in", "out")[n % 2], "floor", hard=True) for n in range(40)]
    assert list(detect.movements("at:car", line)) == []


def test_a_site_says_how_long_it_takes_between_gates() -> None:
    marks = [mark("a", 0, "out"), mark("b", 40)]
    assert list(detect.movements("at:car", marks, 50)) == []
    assert list(detect.movements("at:car", marks, 0)) == []
    ways = list(detect.movements("held:pass", [mark("a", 0), mark("b", HOUR)]))
    assert told(ways) == [("pass_used_twice", "duplicate", "high")]


def uses(*numbers: tuple[str, int]) -> list[Mark]:
    return [mark(gate, at, number=number) for at, (gate, number) in enumerate(numbers)]


USES: list[tuple[list[Mark], int, Any]] = [
    (uses(("a", 1)), 1, None),
    (uses(("a", 1), ("b", 1)), 1, ("high", 2, 2)),
    (uses(("a", 1), ("a", 1)), 1, ("medium", 2, 2)),
    (uses(("a", 1), ("a", -1), ("b", 1)), 1, None),
    (uses(("a", 1), ("a", -1), ("b", 1), ("b", 1)), 1, ("medium", 2, 2)),
    (uses(("a", 1), ("b", 1)), 2, None),
    (uses(*[("a", 1)] * 30), 2, ("medium", 30, 20)),
]


@pytest.mark.parametrize(("marks", "allowed", "wanted"), USES)
def test_uses(marks: list[Mark], allowed: int, wanted: Any) -> None:
    found = counted.used_beyond("uses:v", marks[::-1], allowed)
    assert (found and (found.severity, found.facts["used"], len(found.entries))) == wanted


def test_a_line_of_a_slip() -> None:
    trips = [mark("a", 0, number=1500), mark("b", 9, number=1000)]
    assert counted.released_beyond("released:s:1", trips, 2500, 0) is None
    found = counted.released_beyond("released:s:1", trips, 2000, 0)
    assert found is not None
    assert found.facts == {"how": "line", "line": "1", "released": "2.5", "approved": "2"}
    with_office = counted.released_beyond("released:s:1", trips, 3000, 1000)
    assert with_office is not None
    assert with_office.facts["at_office"] == "1"
    assert counted.released_beyond("released:s:1", [], 0, 1000) is None


def test_times_that_cannot_be() -> None:
    noted = [mark("a", at, fault=fault, by_us=at * 1_000_000) for at, fault in ((900, "ahead"), (700, "ahead"), (800, "back"))]
    assert [(one.facts["how"], one.facts["seconds"]) for one in single.clock_faults("clock:a", noted)] == [
        ("ahead", 700),
        ("back", 800),
    ]


EPOCH = mark("p", 0).epoch.hex
SAID = [
    mark("p", 0, seq=3, number=1, topic="uses:v"),
    mark("p", 5, seq=6, number=1, topic="uses:v"),
    mark("p", 7, seq=7, topic="at:car", value=["site", 7], time=NOON_US),
]
# What the neighbour is said to have told, whether that is so, and whether as far as its epoch was only looked through in part.
WORDS: list[tuple[list[Any], bool | None, bool | None]] = [
    (["add", "uses:v", 1, EPOCH, 3], True, None),
    (["add", "uses:v", 2, EPOCH, 6], True, None),
    (["add", "uses:v", 2, EPOCH, 3], False, None),
    (["add", "uses:v", 1, EPOCH, 6], False, None),
    (["add", "uses:v", 1, EPOCH, 4], False, None),
    (["add", "uses:w", 1, EPOCH, 3], False, None),
    (["set", "at:car", ["site", 7], NOON_US, EPOCH, 7], True, True),
    (["set", "at:car", ["site", 7], NOON_US, EPOCH, 9], True, True),
    (["set", "at:car", ["site", 7], NOON_US, EPOCH, 6], False, None),
    (["set", "at:car", ["", 7], NOON_US, EPOCH, 7], False, None),
    (["set", "at:car", ["site", 7], NOON_US + 1, EPOCH, 7], False, None),
    (["drop", "held:p", None, NOON_US, EPOCH, 7], False, None),
]


@pytest.mark.parametrize(("fact", "wanted", "in_part"), WORDS)
def test_a_neighbours_word(fact: list[Any], *, wanted: bool | None, in_part: bool | None) -> None:
    said = [one for one in SAID if one.topic == fact[1] and one.seq <= fact[-1]]
    assert single.borne_out(fact, said) is wanted
    assert single.borne_out(fact, said, begun=2) is in_part


def test_everything_has_words_in_both_languages() -> None:
    tables = {"kinds": (words.KINDS, KINDS), "severities": (words.SEVERITIES, SEVERITIES), "states": (words.STATES, STATES)}
    for table, codes in tables.values():
        assert sorted(table) == sorted(codes)
    assert {code.split()[0] for code in words.SUMMARIES} == set(KINDS)
    assert set(words.ACTS) == ACTED.keys() - WORKFLOW_OF.keys()
    for table in (
        words.SUMMARIES,
        words.REGISTRY,
        words.ENTRIES,
        words.RECORDS,
        words.WITHDRAWN,
        words.QUALITIES,
        words.ACTS,
        words.NOT_TAKEN,
    ):
        assert all(zh and en.isascii() for zh, en in table.values())
