"""The kinds of journal entries by their tags."""

from collections.abc import Mapping

from access.acts import ACTED
from access.entries import (
    AlarmRaised,
    Body,
    ClockJudged,
    Commanded,
    CommandEnded,
    ConfigurationChanged,
    Decided,
    DeviceChanged,
    EpochBegan,
    EvidenceKept,
    Expired,
    FactsChanged,
    GapDeclared,
    GuardActed,
    HealthNoted,
    LaneChanged,
    Observed,
    PassageEnded,
    ReadingAmended,
    ReadingTaken,
    RemoteActed,
    SnapshotTaken,
    Started,
    Stopped,
)

_BODIES: tuple[type[Body], ...] = (
    EpochBegan,
    Started,
    Stopped,
    SnapshotTaken,
    ReadingTaken,
    ReadingAmended,
    Decided,
    Commanded,
    CommandEnded,
    PassageEnded,
    FactsChanged,
    LaneChanged,
    GuardActed,
    Observed,
    DeviceChanged,
    AlarmRaised,
    EvidenceKept,
    GapDeclared,
    ClockJudged,
    ConfigurationChanged,
    HealthNoted,
    Expired,
    RemoteActed,
    *ACTED.values(),
)
KINDS: Mapping[str, type[Body]] = {body.kind: body for body in _BODIES}
