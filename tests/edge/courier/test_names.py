"""The names of the registry's host beyond fault 31: a look-up that fails as nobody foresaw."""

import threading
from collections.abc import Sequence

import pytest

from edge.courier.errors import SyncError
from edge.courier.names import Names


def test_a_look_up_that_ends_unforeseen_is_not_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    monkeypatch.setattr(threading, "excepthook", told.append)
    answers: list[Sequence[str]] = []

    def look_up(_host: str) -> Sequence[str]:
        if not answers:
            raise RuntimeError("a resolver of another kind")
        return answers.pop()

    names = Names({}, lambda *_: None, look_up)
    with pytest.raises(SyncError, match="the look-up failed"):
        names.address("registry.example")
    assert len(told) == 1, "and it is told"
    answers.append(["192.0.2.7"])
    names.failed("registry.example", "")
    assert names.address("registry.example") == "192.0.2.7"
