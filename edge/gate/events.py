"""What can happen to a gate: frozen events on one inbox. `received` is monotonic seconds at the last byte, frame or press."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from access.peers import Hearsay
from access.presence import Presence
from access.snapshot import Snapshot
from devices.readings import PlateRead
from edge.booth_messages import GuardRequest, RecordAct
from edge.messages import DeviceState, EvidenceStored, RaiseAlarm, SyncState
from edge.peer_messages import ClaimAnswered, ClaimMade, NeighboursHeard


@dataclass(frozen=True, slots=True)
class CardPresented:
    """A card reader delivered a card."""

    device: str
    raw: bytes
    bits: int
    received: float


@dataclass(frozen=True, slots=True)
class CodePresented:
    """A scanner delivered a code."""

    device: str
    text: str
    received: float


@dataclass(frozen=True, slots=True)
class PlatePresented:
    """The eyes voted a plate."""

    camera: str
    read: PlateRead
    received: float


@dataclass(frozen=True, slots=True)
class InputsChanged:
    """A board's inputs are now these (or are read for the first time)."""

    device: str
    states: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class DeviceReported:
    """A device came or went."""

    device: str
    up: bool
    why: str = ""
    counters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeviceCounted:
    """What a device's wire has counted. Says nothing of whether it is there: that comes in order with what it delivers."""

    device: str
    counters: Mapping[str, Any]


NOT_WRITTEN = "its entry could not be written"  # why a command was withheld


@dataclass(frozen=True, slots=True)
class CommandSent:
    """The first byte of a command left at `sent` (monotonic) and was answered; or it failed, with the error."""

    command: str
    ok: bool
    error: str
    sent: float


@dataclass(frozen=True, slots=True)
class SnapshotInstalled:
    """New rules, mapped and ready, of the file at `path`; `back`, `serial`: see `edge.messages.SnapshotReady`."""

    snapshot: Snapshot
    sha256: str
    back: bool = False
    path: str = ""
    serial: int = 0


@dataclass(frozen=True, slots=True)
class StoreFailed:
    """A decision of this passage could not be committed; nothing was moved for it."""

    lane: str
    passage: str


@dataclass(frozen=True, slots=True)
class FactsLearned:
    """Facts of other gates are committed: the presence with them, as all entries of the journal add up to it."""

    presence: Presence


@dataclass(frozen=True, slots=True)
class HearsayLearned:
    """What neighbours say beyond what this gate knows itself is now this."""

    hearsay: Hearsay


@dataclass(frozen=True, slots=True)
class ClaimUnwritten:
    """The use that a claim was to be answered with could not be committed: it is not answered yes."""

    edge: str
    nonce: str


Event = (
    HearsayLearned
    | ClaimMade
    | ClaimAnswered
    | ClaimUnwritten
    | NeighboursHeard
    | CardPresented
    | CodePresented
    | PlatePresented
    | InputsChanged
    | DeviceReported
    | DeviceCounted
    | CommandSent
    | SnapshotInstalled
    | StoreFailed
    | FactsLearned
    | GuardRequest
    | RecordAct
    | EvidenceStored
    | RaiseAlarm
    | SyncState
    | DeviceState
)
