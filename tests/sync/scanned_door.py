"""A gate with a code reader at its first door, which is shown pictures of printed codes."""

import time
from contextlib import closing
from pathlib import Path

import numpy as np

from access.entries import Body, Decided, DeviceChanged, Started
from access.sealing import Opened
from devices.transports.pictures import Picture
from edge.store.reader import JournalReader
from simulators.printing.paper import on_paper
from simulators.printing.sight import by_chance, seen
from simulators.wires.pty_port import PtyPort
from simulators.wires.scanner import QrScanner
from tests.faults.door import Door
from tests.waiting import wait_until

ANGLE, MODULE_PIXELS = 20.0, 4.0
TRIES = 5  # as people do who hear no beep
ABSENT_AFTER_S = 0.2
SCANNER_TOML = """
[[device]]
id = "scanner"
protocol = "qr-line"
url = "{url}"
absent_after_s = {absent_after_s}
"""


class ScannedDoor(Door):
    """Such a gate, enrolled at a registry."""

    def __init__(self, folder: Path, registry: str) -> None:
        super().__init__(folder, registry=registry)
        port = PtyPort(folder / "by-id" / "scanner")
        self.reader_ports.append(port)
        self.scanner = QrScanner(port)
        self._shown_at = 0.0
        self._starts = 0
        toml = self.config.read_text(encoding="utf-8").replace('["reader-0"]', '["reader-0", "scanner"]')
        scanner = SCANNER_TOML.format(url=port.url, absent_after_s=ABSENT_AFTER_S)
        self.config.write_text(toml + scanner, encoding="utf-8")

    def start_both(self) -> None:
        """Start gate and courier; they need not be up yet."""
        self._starts = len(self.entries(Started))
        for program in ("gate", "courier"):
            self.start(program)

    def show(self, png: bytes) -> Opened:
        """Print the image of a code, hold the paper up askew until it is read, and return what the gate decides."""
        wait_until(self._is_listening, what="the gate to listen to its code reader")
        wait_until(lambda: time.monotonic() > self._shown_at + 2 * ABSENT_AFTER_S, what="the paper to have been taken away")
        before = len(self.entries(Decided))
        assert any(self.scanner.show(_held_up(png, seed)) for seed in range(TRIES)), "the code is not read from paper"
        self._shown_at = time.monotonic()
        wait_until(lambda: len(self.entries(Decided)) > before, what="a decision on the code")
        return self.entries(Decided)[before]

    def _is_listening(self) -> bool:
        """Tell whether the code reader has come up in this run of the gate."""
        began = [one.seq for one in self.entries(Started)][self._starts :]
        came = [one.seq for one in self.entries(DeviceChanged) if one.fields["device"] == "scanner" and one.fields["up"]]
        return bool(began and came) and came[-1] > began[0]

    def entries(self, of: type[Body]) -> list[Opened]:
        """Return the journal's entries of one kind in order, none before the gate's first start."""
        if not self.places.journal.exists():
            return []
        with closing(JournalReader(self.places.journal)) as reader:
            return [entry for entry in reader.every() if entry.kind == of.kind]


def _held_up(png: bytes, seed: int) -> Picture:
    rng = np.random.default_rng(seed)
    return seen(on_paper(png, rng), by_chance(rng, ANGLE, MODULE_PIXELS), rng)
