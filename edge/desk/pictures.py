"""Live pictures for the pages, asked of eyes only while somebody looks, and not faster than a page shows them.

The eyes socket: the request is one length byte and the camera's id, or `crop:` and the id of a capture for the plate in it,
`capture:` for all of it; the answer is a length (4 bytes, big-endian) and a JPEG, or the length 0 where there is no picture now.
"""

import asyncio
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

FRESH_S = 0.3
ANSWER_TIMEOUT_S = 2.0
CAPTURE, CROP = "capture", "crop"
PICTURE_BYTES_MAX = 4 * 1024 * 1024
_LENGTH = struct.Struct(">I")


@dataclass(slots=True)
class _Newest:
    """The last answer for one camera; the lock makes several pages share one question."""

    picture: bytes = b""
    until: float = 0.0
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)


class Pictures:
    """Newest pictures of the cameras of this gate."""

    def __init__(self, socket_path: Path, cameras: Iterable[str]) -> None:
        self._path = socket_path
        self._newest = {camera: _Newest() for camera in cameras}

    async def newest(self, camera: str) -> bytes:
        """Return a camera's newest picture as JPEG; empty where there is none now, or no such camera."""
        newest = self._newest.get(camera)
        if newest is None:
            return b""
        clock = asyncio.get_running_loop().time
        async with newest.asking:
            if clock() >= newest.until:
                newest.picture = await self._ask(camera)
                newest.until = clock() + FRESH_S
            return newest.picture

    async def plate(self, capture: str) -> bytes:
        """Return the plate of a capture as JPEG; empty where eyes do not remember it."""
        return await self._of_capture(CROP, capture)

    async def capture(self, capture: str) -> bytes:
        """Return the picture of a capture as JPEG; empty where eyes do not remember it."""
        return await self._of_capture(CAPTURE, capture)

    async def _of_capture(self, kind: str, capture: str) -> bytes:
        asked = f"{kind}:{capture}"
        return await self._ask(asked) if capture and len(asked.encode()) < 256 else b""

    async def _ask(self, camera: str) -> bytes:
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                reader, writer = await asyncio.open_unix_connection(self._path)
                try:
                    return await _exchange(reader, writer, camera.encode())
                finally:
                    writer.close()
        except (OSError, TimeoutError, EOFError):
            return b""


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, camera: bytes) -> bytes:
    writer.write(bytes([len(camera)]) + camera)
    (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
    return b"" if length > PICTURE_BYTES_MAX else await reader.readexactly(length)
