import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.wires.barrier_model import BarrierModel, DoorModel

OPEN, CLOSED, ARRIVAL, SAFETY = range(4)


def pulse(arm: BarrierModel, now: float) -> None:
    arm.drive(0, now, on=True)
    arm.drive(0, now + 0.3, on=False)


def opened(now: float = 0.0) -> BarrierModel:
    """An arm that was pulsed at `now` and is up 1.2 s later."""
    arm = BarrierModel(travel_s=1.2, close_after_s=1, no_passage_s=15)
    pulse(arm, now)
    return arm


def limits(arm: BarrierModel, now: float) -> tuple[bool, bool]:
    inputs = arm.inputs(now)
    return inputs[OPEN], inputs[CLOSED]


def test_a_pulse_raises_the_arm_in_its_travel_time() -> None:
    arm = BarrierModel(travel_s=1.2)
    assert limits(arm, 0) == (False, True)
    pulse(arm, 0)
    assert limits(arm, 0.6) == (False, False)
    assert arm.position(0.6) == pytest.approx(0.5)
    assert limits(arm, 1.2) == (True, False)
    assert arm.openings == 1


@pytest.mark.parametrize("started_at", [0.0, 1e7, 1e12])
def test_it_arrives_however_long_the_clock_has_run(started_at: float) -> None:
    arm = BarrierModel(travel_s=1e-6)
    pulse(arm, started_at)
    assert limits(arm, started_at + 1) == (True, False)


def test_another_relay_moves_nothing() -> None:
    arm = BarrierModel()
    arm.drive(3, 0, on=True)
    assert limits(arm, 5) == (False, True)
    assert arm.openings == 0


def test_it_closes_after_a_vehicle_has_passed() -> None:
    arm = opened()
    arm.occupy_safety(3, on=True)
    assert arm.inputs(4)[SAFETY]
    arm.occupy_safety(6, on=False)
    assert limits(arm, 6.9) == (True, False)
    assert limits(arm, 7.6) == (False, False)
    assert limits(arm, 8.2) == (False, True)


def test_a_vehicle_that_passed_while_it_rose_counts() -> None:
    arm = opened()
    arm.occupy_safety(0.5, on=True)
    arm.occupy_safety(0.9, on=False)
    assert limits(arm, 2.1) == (True, False)
    assert limits(arm, 3.5) == (False, True)


def test_it_closes_when_nobody_comes() -> None:
    arm = opened()
    assert limits(arm, 16.1) == (True, False)
    assert limits(arm, 17.5) == (False, True)


def test_it_never_closes_over_an_occupied_loop() -> None:
    arm = opened()
    arm.occupy_safety(2, on=True)
    assert limits(arm, 3600) == (True, False)


@pytest.mark.parametrize("again", ["vehicle", "pulse"])
def test_it_rises_again_from_closing(again: str) -> None:
    arm = opened()
    arm.occupy_safety(2, on=True)
    arm.occupy_safety(3, on=False)
    assert arm.position(4.3) == pytest.approx(0.75)
    if again == "vehicle":
        arm.occupy_safety(4.3, on=True)
    else:
        pulse(arm, 4.3)
    assert arm.position(4.45) > 0.8
    assert limits(arm, 4.7) == (True, False)


def test_a_stuck_detector_is_believed() -> None:
    arm = opened()
    arm.stick_safety(2, says=True)
    assert limits(arm, 600) == (True, False)
    arm.stick_safety(600, says=None)
    assert limits(arm, 603) == (False, True)


def test_an_arm_that_comes_down_on_a_vehicle_is_noticed() -> None:
    arm = opened()
    arm.stick_safety(2, says=False)
    arm.occupy_safety(3, on=True)
    assert limits(arm, 30) == (False, True)
    assert arm.touched == 1


acts = st.lists(
    st.tuples(st.sampled_from(["pulse", "release", "on", "off", "look"]), st.floats(0, 20, allow_nan=False)), max_size=30
)


@given(acts)
def test_with_a_working_detector_it_never_touches_a_vehicle_and_never_is_in_two_places(
    acts: list[tuple[str, float]],
) -> None:
    arm, now = BarrierModel(), 0.0
    for act, wait_s in acts:
        now += wait_s
        under = arm.inputs(now)[SAFETY]
        before = arm.position(now)
        if act in ("pulse", "release"):
            arm.drive(0, now, on=act == "pulse")
        elif act != "look":
            arm.occupy_safety(now, on=act == "on")
        assert limits(arm, now) != (True, True)
        assert 0 <= arm.position(now) <= 1
        if under and act in ("release", "look"):
            assert arm.position(now + 0.5) >= before
            now += 0.5
    assert arm.touched == 0


def test_a_door_opens_only_while_released_and_closes_by_itself() -> None:
    door = DoorModel(strike_coil=1, contact=4, release_s=3, closer_s=2)
    assert not door.push(0)
    door.drive(1, 1, on=True)
    door.drive(1, 1.5, on=False)
    assert door.inputs(2) == {4: True}
    assert door.push(3.9)
    assert door.inputs(4) == {4: False}
    assert door.inputs(6) == {4: True}
    assert not door.push(6)
    assert door.openings == 1
