"""What the gate last said, kept for the pages: owned by the event loop, so that nothing here needs a lock."""

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from edge.booth_messages import FeedLine, LaneView
from edge.messages import DeviceState, GateView, SyncState

FEED_MAX = 100


@dataclass(frozen=True, slots=True)
class DeviceSeen:
    """A device as last told; `since_utc` is when it came or went, None where that was before this program looked."""

    state: DeviceState
    since_utc: float | None


class Situation:
    """Lanes, devices, sync and feed as last heard, and whether the gate program is there at all."""

    def __init__(self, lanes: Iterable[str]) -> None:
        self.lanes: dict[str, LaneView | None] = dict.fromkeys(lanes)
        self.asked: dict[str, LaneView] = {}  # what each lane asked last
        self.gate: GateView | None = None
        self.sync: SyncState | None = None
        self.devices: dict[str, DeviceSeen] = {}
        self.feed: deque[FeedLine] = deque(maxlen=FEED_MAX)
        self.connected = False
        self.away_since_utc: float | None = None
        self.disk_used: int | None = None  # per cent
        self.closing = False
        self._changed = asyncio.Event()

    def take(self, message: Any, utc: float) -> None:
        """Note a message of the gate that was heard at `utc` (seconds); what is not for pages is ignored."""
        match message:
            case LaneView() if message.lane in self.lanes:
                self.lanes[message.lane] = message
                if message.state == "referred":
                    self.asked[message.lane] = message
            case GateView():
                self.gate = message
                self.sync = message.sync or self.sync
                self.devices = {device.device: self._seen(device, utc) for device in message.devices}
            case DeviceState() if message.device in self.devices:
                self.devices[message.device] = self._seen(message, utc)
            case SyncState():
                self.sync = message
            case FeedLine() if not any(_same(line, message) for line in self.feed):
                self.feed.append(message)
        self._wake()

    def note_connection(self, *, connected: bool, utc: float) -> None:
        """Note whether the gate program answers; the rest stays as it was last heard."""
        if connected == self.connected and (connected or self.away_since_utc is not None):
            return
        self.connected = connected
        self.away_since_utc = None if connected else utc
        self._wake()

    def close(self) -> None:
        """Tell everybody who waits that this program ends."""
        self.closing = True
        self._wake()

    def next_change(self) -> asyncio.Event:
        """Return what is set at the next change; take it before looking, so that none slips between looking and waiting."""
        return self._changed

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def _seen(self, device: DeviceState, utc: float) -> DeviceSeen:
        before = self.devices.get(device.device)
        if before is None:
            return DeviceSeen(device, None)
        return DeviceSeen(device, before.since_utc if before.state.up == device.up else utc)


def _same(line: FeedLine, other: FeedLine) -> bool:
    """Tell whether two lines are one: a gate that comes back tells its last lines again."""
    return (line.seq, line.utc, line.passage) == (other.seq, other.utc, other.passage)
