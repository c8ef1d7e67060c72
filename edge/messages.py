"""What the programs of one edge say to each other: frozen messages, carried by `edge.link`.

`mono` times are seconds of the machine's monotonic clock, which all programs of one box share.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from devices.readings import PlateRead
from edge.booth_messages import BOOTH_MESSAGES, AlarmView, NeighbourView, OutlookView
from edge.peer_messages import PEER_MESSAGES


@dataclass(frozen=True, slots=True)
class Hello:
    """First message of a program on the link."""

    program: str
    version: str


@dataclass(frozen=True, slots=True)
class PlateSeen:
    """eyes -> gate: the voted plate of one arrival in front of a camera; `mono` is the time of its winning frame."""

    camera: str
    read: PlateRead
    mono: float


@dataclass(frozen=True, slots=True)
class LookNow:
    """gate -> eyes: a vehicle is on the arrival loop; read now, even if nothing moves. `passage` names it."""

    camera: str
    passage: str


@dataclass(frozen=True, slots=True)
class KeepPicture:
    """gate -> eyes: store the picture of this capture; an unknown capture means the camera's newest frame."""

    capture_id: str
    camera: str
    passage: str
    lane: str


@dataclass(frozen=True, slots=True)
class EvidenceStored:
    """eyes -> gate: a re-encoded picture is in the evidence store under its hash."""

    capture_id: str
    sha256: str
    size: int
    camera: str
    passage: str
    lane: str


@dataclass(frozen=True, slots=True)
class DeviceState:
    """any -> gate: a device came or went, with what its wire has counted."""

    device: str
    up: bool
    why: str = ""
    counters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SnapshotReady:
    """courier -> gate: a new rules snapshot lies at `path`; `back`: the registry itself has gone back to this older revision.

    `serial` names this announcement: it is made again as long as the gate does not say that it has taken it.
    """

    path: str
    revision: int
    back: bool = False
    serial: int = 0


@dataclass(frozen=True, slots=True)
class RulesInForce:
    """gate -> courier: it decides by this revision (0: none), having taken announcement `serial`; told at each greeting too."""

    serial: int
    revision: int


@dataclass(frozen=True, slots=True)
class SyncState:
    """courier -> gate -> desk: how far the registry has our entries and how old our rules are (UTC seconds, 0: never).

    `acked` is by epoch (hex) how far the registry has it. `deny_utc` and `facts_utc`: when the deny list was issued, and the
    facts of other gates were known to be all; `certificate_ends_utc`: until when the registry's TLS certificate holds (0: none).
    The courier goes by no clock that can be set: `rules_mono` and `facts_mono` say when the rules and the facts were confirmed in
    this run of its (None: not yet), and `rules_utc` only what was kept of earlier ones. The gate puts them on its own clock.
    """

    online: bool
    acked_through: int
    waiting: int
    last_contact_utc: float
    rules_revision: int
    rules_utc: float
    error: str = ""
    acked: Mapping[str, int] = field(default_factory=dict)
    deny_utc: float = 0.0
    facts_utc: float = 0.0
    certificate_ends_utc: float = 0.0
    rules_mono: float | None = None
    facts_mono: float | None = None


@dataclass(frozen=True, slots=True)
class JournalAdvanced:
    """gate -> courier: entries up to `seq` of `epoch` (hex) are committed."""

    epoch: str
    seq: int


@dataclass(frozen=True, slots=True)
class JournalBehind:
    """courier -> gate: the registry has entries of `epoch` (hex) through `seq`, and this journal has not: it was put back."""

    epoch: str
    seq: int


@dataclass(frozen=True, slots=True)
class EntryWanted:
    """gate -> courier: the entry at `seq` of `epoch` (hex) has rotted here; told at each greeting too."""

    epoch: str
    seq: int


@dataclass(frozen=True, slots=True)
class EntryFetched:
    """courier -> gate: an entry as the registry has it; no canonical bytes: it has none there."""

    epoch: str
    seq: int
    canonical: bytes = b""
    personal: bytes = b""


@dataclass(frozen=True, slots=True)
class CheckpointMade:
    """gate -> courier: the newest signed head of the journal, JSON of `access.contract.checkpoints.Checkpoint`."""

    checkpoint: str


@dataclass(frozen=True, slots=True)
class RaiseAlarm:
    """courier -> gate: something that people must look at; `what` is a code of `access.alarms`."""

    what: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class GateCondition:
    """gate -> courier, at change: what the registry is told of how this gate is; `lanes` are modes by lane."""

    devices_down: tuple[str, ...] = ()
    lanes: Mapping[str, str] = field(default_factory=dict)
    clock: str = ""
    space: str = ""
    alarms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TimeTold:
    """gate -> courier, at each tick: at `mono` it was `utc`, by the gate's judgement; `trusted`: somebody vouches for it."""

    mono: float
    utc: float
    trusted: bool


@dataclass(frozen=True, slots=True)
class ClockCompared:
    """courier -> gate: this machine's UTC minus the registry's (seconds), known to within `within_s`."""

    offset_s: float
    within_s: float


@dataclass(frozen=True, slots=True)
class FactsHeard:
    """courier -> gate: what all epochs but `epoch` (hex) have contributed, in order, as `access.contract.facts` tells it.

    Each is [edge, epoch, seq, name, how, value, at_us, plate]. It follows on cursor `after` of the registry's stream, as the gate
    hears it in that epoch (else the gate does not take it), and goes through `through`.
    """

    facts: tuple[tuple[Any, ...], ...]
    epoch: str
    after: int
    through: int


@dataclass(frozen=True, slots=True)
class FactsTaken:
    """gate -> courier: in `epoch` (hex) shared facts are committed through this cursor; told at each greeting too."""

    epoch: str
    through: int


@dataclass(frozen=True, slots=True)
class GateView:
    """gate -> desk: the gate as a whole: journal, rules, devices, alarms (those that last first, then the others, newest last).

    `weaker` says which checks are weaker now, as codes of `edge.gate.offline`, `outlook` what comes of it; `clock` is the quality
    of its time, `clock_offset_ms` how far its clock is ahead of the registry's (None: nobody vouches for that). `reuse` is what
    becomes of passes that are good at several gates: strict or lenient; `hearsay` counts what neighbours say unconfirmed.
    """

    gate: str
    site: str
    zone: str
    revision: int
    journal_seq: int
    devices: tuple[DeviceState, ...]
    alarms: tuple[AlarmView, ...]
    sync: SyncState | None
    sqlite: str
    snapshot_path: str = ""
    evacuation_since_utc: float = 0.0
    clock: str = "trusted"
    weaker: tuple[str, ...] = ()
    outlook: tuple[OutlookView, ...] = ()
    neighbours: tuple[NeighbourView, ...] = ()
    neighbours_error: str = ""
    reuse: str = "lenient"
    hearsay: int = 0
    clock_offset_ms: int | None = None

    @property
    def alarm_codes(self) -> tuple[str, ...]:
        """The codes of the alarms."""
        return tuple(alarm.code for alarm in self.alarms)


MESSAGES: Mapping[str, type] = {
    message.__name__: message
    for message in (
        Hello,
        PlateSeen,
        LookNow,
        KeepPicture,
        EvidenceStored,
        DeviceState,
        SnapshotReady,
        SyncState,
        JournalAdvanced,
        JournalBehind,
        EntryWanted,
        EntryFetched,
        CheckpointMade,
        RaiseAlarm,
        GateCondition,
        ClockCompared,
        TimeTold,
        RulesInForce,
        FactsHeard,
        FactsTaken,
        *PEER_MESSAGES,
        *BOOTH_MESSAGES,
        GateView,
    )
}
