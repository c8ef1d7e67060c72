"""The harness itself: what is not as written must fail."""

import pytest

from tests.edge.gate.playbook import LIS_CARD, VEHICLE, Playbook, card, sees, settings


def test_a_difference_fails_and_shows_both_sides() -> None:
    playbook = Playbook(settings(VEHICLE)) >> sees(arrival=True) << "look camera-in" << "-> idle"
    with pytest.raises(AssertionError, match=r"(?s)- -> idle.*\+ -> waiting"):
        bool(playbook)


def test_an_action_that_is_not_in_the_script_fails() -> None:
    with pytest.raises(AssertionError, match=r"\+ open in-1"):
        bool(Playbook(settings(VEHICLE)) >> card(LIS_CARD))


def test_a_playbook_that_is_never_asserted_is_known() -> None:
    playbook = Playbook(settings(VEHICLE)) >> sees(arrival=True)
    states = [playbook.asserted]
    assert playbook << "look camera-in" << "-> waiting"
    states.append(playbook.asserted)
    assert states == [False, True]
