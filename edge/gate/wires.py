"""The gate's own wires: what the configuration names is opened, and what they carry goes to the inbox."""

import itertools
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any, Protocol

from devices.protocols import protocol_named
from devices.readings import CardRead, CodeRead, InputsRead, Reading, WireCounters
from devices.transports.callbacks import Emit, State
from devices.transports.modbus import ModbusLine
from devices.transports.mqtt import Handler, MqttWire, reading_handler
from devices.transports.pulses import Done
from devices.transports.serial import SerialReader
from edge.config import ConfigError, DeviceSection, GateConfig, MqttSection
from edge.gate.actions import CloseBarrier, OpenBarrier
from edge.gate.events import CardPresented, CodePresented, CommandSent, DeviceCounted, DeviceReported, Event, InputsChanged

Put = Callable[[Event], None]

RELAYS = 8  # that boards commonly have


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
        self._arms = {lane.id: lane.barrier for lane in config.lane}
        self._counters: dict[str, WireCounters] = {}
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
        close = self._arms[action.lane].close
        self._boards[action.device].pulse(
            action.coil,
            action.pulse_ms,
            self._done(action.command),
            action.expires,
            by_board=action.by_board,
            against=close.coil if close else None,
        )

    def close(self, action: CloseBarrier) -> None:
        """Send the pulse that lowers an arm, if the board still reads the way clear; that too comes back as `CommandSent`."""
        self._boards[action.device].pulse(
            action.coil,
            action.pulse_ms,
            self._done(action.command),
            action.expires,
            by_board=action.by_board,
            clear=action.clear,
            against=self._arms[action.lane].open.coil,
        )

    def report(self) -> list[DeviceCounted]:
        """Say of every device what its wire has counted."""
        return [DeviceCounted(device, _copied(counters)) for device, counters in self._counters.items()]

    def _done(self, command: str) -> Done:
        return lambda ok, error, sent: self._put(CommandSent(command, ok, error, sent))

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
                coils=self._coils_of(device.id),
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

    def _coils_of(self, device: str) -> int:
        """Return how many relays of a board are looked at: as many as are common, and all that a lane has."""
        arms = [arm for arm in self._arms.values() if arm.device == device]
        return max([RELAYS, *(pulse.coil + 1 for arm in arms for pulse in (arm.open, arm.close) if pulse)])

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
        states = [self._state(device) for device in ("mqtt", *on_broker)]

        def tell_all(up: bool, why: str) -> None:  # noqa: FBT001 - the transport's callback
            for state in states:
                state(up, why)

        gate, settings = self._config.gate, self._config.mqtt
        online = f"gate/v1/{gate.site}/{gate.name}/online"
        ca_file = str(settings.ca_file) if settings.ca_file else None
        wire = MqttWire(
            settings.url,
            f"gatehouse-{gate.site}-{gate.name}",
            handlers,
            tell_all,
            online_topic=online,
            password=_password(settings),
            ca_file=ca_file,
        )
        self._transports.append(wire)
        self._counters["mqtt"] = wire.counters

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
            self._put(DeviceReported(device, up, why, _copied(self._counters[device])))

        return state


def _copied(counters: WireCounters) -> dict[str, Any]:
    """Copy counters that another thread goes on counting; copying the reasons in one step, they cannot grow meanwhile."""
    return asdict(replace(counters, reasons=counters.reasons.copy()))


def _password(settings: MqttSection) -> str | None:
    """Return the broker's password. Raises ConfigError where its file cannot be read."""
    if settings.password_file is None:
        return None
    try:
        return settings.password_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"mqtt.password_file: {settings.password_file} cannot be read: {error}"]) from error


def cameras(config: GateConfig) -> list[str]:
    """Return the ids of the devices that are the eyes' business."""
    lanes = itertools.chain.from_iterable(lane.cameras for lane in config.lane)
    return list(dict.fromkeys(lanes))
