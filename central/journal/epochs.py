"""Epochs that go on from one another: where a later one begins, the former one has ended; who writes on in it is a twin."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from access.chain import genesis
from central.edges.services import SEQUENCE_MAX
from central.edges.trust import BY_BOX, note_event
from central.journal import repository
from central.registry import Work
from central.tables import Edge, EdgeHead

# Ways for an epoch to begin that nobody needs to hear of.
ORDINARY = frozenset({"created", "enrolled"})
WORDS_MAX = 100


def is_over(stored: EdgeHead, seq: int) -> bool:
    """Tell whether a new entry at `seq` comes after the end of its epoch: only a copy of the store can have made it."""
    return stored.ends_seq is not None and seq > stored.ends_seq


def note_beginning(work: Work, edge: Edge, stored: EdgeHead, began: Mapping[str, Any]) -> None:
    """Take from the entry that begins an epoch where it goes on from another, which ends there."""
    reason, seq = str(began.get("reason", ""))[:WORDS_MAX], began.get("follows_seq")
    former = _former(work, edge, began.get("follows_epoch"))
    if former is None or former.epoch == stored.epoch or not isinstance(seq, int) or not 0 <= seq <= SEQUENCE_MAX:
        return
    stored.follows, stored.follows_seq, former.ends_seq = former.epoch, seq, seq
    for other in repository.heads_that_follow(work.session, edge.id, former.epoch):
        # Two that go on from one place: the store was put back, or copied, once more. The earlier of them is over.
        if other.epoch != stored.epoch:
            other.ends_seq = other.acked_through
    if reason not in ORDINARY or former.acked_through > seq:
        words = f"{reason}: goes on from entry {seq}; the registry has the former epoch through {former.acked_through}"
        edge.note = words
        note_event(work, edge, "new_epoch", BY_BOX, words)


def _former(work: Work, edge: Edge, named: object) -> EdgeHead | None:
    """Return the head of the epoch that is named, made where nothing of it has come yet; None where none is."""
    try:
        epoch = UUID(str(named))
    except ValueError:
        return None
    found = repository.head(work.session, edge.id, epoch)
    if found is None:
        found = EdgeHead(edge_id=edge.id, epoch=epoch, acked_through=0, head=genesis(edge.id, epoch))
        work.session.add(found)
    return found
