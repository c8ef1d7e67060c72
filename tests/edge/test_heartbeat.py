import os
from collections.abc import Iterator

import pytest

from edge.heartbeat import BEAT_EVERY_S, PAUSED_S, SILENT_AFTER_S, STARTS_WITHIN_S, VARIABLE, Heart, Watch, heart_of

STEP_S = 0.5


@pytest.fixture
def watch() -> Iterator[Watch]:
    watch = Watch(0.0)
    yield watch
    watch.hand_over()
    watch.close()


def looked_at_until(watch: Watch, now: float, end: float) -> float | None:
    """Look again and again; return when it was found to be silent for too long."""
    while now < end:
        now += STEP_S
        watch.heard(now)
        if watch.is_too_long():
            return now
    return None


def test_a_beat_is_heard_once(watch: Watch) -> None:
    heart = heart_of({VARIABLE: str(watch.writing)})
    assert not watch.heard(0.1)
    heart.beat(0.2)
    assert watch.heard(0.3)
    assert not watch.heard(0.4)


def test_who_beats_is_left_alone_and_who_stops_is_found_out(watch: Watch) -> None:
    heart = Heart(watch.writing)
    for tick in range(100):
        heart.beat(tick * STEP_S)
        assert watch.heard(tick * STEP_S)
        assert not watch.is_too_long()
    found = looked_at_until(watch, 49.5, 100.0)
    assert found == 49.5 + SILENT_AFTER_S + STEP_S
    assert watch.silent_s() == SILENT_AFTER_S + STEP_S


def test_a_long_start_is_not_taken_for_silence(watch: Watch) -> None:
    assert looked_at_until(watch, 0.0, STARTS_WITHIN_S) is None
    assert looked_at_until(watch, STARTS_WITHIN_S, STARTS_WITHIN_S + 1) is not None


def test_who_shows_that_it_is_starting_has_as_long_again_and_then_no_longer(watch: Watch) -> None:
    heart = Heart(watch.writing)
    heart.beat(0.0, starting=True)
    assert looked_at_until(watch, 0.0, STARTS_WITHIN_S) is None
    heart.beat(STARTS_WITHIN_S, starting=True)
    assert looked_at_until(watch, STARTS_WITHIN_S, 2 * STARTS_WITHIN_S) is None
    now = 2 * STARTS_WITHIN_S
    heart.beat(now, starting=True)
    heart.beat(now + 1)
    assert looked_at_until(watch, now + 1, now + 100) == now + 1 + STEP_S + SILENT_AFTER_S + STEP_S


def test_a_watcher_that_was_stopped_itself_blames_nobody(watch: Watch) -> None:
    heart = Heart(watch.writing)
    heart.beat(0.0)
    assert watch.heard(0.0)
    assert not watch.heard(PAUSED_S + SILENT_AFTER_S + 1)
    assert not watch.is_too_long()
    assert looked_at_until(watch, PAUSED_S + SILENT_AFTER_S + 1, 100.0) is not None


def test_beats_are_few_and_never_wait_for_a_reader(watch: Watch) -> None:
    heart = Heart(watch.writing)
    for beat in range(100_000):
        heart.beat(beat * BEAT_EVERY_S * 1.01)
    assert watch.heard(0.0)
    heart = Heart(watch.writing)
    while watch.heard(0.0):
        pass
    heart.beat(0.0)
    heart.beat(BEAT_EVERY_S / 2)
    assert len(os.read(watch._reading, 10)) == 1


def test_a_heart_whose_supervisor_is_gone_beats_on() -> None:
    watch = Watch(0.0)
    heart = Heart(watch.writing)
    watch.close()
    heart.beat(0.0)
    watch.hand_over()


@pytest.mark.parametrize("environment", [{}, {VARIABLE: ""}, {VARIABLE: "x"}])
def test_started_by_hand_it_beats_for_nobody(environment: dict[str, str]) -> None:
    heart_of(environment).beat(0.0)


def test_an_ended_program_is_silent() -> None:
    watch = Watch(0.0)
    watch.hand_over()
    assert not watch.heard(0.1)
    watch.close()
