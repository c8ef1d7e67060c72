"""What does not go together, and what does after all, as tables of cases."""

import random
from typing import Any

import pytest

from central.ledger import counted, detect, single, words
from central.ledger.findings import KINDS, SEVERITIES, STATES, Finding
from central.ledger.marks import Mark
from central.ledger.single import OwnWord
from tests.central.ledger.marked import NOON_US, mark

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
    assert single.is_back(mark("a", 400), mark("a", 0))
    assert not single.is_back(mark("a", 400), mark("a", 0, quality="floor"))
    assert not single.is_back(mark("a", 299), mark("a", 0))
    noted = [mark("a", at, fault=fault, by_us=at * 1_000_000) for at, fault in ((900, "ahead"), (700, "ahead"), (800, "back"))]
    assert [(one.facts["how"], one.facts["seconds"]) for one in single.clock_faults("clock:a", noted)] == [
        ("ahead", 700),
        ("back", 800),
    ]


EPOCH = mark("p", 0).epoch.hex
OWN = OwnWord(
    (
        mark("p", 0, seq=3, number=1, topic="uses:v"),
        mark("p", 5, seq=6, number=1, topic="uses:v"),
        mark("p", 7, seq=7, topic="at:car", value=["site", 7], time=NOON_US),
    ),
    {EPOCH: 10},
    frozenset({(EPOCH, 10)}),
)
WORDS: list[tuple[list[Any], bool | None]] = [
    (["add", "uses:v", 1, EPOCH, 3], True),
    (["add", "uses:v", 2, EPOCH, 6], True),
    (["add", "uses:v", 2, EPOCH, 3], False),
    (["add", "uses:v", 1, EPOCH, 6], False),
    (["add", "uses:v", 1, EPOCH, 4], False),
    (["add", "uses:w", 1, EPOCH, 3], False),
    (["add", "uses:v", 1, EPOCH, 10], None),  # parked
    (["add", "uses:v", 1, EPOCH, 11], None),
    (["add", "uses:v", 1, "0" * 32, 1], None),
    (["set", "at:car", ["site", 7], NOON_US, EPOCH, 7], True),
    (["set", "at:car", ["site", 7], NOON_US, EPOCH, 9], True),
    (["set", "at:car", ["site", 7], NOON_US, EPOCH, 6], False),
    (["set", "at:car", ["", 7], NOON_US, EPOCH, 7], False),
    (["set", "at:car", ["site", 7], NOON_US + 1, EPOCH, 7], False),
    (["drop", "held:p", None, NOON_US, EPOCH, 7], False),
    (["set", "at:car", ["site", 7], NOON_US, EPOCH, 12], None),
    (["set", "at:car"], None),
]


@pytest.mark.parametrize(("fact", "wanted"), WORDS)
def test_a_neighbours_word(fact: list[Any], *, wanted: bool | None) -> None:
    assert single.borne_out(fact, OWN) is wanted


def test_everything_has_words_in_both_languages() -> None:
    tables = {"kinds": (words.KINDS, KINDS), "severities": (words.SEVERITIES, SEVERITIES), "states": (words.STATES, STATES)}
    for table, codes in tables.values():
        assert sorted(table) == sorted(codes)
    assert {code.split()[0] for code in words.SUMMARIES} == set(KINDS)
    for table in (words.SUMMARIES, words.REGISTRY, words.ENTRIES, words.RECORDS, words.WITHDRAWN, words.QUALITIES):
        assert all(zh and en.isascii() for zh, en in table.values())
