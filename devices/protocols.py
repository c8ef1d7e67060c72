"""The protocols that a gate.toml may name, and what makes the codec of each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from devices.barriers.modbus_listener import BusListener
from devices.codec import ByteCodec, MessageCodec
from devices.errors import UsageError
from devices.readers.card_json import CardJson
from devices.readers.em4100 import Em4100
from devices.readers.qr_line import QrLine


@dataclass(frozen=True, slots=True)
class Protocol:
    """One name of gate.toml: what it is for, how it is reached, and its codec where there is one for bytes or messages.

    The makers take the codec's own keyword settings (`absent_after_s`, `checksum`).
    """

    name: str
    kind: str
    what: str
    urls: tuple[str, ...]
    byte_codec: Callable[..., ByteCodec] | None = None
    message_codec: Callable[..., MessageCodec] | None = None


_LINES: Final = ("serial://", "socket://", "rfc2217://")

PROTOCOLS: Final = {
    protocol.name: protocol
    for protocol in (
        Protocol("em4100", "reader", "EM4100 card reader: RDM6300, EM-18, ID-12, ID-20", _LINES, byte_codec=Em4100),
        Protocol("qr-line", "reader", "QR and bar code reader that sends lines: GM65, GM812", _LINES, byte_codec=QrLine),
        Protocol("card-json", "reader", "card reader that publishes JSON over MQTT", ("mqtt:///",), message_codec=CardJson),
        Protocol("modbus-rtu", "board", "relay and input board, Modbus RTU", _LINES, byte_codec=BusListener),
        Protocol(
            "video",
            "camera",
            "plate camera read by the gate itself",
            ("rtsp://", "http://", "https://", "usb:", "file://", "folder://"),
        ),
    )
}


def protocol_named(name: str) -> Protocol:
    """Return the protocol of that name; `UsageError` lists the names there are."""
    if name not in PROTOCOLS:
        raise UsageError(f"no protocol {name!r}; there are {', '.join(PROTOCOLS)}")
    return PROTOCOLS[name]
