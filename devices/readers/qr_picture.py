"""QR codes in a picture: what a code reader, a booth's camera or a phone was shown. Bounded in size, in tries, and so in time.

OpenCV's detector finds little in small or dim codes at once, nearly all when the picture is enlarged or its light is evened out
first; the tries go from the cheapest to the dearest and end with the first that reads anything. Needs the extra `plates`.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

import numpy as np

from devices.transports.opencv import cv2
from devices.transports.pictures import Picture, shrink_to

PIXELS_MAX: Final = 2_000_000  # what is larger is made smaller first
ENLARGED_PIXELS_MAX: Final = 3_000_000
CODES_MAX: Final = 8  # read from one try
CORNERS_MAX: Final = 100  # a code has three; the time to sort out whose they are grows with their cube
CORNER_PIXELS_MIN: Final = 16
EVEN_PIXELS, EVEN_LEVELS = 61, 5  # what is darker by so much than so wide a square around it counts as black
ENCODINGS: Final = ("utf-8", "gbk")  # as `qr_line` takes them from a reader


def texts_in(picture: Picture) -> list[str]:
    """Return the texts of the codes in `picture` (grey, or blue, green and red), each once; none where it is too crowded."""
    grey = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    return next((texts for tried in _tries(_bounded(grey)) if (texts := _read(tried))), [])


def _bounded(grey: Picture) -> Picture:
    height, width = grey.shape
    scale = (PIXELS_MAX / (height * width)) ** 0.5
    return grey if scale >= 1 else shrink_to(grey, int(width * scale), int(height * scale))


def _tries(grey: Picture) -> Iterator[Picture]:
    """Yield the picture as it is, twice as large, that in even light, and three times as large; only once where it is large."""
    yield grey
    twice = _enlarged(grey, 2)
    if twice is not grey:
        yield twice
    yield _evened(twice)
    thrice = _enlarged(grey, 3)
    if thrice is not grey:
        yield thrice


def _enlarged(grey: Picture, times: int) -> Picture:
    if grey.size * times * times > ENLARGED_PIXELS_MAX:
        return grey
    larger: Picture = cv2.resize(grey, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC)
    return larger


def _evened(grey: Picture) -> Picture:
    """Return black where it is darker than around, else white."""
    smooth = cv2.GaussianBlur(grey, (0, 0), 0.7)
    how = cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY, EVEN_PIXELS, EVEN_LEVELS
    even: Picture = cv2.adaptiveThreshold(smooth, 255, *how)
    return even


def _read(grey: Picture) -> list[str]:
    if min(grey.shape) < CORNER_PIXELS_MIN or _corners(grey) > CORNERS_MAX:
        return []
    detector = cv2.QRCodeDetectorAruco()
    try:
        found, places = detector.detectMulti(grey)
        data = [_decoded(detector, grey, place) for place in places[:CODES_MAX]] if found else []
    except cv2.error:  # what the detector stumbles over is no code
        return []
    return list(dict.fromkeys(text for one in data if (text := _text(one))))


def _decoded(detector: Any, grey: Picture, place: Any) -> bytes:
    data: bytes = detector.decodeBytes(grey, place[None])[0]
    return data


def _text(data: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return ""


def _corners(grey: Picture) -> int:
    """Count what looks like a corner of a code, one more than `CORNERS_MAX` at most: dark with a light hole with dark in it."""
    _, levels = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    outlines, tree = cv2.findContours(levels, cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE)
    if tree is None:
        return 0
    parents = tree[0][:, 3]
    holed = np.nonzero(parents >= 0)[0]
    within = holed[parents[parents[holed]] >= 0]
    likely = (inner for inner in within if _may_be_corner(outlines[inner], outlines[parents[parents[inner]]]))
    return sum(1 for _ in islice(likely, CORNERS_MAX + 1))


def _may_be_corner(inner: Any, outer: Any) -> bool:
    """Tell whether the sizes may fit: 9 modules in 49."""
    whole = cv2.contourArea(outer)
    return bool(whole > 0 and 0.03 < cv2.contourArea(inner) / whole < 0.5)
