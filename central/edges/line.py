"""A fair line before the registry's work, pure: who has been served most waits behind the others, and is sent away first."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

TicketT = TypeVar("TicketT")
EDGES_MAX = 10_000
# The rank of what is neither urgent nor can wait.
ORDINARY = 2
# By how many more urgent ones a ticket is overtaken at most, lest urgent ones without end keep it waiting without end. An edge
# asks no more than this at once.
OVERTAKEN_MAX = 8


@dataclass(slots=True)
class _Place(Generic[TicketT]):
    ticket: TicketT
    work: int
    rank: int
    overtaken: int = 0


@dataclass(slots=True)
class FairLine(Generic[TicketT]):
    """Tickets of edges that wait, at most `waiting_max`. Start-time fair queueing: an edge's tag is the work that it has had.

    A ticket says how much work it stands for. Who comes after a pause begins at the tag of who was served last: absence earns
    nothing, and a backlog costs others nothing. Of the tickets of one edge the more urgent (rank 0 the most) overtake the others,
    each a few times at most.
    """

    waiting_max: int
    _waiting: dict[str, list[_Place[TicketT]]] = field(default_factory=dict)
    _tags: dict[str, int] = field(default_factory=dict)
    _floor: int = 0
    _count: int = 0

    def __len__(self) -> int:
        return self._count

    def push(self, edge: str, ticket: TicketT, work: int, rank: int = ORDINARY) -> TicketT | None:
        """Put a ticket in the line; returns the one that must go instead where the line is full: it may be this one."""
        places = self._waiting.setdefault(edge, [])
        at = len(places)
        while at and places[at - 1].rank > rank and places[at - 1].overtaken < OVERTAKEN_MAX:
            at -= 1
            places[at].overtaken += 1
        places.insert(at, _Place(ticket, work, rank))
        self._count += 1
        if self._count <= self.waiting_max:
            return None
        # Of those served most, the one that lets the most wait, else who came last; of theirs the last.
        most = max(reversed(self._waiting), key=lambda each: (self._tag(each), len(self._waiting[each])))
        return self._taken(most, -1).ticket

    def pop(self) -> TicketT | None:
        """Take out the ticket whose turn it is, None where nobody waits."""
        if not self._waiting:
            return None
        edge = min(self._waiting, key=self._tag)
        place = self._taken(edge, 0)
        self.begin(edge, place.work)
        return place.ticket

    def begin(self, edge: str, work: int) -> None:
        """Count work that is begun for an edge."""
        self._floor = max(self._floor, self._tag(edge))
        self._tags[edge] = self._tag(edge) + work
        if len(self._tags) > EDGES_MAX:
            self._tags = {each: tag for each, tag in self._tags.items() if tag > self._floor}

    def leave(self, edge: str, ticket: TicketT) -> None:
        """Take out a ticket that nobody waits with any more."""
        for at, place in enumerate(self._waiting.get(edge, ())):
            if place.ticket is ticket:
                self._taken(edge, at)
                return

    def _tag(self, edge: str) -> int:
        return max(self._tags.get(edge, 0), self._floor)

    def _taken(self, edge: str, at: int) -> _Place[TicketT]:
        places = self._waiting[edge]
        taken = places.pop(at)
        self._count -= 1
        if not places:
            del self._waiting[edge]
        return taken
