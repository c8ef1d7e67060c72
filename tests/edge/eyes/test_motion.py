import numpy as np
import pytest

from devices.transports.pictures import Picture, shrink
from edge.eyes.motion import WHOLE, MotionGate, Region
from simulators.wires.drawing import DAY, NIGHT, Light, Vehicle, draw_scene


def small(vehicle: Vehicle | None, nearness: float, light: Light, seed: int) -> Picture:
    return shrink(draw_scene(vehicle, nearness, light, np.random.default_rng(seed)))


CAR = Vehicle("粤B12D45", "blue")


@pytest.mark.parametrize("light", [DAY, NIGHT], ids=["day", "night"])
@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        ((None, 0.0), (None, 0.0), False),
        ((CAR, 1.0), (CAR, 1.0), False),
        ((None, 0.0), (CAR, 0.0), True),
        ((CAR, 0.3), (CAR, 0.42), True),
        ((CAR, 1.0), (None, 0.0), True),
    ],
    ids=["empty", "stands", "comes", "approaches", "leaves"],
)
def test_vehicles_move_and_noise_does_not(
    light: Light, before: tuple[Vehicle | None, float], after: tuple[Vehicle | None, float], moved: bool
) -> None:
    gate = MotionGate()
    assert gate.moved(small(*before, light, seed=1))
    assert gate.moved(small(*after, light, seed=2)) == moved


@pytest.mark.parametrize(("region", "moved"), [(WHOLE, True), ((0.0, 0.0, 0.2, 1.0), False)])
def test_what_moves_outside_the_region_does_not_count(region: Region, moved: bool) -> None:
    gate = MotionGate(region)
    gate.moved(small(None, 0.0, DAY, 1))
    assert gate.moved(small(CAR, 1.0, DAY, 2)) == moved


def test_a_picture_of_another_size_is_a_change() -> None:
    gate = MotionGate()
    still = np.zeros((90, 160), np.uint8)
    assert [gate.moved(still), gate.moved(still), gate.moved(still[:45])] == [True, False, True]
