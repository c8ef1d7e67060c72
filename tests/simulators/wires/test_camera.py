import http.client
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest

from devices.errors import UsageError
from devices.transports.mjpeg import MjpegParser, boundary_of
from devices.transports.pictures import Picture, decode
from simulators.wires import drawing
from simulators.wires.camera import MODES, Camera, obey, run
from simulators.wires.drawing import DAY, GROUND, NIGHT, Vehicle, colour_for, draw_plate, draw_scene
from tests.waiting import wait_until


class Viewer:
    """A plain HTTP client that takes pictures off the stream."""

    def __init__(self, camera: Camera) -> None:
        where = urlsplit(camera.url)
        self._connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=10)
        self._connection.request("GET", where.path)
        self._answer = self._connection.getresponse()
        boundary = boundary_of(self._answer.headers["Content-Type"])
        assert boundary is not None
        self._parser = MjpegParser(boundary)

    def next(self) -> bytes:
        while not (parts := self._parser.feed(self._answer.read1(65536))):
            pass
        return parts[-1]

    def close(self) -> None:
        self._answer.close()
        self._connection.close()


@pytest.fixture
def camera() -> Iterator[Camera]:
    with Camera(fps=20) as camera:
        yield camera


@pytest.fixture
def viewer(camera: Camera) -> Iterator[Viewer]:
    viewer = Viewer(camera)
    yield viewer
    viewer.close()


def plate_blue(picture: Picture) -> float:
    """Share of pixels in a plate's blue: who stands in the lane, as far as this test cares."""
    blue, green, red = (picture[..., channel].astype(int) for channel in range(3))
    return float(((blue > 140) & (green < 100) & (red < 70)).mean())


def test_a_vehicle_drives_in_stands_and_leaves(camera: Camera, viewer: Viewer) -> None:
    assert plate_blue(decode(viewer.next())) < 0.0005
    camera.show("粤B12D45", approach_s=0.2)
    wait_until(lambda: plate_blue(decode(viewer.next())) > 0.005, what="the vehicle to stand near")
    camera.clear()
    wait_until(lambda: plate_blue(decode(viewer.next())) < 0.0005, what="the lane to be empty")


def test_a_second_viewer_sees_the_same(camera: Camera, viewer: Viewer) -> None:
    other = Viewer(camera)
    assert decode(other.next()).shape == decode(viewer.next()).shape == (720, 1280, 3)
    other.close()


def test_half_a_picture_is_what_it_says(camera: Camera, viewer: Viewer) -> None:
    whole = viewer.next()
    camera.mode = "half_picture"
    wait_until(lambda: len(viewer.next()) < 0.6 * len(whole), what="half a picture")


def test_a_still_scene_changes_by_its_noise_and_a_frozen_one_does_not(camera: Camera, viewer: Viewer) -> None:
    first = viewer.next()
    wait_until(lambda: viewer.next() != first, what="other noise")
    camera.mode = "frozen"
    viewer.next()
    last = viewer.next()
    assert [viewer.next() for _ in range(5)] == [last] * 5


def test_words_of_the_command_line() -> None:
    camera = Camera()
    said = ["show 粤B12D45", "show 粤B12D45 yellow", "clear", "night", "day", *(f"mode {mode}" for mode in MODES)]
    assert all(obey(camera, line.split()) for line in said)
    assert not any(obey(camera, line.split()) for line in ("", "mode odd", "open sesame", "show"))
    assert camera.light == DAY
    camera.stop()


def test_alone_it_tells_its_url_and_obeys(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("show 粤B12D45\nnonsense\n"))
    run(port=0)
    url, usage = capsys.readouterr().out.splitlines()
    assert url.startswith('url = "http://127.0.0.1:')
    assert "half_picture" in usage


@pytest.mark.parametrize(
    ("plate", "colour", "width"),
    [
        ("粤B12D45", "blue", 440),
        ("粤BD12345", "green", 480),
        ("粤B1234学", "yellow", 440),
        ("粤B1234警", "white", 440),
        ("粤Z1234港", "black", 440),
    ],
)
def test_plates_have_the_standards_size_and_their_kinds_colour(plate: str, colour: str, width: int) -> None:
    assert colour_for(plate) == colour
    picture = draw_plate(plate)
    assert picture.shape == (140, width, 3)
    ground = np.array(GROUND[colour][::-1])
    assert np.abs(picture[-8:-7, 40:-40].astype(int) - ground).max() < 50


def test_night_is_darker_and_the_same_seed_draws_the_same() -> None:
    vehicle = Vehicle("粤B12D45", "blue")
    day, night, again = (draw_scene(vehicle, 1.0, light, np.random.default_rng(3)) for light in (DAY, NIGHT, DAY))
    assert night.mean() < 0.5 * day.mean()
    assert np.array_equal(day, again)


def test_an_unknown_colour_and_a_missing_font_are_said_in_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not pink"):
        draw_plate("粤B12D45", "pink")
    monkeypatch.setattr(drawing, "FONTS", (str(tmp_path / "none.ttc"),))
    drawing._font.cache_clear()
    with pytest.raises(UsageError, match="fonts-noto-cjk"):
        drawing._font()
