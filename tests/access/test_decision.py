"""Decisions as tables: who presents what, where, when; and the outcome with its reason and sentence."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from access.card import CardNumber, card_hash, code_hash
from access.case import Presented
from access.decision import Decision, decide
from access.presence import Presence
from access.reasons import REASONS, sentence
from access.words import LANGUAGES
from simulators.standalone import Rule, card, resident, small_rules, vehicle
from tests.access.rules_world import snapshot

KEY = bytes(range(32))
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # a Monday, 12:00 in Shanghai
HOUR = 3600
LEVEL, SCHEDULE, OTHER_LANE = UUID(int=50), UUID(int=51), UUID(int=52)
ALWAYS = {"valid_from": None, "valid_until": None}


def number(at: int) -> CardNumber:
    return CardNumber(at.to_bytes(5, "big"), 40)


def person(at: int, **changes: Any) -> Rule:
    kind, identity, data = resident(UUID(int=at), f"人{at}", f"3-{at}")
    return kind, identity, {**data, **changes}


def card_of(at: int, holder: int, **changes: Any) -> Rule:
    kind, identity, data = card(UUID(int=100 + at), UUID(int=holder), [card_hash(KEY, number(at))])
    return kind, identity, {**data, **changes}


def level(at: int, **grant: Any) -> Rule:
    grants = [{"lanes": [], "direction": "both", "schedule": None, **grant}]
    return "level", UUID(int=at), {"id": str(UUID(int=at)), "name": f"level {at}", "grants": grants}


def seconds(hours: float) -> int:
    return int(NOON.timestamp() + hours * HOUR)


OFFICE_HOURS = {"id": str(SCHEDULE), "name": "hours", "spans": [{"days": [0], "start": "08:00", "end": "12:00"}]}
WORLD: list[Rule] = [
    ("schedule", SCHEDULE, OFFICE_HOURS),
    level(60, schedule=str(SCHEDULE)),
    level(61, lanes=[str(OTHER_LANE)]),
    level(62, direction="out"),
    level(63, schedule=str(UUID(int=99))),  # a schedule that is not there: never
    *(person(at) for at in (1, 2)),
    person(3, status="frozen"),
    person(4, valid_until=seconds(0)),
    person(5, valid_from=seconds(1)),
    person(6, levels=[]),
    person(7, levels=[str(UUID(int=60))]),
    person(8, levels=[str(UUID(int=61))]),
    person(9, levels=[str(UUID(int=62))]),
    person(10, levels=[str(UUID(int=63))]),
    *(card_of(at, at) for at in range(1, 11)),
    card_of(11, 1, status="lost"),
    card_of(12, 1, valid_until=seconds(0)),
    card_of(13, 1, valid_until=seconds(1 / HOUR)),
    card_of(14, 1, valid_from=seconds(1)),
    card_of(15, 999),
    card_of(16, 1),
    card_of(17, 2, hashes=[card_hash(KEY, number(16)).hex()]),
    ("block", UUID(int=70), {"plate": "", "card_hash": card_hash(KEY, number(2)).hex(), "reason": "stolen", "valid_until": None}),
    card(UUID(int=140), UUID(int=1), [code_hash(KEY, "GH-42")], medium="code"),
    vehicle(UUID(int=150), UUID(int=1), "粤B8D2Z5"),
    vehicle(UUID(int=151), UUID(int=1), "粤B66666"),
    ("block", UUID(int=71), {"plate": "粤BK1111", "card_hash": "", "reason": "非法营运", "valid_until": None}),
    ("block", UUID(int=72), {"plate": "粤B66666", "card_hash": "", "reason": "over", "valid_until": seconds(0)}),
]


@dataclass(frozen=True)
class Line:
    """One line of the table: what is presented, at which lane, and the reason it must come to."""

    presented: Presented
    reason: str
    lane: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)


def by_card(at: int) -> Presented:
    raw = number(at).raw.hex().upper()
    return Presented("card", raw, raw, "in", 40)


def by_plate(text: str, confidence: float = 0.99) -> Presented:
    return Presented("plate", text, text, "in", confidence=confidence)


TABLE = {
    "a resident's card": Line(by_card(1), "access_ok", values={"holder": "人1", "unit": "3-1"}),
    "a resident's code": Line(Presented("code", "GH-42", "GH-42", "in"), "access_ok"),
    "a resident's plate": Line(by_plate("粤B8D2Z5"), "access_ok", values={"shown": "粤B·8D2Z5"}),
    "held open, for anybody": Line(by_card(77), "lane_held_open", {"mode": "held_open"}),
    "held closed, even for a resident": Line(by_card(1), "lane_held_closed", {"mode": "held_closed"}),
    "out of service": Line(by_card(1), "lane_out_of_service", {"mode": "out_of_service"}),
    "a blocked card of a resident": Line(by_card(2), "blocked", values={"why": "stolen"}),
    "a blocked plate": Line(by_plate("粤BK1111"), "blocked", values={"why": "非法营运"}),
    "a blocked plate, doubtfully read": Line(by_plate("粤BK1111", 0.1), "blocked"),
    "like a blocked plate": Line(by_plate("粤BKI1I1"), "near_blocked", values={"near": "粤B·K1111"}),
    "a block that is over": Line(by_plate("粤B66666"), "access_ok"),
    "like a resident's plate": Line(by_plate("粤BBD2Z5"), "similar", values={"near": "粤B·8D2Z5", "holder": "人1"}),
    "a resident's plate of another province": Line(by_plate("京B8D2Z5"), "similar"),
    "a stranger's plate": Line(by_plate("粤BKK777"), "unknown_refer"),
    "a stranger's plate at a strict lane": Line(by_plate("粤BKK777"), "unknown", {"unknown": "deny"}),
    "a look-alike at a strict lane still asks": Line(by_plate("粤BBD2Z5"), "similar", {"unknown": "deny"}),
    "a resident's plate, doubtfully read": Line(by_plate("粤B8D2Z5", 0.49), "doubtful"),
    "a resident's plate, read just surely": Line(by_plate("粤B8D2Z5", 0.5), "access_ok"),
    "a confidence that is no number": Line(by_plate("粤B8D2Z5", float("nan")), "doubtful"),
    "a card of two holders": Line(by_card(16), "shared"),
    "a card of nobody": Line(by_card(15), "no_holder"),
    "a lost card": Line(by_card(11), "inactive", values={"status": "lost"}),
    "a card of a frozen person": Line(by_card(3), "inactive", values={"status": "frozen"}),
    "a card at the very end of its validity": Line(by_card(12), "expired", values={"until": "2026-03-02 12:00"}),
    "a card one second before its end": Line(by_card(13), "access_ok"),
    "a card before its time": Line(by_card(14), "not_yet_valid", values={"from": "2026-03-02 13:00"}),
    "a card of an expired person": Line(by_card(4), "expired"),
    "a card of a person to come": Line(by_card(5), "not_yet_valid"),
    "no level": Line(by_card(6), "no_access_here"),
    "another lane's level": Line(by_card(8), "no_access_here"),
    "a level for the way out": Line(by_card(9), "no_access_here"),
    "at 12:00, allowed up to 12:00": Line(by_card(7), "outside_schedule"),
    "a schedule that is gone": Line(by_card(10), "outside_schedule"),
    "an unknown card": Line(by_card(77), "unknown_refer", values={"shown": "…004D"}),
}


def decided(line: Line, at: datetime = NOON) -> Decision:
    lane = [
        (kind, identity, {**data, **line.lane} if kind == "lane" else data) for kind, identity, data in small_rules(KEY, ["in-1"])
    ]
    rules = snapshot(7, [*lane, *WORLD])
    return decide(line.presented, rules.lanes["in-1"], rules, Presence(), at)


@pytest.mark.parametrize("name", TABLE)
def test_the_table(name: str) -> None:
    line = TABLE[name]
    decision = decided(line)
    assert (decision.reason, decision.outcome) == (line.reason, REASONS[line.reason].outcome)
    assert line.values.items() <= decision.values.items()
    assert decision.explanation.revision == 7
    assert decision.explanation.steps[-1].concluded == (line.reason if line.reason != "access_ok" else "")
    assert all(step.concluded == "" for step in decision.explanation.steps[:-1])


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_decision_has_a_whole_sentence(name: str, language: str) -> None:
    decision = decided(TABLE[name])
    said = sentence(decision.reason, decision.values, language)
    assert not re.search(r"[{}—]", said), said
    assert bool(re.search(r"[一-鿿]", said.replace(str(decision.values.get("shown")), ""))) or language == "en"


def test_an_hour_earlier_the_schedule_allows() -> None:
    line = TABLE["at 12:00, allowed up to 12:00"]
    assert decided(line, NOON.replace(hour=3, minute=59)).outcome == "grant"


def test_only_an_exact_active_credential_with_a_holder_is_ever_granted() -> None:
    for name, line in TABLE.items():
        decision = decided(line)
        if decision.outcome == "grant" and decision.reason != "lane_held_open":
            found = decision.match.credential
            assert found is not None, name
            assert found.status == "active", name
            assert found.person is not None, name


def test_candidates_say_where_they_differ_and_name_no_more_than_five() -> None:
    decision = decided(TABLE["like a resident's plate"])
    assert [(one.credential.shown, one.differs, one.why) for one in decision.candidates] == [("粤B8D2Z5", (2,), "one")]
    province = decided(TABLE["a resident's plate of another province"])
    assert [(one.differs, one.why) for one in province.candidates] == [((0,), "province")]
    plates = [
        vehicle(UUID(int=200 + at), UUID(int=1), f"粤B{text}")
        for at, text in enumerate(["8A000", "BA000", "8AD00", "8AQ00", "8A0Q0", "8A00D"])
    ]
    rules = snapshot(1, [*small_rules(KEY, ["in-1"]), person(1), *plates])
    many = decide(by_plate("京B8A000"), rules.lanes["in-1"], rules, Presence(), NOON)
    assert [len(one.differs) for one in many.candidates] == [1, 2, 2, 2, 2]


def test_a_sentence_of_an_erased_or_later_entry_still_reads() -> None:
    assert sentence("blocked", None, "en") == "— is on the block list: —"
    assert sentence("levitating", {}, "zh") == "levitating"
    assert sentence("access_ok", {"holder": "{shown}", "unit": ""}, "en") == "{shown} may pass here now"
