import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.plates.find import clockwise
from devices.plates.rectify import STRIP_HEIGHT, STRIP_WIDTH, flatten, join_rows, strips
from devices.plates.stages import Corners, Found, Image, Region, around, moved, within
from devices.transports.opencv import cv2

TURNED: Corners = ((60.0, 40.0), (220.0, 70.0), (215.0, 125.0), (55.0, 95.0))


def quarters() -> Image:
    """A plate of four grey quarters: dark to light, left to right and down."""
    plate = np.zeros((140, 440, 3), np.uint8)
    plate[:70, :220], plate[:70, 220:], plate[70:, :220], plate[70:, 220:] = 40, 100, 160, 220
    return plate


def seen_at(corners: Corners) -> Image:
    flat = np.array([[0, 0], [440, 0], [440, 140], [0, 140]], np.float32)
    turn = cv2.getPerspectiveTransform(flat, np.array(corners, np.float32))
    scene: Image = cv2.warpPerspective(quarters(), turn, (320, 200))
    return scene


def test_flattening_undoes_the_perspective() -> None:
    flat = flatten(seen_at(TURNED), TURNED, STRIP_WIDTH, STRIP_HEIGHT, margin=0)
    assert flat.shape == (STRIP_HEIGHT, STRIP_WIDTH, 3)
    centres = [int(flat[y, x, 0]) for y in (12, 36) for x in (44, 132)]
    assert centres == pytest.approx([40, 100, 160, 220], abs=4)


@given(st.permutations(TURNED))
def test_corners_in_any_order_come_out_clockwise_from_top_left(corners: list[tuple[float, float]]) -> None:
    assert clockwise(np.array(corners, np.float32)) == TURNED


def test_only_plates_of_two_rows_proportions_are_cut() -> None:
    scene = seen_at(TURNED)
    square: Corners = ((60.0, 40.0), (160.0, 40.0), (160.0, 95.0), (60.0, 95.0))
    assert len(strips(scene, Found(TURNED, 1.0))) == 1
    assert [strip.shape for strip in strips(scene, Found(square, 1.0))] == [(STRIP_HEIGHT, STRIP_WIDTH, 3)] * 2


def test_the_upper_row_comes_before_the_lower() -> None:
    plate = np.zeros((2 * STRIP_HEIGHT, STRIP_WIDTH, 3), np.uint8)
    plate[: round(0.4 * len(plate))] = 200
    joined = join_rows(plate)
    assert joined.shape == (STRIP_HEIGHT, STRIP_WIDTH, 3)
    assert joined[24, 20, 0] > 190
    assert joined[24, 120, 0] < 10


@given(*[st.integers(-50, 400)] * 2, *[st.integers(-5, 500)] * 2)
def test_a_region_is_cut_to_what_the_picture_has(left: int, top: int, width: int, height: int) -> None:
    image = np.zeros((200, 320, 3), np.uint8)
    region = within(Region(left, top, width, height), image)
    assert region.of(image).shape[:2] == (region.height, region.width)
    assert region.is_empty == (region.of(image).size == 0)


def test_corners_move_with_their_region() -> None:
    region = around(TURNED, 10)
    assert (region.left, region.top) == (45, 30)
    inside = ((15.0, 10.0), (175.0, 40.0), (170.0, 95.0), (10.0, 65.0))
    assert moved(inside, region) == TURNED
