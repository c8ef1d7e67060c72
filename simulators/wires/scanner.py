"""A QR code module: sends the text of a code and a line end."""

from devices.readers.qr_line import encode
from simulators.wires.pty_port import PtyPort


class QrScanner:
    """One scanner on a port; `line_end` is what it was set up to send after the text."""

    def __init__(self, port: PtyPort, line_end: bytes = b"\r\n") -> None:
        self._port = port
        self._line_end = line_end

    def scan(self, text: str) -> None:
        """Hold a code up once."""
        self._port.write(encode(text, self._line_end))
