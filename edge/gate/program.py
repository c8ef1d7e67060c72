"""The gate program: one inbox, one consumer. What is to be written is committed first; only then does anything move."""

import contextlib
import gc
import os
import queue
import signal
import threading
import time
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from access.entries import AlarmRaised, Body, Decided, Draft, Started, Stopped
from access.lane_log import told_from_entries
from edge.booth_messages import FeedLine, GuardReply, GuardRequest, LaneView, RecordAct
from edge.config import GateConfig
from edge.gate.actions import Action, Answer, Append, CloseBarrier, Keep, Look, OpenBarrier, Tell
from edge.gate.clocks import REAL_CLOCKS, Clocks, GateClock
from edge.gate.events import (
    CommandSent,
    DeviceReported,
    Event,
    FactsLearned,
    HearsayLearned,
    InputsChanged,
    PlatePresented,
    SnapshotInstalled,
)
from edge.gate.gate import Gate
from edge.gate.hearing import Hearing
from edge.gate.installing import Installing
from edge.gate.journal_news import JournalNews
from edge.gate.neighbours import Neighbours
from edge.gate.precedence import settle, take_precedence
from edge.gate.records import retold
from edge.gate.recovery import close_interrupted, unconfirmed
from edge.gate.unwritten import as_unwritten, may_be_done_unwritten, to_hold_back, withheld
from edge.gate.upkeep import Upkeep
from edge.gate.view import feed_line
from edge.gate.wires import Wires, cameras
from edge.heartbeat import Heart, heart_of
from edge.identity import Identity
from edge.link import LinkServer, Peer
from edge.messages import (
    ClockCompared,
    DeviceState,
    EntryFetched,
    EvidenceStored,
    FactsHeard,
    GateCondition,
    GateView,
    JournalBehind,
    KeepPicture,
    LookNow,
    PlateSeen,
    RaiseAlarm,
    RulesInForce,
    SnapshotReady,
    SyncState,
    TimeTold,
)
from edge.peer_messages import ClaimAnswered, ClaimMade, HomeAsked, NeighboursHeard, PeerSaid
from edge.places import Places
from edge.space.keeper import Finding, Keeper
from edge.store import questions
from edge.store.database import boot_id
from edge.store.errors import StoreError
from edge.store.retention import sync_kept
from edge.store.scribe import Scribe

INBOX_MAX = 1000
PUT_TIMEOUT_S = 1.0
TICK_S = 0.5
QUIET_S = 2.0
COLLECT_EVERY_S = 30.0  # of garbage; when the gate is quiet
COLLECT_AT_LATEST_S = 300.0  # later, even if it never is
FEED_KEPT = 100
ALARM_ENTRIES_MAX = 200
REMOTE_ACTS_KEPT = 100  # none is done twice; each is valid for ten seconds
REPORTS = SyncState | DeviceState | FactsHeard | NeighboursHeard  # they come all the time, and nobody waits for them


class GateProgram:
    """Holds devices, journal and core together; `run` is the consumer and returns after `stop`."""

    def __init__(
        self,
        config: GateConfig,
        places: Places,
        identity: Identity,
        log: Any,
        heart: Heart | None = None,
        clocks: Clocks = REAL_CLOCKS,
    ) -> None:
        self._config = config
        self._places = places
        self._log = log
        self._heart = heart or Heart()
        self._inbox: queue.Queue[Event | FactsHeard | None] = queue.Queue(INBOX_MAX)  # None: look around
        self._own: deque[Event] = deque()  # what the consumer tells itself: how a command ended that was refused at once
        self._consumer = threading.get_ident()
        self._stopping = threading.Event()
        self._is_begun = False
        self._clock = GateClock(clocks)
        self._keeper = Keeper(places, config.space, self._heed, clocks.utc, log)
        self._scribe = Scribe(
            places, identity, log, self._clock.stamp, self._keeper.release, self._beat, take_precedence, self._wake
        )
        self._journal = self._scribe.journal
        # What is kept of the rules' age is by this gate's clock too, and perhaps later than the last entry.
        self._clock.begin(max(self._scribe.ask(questions.newest_utc_us), sync_kept(places.courier).rules_utc * 1_000_000))
        self._upkeep = Upkeep(self._clock, self._scribe, self._keeper, self._write_down, log)
        self._interrupted = self._scribe.ask(questions.open_passages)
        asked = unconfirmed(self._interrupted, self._decision_of, self._clock.at())
        self._hearing = Hearing(self._scribe, self._scribe.stamp().utc_us)
        self._neighbours = Neighbours(self._scribe, self._hearing.sums)
        acted = self._scribe.ask(questions.remote_acts, REMOTE_ACTS_KEPT)
        alarms = self._scribe.ask(questions.alarms, ALARM_ENTRIES_MAX)
        self._gate = Gate(config, os.urandom, self._journal.presence, asked, acted, self._hearing.granted, alarms)
        self._store_settings = {lane.id: lane.on_store_failure for lane in config.lane}
        self._wires = Wires(config, self._put)
        self._link = LinkServer(places.gate_socket, self._received, self._arrived, self._lost)
        self._newcomers: queue.SimpleQueue[Peer] = queue.SimpleQueue()
        self._feed: deque[FeedLine] = deque(maxlen=FEED_KEPT)
        self._shown: dict[str, LaneView] = {}
        self._shown_gate: GateView | None = None
        self._condition = GateCondition()
        self._installing = Installing(places.snapshots, self._put, log)
        self._snapshot_path = ""
        self._in_force = RulesInForce(0, 0)
        self._news = JournalNews(self._scribe, lambda message: self._link.tell(message, "courier"))
        self._quiet_since = time.monotonic()
        self._collect_at = self._quiet_since + COLLECT_EVERY_S

    def run(self) -> None:
        """Run until told to stop."""
        with contextlib.closing(self._scribe):  # also where it fails: else the journal's log would seem to have been lost
            self._consumer = threading.get_ident()
            self._begin()
            self._is_begun = True
            settle()
            next_tick = time.monotonic()
            while not self._stopping.is_set():
                event = self._next_event(next_tick)
                now = time.monotonic()
                self._heart.beat(now)
                if event is not None:
                    if not isinstance(event, REPORTS):
                        self._quiet_since = now
                    self._handle_next(event)
                self._act_on_deadlines(now)
                if now >= next_tick:
                    next_tick = now + TICK_S
                    self._upkeep.tick(quiet=self._is_quiet(now))
                    self._tick()
                self._show()
                self._greet_newcomers()
                self._look_after_all(now)
            self._end()

    def stop(self) -> None:
        """Ask `run` to return; safe from a signal handler or another thread."""
        self._stopping.set()

    def _beat(self) -> None:
        """Beat while the journal is made anew at the start; later that holds up nothing, and the loop beats itself."""
        if not self._is_begun:
            self._heart.beat(time.monotonic(), starting=True)

    def _wake(self) -> None:
        """Have the consumer look around soon; from any thread."""
        with contextlib.suppress(queue.Full):  # then it does so anyway
            self._inbox.put_nowait(None)

    # --- beginning and end ------------------------------------------------------------------------

    def _begin(self) -> None:
        started = Started(version("gatehouse-access"), self._config.digest(), self._journal.note, boot_id())
        directions = {lane.id: lane.direction for lane in self._config.lane}
        interrupted = close_interrupted(self._interrupted, directions)
        drafts = [self._scribe.draft(body, lane, passage) for lane, passage, body in interrupted]
        self._perform([Append(draft) for draft in (self._scribe.draft(started), *drafts)])
        self._log.info("started", version=started.version, sqlite=started.sqlite, interrupted=len(interrupted))
        self._tell_interrupted()
        self._installing.newest()
        self._link.start()
        self._wires.start()
        self._keeper.start()

    def _decision_of(self, passage: str) -> Decided | None:
        return self._scribe.ask(questions.decision_of, passage)

    def _tell_interrupted(self) -> None:
        """Tell the booth how passages ended that the program was stopped amid, as far as that could be written and read."""
        kinds = {lane.id: lane.kind for lane in self._config.lane}
        with contextlib.suppress(StoreError):  # the journal is opened anew as soon as the gate runs
            for passage, lane, _ in self._interrupted[-FEED_KEPT:] if self._scribe.is_settled else ():
                told = told_from_entries(self._journal.look(questions.entries_of, passage), kinds.get(lane, "vehicle"))
                if told is not None:
                    self._tell(retold(told, lane, passage))

    def _end(self) -> None:
        self._wires.stop()
        self._keeper.stop()
        self._drain()
        with contextlib.suppress(StoreError):
            self._scribe.commit([self._scribe.draft(Stopped("asked to stop"))])
        self._link.stop()
        self._log.info("stopped", seq=self._journal.seq)

    def _drain(self) -> None:
        """Handle what had arrived before the wires were closed: outcomes of commands above all."""
        with contextlib.suppress(queue.Empty):
            while True:
                if (event := self._own.popleft() if self._own else self._inbox.get_nowait()) is not None:
                    self._handle_next(event)

    # --- the consumer -----------------------------------------------------------------------------

    def _next_event(self, next_tick: float) -> Event | FactsHeard | None:
        if self._own:
            return self._own.popleft()
        deadline = self._gate.next_deadline()
        until = next_tick if deadline is None else min(next_tick, deadline)
        wait = max(0.0, until - time.monotonic())
        try:
            return self._inbox.get(timeout=wait)
        except queue.Empty:
            return None

    def _is_quiet(self, now: float) -> bool:
        return now - self._quiet_since >= QUIET_S

    def _look_after_all(self, now: float) -> None:
        """Do while nothing happens what takes its time: look after the journal, collect garbage."""
        is_quiet = self._is_quiet(now)
        if now >= self._collect_at + (0 if is_quiet else COLLECT_AT_LATEST_S):
            gc.collect()
            self._collect_at = now + COLLECT_EVERY_S
        self._heed_neighbours(now)
        self._news.heed()
        self._scribe.look_after(now, quiet=is_quiet)
        self._news.tell()
        for alarm in self._scribe.new_alarms():
            self._gate.alarms.take(alarm.id, alarm.body, alarm.lane, self._clock.told().at)

    def _handle_next(self, event: Event | FactsHeard) -> None:
        """Answer an event, or take what other gates have recorded."""
        if not isinstance(event, FactsHeard):
            self._handle(event)
            if isinstance(event, SnapshotInstalled):
                self._rules_taken(event)
        elif not self._neighbours.take(event):
            self._link.tell(self._neighbours.taken, "courier")

    def _rules_taken(self, event: SnapshotInstalled) -> None:
        """Tell which rules are in force: these, or newer ones than these."""
        rules = self._gate.rules
        if rules is event.snapshot:
            self._snapshot_path = event.path
        self._in_force = RulesInForce(event.serial, rules.revision if rules else 0)
        self._link.tell(self._in_force, "courier")
        if rules is not None and self._hearing.may_hear(rules):
            self._link.tell(self._hearing.peers, "courier")

    def _heed_neighbours(self, now: float) -> None:
        """Let the gate know what other gates have recorded, once it is in the journal, and the courier that there may be more."""
        if (presence := self._neighbours.learned()) is not None:
            self._handle(FactsLearned(presence))
            self._link.tell(self._neighbours.taken, "courier")
        if (hearsay := self._hearing.learned(now, is_news=presence is not None)) is not None:
            self._handle(HearsayLearned(hearsay))
        for taken in self._hearing.taken():
            self._link.tell(taken, "courier")

    def _handle(self, event: Event) -> None:
        """Answer one event; one that the core trips over becomes an alarm: a stranger's bytes must not stop the gate."""
        try:
            actions = self._gate.handle(event, time.monotonic(), self._time())
        except Exception:  # noqa: BLE001 - see above; nothing has been moved for this event
            self._log.exception("event_failed", event_kind=type(event).__name__)
            actions = self._own_entries([AlarmRaised("event_failed", type(event).__name__)])
        self._log_failures()
        self._perform(actions)

    def _time(self) -> datetime:
        """Return the time to decide by, having let the gate know how far it is to be believed."""
        told = self._clock.told()
        self._gate.clock, self._gate.can_write = told.quality, not self._scribe.holds_back
        return datetime.fromtimestamp(told.at, UTC)

    def _act_on_deadlines(self, now: float) -> None:
        try:
            actions = self._gate.handle_timer(now, self._time())
        except Exception:  # noqa: BLE001 - a lane that trips is taken care of by the core; the rest must not stop the gate either
            self._log.exception("deadline_failed")
            actions = self._own_entries([AlarmRaised("event_failed", "deadline")])
        self._log_failures()
        self._perform(actions)

    def _log_failures(self) -> None:
        """Log what lanes have tripped over; the core has made alarms of them already."""
        while self._gate.failures:
            self._log.error("lane_failed", trace=self._gate.failures.popleft())

    def _perform(self, actions: list[Action]) -> None:
        """Commit what is to be written, then do the rest; where the commit fails, the lanes' settings say what happens."""
        if not actions:
            return
        drafts = [action.draft for action in actions if isinstance(action, Append)]
        if drafts:
            try:
                self._scribe.commit(drafts)
            except StoreError as error:
                self._log.error("store_failed", error=str(error))
                actions, drafts = self._after_failed_commit(actions, drafts), []
        for action in actions:
            if isinstance(action, OpenBarrier):
                self._wires.open(action)
            elif isinstance(action, CloseBarrier):
                self._wires.close(action)
        for action in actions:
            self._do(action)
        for draft in drafts:
            self._note(draft)
        if drafts:
            self._news.advanced()

    def _after_failed_commit(self, actions: list[Action], drafts: list[Draft]) -> list[Action]:
        """Withhold what must not move unwritten; keep the entries for later, marked as uncommitted."""
        for action in [action for action in actions if not may_be_done_unwritten(action, drafts, self._store_settings)]:
            # Once: with a lane that answers by a command this must not go round in circles.
            actions = [*actions, *self._gate.handle(withheld(action), time.monotonic(), self._time())]
        done = [action for action in actions if may_be_done_unwritten(action, drafts, self._store_settings)]
        self._scribe.hold_back(to_hold_back(actions, done, self._scribe.draft), time.monotonic())
        done = as_unwritten(actions, done)
        self._gate.remember(done)
        return done

    def _write_down(self, bodies: Sequence[Body]) -> None:
        """Write what concerns the gate itself; held back where it cannot be written."""
        self._perform(self._own_entries(bodies))

    def _own_entries(self, bodies: Sequence[Body]) -> list[Action]:
        """Return entries of the program's own; alarms among them are shown as any other."""
        drafts = [self._scribe.draft(body) for body in bodies]
        for draft in drafts:
            self._gate.note(draft, self._clock.at())
        return [Append(draft) for draft in drafts]

    def _heed(self, finding: Finding) -> None:
        """Take in what the keeper of the disk has found, for the next tick."""
        self._upkeep.hear(finding)

    def _do(self, action: Action) -> None:
        match action:
            case Look(camera, passage):
                self._link.tell(LookNow(camera, passage), "eyes")
            case Keep(capture_id, camera, passage, lane):
                self._link.tell(KeepPicture(capture_id, camera, passage, lane), "eyes")
            case HomeAsked() | ClaimAnswered():
                self._link.tell(action, "courier")
            case Answer(request, accepted, refusal, held):
                for program in ("desk", "courier"):
                    self._link.tell(GuardReply(request, accepted, refusal, held), program)
            case Tell():
                self._tell(action)
            case _:
                pass

    def _tell(self, line: Tell) -> None:
        told = feed_line(line, self._journal.seq, self._clock.told().at)
        self._feed.append(told)
        self._link.tell(told, "desk")

    def _note(self, draft: Draft) -> None:
        """Log what was written: enough to follow a passage, nothing that names a person."""
        body = draft.body
        said = {"outcome": body.outcome, "reason": body.reason} if isinstance(body, Decided) else {}
        self._log.info("entry", kind=body.kind, lane=draft.lane, passage=draft.passage, **said)

    # --- what others see --------------------------------------------------------------------------

    def _show(self) -> None:
        for view in self._gate.lane_views():
            if self._shown.get(view.lane) != view:
                self._shown[view.lane] = view
                self._link.tell(view, "desk")

    def _tick(self) -> None:
        for counted in self._wires.report():
            self._handle(counted)
        told = self._clock.told()
        self._gate.alarms.stand(self._upkeep.alarms | self._scribe.standing, told.at)
        self._gate.clock, self._gate.clock_offset_ms = told.quality, self._clock.offset_ms()
        self._shown_gate = self._gate.view(self._journal.seq, self._journal.note, self._snapshot_path, told.at)
        self._link.tell(TimeTold(time.monotonic(), told.at, told.quality == "trusted"), "courier")
        if self._condition != (condition := self._gate.condition()):
            self._condition = condition
            self._link.tell(condition, "courier")
        self._link.tell(self._shown_gate, "desk")  # also where nothing has changed: it is the gate's heartbeat

    def _greet_newcomers(self) -> None:
        """Tell programs that have just come what they need to know; here, so that nothing older follows something newer."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._greet(self._newcomers.get_nowait())

    def _greet(self, peer: Peer) -> None:
        peer.send(self._news.length())
        if peer.program == "courier":
            peer.send(self._in_force)
            peer.send(self._condition)
            peer.send(self._neighbours.taken)
            peer.send(self._hearing.peers)
            for message in self._news.for_newcomer():
                peer.send(message)
        if peer.program == "desk":
            for message in (*self._shown.values(), *self._feed):
                peer.send(message)
            if self._shown_gate is not None:
                peer.send(self._shown_gate)

    def _arrived(self, peer: Peer) -> None:
        self._newcomers.put(peer)

    def _lost(self, program: str) -> None:
        self._log.warning("program_lost", lost=program)
        if program == "eyes":
            for camera in cameras(self._config):
                self._put(DeviceReported(camera, up=False, why="the eyes program is away"))

    # --- what comes in ----------------------------------------------------------------------------

    def _put(self, event: Event | FactsHeard) -> None:
        """Hand an event to the consumer. Where it cannot keep up, readings are lost and said so; what inputs say never is.

        A board tells only changes, so its thread waits instead: then it polls no more either, and nothing stale is believed. Nor
        does any lane wait in vain for how its command ended; the consumer itself, who cannot wait, takes that without a queue.
        """
        if threading.get_ident() == self._consumer and not isinstance(event, FactsHeard):
            self._own.append(event)
            return
        waits = isinstance(event, InputsChanged | DeviceReported | CommandSent | SnapshotInstalled)
        while True:
            try:
                self._inbox.put(event, timeout=PUT_TIMEOUT_S)
            except queue.Full:
                self._log.error("inbox_full", event_kind=type(event).__name__, waits=waits)
                if not waits or self._stopping.is_set():
                    return
            else:
                return

    def _received(self, message: Any, _peer: Peer) -> None:
        match message:
            case PlateSeen(camera, read, mono):
                self._put(PlatePresented(camera, read, mono))
            case SnapshotReady(path, _, back, serial):
                self._installing.install(Path(path), serial, back=back)
            case ClockCompared():
                self._upkeep.hear(message)
            case JournalBehind() | EntryFetched():
                self._news.hear(message)
            case PeerSaid():
                self._hearing.take(message)
                self._wake()
            case ClaimMade() | ClaimAnswered() | NeighboursHeard() | RecordAct():
                self._put(message)
            case GuardRequest() | EvidenceStored() | DeviceState() | SyncState() | RaiseAlarm() | FactsHeard():
                self._put(message)
            case _:
                pass


def run(config: GateConfig, places: Places, identity: Identity, log: Any, clocks: Clocks = REAL_CLOCKS) -> None:
    """Run the gate program until SIGTERM or SIGINT. Raises StoreError where the journal cannot be had."""
    program = GateProgram(config, places, identity, log, heart_of(os.environ), clocks)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda _signal, _frame: program.stop())
    program.run()
