from dataclasses import replace
from typing import Any

import pytest

from edge.config import LaneSection
from edge.desk import offers, words
from tests.edge.desk.wire import lane_view


def wired(kind: str = "vehicle", direction: str = "in") -> LaneSection:
    barrier = {"device": "io", "open": {"coil": 0}}
    return LaneSection.model_validate({"id": "lane", "kind": kind, "direction": direction, "barrier": barrier})


def names(lane: LaneSection, **view: Any) -> list[str]:
    return [offer.name for offer in offers.more(lane, replace(lane_view(), **view))]


@pytest.mark.parametrize(
    ("view", "offered"),
    [
        ({}, ["hold_open", "convoy", "hold_closed", "out_of_service"]),
        ({"mode": "held_open"}, ["resume", "hold_closed", "out_of_service"]),
        ({"mode": "convoy"}, ["resume", "hold_closed", "out_of_service"]),
        ({"mode": "held_closed"}, ["resume", "out_of_service"]),
        ({"mode": "out_of_service"}, ["resume"]),
        ({"mode": "evacuation", "open_because": "evacuation"}, []),
        ({"open_because": "arm_up_at_start"}, ["resume", "hold_open", "convoy", "hold_closed", "out_of_service"]),
        ({"mode": "of a later version"}, ["resume"]),
    ],
)
def test_what_is_set_can_be_ended_and_what_is_not_can_be_set(view: dict[str, Any], offered: list[str]) -> None:
    assert names(wired(), **view) == offered


@pytest.mark.parametrize(
    ("headed", "offered"),
    [
        ("", ["direct_in", "direct_out"]),
        ("in", ["direct_out", "direct_both"]),
        ("out", ["direct_in", "direct_both"]),
    ],
)
def test_a_lane_of_both_directions_is_offered_those_that_it_does_not_have(headed: str, offered: list[str]) -> None:
    assert names(wired("pedestrian", "both"), mode="out_of_service", headed=headed) == ["resume", *offered]


def test_no_convoy_goes_through_a_door() -> None:
    assert names(wired("pedestrian")) == ["hold_open", "hold_closed", "out_of_service"]


def test_a_lane_that_nobody_has_heard_of_can_be_opened_once_and_no_more() -> None:
    assert offers.more(wired(), None) == []
    assert offers.opens_once(None)


@pytest.mark.parametrize(
    ("mode", "opens"), [("normal", True), ("convoy", True), ("held_closed", False), ("out_of_service", False)]
)
def test_a_lane_that_stops_deciding_is_not_opened_once(mode: str, opens: bool) -> None:
    assert offers.opens_once(replace(lane_view(), mode=mode)) is opens


def test_letters_of_a_lane_are_single_and_none_calls_the_emergency_page() -> None:
    of_lanes = [letter for act, letter in offers.LETTERS.items() if act in offers.LANE_ACTS]
    letters = [*of_lanes, *offers.HEADING_LETTERS.values(), *offers.CHOICE_LETTERS]
    assert len(letters) == len(set(letters))
    assert "E" not in letters


def test_letters_of_lengths_and_reasons_do_not_clash() -> None:
    for act in offers.MINUTES:
        letters = [length.letter for length in offers.lengths(act)] + [letter for _, letter in words.WHYS[act]]
        assert len(letters) == len(set(letters))


def test_a_second_person_signs_only_for_a_long_hold() -> None:
    assert [length.needs_second for length in offers.lengths("hold_open")] == [False, True, True, True, True]
    assert not any(length.needs_second for length in offers.lengths("convoy"))
    assert offers.lengths("resume") == []


@pytest.mark.parametrize(
    ("reason", "answers", "called"),
    [
        ("similar", ("admit", "refuse"), ["admit", "refuse"]),
        ("not_confirmed", ("passed", "admit", "refuse"), ["passed", "open_again", "did_not_come"]),
    ],
)
def test_whether_a_grant_has_passed_is_another_question(reason: str, answers: tuple[str, ...], called: list[str]) -> None:
    view = replace(lane_view(), reason=reason)
    assert offers.answers(view) == answers
    assert [offers.named(act, "", view) for act in answers] == called


def test_every_act_has_its_words_and_reasons() -> None:
    plain = offers.LETTERS.keys() | {"open_again", "did_not_come"}
    called = plain | {offers.named("direct", way, None) for way in offers.HEADING_LETTERS}
    assert called == words.ACTS.keys() == words.WHYS.keys()
