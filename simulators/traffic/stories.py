"""What may happen at a gate, each story a small function: who comes, with what, and how they behave. Pure."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypeVar

from simulators.estate import Estate, Holder, Plate

T = TypeVar("T")
Verdict = Literal["", "admit", "refuse"]


@dataclass(frozen=True, slots=True)
class Arrival:
    """One vehicle or person to come.

    `card` and `code` are held up at once by a person, by a driver when the arm does not rise for the plate. `guard` is what the
    guard answers if asked, `answer_after_s` after being called. `own_right`: the rules alone may let it pass. Who does not `go`
    turns back though the way is open. `invited`: by a resident, just now, so the code is the one that the registry has signed for
    the visit, where it can be had. `garbage` is what the lane's wires carry before it comes, `gap_s` after the one before.
    """

    story: str
    plate: Plate | None = None
    card: bytes = b""
    code: str = ""
    times: int = 1
    guard: Verdict = ""
    own_right: bool = False
    goes: bool = True
    gap_s: float = 0.0
    answer_after_s: float = 0.0
    garbage: bytes = b""
    invited: bool = False


class Cast:
    """The people and vehicles of one lane's stories, each in turn so that nobody comes twice in a row."""

    def __init__(self, estate: Estate, rng: random.Random) -> None:
        self.estate = estate
        self.rng = rng
        self.residents = self._in_turn(estate.residents)
        self.strangers = self._in_turn(estate.strangers)
        self.look_alikes = self._in_turn(estate.look_alikes)
        self.visitors = self._in_turn(estate.visitors)
        self.foreign_codes = self._in_turn(estate.foreign_codes)

    def _in_turn(self, all_of_them: Sequence[T]) -> Iterator[T]:
        order = self.rng.sample(all_of_them, len(all_of_them))
        while True:
            yield from order


Story = Callable[[Cast, datetime], Arrival]


def resident(cast: Cast, _at: datetime) -> Arrival:
    """Drive home or away; where the plate was not read surely, the guard looks and lets pass."""
    return Arrival("resident", next(cast.residents).plate, guard="admit", own_right=True)


def no_show(cast: Cast, _at: datetime) -> Arrival:
    """Turn back before the open arm."""
    return Arrival("no_show", next(cast.residents).plate, guard="admit", own_right=True, goes=False)


def by_card(cast: Cast, _at: datetime) -> Arrival:
    """Drive a vehicle that is not on record, and hold up the own card."""
    return Arrival("by_card", next(cast.strangers), card=next(cast.residents).card, guard="admit", own_right=True)


def stranger_admitted(cast: Cast, _at: datetime) -> Arrival:
    """Visit somebody who has agreed."""
    return Arrival("stranger_admitted", next(cast.strangers), guard="admit")


def stranger_refused(cast: Cast, _at: datetime) -> Arrival:
    """Come to the wrong gate."""
    return Arrival("stranger_refused", next(cast.strangers), guard="refuse")


def look_alike(cast: Cast, _at: datetime) -> Arrival:
    """Visit with a plate that nearly is a resident's."""
    return Arrival("look_alike", next(cast.look_alikes), guard="admit")


def blocked(cast: Cast, _at: datetime) -> Arrival:
    """Come though blocked; wait a while, and leave."""
    return Arrival("blocked", cast.estate.blocked)


def walks_by_card(cast: Cast, _at: datetime) -> Arrival:
    """Walk home."""
    return _on_foot("walks_by_card", next(cast.residents))


def shown_twice(cast: Cast, _at: datetime) -> Arrival:
    """Hold the card up again at once, to be sure."""
    return replace(_on_foot("shown_twice", next(cast.residents)), times=2)


def does_not_enter(cast: Cast, _at: datetime) -> Arrival:
    """Release the door and walk away."""
    return replace(_on_foot("does_not_enter", next(cast.residents)), goes=False)


def walks_by_code(cast: Cast, _at: datetime) -> Arrival:
    """Visit with a code that is valid."""
    return _on_foot("walks_by_code", next(cast.visitors))


def walks_by_pass(cast: Cast, _at: datetime) -> Arrival:
    """Visit with a code that the registry has signed; the visitor has another, for when none can be had."""
    return replace(_on_foot("walks_by_pass", next(cast.visitors)), invited=True)


def foreign_code(cast: Cast, _at: datetime) -> Arrival:
    """Come with a code of some other estate."""
    return Arrival("foreign_code", code=next(cast.foreign_codes))


def on_shift(cast: Cast, at: datetime) -> Arrival:
    """Come to work; about a change of shifts, when that is nobody for sure, a resident comes."""
    return _on_foot("on_shift", cast.rng.choice(cast.estate.on_shift(at) or cast.estate.residents))


def off_shift(cast: Cast, at: datetime) -> Arrival:
    """Come to work on somebody else's shift."""
    return replace(_on_foot("off_shift", cast.rng.choice(cast.estate.off_shift(at))), own_right=False)


def _on_foot(story: str, holder: Holder) -> Arrival:
    return Arrival(story, card=holder.card, code=holder.code, own_right=True)
