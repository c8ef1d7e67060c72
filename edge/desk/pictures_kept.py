"""Pictures that were kept as evidence, by capture: for the pages of signed-in guards."""

import asyncio
from collections.abc import Callable
from typing import Any

from edge.places import Places, picture_in
from edge.store.errors import StoreError
from edge.store.pictures import PicturesReader

CaptureOf = Callable[[PicturesReader], str]


class KeptPictures:
    """Looks them up in the journal, in a thread of the pool, one at a time; a picture that is gone is none."""

    def __init__(self, places: Places, log: Any) -> None:
        self._places = places
        self._log = log
        self._reader: PicturesReader | None = None
        self._one_at_a_time = asyncio.Lock()

    async def picture(self, capture: str) -> bytes:
        """Return the picture of a capture as JPEG, empty where there is none."""
        return await self._found(lambda _reader: capture) if capture else b""

    async def entrance(self, subject: str, since_utc: float) -> bytes:
        """Return the picture of the passage by which a subject came in (UTC seconds) as JPEG, empty where there is none."""
        return await self._found(lambda reader: reader.entrance(subject, since_utc)) if subject and since_utc else b""

    async def _found(self, capture_of: CaptureOf) -> bytes:
        async with self._one_at_a_time:
            try:
                return await asyncio.to_thread(self._read, capture_of)
            except (StoreError, OSError) as error:
                self._log.warning("picture_unreadable", error=str(error))
                self._let_go()
                return b""

    def _let_go(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()

    def _read(self, capture_of: CaptureOf) -> bytes:
        if not self._places.journal.exists():
            return b""
        if self._reader is None:
            self._reader = PicturesReader(self._places.journal)
        for picture in self._reader.of_capture(capture_of(self._reader)):
            path = picture_in(self._places.evidence, picture.sha256)
            if path.exists():
                return path.read_bytes()
        return b""
