"""`python -m tests.faults.wrong_clock --config C`: the gate program on a machine whose clock a test sets wrong while it runs.

The file that GATEHOUSE_TEST_CLOCK names says by how many seconds UTC is off, and what the kernel says of its clock.
"""

import functools
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from access.entries import ClockJudged
from access.sealing import Opened
from edge.gate.clocks import Clocks
from edge.gate.program import run
from edge.link import LinkClient
from edge.messages import ClockCompared, Hello
from edge.programs import start
from tests.edge.gate.rig import Rig
from tests.waiting import wait_until

VARIABLE = "GATEHOUSE_TEST_CLOCK"


class WrongClock:
    """The clock of a machine; `rig` runs the gate by it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, off: float = 0.0) -> None:
        self._path = folder / "clock.json"
        monkeypatch.setenv(VARIABLE, str(self._path))
        self.set(off)
        self.rig = Rig(folder, program="tests.faults.wrong_clock")
        self._courier = LinkClient(self.rig.places.gate_socket, Hello("courier", "test"), lambda _message: None)

    def set(self, off: float, *, synchronised: bool = False) -> None:
        """Set the clock so many seconds wrong."""
        draft = self._path.with_suffix(".draft")
        draft.write_text(json.dumps({"off": off, "synchronised": synchronised}), encoding="utf-8")
        draft.replace(self._path)

    def compare(self, offset_s: float) -> None:
        """Let the registry tell by how much this clock is off."""
        if not self._courier.connected.is_set():
            self._courier.start()
        wait_until(lambda: self._courier.send(ClockCompared(offset_s, 0.05)), what="the link to the gate")

    def close(self) -> None:
        """Leave the gate alone."""
        self._courier.stop()

    def wait_for(self, quality: str, **fields: object) -> Opened:
        """Wait until the newest judgement of the clock is so."""

        def newest() -> Opened | None:
            judged = [entry for entry in self.rig.entries() if entry.kind == ClockJudged.kind]
            fits = judged and {"quality": quality, **fields}.items() <= dict(judged[-1].fields).items()
            return judged[-1] if fits else None

        entry = wait_until(newest, what=f"the clock to be judged {quality} {fields}")
        assert entry is not None
        return entry


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[WrongClock]:
    """A machine with the right time, or with that of a test's parameter (UTC seconds)."""
    clock = WrongClock(tmp_path, monkeypatch, off=request.param - time.time() if hasattr(request, "param") else 0.0)
    yield clock
    clock.close()


def main() -> int:
    path = Path(os.environ[VARIABLE])

    def said(what: str) -> float:
        return float(json.loads(path.read_text(encoding="utf-8"))[what])

    clocks = Clocks(utc=lambda: time.time() + said("off"), synchronised=lambda: bool(said("synchronised")))
    return start("gate", functools.partial(run, clocks=clocks))


if __name__ == "__main__":
    sys.exit(main())
