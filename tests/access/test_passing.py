"""What a grant uses up and a passage moves: each count once, however often, and in whatever order, somebody goes through."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.on_record import ContractorPass, LaneRules, Validity, Visit
from access.passing import Passing, chosen_pass, chosen_visit, on_grant, on_passage, on_return, zones
from access.presence import OUTSIDE, SITE, Change, Presence
from tests.access.rules.world import moment, named

AT = moment("2026-03-02 12:00")
SECONDS = int(AT.timestamp())
YARD, GARAGE = "yard", "garage"
HERE = LaneRules(UUID(int=1), "east", "east", "vehicle", "both", "normal", "refer")


def goes(direction: str, origin: str, destination: str, **more: Any) -> Passing:
    return Passing(
        **{"subject": "car", "vehicle": True, "quota": "q", **more},
        direction=direction,
        lane="lane",
        origin=origin,
        destination=destination,
    )


def after(*passages: Passing, start: Presence | None = None) -> dict[str, Any]:
    """Return the facts after some passages, but for where the car is."""
    presence = start or Presence()
    for passing in passages:
        presence = presence.after(on_passage(passing, presence, AT))
    return {name: value for name, value in presence.facts.items() if not name.startswith("at:")}


IN, OUT = goes("in", OUTSIDE, YARD), goes("out", YARD, OUTSIDE)
OTHER = goes("in", OUTSIDE, YARD, subject="other car")
DOWN, UP = goes("in", YARD, GARAGE), goes("out", GARAGE, YARD)


@pytest.mark.parametrize(
    ("passages", "facts"),
    [
        ([IN], {"zone:yard": 1, "quota:q": 1}),
        ([IN, OUT], {}),
        ([IN, IN], {"zone:yard": 1, "quota:q": 1}),  # a missed exit
        ([IN, OUT, OUT], {}),
        ([OUT], {}),  # nobody saw it come in
        ([IN, DOWN], {"zone:garage": 1, "quota:q": 1}),  # one space, in whichever zone
        ([IN, DOWN, UP], {"zone:yard": 1, "quota:q": 1}),
        ([IN, DOWN, UP, OUT], {}),
        ([DOWN], {"zone:garage": 1, "quota:q": 1}),  # nobody saw it come onto the site
        ([OTHER, OUT], {"zone:yard": 1, "quota:q": 1}),  # nobody saw it come in: it gives no other's space back
        ([IN, DOWN, OUT], {}),  # nobody saw it leave the garage
        ([IN, DOWN, OUT, IN], {"zone:yard": 1, "quota:q": 1}),
    ],
)
def test_what_is_counted(passages: list[Passing], facts: dict[str, Any]) -> None:
    assert after(*passages) == facts


def test_one_that_has_no_name_is_counted_by_its_lane() -> None:
    nameless = {"subject": "", "quota": "", "nameless": True}
    coming, leaving = goes("in", OUTSIDE, YARD, **nameless), goes("out", YARD, OUTSIDE, **nameless)
    assert after(coming, coming) == {"zone:yard": 2}
    assert after(coming, coming, leaving) == {"zone:yard": 1, "left:yard": SECONDS}
    assert after(goes("in", OUTSIDE, YARD, **{**nameless, "vehicle": False})) == {}


def test_people_on_foot_take_no_room() -> None:
    assert after(goes("in", OUTSIDE, YARD, subject="li", vehicle=False, quota="")) == {}


def test_where_somebody_is_and_since_when() -> None:
    presence = Presence().after(on_passage(IN, Presence(), AT), plate="粤B8D2Z5")
    assert presence.facts.get("at:car") == [YARD, SECONDS, "zone:yard", "quota:q"]
    assert presence.plates.alike("粤BBD2Z5") == (("car", "粤B8D2Z5"),)
    gone = presence.after(on_passage(OUT, presence, AT), plate="粤B8D2Z5")
    assert gone.facts.get("at:car") == [OUTSIDE, SECONDS]
    assert gone.plates.alike("粤BBD2Z5") == ()


def test_a_use_of_a_visit_is_recorded_at_the_grant_and_given_back_where_nobody_passes() -> None:
    guest = goes("in", OUTSIDE, YARD, quota="", visit="v")
    used = Presence().after(on_grant(guest))
    assert used.facts.get("uses:v") == 1
    assert used.after(on_return(guest)).facts.get("uses:v") is None
    leaving = goes("out", YARD, OUTSIDE, quota="", visit="v")
    assert on_grant(leaving) == on_return(leaving) == on_grant(IN) == on_return(IN) == ()


def test_a_party_is_counted_one_by_one() -> None:
    guest = goes("in", OUTSIDE, YARD, quota="", visit="v")
    leaving = goes("out", YARD, OUTSIDE, quota="", visit="v")
    assert after(guest, guest) == {"zone:yard": 1, "party:v": 2}
    assert after(guest, guest, leaving)["party:v"] == 1


def test_a_duplicate_lies_at_the_post_while_its_holder_is_in() -> None:
    worker = {"subject": "li", "vehicle": False, "quota": "", "contractor_pass": "p", "permit": "m"}
    coming, leaving = goes("in", OUTSIDE, YARD, **worker), goes("out", YARD, OUTSIDE, **worker)
    held = {"held:p": ["lane", SECONDS, "permit:m"], "permit:m": 1}
    assert after(coming) == after(coming, coming) == held
    assert after(coming, leaving) == after(coming, leaving, leaving) == {}


def test_a_duplicate_stays_behind_in_transfer_where_its_holder_leaves_by_the_reader_of_another_gate() -> None:
    worker = {"subject": "li", "vehicle": False, "quota": "", "contractor_pass": "p", "permit": "m"}
    coming = goes("in", OUTSIDE, YARD, **worker, own_lanes=frozenset({"lane"}))
    here, elsewhere = (goes("out", YARD, OUTSIDE, **worker, own_lanes=frozenset(own)) for own in (["lane", "b"], ["west"]))
    assert after(coming, here) == {}
    moved = {"transfer:p": ["lane", SECONDS, "lane"]}  # where it hangs, and the lane left by: both called so here
    assert after(coming, elsewhere) == after(coming, elsewhere, elsewhere) == moved
    assert after(coming, elsewhere, coming) == {"held:p": ["lane", SECONDS, "permit:m"], "permit:m": 1}


def test_nobody_is_counted_out_of_where_nobody_is_counted() -> None:
    unseen = goes("out", YARD, OUTSIDE, subject="", nameless=True, quota="")
    assert after(IN, unseen, unseen) == {"quota:q": 1, "left:yard": SECONDS}
    assert after(IN, unseen, OUT) == {"left:yard": SECONDS}  # it was the unseen one
    assert after(IN, unseen, OUT, IN)["zone:yard"] == 1
    heard_before_its_entry = Presence().after([("add", "zone:yard", -1)])
    assert after(unseen, start=heard_before_its_entry)["zone:yard"] == -1


@pytest.mark.parametrize(
    ("passages", "facts"),
    [
        ([OUT], {}),
        ([IN], {"zone:yard": 1, "quota:q": 1}),
        ([DOWN], {"zone:garage": 1, "quota:q": 1}),
        ([DOWN, OUT], {}),
        ([OTHER, OUT], {"zone:yard": 1, "quota:q": 1}),
    ],
)
def test_what_was_added_for_a_car_before_it_was_said_with_it_is_taken_over(
    passages: list[Passing], facts: dict[str, Any]
) -> None:
    before = Presence().after([("set", "at:car", [YARD, 1]), ("add", "zone:yard", 1), ("add", "quota:q", 1)])
    assert after(*passages, start=before) == facts


def test_what_was_added_before_with_a_card_or_a_pass_is_taken_over() -> None:
    added: list[Change] = [("add", name, 1) for name in ("zone:yard", "quota:q", "permit:m", "party:v")]
    placed: list[Change] = [("set", "at:li", [YARD, 1]), ("set", "car:li", 1), ("set", "held:p", ["east", 1])]
    leaving = goes("out", YARD, OUTSIDE, subject="li", by_card=True, contractor_pass="p", permit="m", visit="v")
    assert after(leaving, start=Presence().after([*added, *placed])) == {}


BY_CARD = {"subject": "li", "by_card": True}
DRIVES_IN, DRIVES_OUT = goes("in", OUTSIDE, YARD, **BY_CARD), goes("out", YARD, OUTSIDE, **BY_CARD)
DRIVES_DOWN = goes("in", YARD, GARAGE, **BY_CARD)
WALKS_OUT = goes("out", YARD, OUTSIDE, subject="li", vehicle=False, quota="")


@pytest.mark.parametrize(
    ("passages", "facts"),
    [
        ([DRIVES_IN], {"car:li": [YARD, SECONDS, "zone:yard", "quota:q"], "zone:yard": 1, "quota:q": 1}),
        ([DRIVES_IN, WALKS_OUT], {"car:li": [YARD, SECONDS, "zone:yard", "quota:q"], "zone:yard": 1, "quota:q": 1}),
        ([DRIVES_IN, DRIVES_DOWN], {"car:li": [GARAGE, SECONDS, "zone:garage", "quota:q"], "zone:garage": 1, "quota:q": 1}),
        ([DRIVES_IN, DRIVES_OUT], {}),
        ([DRIVES_IN, WALKS_OUT, DRIVES_OUT], {}),  # nobody saw them walk in
        ([DRIVES_OUT], {}),
        ([IN, DRIVES_DOWN], {"zone:garage": 1, "quota:q": 1}),  # it may be the one that came in by its plate
        ([IN, DRIVES_OUT], {"zone:yard": 1, "quota:q": 1}),  # and is counted out by that
    ],
)
def test_a_car_of_which_nobody_knows_more_than_the_card_is_counted_beside_its_driver(
    passages: list[Passing], facts: dict[str, Any]
) -> None:
    assert after(*passages) == facts


def test_who_left_where_nobody_knew_of_them_has_the_last_word() -> None:
    guest = goes("out", YARD, OUTSIDE, subject="li", by_card=True, visit="v", contractor_pass="p", permit="m")
    dropped = [name for how, name, _ in on_passage(guest, Presence(), AT) if how == "drop"]
    assert dropped == ["car:li", "party:v", "held:p"]


def test_marks_of_a_trip_end_with_it() -> None:
    marked = Presence().after([("set", "loading:car", SECONDS), ("set", "cleared:car", SECONDS), ("set", "loading:other", 1)])
    assert after(OUT, start=marked) == {"loading:other": 1}
    assert after(IN, start=marked).keys() >= {"loading:car", "cleared:car"}


def test_the_first_person_of_a_lane() -> None:
    first = {"subject": "li", "vehicle": False, "quota": "", "first": True}
    assert after(goes("in", OUTSIDE, YARD, **first)) == {"first:lane": SECONDS}
    assert after(goes("out", YARD, OUTSIDE, **first)) == {}


@given(st.lists(st.sampled_from((IN, OUT, DOWN, UP)), max_size=12))
def test_one_car_is_never_counted_twice(passages: list[Passing]) -> None:
    facts = after(*passages)
    counts = [facts.get(name, 0) for name in ("zone:yard", "zone:garage")]
    assert sum(counts) in (0, 1)
    assert facts.get("quota:q", 0) == sum(counts)


@pytest.mark.parametrize(
    ("inner", "outer", "direction", "way"),
    [
        (None, None, "in", (OUTSIDE, SITE)),
        (None, None, "out", (SITE, OUTSIDE)),
        ("garage", "yard", "in", (str(named("yard")), str(named("garage")))),
        ("garage", "yard", "out", (str(named("garage")), str(named("yard")))),
        ("yard", None, "in", (OUTSIDE, str(named("yard")))),
    ],
)
def test_the_zones_of_a_passage(inner: str | None, outer: str | None, direction: str, way: tuple[str, str]) -> None:
    inner_zone, outer_zone = (named(name) if name else None for name in (inner, outer))
    lane = replace(HERE, inner_zone=inner_zone, outer_zone=outer_zone)
    assert zones(lane, direction) == way


# --- which of several visits or passes ------------------------------------------------------------


@dataclass(frozen=True)
class Chosen:
    """Which of some windows (from, until, and whatever differs) is meant, by their numbers, at noon: coming in and going out."""

    windows: tuple[tuple[str, str], ...]
    entering: int
    leaving: int
    differs: dict[int, dict[str, Any]] = field(default_factory=dict)


PAST, NOW, SOON = (
    ("2026-03-01 09:00", "2026-03-01 18:00"),
    ("2026-03-02 09:00", "2026-03-02 18:00"),
    ("2026-03-03 09:00", "2026-03-03 18:00"),
)
OLDER, LATER = ("2026-02-01 09:00", "2026-02-01 18:00"), ("2026-04-01 09:00", "2026-04-01 18:00")
CHOICES = {
    "in its window": Chosen((PAST, NOW, SOON), 1, 1),
    "the next to come, the last that was": Chosen((OLDER, PAST, SOON, LATER), 2, 1),
    "only past": Chosen((OLDER, PAST), 1, 1),
    "only to come": Chosen((SOON, LATER), 0, 0),
    "of two in their windows the one in force": Chosen((NOW, NOW), 1, 1, {0: {"status": "lost"}}),
}


def windows(choice: Chosen) -> Iterator[tuple[int, Validity, dict[str, Any]]]:
    for at, (since, until) in enumerate(choice.windows):
        yield at, Validity(moment(since), moment(until)), choice.differs.get(at, {})


@pytest.mark.parametrize("name", CHOICES)
def test_which_pass_is_meant(name: str) -> None:
    passes = [
        ContractorPass(UUID(int=at), str(at), UUID(int=9), more.get("status", "active"), (), frozenset(), window)
        for at, window, more in windows(CHOICES[name])
    ]
    found = [chosen_pass(passes, direction, AT) for direction in ("in", "out")]
    assert [one.number for one in found if one] == [str(CHOICES[name].entering), str(CHOICES[name].leaving)]
    assert chosen_pass((), "in", AT) is None


@pytest.mark.parametrize("name", CHOICES)
def test_which_visit_is_meant(name: str) -> None:
    visits = [
        Visit(UUID(int=at), "ordinary", more.get("status", "approved"), "", window, frozenset(), 1, 1, ())
        for at, window, more in windows(CHOICES[name])
    ]
    found = [chosen_visit(visits, HERE, direction, AT) for direction in ("in", "out")]
    assert [one.id.int for one in found if one] == [CHOICES[name].entering, CHOICES[name].leaving]
    assert chosen_visit((), HERE, "in", AT) is None


def test_facts_tell_which_pass_or_visit_is_meant() -> None:
    earlier, later = (Validity(moment(f"2026-03-02 0{hour}:00"), None) for hour in (8, 9))
    visits = [Visit(UUID(int=at), "", "approved", "", of, frozenset(), 1, 1, ()) for at, of in ((1, earlier), (2, later))]
    passes = [
        ContractorPass(UUID(int=at), "", UUID(int=9), "active", (), frozenset(), of) for at, of in ((1, earlier), (2, later))
    ]
    inside = {f"party:{UUID(int=1)}": 1, f"held:{UUID(int=1)}": ["east", 1]}
    used = {f"uses:{UUID(int=2)}": 1}
    assert chosen_visit(visits, HERE, "in", AT) == chosen_visit(visits, HERE, "in", AT, inside.get) == visits[1]
    assert chosen_visit(visits, HERE, "in", AT, used.get) == visits[0]
    assert chosen_visit(visits, HERE, "out", AT, inside.get) == visits[0]
    assert chosen_pass(passes, "out", AT, inside.get) == passes[0]
