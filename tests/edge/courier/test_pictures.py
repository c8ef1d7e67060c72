"""Pictures go after their entries, and nothing of theirs holds anything else up."""

import hashlib
from collections.abc import Callable
from uuid import UUID

import pytest

from access.contract.sync import PICTURE_BYTES_MAX
from access.entries import AlarmRaised, EvidenceKept, Stamp
from edge.courier.errors import RefusalError, SyncError
from edge.courier.outbox import ASK_AGAIN_S
from edge.courier.pictures import BATCH, IDLE_S, LOOKED_AT_MAX, PicturesStream
from edge.courier.precedence import Precedence
from edge.courier.progress import Progress
from edge.courier.registry import Registry
from edge.courier.surroundings import Surroundings
from edge.courier.up import EntriesStream
from edge.logs import Log
from edge.places import Places
from edge.store.backup import copy_to
from edge.store.received import Received
from edge.store.renewal import Renewal
from tests.edge.courier.conftest import EDGE, OTHER, Clock, Gate
from tests.edge.courier.wire import LOST_REPLY, Answer, Fault, Handler, WireRegistry, refusing


@pytest.fixture
def stream_of(places: Places, gate: Gate, registry: Registry, around: Surroundings) -> Callable[..., PicturesStream]:
    """Return a stream as a run of the courier begins it: with what is known of the progress."""

    def run(progress: Progress, edge: UUID = EDGE) -> PicturesStream:
        return PicturesStream(places.journal, places.evidence, edge, registry, progress, around, Log("courier"))

    return run


@pytest.fixture
def pictures(stream_of: Callable[..., PicturesStream], progress: Progress) -> PicturesStream:
    return stream_of(progress)


@pytest.fixture
def entries(
    places: Places, gate: Gate, registry: Registry, progress: Progress, around: Surroundings, precedence: Precedence
) -> EntriesStream:
    return EntriesStream(places.journal, EDGE, registry, progress, around, precedence, lambda _message: None)


@pytest.fixture
def take(places: Places, gate: Gate) -> Callable[..., str]:
    """Keep a picture and write its entry; returns its hash."""

    def run(picture: bytes, passage: str = "") -> str:
        sha256 = hashlib.sha256(picture).hexdigest()
        path = places.evidence / sha256[:2] / f"{sha256}.jpg"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(picture)
        gate.write_for(passage, EvidenceKept(f"capture-{sha256[:8]}", sha256, len(picture), "camera-in"))
        return sha256

    return run


def test_a_picture_waits_for_its_entry(
    pictures: PicturesStream, take: Callable[..., str], gate: Gate, wire: WireRegistry, progress: Progress
) -> None:
    first, second = take(b"one"), take(b"two")
    assert pictures.step() > 0
    assert not wire.pictures
    progress.entries_acked({gate.journal.epoch: gate.journal.seq - 1}, progress.losses)
    send_all(pictures)
    assert wire.pictures == {first: b"one"}
    progress.entries_acked({gate.journal.epoch: gate.journal.seq}, progress.losses)
    send_all(pictures)
    assert wire.pictures == {first: b"one", second: b"two"}


def send_all(pictures: PicturesStream) -> None:
    while not pictures.step():
        pass


def test_the_newest_go_first_and_before_them_the_disputed_also_after_a_restart(
    stream_of: Callable[..., PicturesStream],
    gate: Gate,
    received: Received,
    progress: Progress,
    wire: WireRegistry,
    take: Callable[..., str],
) -> None:
    sent = [take(b"%d" % number) for number in range(6)]
    sent[2] = take(b"asked", passage="p-1")
    gate.write_for("p-1", AlarmRaised("tailgating"))
    all_acked(gate, progress)
    for _ in range(3):
        stream_of(progress).step()
    assert list(wire.pictures) == [sent[2], sent[5], sent[4]]
    progress.keep(0.0, at_once=True)
    again = Progress(received)
    send_all(stream_of(again))
    assert len(wire.pictures) == 7
    assert list(wire.pictures)[3:5] == [sent[3], hashlib.sha256(b"2").hexdigest()]
    again.keep(0.0, at_once=True)
    assert received.kept().sent == frozenset()


@pytest.mark.parametrize("running", [True, False])
def test_19_what_is_written_in_the_place_of_a_lost_tail_goes_too(
    running: bool,
    stream_of: Callable[..., PicturesStream],
    places: Places,
    gate: Gate,
    received: Received,
    progress: Progress,
    wire: WireRegistry,
    take: Callable[..., str],
) -> None:
    stream = stream_of(progress)
    copy = places.root / "copy.db"
    copy_to(places.journal, copy)
    lost = [take(b"%d" % number) for number in range(6)]
    acked = {gate.journal.epoch: gate.journal.seq}
    progress.entries_acked(acked, progress.losses)
    send_all(stream)
    gate.put_back(copy)
    new = take(b"new")
    if not running:
        progress.keep(0.0, at_once=True)
        progress = Progress(received)
        stream = stream_of(progress)
    assert stream.step() == IDLE_S, "nothing new is acknowledged"
    progress.entries_acked(acked | {gate.journal.epoch: gate.journal.seq}, progress.losses)
    send_all(stream)
    assert list(wire.pictures) == [*reversed(lost), new]


def test_19_after_a_restore_each_picture_has_gone_once_however_often_the_registry_is_asked_about_the_former_epoch(
    pictures: PicturesStream,
    entries: EntriesStream,
    places: Places,
    gate: Gate,
    wire: WireRegistry,
    clock: Clock,
    take: Callable[..., str],
) -> None:
    def carry() -> list[bytes]:
        """Let all that waits go up; returns the pictures that went."""
        wire.pictures.clear()
        for _ in range(3):
            clock.now += ASK_AGAIN_S
            while not entries.step():
                pass
            send_all(pictures)
        return sorted(wire.pictures.values())

    take(b"kept")
    copy = places.root / "copy.db"
    copy_to(places.journal, copy)
    former = gate.journal.epoch
    gate.write_many(4)
    assert carry() == [b"kept"]
    gate.put_back(copy)
    take(b"new")
    assert carry() == [b"new"]
    assert carry() == []
    batches = len(wire.batches)
    carry()
    assert not any(wire.batches[batches:]), "it is asked, and nothing of the former epoch is repeated"
    del wire.entries[former][3:]
    assert carry() == [b"kept", b"new"], "the registry has lost some of what it had, though nothing that is here"


def all_acked(gate: Gate, progress: Progress) -> None:
    progress.entries_acked({gate.journal.epoch: gate.journal.seq}, progress.losses)


@pytest.mark.parametrize("spoil", ["gone", "changed", "too large", "refused"])
def test_a_picture_that_cannot_be_sent_does_not_hold_up_the_next(
    spoil: str,
    pictures: PicturesStream,
    take: Callable[..., str],
    gate: Gate,
    wire: WireRegistry,
    progress: Progress,
    places: Places,
) -> None:
    bad = take(bytes(PICTURE_BYTES_MAX + 1) if spoil == "too large" else b"bad")
    good = take(b"good")
    path = places.evidence / bad[:2] / f"{bad}.jpg"
    if spoil == "gone":
        path.unlink()
    elif spoil == "changed":
        path.write_bytes(b"other")
    elif spoil == "refused":
        wire.refuse_pictures.add(bad)
    all_acked(gate, progress)
    send_all(pictures)
    assert wire.pictures == {good: b"good"}


@pytest.mark.parametrize("fault", [LOST_REPLY, refusing(503), refusing(429)], ids=["lost", "503", "429"])
def test_a_registry_in_trouble_gets_the_picture_later(
    fault: Fault, pictures: PicturesStream, take: Callable[..., str], gate: Gate, wire: WireRegistry, progress: Progress
) -> None:
    picture = take(b"one")
    all_acked(gate, progress)
    wire.faults.append(fault)
    with pytest.raises((SyncError, RefusalError)):
        pictures.step()
    pictures.step()
    assert wire.pictures == {picture: b"one"}


def test_26_pictures_go_again_to_a_registry_that_lost_entries(
    pictures: PicturesStream, take: Callable[..., str], gate: Gate, wire: WireRegistry, progress: Progress
) -> None:
    picture = take(b"one")
    all_acked(gate, progress)
    pictures.step()
    wire.pictures.clear()
    progress.entries_acked({gate.journal.epoch: 0}, losses=1)
    all_acked(gate, progress)
    pictures.step()
    assert wire.pictures == {picture: b"one"}


def test_at_a_gate_that_is_cut_off_nothing_is_to_be_done_however_many_wait(
    pictures: PicturesStream, take: Callable[..., str], gate: Gate, wire: WireRegistry, progress: Progress
) -> None:
    sent = [take(b"%d" % number) for number in range(LOOKED_AT_MAX + 2 * BATCH)]
    assert [pictures.step(), pictures.step()] == [IDLE_S, IDLE_S]
    all_acked(gate, progress)
    for _ in range(3):
        pictures.step()
    assert list(wire.pictures) == [sent[-1], sent[-2], sent[-3]]


def test_an_epoch_that_is_held_holds_no_picture_of_another(
    pictures: PicturesStream, take: Callable[..., str], gate: Gate, wire: WireRegistry, progress: Progress
) -> None:
    held, held_epoch, acked = [take(b"held %d" % number) for number in range(3)], gate.journal.epoch, gate.journal.seq - 1
    gate.journal.renew(Renewal("restored"), Stamp(1, 1_800_000_000_000_000))
    going = [take(b"going %d" % number) for number in range(3)]
    progress.entries_acked({held_epoch: acked, gate.journal.epoch: gate.journal.seq}, progress.losses)
    send_all(pictures)
    assert list(wire.pictures) == [*reversed(going), held[1], held[0]]
    assert progress.pictures == {held_epoch: acked, gate.journal.epoch: gate.journal.seq}
    progress.entries_acked({held_epoch: acked + 1, gate.journal.epoch: gate.journal.seq}, progress.losses)
    send_all(pictures)
    assert list(wire.pictures)[-1] == held[2]
    assert progress.pictures[held_epoch] == acked + 1


def test_26_a_registry_that_goes_back_while_a_picture_is_on_its_way_gets_that_and_all_others_again(
    pictures: PicturesStream, take: Callable[..., str], gate: Gate, wire: WireRegistry, progress: Progress
) -> None:
    take(b"one")
    all_acked(gate, progress)
    send_all(pictures)
    take(b"two")
    all_acked(gate, progress)

    def goes_back(handler: Handler, answer: Answer) -> None:
        wire.pictures.clear()
        progress.entries_acked({gate.journal.epoch: 0}, losses=1)
        all_acked(gate, progress)
        handler.respond(answer)

    wire.faults.append(Fault(goes_back, before=False))
    send_all(pictures)
    assert sorted(wire.pictures.values()) == [b"one", b"two"]


def test_pictures_of_a_former_identity_are_in_nobodys_way(
    stream_of: Callable[..., PicturesStream], gate: Gate, progress: Progress, wire: WireRegistry, take: Callable[..., str]
) -> None:
    take(b"of the former")
    progress.entries_acked({gate.journal.epoch: gate.journal.seq - 1}, progress.losses)
    assert stream_of(progress, OTHER).step() == IDLE_S
    assert not wire.pictures
