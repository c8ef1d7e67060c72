"""The chain for one picture: find -> rectify -> read -> judge, with a closer look at what is in doubt."""

from pathlib import Path

from devices.plates.colour import colour_of
from devices.plates.find import CornerFinder
from devices.plates.judge import Verdict, better, is_doubtful, judge
from devices.plates.models import DETECTOR, RECOGNISER, require_models
from devices.plates.read import PlateRecogniser
from devices.plates.rectify import CORNER_MARGIN, strips
from devices.plates.stages import Finder, Found, Image, Recogniser, Region, around, moved, within
from devices.readings import PlateRead

FIRST_SIZE = 640
SECOND_SIZE = 960  # for small plates, tried only where the first look finds nothing
ZOOM_SIZE = 320
ZOOM_MARGIN = 0.6  # of the plate's width, on each side
PLATES_MAX = 6  # of one picture
PLATE_WIDTH_MIN = 24  # pixels; smaller ones cannot be read


class PlateReader:
    """Reads the plates of one picture at a time, on the two networks it is given."""

    def __init__(self, finder: Finder, recogniser: Recogniser) -> None:
        self._finder = finder
        self._recogniser = recogniser

    def read(self, image: Image, region: Region | None = None) -> list[PlateRead]:
        """Return the plates of `image` (of `region` of it), large and sure ones first; corners in pixels of the whole."""
        area = within(region or Region(0, 0, image.shape[1], image.shape[0]), image)
        if area.is_empty:
            return []
        view = area.of(image)
        verdicts = [self._look(view, found) for found in self._find(view)]
        return _ranked([verdict for verdict in verdicts if verdict], area)

    def read_crop(self, image: Image) -> list[PlateRead]:
        """Return the plate that the whole of `image` is."""
        height, width = image.shape[:2]
        whole = Found(((0, 0), (width, 0), (width, height), (0, height)), 1.0)
        verdict = self._read(image, whole, margin=0)
        return _ranked([verdict] if verdict else [], Region(0, 0, width, height))

    def _find(self, image: Image) -> list[Found]:
        found = self._finder.find(image, FIRST_SIZE) or self._finder.find(image, SECOND_SIZE)
        return [one for one in found if one.width >= PLATE_WIDTH_MIN][:PLATES_MAX]

    def _look(self, image: Image, found: Found) -> Verdict | None:
        verdict = self._read(image, found)
        if not is_doubtful(verdict):
            return verdict
        closer = self._closer(image, found)
        return better(verdict, self._read(image, closer)) if closer else verdict

    def _closer(self, image: Image, found: Found) -> Found | None:
        """Find the same plate again on an enlarged cut around it, where its corners come out finer."""
        area = within(around(found.corners, ZOOM_MARGIN * found.width), image)
        again = [] if area.is_empty else self._finder.find(area.of(image), ZOOM_SIZE)
        return Found(moved(again[0].corners, area), again[0].score) if again else None

    def _read(self, image: Image, found: Found, margin: float = CORNER_MARGIN) -> Verdict | None:
        cut = strips(image, found, margin)
        return judge(found, self._recogniser.read(cut), colour_of(cut[0]))


def load_reader(folder: Path, threads: int = 1) -> PlateReader:
    """Return a reader on the models in `folder`; raises ModelError that names what is missing."""
    require_models(folder)
    return PlateReader(CornerFinder(folder / DETECTOR.name, threads), PlateRecogniser(folder / RECOGNISER.name, threads))


def _ranked(verdicts: list[Verdict], area: Region) -> list[PlateRead]:
    """Order by confidence times size: the vehicle at the barrier is the nearest one."""
    ranked = sorted(verdicts, key=lambda verdict: verdict.confidence * verdict.found.width, reverse=True)
    return [
        PlateRead(
            raw=verdict.raw,
            text=verdict.line.text,
            confidence=verdict.confidence,
            colour=verdict.colour,
            kind=verdict.kind,
            characters=verdict.line.characters,
            corners=moved(verdict.found.corners, area),
        )
        for verdict in ranked
    ]
