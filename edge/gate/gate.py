"""The core of a gate, pure: every event to the lanes that it concerns, every answer as a list of actions.

One consumer calls `handle`; no lock guards anything here, and a run can be replayed from its journal.
"""

import functools
import math
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from access.chance import Chance
from access.entries import AlarmRaised, Body, Commanded, Decided, DeviceChanged, Draft, EvidenceKept, RemoteActed, SnapshotTaken
from access.identifiers import uuid7
from access.passes import is_signed, shown
from access.peers import Hearsay
from access.plate import normalise
from access.presence import Presence
from access.sealing import Opened
from access.snapshot import Snapshot
from edge.booth_messages import GuardRequest, LaneView, NeighbourView, RecordAct
from edge.config import GateConfig
from edge.gate.actions import Action, Answer, Append, CloseBarrier, OpenBarrier
from edge.gate.alarms import Alarms
from edge.gate.evacuation import Evacuation
from edge.gate.events import (
    CardPresented,
    ClaimUnwritten,
    CodePresented,
    CommandSent,
    DeviceCounted,
    DeviceReported,
    Event,
    FactsLearned,
    HearsayLearned,
    InputsChanged,
    PlatePresented,
    SnapshotInstalled,
    StoreFailed,
)
from edge.gate.home import HomeBook
from edge.gate.inputs import read_inputs
from edge.gate.lane import Lane
from edge.gate.offline import neighbours, on_own_clock, outlook, weaker
from edge.gate.passage import Moment, Presentation
from edge.gate.phases import UP, Phase
from edge.gate.record_acts import RecordActs
from edge.gate.safeguard import Safeguard
from edge.gate.view import lane_view
from edge.messages import DeviceState, EvidenceStored, GateCondition, GateView, RaiseAlarm, SyncState
from edge.peer_messages import ClaimAnswered, ClaimMade, NeighboursHeard

REQUESTS_REMEMBERED = 200
FAILURES_MAX = 3  # of one lane, within the time below: then it goes out of service
FAILURES_WITHIN_S = 600.0
FAILURES_KEPT = 20


class Gate:
    """All lanes of one gate, the rules in force and what is known of devices and sync."""

    def __init__(
        self,
        config: GateConfig,
        chance: Chance,
        presence: Presence | None = None,
        unconfirmed: Mapping[str, Decided] | None = None,
        acted: Iterable[RemoteActed] = (),
        claims: Iterable[ClaimAnswered] = (),
        alarms: Iterable[Opened] = (),
    ) -> None:
        """Begin with the `presence` that the journal's entries add up to (None: with nothing).

        `unconfirmed` is by lane the last grant of which nobody knows whether its arm moved; `acted` is what the office did last
        from afar, which is not done a second time; `claims` of other gates were granted before, and `alarms` raised and seen,
        oldest first.
        """
        self.config = config
        asked = unconfirmed or {}
        self.lanes = {lane.id: Lane(lane, chance, asked.get(lane.id)) for lane in config.lane}
        self.rules: Snapshot | None = None
        self.presence = presence or Presence()
        self.hearsay = Hearsay()
        """What neighbours say beyond that."""
        self.neighbours: tuple[NeighbourView, ...] = ()
        self.neighbours_error = ""
        self._home = HomeBook(claims)
        self.devices: dict[str, DeviceState] = {d.id: DeviceState(d.id, up=False, why="starting") for d in config.device}
        self.sync: SyncState | None = None
        self.alarms = Alarms(alarms)
        self.can_write = True
        """Whether the journal takes what is written, as far as that is known."""
        self.clock = "trusted"
        self.clock_offset_ms: int | None = None
        """The quality of the time that decisions are made at."""
        self.failures: deque[str] = deque(maxlen=FAILURES_KEPT)
        """What lanes have tripped over, as tracebacks, for the log; whoever reads them takes them out."""
        self._chance = chance
        self._answers = {act.command: Answer(act.command, act.accepted, act.refusal) for act in acted}
        self._evacuation = Evacuation(config.gate.evacuation, self._append)
        self._records = RecordActs(chance, {device.id for device in config.device}, self.alarms)
        self._safeguards = {lane.id: Safeguard() for lane in config.lane}
        self._failed_at: dict[str, deque[float]] = {lane.id: deque(maxlen=FAILURES_MAX) for lane in config.lane}

    def handle(self, event: Event, now: float, at: datetime) -> list[Action]:
        """Answer one event. `now` is monotonic seconds, `at` aware UTC."""
        moment = self._moment(now, at)
        actions = self._handle(event, moment)
        return self._noted([*actions, *self._free_locks(moment)], moment)

    def _moment(self, now: float, at: datetime) -> Moment:
        """Return now, and what is known; while the time is not trusted that is known too, though it is in no entry."""
        quality = None if self.clock == "trusted" else self.clock
        if self.presence.facts.get("clock") != quality:
            self.presence = self.presence.after([("drop" if quality is None else "set", "clock", quality)])
        return Moment(now, at, self.rules, self.presence, hearsay=self.hearsay)

    def next_deadline(self) -> float | None:
        """Say when (monotonic) `handle_timer` wants to be called next."""
        return min((lane.deadline for lane in self.lanes.values() if lane.deadline is not None), default=None)

    def handle_timer(self, now: float, at: datetime) -> list[Action]:
        """Act on every deadline that has come."""
        moment = self._moment(now, at)
        due = [lane for lane in self.lanes.values() if lane.deadline is not None and lane.deadline <= now]
        actions = self._each(due, Lane.handle_timer, moment)
        return self._noted([*actions, *self._free_locks(moment)], moment)

    # --- lanes: never two open in one lock, never a command that must not be ----------------------

    def _each(self, lanes: Iterable[Lane], step: Callable[[Lane, Moment], list[Action]], moment: Moment) -> list[Action]:
        """Let each of these lanes take a step, one after the other."""
        return [action for lane in lanes for action in self._step(lane, step, moment)]

    def _step(self, lane: Lane, step: Callable[[Lane, Moment], list[Action]], moment: Moment) -> list[Action]:
        """Let a lane take a step; one that it trips over is undone, and a command that must not leave is withheld."""
        moment.barred = self._barred(moment)
        before = moment.presence, moment.hearsay
        try:
            actions = step(lane, moment)
        except Exception as error:  # noqa: BLE001 - whatever a stranger's bytes may do to one lane, the gate goes on
            self.failures.append(traceback.format_exc())
            moment.presence, moment.hearsay = before
            actions = self._recovered(lane, error, moment)
        return self._safe(lane, actions, moment)

    def _recovered(self, lane: Lane, error: Exception, moment: Moment) -> list[Action]:
        """Begin anew with a lane that has tripped; one that does so again and again goes out of service."""
        failed_at = self._failed_at[lane.config.id]
        failed_at.append(moment.now)
        actions = lane.recover(type(error).__name__, moment)
        if len(failed_at) == FAILURES_MAX and moment.now - failed_at[0] < FAILURES_WITHIN_S:
            actions += lane.trip("event_failed", moment)
        return actions

    def _safe(self, lane: Lane, actions: list[Action], moment: Moment) -> list[Action]:
        """Take out what violates a safety property, with its entry, and the lane out of service."""
        found = self._safeguards[lane.config.id].violations(lane.state, actions, moment.now)
        for withheld, what in found:
            if withheld is not None:
                actions = [action for action in actions if action is not withheld and not _announces(action, withheld)]
            actions = [*actions, *lane.trip(what, moment)] if lane.state.tripped != what else actions
        return [action for action in actions if not (found and isinstance(action, CloseBarrier))]

    def _barred(self, moment: Moment) -> dict[str, float]:
        """Return the lanes that may not open, and how long they wait: another lane of their lock goes before."""
        barred: dict[str, float] = {}
        for lock in self.config.interlock:
            held = [slug for slug in lock.lanes if any(self._goes_before(other, slug, moment) for other in lock.lanes)]
            barred |= dict.fromkeys(held, lock.wait_s)
        return barred

    def _goes_before(self, other: str, slug: str, moment: Moment) -> bool:
        """Tell whether another lane is not known to be shut, or waits already for its turn, where this one has not had it."""
        first, lane = self.lanes[other].state, self.lanes[slug].state
        if first is lane:
            return False
        waits_since = lane.since if lane.phase is Phase.INTERLOCKED else -math.inf if lane.phase in UP else math.inf
        is_shut = other not in moment.not_shut and self.lanes[other].is_shut(moment.now)
        return not is_shut or (first.phase is Phase.INTERLOCKED and first.since < waits_since)

    def _free_locks(self, moment: Moment) -> list[Action]:
        """Open for who waits where the others of their lock are shut now; the first who waits goes first."""
        if not self.config.interlock:
            return []
        actions: list[Action] = []
        waiting = [lane for lane in self.lanes.values() if lane.phase is Phase.INTERLOCKED]
        for lane in sorted(waiting, key=lambda lane: lane.state.since):
            if lane.config.id not in self._barred(moment):
                actions += self._step(lane, Lane.freed, moment)
        return actions

    @functools.singledispatchmethod
    def _handle(self, event: Event, _moment: Moment) -> list[Action]:
        raise TypeError(f"no gate knows an event {type(event).__name__}")

    @_handle.register
    def _(self, event: CardPresented, moment: Moment) -> list[Action]:
        raw = event.raw.hex().upper()
        return self._present(Presentation(event.device, "card", raw, raw, event.received, event.bits), moment)

    @_handle.register
    def _(self, event: CodePresented, moment: Moment) -> list[Action]:
        return self._present(_of_code(event, moment), moment)

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
        told = ((lane, read_inputs(lane.config.barrier, event.states)) for lane in self._on_board(event.device))
        moment.not_shut = frozenset(lane.config.id for lane, read in told if lane.state.has_limits and not read.closed)
        actions = self._evacuation.inputs_changed(event, moment)
        if actions:
            actions += self._evacuate("input", moment)
        return actions + self._each(
            self._on_board(event.device), lambda lane, now: lane.inputs_changed(event.states, now), moment
        )

    @_handle.register
    def _(self, event: DeviceReported, moment: Moment) -> list[Action]:
        before = self.devices.get(event.device)
        self.devices[event.device] = DeviceState(event.device, event.up, event.why, event.counters)
        if before is not None and (before.up, before.why) == (event.up, event.why):
            return []
        changed = DeviceChanged(event.device, event.up, event.why, dict(event.counters))
        actions: list[Action] = [self._append(changed, moment)]
        if event.up and event.why and event.device in {lane.config.barrier.device for lane in self.lanes.values()}:
            actions.append(self._append(AlarmRaised("relay_stuck", f"{event.device}: {event.why}"), moment))
        if not event.up:
            self._evacuation.device_lost(event.device)
            actions += self._each(self._on_board(event.device), Lane.inputs_lost, moment)
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
        sent = event
        return self._each(
            self.lanes.values(), lambda lane, now: lane.command_ended(sent.command, sent.error, sent.sent, now), moment
        )

    @_handle.register
    def _(self, event: SnapshotInstalled, moment: Moment) -> list[Action]:
        if self.rules is not None and event.snapshot.revision < self.rules.revision and not event.back:
            return []  # an older snapshot that arrives late changes nothing
        self.rules = moment.rules = event.snapshot
        taken = SnapshotTaken(event.snapshot.revision, event.sha256, event.snapshot.built_utc)
        return [self._append(taken, moment), *self._each(self.lanes.values(), Lane.rules_changed, moment)]

    @_handle.register
    def _(self, event: StoreFailed, moment: Moment) -> list[Action]:
        self.alarms.note(uuid7(moment.at, self._chance(10)), "store_failed", moment.at.timestamp(), lane=event.lane)
        lanes = [self.lanes[event.lane]] if event.lane in self.lanes else []
        return self._each(lanes, lambda lane, now: lane.store_failed(event.passage, now), moment)

    @_handle.register
    def _(self, event: GuardRequest, moment: Moment) -> list[Action]:
        if event.request in self._answers:
            return [self._answers[event.request]]  # the same press again: the same answer, nothing moves
        lane = self.lanes.get(event.lane)
        if self._evacuation.is_asked(event):
            actions = self._evacuation.act(event, moment)
            actions += self._evacuate("guard", moment)
        elif lane is None:
            actions = [Answer(event.request, accepted=False, refusal="unknown_lane")]
        else:
            actions = self._step(lane, lambda lane, now: lane.guard(event, now), moment)
        self.remember(actions)
        return actions

    @_handle.register
    def _(self, event: RecordAct, moment: Moment) -> list[Action]:
        if event.request in self._answers:
            return [self._answers[event.request]]
        actions = self._records.act(event, self._lane_in_facts(event.lane), moment, can_write=self.can_write)
        self.remember(actions)
        return actions

    @_handle.register
    def _(self, event: FactsLearned, moment: Moment) -> list[Action]:
        in_no_entry = [(name, moment.presence.facts.get(name)) for name in ("rules", "clock")]
        moment.presence = event.presence.after([("set", name, value) for name, value in in_no_entry if value is not None])
        return []

    @_handle.register
    def _(self, event: HearsayLearned, moment: Moment) -> list[Action]:
        moment.hearsay = event.hearsay
        return []

    @_handle.register
    def _(self, event: NeighboursHeard, moment: Moment) -> list[Action]:
        self.neighbours = neighbours(event, self.rules, moment.now, moment.at.timestamp())
        self.neighbours_error = event.error
        return []

    @_handle.register
    def _(self, event: ClaimMade, moment: Moment) -> list[Action]:
        if self.rules is not None and UUID(event.edge) not in self.rules.peers:
            return []  # whom the rules name no more is not answered
        on_their_way = {name for lane in self.lanes.values() for name in lane.state.passes_on_their_way()}
        body, answer = self._home.answer(event, moment, on_their_way)
        return [*([self._append(body, moment)] if body else []), answer]

    @_handle.register
    def _(self, event: ClaimAnswered, moment: Moment) -> list[Action]:
        lanes = [lane for lane in self.lanes.values() if event.nonce in lane.state.unanswered]
        return self._each(lanes, lambda lane, now: lane.home_answered(event, now), moment)

    @_handle.register
    def _(self, event: ClaimUnwritten, moment: Moment) -> list[Action]:
        undone = self._home.unwritten(event.edge, event.nonce)
        return [self._append(undone[0], moment), undone[1]] if undone else []

    @_handle.register
    def _(self, event: EvidenceStored, moment: Moment) -> list[Action]:
        kept = EvidenceKept(event.capture_id, event.sha256, event.size, event.camera)
        return [Append(Draft(uuid7(moment.at, self._chance(10)), kept, event.lane, event.passage))]

    @_handle.register
    def _(self, event: SyncState, moment: Moment) -> list[Action]:
        revision = self.rules.revision if self.rules else 0
        self.sync = on_own_clock(event, self.sync, revision, moment.now, moment.at.timestamp())
        if self.sync.rules_utc:
            moment.presence = moment.presence.after([("set", "rules", int(self.sync.rules_utc))])
        return []

    @_handle.register
    def _(self, event: RaiseAlarm, moment: Moment) -> list[Action]:
        return [self._append(AlarmRaised(event.what, event.detail), moment)]

    def _present(self, presentation: Presentation, moment: Moment) -> list[Action]:
        device = presentation.device
        lanes = [lane for lane in self.lanes.values() if device in lane.config.readers or device in lane.config.cameras]
        return self._each(lanes, lambda lane, now: lane.present(presentation, now), moment)

    def _on_board(self, device: str) -> Iterable[Lane]:
        return (lane for lane in self.lanes.values() if lane.config.barrier.device == device)

    def _evacuate(self, source: str, moment: Moment) -> list[Action]:
        return self._each(self.lanes.values(), lambda lane, now: lane.evacuation_changed(now, source), moment)

    def _append(self, body: Body, moment: Moment) -> Append:
        moment.take(body)
        return Append(Draft(uuid7(moment.at, self._chance(10)), body))

    def _lane_in_facts(self, slug: str) -> str:
        """Return what the presence calls a lane of this gate, or its first one."""
        slug = slug if slug in self.lanes else next(iter(self.lanes))
        lane = self.rules.lanes.get(slug) if self.rules else None
        return lane.name_in_facts if lane else slug

    def remember(self, actions: list[Action]) -> None:
        """Remember answers: the same press gets the same one again."""
        self._answers.update({action.request: action for action in actions if isinstance(action, Answer)})
        while len(self._answers) > REQUESTS_REMEMBERED:
            del self._answers[next(iter(self._answers))]

    def _noted(self, actions: list[Action], moment: Moment) -> list[Action]:
        """Keep up what the gate as a whole knows: alarms, and the presence (who is inside: from passages, never from grants)."""
        self.presence, self.hearsay = moment.presence, moment.hearsay
        for action in actions:
            if isinstance(action, Append):
                self.note(action.draft, moment.at)
        return actions

    def note(self, draft: Draft, at: datetime) -> None:
        """Take in what is written: alarms, who has seen them, and what is done with records."""
        self.alarms.take(draft.id, draft.body, draft.lane, at.timestamp(), draft.passage)
        self._records.note(draft)

    # --- what the booth sees ----------------------------------------------------------------------

    def lane_views(self) -> list[LaneView]:
        """Show every lane as it is now, under the office's names where they are known."""
        rules = self.rules.lanes if self.rules else {}
        named = ((lane, rules.get(slug)) for slug, lane in self.lanes.items())
        return [lane_view(lane, of.name if of else lane.config.id, of, self.presence) for lane, of in named]

    def condition(self) -> GateCondition:
        """Say what the registry is told of how this gate is."""
        return GateCondition(
            devices_down=tuple(sorted(device.device for device in self.devices.values() if not device.up)),
            lanes={slug: lane.state.mode.value for slug, lane in self.lanes.items()},
            clock=self.clock,
            space=", ".join(sorted(alarm for alarm in self.alarms.standing if alarm.startswith(("space_", "disk_")))),
            alarms=tuple(sorted(self.alarms.standing)),
        )

    def view(self, journal_seq: int, sqlite: str, snapshot_path: str, at_utc: float) -> GateView:
        """Show the gate as a whole, at `at_utc` (seconds)."""
        gate = self.config.gate
        revision = self.rules.revision if self.rules else 0
        confirmed = self.sync.rules_utc if self.sync else 0.0
        directions = {lane.id: lane.direction for lane in self.config.lane}
        return GateView(
            gate=gate.name,
            site=gate.site,
            zone=gate.zone,
            revision=revision,
            journal_seq=journal_seq,
            devices=tuple(replace(device) for device in self.devices.values()),
            alarms=self.alarms.views(),
            sync=self.sync,
            sqlite=sqlite,
            snapshot_path=snapshot_path,
            evacuation_since_utc=self._evacuation.since(self.presence),
            clock=self.clock,
            clock_offset_ms=self.clock_offset_ms,
            weaker=weaker(self.sync, revision, self.clock, at_utc),
            neighbours=self.neighbours,
            neighbours_error=self.neighbours_error,
            reuse="strict" if self.rules and self.rules.is_strict else "lenient",
            hearsay=len(self.hearsay.spoken),
            outlook=outlook(directions, self.rules.list_age, confirmed, at_utc) if self.rules else (),
        )


def _of_code(event: CodePresented, moment: Moment) -> Presentation:
    """Take in what a scanner read; a signed pass is checked here, for nothing that is written or shown may have its text."""
    if not is_signed(event.text):
        return Presentation(event.device, "code", event.text, event.text, event.received)
    code = moment.rules.shown_code(event.text, moment.at) if moment.rules else shown(event.text, {})
    return Presentation(event.device, "code", code.name, code.name, event.received, code=code)


def _announces(action: Action, command: OpenBarrier | CloseBarrier) -> bool:
    """Tell whether this is the entry that announces a command."""
    body = action.draft.body if isinstance(action, Append) else None
    return isinstance(body, Commanded) and body.command == command.command
