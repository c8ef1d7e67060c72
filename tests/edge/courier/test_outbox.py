"""What is sent next, without a wire: tables, and a model of any registry that hypothesis can think of."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from access.contract.sync import EntryBatch
from edge.courier.errors import RefusalError
from edge.courier.outbox import ASK_AGAIN_S, BACKOFF_CEILING_S, ENTRIES_MAX, Outbox, goes_back, make_batch
from edge.store.reader import StoredEntry

EDGE, EPOCH, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)


def stored(first: int, last: int, size: int = 10) -> list[StoredEntry]:
    return [StoredEntry(seq, bytes(size), b"", bytes(32), 0) for seq in range(first, last + 1)]


def batch(first: int, last: int, epoch: UUID = EPOCH) -> EntryBatch:
    return make_batch(EDGE, epoch, bytes(32), stored(first, last))


ASKING = batch(1, 0)


def outbox(acked: int | None = None) -> Outbox:
    """Return an outbox that draws the longest waits; with `acked`, the registry has just said so."""
    box = Outbox(lambda _low, high: high)
    if acked is not None:
        box.acknowledged(ASKING, acked, 0.0)
    return box


def test_the_registry_is_asked_before_anything_is_sent() -> None:
    box = outbox()
    box.restore({EPOCH: 7})
    assert box.window(EPOCH, 1.0) == (7, 0)
    box.acknowledged(ASKING, 9, 0.0)
    assert box.window(EPOCH, 1.0) == (9, ENTRIES_MAX)


def test_a_registry_is_asked_again_where_nothing_happens() -> None:
    box = outbox(7)
    assert box.window(EPOCH, ASK_AGAIN_S - 1) == (7, ENTRIES_MAX)
    assert box.window(EPOCH, ASK_AGAIN_S) == (7, 0)


def test_an_unanswered_batch_is_asked_about_and_then_halved() -> None:
    box = outbox(0)
    box.unanswered(batch(1, 100))
    assert box.window(EPOCH, 1.0) == (0, 0)
    box.unanswered(ASKING)
    box.acknowledged(ASKING, 0, 0.0)
    assert box.window(EPOCH, 1.0) == (0, 50)


def test_batches_grow_back_slowly() -> None:
    box = outbox(0)
    box.refused(batch(1, 200), RefusalError(413, {}), 0.0)
    assert box.window(EPOCH, 1.0) == (0, 100)
    box.acknowledged(batch(1, 100), 100, 0.0)
    assert box.window(EPOCH, 1.0) == (100, 120)


def test_an_entry_refused_alone_holds_its_line_longer_and_longer() -> None:
    box, waits, now = outbox(0), [], 0.0
    for _ in range(10):
        box.refused(batch(1, 1), RefusalError(400, {"detail": "no", "field": "entries"}), now)
        later = next(step / 10 for step in range(10_000) if box.due(EPOCH, now + step / 10))
        waits.append(later)
        now += later
    assert waits == sorted(waits)
    assert waits[-1] == BACKOFF_CEILING_S
    assert box.fault == "entry 1: the registry refused (400): no"
    assert box.due(OTHER, 0.0)


def test_a_refusal_that_is_not_about_the_batch_does_not_split_it() -> None:
    box = outbox(0)
    box.refused(batch(1, 200), RefusalError(503, {}, retry_after_s=30), 0.0)
    assert box.window(EPOCH, 1.0) == (0, ENTRIES_MAX)
    assert not box.due(EPOCH, 29.9)
    assert box.due(EPOCH, 30.0)


def test_an_acknowledgement_of_nothing_is_no_progress() -> None:
    box = outbox(5)
    box.acknowledged(batch(6, 9), 5, 0.0)
    assert not box.due(EPOCH, 0.4)
    assert "none of the entries" in box.fault


def test_going_back_doubts_the_other_epochs() -> None:
    box = outbox(5)
    box.acknowledged(batch(1, 9, OTHER), 9, 0.0)
    box.acknowledged(batch(6, 9), 3, 0.0)
    assert (box.window(EPOCH, 1.0), box.window(OTHER, 1.0)) == ((3, ENTRIES_MAX), (9, 0))


def test_a_batch_ends_at_its_limit_in_bytes_but_is_never_empty() -> None:
    assert len(make_batch(EDGE, EPOCH, bytes(32), stored(1, 200, 60_000)).entries) == 16
    assert len(make_batch(EDGE, EPOCH, bytes(32), stored(1, 2, 64_000)).entries) == 2
    assert not make_batch(EDGE, EPOCH, bytes(32), []).entries


def test_a_refusal_may_tell_how_far_the_registry_is() -> None:
    head = bytes(32).hex()
    ack = goes_back(RefusalError(409, {"acked_through": 4, "head": head}), EPOCH)
    assert ack is not None
    assert (ack.epoch, ack.acked_through) == (EPOCH, 4)
    assert goes_back(RefusalError(409, {"detail": "cloned"}), EPOCH) is None
    assert goes_back(RefusalError(409, {"acked_through": "far", "head": head}), EPOCH) is None
    assert goes_back(RefusalError(400, {"acked_through": 4, "head": head}), EPOCH) is None


class Model:
    """A registry and a link that fail as drawn: what a batch leads to, and what the outbox is told of it."""

    def __init__(self, length: int, poison: set[int]) -> None:
        self.length, self.poison, self.has, self.quarantined = length, poison, 0, set[int]()

    def meet(self, box: Outbox, fate: str, now: float) -> None:
        after, limit = box.window(EPOCH, now)
        sent = make_batch(EDGE, EPOCH, bytes(32), stored(after + 1, min(after + limit, self.length)))
        seqs = [entry.seq for entry in sent.entries]
        if fate == "restored":
            self.has //= 2
        if fate == "lost" or (limit and not seqs):
            return box.unanswered(sent) if fate == "lost" else None
        if fate == "busy":
            return box.refused(sent, RefusalError(503, {}), now)
        if self.poison & set(seqs) and len(seqs) > 1:
            return box.refused(sent, RefusalError(500, {}), now)
        if seqs and seqs[0] <= self.has + 1:
            self.has = max(self.has, seqs[-1])
            self.quarantined |= self.poison & set(seqs)
        if fate == "reply lost":
            return box.unanswered(sent)
        return box.acknowledged(sent, self.has, now)


@given(
    st.integers(0, 600),
    st.sets(st.integers(1, 600), max_size=4),
    st.lists(st.sampled_from(["well", "lost", "reply lost", "busy", "restored"]), max_size=60),
)
def test_whatever_happens_it_converges_once_all_is_well(length: int, poison: set[int], fates: list[str]) -> None:
    box, model, now = outbox(), Model(length, poison), 0.0
    for fate in [*fates, *["well"] * 200]:
        now += 100
        assert box.due(EPOCH, now)
        model.meet(box, fate, now)
    assert model.has == length
    assert box.acked.get(EPOCH, 0) == length
    assert {seq for seq in poison if seq <= length} == model.quarantined
