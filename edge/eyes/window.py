"""The socket where the booth looks through the cameras: a length byte and a camera's id, answered by 4 bytes and a JPEG.

The length is big-endian, and 0 where there is no picture now. A connection may ask again and again. Instead of a camera's id
`capture:<capture id>` asks for the picture of one of the newest captures, and `crop:<capture id>` for its plate cut out: no
picture where it is not in memory any more, or no plate was read in it.
"""

import contextlib
import socketserver
import struct
import threading
from collections.abc import Callable
from pathlib import Path

ASK_TIMEOUT_S = 30.0
VIEWERS_MAX = 16
CAPTURE, CROP = "capture", "crop"
_LENGTH = struct.Struct(">I")

Newest = Callable[[str], bytes]
"""Return the JPEG that is asked for, empty where there is none. Called from the viewers' threads."""


class Window:
    """Serves newest pictures on a unix socket of this user."""

    def __init__(self, path: Path, newest: Newest) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        self._server = _Server(str(path), newest)
        path.chmod(0o600)
        self._thread = threading.Thread(target=self._server.serve_forever, name="window", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()
        self._path.unlink(missing_ok=True)


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, path: str, newest: Newest) -> None:
        self.newest = newest
        self.places = threading.BoundedSemaphore(VIEWERS_MAX)
        super().__init__(path, _Viewer)

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore a viewer that goes away."""


class _Viewer(socketserver.StreamRequestHandler):
    timeout = ASK_TIMEOUT_S
    server: _Server

    def handle(self) -> None:
        if not self.server.places.acquire(blocking=False):
            return
        try:
            with contextlib.suppress(OSError):
                while camera := self._asked():
                    jpeg = self.server.newest(camera)
                    self.wfile.write(_LENGTH.pack(len(jpeg)) + jpeg)
        finally:
            self.server.places.release()

    def _asked(self) -> str:
        """Return the camera asked for, empty where the viewer has gone."""
        length = self.rfile.read(1)
        return self.rfile.read(length[0]).decode("utf-8", "replace") if length else ""
