"""Read the plates of picture files, for the command line: one answer a file, in the form that the manual gives."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from devices.errors import FrameError
from devices.plates.chain import load_reader
from devices.plates.stages import Region
from devices.transports.pictures import decode

Answer = dict[str, Any]


def answers(paths: Sequence[Path], models: Path, *, crop: bool, region: Region | None, threads: int) -> Iterator[Answer]:
    """Yield {"image", "ms", "plates"} for each path, with "error" where it is no picture; `ms` leaves out decoding."""
    reader = load_reader(models, threads)
    for path in paths:
        answer: Answer = {"image": str(path), "ms": 0.0, "plates": []}
        try:
            image = decode(path.read_bytes())
        except (OSError, FrameError) as error:
            yield answer | {"error": str(error)}
            continue
        start = time.perf_counter()
        plates = reader.read_crop(image) if crop else reader.read(image, region)
        answer["ms"] = round((time.perf_counter() - start) * 1000, 1)
        answer["plates"] = [_told(asdict(plate)) for plate in plates]
        yield answer


def _told(plate: Answer) -> Answer:
    """Leave out what only an arrival has, and digits that mean nothing."""
    numbers = {
        "confidence": round(plate["confidence"], 4),
        "characters": [round(share, 4) for share in plate["characters"]],
        "corners": [[round(x, 1), round(y, 1)] for x, y in plate["corners"]],
    }
    return {key: plate[key] for key in ("text", "raw", "colour", "kind")} | numbers
