"""What happened in a world, in lines that a person can follow."""

from collections import deque
from typing import Final

from access.entries import AlarmRaised, Body, Commanded, CommandEnded, Decided, GuardActed, LaneChanged, Observed, PassageEnded
from edge.booth_messages import GuardRequest
from edge.gate.actions import Action, Append, CloseBarrier, OpenBarrier
from edge.gate.events import CommandSent, DeviceReported, Event, InputsChanged
from simulators.lane.layout import PINS

KEPT: Final = 40


class Trace:
    """The last that happened; written out only where somebody asks."""

    def __init__(self) -> None:
        self._kept: deque[tuple[float, str, str, Event | None, list[Action] | None]] = deque(maxlen=KEPT)

    def answered(self, now: float, before: str, after: str, event: Event | None, actions: list[Action]) -> None:
        """Note what the gate made of an event (None: of a deadline)."""
        self._kept.append((now, before, after, event, actions))

    def note(self, now: float, where: str, what: str) -> None:
        """Note what happened beside the gate."""
        self._kept.append((now, where, what, None, None))

    def lines(self) -> list[str]:
        """Return a line each."""
        return [_line(*kept) for kept in self._kept]


def _line(now: float, before: str, after: str, event: Event | None, actions: list[Action] | None) -> str:
    if actions is None:
        return f"{now:9.2f}  {before:<22} {after}"
    phase = after if before == after else f"{before} -> {after}"
    came = "time" if event is None else _event(event)
    return f"{now:9.2f}  {phase:<22} {came}: {', '.join(filter(None, map(_action, actions))) or '-'}"


def _event(event: Event) -> str:
    match event:
        case InputsChanged(states=states):
            return "+".join(name for name, pin in PINS.items() if states[pin]) or "nothing"
        case DeviceReported(up=up):
            return f"board {'up' if up else 'lost'}"
        case CommandSent(error=error):
            return f"sent {error or 'ok'}"
        case GuardRequest(act=act):
            return f"guard {act}"
        case _:
            return type(event).__name__


def _action(action: Action) -> str:
    match action:
        case OpenBarrier():
            return "OPEN"
        case CloseBarrier():
            return "CLOSE"
        case Append(draft):
            return _body(draft.body)
        case _:
            return ""


def _body(body: Body) -> str:
    match body:
        case Decided(outcome=outcome, reason=reason):
            return f"{outcome} {reason}"
        case PassageEnded(result=result):
            return f"ended {result}"
        case Observed(what=what, detail=detail):
            return f"seen {what} {detail}".strip()
        case AlarmRaised(what=what, detail=detail):
            return f"ALARM {what} {detail}".strip()
        case GuardActed(act=act, refusal=refusal):
            return f"{act} {refusal or 'accepted'}"
        case LaneChanged(mode=mode):
            return f"mode {mode}"
        case Commanded() | CommandEnded():
            return ""
        case _:
            return body.kind
