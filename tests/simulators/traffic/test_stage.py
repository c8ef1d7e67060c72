"""Pauses and waiting of the traffic's actors."""

import threading

import pytest

from simulators.traffic.stage import CurtainError, Stage


def test_until_tells_whether_it_came_true_in_time() -> None:
    stage = Stage()
    answers = iter([False, False, True])
    assert stage.until(lambda: next(answers), 5)
    assert not stage.until(lambda: False, 0)


def test_dropping_ends_a_pause_at_once() -> None:
    stage = Stage()
    threading.Thread(target=stage.drop).start()
    with pytest.raises(CurtainError):
        stage.pause(60)
    assert stage.closing.is_set()


def test_closing_lets_the_arrival_at_hand_end() -> None:
    stage = Stage()
    stage.closing.set()
    stage.pause(0)
    assert stage.until(lambda: True, 0)
