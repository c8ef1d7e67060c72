from collections.abc import Callable
from queue import SimpleQueue

import pytest
from paho.mqtt import MQTTException, publish
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from tests.ports import answers
from tests.servers.mosquitto import Mosquitto

TOPIC = "gate/state"


def tell(broker: Mosquitto, payload: str) -> None:
    publish.single(TOPIC, payload, retain=True, hostname="127.0.0.1", port=broker.port)


def told(broker: Mosquitto) -> str:
    """Return the retained payload that a new subscriber is given."""
    payloads: SimpleQueue[bytes] = SimpleQueue()

    def keep(_client: Client, _userdata: object, message: MQTTMessage) -> None:
        payloads.put(bytes(message.payload))

    client = Client(CallbackAPIVersion.VERSION2)
    client.on_message = keep
    client.connect("127.0.0.1", broker.port)
    client.subscribe(TOPIC)
    client.loop_start()
    try:
        return payloads.get(timeout=10).decode()
    finally:
        client.disconnect()
        client.loop_stop()


def test_a_broker_comes_back_on_its_port_after_a_kill(mosquitto: Mosquitto) -> None:
    tell(mosquitto, "open")
    assert told(mosquitto) == "open"
    mosquitto.kill()
    assert not answers(mosquitto.port)
    mosquitto.restart()
    tell(mosquitto, "closed")
    assert told(mosquitto) == "closed"


def test_a_broker_takes_configuration_lines(start_mosquitto: Callable[..., Mosquitto]) -> None:
    broker = start_mosquitto("allow_anonymous false")
    with pytest.raises(MQTTException, match="Not authorized"):
        tell(broker, "open")
