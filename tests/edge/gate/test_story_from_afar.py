"""Story 6, from afar: the office opens or sets a lane by the rules that hold for the guard; the same request is done once."""

import pytest

from access.entries import Decided, RemoteActed
from edge.booth_messages import GuardRequest
from edge.gate.actions import Answer
from edge.gate.gate import Gate
from tests.edge.gate.conftest import Play
from tests.edge.gate.playbook import LOST_CARD, START, VEHICLE, Playbook, card, from_afar, guard, sees, settings, shows
from tests.edge.gate.scenes import arrive, asked, comes_down, denied, openings, passes


def asked_from_afar(playbook: Playbook, act: str, refusal: str = "", *, minutes: int = 0) -> Playbook:
    """The office asks, which is written down and answered."""
    playbook >> from_afar(act, minutes=minutes) << f"write remote {act} {refusal or 'accepted'}"
    return playbook << f"answer c-1 {refusal or 'yes'}"


def opened_from_afar(playbook: Playbook) -> Playbook:
    asked_from_afar(playbook, "open_once") << "keep camera-in" << "write decision grant office_opened"
    return playbook << "write command open" << "open in-1" << "-> opening"


def test_the_office_opens_and_it_is_written_who_did(play: Play) -> None:
    playbook = opened_from_afar(arrive(play())) >> shows(state="opening", reason="office_opened", outcome="grant")
    assert comes_down(passes(playbook >> sees(arm="up") << "-> open"))
    (acted,) = playbook.bodies(RemoteActed)
    assert (acted.act, acted.issuer, acted.issuer_name, acted.reason, acted.command) == (
        "open_once",
        "wang",
        "王芳",
        "visitor",
        "c-1",
    )
    decided = playbook.bodies(Decided)[-1]
    assert (decided.medium, decided.device, decided.values["guard"]) == ("office", "wang", "王芳")


def test_the_office_overrules_a_refusal_as_the_guard_may(play: Play) -> None:
    assert opened_from_afar(denied(arrive(play()) >> card(LOST_CARD), "inactive"))


def test_the_same_request_again_is_answered_and_moves_nothing(play: Play) -> None:
    playbook = opened_from_afar(arrive(play())) >> from_afar("open_once") << "answer c-1 yes"
    assert playbook
    assert len(openings(playbook)) == 1


def test_a_request_of_before_a_restart_is_answered_and_moves_nothing() -> None:
    acted = [RemoteActed("open_once", "visitor", "wang", "c-1"), RemoteActed("resume", "test", "wang", "c-2", False, "expired")]
    gate = Gate(settings(VEHICLE), bytes, acted=acted)
    for request, answer in {"c-1": Answer("c-1", accepted=True), "c-2": Answer("c-2", accepted=False, refusal="expired")}.items():
        again = GuardRequest(request, "open_once", "in-1", "wang", "", "visitor", "", 108.0, source="office")
        assert gate.handle(again, 100.0, START) == [answer]


def test_a_request_that_comes_late_does_nothing(play: Play) -> None:
    playbook = arrive(play()) >> from_afar("open_once", late=True) << "write remote open_once expired" << "answer c-1 expired"
    assert playbook >> shows(state="waiting", arm="down")


def test_who_is_asked_about_is_decided_before_the_gate_and_not_from_afar(play: Play) -> None:
    assert asked_from_afar(arrive(play()), "admit", "unknown_act") >> shows(state="waiting", arm="down")


def test_the_office_may_not_open_what_the_guard_holds_closed(play: Play) -> None:
    playbook = asked(play(), guard("hold_closed")) << "write lane held_closed guard"
    assert asked_from_afar(playbook, "open_once", "held_closed") >> shows(arm="down")


def test_the_office_holds_a_lane_open_for_a_time_and_ends_it(play: Play) -> None:
    playbook = asked_from_afar(play(), "hold_open", minutes=5) << "write lane held_open office" << "write command open"
    playbook << "open in-1" << "-> held_open" >> sees(arm="up") >> from_afar("resume", "c-2")
    playbook << "write remote resume accepted" << "answer c-2 yes" << "write lane normal office" << "-> closing"
    assert comes_down(playbook)


@pytest.mark.parametrize(("minutes", "refusal"), [(11, "second_person_needed"), (1000, "too_long")])
def test_a_lane_that_nobody_sees_is_not_held_open_for_long(play: Play, minutes: int, refusal: str) -> None:
    assert asked_from_afar(play(), "hold_open", refusal, minutes=minutes)
