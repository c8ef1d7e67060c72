"""Video over real wires: an HTTP camera that behaves and misbehaves, files, folders, ports where nobody answers."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from devices.transports.backoff import Backoff
from devices.transports.captures import Settings
from devices.transports.opencv import cv2
from devices.transports.pictures import encode_jpeg
from devices.transports.video import VideoSource
from simulators.wires.camera import Camera
from simulators.wires.drawing import DAY, Vehicle, draw_scene, empty_lane
from tests.devices.transports.told import Told

DEADLINE_S = 15
SETTINGS = Settings(open_timeout_s=1.0, read_timeout_s=0.8, period_s=0.02)


class Watched:
    """A source under test: waits for what its thread does."""

    def __init__(self, url: str, settings: Settings = SETTINGS, frozen_after_s: float = 60.0) -> None:
        self.told = Told()
        self._arrived = threading.Condition()
        backoff = Backoff(0.01, 0.05)
        self.source = VideoSource(url, self.told.state, self._notify, settings, backoff, frozen_after_s)
        self.source.start()

    def _notify(self) -> None:
        with self._arrived:
            self._arrived.notify_all()

    def wait(self, met: Callable[[], bool]) -> None:
        """Wait for a condition that new pictures, or the states between them, bring about."""
        deadline = time.monotonic() + DEADLINE_S
        with self._arrived:
            while not met():
                assert time.monotonic() < deadline, (self.source.counters, self.source.why)
                self._arrived.wait(0.02)


@pytest.fixture
def watch() -> Iterator[Callable[..., Watched]]:
    sources: list[VideoSource] = []

    def watch(url: str, settings: Settings = SETTINGS, frozen_after_s: float = 60.0) -> Watched:
        watched = Watched(url, settings, frozen_after_s)
        sources.append(watched.source)
        return watched

    yield watch
    for source in sources:
        source.stop()


Watch = Callable[..., Watched]


@pytest.fixture
def camera() -> Iterator[Camera]:
    with Camera(fps=20) as camera:
        yield camera


def test_the_newest_picture_of_an_http_camera_is_kept(camera: Camera, watch: Watch) -> None:
    watched = watch(camera.url)
    assert watched.told.next_state() == (True, "")
    watched.wait(lambda: watched.source.counters.frames >= 5)
    frame = watched.source.newest
    assert frame is not None
    assert frame.image.shape == (720, 1280, 3)
    assert frame.small.shape == (90, 160)
    assert watched.source.age_s(frame.mono + 0.5) == pytest.approx(0.5)
    assert watched.source.is_up


def test_a_camera_that_stalls_is_down_and_comes_back_by_itself(camera: Camera, watch: Watch) -> None:
    watched = watch(camera.url)
    assert watched.told.next_state() == (True, "")
    camera.mode = "stall"
    up, why = watched.told.next_state()
    assert not up
    assert why
    frames = watched.source.counters.frames
    camera.mode = "well"
    watched.wait(lambda: watched.source.counters.frames > frames and watched.source.is_up)
    assert watched.source.counters.reopened >= 1


@pytest.mark.parametrize(("mode", "reason"), [("half_picture", "half a picture"), ("huge", "huge picture")])
def test_pictures_that_cannot_be_are_counted_and_not_shown(camera: Camera, watch: Watch, mode: str, reason: str) -> None:
    watched = watch(camera.url)
    assert watched.told.next_state() == (True, "")
    camera.mode = mode  # type: ignore[assignment]  # the parameters are modes
    assert watched.told.next_state()[0] is False
    watched.wait(lambda: watched.source.counters.reasons.get(reason, 0) >= 2)
    camera.mode = "well"
    watched.wait(lambda: watched.source.is_up)


def test_a_frozen_picture_is_no_camera_that_works(camera: Camera, watch: Watch) -> None:
    camera.mode = "frozen"
    watched = watch(camera.url, frozen_after_s=0.3)
    assert watched.told.next_state() == (True, "")
    assert watched.told.next_state() == (False, "the picture is frozen")
    camera.show("粤B12D45")
    camera.mode = "well"
    assert watched.told.next_state() == (True, "")


def test_nobody_there_is_said_soon_and_tried_again(watch: Watch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    watched = watch(f"http://127.0.0.1:{port}/stream")
    assert watched.told.next_state()[0] is False
    with Camera(port, fps=20):
        watched.wait(lambda: watched.source.is_up)


def test_an_rtsp_peer_that_never_answers_costs_no_more_than_the_time_out(watch: Watch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        start = time.monotonic()
        watched = watch(f"rtsp://127.0.0.1:{silent.getsockname()[1]}/stream")
        assert watched.told.next_state() == (False, "the source does not open")
        assert time.monotonic() - start < 5
        watched.source.stop()


def test_a_folder_is_played_once_or_for_ever(tmp_path: Path, watch: Watch) -> None:
    for name in ("b.jpg", "a.jpg", "notes.txt"):
        (tmp_path / name).write_bytes(encode_jpeg(empty_lane()))
    once = watch(f"folder://{tmp_path}", Settings(period_s=0.01, loop=False))
    assert [once.told.next_state(), once.told.next_state()] == [(True, ""), (False, "played to the end")]
    assert once.source.counters.frames == 2
    looping = watch(f"folder://{tmp_path}", Settings(period_s=0.01), frozen_after_s=0.01)
    looping.wait(lambda: looping.source.counters.frames >= 5)
    assert looping.source.is_up


def test_a_bad_picture_in_a_folder_is_counted_and_passed_over(tmp_path: Path, watch: Watch) -> None:
    jpeg = encode_jpeg(empty_lane())
    (tmp_path / "a.jpg").write_bytes(jpeg[: len(jpeg) // 2])
    (tmp_path / "b.png").write_bytes(b"no picture")
    (tmp_path / "c.jpg").write_bytes(jpeg)
    watched = watch(f"folder://{tmp_path}", Settings(period_s=0.01, loop=False))
    assert watched.told.next_state() == (True, "")
    assert watched.source.counters.reasons == {"half a picture": 1, "not a picture": 1}


@pytest.mark.parametrize("url", ["folder:///nowhere/at/all", "file:///nowhere/film.avi", "usb:99"])
def test_what_is_not_there_is_down(url: str, watch: Watch) -> None:
    assert watch(url).told.next_state()[0] is False


def test_what_is_no_source_is_said_once(watch: Watch) -> None:
    up, why = watch("gopher://camera").told.next_state()
    assert not up
    assert "rtsp:" in why


def test_a_film_is_played_through_ffmpeg(tmp_path: Path, watch: Watch) -> None:
    path = tmp_path / "film.avi"
    film = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter_fourcc(*"MJPG"), 50.0, (1280, 720))
    rng = np.random.default_rng(1)
    for nearness in (0.2, 0.6, 1.0):
        film.write(draw_scene(Vehicle("粤B12D45", "blue"), nearness, DAY, rng))
    film.release()
    watched = watch(f"file://{path}", Settings(loop=False))
    assert [watched.told.next_state(), watched.told.next_state()] == [(True, ""), (False, "played to the end")]
    assert watched.source.counters.frames == 3
    frame = watched.source.newest
    assert frame is not None
    assert frame.image.shape == (720, 1280, 3)
