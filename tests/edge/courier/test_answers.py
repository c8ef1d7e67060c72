"""An answer is what the contract says of its kind, or none."""

import pytest

from access.contract.health import HealthTaken
from edge.courier.answers import read_answer
from edge.courier.errors import SyncError


def test_an_answer_of_the_contract_is_read() -> None:
    assert read_answer(HealthTaken, b'{"received_us": 5}', "an answer") == HealthTaken(received_us=5)


@pytest.mark.parametrize("answer", [b"", b"[]", b"{}", b'{"received_us": 5, "new": 1}', b"\xff"])
def test_another_versions_counts_as_no_answer(answer: bytes) -> None:
    with pytest.raises(SyncError, match="an answer of another version: "):
        read_answer(HealthTaken, answer, "an answer")
