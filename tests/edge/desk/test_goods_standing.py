"""How a slip stands: what the registry told, what was done here since, and what gates let out, put together."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.contract.booth_records import LineAtBooth, SlipAtBooth
from access.contract.record_fields import Record
from access.workflows.events import Who
from access.workflows.release_slip import SlipLine, SlipTerms
from edge.desk.book import Act, Pages
from edge.desk.goods.doing import ends_at
from edge.desk.goods.sheet import obstacle
from edge.desk.goods.standing import Standing, all_standing, alone, quantity_of, standing_of

AT = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
SLIP = UUID("0190b6a0-0000-7000-8000-00000000000a")
GUARD = Who("1001", "guard")
LINES = (LineAtBooth(number=1, item="沙发", asked=3000), LineAtBooth(number=2, item="沙", asked=2500, unit="吨"))


def told(state: str = "approved", **changes: Any) -> SlipAtBooth:
    until = int((AT + timedelta(hours=20)).timestamp())
    slip = SlipAtBooth(
        id=SLIP,
        number="S000001",
        state=state,
        unit="3-1201",
        lines=LINES,
        valid_from=int((AT - timedelta(hours=1)).timestamp()),
        valid_until=until,
        changed_at=int(AT.timestamp()),
    )
    return slip.model_copy(update=changes)


def act(name: str, minutes: float = 1, values: Mapping[str, Any] | None = None, **details: Any) -> Act:
    at = AT + timedelta(minutes=minutes)
    return Act(f"e{minutes}", "slip", str(SLIP), name, at, "1001", "张*", "guard", "in-1", values or {}, details, "", "")


def shown(minutes: float = 1) -> Act:
    return act("SlipPresented", minutes, {"gate": "east"})


def trip(minutes: float, *released: tuple[int, str]) -> Act:
    parts = [{"line": line, "quantity": count} for line, count in released]
    return act("TripReleased", minutes, {"gate": "east", "released": parts}, carrier="王", plate="")


def pages(slip: SlipAtBooth | None, acts: Sequence[Act] = (), facts: Mapping[str, Any] | None = None) -> Pages:
    records: dict[type[Record], Mapping[UUID, Any]] = {SlipAtBooth: {slip.id: slip}} if slip else {}
    return Pages(1, records, acts, {str(SLIP): acts} if acts else {}, facts or {})


def standing(slip: SlipAtBooth | None, *acts: Act, minutes: float = 30, **out: int) -> Standing:
    facts = {f"released:{SLIP}:{line[1:]}": count for line, count in out.items()}
    found = standing_of(SLIP, pages(slip, acts, facts), AT + timedelta(minutes=minutes))
    assert found is not None
    return found


def left(slip: Standing) -> list[Decimal]:
    return [line.left for line in slip.lines]


@pytest.mark.parametrize(
    ("slip", "acts", "out", "state", "group"),
    [
        (told(), (), {}, "approved", "today"),
        (told(), (shown(),), {}, "presented", "today"),
        (told(), (shown(), trip(2, (1, "1"))), {"l1": 1000}, "partly_released", "partly"),
        (told(), (shown(), trip(2, (1, "3"), (2, "2.5"))), {"l1": 3000, "l2": 2500}, "released", "collect"),
        (told(), (trip(2, (1, "1")),), {}, "approved", "today"),  # nothing was shown: no trip
        (told(), (), {"l1": 3000, "l2": 2500}, "released", "collect"),  # at other gates
        (told("partly_released"), (), {"l1": 1000}, "partly_released", "partly"),
        (told(), (shown(), act("MismatchFound", 2, what="少一件")), {}, "held", "held"),
        (told("released"), (act("SlipCollected", 2),), {"l1": 3000, "l2": 2500}, "collected", ""),
        (told(), (shown(-5),), {}, "approved", "today"),  # before the registry's word: in it
        (told("cancelled", approved_by="1002"), (shown(),), {}, "cancelled", "collect"),
        (told("cancelled"), (), {}, "cancelled", ""),
        (told("nonsense"), (act("Nonsense"), act("TripReleased", 3, {"released": 1})), {}, "approved", "today"),
    ],
)
def test_states(slip: SlipAtBooth, acts: tuple[Act, ...], out: dict[str, int], state: str, group: str) -> None:
    found = standing(slip, *acts, **out)
    assert (found.record.state, found.group) == (state, group)


def test_what_went_out_is_counted_once() -> None:
    """By the facts, whoever told them: the act here, the registry that has taken it over, another gate."""
    both = (shown(), trip(2, (1, "1")))
    assert left(standing(told(), *both, l1=2000)) == [1, Decimal("2.5")]  # another gate let one out, too
    later = told("partly_released", changed_at=int((AT + timedelta(minutes=10)).timestamp()))
    assert left(standing(later, *both, l1=1000)) == [2, Decimal("2.5")]
    office = told("partly_released", lines=(LINES[0].model_copy(update={"released": 1000}), LINES[1]))
    assert left(standing(office, *both, l1=1000)) == [1, Decimal("2.5")]
    assert standing(office, *both, l1=1000).elsewhere
    assert not standing(told(), *both, l1=1000).elsewhere


def test_more_than_was_left_is_nothing_left() -> None:
    found = standing(told("partly_released"), l1=9000)
    assert left(found)[0] == 0
    assert (found.bar.pieces, found.bar.pieces_all, found.bar.lines) == (3, 3, 1)


def test_the_day_ends() -> None:
    over = 21 * 60
    assert standing(told(), minutes=over).record.state == "expired"
    used = standing(told("partly_released"), minutes=over, l1=1000)
    assert (used.record.forgotten, used.group) == (True, "collect")


def test_a_slip_that_began_here() -> None:
    line = {"number": 1, "item": "冰箱", "asked": "1", "unit": "台"}
    terms = {"number": "", "right": "owner", "lines": [line], "valid_until": (AT + timedelta(hours=9)).isoformat(), "day": ""}
    drafted = act("SlipDrafted", 1, {"terms": terms}, applicant="李先生", plates=["粤B12345"], papers=[], unit="5-902")
    found = standing(None, drafted, act("SlipSubmitted", 2))
    assert (found.record.state, found.group, found.unit, found.known) == ("submitted", "night", "5-902", "night")
    assert (found.number, found.record.terms.applicant) == ("N-000A", "李*")
    night = act("SlipApprovedAtNight", 3, {"only_gate": "east"}, reason="搬家公司在等")
    leader = replace(night, guard="1009", role="shift_leader")
    approved = standing(None, drafted, act("SlipSubmitted", 2), leader)
    assert (approved.record.state, approved.record.only_gate, approved.reason) == ("approved", "east", "搬家公司在等")
    assert standing(None, drafted, act("SlipSubmitted", 2), night).record.state == "submitted", "a guard approves nothing"
    elsewhere = obstacle(approved, "west", GUARD, AT)
    assert elsewhere is not None
    assert elsewhere.code == "wrong_gate"
    own = obstacle(approved, "east", Who("1009", "shift_leader"), AT)
    assert own is not None
    assert own.code == "issuer_checks"
    back = told(approved_by="1009", only_gate="east", changed_at=int((AT + timedelta(minutes=5)).timestamp()))
    (once,) = all_standing(pages(back, (drafted, leader)), AT + timedelta(minutes=6))
    assert (once.known, once.number) == ("registry", "S000001")


def test_a_slip_known_by_its_code_alone() -> None:
    terms = {"number": "S7", "valid_until": (AT + timedelta(hours=9)).isoformat()}
    said = {"terms": {**terms, "lines": []}, "valid_from": int(AT.timestamp()), "vehicles": []}
    first = act("SlipPresented", 1, {"gate": "east", "code": said}, unit="5-902")
    line = {"number": 1, "item": "冰箱", "asked": "2"}
    typed = act("SlipPresented", 2, {"gate": "east", "code": {**said, "terms": {**terms, "lines": [line]}}}, unit="5-902")
    assert standing(None, first).lines == ()
    found = standing(None, first, typed, trip(3, (1, "1")), l1=1000)
    assert (found.number, found.unit, found.record.state) == ("S7", "5-902", "partly_released")
    assert left(found) == [1]


def test_nobody_knows_it() -> None:
    assert standing_of(SLIP, pages(None), AT) is None
    assert standing_of(SLIP, pages(None, (act("SlipCollected"),)), AT) is None


@pytest.mark.parametrize(
    ("slip", "at", "code"),
    [
        (told("held"), AT, "slip_held"),
        (told("cancelled"), AT, "slip_cancelled"),
        (told("corrected"), AT, "slip_corrected"),
        (told("collected"), AT, "slip_collected"),
        (told(only_gate="west"), AT, "wrong_gate"),
        (told(approved_by="1001"), AT, "issuer_checks"),
        (told(), AT + timedelta(days=2), "slip_over_now"),
    ],
)
def test_what_stands_in_the_way(slip: SlipAtBooth, at: datetime, code: str) -> None:
    found = standing_of(SLIP, pages(slip), at)
    assert found is not None
    refused = obstacle(found, "east", GUARD, at)
    assert refused is not None
    assert refused.code == code


def test_nothing_stands_in_the_way() -> None:
    assert obstacle(standing(told()), "east", GUARD, AT) is None


@given(st.lists(st.tuples(st.integers(1, 2), st.integers(1, 4), st.booleans()), max_size=8))
def test_trips_here_and_elsewhere_never_leave_less_than_nothing(trips: list[tuple[int, int, bool]]) -> None:
    """A trip here is only taken for one while it fits; what is left is what all gates left."""
    out = {1: 0, 2: 0}
    acts = [shown(0.5)]
    for minute, (line, count, here) in enumerate(trips, 1):
        out[line] += count * 1000
        acts += [trip(minute, (line, str(count)))] if here else []
    found = standing(told(), *acts, l1=out[1], l2=out[2])
    assert left(found) == [max(Decimal(), Decimal(line.asked - out[line.number]) / 1000) for line in LINES]
    assert found.record.state == ("presented" if not trips else "partly_released" if any(left(found)) else "released")


@pytest.mark.parametrize(
    ("text", "count"),
    [("2", 2), ("", 0), ("0", 0), ("1.5", Decimal("1.5")), ("1,5", Decimal("1.5")), (" 3 ", 3)]
    + [(text, None) for text in ("4", "-1", "x", "NaN", "Infinity", "1.0001", "1e400")],
)
def test_quantities(text: str, count: Decimal | None) -> None:
    terms = SlipTerms("S7", lines=(SlipLine(1, "箱", Decimal(3)),), valid_until=AT)
    assert quantity_of(text, alone(SLIP, terms).lines[0]) == count


@pytest.mark.parametrize(("hour", "ends"), [(3, "03-03 00:00"), (23, "03-03 05:00"), (17, "03-03 00:00")])
def test_until_when_a_slip_of_the_night_is_valid(hour: int, ends: str) -> None:
    at = datetime(2026, 3, 2, hour, 0, tzinfo=UTC)
    assert f"{ends_at(at, 'UTC'):%m-%d %H:%M}" == ends
