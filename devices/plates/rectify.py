"""Rectify: from a plate's four corners to upright strips that the recogniser reads, and the plate's colour.

Proportions after GA 36: one row is 440 x 140 mm, two rows 440 x 220 mm with the upper row on about 40 % of the height.
"""

import numpy as np

from devices.plates.stages import Corners, Found, Image
from devices.transports.opencv import cv2

STRIP_HEIGHT = 48
STRIP_WIDTH = 176
UPPER_ROW = 0.4
UPPER_WIDTH = 56  # two large characters of the upper row, at the proportions of the lower row
DOUBLE_ASPECT_MAX = 2.2
CORNER_MARGIN = 0.03


def strips(image: Image, found: Found, margin: float = CORNER_MARGIN) -> list[Image]:
    """Return the one-row strip of a plate, and the joined two-row strip where its proportions leave it possible."""
    single = flatten(image, found.corners, STRIP_WIDTH, STRIP_HEIGHT, margin)
    if found.width > DOUBLE_ASPECT_MAX * found.height:
        return [single]
    return [single, join_rows(flatten(image, found.corners, STRIP_WIDTH, 2 * STRIP_HEIGHT, margin))]


def flatten(image: Image, corners: Corners, width: int, height: int, margin: float = CORNER_MARGIN) -> Image:
    """Return the quadrilateral `corners`, widened by `margin` of its size, as an upright picture of `width` x `height`."""
    x, y = margin * width, margin * height
    inner = np.array([[x, y], [width - x, y], [width - x, height - y], [x, height - y]], np.float32)
    transform = cv2.getPerspectiveTransform(np.array(corners, np.float32), inner)
    flat: Image = cv2.warpPerspective(image, transform, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return flat


def join_rows(plate: Image) -> Image:
    """Cut a two-row plate at 40 % of its height and put the lower row behind the upper one."""
    cut = round(plate.shape[0] * UPPER_ROW)
    middle = plate[:cut, plate.shape[1] // 6 : -(plate.shape[1] // 6)]
    upper = cv2.resize(middle, (UPPER_WIDTH, STRIP_HEIGHT))
    lower = cv2.resize(plate[cut:], (STRIP_WIDTH - UPPER_WIDTH, STRIP_HEIGHT))
    return np.hstack([upper, lower])
