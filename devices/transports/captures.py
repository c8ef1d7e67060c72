"""Where pictures come from: each source is an iterator over pictures as they come; it raises where it is lost.

MJPEG over HTTP is cut up by ourselves and yields encoded bytes, so that what is cut off or huge is refused before it is
decoded; everything else goes through OpenCV's FFMPEG or V4L2 and yields decoded pictures.
"""

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from devices.errors import FrameError, LinkLost, UsageError
from devices.transports.mjpeg import MjpegParser, boundary_of
from devices.transports.opencv import PIXELS_MAX, cv2
from devices.transports.pictures import PICTURE_BYTES_MAX, Picture

READ_BYTES = 64 * 1024
PICTURES = {".jpg", ".jpeg", ".png"}
FPS_SANE = (0.1, 120.0)  # what a file may say of itself; else FPS_ASSUMED
FPS_ASSUMED = 10.0

Captured = bytes | Picture


@dataclass(frozen=True, slots=True)
class Settings:
    """How a source is opened: time-outs in seconds, `period_s` between two pictures taken, `loop`: play files again."""

    open_timeout_s: float = 5.0
    read_timeout_s: float = 3.0
    period_s: float = 0.1
    loop: bool = True


def capture(url: str, settings: Settings, stopping: threading.Event) -> Iterator[Captured | None]:
    """Yield the pictures of `url`, and None now and then while none is complete; ends where a file was played to its end."""
    scheme = urlsplit(url).scheme
    if scheme == "folder":
        return _folder(_path(url), settings, stopping)
    if scheme == "file":
        return _file(_path(url), settings, stopping)
    if scheme in ("http", "https"):
        return _http(url, settings)
    if scheme in ("usb", "rtsp", "rtsps"):
        return _stream(url, settings)
    raise UsageError(f"a video source is rtsp:, http:, usb:, file: or folder:, not {scheme or 'nothing'}:")


def plays_back(url: str) -> bool:
    """Tell whether `url` is recorded: the same picture for long is then no sign of a frozen camera."""
    return urlsplit(url).scheme in ("folder", "file")


def _path(url: str) -> Path:
    return Path(unquote(urlsplit(url).path))


def _folder(folder: Path, settings: Settings, stopping: threading.Event) -> Iterator[bytes]:
    while paths := sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURES):
        for path in paths:
            if path.stat().st_size > PICTURE_BYTES_MAX:
                raise FrameError("huge picture")
            yield path.read_bytes()
            if stopping.wait(settings.period_s):
                return
        if not settings.loop:
            return
    raise LinkLost("no picture in the folder")


def _file(path: Path, settings: Settings, stopping: threading.Event) -> Iterator[Picture]:
    again = True
    while again:
        with closing(_Video(str(path), settings)) as video:
            while video.grab():
                yield video.retrieve()
                if stopping.wait(1 / video.fps):
                    return
            if not video.grabbed:
                raise LinkLost("no picture in the file")
        again = settings.loop


def _stream(url: str, settings: Settings) -> Iterator[Picture | None]:
    """Take every picture from the decoder so that none grows old in its buffer; convert only one a period."""
    due = 0.0
    with closing(_Video(url, settings)) as video:
        while video.grab():
            now = time.monotonic()
            if now < due:
                yield None
            else:
                due = now + settings.period_s
                yield video.retrieve()
    raise LinkLost("the stream ended or stood still")


def _http(url: str, settings: Settings) -> Iterator[Captured | None]:
    """Read MJPEG; what else comes over HTTP is left to FFMPEG."""
    with _open_http(url, settings.read_timeout_s) as response:
        boundary = boundary_of(response.headers.get("Content-Type", ""))
        if boundary is not None:
            yield from _parts(response, MjpegParser(boundary))
    yield from _stream(url, settings)


def _parts(response: Any, parser: MjpegParser) -> Iterator[bytes | None]:
    while data := response.read1(READ_BYTES):
        parts = parser.feed(data)
        yield from parts
        if not parts:
            yield None
    raise LinkLost("the camera closed the stream")


def _open_http(url: str, timeout_s: float) -> Any:
    """Open `url` with its own user and password, if it has them, and through no proxy."""
    parts = urlsplit(url)
    bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    if parts.username:
        passwords.add_password(None, bare, unquote(parts.username), unquote(parts.password or ""))
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}),
        urllib.request.HTTPBasicAuthHandler(passwords),
        urllib.request.HTTPDigestAuthHandler(passwords),
    )
    try:
        return opener.open(bare, timeout=timeout_s)
    except urllib.error.HTTPError as error:
        error.close()
        raise LinkLost(f"the camera answers HTTP {error.code}") from error


class _Video:
    """An OpenCV capture that raises where OpenCV returns False, and refuses pictures that are too large."""

    def __init__(self, url: str, settings: Settings) -> None:
        self.grabbed = 0
        self._capture = _open_usb(url.removeprefix("usb:")) if url.startswith("usb:") else _open_ffmpeg(url, settings)
        if not self._capture.isOpened():
            raise LinkLost("the source does not open")
        size = self._capture.get(cv2.CAP_PROP_FRAME_WIDTH) * self._capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
        if size > PIXELS_MAX:
            self.close()
            raise FrameError("huge picture")

    @property
    def fps(self) -> float:
        stated = float(self._capture.get(cv2.CAP_PROP_FPS))
        return stated if FPS_SANE[0] <= stated <= FPS_SANE[1] else FPS_ASSUMED

    def grab(self) -> bool:
        """Decode the next picture. After the first False nothing comes any more, even when the camera is back."""
        done = bool(self._capture.grab())
        self.grabbed += done
        return done

    def retrieve(self) -> Picture:
        done, picture = self._capture.retrieve()
        if not done or picture.shape[0] * picture.shape[1] > PIXELS_MAX:
            raise FrameError("broken picture")
        retrieved: Picture = picture
        return retrieved

    def close(self) -> None:
        self._capture.release()


def _open_ffmpeg(url: str, settings: Settings) -> Any:
    """Open with time-outs: without them a dead peer holds the thread for 30 s. They need the backend to be named."""
    timeouts = [
        cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
        int(settings.open_timeout_s * 1000),
        cv2.CAP_PROP_READ_TIMEOUT_MSEC,
        int(settings.read_timeout_s * 1000),
    ]
    return cv2.VideoCapture(url, cv2.CAP_FFMPEG, timeouts)


def _open_usb(device: str) -> Any:
    """Open `0`, `1`, ... or a device path such as /dev/v4l/by-id/..."""
    return cv2.VideoCapture(int(device) if device.isdigit() else device, cv2.CAP_V4L2)
