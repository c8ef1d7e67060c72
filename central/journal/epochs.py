"""Epochs that go on from one another: where a later one begins, the former one has ended; who writes on in it is a twin."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from central.edges import repository as edges
from central.edges.services import SEQUENCE_MAX
from central.edges.trust import BY_BOX, note_event
from central.journal import repository
from central.journal.repository import Standing
from central.registry import Work

# Ways for an epoch to begin that nobody needs to hear of.
ORDINARY = frozenset({"created", "enrolled"})
WORDS_MAX = 100


def is_over(stored: Standing, seq: int) -> bool:
    """Tell whether a new entry at `seq` comes after the end of its epoch: only a copy of the store can have made it."""
    return stored.ends_seq is not None and seq > stored.ends_seq


def note_beginning(work: Work, edge_id: UUID, epoch: UUID, began: Mapping[str, Any]) -> None:
    """Take from the entry that begins an epoch where it goes on from another, which ends there."""
    reason, seq = str(began.get("reason", ""))[:WORDS_MAX], began.get("follows_seq")
    former = _named(began.get("follows_epoch"))
    if former is None or former == epoch or not isinstance(seq, int) or not 0 <= seq <= SEQUENCE_MAX:
        return
    stored, ended = repository.begun(work.session, edge_id, epoch), repository.begun(work.session, edge_id, former)
    stored.follows, stored.follows_seq, ended.ends_seq = former, seq, seq
    for other in repository.heads_that_follow(work.session, edge_id, former):
        # Two that go on from one place: the store was put back, or copied, once more. The earlier of them is over.
        if other.epoch != epoch:
            other.ends_seq = other.acked_through
    if reason not in ORDINARY or ended.acked_through > seq:
        edge = edges.known_edge(work.session, edge_id)
        edge.note = f"{reason}: goes on from entry {seq}; the registry has the former epoch through {ended.acked_through}"
        note_event(work, edge, "new_epoch", BY_BOX, edge.note)


def _named(epoch: object) -> UUID | None:
    try:
        return UUID(str(epoch))
    except ValueError:
        return None
