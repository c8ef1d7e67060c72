"""The whole chain: on drawn scenes of every kind, and on photographs where they are at hand, with the score printed."""

import csv
import sys
from pathlib import Path

import numpy as np
import pytest

from access.plate import kind_of
from devices.plates.chain import PlateReader
from devices.plates.stages import Region
from devices.readings import PlateRead
from devices.transports.pictures import decode
from simulators.wires.drawing import DAY, NIGHT, Light, Vehicle, colour_for, draw_plate, draw_scene
from tests.sizes import sized

PLATES = ("粤B12D45", "沪AF71017", "皖K6X866", "鄂F8888警", "琼A6716学", "粤ZR066港", "京AD3R97", "新A0S6H1", "粤BD01366")
PHOTOGRAPHS = Path(__file__).parents[4] / "shared" / "plates"


@pytest.mark.parametrize("plate", PLATES)
def test_a_drawn_vehicle_by_day_is_read_right(reader: PlateReader, plate: str) -> None:
    scene = draw_scene(Vehicle(plate, colour_for(plate)), 1.0, DAY, np.random.default_rng(1))
    (best, *_) = reader.read(scene)
    assert (best.text, best.kind, best.colour) == (plate, kind_of(plate), colour_for(plate))
    assert best.confidence > 0.5
    assert len(best.characters) == len(plate)
    assert best.corners[0][0] < best.corners[1][0]


def test_many_drawn_vehicles_by_day_are_read_right_and_at_night_some_are_doubtful(reader: PlateReader) -> None:
    rng = np.random.default_rng(7)
    count = sized(quick=40, soak=1000)
    plates = [f"{'粤沪京川皖'[i % 5]}{'ABCDEF'[i % 6]}{rng.integers(0, 100_000):05d}" for i in range(count)]
    day = [_first(reader, plate, DAY, rng) for plate in plates]
    night = [_first(reader, plate, NIGHT, rng) for plate in plates]
    assert sum(read.text == plate for read, plate in zip(day, plates, strict=True)) >= 0.98 * count
    sure = [(read.text, plate) for read, plate in zip(day + night, plates * 2, strict=True) if read.confidence > 0.9]
    assert [pair for pair in sure if pair[0] != pair[1]] == []
    assert any(read.confidence < 0.5 for read in night)


def _first(reader: PlateReader, plate: str, light: Light, rng: np.random.Generator) -> PlateRead:
    vehicle = Vehicle(plate, "blue", int(rng.integers(5)), rng.uniform(-1, 1))
    reads = reader.read(draw_scene(vehicle, rng.uniform(0.85, 1.1), light, rng))
    return reads[0] if reads else PlateRead("", "", 0.0)


def test_only_the_region_is_read_and_corners_are_of_the_whole_picture(reader: PlateReader) -> None:
    scene = draw_scene(Vehicle("粤B12D45", "blue"), 1.0, DAY, np.random.default_rng(1))
    (whole,) = reader.read(scene)
    (part,) = reader.read(scene, Region(320, 360, 640, 360))
    assert reader.read(scene, Region(0, 0, 1280, 360)) == []
    assert part.text == whole.text
    assert np.allclose(part.corners, whole.corners, atol=8)


def test_a_crop_is_read_without_finding(reader: PlateReader) -> None:
    (best,) = reader.read_crop(draw_plate("粤B12D45"))
    assert best.text == "粤B12D45"


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (720, 1280)])
def test_pictures_without_a_plate_say_nothing(reader: PlateReader, size: tuple[int, int]) -> None:
    noise = np.random.default_rng(2).integers(0, 255, (*size, 3), np.uint8)
    assert all(read.confidence < 0.3 for read in reader.read(noise))


@pytest.mark.skipif(not PHOTOGRAPHS.is_dir(), reason="the reference photographs are not part of the project")
@pytest.mark.parametrize(
    ("folder", "count", "floor"), [("scenes", 66, 0.94), ("crops", sized(quick=60, soak=1000), 0.95)], ids=["scenes", "crops"]
)
def test_photographs_score(
    reader: PlateReader, folder: str, count: int, floor: float, capsys: pytest.CaptureFixture[str]
) -> None:
    truth = csv.DictReader((PHOTOGRAPHS / "truth.csv").read_text(encoding="utf-8").splitlines())
    rows = [row for row in truth if row["path"].startswith(folder)]
    chosen = [rows[i] for i in np.random.default_rng(5).permutation(len(rows))[:count]]
    found = 0
    for row in chosen:
        image = decode((PHOTOGRAPHS / row["path"]).read_bytes())
        reads = reader.read_crop(image) if folder == "crops" else reader.read(image)
        found += row["truth"] in [read.text for read in reads]
    with capsys.disabled():
        sys.stdout.write(f"\nplates, {folder}: {found} of {count} found\n")
    assert found >= floor * count
