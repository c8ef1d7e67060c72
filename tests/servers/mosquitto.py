"""Mosquitto, on a free port of the loopback interface."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.ports import answers, free_port
from tests.servers.programs import find_program
from tests.waiting import wait_until

STOP_TIMEOUT_S = 10
TOLD_AGAIN_S = 1


class Mosquitto:
    """One broker process; `options` are further lines of its configuration file."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.port = free_port()
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self._log = folder / "mosquitto.log"
        self._config = folder / "mosquitto.conf"
        self._config.write_text("\n".join((*self._own_options(), *options, "")), encoding="utf-8")
        self._program = find_program("mosquitto", package="mosquitto")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the broker and wait until it accepts connections."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen((self._program, "-c", self._config), stdout=log, stderr=log)
        wait_until(self._answers, what="mosquitto to accept connections")

    def stop(self) -> None:
        """End the broker in an orderly way; nothing happens where it has ended."""
        if self._process is not None:
            wait_until(self._has_ended, timeout_s=STOP_TIMEOUT_S, what="mosquitto to end")

    def _has_ended(self) -> bool:
        assert self._process is not None
        self._process.terminate()  # once more: it forgets what it is told between listening and its first turn
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(TOLD_AGAIN_S)
        return self._process.returncode is not None

    def kill(self) -> None:
        """End the broker as a power cut would: at once, its clients untold."""
        assert self._process is not None, "the broker was never started"
        self._process.kill()
        self._process.wait(STOP_TIMEOUT_S)

    def restart(self) -> None:
        """Stop it if it runs and start it on the same port; what it held in memory (retained, queued) is lost."""
        self.stop()
        self.start()

    def _own_options(self) -> tuple[str, ...]:
        # As root, Mosquitto would change to a user that cannot read the test's folder.
        user = ("user root",) if os.geteuid() == 0 else ()
        return (f"listener {self.port} 127.0.0.1", "allow_anonymous true", "persistence false", *user)

    def _answers(self) -> bool:
        ended = self._process is None or self._process.poll() is not None
        assert not ended, f"mosquitto ended: {self._log.read_text(encoding='utf-8')}"
        return answers(self.port)


@pytest.fixture
def start_mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Mosquitto]]:
    """Give a starter of brokers with configuration lines of the test's choice; all stop with the test."""
    with ExitStack() as brokers:

        def start(*options: str) -> Mosquitto:
            broker = Mosquitto(tmp_path_factory.mktemp("mosquitto"), *options)
            brokers.callback(broker.stop)
            broker.start()
            return broker

        yield start


@pytest.fixture
def mosquitto(start_mosquitto: Callable[..., Mosquitto]) -> Mosquitto:
    """Give a running broker that lets everybody in and keeps nothing on disk."""
    return start_mosquitto()
