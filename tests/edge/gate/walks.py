"""A whole gate in virtual time: its wires and its shell, which commits (or cannot), sends commands and feeds their outcome.

Every event and every answer is looked at by the oracle. What happens in a walk is in `moves`.
"""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from access.entries import Decided
from edge.booth_messages import GuardRequest
from edge.gate.actions import Action, Append, OpenBarrier
from edge.gate.events import (
    NOT_WRITTEN,
    CommandSent,
    DeviceReported,
    Event,
    InputsChanged,
    SnapshotInstalled,
    StoreFailed,
)
from edge.gate.gate import Gate
from tests.edge.gate.layouts import BOARD, FIRE_INPUT, Layout
from tests.edge.gate.oracle import Command, Oracle, PropertyError

INPUTS = 48
START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
PENDING_MAX = 40


@dataclass
class Walk:
    """One gate, its wires, its shell, and the oracle that watches it."""

    layout: Layout
    now: float = 1000.0
    levels: dict[tuple[str, str], bool] = field(default_factory=dict)  # what each input of each lane means now
    broken: set[tuple[str, str]] = field(default_factory=set)  # inputs whose two contacts say the same
    is_fire: bool = False
    is_board_up: bool = False
    can_write: bool = True
    revision: int = 1
    mode: str = "normal"  # of the first lane, as the office has it
    pending: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    last: dict[str, Command] = field(default_factory=dict)
    requests: list[GuardRequest] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)  # the newest answer
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        config = self.layout.config
        self.oracle = Oracle(config, START)
        self.gate = Gate(config, self._draw)
        self.levels = {(lane.id, name): name == "closed_limit" for lane in config.lane for name in lane.barrier.pins}
        self.begin()

    @property
    def at(self) -> datetime:
        """UTC that goes with `now`."""
        return START + timedelta(seconds=self.now)

    def _draw(self, size: int) -> bytes:
        return (next(self.numbers) + 1).to_bytes(size, "big")

    def begin(self) -> None:
        """Bring up a gate that has just started."""
        self.feed(SnapshotInstalled(self.layout.rules(self.revision, self.mode), "00"))
        self.board_comes()

    # --- what reaches the gate, and what becomes of its answer ------------------------------------

    def feed(self, event: Event) -> list[Action]:
        """Hand an event over; the shell does with the answer what it must."""
        try:
            actions = self.gate.handle(event, self.now, self.at)
        except Exception as error:
            raise PropertyError("goes on", f"the gate tripped over {event}") from error
        return self._perform(event, actions)

    def _perform(self, event: Event | None, actions: list[Action]) -> list[Action]:
        self.actions = actions
        self.oracle.see(event, actions, self.now, self.gate)
        for action in actions:
            if isinstance(action, Command):
                self._send(action, actions)
        return actions

    def _send(self, action: Command, actions: list[Action]) -> None:
        if self.can_write or self._opens_unwritten(action, actions):
            self.pending = [*self.pending, action.command][-PENDING_MAX:]
            self.last[action.lane] = action
        elif isinstance(action, OpenBarrier):
            self.oracle.withhold(action)
            self.feed(StoreFailed(action.lane, action.passage))
        else:
            self.feed(CommandSent(action.command, ok=False, error=NOT_WRITTEN, sent=0.0))

    def _opens_unwritten(self, action: Command, actions: list[Action]) -> bool:
        setting = next(lane.on_store_failure for lane in self.layout.config.lane if lane.id == action.lane)
        bodies = [one.draft.body for one in actions if isinstance(one, Append) and one.draft.passage == action.passage]
        by_guard = any(isinstance(body, Decided) and body.medium == "guard" for body in bodies)
        may = setting == "open" or (setting == "refer" and by_guard)
        return isinstance(action, OpenBarrier) and (action.vital or may)

    def board(self) -> None:
        """Have the board tell its inputs, where it is there."""
        if self.is_board_up:
            self.feed(InputsChanged(BOARD, self.states()))

    def states(self) -> tuple[bool, ...]:
        """Return what the board reads."""
        states = [False] * INPUTS
        for lane in self.layout.config.lane:
            for name, pin in lane.barrier.pins.items():
                is_high = self.levels[lane.id, name] == (pin.active == "high")
                states[pin.input] = is_high
                if pin.check is not None:
                    states[pin.check] = is_high if (lane.id, name) in self.broken else not is_high
        states[FIRE_INPUT] = self.is_fire
        return tuple(states)

    def set(self, lane: str, **levels: bool) -> None:
        """Set inputs of a lane, as far as they are wired, and have the board tell it."""
        self.levels |= {(lane, name): level for name, level in levels.items() if (lane, name) in self.levels}
        self.board()

    def arm(self, lane: str, where: str) -> None:
        """Put an arm up, down, between the two, or where it cannot be (both)."""
        self.set(lane, open_limit=where in ("up", "both"), closed_limit=where in ("down", "both"))

    def board_comes(self) -> None:
        """Let the board come back and be read."""
        self.feed(DeviceReported(BOARD, up=True))
        self.is_board_up = True
        self.board()

    def board_goes(self) -> None:
        """Lose the board."""
        self.is_board_up = False
        self.feed(DeviceReported(BOARD, up=False, why="unplugged"))

    def press(self, act: str, lane: str, *, late: bool = False, passage: str = "", **keys: str | int) -> GuardRequest:
        """Let a guard ask for something."""
        expires = self.now + (-1.0 if late else 10.0)
        on = "" if "evacua" in act else lane
        request = GuardRequest(f"r-{next(self.numbers)}", act, on, "g-1", "张*", "delivery", "", expires, passage)
        for key, value in keys.items():
            object.__setattr__(request, key, value)
        self.requests.append(request)
        self.feed(request)
        return request

    def answer(self, command: str, error: str = "") -> None:
        """Tell what became of a command."""
        self.pending.remove(command)
        self.done.append(command)
        self.feed(CommandSent(command, ok=not error, error=error, sent=self.now))

    def wait(self, seconds: float) -> None:
        """Let time pass, stopping at every deadline."""
        until = self.now + seconds
        for _ in range(1000):
            deadline = self.gate.next_deadline()
            if deadline is None or deadline > until:
                break
            self.now = max(self.now, deadline)
            try:
                actions = self.gate.handle_timer(self.now, self.at)
            except Exception as error:
                raise PropertyError("goes on", "the gate tripped over a deadline") from error
            self._perform(None, actions)
            again = self.gate.next_deadline()
            if again is not None and again <= self.now:
                raise PropertyError("bounded", "a deadline that has come stands still")
        else:
            raise PropertyError("bounded", "deadlines without end")
        self.now = until

    def restart(self) -> None:
        """Stop the program as by a power cut and start it again: what is written is known, and nothing else."""
        presence = self.gate.presence
        unconfirmed = self.oracle.unconfirmed(set(self.pending))
        self.pending.clear()
        self.done.clear()
        self.is_board_up = False
        self.oracle.restart()
        self.gate = Gate(self.layout.config, self._draw, presence, unconfirmed)
        self.begin()

    def come_to_rest(self) -> None:
        """Let all be quiet: every arm down, nobody there, nothing held, no fire; then look at it once more."""
        self.can_write, self.is_fire = True, False
        self.broken.clear()
        for key in self.levels:
            self.levels[key] = key[1] == "closed_limit"
        self.board_comes()
        self.revision += 1
        self.feed(SnapshotInstalled(self.layout.rules(self.revision), "00"))
        self.press("end_evacuation", "")
        for lane in self.layout.config.lane:
            self.press("resume", lane.id)
        for _ in range(6):
            self.wait(400.0)
        self.oracle.at_rest(self.gate)
