"""A QR code reader: sends the text of a code that is held up, as one line; a picture it reads first, as the module does."""

from devices.readers.qr_line import encode
from devices.readers.qr_picture import texts_in
from devices.transports.pictures import Picture
from simulators.wires.pty_port import PtyPort


class QrScanner:
    """One scanner on a port; `line_end` is what it was set up to send after the text."""

    def __init__(self, port: PtyPort, line_end: bytes = b"\r\n") -> None:
        self._port = port
        self._line_end = line_end

    def scan(self, text: str) -> None:
        """Hold a code up once."""
        self._port.write(encode(text, self._line_end))

    def show(self, picture: Picture) -> bool:
        """Hold up what `picture` shows: the first code in it is sent; False where none is read, and nothing is sent."""
        texts = texts_in(picture)
        if texts:
            self.scan(texts[0])
        return bool(texts)
