import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.plates.vote import Ballot, vote
from devices.readings import PlateRead

A, B, C = "粤B12345", "粤B12346", "沪A88888"


def ballots(*said: tuple[str, float]) -> list[Ballot]:
    return [Ballot(PlateRead(text, text, confidence), frame) for frame, (text, confidence) in enumerate(said, start=1)]


@pytest.mark.parametrize(
    ("said", "text", "frame", "confidence", "settled"),
    [
        ([(A, 0.97)], A, 1, 0.97, True),
        ([(A, 0.94)], A, 1, 0.94, False),
        ([(A, 0.60), (A, 0.80)], A, 2, 0.80, True),
        ([(A, 0.60), (B, 0.60)], A, 1, 0.30, False),
        ([(B, 0.30), (A, 0.70), (A, 0.50)], A, 2, 0.56, True),
        ([(A, 0.20), (A, 0.20), (B, 0.90)], B, 3, 0.623, False),
        ([(A, 0.40), (B, 0.40), (C, 0.40), (A, 0.40)], A, 1, 0.2, False),
        ([(A, 0.99), (B, 0.99)], A, 1, 0.495, False),
    ],
)
def test_vote(said: list[tuple[str, float]], text: str, frame: int, confidence: float, settled: bool) -> None:
    result = vote(ballots(*said))
    assert result is not None
    assert (result.read.text, result.frame, result.settled) == (text, frame, settled)
    assert result.read.confidence == pytest.approx(confidence, abs=0.001)


def test_nothing_read_is_no_vote() -> None:
    assert vote([]) is None


@given(st.lists(st.tuples(st.sampled_from([A, B, C]), st.floats(0, 1)), min_size=1, max_size=20))
def test_voting_never_makes_a_read_surer_than_its_best_frame(said: list[tuple[str, float]]) -> None:
    result = vote(ballots(*said))
    assert result is not None
    assert result.read.confidence <= max(confidence for text, confidence in said if text == result.read.text)
    assert said[result.frame - 1][0] == result.read.text
