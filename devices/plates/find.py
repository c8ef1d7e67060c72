"""Find plates with the four-corner network `clp_det.onnx` (a RetinaFace-like net: boxes, scores and corners on priors).

The network sees pixels less the mean of its training pictures; its raw answer is relative to fixed priors.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np

from devices.plates.network import Network
from devices.plates.stages import Corners, Floats, Found, Image
from devices.transports.opencv import cv2

MEAN_BGR = (104.0, 117.0, 123.0)
PRIOR_SIZES = {8: (24, 48), 16: (96, 192), 32: (384, 768)}  # pixels, by stride of the feature map
CENTRE_VARIANCE = 0.1
SIZE_VARIANCE = 0.2
SCORE_MIN = 0.3
OVERLAP_MAX = 0.4
FOUND_MAX = 16


class CornerFinder:
    """The plate finder: one network, pictures scaled to a given size."""

    def __init__(self, model: Path, threads: int = 1) -> None:
        self._network = Network(model, threads)

    def find(self, image: Image, longest: int) -> list[Found]:
        """Return the plates of `image`, seen with its longer side scaled to `longest` pixels; best first."""
        scale = longest / max(image.shape[:2])
        height, width = (max(1, round(side * scale)) for side in image.shape[:2])
        shrink = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        scaled = cv2.resize(image, (width, height), interpolation=shrink)
        located, scores, corners = self._network.run(cv2.dnn.blobFromImage(scaled, mean=MEAN_BGR))
        return _decode(located[0], scores[0, :, 1], corners[0], _priors(height, width), 1 / scale)


def _decode(located: Floats, scores: Floats, corners: Floats, priors: Floats, scale: float) -> list[Found]:
    """Turn the network's answer into plates, the better of two that overlap."""
    sure = np.flatnonzero(scores >= SCORE_MIN)
    priors, located, scores = priors[sure], located[sure], scores[sure]
    centres = priors[:, :2] + located[:, :2] * CENTRE_VARIANCE * priors[:, 2:]
    sizes = priors[:, 2:] * np.exp(located[:, 2:] * SIZE_VARIANCE)
    offsets = corners[sure].reshape(-1, 4, 2) * CENTRE_VARIANCE * priors[:, None, 2:]
    points = (priors[:, None, :2] + offsets) * scale
    boxes = np.hstack([centres - sizes / 2, sizes]) * scale
    kept = cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), SCORE_MIN, OVERLAP_MAX)
    return [Found(clockwise(points[index]), float(scores[index])) for index in list(kept)[:FOUND_MAX]]


@lru_cache(maxsize=16)
def _priors(height: int, width: int) -> Floats:
    """Return centre x, centre y, width, height in pixels of every prior of a picture of this size, in the net's order."""
    levels = []
    for stride, sizes in PRIOR_SIZES.items():
        rows, columns = -(-height // stride), -(-width // stride)
        y, x, size = np.meshgrid(np.arange(rows), np.arange(columns), np.array(sizes), indexing="ij")
        cells = [(x + 0.5) * stride, (y + 0.5) * stride, size, size]
        levels.append(np.stack(cells, axis=-1).reshape(-1, 4))
    return np.concatenate(levels).astype(np.float32)


def clockwise(points: Floats) -> Corners:
    """Order four points clockwise from the top left one."""
    centre = points.mean(axis=0)
    angles = np.arctan2(points[:, 1] - centre[1], points[:, 0] - centre[0])
    ordered = points[np.argsort(angles)]
    first = int(np.argmin(ordered.sum(axis=1)))
    a, b, c, d = ((float(x), float(y)) for x, y in np.roll(ordered, -first, axis=0))
    return a, b, c, d
