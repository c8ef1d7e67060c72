"""The colour of a plate, and how well it goes with the kind that a text spells."""

import numpy as np

from access.plate import KINDS
from devices.plates.stages import Image
from devices.transports.opencv import cv2

# Hue (0..179), from and to; a pixel of these is coloured where its saturation and value suffice.
HUES = {"yellow": (14, 34), "green": (35, 92), "blue": (93, 132)}
SATURATION_MIN = 70
VALUE_MIN = 45
COLOURED_MIN = 0.3  # share of a plate's pixels; its characters and their halo are the rest
GREY_MAX = 0.12
DARK_MEDIAN_MAX = 100
MISMATCH = 0.05  # weight of a kind that is not made in the colour seen: a faded plate is rare, a misread character is not
UNSEEN = 0.3  # weight of a rare kind whose colour cannot be seen
COMMON = {"ordinary", "new-energy-small", "new-energy-large"}

_COLOURS = {kind.name: kind.colours for kind in KINDS}


def colour_of(strip: Image) -> str:
    """Return blue, green, yellow, yellow-green, white or black; "" where the light leaves it open."""
    height, width = strip.shape[:2]
    inner = strip[height // 8 : -(height // 8), width // 32 : -(width // 32)]
    hue, saturation, value = cv2.split(cv2.cvtColor(inner, cv2.COLOR_BGR2HSV))
    vivid = (saturation >= SATURATION_MIN) & (value >= VALUE_MIN)
    shares = {name: float(np.mean(vivid & (hue >= low) & (hue <= high))) for name, (low, high) in HUES.items()}
    if shares["yellow"] > 0.15 and shares["green"] > 2 * GREY_MAX:
        return "yellow-green"
    name = max(shares, key=shares.__getitem__)
    if shares[name] >= COLOURED_MIN:
        return name
    if max(shares.values()) < GREY_MAX:
        return "black" if float(np.median(value)) < DARK_MEDIAN_MAX else "white"
    return ""


def colour_weight(colour: str, kind: str) -> float:
    """Return how well `kind` goes with the colour seen: 1 where it is made in it, or is common and no colour was seen."""
    if not colour:
        return 1.0 if kind in COMMON else UNSEEN
    return 1.0 if colour in _COLOURS.get(kind, ()) else MISMATCH
