"""The core of a gate, pure: every event to the lanes that it concerns, every answer as a list of actions.

One consumer calls `handle`; no lock guards anything here, and a run can be replayed from its journal.
"""

import functools
from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from access.chance import Chance
from access.entries import AlarmRaised, Body, DeviceChanged, Draft, EvidenceKept, SnapshotTaken
from access.identifiers import uuid7
from access.plate import normalise
from access.presence import Presence
from access.snapshot import Snapshot
from edge.config import GateConfig
from edge.gate.actions import Action, Answer, Append
from edge.gate.events import (
    CardPresented,
    CodePresented,
    CommandSent,
    DeviceCounted,
    DeviceReported,
    Event,
    InputsChanged,
    PlatePresented,
    SnapshotInstalled,
    StoreFailed,
)
from edge.gate.lane import Lane
from edge.gate.passage import Moment, Presentation
from edge.gate.view import lane_view
from edge.messages import DeviceState, EvidenceStored, GateView, GuardRequest, LaneView, SyncState

ALARMS_KEPT = 20
REQUESTS_REMEMBERED = 200


class Gate:
    """All lanes of one gate, the rules in force and what is known of devices and sync."""

    def __init__(self, config: GateConfig, chance: Chance, presence: Presence | None = None) -> None:
        """Begin with the `presence` that the journal's entries add up to (None: with nothing)."""
        self.config = config
        self.lanes = {lane.id: Lane(lane, chance) for lane in config.lane}
        self.rules: Snapshot | None = None
        self.presence = presence or Presence()
        self.devices: dict[str, DeviceState] = {d.id: DeviceState(d.id, up=False, why="starting") for d in config.device}
        self.sync: SyncState | None = None
        self.alarms: deque[str] = deque(maxlen=ALARMS_KEPT)
        self._chance = chance
        self._answers: dict[str, Answer] = {}

    def handle(self, event: Event, now: float, at: datetime) -> list[Action]:
        """Answer one event. `now` is monotonic seconds, `at` aware UTC."""
        moment = Moment(now, at, self.rules, self.presence)
        return self._noted(self._handle(event, moment), moment)

    def next_deadline(self) -> float | None:
        """Say when (monotonic) `handle_timer` wants to be called next."""
        return min((lane.deadline for lane in self.lanes.values() if lane.deadline is not None), default=None)

    def handle_timer(self, now: float, at: datetime) -> list[Action]:
        """Act on every deadline that has come."""
        moment = Moment(now, at, self.rules, self.presence)
        return self._noted([action for lane in self.lanes.values() for action in lane.handle_timer(moment)], moment)

    @functools.singledispatchmethod
    def _handle(self, event: Event, _moment: Moment) -> list[Action]:
        raise TypeError(f"no gate knows an event {type(event).__name__}")

    @_handle.register
    def _(self, event: CardPresented, moment: Moment) -> list[Action]:
        raw = event.raw.hex().upper()
        return self._present(Presentation(event.device, "card", raw, raw, event.received, event.bits), moment)

    @_handle.register
    def _(self, event: CodePresented, moment: Moment) -> list[Action]:
        return self._present(Presentation(event.device, "code", event.text, event.text, event.received), moment)

    @_handle.register
    def _(self, event: PlatePresented, moment: Moment) -> list[Action]:
        read = event.read
        presentation = Presentation(
            event.camera,
            "plate",
            read.raw,
            normalise(read.text),
            event.received,
            confidence=read.confidence,
            characters=read.characters,
            colour=read.colour,
            capture=read.capture_id,
            vehicle_class=read.vehicle_class,
        )
        return self._present(presentation, moment)

    @_handle.register
    def _(self, event: InputsChanged, moment: Moment) -> list[Action]:
        return [action for lane in self._on_board(event.device) for action in lane.inputs_changed(event.states, moment)]

    @_handle.register
    def _(self, event: DeviceReported, moment: Moment) -> list[Action]:
        before = self.devices.get(event.device)
        self.devices[event.device] = DeviceState(event.device, event.up, event.why, event.counters)
        if before is not None and (before.up, before.why) == (event.up, event.why):
            return []
        changed = DeviceChanged(event.device, event.up, event.why, dict(event.counters))
        actions: list[Action] = [self._append(changed, moment.at)]
        if not event.up:
            actions += [action for lane in self._on_board(event.device) for action in lane.inputs_lost(moment)]
        return actions

    @_handle.register
    def _(self, event: DeviceCounted, _moment: Moment) -> list[Action]:
        if known := self.devices.get(event.device):
            self.devices[event.device] = replace(known, counters=event.counters)
        return []

    @_handle.register
    def _(self, event: DeviceState, moment: Moment) -> list[Action]:
        return self._handle(DeviceReported(event.device, event.up, event.why, event.counters), moment)

    @_handle.register
    def _(self, event: CommandSent, moment: Moment) -> list[Action]:
        lanes = self.lanes.values()
        return [a for lane in lanes for a in lane.command_ended(event.command, event.error, event.sent, moment)]

    @_handle.register
    def _(self, event: SnapshotInstalled, moment: Moment) -> list[Action]:
        if self.rules is not None and event.snapshot.revision < self.rules.revision:
            return []  # an older snapshot that arrives late changes nothing
        self.rules = event.snapshot
        return [self._append(SnapshotTaken(event.snapshot.revision, event.sha256, event.snapshot.built_utc), moment.at)]

    @_handle.register
    def _(self, event: StoreFailed, moment: Moment) -> list[Action]:
        self.alarms.append("store_failed")
        return self.lanes[event.lane].store_failed(event.passage, moment) if event.lane in self.lanes else []

    @_handle.register
    def _(self, event: GuardRequest, moment: Moment) -> list[Action]:
        if event.request in self._answers:
            return [self._answers[event.request]]  # the same press again: the same answer, nothing moves
        lane = self.lanes.get(event.lane)
        if lane is None:
            return [Answer(event.request, accepted=False, refusal="unknown_lane")]
        actions = lane.guard(event, moment)
        self._remember(actions)
        return actions

    @_handle.register
    def _(self, event: EvidenceStored, moment: Moment) -> list[Action]:
        kept = EvidenceKept(event.capture_id, event.sha256, event.size, event.camera)
        return [Append(Draft(uuid7(moment.at, self._chance(10)), kept, event.lane, event.passage))]

    @_handle.register
    def _(self, event: SyncState, moment: Moment) -> list[Action]:
        self.sync = event
        if event.rules_utc:
            moment.presence = moment.presence.after([("set", "rules", int(event.rules_utc))])
        return []

    def _present(self, presentation: Presentation, moment: Moment) -> list[Action]:
        device = presentation.device
        lanes = [lane for lane in self.lanes.values() if device in lane.config.readers or device in lane.config.cameras]
        return [action for lane in lanes for action in lane.present(presentation, moment)]

    def _on_board(self, device: str) -> Iterable[Lane]:
        return (lane for lane in self.lanes.values() if lane.config.barrier.device == device)

    def _append(self, body: Body, at: datetime) -> Append:
        return Append(Draft(uuid7(at, self._chance(10)), body))

    def _remember(self, actions: list[Action]) -> None:
        self._answers.update({action.request: action for action in actions if isinstance(action, Answer)})
        while len(self._answers) > REQUESTS_REMEMBERED:
            del self._answers[next(iter(self._answers))]

    def _noted(self, actions: list[Action], moment: Moment) -> list[Action]:
        """Keep up what the gate as a whole knows: alarms, and the presence (who is inside: from passages, never from grants)."""
        self.presence = moment.presence
        for action in actions:
            body = action.draft.body if isinstance(action, Append) else None
            if isinstance(body, AlarmRaised):
                self.alarms.append(body.what)
        return actions

    # --- what the booth sees ----------------------------------------------------------------------

    def lane_views(self) -> list[LaneView]:
        """Show every lane as it is now, under the office's names where they are known."""
        names = {slug: rules.name for slug, rules in self.rules.lanes.items()} if self.rules else {}
        return [lane_view(lane, names.get(slug, slug)) for slug, lane in self.lanes.items()]

    def view(self, journal_seq: int, sqlite: str, snapshot_path: str) -> GateView:
        """Show the gate as a whole."""
        gate = self.config.gate
        return GateView(
            gate=gate.name,
            site=gate.site,
            zone=gate.zone,
            revision=self.rules.revision if self.rules else 0,
            journal_seq=journal_seq,
            devices=tuple(replace(device) for device in self.devices.values()),
            alarms=tuple(self.alarms),
            sync=self.sync,
            sqlite=sqlite,
            snapshot_path=snapshot_path,
        )
