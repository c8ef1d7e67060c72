"""A camera: one thread that keeps the newest whole picture, opens the source again whenever it is lost, and knows its age.

Health is the age of the newest picture, never what the library says of its connection; a picture that does not change for
seconds is a frozen camera, however lively its stream.
"""

import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException

from devices.errors import FrameError, LinkLost, UsageError
from devices.readings import WireCounters
from devices.transports.backoff import Backoff
from devices.transports.callbacks import State
from devices.transports.captures import Captured, Settings, capture, plays_back
from devices.transports.opencv import cv2
from devices.transports.pictures import Picture, decode, decode_small, require_whole, shrink

FROZEN_AFTER_S = 5.0
JOIN_TIMEOUT_S = 8.0
LOSSES = (LinkLost, FrameError, OSError, HTTPException, cv2.error)


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture: its number since start, when it was received (monotonic seconds), and small and grey for seeing motion."""

    number: int
    mono: float
    small: Picture
    data: Captured

    @property
    def image(self) -> Picture:
        """The picture in full; decoded on demand, so that nobody pays for pictures that nobody reads."""
        return decode(self.data) if isinstance(self.data, bytes) else self.data


class VideoSource:
    """Follows one source until stopped. `state` and `arrived` are called from the source's own thread and must be quick."""

    def __init__(
        self,
        url: str,
        state: State,
        arrived: Callable[[], None] = lambda: None,
        settings: Settings | None = None,
        backoff: Backoff | None = None,
        frozen_after_s: float = FROZEN_AFTER_S,
    ) -> None:
        self.counters = WireCounters()
        self._url = url
        self._state = state
        self._arrived = arrived
        self._settings = settings or Settings()
        self._backoff = backoff or Backoff()
        self._frozen_after_s = float("inf") if plays_back(url) else frozen_after_s
        self._newest: Frame | None = None
        self._digest: int | None = None
        self._changed_mono = 0.0
        self._alive_mono = 0.0
        self._told: tuple[bool, str] | None = None
        self.stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="video", daemon=True)

    @property
    def newest(self) -> Frame | None:
        """The newest whole picture, None before the first."""
        return self._newest

    @property
    def is_up(self) -> bool:
        """Whether pictures come and change."""
        return self._told is not None and self._told[0]

    @property
    def why(self) -> str:
        """Why it is not up; empty while it is."""
        return self._told[1] if self._told else "starting"

    def age_s(self, now: float) -> float:
        """Return how old the newest picture is; infinite before the first."""
        return now - self._newest.mono if self._newest else float("inf")

    def start(self) -> None:
        """Begin to open the source."""
        self._thread.start()

    def stop(self) -> None:
        """Let go of the source; waits until its thread has ended or a time-out of the library is past."""
        self.stopping.set()
        if self._thread.is_alive():
            self._thread.join(JOIN_TIMEOUT_S)

    def _run(self) -> None:
        try:
            while not self.stopping.is_set():
                try:
                    self._follow()
                except LOSSES as error:
                    self._lose(error)
                else:
                    break
        except UsageError as error:
            self._tell(up=False, why=str(error))

    def _follow(self) -> None:
        """Take pictures until the source is lost, ends or is stopped."""
        self._alive_mono = time.monotonic()
        for captured in capture(self._url, self._settings, self.stopping):
            if self.stopping.is_set():
                return
            now = time.monotonic()
            if captured is not None:
                self._take(captured, now)
            if now - self._alive_mono > self._settings.read_timeout_s:
                raise LinkLost(f"no whole picture for {self._settings.read_timeout_s:g} s")
        self._tell(up=False, why="played to the end")

    def _take(self, captured: Captured, now: float) -> None:
        self.counters.bytes_in += len(captured) if isinstance(captured, bytes) else captured.nbytes
        try:
            digest, small = self._looked_at(captured)
        except FrameError as error:
            self.counters.reject(error.what)
            return
        self.counters.frames += 1
        self._alive_mono = now
        if digest != self._digest:
            self._digest, self._changed_mono = digest, now
        self._newest = Frame(self.counters.frames, now, small, captured)
        self._backoff.reset()
        frozen = now - self._changed_mono > self._frozen_after_s
        self._tell(up=not frozen, why="the picture is frozen" if frozen else "")
        self._arrived()

    def _looked_at(self, captured: Captured) -> tuple[int, Picture]:
        """Return a digest and the small picture, which also proves that encoded bytes are a picture; raises FrameError."""
        if not isinstance(captured, bytes):
            small = shrink(captured)
            return zlib.crc32(small.tobytes()), small
        require_whole(captured)
        digest = zlib.crc32(captured)
        if self._newest is not None and digest == self._digest:
            return digest, self._newest.small
        return digest, decode_small(captured)

    def _lose(self, error: Exception) -> None:
        if isinstance(error, FrameError):
            self.counters.reject(error.what)
        self.counters.reopened += 1
        self._tell(up=False, why=str(error) or type(error).__name__)
        self.stopping.wait(self._backoff.next_s())

    def _tell(self, *, up: bool, why: str) -> None:
        if (up, why) != self._told:
            self._told = up, why
            self._state(up, why)
