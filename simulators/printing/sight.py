"""What a camera sees of a slip of paper: from a distance, at an angle, in uneven light, out of focus, with a sensor's noise."""

from dataclasses import dataclass
from math import cos, pi, sin
from typing import Final

import numpy as np
from numpy.typing import NDArray

from devices.transports.opencv import cv2
from devices.transports.pictures import Picture
from simulators.printing.paper import Slip, printed

FRAME_MIN: Final = (640, 480)  # about the sensor of a code reader
FOCAL_PER_WIDTH: Final = 1.375  # a field of view of 40 degrees
ROOM: Final = 1.5  # times the code's width that the frame is high: it stays in it however it is turned
DESK: Final = 110
FINER: Final = 2  # drawn so much finer and then shrunk, as a sensor's pixel takes in an area
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sight:
    """How a code is held up: angles in degrees, a module's width and the blur in pixels of the picture, noise in grey levels.

    `tilt` and `turn` lean the paper back and sideways, `roll` turns it in its own plane; `shade` 0..1 is how much darker its
    darkest corner is than its lightest, which is where `light_from` (radians) points.
    """

    module_pixels: float = 4.0
    tilt: float = 0.0
    turn: float = 0.0
    roll: float = 0.0
    shade: float = 0.4
    light_from: float = 0.0
    blur: float = 0.6
    noise: float = 5.0


def by_chance(rng: np.random.Generator, angle: float, module_pixels: float) -> Sight:
    """Return a sight from `angle` degrees off the upright; the direction, the light, blur and noise are by chance."""
    towards = rng.uniform(0, 2 * pi)
    return Sight(
        module_pixels,
        tilt=angle * cos(towards),
        turn=angle * sin(towards),
        roll=rng.uniform(-180, 180),
        shade=rng.uniform(0, 0.6),
        light_from=rng.uniform(0, 2 * pi),
        blur=rng.uniform(0.3, 0.9),
        noise=rng.uniform(2, 10),
    )


def seen(slip: Slip, sight: Sight, rng: np.random.Generator) -> Picture:
    """Return the grey picture that the camera takes; the code is in its middle."""
    height = max(FRAME_MIN[1], round(ROOM * slip.code_mm / slip.module_mm * sight.module_pixels))
    width = height * FRAME_MIN[0] // FRAME_MIN[1]
    size = (FINER * width, FINER * height)
    onto = _projection(slip, sight, size)
    fine = cv2.warpPerspective(slip.picture, onto, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_CONSTANT, borderValue=DESK)
    lit = cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) * _light(sight, width, height)
    sharp = cv2.GaussianBlur(lit, (0, 0), sight.blur) if sight.blur > 0 else lit
    picture: Picture = np.clip(sharp + rng.normal(0, sight.noise, sharp.shape), 0, 255).astype(np.uint8)
    return picture


def held_up(text: str, angle: float, module_pixels: float, seed: int) -> Picture:
    """Return a picture of `text`, printed and held up at that angle and distance; all else is by chance of `seed`."""
    rng = np.random.default_rng(seed)
    return seen(printed(text, rng), by_chance(rng, angle, module_pixels), rng)


def as_png(picture: Picture) -> bytes:
    """Return the picture as a file, with nothing lost."""
    return bytes(cv2.imencode(".png", picture)[1])


def _projection(slip: Slip, sight: Sight, size: tuple[int, int]) -> Matrix:
    """Return where each pixel of the slip comes to lie: through a pinhole, the paper turned about its middle."""
    focal = FOCAL_PER_WIDTH * size[0]
    distance_mm = focal * slip.module_mm / (FINER * sight.module_pixels)
    turned = _turned(sight)
    middle = slip.picture.shape[0] / 2
    in_mm = np.array([[1, 0, -middle], [0, 1, -middle], [0, 0, slip.pixels_per_mm]]) / slip.pixels_per_mm
    in_space = np.column_stack([turned[:, 0], turned[:, 1], [0, 0, distance_mm]])
    lens = np.array([[focal, 0, size[0] / 2], [0, focal, size[1] / 2], [0, 0, 1]])
    through: Matrix = lens @ in_space @ in_mm
    return through


def _turned(sight: Sight) -> Matrix:
    tilt, turn, roll = np.radians([sight.tilt, sight.turn, sight.roll])
    about_x = np.array([[1, 0, 0], [0, cos(tilt), -sin(tilt)], [0, sin(tilt), cos(tilt)]])
    about_y = np.array([[cos(turn), 0, sin(turn)], [0, 1, 0], [-sin(turn), 0, cos(turn)]])
    about_z = np.array([[cos(roll), -sin(roll), 0], [sin(roll), cos(roll), 0], [0, 0, 1]])
    product: Matrix = about_x @ about_y @ about_z
    return product


def _light(sight: Sight, width: int, height: int) -> NDArray[np.float32]:
    """Return how bright each pixel is: from 1 - `shade` to 1 across the picture."""
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    along = (x * cos(sight.light_from) + y * sin(sight.light_from)) / 2**0.5
    light: NDArray[np.float32] = (1 - sight.shade * (1 - along) / 2).astype(np.float32)
    return light
