"""The journal cannot be written, amid other stories: what was not written has moved nothing, and opens nothing later."""

from uuid import UUID

from access.entries import Decided
from edge.gate.events import NOT_WRITTEN, StoreFailed
from tests.edge.gate.conftest import Play
from tests.edge.gate.playbook import (
    LIS_CARD,
    LIS_PLATE,
    STRANGERS_CARD,
    WANGS_CARD,
    Happening,
    Playbook,
    answered,
    card,
    estate,
    event,
    guard,
    plate,
    sees,
    shows,
    store_fails,
    wait,
)
from tests.edge.gate.scenes import (
    arrive,
    asked,
    awaited,
    behind_the_first,
    comes_down,
    denied,
    driven_through,
    granted,
    noticed,
    opened_by_guard,
    passes,
    referred,
    results,
)
from tests.edge.gate.wiring import AGENT


def taken_back(playbook: Playbook, outcome: str = "deny") -> Playbook:
    """The grant under way could not be written."""
    playbook >> store_fails() << f"write decision {outcome} store_failed" << f"tell {outcome} store_failed"
    return playbook << f"-> {'denied' if outcome == 'deny' else 'referred'}"


def store_fails_for_the_next() -> Happening:
    return event("store fails for the next", lambda playbook: StoreFailed("in-1", playbook.lane.state.following[-1].id))


def test_who_was_not_written_and_shows_the_card_again_is_decided_again(play: Play) -> None:
    playbook = taken_back(granted(arrive(play()) >> card(LIS_CARD))) >> shows(reason="store_failed", sign="turned_away")
    playbook >> wait(0.2) >> card(LIS_CARD)  # held before the reader still
    assert granted(playbook >> wait(2) >> card(LIS_CARD))


def test_who_was_not_written_and_shows_another_card_is_decided_on_both(play: Play) -> None:
    playbook = taken_back(granted(arrive(play()) >> card(LIS_CARD)))
    referred(playbook >> card(STRANGERS_CARD), "unknown_refer")
    assert granted(playbook >> card(LIS_CARD))


def test_who_was_not_written_and_drives_off_leaves_the_lane_free(play: Play) -> None:
    playbook = taken_back(granted(arrive(play()) >> card(LIS_CARD))) >> sees(arrival=False) << "write passage denied" << "-> idle"
    assert granted(arrive(playbook) >> card(WANGS_CARD))
    assert not playbook.inside()


def test_the_guard_lets_in_whom_the_lane_could_not_write(play: Play) -> None:
    playbook = taken_back(granted(arrive(play(on_store_failure="refer")) >> card(LIS_CARD)), "refer")
    opened_by_guard(playbook >> shows(sign="guard_decides"), "admit") >> sees(arm="up") << "-> open"
    assert comes_down(passes(playbook))
    assert [decision.reason for decision in playbook.bodies(Decided)] == ["access_ok", "store_failed", "guard_admitted"]


def test_who_queues_and_was_not_written_is_not_let_in_under_the_raised_arm(play: Play) -> None:
    playbook = arrive(driven_through(play()) >> wait(1))
    taken_back(granted(playbook >> card(WANGS_CARD), phase="open"))
    noticed(playbook >> sees(safety=True), "tailgating") << "-> crossing" >> sees(arrival=False) >> sees(safety=False)
    assert comes_down(playbook << "write passage tailgated" << "-> closing")


def test_the_next_whom_the_guard_let_in_and_could_not_write_is_not_let_in(play: Play) -> None:
    playbook = behind_the_first(play()) >> store_fails_for_the_next() << "write decision deny store_failed"
    playbook << "tell deny store_failed" << "write passage denied" >> shows(state="passing") >> wait(1) >> sees(safety=False)
    playbook << "write passage passed" << "look camera-in" << "-> waiting"
    assert playbook
    assert results(playbook) == ["denied", "passed"]


def test_a_second_factor_that_could_not_be_written_asks_for_both_again(play: Play) -> None:
    playbook = arrive(play(rules=estate(1, factors="plate+card")))
    awaited(playbook >> plate(LIS_PLATE), "factor_awaited", "plate")
    taken_back(granted(playbook >> wait(1) >> card(LIS_CARD))) >> sees(arrival=False) << "write passage denied" << "-> idle"
    arrive(playbook >> wait(20))
    awaited(playbook >> card(LIS_CARD), "factor_awaited")
    assert playbook >> shows(sign="show_second")


def test_a_wrong_id_takes_back_nothing(play: Play) -> None:
    playbook = granted(arrive(play()) >> card(LIS_CARD))
    playbook >> event("store fails for nobody", lambda _: StoreFailed("in-1", UUID(int=9).hex)) >> sees(arm="up") << "-> open"
    assert playbook >> event("store fails at no lane", lambda _: StoreFailed("roof", "x"))


def test_a_close_that_could_not_be_written_is_tried_again_later(play: Play) -> None:
    playbook = driven_through(play(**AGENT)) >> wait(2)
    for _ in range(5):
        playbook << "write command close" << "close in-1" >> answered(NOT_WRITTEN, act="close")
        playbook << f"write outcome {NOT_WRITTEN}" >> wait(10)
    playbook << "write command close" << "close in-1" >> answered(act="close") << "write outcome ok"
    assert comes_down(playbook)


def test_a_lane_that_is_closed_stays_so_while_nothing_can_be_written(play: Play) -> None:
    playbook = asked(play(), guard("hold_closed")) << "write lane held_closed guard"
    denied(arrive(playbook) >> card(LIS_CARD), "lane_held_closed") >> store_fails() << "write decision deny store_failed"
    assert playbook << "tell deny store_failed"
