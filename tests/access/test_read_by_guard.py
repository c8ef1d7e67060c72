"""A plate as a guard reads it lets in nobody but who is on record by exactly that one."""

from dataclasses import replace
from uuid import UUID

from hypothesis import given
from hypothesis import settings as sizes
from hypothesis import strategies as st

from access.case import GUARD, Presented
from access.decision import decide
from access.entries import Decided
from access.plate import PROVINCES, normalise
from access.presence import Presence
from access.replay import Unjudged, again
from simulators.standalone import resident, small_rules, vehicle
from tests.access.rules_world import snapshot
from tests.access.test_finding import DOUBTFUL_THIRD, LI, LIS_PLATE, plate_out
from tests.access.test_replay import AT, entry
from tests.sizes import sized

OTHERS_PLATE, POLICE = "粤B12045", "粤B1204警"
GENEROUS = {"inexact": ["resident"], "emergency_plates": "grant", "emergency": "grant", "officers": "grant"}
RULES = snapshot(
    1,
    [
        *(
            (kind, identity, {**data, **GENEROUS} if kind == "lane" else data)
            for kind, identity, data in small_rules(bytes(range(32)), ["out-1"])
        ),
        resident(LI, "李*", "3-1201"),
        vehicle(UUID(int=15), LI, LIS_PLATE),
        vehicle(UUID(int=16), LI, OTHERS_PLATE),
    ],
)
LANE = RULES.lanes["out-1"]

characters = st.sampled_from("0123456789ABCDEFGHJKLMNPQRSTUVWXYZIO警学?·" + PROVINCES[:6])


@st.composite
def typed(draw: st.DrawFn) -> str:
    """A plate on record with a few slips of the finger, or anything."""
    text = list(draw(st.sampled_from([LIS_PLATE, OTHERS_PLATE, POLICE])))
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(text) - 1))
        text[at : at + draw(st.integers(0, 1))] = [draw(characters)]
    return "".join(text) or draw(st.text(max_size=9))


@given(text=typed(), direction=st.sampled_from(["in", "out"]), inside=st.booleans())
@sizes(max_examples=sized(quick=150, soak=20_000), deadline=None)
def test_a_stranger_is_never_let_in_by_what_a_guard_types(text: str, direction: str, inside: bool) -> None:
    plate = normalise(text)
    presence = Presence().after([("set", f"at:{UUID(int=15)}", ["site", 1])], LIS_PLATE) if inside else Presence()
    decision = decide(Presented("plate", text, plate, direction, by_guard=True), LANE, RULES, presence, AT)
    on_record = plate in (LIS_PLATE, OTHERS_PLATE)
    assert (decision.outcome == "grant") <= on_record
    assert on_record == bool(decision.match.exact)


def test_what_the_lane_opens_on_otherwise_it_does_not_for_a_guards_reading() -> None:
    read = plate_out("粤BBD2X7", DOUBTFUL_THIRD)
    assert decide(read, LANE, RULES, Presence(), AT).reason == "inexact_ok"
    assert decide(replace(read, by_guard=True), LANE, RULES, Presence(), AT).outcome == "refer"
    police = Presented("plate", POLICE, POLICE, "in")
    assert decide(police, LANE, RULES, Presence(), AT).reason == "emergency_ok"
    assert decide(replace(police, by_guard=True), LANE, RULES, Presence(), AT).reason == "emergency_refer"


def test_a_decision_on_a_guards_reading_is_made_again_as_it_was() -> None:
    decision = decide(Presented("plate", POLICE, POLICE, "out", by_guard=True), LANE, RULES, Presence(), AT)
    at_us = round(AT.timestamp() * 1e6)
    body = Decided(decision.outcome, decision.reason, "plate", GUARD, 1, "out", at_us=at_us, text=POLICE)
    made = again(entry(body), body, RULES, Presence())
    assert not isinstance(made, Unjudged)
    assert (made.outcome, made.reason) == ("refer", "emergency_refer")
