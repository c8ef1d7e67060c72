"""The lane's input and relay board as the agent knows it: polled, late, sometimes lost; commands are checked when they leave."""

import math
import random
from collections import deque
from dataclasses import dataclass
from typing import Final

from edge.gate.actions import CloseBarrier, OpenBarrier
from edge.gate.events import CommandSent, DeviceReported, Event, InputsChanged
from simulators.lane.arm import Drive
from simulators.lane.layout import BOARD, OPEN_COIL, PINS

Command = OpenBarrier | CloseBarrier
States = tuple[bool, ...]

DELAY_MAX_S: Final = 0.3


@dataclass(frozen=True, slots=True)
class Frame:
    """A command on its way to the board."""

    at: float
    command: Command


class Board:
    """Tells changed inputs once a step, executes commands that have not expired, and answers each of them."""

    def __init__(self, drive: Drive, chance: random.Random) -> None:
        self.is_lost = True
        self.is_mute = False  # executes, but its echo does not arrive
        self.is_welded = False  # the open relay does not let go
        self.delay_max_s = DELAY_MAX_S
        self.told: States | None = None
        self._drive = drive
        self._chance = chance
        self._frames: deque[Frame] = deque()
        self._events: list[Event] = []

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is on its way."""
        return not self._frames and not self._events and not self.is_welded and (self.is_lost or self.told is not None)

    def send(self, command: Command, now: float) -> None:
        """Take a command to be sent; what becomes of it comes back as an event."""
        if self.is_lost:
            self._answer(command, "the board does not answer", 0.0)
            return
        last = self._frames[-1].at if self._frames else -math.inf
        self._frames.append(Frame(max(last, now + self._chance.uniform(0.0, self.delay_max_s)), command))

    def lose(self) -> None:
        """Lose the line to it; it keeps nothing of what was on its way."""
        if not self.is_lost:
            self.is_lost, self.told = True, None
            self._events.append(DeviceReported(BOARD, up=False, why="unplugged"))
            while self._frames:
                self._answer(self._frames.popleft().command, "the board was lost", 0.0)

    def find(self) -> None:
        """Find the line again: its inputs are the first that is read."""
        if self.is_lost:
            self.is_lost = False
            self._events.append(DeviceReported(BOARD, up=True))

    def forget_agent(self) -> None:
        """Serve an agent that has just started: it must be told all, and what the one before it sent is forgotten."""
        self._frames.clear()
        self._events = [] if self.is_lost else [DeviceReported(BOARD, up=True)]
        self.told = None

    def poll(self, now: float, states: States) -> list[Event]:
        """Execute what is due and tell what has changed."""
        while self._frames and self._frames[0].at <= now:
            self._execute(self._frames.popleft().command, now, states)
        if self.is_welded:
            self._drive.open(now)
        events, self._events = self._events, []
        if not self.is_lost and states != self.told:
            self.told = states
            events.append(InputsChanged(BOARD, states))
        return events

    def _execute(self, command: Command, now: float, states: States) -> None:
        if now > command.expires:
            self._answer(command, "the command came too late", 0.0)
        elif isinstance(command, CloseBarrier) and any(states[pin] != level for pin, level in command.clear):
            self._answer(command, "an input is not as it was", 0.0)
        else:
            if command.coil == OPEN_COIL:
                self._drive.open(now)
            else:
                self._drive.close()
            self._answer(command, "no echo" if self.is_mute else "", now)

    def _answer(self, command: Command, error: str, sent: float) -> None:
        self._events.append(CommandSent(command.command, not error, error, sent))


def states_of(levels: dict[str, bool]) -> States:
    """Return the board's inputs with these levels by name; an input that is not wired is inactive."""
    return tuple([levels.get(name, False) for name in PINS])
