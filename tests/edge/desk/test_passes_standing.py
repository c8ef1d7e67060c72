"""How a pass stands: of the registry's record, what guards did since and the presence, whatever order they were done in. Pure."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from access.acting.act import Act as Asked
from access.acting.passes import pass_facts
from access.contract.booth_records import GateAtBooth, PassAtBooth
from access.contract.records import PermitRecord, ScheduleRecord, Span
from access.presence import Presence, Value
from access.workflows.contractor_pass import ContractorPass
from access.workflows.events import Who
from access.workflows.refusals import Refusal
from edge.desk.book import Act, Pages
from edge.desk.passes import acts as doing
from edge.desk.passes.standing import Board, Count, finder, numbered
from tests.edge.desk.contractors import NOW, OTHER, PASS, PERMIT, pass_told, permit_told
from tests.sizes import sized

AT = datetime.fromtimestamp(NOW, UTC)
ZONE = ZoneInfo("Asia/Shanghai")
HOURS = UUID(int=0x700)
HERE, WEST = frozenset({"east-in", "east-out"}), frozenset({"west-in"})
LEE = Who("1001", "guard")
IN = {f"held:{PASS}": ["east-in", NOW - 60, f"permit:{PERMIT}"]}
AWAY = {f"held:{PASS}": ["west-in", NOW - 60, f"permit:{PERMIT}"]}
MOVED = {f"transfer:{PASS}": ["east-in", NOW - 60, "west-in"]}
FETCH = {f"transfer:{PASS}": ["west-in", NOW - 60, "east-out"]}


def done(name: str, minutes: int = 0, guard: str = "1001", **values: Any) -> Act:
    at = AT + timedelta(minutes=minutes)
    return Act(f"{name}{minutes}", "pass", str(PASS), name, at, guard, "李", "guard", "in-1", values, {}, "", "")


def board(
    *records: PassAtBooth | PermitRecord | ScheduleRecord | GateAtBooth,
    facts: dict[str, Any] | None = None,
    acts: tuple[Act, ...] = (),
    lanes: frozenset[str] = HERE,
    at: datetime = AT,
) -> Board:
    by_kind: dict[type[Any], dict[UUID, Any]] = {}
    for record in records or (pass_told(), permit_told()):
        by_kind.setdefault(type(record), {})[record.id] = record
    by_identity = {str(PASS): [act for act in acts if act.identity == str(PASS)]}
    return Board(Pages(1, by_kind, acts, by_identity, facts or {}), "east", "another post", lanes, ZONE, at)


def refused(here: Board) -> str:
    refusal = here.may_enter(here.passes[PASS], LEE)
    return refusal.code if refusal else ""


@pytest.mark.parametrize(
    ("facts", "lanes", "inside", "on_board", "fetch", "refusal"),
    [
        ({}, HERE, False, False, False, ""),
        (IN, HERE, True, True, False, "already_inside"),
        (IN, WEST, True, False, False, "already_inside"),
        (AWAY, HERE, True, False, False, "already_inside"),
        (MOVED, HERE, False, True, False, "duplicate_in_transfer"),
        (MOVED, WEST, False, False, True, "duplicate_in_transfer"),
        (FETCH, HERE, False, False, True, "duplicate_in_transfer"),
        (MOVED, frozenset({"north"}), False, False, False, "duplicate_in_transfer"),
        ({f"held:{PASS}": "nonsense"}, HERE, False, False, False, ""),
    ],
)
def test_a_duplicate_hangs_at_one_post(
    facts: dict[str, Any], lanes: frozenset[str], inside: bool, on_board: bool, fetch: bool, refusal: str
) -> None:
    here = board(facts=facts, lanes=lanes)
    now = here.passes[PASS]
    assert (now.is_inside, now.is_on_board, now in here.to_fetch) == (inside, on_board, fetch)
    assert ([one.id for one in here.holes] == [PASS]) is on_board
    assert refused(here) == refusal


def test_other_posts_are_called_by_their_names() -> None:
    lanes = [UUID(int=n) for n in (0x801, 0x802, 0x803)]
    gates = (
        GateAtBooth(id=UUID(int=0x901), name="North gate", posts=("post 2",), lanes=(lanes[0],)),
        GateAtBooth(id=UUID(int=0x902), name="West gate", posts=("post 3", "post 4"), lanes=(lanes[1],)),
        GateAtBooth(id=UUID(int=0x903), name="east", lanes=(lanes[2],)),  # called as this post is: nobody could tell them apart
    )

    def record(name: str, *value: Any) -> ContractorPass:
        return board(pass_told(), permit_told(), *gates, facts={f"{name}:{PASS}": [*value]}).passes[PASS].record

    held = [record("held", str(lane), NOW - 60).held_at for lane in lanes]
    assert held == ["post 2", "West gate", "another post"]
    moved = record("transfer", "east-in", NOW - 60, str(lanes[0]))
    assert (moved.held_at, moved.left_by) == ("east", "post 2")


def test_overdue_ones_are_on_top_and_unknown_ones_are_not_hidden() -> None:
    late = pass_told(OTHER, "P-0043", valid_until=NOW - 1)
    facts: dict[str, Any] = {
        **IN,
        f"held:{OTHER}": ["east-out", NOW - 5],
        f"held:{UUID(int=5)}": ["east-in", 7],
        "held:x": ["", 1],
    }
    here = board(pass_told(), late, permit_told(), facts=facts)
    assert [(one.id, one.late) for one in here.holes] == [(OTHER, "validity"), (PASS, "")]
    assert [place.since for place in here.strangers] == [7]
    assert here.places_left(pass_told()) == 1  # of three: the other is on the same permit


def test_working_hours_are_those_of_the_schedule() -> None:
    works = ScheduleRecord(id=HOURS, name="8-18", spans=(Span(days=(0, 1, 2, 3, 4, 5, 6), start="08:00", end="18:00"),))
    told = pass_told(schedule=HOURS, valid_from=0)
    day, night = (datetime.fromtimestamp(NOW, ZONE).replace(hour=hour) - timedelta(days=1) for hour in (12, 20))
    assert refused(board(told, permit_told(), works, at=day)) == ""
    assert refused(board(told, permit_told(), works, at=night)) == "outside_hours"
    assert refused(board(told, permit_told(), at=day)) == "outside_hours"  # a schedule that nobody told
    assert board(told, permit_told(), works, facts=IN, at=night).holes[0].late == "hours"


@pytest.mark.parametrize(
    ("acts", "state", "violations"),
    [
        ((), "active", ()),
        ((done("PassLost"),), "lost", ()),
        ((done("PassLost"), done("PassConfiscated", 1, reason="x")), "confiscated", ()),
        ((done("PassConfiscated", reason="x"), done("PassLost", 1)), "confiscated", ()),  # refused: it counts for nothing
        ((done("PassConfiscated", reason=""),), "active", ()),
        ((done("ViolationReported", what="3-1202"), done("ViolationReported", 1, what="3-1202")), "active", ("3-1202",)),
        ((done("PassLost", -120),), "active", ()),  # the registry's record is newer
        ((done("PassConfiscated", other=1), done("WorkerEntered"), done("Unheard")), "active", ()),
    ],
)
def test_what_guards_did_since_counts_until_the_registry_tells_it(
    acts: tuple[Act, ...], state: str, violations: tuple[str, ...]
) -> None:
    record = board(acts=acts, at=AT + timedelta(minutes=5)).passes[PASS].record
    assert (record.state, record.violations) == (state, violations)


def test_the_last_count_is_that_of_one_guard_at_one_time() -> None:
    counted = (
        done("DuplicateCounted", -9, expected=True, found=True),
        done("DuplicateCounted", expected=True, found=False),
        done("DuplicateCounted", expected=True, found=True),
    )
    assert board(acts=counted).last_count == Count(AT, 2, 1)
    assert board().last_count is None


@pytest.mark.parametrize(("text", "mark"), [("P-0042", ""), (" p-0042-o", "O"), ("P-0042-D", "D")])
def test_a_number_or_a_part_means_one_pass(text: str, mark: str) -> None:
    told = [one.told for one in board().passes.values()]
    assert numbered(told, text) == (told[0], mark)
    assert numbered(told, "P-004") == (None, "")
    assert not any(map(finder("  "), board().passes.values()))


@given(
    st.lists(st.tuples(st.sampled_from(["east", "west"]), st.sampled_from(["enter", "leave", "back", "count"]), st.booleans()))
)
@settings(max_examples=sized(quick=60, soak=3000), deadline=None)
def test_no_order_of_acts_loses_a_duplicate(steps: list[tuple[str, str, bool]]) -> None:
    """At two posts: it is in one hand or on one board; who is inside takes a place; what a page allows the gate writes."""
    presence = Presence()
    told = (pass_told(leaves_anywhere=True), permit_told())
    for post, act, found in steps:
        lanes, lane = (HERE, "east-in") if post == "east" else (WEST, "west-in")
        here = board(*told, facts=dict(presence.facts.items()), lanes=lanes)
        now = here.passes[PASS]
        made = doing.make(act, here, now, doing.Asked("P-0042-O", "P-0042-D", found=found), LEE)
        if isinstance(made, doing.Fault):
            assert isinstance(made.refusal, Refusal)
            continue
        changes = pass_facts(Asked("pass", str(PASS), type(made.event).__name__, made.values, lane, AT), presence)
        assert not isinstance(changes, str)
        presence = presence.after(changes)
        facts: dict[str, Value] = dict(presence.facts.items())
        held, moved = (f"{family}:{PASS}" in facts for family in ("held", "transfer"))
        assert not (held and moved)
        assert facts.get(f"permit:{PERMIT}", 0) == held
        boards = [board(*told, facts=facts, lanes=lanes) for lanes in (HERE, WEST)]
        assert sum(len(one.holes) for one in boards) == (held or moved)
