"""What must hold of a lane whatever happens, judged by what the board told, the list of actions and what the lane shows."""

from collections import deque
from typing import Final

from access.entries import AlarmRaised, Commanded, Decided, Observed, PassageEnded
from edge.booth_messages import LaneView
from edge.gate.actions import Action, Append, CloseBarrier, OpenBarrier
from simulators.lane.board import States
from simulators.lane.layout import PINS, Layout

COMMANDS_MAX: Final = 8
COMMANDS_WITHIN_S: Final = 10.0
COMMAND_LIFE_MAX_S: Final = 5.0
WAITS_MAX_S: Final = 60.0
FREE_MODES: Final = frozenset({"held_open", "convoy", "evacuation"})
OWN_FAULTS: Final = frozenset({"event_failed", "safety_violated"})
"""Alarms by which the gate says that it is at fault itself."""


class PropertyFailedError(Exception):
    """A property of the lane does not hold."""


def must(*, holds: bool, what: str) -> None:
    """Raise PropertyFailedError, saying what is wrong, where it does not hold."""
    if not holds:
        raise PropertyFailedError(what)


class Oracle:
    """Judges every answer of the gate."""

    def __init__(self, layout: Layout) -> None:
        self.openings = 0
        self.closings = 0
        self.vehicles_told = 0
        self.alarms: set[str] = set()
        self.results: dict[str, int] = {}
        self._layout = layout
        self._inputs: States | None = None
        self._written: set[str] = set()
        self._decisions: set[str] = set()
        self._used: set[str] = set()
        self._granted: set[str] = set()
        self._raised_by_others = False
        self._ended: set[str] = set()
        self._sent: deque[float] = deque(maxlen=COMMANDS_MAX)

    def board_told(self, states: States | None) -> None:
        """Note what the gate knows of its inputs (None: nothing)."""
        self._inputs = states
        if states is not None and states[PINS["closed_limit"]]:
            self._raised_by_others = False

    def judge(self, actions: list[Action], view: LaneView, deadline: float | None, now: float) -> None:
        """Look at what the gate wants done, and at how the lane stands then."""
        commands: dict[str, str] = {}
        self._written |= {str(action.draft.id) for action in actions if isinstance(action, Append)}
        for action in actions:
            if isinstance(action, Append):
                self._read(action, commands)
            elif isinstance(action, OpenBarrier | CloseBarrier):
                self._judge_command(action, commands, now)
            if isinstance(action, CloseBarrier):
                self._judge_close(action, view)
        if view.mode in FREE_MODES or self._raised_by_others:
            self._granted.add(view.passage)
        if self._inputs is not None and not self._inputs[PINS["closed_limit"]]:
            must(
                holds=deadline is not None or bool(view.open_because), what=f"open with neither deadline nor reason, {view.state}"
            )

    def _read(self, action: Append, commands: dict[str, str]) -> None:
        draft = action.draft
        match draft.body:
            case Decided(outcome=outcome, reason=reason):
                self._decisions.add(str(draft.id))
                if outcome == "grant" or reason == "not_confirmed":  # of the latter the guard says what became of it
                    self._granted.add(draft.passage)
            case Commanded(cause=cause, command=command):
                commands[command] = cause
            case PassageEnded(result=result, vehicles=vehicles):
                must(holds=draft.passage not in self._ended, what=f"a passage ended twice, {result}")
                must(holds=result != "passed" or draft.passage in self._granted, what="passed without a grant")
                must(holds=result != "passed" or vehicles == 1, what=f"one grant admitted {vehicles} vehicles")
                self._ended.add(draft.passage)
                self.vehicles_told += vehicles
                self.results[result] = self.results.get(result, 0) + 1
            case Observed("opened_by_others" | "arm_up_at_start"):
                self._raised_by_others = True
            case AlarmRaised(what=what, detail=detail):
                must(holds=what not in OWN_FAULTS, what=f"alarm {what}: {detail}")
                self.alarms.add(what)

    def _judge_command(self, action: OpenBarrier | CloseBarrier, commands: dict[str, str], now: float) -> None:
        cause = commands.get(action.command)
        must(holds=self._inputs is not None, what="commanded before the inputs were read")
        must(holds=cause is not None, what="commanded without an entry that says so")
        must(holds=cause in self._written, what="commanded without a cause that is written")
        must(holds=now < action.expires <= now + COMMAND_LIFE_MAX_S, what="a command that lives too long")
        crowded = len(self._sent) == COMMANDS_MAX and now - self._sent[0] < COMMANDS_WITHIN_S
        must(holds=not crowded, what=f"more than {COMMANDS_MAX} commands in {COMMANDS_WITHIN_S:g} s")
        self._sent.append(now)
        if isinstance(action, CloseBarrier):
            self.closings += 1
            return
        self.openings += 1
        if self._inputs is not None and self._inputs[PINS["closed_limit"]] and cause in self._decisions:
            must(holds=cause not in self._used, what="one decision opened twice")
            self._used.add(str(cause))

    def _judge_close(self, action: CloseBarrier, view: LaneView) -> None:
        must(holds=self._layout.closing == "agent", what="closed an arm that closes by itself")
        for name in self._layout.sensors:
            must(holds=self._inputs is not None and not self._inputs[PINS[name]], what=f"closed while {name} is active")
            must(holds=name not in view.ill, what=f"closed while {name} is {view.ill.get(name)}")
            guarded = {(PINS[name], False)} <= set(action.clear)
            must(holds=guarded, what=f"closes without asking for {name} when it is sent")
        if self._layout.check:
            must(
                holds=self._inputs is not None and self._inputs[PINS["safety_check"]], what="closed while safety_loop has failed"
            )
