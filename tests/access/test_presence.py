"""The presence: facts that entries change, and a decision's own view of them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.plate_index import asked, folded
from access.presence import ALIKE_MAX, Change, Known, Plates, Presence, PresenceError, Value, Whereabouts

SINCE = 1772409600
EPOCH = datetime.fromtimestamp(SINCE, UTC)
PLATES = st.text("粤京B8D0Q1", min_size=4, max_size=7)


def known(*changes: Change) -> Known:
    return Known(Presence().after(changes))


@pytest.mark.parametrize(
    ("changes", "value"),
    [
        ([], None),
        ([("set", "n", 3)], 3),
        ([("set", "n", 3), ("set", "n", 5)], 5),
        ([("set", "n", ["east", SINCE])], ["east", SINCE]),
        ([("add", "n", 1)], 1),
        ([("add", "n", 1), ("add", "n", 2)], 3),
        ([("add", "n", 1), ("add", "n", -1)], None),
        ([("add", "n", -1)], 0),  # what it is taken from has not been heard of
        ([("add", "n", -1), ("add", "n", 1)], None),
        ([("add", "n", 1), ("add", "n", -5), ("add", "n", 1)], 0),
        ([("set", "n", "word"), ("add", "n", 2)], 2),
        ([("set", "n", 3), ("drop", "n", None)], None),
        ([("drop", "n", None)], None),
    ],
)
def test_changes_in_their_order(changes: list[Change], value: object) -> None:
    assert known(*changes).value("n") == value


@pytest.mark.parametrize("change", [("set", "n", None), ("add", "n", "1"), ("add", "n", None), ("drive", "n", 1)])
def test_a_change_that_makes_no_sense_is_named(change: Change) -> None:
    with pytest.raises(PresenceError, match="no change of facts"):
        Presence().after([change])


def test_a_presence_is_never_changed() -> None:
    before = Presence().after([("set", "n", 1)])
    before.after([("add", "n", 1)])
    assert before.facts.get("n") == 1


HERE, BELOW = ["yard", SINCE, "zone:yard", "quota:q"], ["garage", SINCE, "zone:garage", "quota:q"]


@pytest.mark.parametrize(
    ("changes", "numbers"),
    [
        ([("set", "at:car", HERE)], {"zone:yard": 1, "quota:q": 1}),
        ([("set", "at:car", HERE), ("set", "at:van", HERE)], {"zone:yard": 2, "quota:q": 2}),
        ([("set", "at:car", HERE), ("set", "at:car", HERE)], {"zone:yard": 1, "quota:q": 1}),
        ([("set", "at:car", HERE), ("set", "at:car", BELOW)], {"zone:garage": 1, "quota:q": 1}),
        ([("set", "at:car", HERE), ("set", "at:car", ["", SINCE])], {}),
        ([("set", "car:li", HERE), ("drop", "car:li", None)], {}),
        ([("set", "at:car", ["yard", SINCE]), ("add", "zone:yard", 1), ("set", "at:van", HERE)], {"zone:yard": 2, "quota:q": 1}),
        ([("add", "zone:yard", -1), ("set", "at:car", HERE)], {"quota:q": 1}),
        ([("set", "held:p", ["east", SINCE, "permit:m", "permit:m"])], {"permit:m": 1}),
        ([("set", "at:car", ["yard", SINCE, "mode:in-1", "uses:v", 7])], {}),  # what is none of theirs
        ([("set", "left:yard", HERE)], {}),
    ],
)
def test_numbers_follow_from_where_those_are_who_count_in_them(changes: list[Change], numbers: dict[str, int]) -> None:
    facts = Presence().after(changes).facts
    assert {name: value for name, value in facts.items() if isinstance(value, int)} == numbers


def test_what_a_decision_read_is_kept_with_what_it_found() -> None:
    seen = known(
        ("set", "a", 2),
        ("set", "since", SINCE),
        ("set", "at:car", ["yard", SINCE]),
        ("set", "held:p", ["east", SINCE, "permit:m"]),
    )
    assert (seen.count("a"), seen.count("b")) == (2, 0)
    assert (seen.moment("since"), seen.moment("until")) == (EPOCH, None)
    assert (seen.whereabouts("car"), seen.whereabouts("van")) == (Whereabouts("yard", EPOCH), None)
    assert (seen.held_since("p"), seen.held_since("q")) == (EPOCH, None)
    assert seen.reads == {
        "a": 2,
        "b": None,
        "since": SINCE,
        "until": None,
        "at:car": ["yard", SINCE],
        "at:van": None,
        "held:p": ["east", SINCE, "permit:m"],
        "held:q": None,
    }


@pytest.mark.parametrize("value", [7, "word", [], ["yard"], [SINCE, "yard"], ["yard", "since"]])
def test_a_value_of_another_form_is_as_if_it_were_not_known(value: Value) -> None:
    seen = known(("set", "at:car", value), ("set", "held:p", value), ("set", "since", "word"), ("set", "n", "word"))
    assert seen.whereabouts("car") is None
    assert seen.held_since("p") is None
    assert seen.moment("since") is None
    assert seen.count("n") == 0


# --- the plates of the vehicles inside ------------------------------------------------------------


def with_inside(*plates: str) -> Presence:
    presence = Presence()
    for plate in plates:
        presence = presence.after([("set", f"at:{plate}", ["yard", SINCE])], plate)
    return presence


def test_vehicles_inside_are_found_by_what_they_may_be_misread_as() -> None:
    presence = with_inside("粤B8D2Z5", "粤BKK777")
    assert Known(presence).inside_alike("粤BBD2Z5") == (("粤B8D2Z5", "粤B8D2Z5", EPOCH),)
    assert Known(presence).inside_alike("粤B8D2Z5") == (("粤B8D2Z5", "粤B8D2Z5", EPOCH),)
    assert Known(presence).inside_alike("粤BZZ999") == ()


def test_each_who_moved_elsewhere_has_their_own_plate() -> None:
    moved: list[Change] = [("set", "at:car", ["yard", SINCE]), ("set", "at:van", ["yard", SINCE]), ("set", "at:bus", ["", SINCE])]
    told = Presence().moved(moved, {"van": "粤B8D2Z5", "bus": "粤BKK777"})
    assert dict(told.plates.of) == {"van": "粤B8D2Z5"}


def test_who_rides_along_has_no_plate() -> None:
    moved: list[Change] = [("set", "at:car", ["yard", SINCE]), ("set", "at:guest", ["yard", SINCE])]
    assert dict(Presence().after(moved, "粤B8D2Z5").plates.of) == {"car": "粤B8D2Z5"}


def test_a_vehicle_inside_is_found_though_the_end_of_its_plate_was_not_read() -> None:
    presence = with_inside("粤BD12345", "粤BD1234")
    assert [plate for _, plate, _ in Known(presence).inside_alike("粤BD1234")] == ["粤BD1234", "粤BD12345"]
    assert [plate for _, plate, _ in Known(presence).inside_alike("粤BD123")] == ["粤BD1234"]
    assert Known(presence).inside_alike("粤BD12") == ()
    left = presence.after([("set", "at:粤BD12345", ["", SINCE])], "粤BD12345")
    assert [plate for _, plate, _ in Known(left).inside_alike("粤BD1234")] == ["粤BD1234"]


@given(st.lists(PLATES, max_size=8), PLATES)
def test_who_is_found_is_who_folds_to_what_a_reading_asks_for(inside: list[str], read: str) -> None:
    keys = {plate: folded(plate) for plate in inside}
    expected = {
        plate
        for plate, key in keys.items()
        for ask in asked(read)
        if key.startswith(ask.key) and len(key) == len(ask.key) + ask.longer_by
    }
    one_by_one, at_once = with_inside(*inside).plates, Plates.inside({plate: plate for plate in inside})
    assert {plate for _, plate in one_by_one.alike(read)} == expected
    assert dict(one_by_one.alike(read)) == dict(at_once.alike(read))


def test_one_that_left_or_moved_without_its_plate_is_found_no_more() -> None:
    presence = with_inside("粤B8D2Z5")
    left = presence.after([("set", "at:粤B8D2Z5", ["", SINCE])], "粤B8D2Z5")
    assert Known(left).inside_alike("粤B8D2Z5") == ()
    corrected = presence.after([("set", "at:粤B8D2Z5", ["garage", SINCE])])
    assert Known(corrected).inside_alike("粤B8D2Z5") == ()


def test_as_many_alike_as_there_may_be_and_no_more() -> None:
    presence = Presence()
    for number in range(ALIKE_MAX + 5):
        presence = presence.after([("set", f"at:{number}", ["yard", SINCE])], "粤B8D2Z5")
    assert len(Known(presence).inside_alike("粤BBD2Z5")) == ALIKE_MAX


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(("粤B8D2Z5", "粤BBD2Z5", "粤BKK777")), st.booleans()), max_size=12)
)
def test_the_plates_inside_are_those_that_came_and_did_not_leave(moves: list[tuple[str, str, bool]]) -> None:
    presence, there = Presence(), dict[str, str]()
    for subject, plate, comes in moves:
        presence = presence.after([("set", f"at:{subject}", ["yard" if comes else "", SINCE])], plate)
        there.pop(subject, None)
        if comes:
            there[subject] = plate
    alike = {subject: plate for ask in ("粤B8D2Z5", "粤BKK777") for subject, plate in presence.plates.alike(ask)}
    assert alike == there
