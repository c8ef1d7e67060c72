"""The way up over a real socket, with a real journal: what went wrong between, each entry is there once and in order."""

from collections.abc import Callable
from hashlib import sha256
from random import Random
from typing import Any

import pytest

from access.contract.sync import BatchAck
from access.entries import Observed, Stamp
from edge.courier.errors import SyncError
from edge.courier.outbox import SLOW_S, Outbox, make_batch
from edge.courier.precedence import Precedence
from edge.courier.progress import Progress
from edge.courier.registry import Registry
from edge.courier.surroundings import Surroundings
from edge.courier.up import EntriesStream
from edge.messages import JournalBehind
from edge.places import Places
from edge.store.errors import StoreError
from edge.store.journal import Journal
from edge.store.reader import StoredEntry
from edge.store.received import Received
from edge.store.renewal import Renewal
from tests.edge.courier.conftest import EDGE, OTHER, Clock, Gate
from tests.edge.courier.wire import CAPTIVE_PORTAL, LOST_REPLY, LOST_REQUEST, UNSIGNED, Answer, Fault, WireRegistry, refusing

STEPS_MAX = 200


@pytest.fixture
def told() -> list[Any]:
    """What the gate was told."""
    return []


@pytest.fixture
def entries(
    places: Places,
    gate: Gate,
    registry: Registry,
    progress: Progress,
    around: Surroundings,
    precedence: Precedence,
    told: list[Any],
) -> EntriesStream:
    return EntriesStream(places.journal, EDGE, registry, progress, around, precedence, told.append)


@pytest.fixture
def drain(entries: EntriesStream, clock: Clock) -> Callable[[], list[str]]:
    """Step until nothing is left, time passing between tries; returns the failures met."""

    def run() -> list[str]:
        failures: list[str] = []
        for _ in range(STEPS_MAX):
            try:
                if entries.step() > 0:
                    return failures
            except SyncError as error:
                failures.append(str(error))
            clock.now += 100
        raise AssertionError(f"still sending after {STEPS_MAX} steps: {failures}")

    return run


def assert_all_there_once(wire: WireRegistry, gate: Gate) -> None:
    epoch, last = gate.journal.epoch, gate.journal.seq
    assert [entry.seq for entry in wire.entries[epoch]] == list(range(1, last + 1))
    assert len(wire.inserted) == len(set(wire.inserted)), "nothing doubled"


def test_all_entries_arrive_in_order(wire: WireRegistry, gate: Gate, drain: Callable[[], list[str]], progress: Progress) -> None:
    gate.write_many(450)
    assert drain() == []
    assert_all_there_once(wire, gate)
    assert [len(batch) for batch in wire.batches] == [0, 200, 200, 51], "it asks how far the registry is, then sends"
    assert progress.acked == {gate.journal.epoch: 451}


def test_a_batch_has_a_limit_in_bytes(wire: WireRegistry, gate: Gate, drain: Callable[[], list[str]]) -> None:
    gate.write(*(Observed("arm_rose", "io", "x" * 60_000) for _ in range(40)))
    drain()
    assert_all_there_once(wire, gate)
    assert max(map(len, wire.batches)) < 20


@pytest.mark.parametrize("fault", [LOST_REQUEST, LOST_REPLY, CAPTIVE_PORTAL, UNSIGNED])
@pytest.mark.parametrize("nth", [0, 1, 2])
def test_no_fault_of_the_link_loses_or_doubles(
    fault: Fault, nth: int, wire: WireRegistry, gate: Gate, drain: Callable[[], list[str]], progress: Progress
) -> None:
    gate.write_many(450)
    for _ in range(nth):
        wire.faults.append(refusing(503))
    wire.faults.append(fault)
    assert len(drain()) == 1, "the fault is told, and only once"
    assert_all_there_once(wire, gate)
    assert not progress.state({}).error


def test_27_a_reply_lost_after_the_commit_doubles_nothing(
    wire: WireRegistry, gate: Gate, entries: EntriesStream, drain: Callable[[], list[str]]
) -> None:
    gate.write_many(10)
    entries.step()
    wire.faults.append(LOST_REPLY)
    with pytest.raises(SyncError):
        entries.step()
    drain()
    assert_all_there_once(wire, gate)
    assert wire.batches == [[], list(range(1, 12)), []], "asking was enough: nothing had to be sent again"


def test_32_a_captive_portal_acknowledges_nothing(
    wire: WireRegistry, gate: Gate, entries: EntriesStream, progress: Progress
) -> None:
    gate.write_many(3)
    entries.step()
    wire.faults.append(CAPTIVE_PORTAL)
    with pytest.raises(SyncError, match="was not the registry"):
        entries.step()
    assert progress.acked == {gate.journal.epoch: 0}


def test_26_a_registry_restored_from_a_backup_gets_the_rest_again(
    wire: WireRegistry, gate: Gate, drain: Callable[[], list[str]], progress: Progress
) -> None:
    gate.write_many(300)
    drain()
    del wire.entries[gate.journal.epoch][120:]
    wire.inserted = wire.inserted[:120]
    gate.write_many(1)
    drain()
    assert_all_there_once(wire, gate)
    assert progress.acked == {gate.journal.epoch: 302}


def test_26_nothing_goes_again_before_it_is_kept_that_the_registry_lost_it(
    wire: WireRegistry,
    gate: Gate,
    entries: EntriesStream,
    drain: Callable[[], list[str]],
    progress: Progress,
    received: Received,
) -> None:
    gate.write_many(300)
    drain()
    progress.pictures_through(gate.journal.epoch, 250, 0)
    progress.keep(0.0)
    del wire.entries[gate.journal.epoch][120:]
    wire.inserted = wire.inserted[:120]
    gate.write_many(1)
    received._db.execute("CREATE TRIGGER full BEFORE INSERT ON acked BEGIN SELECT raise(ABORT, 'disk full'); END")
    for _ in range(3):
        with pytest.raises(StoreError, match="disk full"):
            entries.step()
    assert len(wire.entries[gate.journal.epoch]) == 120
    received._db.execute("DROP TRIGGER full")
    drain()
    assert_all_there_once(wire, gate)
    assert Progress(received).pictures == {}


def test_26_it_is_asked_about_its_other_epochs_too(
    places: Places, wire: WireRegistry, gate: Gate, drain: Callable[[], list[str]]
) -> None:
    gate.write_many(5)
    old = gate.journal.epoch
    gate.journal.renew(Renewal("restored"), Stamp(1, 1_800_000_000_000_000))
    gate.write_many(5)
    drain()
    assert [len(wire.entries[epoch]) for epoch in (old, gate.journal.epoch)] == [6, 6]
    for kept in wire.entries.values():
        del kept[2:]
    gate.write_many(1)
    drain()
    assert [len(wire.entries[epoch]) for epoch in (old, gate.journal.epoch)] == [6, 7]


@pytest.mark.parametrize("status", [400, 413, 422, 500])
def test_33_a_poison_entry_is_found_by_halves_and_sent_alone(
    status: int, wire: WireRegistry, gate: Gate, drain: Callable[[], list[str]]
) -> None:
    gate.write_many(250)
    wire.poison, wire.poison_status = {77, 130}, status
    assert drain() == []
    assert_all_there_once(wire, gate)
    assert [77] in wire.batches
    assert [130] in wire.batches


def test_33_an_entry_refused_even_alone_stays_first_in_line_and_is_shown(
    wire: WireRegistry, gate: Gate, entries: EntriesStream, clock: Clock, progress: Progress
) -> None:
    gate.write_many(20)
    wire.poison, wire.quarantines = {8}, False
    while entries.step() == 0:
        pass
    assert [entry.seq for entry in wire.entries[gate.journal.epoch]] == list(range(1, 8))
    assert "entry 8" in progress.state({}).error
    asked = len(wire.batches)
    entries.step()
    assert len(wire.batches) == asked, "it backs off"
    clock.now += 3600
    wire.poison = set()
    while entries.step() == 0:
        pass
    assert_all_there_once(wire, gate)
    assert not progress.state({}).error


def test_an_epoch_in_trouble_does_not_hold_up_the_next(wire: WireRegistry, gate: Gate, entries: EntriesStream) -> None:
    gate.write_many(3)
    wire.poison, wire.quarantines = {2}, False
    old = gate.journal.epoch
    gate.journal.renew(Renewal("restored"), Stamp(1, 1_800_000_000_000_000))
    while entries.step() == 0:
        pass
    assert [len(wire.entries[epoch]) for epoch in (old, gate.journal.epoch)] == [1, 1]


def test_35_a_busy_registry_says_when_to_come_back(
    wire: WireRegistry, gate: Gate, entries: EntriesStream, clock: Clock, progress: Progress
) -> None:
    wire.faults.append(refusing(429, Retry_After="90"))
    entries.step()
    assert "429" in progress.state({}).error
    assert progress.state({}).online
    clock.now += 89
    assert entries.step() > 0
    assert not wire.batches
    clock.now += 2
    entries.step()
    assert wire.batches


def test_a_registry_that_tells_another_history_is_shown_not_believed(
    wire: WireRegistry, gate: Gate, entries: EntriesStream, drain: Callable[[], list[str]], progress: Progress
) -> None:
    gate.write_many(5)
    drain()
    gate.write_many(1)
    head = sha256(b"another history").hexdigest()
    other = BatchAck(epoch=gate.journal.epoch, acked_through=3, head=head).model_dump_json().encode()
    wire.faults.append(Fault(lambda handler, _: handler.respond(Answer(200, other))))
    entries.step()
    assert "chain differs" in progress.state({}).error
    assert progress.acked == {gate.journal.epoch: 6}


def test_without_a_journal_there_is_nothing_to_send_yet(
    places: Places, registry: Registry, progress: Progress, around: Surroundings, precedence: Precedence
) -> None:
    entries = EntriesStream(places.journal, EDGE, registry, progress, around, precedence, lambda _message: None)
    with pytest.raises(StoreError):
        entries.step()
    gate = Gate(places)
    assert entries.step() == 0
    gate.journal.close()


def test_what_the_registry_asks_for_again_is_sent_again(
    wire: WireRegistry, gate: Gate, entries: EntriesStream, drain: Callable[[], list[str]], progress: Progress
) -> None:
    gate.write_many(9)
    drain()
    gate.write_many(1)
    head = gate.journal.head.hex()
    asking = BatchAck(epoch=gate.journal.epoch, acked_through=11, head=head, gaps=((4, 6),)).model_dump_json().encode()
    wire.faults.append(Fault(lambda handler, _: handler.respond(Answer(200, asking)), before=False))
    entries.step()
    assert progress.acked == {gate.journal.epoch: 3}
    drain()
    assert wire.batches[-1][:1] == [4]
    assert progress.acked == {gate.journal.epoch: 11}


def test_26_a_journal_that_was_put_back_is_told_and_its_new_epoch_goes_on(
    wire: WireRegistry, gate: Gate, entries: EntriesStream, told: list[Any], progress: Progress, clock: Clock
) -> None:
    gate.write_many(5)
    while entries.step() == 0:
        pass
    old, ahead = gate.journal.epoch, sha256(b"what was written and is gone").hexdigest()
    behind = BatchAck(epoch=old, acked_through=9, head=ahead).model_dump_json().encode()
    clock.now += 3600
    wire.faults.append(Fault(lambda handler, _: handler.respond(Answer(200, behind))))
    entries.step()
    assert told == [JournalBehind(old.hex, 9)]
    assert "through 9, this journal does not" in progress.state({}).error
    asked = len(wire.batches)
    gate.journal.fall_behind(old, 9, Stamp(1, 1_800_000_000_000_000))
    while entries.step() == 0:
        pass
    assert [len(wire.entries[epoch]) for epoch in (old, gate.journal.epoch)] == [6, gate.journal.seq]
    assert all(seqs[:1] != [7] for seqs in wire.batches[asked:]), "nothing of the epoch in dispute"
    clock.now += 3600
    wire.faults.extend(Fault(lambda handler, _: handler.respond(Answer(200, behind)), before=before) for before in (True, False))
    while entries.step() == 0:
        pass
    assert [6] in wire.batches[asked:], "the last of it is repeated: the registry knows it"
    assert told == [JournalBehind(old.hex, 9)]
    assert progress.acked[old] == 6
    assert not progress.state({}).error


def test_entries_of_a_former_identity_are_never_sent(
    wire: WireRegistry, gate: Gate, places: Places, drain: Callable[[], list[str]]
) -> None:
    gate.write_many(3)
    former = gate.journal.epoch
    gate.journal.close()
    anew = Journal(places.journal, OTHER, Stamp(1, 1_800_000_000_000_000), Random(3).randbytes)
    assert anew.epoch != former
    drain()
    assert set(wire.entries) == {former}, "under the id that wrote them"
    anew.close()


def test_on_a_slow_link_batches_shrink_to_what_takes_three_seconds(gate: Gate, clock: Clock) -> None:
    box = Outbox(lambda _low, high: high)
    epoch = gate.journal.epoch
    sent = make_batch(EDGE, epoch, bytes(32), [StoredEntry(seq, b"x", b"", bytes(32), 0) for seq in range(1, 101)])
    box.acknowledged(make_batch(EDGE, epoch, bytes(32), []), 0, 0.0)
    box.acknowledged(sent, 100, 0.0, took_s=10 * SLOW_S)
    assert box.window(epoch, 1.0) == (100, 10)
