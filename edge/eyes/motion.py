"""Whether something moves in front of a camera, from small grey pictures: cheap enough for every frame. Pure."""

import numpy as np

from devices.transports.pictures import Picture

LEVELS_MIN = 18  # grey levels by which a pixel differs when something moved; noise and flicker stay below
SHARE_MIN = 0.004  # of the pixels looked at; a vehicle far off covers about a hundredth

Region = tuple[float, float, float, float]
"""Left, top, right, bottom as parts of the picture, 0..1."""

WHOLE: Region = (0.0, 0.0, 1.0, 1.0)


class MotionGate:
    """Compares each picture with the one before it, inside a region."""

    def __init__(self, region: Region = WHOLE) -> None:
        self._region = region
        self._before: Picture | None = None

    def moved(self, small: Picture) -> bool:
        """Tell whether enough has changed since the last picture; the first one, or one of another size, has."""
        height, width = small.shape[:2]
        left, top, right, bottom = self._region
        seen = small[int(top * height) : max(1, int(bottom * height)), int(left * width) : max(1, int(right * width))]
        before, self._before = self._before, seen
        if before is None or before.shape != seen.shape:
            return True
        changed = np.abs(seen.astype(np.int16) - before.astype(np.int16)) >= LEVELS_MIN
        return bool(changed.mean() >= SHARE_MIN)
