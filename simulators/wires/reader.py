"""An EM4100 reader: repeats its frame while a card is held up."""

import time
from typing import Final

from devices.readers.em4100 import Checksum, encode
from simulators.wires.pty_port import PtyPort

REPEAT_S: Final = 0.065


class Em4100Reader:
    """One reader on a port; `checksum` and `line_end` make it another maker's."""

    def __init__(self, port: PtyPort, *, checksum: Checksum = "xor", line_end: bool = False) -> None:
        self._port = port
        self._checksum: Checksum = checksum
        self._line_end = line_end

    def present(self, card: bytes, hold_s: float = 0.2) -> None:
        """Hold a card (five bytes) up for `hold_s`; returns when it is taken away."""
        frame = encode(card, self._checksum, line_end=self._line_end)
        taken_away_at = time.monotonic() + hold_s
        self._port.write(frame)
        while time.monotonic() + REPEAT_S <= taken_away_at:
            time.sleep(REPEAT_S)
            self._port.write(frame)
