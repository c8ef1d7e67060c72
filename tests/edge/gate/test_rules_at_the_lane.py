"""What a decision obliges the lane to do, and what passages change in the presence."""

from uuid import UUID

from access.card import CardNumber, card_hash
from access.entries import Decided, FactsChanged, PassageEnded
from access.projection import projected
from edge.gate.events import FactsLearned
from simulators.standalone import Rule, resident
from simulators.standalone import card as card_rule
from tests.edge.gate.conftest import Play
from tests.edge.gate.playbook import (
    CARD_KEY,
    DOOR,
    LI,
    LIS_CARD,
    LIS_PLATE,
    START,
    STRANGERS_CARD,
    STRANGERS_PLATE,
    WANG,
    WANGS_CARD,
    Playbook,
    card,
    estate,
    event,
    plate,
    sees,
    settings,
    store_fails,
    wait,
)
from tests.edge.gate.scenes import (
    arrive,
    awaited,
    comes_down,
    decided,
    denied,
    goes_in,
    granted,
    opened_by_guard,
    passes,
    referred,
    under,
)

VISIT = UUID(int=30)
LIS_CAR = str(UUID(int=15))


def visit_of_wang(uses: int = 1) -> tuple[Rule, ...]:
    kind, identity, data = resident(WANG, "王*", "5-0302")
    begin = int(START.timestamp())
    visit = {
        "id": str(VISIT),
        "person": str(WANG),
        "category": "ordinary",
        "status": "approved",
        "host": "5-0302",
        "valid_from": begin,
        "valid_until": begin + 3600,
        "lanes": [],
        "uses": uses,
        "party": 1,
        "obligations": ["tell_host"],
    }
    return (kind, identity, {**data, "category": "visitor"}), ("visit", VISIT, visit)


def drives_in(playbook: Playbook) -> Playbook:
    """The arm rises, who has a grant drives in under it, and it comes down."""
    return comes_down(passes(playbook >> sees(arm="up") << "-> open"))


def doubted(playbook: Playbook) -> Playbook:
    """Li's plate is read, but not surely enough: the guard is asked, and the camera looks again."""
    decided(playbook >> plate(LIS_PLATE, confidence=0.3), "refer", "doubtful", "plate")
    return playbook << "tell refer doubtful" << "look camera-in" << "-> referred"


def test_a_doubtful_plate_is_read_again_and_opens_when_it_is_sure(play: Play) -> None:
    playbook = doubted(arrive(play()))
    playbook >> plate(LIS_PLATE, confidence=0.3)  # no surer than before: the same again
    assert granted(playbook >> plate(LIS_PLATE, confidence=0.99), medium="plate")


def test_a_lane_that_asks_for_plate_and_card_waits_for_the_card(play: Play) -> None:
    playbook = arrive(play(rules=estate(1, factors="plate+card")))
    awaited(playbook >> plate(LIS_PLATE), "factor_awaited", "plate")
    assert granted(playbook >> wait(29) >> card(LIS_CARD))
    waiting, opening = playbook.bodies(Decided)
    assert [due[0] for due in waiting.obligations] == ["await_factor"]
    assert [earlier[3] for earlier in opening.earlier] == [LIS_PLATE]


def test_the_card_of_somebody_else_is_a_question(play: Play) -> None:
    playbook = arrive(play(rules=estate(1, factors="plate+card")))
    awaited(playbook >> plate(LIS_PLATE), "factor_awaited", "plate")
    assert referred(playbook >> card(WANGS_CARD), "factors_differ")


def test_where_the_second_factor_never_comes_the_guard_is_asked_as_long_as_somebody_stands_there(play: Play) -> None:
    playbook = arrive(play(rules=estate(1, factors="plate+card")))
    awaited(playbook >> plate(LIS_PLATE), "factor_awaited", "plate")
    playbook >> wait(30) << "keep camera-in" << "write decision refer unread" << "tell refer unread"
    assert playbook << "-> referred"


def test_two_persons_at_a_door(play: Play) -> None:
    door = play(settings(DOOR), rules=estate(1, two_person=True, lane_kind="pedestrian"))
    assert awaited(door >> card(LIS_CARD), "person_awaited") << "-> waiting"
    assert door >> card(LIS_CARD)  # the same card again is nobody else
    assert granted(door >> wait(5) >> card(WANGS_CARD))


def test_a_door_forgets_the_first_person_when_no_second_comes(play: Play) -> None:
    door = play(settings(DOOR), rules=estate(1, two_person=True, lane_kind="pedestrian"))
    assert awaited(door >> card(LIS_CARD), "person_awaited") << "-> waiting"
    assert door >> wait(30) << "write passage denied" << "-> idle"
    assert awaited(door >> card(WANGS_CARD), "person_awaited") << "-> waiting"


def test_a_blocked_plate_is_an_alarm(play: Play) -> None:
    block: Rule = ("block", UUID(int=40), {"plate": STRANGERS_PLATE, "card_hash": "", "reason": "欠费", "valid_until": None})
    playbook = decided(arrive(play(rules=estate(1, block))) >> plate(STRANGERS_PLATE), "deny", "blocked", "plate")
    assert playbook << "tell deny blocked" << "write alarm blocked" << "-> denied"


def test_who_passes_is_inside_and_who_does_not_is_not(play: Play) -> None:
    playbook = granted(arrive(play()) >> plate(LIS_PLATE), medium="plate")
    assert drives_in(playbook)
    assert playbook.inside() == {LIS_CAR}
    assert playbook.gate.presence.plates.of[LIS_CAR] == LIS_PLATE
    assert playbook.gate.presence.facts["zone:site"] == 1
    (ended,) = playbook.bodies(PassageEnded)
    assert ended.plate == LIS_PLATE
    assert LIS_PLATE not in repr(ended.facts)


def test_a_stranger_whom_the_guard_lets_in_is_inside_under_a_pseudonym(play: Play) -> None:
    playbook = referred(arrive(play()) >> plate(STRANGERS_PLATE), "unknown_refer", "plate")
    assert drives_in(opened_by_guard(playbook, "admit"))
    rules = playbook.rules
    assert rules is not None
    assert playbook.inside() == {str(rules.pseudonym(STRANGERS_PLATE))}


def test_a_visit_is_used_before_the_arm_moves_and_given_back_where_nobody_came(play: Play) -> None:
    playbook = arrive(play(rules=estate(1, *visit_of_wang())))
    assert granted(playbook >> card(WANGS_CARD), "visit_ok")
    assert playbook.bodies(Decided)[-1].facts == (("add", f"uses:{VISIT}", 1),)
    assert playbook.gate.presence.facts[f"uses:{VISIT}"] == 1
    playbook >> sees(arm="up") << "-> open" >> sees(arrival=False)
    assert playbook >> wait(30) << "write passage no_show" << "-> closing"
    assert f"uses:{VISIT}" not in playbook.gate.presence.facts


def test_a_visit_that_could_not_be_written_down_is_not_used(play: Play) -> None:
    playbook = arrive(play(rules=estate(1, *visit_of_wang())))
    assert granted(playbook >> card(WANGS_CARD), "visit_ok")
    assert playbook >> store_fails() << "write decision deny store_failed" << "tell deny store_failed" << "-> denied"
    assert f"uses:{VISIT}" not in playbook.gate.presence.facts


def test_the_second_use_of_a_single_visit_is_refused(play: Play) -> None:
    playbook = arrive(play(rules=estate(1, *visit_of_wang())))
    assert drives_in(granted(playbook >> card(WANGS_CARD), "visit_ok"))
    assert playbook.gate.presence.facts[f"party:{VISIT}"] == 1
    assert denied(arrive(playbook >> wait(60)) >> card(WANGS_CARD), "visit_used_up")


def test_a_visit_that_was_used_at_another_gate_is_used_up_here_too(play: Play) -> None:
    there = FactsChanged("gate:west", "heard", (("add", f"uses:{VISIT}", 1), ("add", f"party:{VISIT}", 1)))
    playbook = arrive(play(rules=estate(1, *visit_of_wang())))
    playbook >> event("heard", lambda before: FactsLearned(projected(before.gate.presence, there)))
    assert denied(playbook >> card(WANGS_CARD), "visit_used_up")
    assert playbook.bodies(Decided)[-1].presence[f"uses:{VISIT}"] == 1


def test_two_cars_of_one_household_in_one_moment_count_one_after_the_other(play: Play) -> None:
    """The second is decided in the same event in which the first passes: it must already count."""
    kind, identity, li = resident(LI, "李*", "3-1201")
    quota = {"id": str(UUID(int=50)), "name": "3-1201", "spaces": [{"valid_from": None, "valid_until": None}], "over": "deny"}
    rules = estate(1, ("quota", UUID(int=50), quota), (kind, identity, {**li, "quota": str(UUID(int=50))}))
    playbook = granted(arrive(play(rules=rules)) >> plate(LIS_PLATE), medium="plate") >> sees(arm="up") << "-> open"
    under(playbook) >> sees(arrival=False) >> sees(arrival=True) >> card(LIS_CARD)
    assert denied(playbook >> sees(safety=False) << "write passage passed" << "look camera-in", "quota_full")


def test_of_a_doubtful_plate_the_guard_says_whose_it_is(play: Play) -> None:
    for choice, inside in ((LIS_CAR, {LIS_CAR}), ("", {str(estate().pseudonym(LIS_PLATE))})):
        playbook = doubted(arrive(play()))
        assert drives_in(opened_by_guard(playbook, "admit", choice=choice))
        assert playbook.inside() == inside


def guests_of_wang() -> tuple[Rule, ...]:
    (kind, identity, data), visit = visit_of_wang()
    return (kind, identity, {**data, "escorted": True}), visit


def test_a_guest_before_the_escort_is_used_and_inside_with_the_escort(play: Play) -> None:
    door = play(settings(DOOR), rules=estate(1, *guests_of_wang(), lane_kind="pedestrian"))
    assert awaited(door >> card(WANGS_CARD), "escort_awaited") << "-> waiting"
    assert granted(door >> wait(5) >> card(LIS_CARD))
    assert door.gate.presence.facts[f"uses:{VISIT}"] == 1
    assert goes_in(door)
    assert door.inside() == {str(LI), str(WANG)}


def test_a_guest_behind_the_escort_comes_in(play: Play) -> None:
    door = play(settings(DOOR), rules=estate(1, *guests_of_wang(), lane_kind="pedestrian"))
    assert granted(door >> card(LIS_CARD))
    assert goes_in(door)
    assert granted(door >> wait(20) >> card(WANGS_CARD), "visit_ok")
    assert [earlier[3] for earlier in door.bodies(Decided)[-1].earlier] == [LIS_CARD.hex().upper()]


def test_two_persons_are_both_inside(play: Play) -> None:
    door = play(settings(DOOR), rules=estate(1, two_person=True, lane_kind="pedestrian"))
    assert awaited(door >> card(LIS_CARD), "person_awaited") << "-> waiting"
    assert granted(door >> wait(5) >> card(WANGS_CARD))
    assert goes_in(door)
    assert door.inside() == {str(LI), str(WANG)}


def test_a_third_does_not_come_in_on_the_second_ones_card(play: Play) -> None:
    kind, identity, data = resident(UUID(int=3), "赵*", "7-1")
    third = card_rule(UUID(int=19), UUID(int=3), [card_hash(CARD_KEY, CardNumber(STRANGERS_CARD, 40))])
    door = play(settings(DOOR), rules=estate(1, (kind, identity, data), third, two_person=True, lane_kind="pedestrian"))
    assert awaited(door >> card(LIS_CARD), "person_awaited") << "-> waiting"
    assert granted(door >> card(WANGS_CARD))
    assert goes_in(door)
    assert awaited(door >> card(STRANGERS_CARD), "person_awaited") << "-> waiting"


def test_a_visit_is_used_once_where_the_guard_opens_as_well(play: Play) -> None:
    playbook = arrive(play(rules=estate(1, *visit_of_wang(uses=2))))
    assert granted(playbook >> card(WANGS_CARD), "visit_ok")
    assert opened_by_guard(playbook, phase="")
    assert playbook.gate.presence.facts[f"uses:{VISIT}"] == 1
    playbook >> sees(arm="up") << "-> open" >> sees(arrival=False)
    assert playbook >> wait(30) << "write passage no_show" << "-> closing"
    assert f"uses:{VISIT}" not in playbook.gate.presence.facts


def test_at_a_lane_of_both_directions_the_device_says_which_way(play: Play) -> None:
    out = settings(DOOR, direction="both", leaving=("reader-in",))
    for config, direction in ((out, "out"), (settings(DOOR, direction="both"), "in")):
        door = play(config, rules=estate(1, lane_kind="pedestrian", direction="both"))
        assert granted(door >> card(LIS_CARD))
        assert goes_in(door)
        assert [decision.direction for decision in door.bodies(Decided)] == [direction]
        assert door.inside() == ({str(LI)} if direction == "in" else set())


def test_what_a_plate_said_is_told_to_the_rules_with_the_card_that_follows(play: Play) -> None:
    playbook = referred(arrive(play()) >> plate(STRANGERS_PLATE), "unknown_refer", "plate")
    assert granted(playbook >> card(LIS_CARD))
    assert [earlier[3] for earlier in playbook.bodies(Decided)[-1].earlier] == [STRANGERS_PLATE]
