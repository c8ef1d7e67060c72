"""One client of the site's MQTT broker, with its own network thread (paho-mqtt).

A message that waited at the broker while this gate was away is old news and must move nothing, so the broker is asked to keep
nothing for us unless `keep_session` is set by an owner whose messages say themselves when they expire.
"""

import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from devices.codec import MessageCodec
from devices.errors import UsageError
from devices.readings import WireCounters
from devices.transports.callbacks import Emit, State

PAYLOAD_BYTES_MAX: Final = 64 * 1024
HEAD_BYTES_MAX: Final = 2048  # what a packet may have beside its payload: topic and properties
QUEUED_MAX: Final = 1000
KEEPALIVE_S: Final = 20
RECONNECT_S: Final = (1, 5)
SESSION_EXPIRY_S: Final = 3600
ONLINE: Final = b"online"
OFFLINE: Final = b"offline"
_DEFAULT_PORTS: Final = {False: 1883, True: 8883}
_new_properties: Final[Callable[[int], Properties]] = Properties  # paho leaves its type unsaid


class Handler(Protocol):
    """Takes one message in the wire's thread: quick, and never raising."""

    def __call__(self, payload: bytes, *, retained: bool) -> None:
        """Take a payload and whether the broker had kept it."""
        ...


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where a broker is and how it is spoken to."""

    host: str
    port: int
    version: MQTTProtocolVersion
    tls: bool
    username: str | None


def broker_address(url: str) -> BrokerAddress:
    """Read `mqtt://[user@]host[:port]`; `mqtt5` is MQTT 5, `mqtts` and `mqtts5` are with TLS. `UsageError` else."""
    parts = urlsplit(url)
    if parts.scheme not in ("mqtt", "mqtts", "mqtt5", "mqtts5") or not parts.hostname or parts.password is not None:
        raise UsageError("a broker is mqtt://[user@]host[:port] (mqtts, mqtt5, mqtts5), without a password")
    tls = parts.scheme.startswith("mqtts")
    version = MQTTProtocolVersion.MQTTv5 if parts.scheme.endswith("5") else MQTTProtocolVersion.MQTTv311
    return BrokerAddress(parts.hostname, parts.port or _DEFAULT_PORTS[tls], version, tls, parts.username)


class MqttWire:
    """Subscribes to topics and hands their messages to handlers; says on `online_topic` (retained) whether it is there."""

    def __init__(
        self,
        url: str,
        client_id: str,
        subscriptions: Mapping[str, Handler],
        state: State,
        *,
        online_topic: str = "",
        password: str | None = None,
        ca_file: str | None = None,
        keep_session: bool = False,
        payload_bytes_max: int = PAYLOAD_BYTES_MAX,
    ) -> None:
        self.counters = WireCounters()
        self._address = broker_address(url)
        self._subscriptions = dict(subscriptions)
        self._state = state
        self._up: bool | None = None  # None: nothing told yet
        self._online_topic = online_topic
        self._keep_session = keep_session
        self._payload_bytes_max = payload_bytes_max
        self._client = self._make_client(client_id, password, ca_file)

    def start(self) -> None:
        """Begin to connect; the wire connects again whenever it is lost."""
        address = self._address
        if address.version == MQTTProtocolVersion.MQTTv5:
            properties = _new_properties(PacketTypes.CONNECT)
            properties.MaximumPacketSize = self._payload_bytes_max + HEAD_BYTES_MAX
            properties.SessionExpiryInterval = SESSION_EXPIRY_S if self._keep_session else 0
            self._client.connect_async(
                address.host, address.port, KEEPALIVE_S, clean_start=not self._keep_session, properties=properties
            )
        else:
            self._client.connect_async(address.host, address.port, KEEPALIVE_S)
        self._client.loop_start()

    def stop(self) -> None:
        """Say goodbye, disconnect and wait for the thread."""
        if self._online_topic and self._up:
            self._client.publish(self._online_topic, OFFLINE, qos=1, retain=True)
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> bool:
        """Queue a message at QoS 1; False where the queue is full."""
        return self._client.publish(topic, payload, qos=1, retain=retain).rc != MQTTErrorCode.MQTT_ERR_QUEUE_SIZE

    def _make_client(self, client_id: str, password: str | None, ca_file: str | None) -> Client:
        address = self._address
        # MQTT 5 says at connect what MQTT 3.1.1 says with this flag.
        clean = None if address.version == MQTTProtocolVersion.MQTTv5 else not self._keep_session
        client = Client(CallbackAPIVersion.VERSION2, client_id, clean_session=clean, protocol=address.version)
        client.reconnect_delay_set(*RECONNECT_S)
        client.max_queued_messages_set(QUEUED_MAX)
        if address.username is not None:
            client.username_pw_set(address.username, password)
        if address.tls:
            client.tls_set(ca_certs=ca_file)
        if self._online_topic:
            client.will_set(self._online_topic, OFFLINE, qos=1, retain=True)
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_socket_open = _send_at_once
        for topic, handler in self._subscriptions.items():
            client.message_callback_add(topic, self._guarded(handler))
        return client

    def _guarded(self, handler: Handler) -> Callable[[Client, Any, MQTTMessage], None]:
        """Count every message and keep what is too large from its handler."""

        def take(_client: Client, _userdata: object, message: MQTTMessage) -> None:
            self.counters.bytes_in += len(message.payload)
            if len(message.payload) > self._payload_bytes_max:
                self.counters.reject("payload too large")
                return
            self.counters.frames += 1
            handler(bytes(message.payload), retained=message.retain)

        return take

    def _on_connect(
        self, client: Client, _userdata: object, _flags: ConnectFlags, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        if reason.is_failure:
            self._tell(up=False, why=str(reason))
            return
        if self._online_topic:
            client.publish(self._online_topic, ONLINE, qos=1, retain=True)
        if self._subscriptions:
            client.subscribe([(topic, 1) for topic in self._subscriptions])
        else:
            self._tell(up=True, why="")

    def _on_subscribe(
        self, _client: Client, _userdata: object, _mid: int, reasons: list[ReasonCode], _properties: Properties | None
    ) -> None:
        refused = next((reason for reason in reasons if reason.is_failure), None)
        self._tell(up=refused is None, why="" if refused is None else f"subscription refused: {refused}")

    def _on_connect_fail(self, _client: Client, _userdata: object) -> None:
        self._tell(up=False, why="the broker cannot be reached")

    def _on_disconnect(
        self,
        _client: Client,
        _userdata: object,
        _flags: DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self.counters.reopened += bool(self._up)
        self._tell(up=False, why=str(reason))

    def _tell(self, *, up: bool, why: str) -> None:
        if up is not self._up:
            self._up = up
            self._state(up, why)


def _send_at_once(_client: Client, _userdata: object, sock: Any) -> None:
    """Let small packets go as they come: the kernel would hold one back until the one before it is confirmed, for 40 ms."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def reading_handler(codec: MessageCodec, emit: Emit, clock: Callable[[], float] = time.monotonic) -> Handler:
    """Return a handler that feeds a codec and emits its readings, stamped on arrival; a message of another time is refused."""

    def handle(payload: bytes, *, retained: bool) -> None:
        received_at = clock()
        for reading in codec.feed_message(payload, retained=retained, now=received_at, at=datetime.now(UTC)):
            emit(reading, received_at)

    return handle
