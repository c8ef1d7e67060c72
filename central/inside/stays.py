"""From who came and went to stays: an entry and the exit behind it of the same subject; and what has no other half. Pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple
from uuid import UUID

Way = Literal["in", "out"]
US = 1_000_000


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody came onto a site or left it: `subject` as the facts of the presence name them, by which entry, when and where.

    `shared`: several may be inside under this name, as all visitors of a visit. `decision`: the entry that says who it was.
    """

    site: UUID
    subject: str
    way: Way
    at_us: int
    entry: UUID
    gate: UUID
    lane: UUID | None = None
    category: str = ""
    decision: UUID | None = None
    shared: bool = False

    @property
    def place(self) -> tuple[int, UUID]:
        """Its place in time."""
        return self.at_us, self.entry


class Stay(NamedTuple):
    """An entry and the exit that ended it."""

    entry: Move
    exit: Move

    @property
    def length_us(self) -> int:
        """How long it lasted."""
        return self.exit.at_us - self.entry.at_us


class Again(NamedTuple):
    """An entry of which no exit is known, and the next entry of the same subject."""

    entry: Move
    next: Move


Found = Stay | Again | Move


@dataclass(slots=True)
class Matching:
    """Takes up moves in the order of time; `inside` has the entries, by subject, whose exit has not come yet."""

    inside: dict[tuple[UUID, str], list[Move]] = field(default_factory=dict)

    def add(self, move: Move) -> Found | None:
        """Take up a move; returns the stay that it ends, what it does not go together with, or itself: an exit without entry."""
        key = (move.site, move.subject)
        open_ = self.inside.get(key, [])
        if move.way == "in":
            return self._came(key, open_, move)
        if not open_:
            return move
        entry, *others = open_
        if others:
            self.inside[key] = others
        else:
            del self.inside[key]
        return Stay(entry, move)

    def _came(self, key: tuple[UUID, str], open_: list[Move], move: Move) -> Again | None:
        if not open_ or move.shared:
            self.inside[key] = [*open_, move]
            return None
        self.inside[key] = [move]
        return Again(open_[0], move)

    def still_inside(self) -> list[Move]:
        """Return the entries whose exit has not come, in order."""
        return sorted((move for open_ in self.inside.values() for move in open_), key=lambda move: move.place)


@dataclass(frozen=True, slots=True)
class Matched:
    """Moves put together: each of them stands once in one of these, but the next of two entries, which may be in another too."""

    stays: tuple[Stay, ...] = ()
    inside: tuple[Move, ...] = ()
    without_entry: tuple[Move, ...] = ()
    again: tuple[Again, ...] = ()


def matched(moves: Iterable[Move]) -> Matched:
    """Put moves together, in whatever order they are given."""
    matching = Matching()
    found = [matching.add(move) for move in sorted(moves, key=lambda move: move.place)]
    return Matched(
        tuple(one for one in found if isinstance(one, Stay)),
        tuple(matching.still_inside()),
        tuple(one for one in found if isinstance(one, Move)),
        tuple(one for one in found if isinstance(one, Again)),
    )


def quantile(lengths: Sequence[int], share: float) -> int:
    """Return the length that this share (above 0, up to 1) of all is not longer than; `lengths` are sorted, and not none."""
    return lengths[math.ceil(share * len(lengths)) - 1]
