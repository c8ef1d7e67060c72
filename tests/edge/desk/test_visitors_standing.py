"""How visits stand now: what the registry told, what guards here did since, what all gates have counted."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.acting.act import Act as FactAct
from access.acting.facts import facts_of
from access.contract.booth_records import CardAtBooth, LentCard, UnitAtBooth, VisitAtBooth
from access.presence import Presence
from access.workflows.visit import Category, VisitTerms
from edge.desk.book import Act, Pages
from edge.desk.visitors import finding, standing
from edge.desk.visitors.forms import values_of_terms

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
VISIT = UUID(int=7)
CARD = UUID(int=9)
TOLD = VisitAtBooth(
    id=VISIT,
    number="V-2026-000123",
    state="approved",
    name="赵*",
    initials="zm",
    phone_tail="4321",
    unit="海棠苑3-1201",
    host="海棠苑3-1201 李*",
    category="appointment",
    party=3,
    uses=2,
    plates=("粤B12D45",),
    valid_from=int((NOW - timedelta(hours=2)).timestamp()),
    valid_until=int((NOW + timedelta(hours=2)).timestamp()),
    changed_at=int((NOW - timedelta(hours=1)).timestamp()),
)
TERMS = VisitTerms(
    Category("unannounced"), "3-1201", "3-1201", "3-1201", party=2, valid_from=NOW, valid_until=NOW + timedelta(hours=2)
)
AT_GATE = TOLD.model_copy(update={"state": "asked", "category": "courier", "party": 2, "uses": 1})


def act(name: str, minutes: float = 0, details: dict[str, Any] | None = None, **values: Any) -> Act:
    at = NOW + timedelta(minutes=minutes)
    return Act(f"{name}{minutes}", "visit", str(VISIT), name, at, "1001", "张*", "guard", "in-1", values, details or {}, "", "")


def stands(*acts: Act, told: VisitAtBooth | None = TOLD, at: datetime = NOW, **facts: Any) -> standing.Standing | None:
    by_identity = defaultdict(list)
    for one in acts:
        by_identity[one.identity].append(one)
    records: Any = {
        VisitAtBooth: {} if told is None else {told.id: told},
        CardAtBooth: {CARD: CardAtBooth(id=CARD, printed="F001", state="stock")},
    }
    named = {f"{name}:{VISIT}" if name in ("uses", "party") else name: value for name, value in facts.items()}
    return standing.one(Pages(1, records, acts, by_identity, named), str(VISIT), at)


ASKED = act("VisitAsked", -5, {"name": "钱多多"}, **values_of_terms(TERMS))
AGREED = act(
    "HostAgreed", 0, {"answered_by": "李*"}, said_by="3-1201", means="phone", gate="east", people=2, met=[], before=[0, 0]
)
IN = act("VisitorsArrived", 1, gate="east", people=2, met=["lead_in"])
OUT = act("VisitorsLeft", 2, gate="east", people=2)
OLD_IN = act("VisitorsArrived", -90, gate="east", people=2, met=["lead_in"])


@pytest.mark.parametrize(
    ("acts", "told", "facts", "state", "inside", "may_enter"),
    [
        ((), TOLD, {}, "approved", 0, 3),
        ((IN,), TOLD, {"uses": 2, "party": 2}, "in", 2, 1),
        ((IN, OUT), TOLD, {"uses": 2}, "out", 0, 3),
        ((), TOLD, {"uses": 1, "party": 1}, "in", 1, 2),  # a lane or another gate has let one in
        ((IN,), TOLD, {"uses": 2}, "out", 0, 3),  # and out again
        ((OLD_IN,), TOLD.model_copy(update={"state": "in"}), {"uses": 2, "party": 2}, "in", 2, 1),  # told of it already
        ((), TOLD.model_copy(update={"state": "in"}), {}, "in", 3, 0),  # let in by the office, which gates have not counted
        ((OUT,), TOLD.model_copy(update={"state": "in"}), {}, "in", 1, 2),
        ((), TOLD.model_copy(update={"state": "announced"}), {}, "announced", 0, 0),
        ((), TOLD.model_copy(update={"state": "cancelled"}), {"uses": 2, "party": 2}, "in", 2, 0),
        ((ASKED,), None, {}, "asked", 0, 0),
        ((ASKED, AGREED), None, {"uses": 2, "party": 2}, "in", 2, 0),
        ((ASKED, AGREED, OUT), None, {"uses": 2}, "out", 0, 0),
        ((ASKED, act("VisitRefused", 0, reason="no")), None, {}, "refused", 0, 0),
        ((ASKED, AGREED), AT_GATE, {"uses": 2, "party": 2}, "in", 2, 0),
        ((), None, {"party": 1, "uses": 1}, "in", 1, 0),  # by its code alone
        ((act("OfALaterVersion"), IN), TOLD, {"uses": 2, "party": 2}, "in", 2, 1),
    ],
)
def test_how_a_visit_stands(
    acts: tuple[Act, ...], told: VisitAtBooth | None, facts: dict[str, Any], state: str, inside: int, may_enter: int
) -> None:
    found = stands(*acts, told=told, **facts)
    assert found is not None
    if told is not None and told.state == "cancelled":
        assert found.is_inside
        return
    assert (found.visit.state, found.visit.inside) == (state, inside)
    assert found.may_enter == may_enter or told is None


def test_a_host_who_was_asked_at_another_gate_may_answer_here() -> None:
    host = "00000000-0000-7000-8000-000000000003"
    told = AT_GATE.model_copy(update={"host_id": host})
    found = stands(told=told)
    assert found is not None
    yes = act("HostAgreed", 0, said_by=found.visit.terms.host, means="phone", gate="east", people=2, met=[], before=[0, 0])
    agreed = stands(yes, told=told)
    assert agreed is not None
    assert (found.visit.terms.host, agreed.visit.state) == (host, "in")


def test_time_brings_an_end_about() -> None:
    late = stands(IN, at=NOW + timedelta(hours=3), uses=2, party=2)
    assert late is not None
    assert late.is_overdue
    waits = stands(act("VisitAsked", **values_of_terms(TERMS)), told=None, at=NOW + timedelta(hours=3))
    assert waits is not None
    assert waits.visit.state == "expired"
    assert stands(told=None) is None


def test_who_it_is_and_which_cards_are_lent() -> None:
    lent: dict[str, Any] = {f"lent:{CARD}": [str(VISIT), int(NOW.timestamp())]}
    found = stands(ASKED, AGREED, told=None, uses=2, party=2, **lent)
    assert found is not None
    assert (found.name, found.answered_by, found.before, found.newest) == ("钱*", "李*", (2, 2), "HostAgreed0")
    assert [(card.printed, card.since) for card in found.cards] == [("F001", NOW)]
    assert found.visit.lent == (str(CARD),)


MOVES = st.lists(st.tuples(st.sampled_from(["VisitorsArrived", "VisitorsLeft"]), st.integers(1, 3)), max_size=8)


@given(MOVES, st.integers(0, 8))
def test_what_the_registry_has_taken_over_makes_no_difference(moves: list[tuple[str, int]], through: int) -> None:
    """The same acts and facts come to the same visit, whichever of them the registry's record contains already."""
    presence, changed_at = Presence(), TOLD.changed_at
    acts: list[Act] = []
    for minute, (name, people) in enumerate(moves):
        values: dict[str, Any] = {"gate": "east", "people": people, "met": ["lead_in"]}
        facts: dict[str, Any] = {f: presence.facts.get(f"{f}:{VISIT}", 0) for f in ("uses", "party")}
        before = stands(*acts, **facts)
        assert before is not None
        if people > (before.may_enter if name == "VisitorsArrived" else before.visit.inside):
            continue
        changes = facts_of(FactAct("visit", str(VISIT), name, values, "in-1", NOW), presence)
        assert not isinstance(changes, str)
        presence = presence.after(changes)
        acts.append(act(name, minute, **values))
    facts = {f: presence.facts.get(f"{f}:{VISIT}", 0) for f in ("uses", "party")}
    now = stands(*acts, **facts)
    assert now is not None
    assert (now.visit.arrived, now.visit.inside) == (facts["uses"], facts["party"])
    through = min(through, len(acts))
    told_state = "approved"
    if through:
        known = stands(*acts[:through], **_counted(acts[:through]))
        assert known is not None
        told_state, changed_at = known.visit.state, int(acts[through - 1].at.timestamp())
    later = stands(*acts, told=TOLD.model_copy(update={"state": told_state, "changed_at": changed_at}), **facts)
    assert later is not None
    assert (later.visit.state, later.visit.arrived, later.visit.inside) == (now.visit.state, now.visit.arrived, now.visit.inside)


def _counted(acts: list[Act]) -> dict[str, Any]:
    came = sum(one.values["people"] for one in acts if one.name == "VisitorsArrived")
    return {"uses": came, "party": came - sum(one.values["people"] for one in acts if one.name == "VisitorsLeft")}


@pytest.mark.parametrize(
    "asked", ["赵", "ZM", "zm", "4321", "12d45", "b·12D45", "3-1201", "V-2026-000123", "123", "赵 4321", "李"]
)
def test_a_visit_is_found(asked: str) -> None:
    found = stands()
    assert found is not None
    assert finding.visits([found], asked) == [found]


@pytest.mark.parametrize("asked", ["", " ", "王", "4322", "432", "m", "赵 4322", "d4", "%", "·"])
def test_a_visit_is_not_found_by_what_does_not_fit(asked: str) -> None:
    found = stands()
    assert found is not None
    assert finding.visits([found], asked) == []


UNITS = [
    UnitAtBooth(id=UUID(int=n), label=label, initials=initials)
    for n, (label, initials) in enumerate(
        [("海棠苑3-1201", "hty"), ("海棠苑3-1202", "hty"), ("桂花苑1-1201", "ghy"), ("物业中心", "wyzx")]
    )
]


@pytest.mark.parametrize(
    ("asked", "labels"),
    [
        ("1202", ["海棠苑3-1202"]),
        ("3-1201", ["海棠苑3-1201"]),
        ("31201", ["海棠苑3-1201"]),
        ("hty1201", ["海棠苑3-1201"]),
        ("HTY 1201", ["海棠苑3-1201"]),
        ("1201", ["桂花苑1-1201", "海棠苑3-1201"]),
        ("海棠 1202", ["海棠苑3-1202"]),
        ("wyzx", ["物业中心"]),
        ("9999", []),
        ("-", []),
        ("", []),
    ],
)
def test_units_are_found(asked: str, labels: list[str]) -> None:
    assert [unit.label for unit in finding.units(UNITS, asked)] == labels
    only = finding.unit(UNITS, asked)
    assert (only.label if only else None) == (labels[0] if len(labels) == 1 else None)


@given(st.text(max_size=40))
def test_nothing_that_is_typed_breaks_the_search(asked: str) -> None:
    found = stands()
    assert found is not None
    assert finding.visits([found], asked) in ([], [found])
    assert len(finding.units(UNITS, asked)) <= len(UNITS)
    assert finding.card([CardAtBooth(id=CARD, printed="F001", state="stock")], asked) is None or asked


@pytest.mark.parametrize(
    ("state", "lent_by_office", "fact", "done", "is_free"),
    [
        ("stock", False, False, "", True),
        ("stock", False, True, "", False),
        ("active", True, False, "", False),
        ("active", True, False, "CardGivenBack", True),
        ("active", True, True, "CardGivenBack", False),
        ("revoked", True, False, "CardGivenBack", False),
        ("stock", False, False, "LentCardLost", False),
        ("active", True, False, "LentCardLost", False),
    ],
)
def test_which_visitor_cards_may_be_lent(state: str, lent_by_office: bool, fact: bool, done: str, is_free: bool) -> None:
    told = TOLD.model_copy(update={"lent": (LentCard(card=CARD, printed="F001"),) if lent_by_office else ()})
    acts = [act(done, card=str(CARD))] if done else []
    facts = {f"lent:{CARD}": [str(VISIT), 1]} if fact else {}
    card = CardAtBooth(id=CARD, printed="F001", state=state)
    records: Any = {VisitAtBooth: {told.id: told}, CardAtBooth: {CARD: card}}
    pages = Pages(1, records, acts, {str(VISIT): acts}, facts)
    assert (standing.free_cards(pages) == [card]) is is_free
    followed = {told.id: told.model_copy(update={"changed_at": int(NOW.timestamp()) + 60})}
    since = Pages(1, {**records, VisitAtBooth: followed}, acts, {str(VISIT): acts}, facts)
    assert (standing.free_cards(since) == [card]) is (state == "stock" and not fact), "then the registry's word counts"
