"""What must hold of every gate, whatever happens: told from what reached it and what it answered, never by asking its automaton.

Only what the booth is shown, and when a lane wants to be woken, is looked at besides.
"""

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from access.case import GUARD
from access.entries import (
    AlarmRaised,
    Body,
    Commanded,
    Decided,
    Draft,
    FactsChanged,
    GuardActed,
    LaneChanged,
    Observed,
    PassageEnded,
)
from edge.booth_messages import GuardRequest, LaneView
from edge.config import GateConfig
from edge.gate.actions import Action, Append, CloseBarrier, OpenBarrier
from edge.gate.events import CardPresented, CodePresented, CommandSent, DeviceReported, Event, InputsChanged, PlatePresented
from edge.gate.gate import Gate
from tests.edge.gate.lane_watch import LaneWatch

OPEN_MODES = {"held_open", "convoy", "evacuation"}
RESTING = {"idle", "unknown", "held_closed", "out_of_service"}
WITHOUT_RULES = {"passed", "assumed", "no_show", "reversed", "not_opened"}  # results that only a grant can have
OPENS_WITHOUT_GRANT = {"obstructed", "button_pressed"}

LIFE_MAX_S = 3.0
PULSE_MAX_MS = 30_000
BURST_MAX, BURST_S = 10, 10.0
BURST_MAX_OF_DOORS = 100
REPEATED_MAX, REPEATED_S = 20, 60.0  # commands that no new grant asks for
CLOSINGS_MAX = 3
FRESH_S = 16.0
RAISED_AGAIN_S = 45.0
UNLOCKED_S = 30.0
TRIED_AGAIN_S = 15.0

ASKED_ANEW = {"correct", "decide_again", "nothing_carried", "mark_loading"}  # by a guard: the rules decide, and may grant
Command = OpenBarrier | CloseBarrier


class PropertyError(AssertionError):
    """A property does not hold; `which` names it."""

    def __init__(self, which: str, why: str) -> None:
        super().__init__(f"{which}: {why}")
        self.which = which


class Oracle:
    """Watches one gate, also over its restarts; raises `PropertyError`."""

    def __init__(self, config: GateConfig, epoch: datetime) -> None:
        """Begin to watch; `epoch` is the UTC of the monotonic zero."""
        self.config = config
        self.epoch = epoch
        self.lanes = {lane.id: LaneWatch(lane) for lane in config.lane}
        self.entries: dict[str, Draft] = {}
        self.used: set[str] = set()  # grants that have opened
        self.commands: dict[str, Command] = {}
        self.causes: dict[str, str] = {}
        self.answered: set[str] = set()
        self.begun: set[str] = set()
        self.ended: set[str] = set()
        self.results: Counter[str] = Counter()
        self.granted: set[str] = set()
        self.withheld: set[str] = set()
        self.evacuates = False
        self.evacuates_since = 0.0
        self.requests: set[str] = set()
        self.received: dict[str, float] = {}
        self.devices_up: dict[str, bool] = {}

    # --- what has happened ------------------------------------------------------------------------

    def see(self, event: Event | None, actions: Sequence[Action], now: float, gate: Gate) -> None:
        """Look at one event (None: a deadline) and its answer."""
        stale = self._take(event, now)
        lowering = {slug for slug, lane in self.lanes.items() if lane.lowering}
        falling = {slug for slug, lane in self.lanes.items() if lane.falling}
        if stale and any(isinstance(action, Command) for action in actions):
            raise PropertyError("late", f"moved for {stale}")
        here: dict[str, Commanded] = {}
        for action in actions:
            if isinstance(action, Append):
                self._entry(action.draft, here, event, now)
            elif isinstance(action, Command):
                self._command(action, here, now)
        opened = {action.lane for action in actions if isinstance(action, OpenBarrier)}
        for slug in (lowering | falling) - opened:
            self._must_have_opened(self.lanes[slug], actions, is_ours=slug in lowering, now=now)
        for view in gate.lane_views():
            self._view(view, gate.lanes[view.lane].deadline, now)

    def _take(self, event: Event | None, now: float) -> str:
        """Follow what reached the gate; returns why nothing may move for it ("": something may)."""
        match event:
            case CardPresented(device=device) | CodePresented(device=device) | PlatePresented(camera=device):
                self.received[device] = max(event.received, self.received.get(device, 0.0))
            case CommandSent(command, ok):
                if not ok:
                    self._failed(command, now)
                self.answered.add(command)
                return "what became of a command"
            case GuardRequest(request, expires_mono=expires):
                was_known = request in self.requests
                self.requests.add(request)
                return "a press that came before" if was_known else "a press that came late" if now > expires else ""
            case _:
                self._take_wires(event, now)
        return ""

    def _take_wires(self, event: Event | None, now: float) -> None:
        match event:
            case InputsChanged(device, states):
                for lane in self._on(device):
                    lane.read(states, now)
            case DeviceReported(device, up):
                was, self.devices_up[device] = self.devices_up.get(device, False), up
                for lane in self._on(device) if was and not up else ():
                    lane.lose()
            case None:
                for lane in self.lanes.values():
                    lane.before = lane.levels

    def _on(self, device: str) -> list[LaneWatch]:
        return [lane for lane in self.lanes.values() if lane.config.barrier.device == device]

    def _failed(self, command: str, now: float) -> None:
        sent = self.commands.get(command)
        if sent is None or command in self.answered:
            return
        lane = self.lanes[sent.lane]
        if lane.lowering == command:
            lane.lowering = ""
            lane.closings -= 1
        if lane.opening == command:
            lane.failed_at, lane.opened_at, lane.opened_until = now, -1e9, -1e9

    def withhold(self, action: OpenBarrier) -> None:
        """Note that the shell did not send it: its cause could not be written."""
        self.withheld.add(self.causes[action.command])
        self.lanes[action.lane].is_rising = False

    def unconfirmed(self, pending: set[str]) -> dict[str, Decided]:
        """Return by lane the last grant whose command has no outcome yet."""
        causes = [self.entries[self.causes[command]] for command in self.commands if command in pending]
        return {cause.lane: cause.body for cause in causes if isinstance(cause.body, Decided) and cause.passage not in self.ended}

    def restart(self) -> None:
        """Note that the program has begun anew: it knows nothing, and its open passages are ended for it."""
        self.ended |= self.begun
        for lane in self.lanes.values():
            lane.under_way.clear()
            lane.mode = "normal"
            lane.lose()
            lane.ill.clear()
        self.devices_up.clear()
        self.requests.clear()

    # --- entries ----------------------------------------------------------------------------------

    def _entry(self, draft: Draft, here: dict[str, Commanded], event: Event | None, now: float) -> None:
        body = draft.body
        self.entries[str(draft.id)] = draft
        if draft.passage:
            self.begun.add(draft.passage)
            if draft.lane and draft.passage not in self.ended:
                self.lanes[draft.lane].under_way.add(draft.passage)
        match body:
            case Decided(outcome="grant"):
                self._grant(draft, body, event, now)
            case Commanded(cause=cause, command=command):
                here[command] = body
                self.causes[command] = cause
            case PassageEnded():
                self._passage_ended(draft, body, now)
            case FactsChanged(facts=facts):
                self._facts(facts, now)
            case _ if draft.lane:
                self._of_lane(self.lanes[draft.lane], draft, body, now)

    def _facts(self, facts: Iterable[Any], now: float) -> None:
        for how, name, _ in facts:
            if name == "evacuation":
                self.evacuates, self.evacuates_since = how == "set", now

    def _of_lane(self, lane: LaneWatch, draft: Draft, body: Body, now: float) -> None:
        match body:
            case LaneChanged(mode):
                lane.held_at = now if OPEN_MODES & {lane.mode, mode} else lane.held_at
                lane.mode, lane.mode_entry = mode, str(draft.id)
            case AlarmRaised("event_failed", detail):
                raise PropertyError("goes on", f"{lane.config.id} tripped over {detail}")
            case AlarmRaised("safety_violated", detail):
                raise PropertyError("safeguard", detail)
            case AlarmRaised("loop_stuck" | "loop_chatters" | "sensor_failed" | "safety_blind", detail):
                lane.ill.add(detail)
            case Observed("sensor_well", detail=detail):
                lane.ill.discard(detail)
            case Observed("opened_by_others"):
                self.granted.add(draft.passage)
            case Observed("button_pressed", detail=detail):
                self._was_pressed(lane, detail)
            case GuardActed(act, accepted=True) if act in ("resume", "passed"):
                self.granted |= {draft.passage} if act == "passed" else set()
                lane.closings = 0

    def _grant(self, draft: Draft, body: Decided, event: Event | None, now: float) -> None:
        self.granted.add(draft.passage)
        if body.medium == "button":
            self._was_pressed(self.lanes[draft.lane], body.device)
        elif body.device == GUARD and not (isinstance(event, GuardRequest) and event.act == "correct"):
            raise PropertyError("late", "granted on a guard's reading without a guard")
        elif isinstance(event, GuardRequest) and event.act in ASKED_ANEW:
            return  # of who stands here still
        elif body.medium in ("card", "code", "plate") and now - self.received.get(body.device, -1e9) > FRESH_S:
            raise PropertyError(
                "late", f"a {body.medium} was granted {now - self.received[body.device]:.0f} s after it was presented"
            )
        elif body.medium == "guard" and not isinstance(event, GuardRequest):
            raise PropertyError("late", "a guard's grant without a guard")

    @staticmethod
    def _was_pressed(lane: LaneWatch, button: str) -> None:
        if lane.before.get(button) is not False or not lane.levels.get(button):
            raise PropertyError("late", f"{button} was not pressed just now")

    def _passage_ended(self, draft: Draft, body: PassageEnded, now: float) -> None:
        lane, passage = self.lanes[draft.lane], draft.passage
        if passage in self.ended:
            raise PropertyError("rest", f"a passage ended twice, as {body.result}")
        self.ended.add(passage)
        self.results[body.result] += 1
        lane.under_way.discard(passage)
        is_free = lane.mode in OPEN_MODES or lane.held_at >= self._began(passage)
        if body.result in WITHOUT_RULES and passage not in self.granted and not is_free:
            raise PropertyError("one grant", f"a passage without a grant ended as {body.result}")

    def _began(self, passage: str) -> float:
        """Return when a passage began: its id has the time (UTC milliseconds) within it."""
        return int(passage[:12], 16) / 1000 - self.epoch.timestamp() - 0.001

    # --- commands ---------------------------------------------------------------------------------

    def _command(self, action: Command, here: dict[str, Commanded], now: float) -> None:
        lane = self.lanes[action.lane]
        if not lane.known:
            raise PropertyError("blind start", "moved before its inputs were read")
        if not 0 < action.pulse_ms <= PULSE_MAX_MS:
            raise PropertyError("pulse", f"a pulse of {action.pulse_ms} ms")
        if not now < action.expires <= now + LIFE_MAX_S:
            raise PropertyError("pulse", f"a command that lives {action.expires - now:.1f} s")
        announced = here.get(action.command)
        is_open = isinstance(action, OpenBarrier)
        if announced is None or announced.act != ("open" if is_open else "close") or action.command in self.commands:
            raise PropertyError("cause", "a command that was not written before it")
        cause = self.entries.get(announced.cause)
        if cause is None or (is_open and cause.lane != action.lane):
            raise PropertyError("cause", f"its cause {announced.cause!r} is no entry of this lane")
        self.commands[action.command] = action
        if isinstance(action, OpenBarrier):
            self._opens(lane, action, cause, now)
        else:
            self._closes(lane, action, now)
        self._not_too_often(lane, cause, now)

    def _opens(self, lane: LaneWatch, action: OpenBarrier, cause: Draft, now: float) -> None:
        match cause.body:
            case Decided(outcome="grant"):
                self._uses(cause)
            case LaneChanged(mode) if mode in OPEN_MODES:
                if lane.mode_entry != str(cause.id):
                    raise PropertyError("cause", "opened for a mode that is over")
            case Observed(what) if what in OPENS_WITHOUT_GRANT:
                pass
            case body:
                raise PropertyError("cause", f"opened for {body}")
        by_itself = isinstance(cause.body, Observed) and cause.body.what == "obstructed"
        if not by_itself and not (self.evacuates and lane.config.opens_to_evacuate):
            self._keeps_lock(lane, now)
        lane.opened_at, lane.is_rising, lane.rising, lane.lowering, lane.falling = now, True, action.passage, "", False
        lane.opening = action.command
        lane.opened_until = now + (action.pulse_ms / 1000 if lane.is_door else lane.config.barrier.travel_s)
        lane.closings = 0 if isinstance(cause.body, Decided) else lane.closings

    def _uses(self, grant: Draft) -> None:
        if str(grant.id) in self.used:
            raise PropertyError("one grant", "a grant opened twice")
        if str(grant.id) in self.withheld or grant.passage in self.ended:
            raise PropertyError("cause", "opened for a grant that is over")
        self.used.add(str(grant.id))

    def _keeps_lock(self, lane: LaneWatch, now: float) -> None:
        if others := self._not_shut_beside(lane, now):
            raise PropertyError("interlock", f"{lane.config.id} opened while {others[0]} is not shut")

    def _not_shut_beside(self, lane: LaneWatch, now: float) -> list[str]:
        """Return the other lanes of its lock that are not shut, or that rise."""
        beside = {slug for lock in self.config.interlock if lane.config.id in lock.lanes for slug in lock.lanes}
        others = [self.lanes[slug] for slug in sorted(beside - {lane.config.id})]
        return [other.config.id for other in others if not other.is_down or other.rises(self.ended, now)]

    def _closes(self, lane: LaneWatch, action: CloseBarrier, now: float) -> None:
        if lane.config.barrier.closing != "agent":
            raise PropertyError("no close", "the barrier's own board closes")
        if lane.mode in OPEN_MODES | {"out_of_service"}:
            raise PropertyError("no close", f"the lane is set to {lane.mode}")
        if why := lane.why_not_clear(now):
            raise PropertyError("no close", why)
        if set(action.clear) != lane.clear():
            raise PropertyError("no close", f"the board is to look at {action.clear} only")
        lane.closings += 1
        lane.lowering, lane.lowered_at = action.command, now
        if lane.closings > CLOSINGS_MAX:
            raise PropertyError("bounded", "closed again and again")

    @staticmethod
    def _not_too_often(lane: LaneWatch, cause: Draft, now: float) -> None:
        _count(lane.sent, now, BURST_S, BURST_MAX_OF_DOORS if lane.is_door else BURST_MAX)
        if not isinstance(cause.body, Decided):
            _count(lane.repeated, now, REPEATED_S, REPEATED_MAX)

    # --- the whole answer -------------------------------------------------------------------------

    def _must_have_opened(self, lane: LaneWatch, actions: Sequence[Action], *, is_ours: bool, now: float) -> None:
        """Look at an arm that comes down: who asks for it raises it at once, and so does somebody under it where we lower it."""
        lowers = bool(lane.lowering) and now < lane.lowered_at + lane.config.barrier.travel_s
        if lane.known and is_ours and lowers and lane.sees_under is not False:
            raise PropertyError("reopen", "lowered onto somebody")
        if not lane.known or any(lane.config.id in lock.lanes for lock in self.config.interlock):
            return  # a lock may have to wait for its other lanes
        for draft in _drafts_of(lane.config.id, actions):
            is_grant = isinstance(draft.body, Decided) and draft.body.outcome == "grant"
            if is_grant and (lane.falling or lowers):
                raise PropertyError("reopen", "granted while the arm came down, and not raised")

    def _view(self, view: LaneView, deadline: float | None, now: float) -> None:
        lane = self.lanes[view.lane]
        if not lane.known:
            return
        if lane.is_down is False and not view.open_because and deadline is None:
            raise PropertyError("reason", f"{view.state} with the arm up, no deadline and no reason")
        if view.state in RESTING and lane.under_way:
            raise PropertyError("rest", f"{view.state} with a passage under way")
        if self.evacuates and lane.config.opens_to_evacuate:
            self._evacuates(lane, view, now)

    def _evacuates(self, lane: LaneWatch, view: LaneView, now: float) -> None:
        if view.mode != "evacuation":
            raise PropertyError("evacuation", f"{view.lane} is {view.mode}")
        lane.held_at = now
        if self.evacuates_since == now > max(lane.opened_until, lane.failed_at) and lane.is_down:
            raise PropertyError("evacuation", f"{view.lane} was not opened")
        since = max(lane.known_since, self.evacuates_since, lane.failed_at)
        may_be_locked = lane.is_down or "closed_limit" not in lane.config.barrier.pins
        if lane.is_door and may_be_locked and now > max(since + TRIED_AGAIN_S, lane.opened_at + UNLOCKED_S):
            raise PropertyError("evacuation", f"{view.lane} is locked again")
        if not lane.is_door and lane.is_up is False and now - max(since, lane.opened_at, lane.not_up_since) > RAISED_AGAIN_S:
            raise PropertyError("evacuation", f"{view.lane} stays down")

    def at_rest(self, gate: Gate) -> None:
        """Look at a gate about which all has been quiet for long, with every arm down and nobody there."""
        for view in gate.lane_views():
            if view.state not in RESTING - {"unknown"}:
                raise PropertyError("rest", f"{view.lane} is {view.state}")
        if left := self.begun - self.ended:
            raise PropertyError("rest", f"{len(left)} passages never ended")


def _drafts_of(lane: str, actions: Iterable[Action]) -> list[Draft]:
    return [action.draft for action in actions if isinstance(action, Append) and action.draft.lane == lane]


def _count(times: deque[float], now: float, within_s: float, most: int) -> None:
    """Note a command; `most` in that time are allowed."""
    times.append(now)
    while now - times[0] >= within_s:
        times.popleft()
    if len(times) > most:
        raise PropertyError("bounded", f"{len(times)} commands in {within_s:g} s")
