"""What passes between the stages of plate reading, and the two stages that hold a network, as protocols."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]  # height x width x 3; blue, green, red, as OpenCV decodes it
Floats = NDArray[np.float32]
Point = tuple[float, float]
Corners = tuple[Point, Point, Point, Point]  # pixels, clockwise from top left


@dataclass(frozen=True, slots=True)
class Region:
    """An upright rectangle of a picture, in pixels."""

    left: int
    top: int
    width: int
    height: int

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing inside."""
        return self.width <= 0 or self.height <= 0

    def of(self, image: Image) -> Image:
        """Return the pixels of `image` inside (a view, not a copy)."""
        return image[self.top : self.top + self.height, self.left : self.left + self.width]


@dataclass(frozen=True, slots=True)
class Found:
    """A plate found in a picture: where its four corners are and how sure the finder is (0..1)."""

    corners: Corners
    score: float

    @property
    def width(self) -> float:
        """Mean length of the upper and lower edge, in pixels."""
        return (_distance(self.corners[0], self.corners[1]) + _distance(self.corners[3], self.corners[2])) / 2

    @property
    def height(self) -> float:
        """Mean length of the left and right edge, in pixels."""
        return (_distance(self.corners[0], self.corners[3]) + _distance(self.corners[1], self.corners[2])) / 2


@dataclass(frozen=True, slots=True)
class Line:
    """One plate that a strip may carry: normal form, probability, and by character the share of the candidates that agree."""

    text: str
    probability: float
    characters: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """What a strip says: `raw` read freely, `lines` the plates that it may be, best first."""

    raw: str
    lines: tuple[Line, ...]


class Finder(Protocol):
    """Finds plates in a picture."""

    def find(self, image: Image, longest: int) -> list[Found]:
        """Return the plates of `image`, seen with its longer side scaled to `longest` pixels; best first."""
        ...


class Recogniser(Protocol):
    """Reads rectified strips."""

    def read(self, strips: Sequence[Image]) -> list[Text]:
        """Return what each strip says."""
        ...


def around(corners: Corners, margin: float) -> Region:
    """Return the upright rectangle around `corners`, `margin` pixels wider on each side."""
    xs, ys = zip(*corners, strict=True)
    left, top = int(min(xs) - margin), int(min(ys) - margin)
    return Region(left, top, int(max(xs) + margin) - left + 1, int(max(ys) + margin) - top + 1)


def within(region: Region, image: Image) -> Region:
    """Return the part of `region` that lies inside `image`; it may be empty."""
    height, width = image.shape[:2]
    left, top = min(max(region.left, 0), width), min(max(region.top, 0), height)
    right = min(max(region.left + region.width, left), width)
    bottom = min(max(region.top + region.height, top), height)
    return Region(left, top, right - left, bottom - top)


def moved(corners: Corners, region: Region) -> Corners:
    """Return corners that were measured inside `region` as corners of the whole picture."""
    a, b, c, d = ((x + region.left, y + region.top) for x, y in corners)
    return a, b, c, d


def _distance(one: Point, other: Point) -> float:
    return float(np.hypot(one[0] - other[0], one[1] - other[1]))
