"""What must never leave a lane, whatever its automaton thinks: every list of actions is held against these before it is done.

Only what is written, asked and told passes unseen. A violation is a defect of ours: its command is withheld, the lane goes out of
service and an alarm says which property it was; the program goes on.
"""

from collections import deque
from collections.abc import Iterable

from access.entries import Commanded
from edge.gate.actions import Action, Append, CloseBarrier, OpenBarrier
from edge.gate.inputs import DETECTORS
from edge.gate.phases import Phase
from edge.gate.state import LaneState

COMMAND_LIFE_MAX_S = 3.0
COMMANDS_MAX = 10
UNLOCKINGS_MAX = 100  # of a door: a strike has no arm that wears out, and nobody is kept out because many come at once
COMMANDS_WITHIN_S = 10.0
COMMANDS_REMEMBERED = 128

Command = OpenBarrier | CloseBarrier


class Safeguard:
    """Watches one lane; remembers which commands it has let out, and when."""

    def __init__(self) -> None:
        self._sent: deque[float] = deque(maxlen=UNLOCKINGS_MAX)
        self._commands: deque[str] = deque(maxlen=COMMANDS_REMEMBERED)

    def violations(self, lane: LaneState, actions: Iterable[Action], now: float) -> list[tuple[Command | None, str]]:
        """Return what must not leave (None: nothing, but the lane itself is wrong), each with the property that it violates."""
        found: list[tuple[Command | None, str]] = []
        written: dict[str, Commanded] = {}
        for action in actions:
            if isinstance(action, Append) and isinstance(action.draft.body, Commanded):
                written[action.draft.body.command] = action.draft.body
            elif isinstance(action, OpenBarrier | CloseBarrier):
                what = self._wrong(lane, action, written, now)
                if what:
                    found.append((action, what))
                else:
                    self._sent.append(now)
                    self._commands.append(action.command)
        if stuck := _stuck_open(lane):
            found.append((None, stuck))
        return found

    def _wrong(self, lane: LaneState, action: Command, written: dict[str, Commanded], now: float) -> str:
        command = written.get(action.command)
        if lane.phase is Phase.UNKNOWN or not lane.is_read:
            return "moved_before_inputs"
        if command is None or not command.cause:
            return "moved_without_cause"
        if action.command in self._commands:
            return "moved_twice"
        if not now < action.expires <= now + COMMAND_LIFE_MAX_S:
            return "moved_late"
        most = UNLOCKINGS_MAX if lane.is_door else COMMANDS_MAX
        if len(self._sent) >= most and now - self._sent[-most] < COMMANDS_WITHIN_S:
            return "moved_too_often"
        return _unsafe(lane) if isinstance(action, CloseBarrier) else ""


def _unsafe(lane: LaneState) -> str:
    """Say why nothing may close: who closes is not us, or a detector sees somebody, or cannot be believed."""
    if lane.config.barrier.closing != "agent":
        return "closed_for_the_barrier"
    wired = [name for name in lane.config.barrier.pins if name in DETECTORS]
    if not wired or lane.detectors.ill:
        return "closed_blindly"
    return "" if all(getattr(lane.read, name) is False for name in wired) else "closed_onto_somebody"


def _stuck_open(lane: LaneState) -> str:
    """Say that an arm is up with neither a deadline nor a named reason."""
    is_open = lane.is_up and lane.phase is not Phase.UNKNOWN
    return "open_without_reason" if is_open and lane.timers.next() is None and not lane.open_because else ""
