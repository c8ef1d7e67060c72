"""A slip of paper with a printed code on it, and the words that stand around one."""

from dataclasses import dataclass
from io import BytesIO
from typing import Final

import numpy as np
from PIL import Image as Pillow

from central.codes.qr import MM_PER_INCH, as_png
from devices.transports.opencv import cv2
from devices.transports.pictures import Picture

PAPER, INK = 248, 40
MARGIN_MM: Final = 14.0
LINE_MM: Final = 5.0
LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@dataclass(frozen=True, slots=True)
class Slip:
    """A grey picture of the paper, how fine it is, and how wide the code in its middle is with its quiet zone."""

    picture: Picture
    pixels_per_mm: float
    code_mm: float
    module_mm: float


def printed(text: str, rng: np.random.Generator) -> Slip:
    """Print the office's own PNG of `text`, as `on_paper` does."""
    return on_paper(as_png(text), rng)


def on_paper(png: bytes, rng: np.random.Generator) -> Slip:
    """Print an image of a code at the size that it bears, with words of chance around it."""
    with Pillow.open(BytesIO(png)) as opened:
        pixels_per_mm = opened.info["dpi"][0] / MM_PER_INCH
        code = np.asarray(opened.convert("L"))
    margin = round(MARGIN_MM * pixels_per_mm)
    paper: Picture = np.full((code.shape[0] + 2 * margin,) * 2, PAPER, np.uint8)
    _write_around(paper, margin, pixels_per_mm, rng)
    paper[margin:-margin, margin:-margin] = np.where(code < 128, INK, PAPER)
    return Slip(paper, pixels_per_mm, code.shape[0] / pixels_per_mm, _module_pixels(code) / pixels_per_mm)


def _module_pixels(code: Picture) -> float:
    """Return how wide a module is: a finder pattern, the first thing in the code's first dark row, has seven of them."""
    row = code[np.nonzero((code < 128).any(axis=1))[0][0]]
    first = int(np.nonzero(row < 128)[0][0])
    return float(np.nonzero(row[first:] >= 128)[0][0]) / 7


def _write_around(paper: Picture, margin: int, pixels_per_mm: float, rng: np.random.Generator) -> None:
    """Cover the paper with lines of words; the code is printed over them."""
    line = LINE_MM * pixels_per_mm
    for baseline in np.arange(line, paper.shape[0], line):
        words = " ".join("".join(rng.choice(list(LETTERS), rng.integers(2, 9))) for _ in range(9))
        cv2.putText(
            paper, words, (margin // 6, int(baseline)), cv2.FONT_HERSHEY_SIMPLEX, line / 45, INK, max(2, round(line / 22))
        )
