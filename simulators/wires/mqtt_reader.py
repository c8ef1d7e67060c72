"""A card reader that publishes JSON over MQTT."""

import threading
import uuid
from types import TracebackType
from typing import Final, Self

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from devices.errors import LinkLost
from devices.readers.card_json import CardMessage, encode
from devices.transports.mqtt import KEEPALIVE_S, broker_address

CONNECT_TIMEOUT_S: Final = 10.0
PUBLISH_TIMEOUT_S: Final = 5.0


class MqttCardReader:
    """One reader, connected to a broker while it exists."""

    def __init__(self, broker_url: str, topic: str) -> None:
        address = broker_address(broker_url)
        connected = threading.Event()
        self._topic = topic
        self._client = Client(CallbackAPIVersion.VERSION2, f"reader-{uuid.uuid4().hex[:12]}", protocol=address.version)
        self._client.on_connect = lambda *_: connected.set()
        self._client.connect(address.host, address.port, KEEPALIVE_S)
        self._client.loop_start()
        if not connected.wait(CONNECT_TIMEOUT_S):
            self.close()
            raise LinkLost(f"the broker at {broker_url} does not answer")

    def present(self, card: bytes, bits: int | None = None) -> None:
        """Hold a card up once; returns when the broker has the message, `LinkLost` where it never got it."""
        message = CardMessage(v=1, id=uuid.uuid4().hex, card=card.hex().upper(), bits=bits or 8 * len(card))
        self.publish(encode(message))

    def publish(self, payload: bytes, *, retain: bool = False) -> None:
        """Publish any payload in the reader's name, as a broken or hostile one would."""
        sent = self._client.publish(self._topic, payload, qos=1, retain=retain)
        sent.wait_for_publish(PUBLISH_TIMEOUT_S)
        if not sent.is_published():
            raise LinkLost("the broker did not take the message")

    def close(self) -> None:
        """Disconnect."""
        self._client.disconnect()
        self._client.loop_stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
