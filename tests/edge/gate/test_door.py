"""Stories of a pedestrian lane: a door with one contact and a reader."""

from tests.edge.gate.playbook import LI, LIS_CARD, LOST_CARD, WANG, WANGS_CARD, Playbook, answered, card, sees, wait
from tests.edge.gate.scenes import denied, goes_in, granted, noticed, opened_by_guard


def test_a_card_opens_the_door_and_its_contact_ends_the_passage(door: Playbook) -> None:
    playbook = granted(door >> card(LIS_CARD)) >> answered() << "write outcome ok" << "tell grant access_ok"
    assert goes_in(playbook)
    assert playbook.inside() == {str(LI)}


def test_a_door_that_nobody_opens_locks_again(door: Playbook) -> None:
    assert granted(door >> card(LIS_CARD)) >> wait(20) << "write passage no_show" << "-> idle"


def test_two_persons_quickly_after_each_other_are_two_passages(door: Playbook) -> None:
    playbook = granted(door >> card(LIS_CARD)) >> sees(arm="moving") << "-> passing" >> card(WANGS_CARD)
    granted(playbook >> sees(arm="down") << "write passage passed")
    assert goes_in(playbook)
    assert playbook.inside() == {str(LI), str(WANG)}


def test_a_refused_second_person_does_not_get_in_on_the_first_ones_card(door: Playbook) -> None:
    playbook = granted(door >> card(LIS_CARD)) >> sees(arm="moving") << "-> passing" >> card(LOST_CARD)
    denied(playbook >> sees(arm="down") << "write passage passed", "inactive")
    assert playbook >> wait(10) << "write passage denied" << "-> idle"


def test_after_a_refused_person_the_next_has_a_passage_of_their_own(door: Playbook) -> None:
    assert granted(denied(door >> card(LOST_CARD), "inactive") >> card(WANGS_CARD) << "write passage denied")


def test_a_door_held_open_is_an_alarm(door: Playbook) -> None:
    playbook = granted(door >> card(LIS_CARD)) >> sees(arm="moving") << "-> passing" >> wait(90) << "write alarm door_held"
    assert playbook >> sees(arm="down") << "write passage passed" << "-> idle"


def test_a_forced_door_is_an_alarm_and_held_a_second_one(door: Playbook) -> None:
    playbook = noticed(door >> sees(arm="moving"), "door_forced") << "write passage door_forced" << "-> closing"
    playbook >> wait(45) << "write alarm door_held"
    assert playbook >> sees(arm="down") << "-> idle"


def test_a_guard_lets_somebody_in_by_hand(door: Playbook) -> None:
    assert goes_in(opened_by_guard(door))
