"""Pictures go after their entries, and nothing of theirs holds anything else up."""

import hashlib
from collections.abc import Callable

import pytest

from access.contract.sync import PICTURE_BYTES_MAX
from access.entries import AlarmRaised, EvidenceKept, Stamp
from edge.courier.errors import RefusalError, SyncError
from edge.courier.pictures import BATCH, IDLE_S, LOOKED_AT_MAX, PicturesStream
from edge.courier.progress import Progress
from edge.courier.registry import Registry
from edge.courier.surroundings import Surroundings
from edge.logs import Log
from edge.places import Places
from edge.store.backup import copy_to
from edge.store.received import Received
from edge.store.renewal import Renewal
from tests.edge.courier.conftest import EDGE, OTHER, Gate
from tests.edge.courier.wire import LOST_REPLY, Answer, Fault, Handler, WireRegistry, refusing


@pytest.fixture
def pictures(places: Places, gate: Gate, registry: Registry, progress: Progress, around: Surroundings) -> PicturesStream:
    return PicturesStream(places.journal, places.evidence, EDGE, registry, progress, around, Log("courier"))


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
    progress.entries_acked({gate.journal.epoch: gate.journal.seq - 1})
    send_all(pictures)
    assert wire.pictures == {first: b"one"}
    progress.entries_acked({gate.journal.epoch: gate.journal.seq})
    send_all(pictures)
    assert wire.pictures == {first: b"one", second: b"two"}


def send_all(pictures: PicturesStream) -> None:
    while not pictures.step():
        pass


def test_the_newest_go_first_and_before_them_the_disputed_also_after_a_restart(
    places: Places,
    gate: Gate,
    registry: Registry,
    received: Received,
    progress: Progress,
    around: Surroundings,
    wire: WireRegistry,
    take: Callable[..., str],
) -> None:
    sent = [take(b"%d" % number) for number in range(6)]
    sent[2] = take(b"asked", passage="p-1")
    gate.write_for("p-1", AlarmRaised("tailgating"))
    all_acked(gate, progress)
    for _ in range(3):
        PicturesStream(places.journal, places.evidence, EDGE, registry, progress, around, Log("courier")).step()
    assert list(wire.pictures) == [sent[2], sent[5], sent[4]]
    progress.keep(0.0, at_once=True)
    again = Progress(received)
    send_all(PicturesStream(places.journal, places.evidence, EDGE, registry, again, around, Log("courier")))
    assert len(wire.pictures) == 7
    assert list(wire.pictures)[3:5] == [sent[3], hashlib.sha256(b"2").hexdigest()]
    again.keep(0.0, at_once=True)
    assert received.kept().sent == frozenset()


@pytest.mark.parametrize("running", [True, False])
def test_19_what_is_written_in_the_place_of_a_lost_tail_goes_too(
    running: bool,
    places: Places,
    gate: Gate,
    registry: Registry,
    received: Received,
    progress: Progress,
    around: Surroundings,
    wire: WireRegistry,
    take: Callable[..., str],
) -> None:
    stream = PicturesStream(places.journal, places.evidence, EDGE, registry, progress, around, Log("courier"))
    copy = places.root / "copy.db"
    copy_to(places.journal, copy)
    lost = [take(b"%d" % number) for number in range(6)]
    acked = {gate.journal.epoch: gate.journal.seq}
    progress.entries_acked(acked)
    send_all(stream)
    gate.put_back(copy)
    new = take(b"new")
    if not running:
        progress.keep(0.0, at_once=True)
        progress = Progress(received)
        stream = PicturesStream(places.journal, places.evidence, EDGE, registry, progress, around, Log("courier"))
    assert stream.step() == IDLE_S, "nothing new is acknowledged"
    progress.entries_acked(acked | {gate.journal.epoch: gate.journal.seq})
    send_all(stream)
    assert list(wire.pictures) == [*reversed(lost), new]


def all_acked(gate: Gate, progress: Progress) -> None:
    progress.entries_acked({gate.journal.epoch: gate.journal.seq})


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
    progress.entries_acked({gate.journal.epoch: 0})
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
    progress.entries_acked({held_epoch: acked, gate.journal.epoch: gate.journal.seq})
    send_all(pictures)
    assert list(wire.pictures) == [*reversed(going), held[1], held[0]]
    assert progress.pictures == {held_epoch: acked, gate.journal.epoch: gate.journal.seq}
    progress.entries_acked({held_epoch: acked + 1, gate.journal.epoch: gate.journal.seq})
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
        progress.entries_acked({gate.journal.epoch: 0})
        all_acked(gate, progress)
        handler.respond(answer)

    wire.faults.append(Fault(goes_back, before=False))
    send_all(pictures)
    assert sorted(wire.pictures.values()) == [b"one", b"two"]


def test_pictures_of_a_former_identity_are_in_nobodys_way(
    places: Places,
    gate: Gate,
    registry: Registry,
    progress: Progress,
    around: Surroundings,
    wire: WireRegistry,
    take: Callable[..., str],
) -> None:
    take(b"of the former")
    progress.entries_acked({gate.journal.epoch: gate.journal.seq - 1})
    stream = PicturesStream(places.journal, places.evidence, OTHER, registry, progress, around, Log("courier"))
    assert stream.step() == IDLE_S
    assert not wire.pictures
