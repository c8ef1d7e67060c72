"""Automata that are broken on purpose: each must be caught by the property that it breaks.

A mutant replaces one function, one entry of the table or one constant, wherever the core of the gate uses it.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import pytest

from access.entries import Observed, PassageEnded
from edge.booth_messages import GuardRequest
from edge.gate import arriving, deciding, detectors, guard_acts, inputs, modes, opening, passing_through
from edge.gate.actions import Action, Append, OpenBarrier
from edge.gate.evacuation import FACT, Evacuation
from edge.gate.events import InputsChanged
from edge.gate.gate import Gate
from edge.gate.inputs import Inputs
from edge.gate.lane import Lane
from edge.gate.passage import Moment
from edge.gate.phases import Mode, Phase, Stimulus, Timer
from edge.gate.safeguard import Safeguard
from edge.gate.state import LaneState
from edge.gate.transitions import PEOPLE, VEHICLES

Break = Callable[[pytest.MonkeyPatch], None]
Answer = Callable[..., list[Action]]


@dataclass(frozen=True)
class Mutant:
    """What is broken, which property that violates, where it shows soonest, and what its safeguard says ("": nothing)."""

    name: str
    breaks: Break
    property: str
    layouts: tuple[str, ...]
    held_as: str = ""


@contextmanager
def broken(mutant: Mutant, *, guarded: bool = False) -> Iterator[None]:
    """Break the automaton; without its safeguard, so that the property itself must notice, or `guarded` by it."""
    with pytest.MonkeyPatch.context() as patch:
        if not guarded:
            patch.setattr(Safeguard, "violations", lambda *_: [])
        mutant.breaks(patch)
        yield


# --- ways to break ---------------------------------------------------------------------------------


def _modules() -> list[ModuleType]:
    return [module for name, module in sys.modules.items() if name.startswith("edge.gate.")]


def everywhere(original: Any, mutated: Any) -> Break:
    """Replace a function wherever a module of the core has it, and in the tables."""

    def patch_all(patch: pytest.MonkeyPatch) -> None:
        for module in _modules():
            for name, value in vars(module).copy().items():
                if value is original:
                    patch.setattr(module, name, mutated)
        tables: tuple[Mapping[Any, Any], ...] = (VEHICLES, PEOPLE, guard_acts._DO, guard_acts._WHY_NOT)
        for table in tables:
            for key, value in table.items():
                if value is original:
                    patch.setitem(table, key, mutated)

    return patch_all


def both(*breaks: Break) -> Break:
    """Break more than one thing."""

    def patch_each(patch: pytest.MonkeyPatch) -> None:
        for one in breaks:
            one(patch)

    return patch_each


def constant(module: ModuleType, name: str, value: object) -> Break:
    return lambda patch: patch.setattr(module, name, value)


def method(of: type, name: str, mutated: Any) -> Break:
    return lambda patch: patch.setattr(of, name, mutated)


def unanswered(phase: Phase, stimulus: Stimulus) -> Break:
    """Take an entry out of both tables."""

    def patch_tables(patch: pytest.MonkeyPatch) -> None:
        for table in (VEHICLES, PEOPLE):
            patch.delitem(table, (phase, stimulus), raising=False)

    return patch_tables


def answered(phase: Phase, stimulus: Stimulus, answer: Answer) -> Break:
    """Put another answer into the table for vehicles."""
    return lambda patch: patch.setitem(VEHICLES, (phase, stimulus), answer)


# --- broken answers --------------------------------------------------------------------------------


def _clear_but_for_arrivals(of: LaneState) -> bool:
    return not of.detectors.ill and of.inputs.safety is False


def _clear_where_nothing_is_known(of: LaneState) -> bool:
    return not any(getattr(of.inputs, name) for name in inputs.DETECTORS)


def _level_without_check(pin: Any, states: tuple[bool, ...]) -> bool | None:
    return states[pin.input] == (pin.active == "high") if pin.input < len(states) else None


def _lower_at_once(of: LaneState, moment: Moment) -> None:
    comes_down = of.phase is Phase.CLOSING and of.mode is Mode.NORMAL and not of.lowering
    if of.config.barrier.closing == "agent" and comes_down and of.timers.at(Timer.CLOSE) is None:
        of.timers.set(Timer.CLOSE, moment.now + 2.0)


def _raise_uncaused(of: LaneState, _cause: str, received: float, moment: Moment, *, vital: bool = False) -> list[Action]:
    return _raise_arm(of, "", received, moment, vital=vital)


def _raise_unwritten(of: LaneState, cause: str, received: float, moment: Moment, *, vital: bool = False) -> list[Action]:
    return [action for action in _raise_arm(of, cause, received, moment, vital=vital) if isinstance(action, OpenBarrier)]


def _raise_unless_up(of: LaneState, cause: str, received: float, moment: Moment, *, vital: bool = False) -> list[Action]:
    return [] if of.is_up else _raise_arm(of, cause, received, moment, vital=vital)


def _no_answer(_of: LaneState, _moment: Moment) -> list[Action]:
    return []


def _open_for_whoever_comes(of: LaneState, moment: Moment) -> list[Action]:
    seen = of.observe("somebody_came", moment)
    return [seen, *_raise_arm(of, str(seen.draft.id), moment.now, moment), *_arrive(of, moment)]


def _open_for_questions_too(of: LaneState, reason: str, *rest: Any) -> list[Action]:
    actions = _conclude(of, reason, *rest)
    asked = [action for action in actions if isinstance(action, Append) and of.phase is Phase.REFERRED]
    return actions + (_raise_arm(of, str(asked[-1].draft.id), 0.0, rest[-1]) if asked else [])


def _raise_twice(of: LaneState, cause: str, received: float, moment: Moment, *, vital: bool = False) -> list[Action]:
    return [action for _ in range(2) for action in _raise_arm(of, cause, received, moment, vital=vital)]


def _send_twice(of: LaneState, cause: str, received: float, moment: Moment, *, vital: bool = False) -> list[Action]:
    actions = _raise_arm(of, cause, received, moment, vital=vital)
    return [*actions, actions[-1]]


def _stay_open(of: LaneState, moment: Moment) -> list[Action]:
    of.enter(Phase.OPEN, moment, of.config.no_show_s)
    return []


def _trip_over(*_: Any) -> list[Action]:
    raise ZeroDivisionError


def _repeat_what_failed(of: LaneState, command: str, error: str, sent: float, moment: Moment) -> list[Action]:
    actions = _command_ended(of, command, error, sent, moment)
    if not error or not actions:
        return actions
    seen = of.observe("obstructed", moment)
    return [*actions, seen, *_raise_arm(of, str(seen.draft.id), moment.now, moment)]


def _raise_while_held(of: LaneState, moment: Moment) -> list[Action]:
    if of.phase is not Phase.HELD_OPEN or of.inputs.arm == "up":
        return []
    of.timers.set(Timer.RAISE, moment.now + 0.5)
    return _raise_arm(of, of.mode_cause, moment.now, moment)


def _stand_up_for_no_reason(of: LaneState, moment: Moment) -> None:
    of.enter(Phase.CLOSING, moment)
    of.open_because = ""
    of.timers.cancel(Timer.ARM)


def _say_only(of: LaneState, moment: Moment) -> list[Action]:
    return [of.alarm("arm_not_down", moment)]


def _take_up_blindly(of: LaneState, before: Mode, moment: Moment) -> list[Action]:
    is_blind = of.phase is Phase.UNKNOWN and of.mode.opens
    return _raise_arm(of, of.mode_cause, moment.now, moment) if is_blind else _take_up(of, before, moment)


def _forget_nothing(self: Lane, _moment: Moment) -> list[Action]:
    return []


def _refuse_nothing_late(of: LaneState, request: GuardRequest, moment: Moment) -> str:
    return _refusal(of, replace(request, expires_mono=moment.now + 10), moment)


def _pressed_where_held(before: Inputs, after: Inputs) -> list[str]:
    return [name for name in inputs.BUTTONS if getattr(before, name) is not True and getattr(after, name)]


def _kept_for_ever(self: LaneState, presentation: Any, moment: Moment) -> list[Action]:
    return _present(self, replace(presentation, received=moment.now), moment)


def _held_closed_goes_first(of: LaneState, moment: Moment) -> tuple[Mode, Any]:
    mode, until = _effective(of, moment)
    held, _, _ = modes.set_by_guard(of, moment)
    return (Mode.HELD_CLOSED, None) if held is Mode.HELD_CLOSED else (mode, until)


def _over_with_its_input(self: Evacuation, event: InputsChanged, moment: Moment) -> list[Action]:
    was = self._is_pressed
    actions = _evacuation_inputs(self, event, moment)
    if was and not self._is_pressed:
        moment.presence = moment.presence.after([("drop", FACT, None)])
        return [*actions, self._append(Observed("fire_is_over"), moment)]
    return actions


def _shut_while_it_comes_down(self: Lane, now: float) -> bool:
    return self.state.phase is Phase.CLOSING or _is_shut(self, now)


def _end_again(self: LaneState, result: str, moment: Moment) -> list[Action]:
    ended = _end(self, result, moment)
    again = PassageEnded(result, "in")
    return [*ended, self.append(again, moment, self.passage.id)] if ended and self.passage else ended


def _never_end_unused(of: LaneState, moment: Moment) -> list[Action]:
    of.passage = None
    return passing_through._next(of, moment)


_raise_arm, _conclude, _arrive = opening.raise_arm, deciding.conclude, arriving.arrive
_command_ended, _refusal, _present = opening.command_ended, guard_acts._refusal, deciding.present
_take_up, _effective, _end, _is_shut = modes._take_up, modes.effective, LaneState.end, Lane.is_shut
_evacuation_inputs = Evacuation.inputs_changed

_BY_US = ("closed by us", "closed by us, every input", "closed by us, photocell")
_ALL = ("plain", "closed by us", "every input", "lock of vehicles", "door", "two lanes", "turnstile")
_LOCKS = ("lock of vehicles", "lock of doors")
_HELD = ("plain", "closed by us", "one limit", "two lanes")


_BY_US = ("closed by us", "closed by us, photocell", "closed by us, every input")
_MANY = ("plain", "closed by us", "every input", "door", "two lanes", "turnstile")
_LOCKS = ("lock of vehicles", "lock of doors")
_FLEEING = ("no limits", "closed by us, every input", "door", "two lanes")
_HELD = ("plain", "closed by us", "one limit", "two lanes")


def _mutants() -> Iterator[Mutant]:
    """Yield them all, by the property that they break."""
    trusts = everywhere(opening.is_clear, lambda of: not of.detectors.ill)
    blind = both(everywhere(opening.consider_closing, _lower_at_once), trusts)
    yield Mutant("closes onto who arrives", everywhere(opening.is_clear, _clear_but_for_arrivals), "no close", _BY_US)
    yield Mutant("takes unknown for clear", everywhere(opening.is_clear, _clear_where_nothing_is_known), "no close", _BY_US)
    yield Mutant("closes without looking", blind, "no close", _BY_US, "closed_onto_somebody")
    yield Mutant("trusts a loop that chatters", everywhere(detectors._chatters, lambda *_: False), "no close", _BY_US)
    yield Mutant("trusts broken contacts", everywhere(inputs._level, _level_without_check), "no close", _BY_US[2:])
    yield Mutant("has the board look at nothing", everywhere(inputs.clear_pins, lambda _: ()), "no close", _BY_US)

    yield Mutant("lowers on, over somebody", everywhere(opening.raise_from_closing, _no_answer), "reopen", _BY_US)
    yield Mutant("takes a falling arm for up", everywhere(opening.raise_arm, _raise_unless_up), "reopen", ("plain", *_BY_US))

    yield Mutant("names no cause", everywhere(opening.raise_arm, _raise_uncaused), "cause", _MANY, "moved_without_cause")
    yield Mutant("writes no command", everywhere(opening.raise_arm, _raise_unwritten), "cause", _MANY, "moved_without_cause")
    yield Mutant("sends twice", everywhere(opening.raise_arm, _send_twice), "cause", _MANY, "moved_twice")
    opens_for_all = answered(Phase.IDLE, Stimulus.NEAR_ON, _open_for_whoever_comes)
    yield Mutant("opens for whoever comes", opens_for_all, "cause", _MANY)
    yield Mutant("opens for a question", everywhere(deciding.conclude, _open_for_questions_too), "cause", _MANY)

    yield Mutant("opens twice on a grant", everywhere(opening.raise_arm, _raise_twice), "one grant", _MANY)
    lets_follow = answered(Phase.CLOSING, Stimulus.SAFETY_ON, opening.begin_passing)
    yield Mutant("lets who follows pass", lets_follow, "one grant", ("plain", "closed by us"))
    yield Mutant("stays open for all", everywhere(passing_through.leave_safety, _stay_open), "one grant", ("plain", "two lanes"))

    no_reason = everywhere(arriving.let_down, _stand_up_for_no_reason)
    yield Mutant("stands up for no reason", no_reason, "reason", _HELD, "open_without_reason")
    says_only = everywhere(passing_through.does_not_close, _say_only)
    yield Mutant("does not say why", says_only, "reason", _HELD, "open_without_reason")

    yield Mutant("raises on and on", everywhere(opening.raise_again, _raise_while_held), "bounded", _HELD)
    yield Mutant("closes on and on", constant(opening, "CLOSINGS_MAX", 10**6), "bounded", _BY_US)

    takes_up = everywhere(modes._take_up, _take_up_blindly)
    yield Mutant("takes up a mode blindly", takes_up, "blind start", _MANY, "moved_before_inputs")
    yield Mutant("remembers lost inputs", method(Lane, "inputs_lost", _forget_nothing), "blind start", _MANY)
    is_always_ready = everywhere(guard_acts._cannot_open, lambda *_: "")
    yield Mutant("is always ready", is_always_ready, "blind start", _MANY, "moved_before_inputs")

    yield Mutant("takes late presses", everywhere(guard_acts._refusal, _refuse_nothing_late), "late", _MANY)
    yield Mutant("takes presses again", method(Gate, "remember", lambda *_: None), "late", _MANY)
    yield Mutant("takes held buttons", everywhere(inputs.pressed, _pressed_where_held), "late", ("one limit", "door"))
    yield Mutant("takes late cards", everywhere(deciding.present, _kept_for_ever), "late", _MANY)
    yield Mutant("repeats what failed", everywhere(opening.command_ended, _repeat_what_failed), "late", _MANY)

    yield Mutant("sends what is old", constant(opening, "COMMAND_LIFE_S", 60.0), "pulse", _MANY, "moved_late")
    yield Mutant("leaves a relay on", constant(opening, "HOLD_PULSE_MS", 3_600_000), "pulse", ("door", "turnstile"))

    yield Mutant("stays shut in a fire", everywhere(modes.effective, _held_closed_goes_first), "evacuation", _FLEEING)
    yield Mutant("ends a fire by its input", method(Evacuation, "inputs_changed", _over_with_its_input), "evacuation", _FLEEING)
    lets_fall = both(*(unanswered(Phase.HELD_OPEN, how) for how in (Stimulus.ARM_FALLS, Stimulus.ARM_DOWN, Stimulus.RAISE_AGAIN)))
    yield Mutant("lets an arm fall in a fire", lets_fall, "evacuation", _FLEEING[1:])
    doors = ("lock of doors", "door", "closed by us, every input")
    yield Mutant("shuts off who crosses in a fire", everywhere(modes._keep_up, _no_answer), "evacuation", doors)

    yield Mutant("knows no locks", method(Gate, "_barred", lambda *_: {}), "interlock", _LOCKS)
    yield Mutant("takes closing for shut", method(Lane, "is_shut", _shut_while_it_comes_down), "interlock", _LOCKS)

    yield Mutant("ends a passage twice", method(LaneState, "end", _end_again), "rest", _MANY)
    yield Mutant("refuses for ever", unanswered(Phase.DENIED, Stimulus.TIMEOUT), "rest", _MANY)
    yield Mutant("asks for ever", unanswered(Phase.REFERRED, Stimulus.TIMEOUT), "rest", _MANY)
    stays = both(unanswered(Phase.CROSSING, Stimulus.SAFETY_OFF), unanswered(Phase.CROSSING, Stimulus.TIMEOUT))
    yield Mutant("never ends who crosses", stays, "rest", ("plain", "closed by us"))
    forgets = everywhere(passing_through.no_show, _never_end_unused)
    yield Mutant("forgets who did not come", forgets, "rest", ("plain", "two lanes"))

    trips = both(everywhere(arriving.arrive, _trip_over), method(Gate, "_recovered", _trip_over))
    yield Mutant("stops at what it trips over", trips, "goes on", ("plain", "two lanes"))


MUTANTS = tuple(_mutants())
