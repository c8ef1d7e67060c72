"""A line an event, whatever happens to be in it; and a log that cannot be written stops nobody."""

import contextlib
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from edge.logs import Log


def test_an_event_is_one_line_with_all_its_fields(capsys: pytest.CaptureFixture[str]) -> None:
    Log("gate").warning("picture_refused", why="第一行\n第二行", edge=UUID(int=1))
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    said = json.loads(line)
    at = datetime.fromisoformat(said.pop("timestamp"))
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=1)
    assert said == {
        "program": "gate",
        "event": "picture_refused",
        "level": "warning",
        "why": "第一行\n第二行",
        "edge": str(UUID(int=1)),
    }


@pytest.mark.parametrize("level", ["info", "warning", "error", "critical"])
def test_the_level_is_the_name_of_the_method(capsys: pytest.CaptureFixture[str], level: str) -> None:
    getattr(Log("gate"), level)("started")
    assert json.loads(capsys.readouterr().err)["level"] == level


def test_an_exception_comes_with_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        int("一二")
    except ValueError:
        Log("gate").exception("event_failed", event_kind="CardPresented")
    said = json.loads(capsys.readouterr().err)
    assert (said["level"], said["event_kind"]) == ("error", "CardPresented")
    assert said["exception"].startswith("Traceback")
    assert "ValueError" in said["exception"]


def test_a_log_that_cannot_be_written_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    with contextlib.suppress(OSError), Path("/dev/full").open("w", buffering=1, encoding="utf-8") as full:
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stderr", full)
            for _ in range(3):
                Log("gate").info("started")
        with pytest.raises(OSError, match="No space left"):
            full.flush()
