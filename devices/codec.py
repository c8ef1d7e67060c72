"""The shape that all codecs share, so that transports and programs need not know which one they carry."""

from datetime import datetime
from typing import Protocol

from devices.readings import Reading, WireCounters


class ByteCodec(Protocol):
    """Bytes of one line in, readings out; never raises on what the peer sent: it counts, resynchronises and goes on."""

    counters: WireCounters

    def feed(self, data: bytes, now: float) -> list[Reading]:
        """Take what arrived at `now` (monotonic seconds), however it was cut."""
        ...

    def reset(self) -> None:
        """Forget a half frame: the line was lost. Presences and counters stay."""
        ...


class MessageCodec(Protocol):
    """Whole messages in, readings out; never raises on what the peer sent."""

    counters: WireCounters

    def feed_message(self, payload: bytes, *, retained: bool, now: float, at: datetime | None = None) -> list[Reading]:
        """Take one message that arrived at `now` (monotonic seconds); with `at` (aware UTC), one of another time is refused."""
        ...
