"""Arrivals as scripts: what each frame says at which time, and what the gate is told."""

from itertools import count

import pytest

from devices.readings import PlateRead
from edge.eyes.arrival import AGAIN_S, DECIDE_S, LINGER_S, LOOK_S, Arrivals, Sighting, alike

A, A_MISREAD, B = "粤B12345", "粤B12346", "沪A88888"


def arrivals() -> Arrivals:
    ids = count(1)
    return Arrivals(lambda: f"id{next(ids)}")


def read(text: str, confidence: float) -> list[PlateRead]:
    return [PlateRead(text, text, confidence)]


def told(sighting: Sighting | None) -> tuple[str, int] | None:
    return (sighting.read.text, sighting.frame) if sighting else None


def test_nothing_is_read_while_nothing_moves() -> None:
    seen = arrivals()
    assert not seen.wants(0.0, moving=False)
    assert seen.wants(1.0, moving=True)
    assert seen.wants(1.0 + LINGER_S - 0.01, moving=False)
    assert not seen.wants(1.0 + LINGER_S, moving=False)


def test_a_trigger_reads_what_stands_still() -> None:
    seen = arrivals()
    seen.trigger(10.0)
    assert seen.wants(10.0, moving=False)
    assert not seen.wants(10.0 + LOOK_S, moving=False)


def test_one_very_sure_frame_is_enough() -> None:
    seen = arrivals()
    assert told(seen.take(read(A, 0.97), 1, 0.0)) == (A, 1)


def test_two_frames_that_agree_are_enough_and_the_better_one_is_kept() -> None:
    seen = arrivals()
    assert seen.take(read(A, 0.8), 1, 0.0) is None
    assert seen.frames == {1}
    sighting = seen.take(read(A, 0.7), 2, 0.1)
    assert told(sighting) == (A, 1)
    assert sighting is not None
    assert (sighting.read.arrival, sighting.read.capture_id) == ("id1", "id2")


def test_a_doubtful_plate_is_told_after_a_while_with_its_doubt() -> None:
    seen = arrivals()
    assert seen.take(read(A, 0.4), 1, 0.0) is None
    assert seen.take(read(A_MISREAD, 0.4), 2, 0.2) is None
    assert seen.due(DECIDE_S - 0.01) is None
    sighting = seen.due(DECIDE_S)
    assert sighting is not None
    assert sighting.read.confidence == pytest.approx(0.2)
    assert seen.due(DECIDE_S + 1) is None


def test_a_told_plate_is_not_told_again_however_it_is_read() -> None:
    seen = arrivals()
    assert seen.take(read(A, 0.97), 1, 0.0)
    for frame, text in enumerate([A, A_MISREAD, A, A_MISREAD, A_MISREAD], start=2):
        assert seen.take(read(text, 0.97), frame, frame * 0.5) is None
    assert not seen.wants(3.0 + AGAIN_S / 2, moving=True)
    assert seen.wants(3.0 + AGAIN_S, moving=True)


def test_the_next_vehicle_in_a_queue_is_told_once_it_is_sure() -> None:
    seen = arrivals()
    assert seen.take(read(A, 0.97), 1, 0.0)
    assert seen.take(read(B, 0.6), 2, 1.0) is None
    assert told(seen.take(read(B, 0.6), 3, 1.5)) == (B, 2)


def test_a_passing_guess_beside_a_told_plate_is_dropped() -> None:
    seen = arrivals()
    assert seen.take(read(A, 0.97), 1, 0.0)
    assert seen.take(read(B, 0.4), 2, 1.0) is None
    assert seen.due(1.0 + DECIDE_S) is None
    assert seen.frames == set()


def test_an_arrival_ends_when_its_plate_is_gone_from_three_pictures() -> None:
    seen = arrivals()
    first = seen.take(read(A, 0.97), 1, 0.0)
    for frame in (2, 3, 4):
        assert seen.wants(20.0 + frame / 10, moving=True)
        assert seen.take([], frame, 20.0 + frame / 10) is None
    again = seen.take(read(A, 0.97), 5, 21.0)
    assert first is not None
    assert again is not None
    assert first.read.arrival != again.read.arrival


def test_a_trigger_tells_the_same_arrival_again_with_a_picture_of_its_own() -> None:
    seen = arrivals()
    first = seen.take(read(A, 0.97), 1, 0.0)
    seen.trigger(1.0)
    again = seen.take(read(A, 0.97), 2, 1.0)
    assert first is not None
    assert again is not None
    assert first.read.arrival == again.read.arrival
    assert first.read.capture_id != again.read.capture_id


def test_reads_next_to_nothing_are_no_reads() -> None:
    seen = arrivals()
    assert seen.take(read(A, 0.01), 1, 0.0) is None
    assert seen.due(100.0) is None


@pytest.mark.parametrize(
    ("one", "other", "same"), [(A, A_MISREAD, True), ("粤B0D123", "渝B00123", True), (A, B, False), (A, A + "6", False)]
)
def test_alike(one: str, other: str, same: bool) -> None:
    assert alike(one, other) == same
