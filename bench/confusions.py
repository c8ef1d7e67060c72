"""What the project's plate reader takes for what: the counts behind the costs in `access.confusion`.

Plates of all provinces are drawn, made small, blurred, dark and noisy, and read; with `--photographs` so are real plates cut out,
as they are and likewise spoilt (the folder holds `truth.csv` with path and truth). Readings with one wrong character are counted.
"""

import argparse
import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from access.plate import PROVINCES, SERIAL, normalise
from bench.machine import machine
from devices.plates.chain import PlateReader, load_reader
from devices.plates.models import models_folder
from devices.plates.stages import Image
from devices.transports.opencv import cv2
from simulators.wires.drawing import draw_plate

SPOILT = 3  # pictures made of each photograph
Case = tuple[str, Image]  # what stands there, and its picture


@dataclass(slots=True)
class Counts:
    """How often characters were read beside at most one wrong one, and which pairs were mixed up, either way round."""

    readings: int = 0
    seen: Counter[str] = field(default_factory=Counter)
    pairs: Counter[str] = field(default_factory=Counter)

    def take(self, truth: str, text: str) -> None:
        """Count one reading."""
        wrong = [at for at, pair in enumerate(zip(truth, text, strict=False)) if pair[0] != pair[1]]
        self.readings += 1
        if len(truth) != len(text) or len(wrong) > 1:
            return
        self.seen.update(truth)
        self.pairs.update("".join(sorted(truth[at] + text[at])) for at in wrong)

    def per_mille(self, pair: str) -> float:
        """Return how often in a thousand readings of either character the other was read."""
        return round(1000 * self.pairs[pair] / max(1, self.seen[pair[0]] + self.seen[pair[1]]), 1)


def drawn(each: int, rng: np.random.Generator) -> Iterator[Case]:
    """Yield spoilt drawings of plates, so many of each province."""
    for turn in range(each):
        for province in PROVINCES:
            text = province + rng.choice(list("ABCDEFGH")) + "".join(rng.choice(list(SERIAL), 5))
            yield text, spoilt(draw_plate(text, "yellow" if turn % 4 == 3 else "blue"), (56, 92), rng)


def photographs(folder: Path, rng: np.random.Generator) -> Iterator[Case]:
    """Yield the cut-out plates of `folder`, each as it is and spoilt in several ways."""
    with (folder / "truth.csv").open(encoding="utf-8") as table:
        rows = [row for row in csv.DictReader(table) if row["path"].startswith("crops/")]
    for row in rows:
        truth, picture = normalise(row["truth"]), cv2.imread(str(folder / row["path"]))
        yield truth, picture
        for _ in range(SPOILT):
            yield truth, spoilt(picture, (48, 80), rng)


def spoilt(picture: Image, widths: tuple[int, int], rng: np.random.Generator) -> Image:
    """Return the picture made small (to a width in that range, in pixels), blurred, dark and noisy."""
    width = int(rng.integers(*widths))
    height = max(6, picture.shape[0] * width // picture.shape[1])
    small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)
    blurred = cv2.GaussianBlur(small, (0, 0), rng.uniform(0.3, 1.1))
    noisy = blurred * rng.uniform(0.4, 1.0) + rng.normal(0, rng.uniform(2, 18), blurred.shape)
    levels: Image = np.clip(noisy, 0, 255).astype(np.uint8)
    return levels


def counted(reader: PlateReader, cases: Iterable[Case]) -> Counts:
    """Read all cases and count."""
    counts = Counts()
    for truth, picture in cases:
        reads = reader.read_crop(picture)
        counts.take(truth, reads[0].text if reads else "")
    return counts


def rows_of(counts: dict[str, Counts], least: int) -> list[dict[str, Any]]:
    """Return a row for each pair that was mixed up at least so often, the most frequent first."""
    pairs = sum((one.pairs for one in counts.values()), Counter[str]())
    return [
        {"pair": pair, **{name: one.pairs[pair] for name, one in counts.items()}}
        | {f"{name}_per_mille": one.per_mille(pair) for name, one in counts.items()}
        for pair, times in pairs.most_common()
        if times >= least
    ]


def main() -> None:
    """Count and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photographs", type=Path, help="a folder of photographs with truth.csv")
    parser.add_argument("--drawn", type=int, default=300, help="drawn plates of each province")
    parser.add_argument("--least", type=int, default=3, help="leave out pairs mixed up more seldom")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    reader, rng = load_reader(models_folder()), np.random.default_rng(options.seed)
    counts = {"drawn": counted(reader, drawn(options.drawn, rng))}
    if options.photographs:
        counts["real"] = counted(reader, photographs(options.photographs, rng))
    rows, readings = rows_of(counts, options.least), {name: one.readings for name, one in counts.items()}
    if options.json:
        print(json.dumps({"rows": rows, "readings": readings, "machine": machine()}, ensure_ascii=False))
    else:
        print(*("  ".join(f"{name} {value}" for name, value in row.items()) for row in rows), readings, machine(), sep="\n")


if __name__ == "__main__":
    main()
