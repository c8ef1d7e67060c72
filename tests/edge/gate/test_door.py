"""Stories of a pedestrian lane: a door with one contact and a reader."""

from tests.edge.gate.playbook import LI, LIS_CARD, LOST_CARD, WANG, WANGS_CARD, Playbook, answered, card, guard, sees, wait


def granted(playbook: Playbook) -> Playbook:
    playbook << "write reading card" << "keep camera-in" << "write decision grant access_ok" << "write command open"
    return playbook << "open in-1" << "-> opening"


def test_a_card_opens_the_door_and_its_contact_ends_the_passage(door: Playbook) -> None:
    playbook = granted(door >> card(LIS_CARD)) >> answered() << "write outcome ok" << "tell grant access_ok"
    playbook >> sees(arm="moving") << "-> passing" >> wait(3)
    assert playbook >> sees(arm="down") << "write passage passed" << "-> idle"
    assert playbook.inside() == {str(LI)}


def test_a_door_that_nobody_opens_locks_again(door: Playbook) -> None:
    assert granted(door >> card(LIS_CARD)) >> wait(20) << "write passage no_show" << "-> idle"


def test_two_persons_quickly_after_each_other_are_two_passages(door: Playbook) -> None:
    playbook = granted(door >> card(LIS_CARD)) >> sees(arm="moving") << "-> passing" >> card(WANGS_CARD)
    granted(playbook >> sees(arm="down") << "write passage passed")
    playbook >> sees(arm="moving") << "-> passing"
    assert playbook >> sees(arm="down") << "write passage passed" << "-> idle"
    assert playbook.inside() == {str(LI), str(WANG)}


def test_a_refused_second_person_does_not_get_in_on_the_first_ones_card(door: Playbook) -> None:
    playbook = granted(door >> card(LIS_CARD)) >> sees(arm="moving") << "-> passing" >> card(LOST_CARD)
    playbook >> sees(arm="down") << "write passage passed" << "write reading card" << "keep camera-in"
    playbook << "write decision deny inactive" << "tell deny inactive" << "-> denied"
    assert playbook >> wait(10) << "write passage denied" << "-> idle"


def test_after_a_refused_person_the_next_has_a_passage_of_their_own(door: Playbook) -> None:
    playbook = door >> card(LOST_CARD) << "write reading card" << "keep camera-in" << "write decision deny inactive"
    playbook << "tell deny inactive" << "-> denied"
    assert granted(playbook >> card(WANGS_CARD) << "write passage denied")


def test_a_door_held_open_is_an_alarm(door: Playbook) -> None:
    playbook = granted(door >> card(LIS_CARD)) >> sees(arm="moving") << "-> passing" >> wait(90) << "write alarm door_held"
    assert playbook >> sees(arm="down") << "write passage passed" << "-> idle"


def test_a_forced_door_is_an_alarm_and_held_a_second_one(door: Playbook) -> None:
    playbook = door >> sees(arm="moving") << "write observation door_forced" << "keep camera-in"
    playbook << "write alarm door_forced" << "write passage door_forced" << "-> closing" >> wait(45) << "write alarm door_held"
    assert playbook >> sees(arm="down") << "-> idle"


def test_a_guard_lets_somebody_in_by_hand(door: Playbook) -> None:
    playbook = door >> guard("open_once") << "write guard open_once accepted" << "answer r-1 yes" << "keep camera-in"
    playbook << "write decision grant guard_opened" << "write command open" << "open in-1" << "-> opening"
    assert playbook >> sees(arm="moving") << "-> passing" >> sees(arm="down") << "write passage passed" << "-> idle"
