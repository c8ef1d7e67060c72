"""What the contacts of a detector say."""

import random

from simulators.lane.detectors import CHATTER_SAMPLES, Detector


def test_it_says_what_it_sees_once_an_edge_has_settled() -> None:
    detector = Detector(random.Random(1))
    for sees in (True, False) * 50:
        for _ in range(CHATTER_SAMPLES):
            detector.sample(sees=sees)
        assert detector.sample(sees=sees) is sees
        assert detector.is_settled
        assert detector.check is not sees


def test_some_edges_chatter() -> None:
    detector = Detector(random.Random(1))
    lies = sum(detector.sample(sees=sees) is not sees for sees in (True, True, True, True, False, False, False, False) * 100)
    assert 0 < lies < 100


def test_stuck_chattering_and_failed_ones_do_not_tell() -> None:
    detector = Detector(random.Random(1))
    detector.stuck = True
    assert detector.sample(sees=False)
    detector.stuck = None
    detector.chatters = True
    assert {detector.sample(sees=False) for _ in range(50)} == {True, False}
    assert not detector.is_settled
    detector.chatters, detector.failed = False, True
    assert detector.check is detector.sample(sees=False)
