"""The gate's own wires: what the configuration names is opened, and what they carry goes to the inbox."""

import itertools
from collections.abc import Callable
from dataclasses import asdict
from typing import Protocol

from devices.protocols import protocol_named
from devices.readings import CardRead, CodeRead, InputsRead, Reading, WireCounters
from devices.transports.callbacks import Emit, State
from devices.transports.modbus import ModbusLine
from devices.transports.mqtt import Handler, MqttWire, reading_handler
from devices.transports.serial import SerialReader
from edge.config import DeviceSection, GateConfig
from edge.gate.actions import OpenBarrier
from edge.gate.events import CardPresented, CodePresented, CommandSent, DeviceReported, Event, InputsChanged

Put = Callable[[Event], None]


class Transport(Protocol):
    """What can be started and stopped."""

    def start(self) -> None:
        """Begin."""

    def stop(self) -> None:
        """End and wait."""


class Wires:
    """All transports of one gate, but the cameras': those are the eyes' own."""

    def __init__(self, config: GateConfig, put: Put) -> None:
        self._config = config
        self._put = put
        self._transports: list[Transport] = []
        self._boards: dict[str, ModbusLine] = {}
        self._counters: dict[str, WireCounters] = {}
        self._states: dict[str, tuple[bool, str]] = {}
        for device in config.device:
            self._wire(device)
        self._wire_broker()

    def start(self) -> None:
        """Open everything; what is not there yet is opened when it comes."""
        for transport in self._transports:
            transport.start()

    def stop(self) -> None:
        """Close everything."""
        for transport in self._transports:
            transport.stop()

    def open(self, action: OpenBarrier) -> None:
        """Send the pulse that raises an arm; what becomes of it comes back as `CommandSent`."""

        def done(ok: bool, error: str, sent: float) -> None:  # noqa: FBT001 - the transport's callback
            self._put(CommandSent(action.command, ok, error, sent))

        self._boards[action.device].pulse(action.coil, action.pulse_ms, done, action.expires)

    def report(self) -> list[DeviceReported]:
        """Say of every device how it is and what its wire has counted."""
        return [
            DeviceReported(device, *self._states[device], counters=asdict(counters))
            for device, counters in self._counters.items()
            if device in self._states
        ]

    def _wire(self, device: DeviceSection) -> None:
        protocol = protocol_named(device.protocol)
        if protocol.kind == "board":
            board = ModbusLine(
                device.id,
                device.url,
                self._emit(device.id),
                self._state(device.id),
                unit=device.unit,
                inputs=device.inputs,
                poll_s=device.poll_ms / 1000,
            )
            self._boards[device.id] = board
            self._transports.append(board)
            self._counters[device.id] = board.counters
        elif protocol.byte_codec is not None:
            settings = {"checksum": device.checksum} if device.protocol == "em4100" else {}
            codec = protocol.byte_codec(absent_after_s=device.absent_after_s, **settings)
            reader = SerialReader(device.id, device.url, codec, self._emit(device.id), self._state(device.id))
            self._transports.append(reader)
            self._counters[device.id] = codec.counters

    def _wire_broker(self) -> None:
        if self._config.mqtt is None:
            return
        handlers: dict[str, Handler] = {}
        on_broker: list[str] = []
        for device in self._config.device:
            protocol = protocol_named(device.protocol)
            if protocol.message_codec is not None:
                codec = protocol.message_codec(absent_after_s=device.absent_after_s)
                handlers[device.url.removeprefix("mqtt:///")] = reading_handler(codec, self._emit(device.id))
                self._counters[device.id] = codec.counters
                on_broker.append(device.id)
        states = [self._state(device) for device in on_broker]

        def tell_all(up: bool, why: str) -> None:  # noqa: FBT001 - the transport's callback
            self._states["mqtt"] = (up, why)
            for state in states:
                state(up, why)

        gate, settings = self._config.gate, self._config.mqtt
        password = settings.password_file.read_text(encoding="utf-8").strip() if settings.password_file else None
        online = f"gate/v1/{gate.site}/{gate.name}/online"
        ca_file = str(settings.ca_file) if settings.ca_file else None
        wire = MqttWire(
            settings.url,
            f"gatehouse-{gate.site}-{gate.name}",
            handlers,
            tell_all,
            online_topic=online,
            password=password,
            ca_file=ca_file,
        )
        self._transports.append(wire)
        self._counters["mqtt"] = wire.counters
        self._states["mqtt"] = (False, "starting")

    def _emit(self, device: str) -> Emit:
        def emit(reading: Reading, received: float) -> None:
            match reading:
                case CardRead(raw, bits):
                    self._put(CardPresented(device, raw, bits, received))
                case CodeRead(text):
                    self._put(CodePresented(device, text, received))
                case InputsRead(states):
                    self._put(InputsChanged(device, states))

        return emit

    def _state(self, device: str) -> State:
        def state(up: bool, why: str) -> None:  # noqa: FBT001 - the transport's callback
            self._states[device] = (up, why)
            self._put(DeviceReported(device, up, why, asdict(self._counters[device])))

        return state


def cameras(config: GateConfig) -> list[str]:
    """Return the ids of the devices that are the eyes' business."""
    lanes = itertools.chain.from_iterable(lane.cameras for lane in config.lane)
    return list(dict.fromkeys(lanes))
