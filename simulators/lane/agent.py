"""The real gate at work on a simulated lane: events in, judged actions out, restarts and a failing store included."""

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from access.entries import Decided
from access.presence import Presence
from edge.config import GateConfig
from edge.gate.actions import Action, Append, CloseBarrier, Look, OpenBarrier
from edge.gate.events import DeviceReported, Event, InputsChanged, SnapshotInstalled, StoreFailed
from edge.gate.gate import Gate
from simulators.lane.board import Board
from simulators.lane.estate import rules
from simulators.lane.layout import BOARD
from simulators.lane.oracle import Oracle, must
from simulators.lane.remembered import Remembered
from simulators.lane.traces import Trace

START: Final = datetime(2026, 3, 2, tzinfo=UTC)
ANSWERS_MAX: Final = 50  # of one moment: a gate with deadlines that do not move is at fault


class Agent:
    """One gate of one lane, as its program would run it."""

    def __init__(self, config: GateConfig, board: Board, oracle: Oracle, trace: Trace) -> None:
        self.store_fails = False
        self.was_busy = False
        self.wants_look = False
        self._config = config
        self._board = board
        self._oracle = oracle
        self._trace = trace
        self._drawn = itertools.count(1)
        self._remembered = Remembered()
        self._begin(None, {}, 0.0)

    def restart(self, now: float) -> None:
        """Be killed and started again, with what the journal adds up to."""
        self._board.forget_agent()
        self._oracle.board_told(None)
        self._begin(self.gate.presence, self._remembered.interrupt(utc_of(now)), now)

    def give(self, event: Event, now: float) -> None:
        """Hand an event over, and do what the gate wants."""
        if isinstance(event, InputsChanged):
            self._oracle.board_told(event.states)
        elif isinstance(event, DeviceReported) and event.device == BOARD:
            self._oracle.board_told(None)
        self._act(event, self.gate.handle(event, now, utc_of(now)), now)

    def take_time(self, now: float) -> None:
        """Let the gate act on every deadline that has come."""
        for _ in range(ANSWERS_MAX):
            deadline = self.gate.next_deadline()
            if deadline is None or deadline > now:
                return
            self._act(None, self.gate.handle_timer(now, utc_of(now)), now)
        must(holds=False, what="a deadline that has come stands still")

    def _begin(self, presence: Presence | None, unconfirmed: Mapping[str, Decided], now: float) -> None:
        self.gate = Gate(self._config, lambda size: next(self._drawn).to_bytes(size, "big"), presence, unconfirmed)
        self.view = self.gate.lane_views()[0]
        self.give(SnapshotInstalled(rules(), "00"), now)

    def _act(self, event: Event | None, actions: list[Action], now: float) -> None:
        """Have the answer judged, then do it as the program does: openings that could not be written are withheld."""
        before, self.view = self.view, self.gate.lane_views()[0]
        self.was_busy = True
        self._trace.answered(now, before.state, self.view.state, event, actions)
        while self.gate.failures:
            self._trace.note(now, "gate", self.gate.failures.popleft())
        self._oracle.judge(actions, self.view, self.gate.next_deadline(), now)
        self._remembered.write(action.draft for action in actions if isinstance(action, Append))
        for action in actions:
            if isinstance(action, OpenBarrier) and self.store_fails and not action.vital:
                self.give(StoreFailed(action.lane, action.passage), now)
            elif isinstance(action, OpenBarrier | CloseBarrier):
                self._board.send(action, now)
            elif isinstance(action, Look):
                self.wants_look = True


def utc_of(now: float) -> datetime:
    """Return UTC at a moment of virtual time."""
    return START + timedelta(seconds=now)
