"""Pictures go after their entries, and nothing of theirs holds anything else up."""

import hashlib
from collections.abc import Callable

import pytest
import structlog

from access.contract.sync import PICTURE_BYTES_MAX
from access.entries import AlarmRaised, EvidenceKept
from edge.courier.errors import RefusalError, SyncError
from edge.courier.pictures import PicturesStream
from edge.courier.progress import Progress
from edge.courier.registry import Registry
from edge.courier.surroundings import Surroundings
from edge.places import Places
from edge.store.received import Received
from tests.edge.courier.conftest import Gate
from tests.edge.courier.wire import LOST_REPLY, Fault, WireRegistry, refusing


@pytest.fixture
def pictures(places: Places, gate: Gate, registry: Registry, progress: Progress, around: Surroundings) -> PicturesStream:
    return PicturesStream(places.journal, places.evidence, registry, progress, around, structlog.get_logger())


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
        PicturesStream(places.journal, places.evidence, registry, progress, around, structlog.get_logger()).step()
    assert list(wire.pictures) == [sent[2], sent[5], sent[4]]
    progress.keep(0.0, at_once=True)
    again = Progress(received)
    send_all(PicturesStream(places.journal, places.evidence, registry, again, around, structlog.get_logger()))
    assert len(wire.pictures) == 7
    assert list(wire.pictures)[3:5] == [sent[3], hashlib.sha256(b"2").hexdigest()]
    again.keep(0.0, at_once=True)
    assert received.kept().sent == frozenset()


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
