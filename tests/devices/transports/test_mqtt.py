from collections.abc import Callable, Iterator
from contextlib import ExitStack
from queue import SimpleQueue

import pytest
from iotcore import Broker
from paho.mqtt import publish

from devices.errors import UsageError
from devices.readers.card_json import CardJson
from devices.readings import CardRead
from devices.transports.mqtt import Handler, MqttWire, broker_address, reading_handler
from simulators.wires.mqtt_reader import MqttCardReader
from tests.devices.transports.told import TIMEOUT_S, Told
from tests.ports import free_port
from tests.servers.mosquitto import Mosquitto
from tests.waiting import wait_until

TOPIC = "gate/east/reader-side"
ONLINE = "gate/v1/lakeside/east/online"
CARD = bytes.fromhex("010063E9AE")
HUGE = 100 * 1024 * 1024


class Inbox:
    """A handler that keeps what it was given."""

    def __init__(self) -> None:
        self.messages: SimpleQueue[tuple[bytes, bool]] = SimpleQueue()

    def __call__(self, payload: bytes, *, retained: bool) -> None:
        self.messages.put((payload, retained))

    def next(self) -> tuple[bytes, bool]:
        return self.messages.get(timeout=TIMEOUT_S)


StartWire = Callable[..., MqttWire]


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def start_wire(told: Told) -> Iterator[StartWire]:
    with ExitStack() as wires:

        def start(url: str, subscriptions: dict[str, Handler]) -> MqttWire:
            wire = MqttWire(url, "gate-east", subscriptions, told.state, online_topic=ONLINE)
            wires.callback(wire.stop)
            wire.start()
            return wire

        yield start


def tell(port: int, payload: bytes, *, topic: str = TOPIC, retain: bool = False) -> None:
    publish.single(topic, payload, qos=1, retain=retain, hostname="127.0.0.1", port=port)


@pytest.mark.parametrize("scheme", ["mqtt", "mqtt5"])
def test_a_card_crosses_the_broker(mosquitto: Mosquitto, told: Told, start_wire: StartWire, scheme: str) -> None:
    codec = CardJson()
    start_wire(f"{scheme}://127.0.0.1:{mosquitto.port}", {TOPIC: reading_handler(codec, told.emit)})
    assert told.next_state() == (True, "")
    with MqttCardReader(mosquitto.url, TOPIC) as reader:
        reader.present(CARD, 40)
    assert told.next_reading() == CardRead(CARD, 40)


def test_what_the_broker_had_kept_is_marked_and_opens_nothing(mosquitto: Mosquitto, told: Told, start_wire: StartWire) -> None:
    codec = CardJson()
    tell(mosquitto.port, b'{"v":1,"id":"old","card":"010063E9AE","bits":40}', retain=True)
    start_wire(mosquitto.url, {TOPIC: reading_handler(codec, told.emit)})
    wait_until(lambda: codec.counters.reasons == {"retained message": 1}, what="the kept message")
    assert told.readings.empty()


def test_it_says_that_it_is_there_and_its_will_that_it_is_not(mosquitto: Mosquitto, told: Told, start_wire: StartWire) -> None:
    watcher = Inbox()
    watching = MqttWire(mosquitto.url, "watcher", {ONLINE: watcher}, lambda _up, _why: None)
    watching.start()
    wire = start_wire(mosquitto.url, {})
    assert watcher.next()[0] == b"online"
    wire.stop()
    assert watcher.next()[0] == b"offline"
    watching.stop()


def test_it_comes_back_after_the_broker_and_what_was_missed_stays_missed(
    start_mosquitto: Callable[..., Mosquitto], told: Told, start_wire: StartWire
) -> None:
    broker, inbox = start_mosquitto(), Inbox()
    wire = start_wire(broker.url, {TOPIC: inbox})
    assert told.next_state() == (True, "")
    for end in (broker.stop, broker.kill):
        end()
        assert not told.next_state()[0]
        broker.start()
        assert told.next_state() == (True, "")
        tell(broker.port, b"after")
        assert inbox.next() == (b"after", False)
    assert wire.counters.reopened == 2


def test_a_message_that_waited_while_the_gate_was_away_is_not_delivered(
    mosquitto: Mosquitto, told: Told, start_wire: StartWire
) -> None:
    inbox = Inbox()
    for first in (True, False):
        wire = start_wire(mosquitto.url, {TOPIC: inbox})
        assert wait_until(lambda: told.next_state()[0])
        if first:
            wire.stop()
            tell(mosquitto.port, b"late")
    tell(mosquitto.port, b"fresh")
    assert inbox.next() == (b"fresh", False)


def test_a_broker_that_is_not_there_is_told_and_found_later(
    start_mosquitto: Callable[..., Mosquitto], told: Told, start_wire: StartWire
) -> None:
    broker = start_mosquitto()
    broker.stop()
    start_wire(broker.url, {TOPIC: Inbox()})
    assert told.next_state() == (False, "the broker cannot be reached")
    broker.start()
    assert told.next_state() == (True, "")


def test_a_refused_gate_is_told_why(start_mosquitto: Callable[..., Mosquitto], told: Told, start_wire: StartWire) -> None:
    broker = start_mosquitto("allow_anonymous false")
    start_wire(broker.url, {TOPIC: Inbox()})
    assert told.next_state() == (False, "Not authorized")


@pytest.mark.parametrize("scheme", ["mqtt", "mqtt5"])
def test_a_hundred_megabytes_reach_no_handler(mosquitto: Mosquitto, told: Told, start_wire: StartWire, scheme: str) -> None:
    inbox = Inbox()
    wire = start_wire(f"{scheme}://127.0.0.1:{mosquitto.port}", {TOPIC: inbox})
    assert told.next_state() == (True, "")
    tell(mosquitto.port, bytes(HUGE))
    tell(mosquitto.port, b"after")
    assert inbox.next() == (b"after", False)
    # MQTT 5 lets us tell the broker our limit, and it keeps the message from us; in 3.1.1 we drop it.
    assert wire.counters.reasons == ({} if scheme == "mqtt5" else {"payload too large": 1})
    assert told.states.empty(), "the wire was not lost over it"


def test_the_embedded_broker_drops_what_is_too_large(told: Told, start_wire: StartWire) -> None:
    inbox = Inbox()
    with Broker(port=free_port(), listen="127.0.0.1", max_payload_size=65536) as broker:
        wire = start_wire(f"mqtt://127.0.0.1:{broker.port}", {TOPIC: inbox})
        assert told.next_state() == (True, "")
        with MqttCardReader(f"mqtt://127.0.0.1:{broker.port}", TOPIC) as reader:
            reader.publish(b"before")
            assert inbox.next() == (b"before", False)
        publish.single(TOPIC, bytes(200_000), qos=0, hostname="127.0.0.1", port=broker.port)
        with MqttCardReader(f"mqtt://127.0.0.1:{broker.port}", TOPIC) as reader:
            reader.publish(b"after")
            assert inbox.next() == (b"after", False)
        wire.stop()


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [("mqtt://127.0.0.1", "127.0.0.1", 1883), ("mqtts://gate@b.example", "b.example", 8883), ("mqtt5://b:99", "b", 99)],
)
def test_urls_of_brokers(url: str, host: str, port: int) -> None:
    address = broker_address(url)
    assert (address.host, address.port) == (host, port)


@pytest.mark.parametrize("url", ["", "127.0.0.1", "http://b", "mqtt://", "mqtt://user:secret@b"])
def test_urls_that_are_no_brokers_are_ours_to_refuse(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        broker_address(url)
    assert "secret" not in str(refused.value)
