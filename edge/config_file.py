"""Reading a gate.toml: what is wrong is told with file, line and key, also what only several values together show."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from devices.barriers.modbus_rtu import TENTH_MS
from devices.protocols import protocol_named
from edge.config import ANY_ADDRESS, LOOPBACK, ConfigError, DeviceSection, GateConfig, LaneSection, Section
from edge.toml_lines import line_of


def load(path: Path) -> GateConfig:
    """Read and check a gate.toml; raises ConfigError naming file, line, key and what was expected. Paths are beside the file."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: cannot be read: {error}"]) from error
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path}: not TOML: {error}"]) from error
    try:
        config = GateConfig.model_validate(raw)
    except ValidationError as error:
        raise ConfigError([_fault(path, text, fault) for fault in _innermost(error)]) from error
    if faults := [f"{path}:{line_of(text, where)}: {_key(where)}: {what}" for where, what in _cross_faults(config)]:
        raise ConfigError(faults)
    return _beside(config, path.resolve().parent)


def _beside(config: GateConfig, folder: Path) -> GateConfig:
    """Read paths that the file names as beside the file."""
    update: dict[str, Section] = {"gate": config.gate.model_copy(update={"data": folder / config.gate.data})}
    sections = {"central": config.central, "mqtt": config.mqtt, "neighbours": config.neighbours, "booth": config.booth}
    for name, section in sections.items():
        if section is not None:
            paths = {key: folder / value for key, value in section if isinstance(value, Path)}
            update[name] = section.model_copy(update=paths)
    return config.model_copy(update=update)


Where = tuple[str | int, ...]


def _innermost(error: ValidationError) -> list[Any]:
    """Leave out a fault that only follows from one inside it."""
    faults = error.errors()
    return [a for a in faults if not any(len(b["loc"]) > len(a["loc"]) and b["loc"][: len(a["loc"])] == a["loc"] for b in faults)]


def _fault(path: Path, text: str, fault: Any) -> str:
    where: Where = fault["loc"]
    got = "" if fault["type"] in ("missing", "extra_forbidden") else f" (got {fault['input']!r})"
    said = fault["msg"].removeprefix("Value error, ")
    what = {"extra_forbidden": "unknown key", "missing": "is missing"}.get(fault["type"], said)
    return f"{path}:{line_of(text, where)}: {_key(where)}: {what}{got}"


def _key(where: Where) -> str:
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in where).lstrip(".")


def _cross_faults(config: GateConfig) -> list[tuple[Where, str]]:
    """Find what single values cannot show: names that point nowhere, devices used wrongly or twice."""
    return [
        *_doubles(config),
        *_shared_lines(config),
        *_dangling(config),
        *_shared_actuators(config),
        *_shared_inputs(config),
        *_misplaced_inputs(config),
        *_uncountable_pulses(config),
        *_unsafe_closing(config),
        *_wrongly_interlocked(config),
        *_wrong_evacuation(config),
        *_shared_readers(config),
        *_wrongly_leaving(config),
        *_missing_broker(config),
        *_unreachable_booth(config),
    ]


def _unreachable_booth(config: GateConfig) -> list[tuple[Where, str]]:
    """Find what a booth off this box lacks: a certificate with its key, and the names that browsers call it by."""
    booth = config.booth
    faults: list[tuple[Where, str]] = []
    for given, missing in (("certificate", "key"), ("key", "certificate")):
        if getattr(booth, given) is not None and getattr(booth, missing) is None:
            faults.append((("booth", given), f"needs booth.{missing} too: a certificate and its key belong together"))
    if booth.host in LOOPBACK:
        return faults
    if booth.certificate is None and booth.key is None:
        what = f"{booth.host!r}: without TLS the booth page is for this box alone: use {' or '.join(LOOPBACK)}"
        faults.append((("booth", "host"), f"{what}, or give booth.certificate and booth.key"))
    elif booth.host in ANY_ADDRESS and not booth.names:
        faults.append((("booth", "host"), "needs booth.names: the names, as in the certificate, that browsers call the booth by"))
    return faults


def _doubles(config: GateConfig) -> list[tuple[Where, str]]:
    faults: list[tuple[Where, str]] = []
    for section, ids in (("device", [d.id for d in config.device]), ("lane", [lane.id for lane in config.lane])):
        faults += [((section, at, "id"), f"{name!r} is used twice") for at, name in enumerate(ids) if name in ids[:at]]
    return faults


def _shared_lines(config: GateConfig) -> list[tuple[Where, str]]:
    """Find two devices on one line or topic: each line is held by one device alone."""
    seen: dict[str, str] = {}
    faults: list[tuple[Where, str]] = []
    for at, device in enumerate(config.device):
        line = device.url.partition("?")[0]
        if line in seen and protocol_named(device.protocol).kind != "camera":
            faults.append((("device", at, "url"), f"already the line of device {seen[line]!r}"))
        seen.setdefault(line, device.id)
    return faults


def _wrongly_leaving(config: GateConfig) -> list[tuple[Where, str]]:
    """Find names in `leaving` that are not of the lane, or of a lane that has one direction."""
    faults: list[tuple[Where, str]] = []
    for at, lane in enumerate(config.lane):
        for place, name in enumerate(lane.leaving):
            where: Where = ("lane", at, "leaving", place)
            if lane.direction != "both":
                faults.append((where, "only a lane of both directions has devices for one of them"))
            elif name not in (*lane.readers, *lane.cameras):
                faults.append((where, f"{name!r} is not among the readers and cameras of this lane"))
    return faults


def _shared_readers(config: GateConfig) -> list[tuple[Where, str]]:
    """Find readers and cameras of two lanes: one reading must never open two arms."""
    seen: dict[str, str] = {}
    faults: list[tuple[Where, str]] = []
    for at, lane in enumerate(config.lane):
        for key, names in (("readers", lane.readers), ("cameras", lane.cameras)):
            for place, name in enumerate(names):
                if name in seen:
                    faults.append((("lane", at, key, place), f"{name!r} is already at lane {seen[name]!r}"))
                seen.setdefault(name, lane.id)
    return faults


def _dangling(config: GateConfig) -> list[tuple[Where, str]]:
    faults: list[tuple[Where, str]] = []
    kinds = {device.id: protocol_named(device.protocol).kind for device in config.device}
    for at, lane in enumerate(config.lane):
        for key, names in (("readers", lane.readers), ("cameras", lane.cameras)):
            for place, name in enumerate(names):
                if kinds.get(name) != key[:-1]:
                    faults.append((("lane", at, key, place), f"{name!r} is no {key[:-1]} among the devices"))
        if kinds.get(lane.barrier.device) != "board":
            faults.append((("lane", at, "barrier", "device"), f"{lane.barrier.device!r} is no board among the devices"))
        faults += _dangling_inputs(config, at, lane)
    return faults


def _dangling_inputs(config: GateConfig, at: int, lane: LaneSection) -> list[tuple[Where, str]]:
    board = config.devices.get(lane.barrier.device)
    return [
        (("lane", at, "barrier", name, key), _has_inputs(board))
        for name, key, number in _wired_inputs(lane)
        if board is not None and number >= board.inputs
    ]


def _has_inputs(board: DeviceSection) -> str:
    return f"the board {board.id!r} has inputs 0 to {board.inputs - 1}"


def _wired_inputs(lane: LaneSection) -> list[tuple[str, str, int]]:
    """Return the numbers of all inputs of a lane, each with its pin and key."""
    pins = lane.barrier.pins.items()
    numbers = [(name, key, number) for name, pin in pins for key, number in (("input", pin.input), ("check", pin.check))]
    return [(name, key, number) for name, key, number in numbers if number is not None]


def _shared_inputs(config: GateConfig) -> list[tuple[Where, str]]:
    """Find inputs that mean two things at one lane. Two lanes may well share one: a loop between them, say."""
    faults: list[tuple[Where, str]] = []
    for at, lane in enumerate(config.lane):
        seen: dict[int, str] = {}
        for name, key, number in _wired_inputs(lane):
            if number in seen:
                faults.append((("lane", at, "barrier", name, key), f"input {number} is already {seen[number]}"))
            seen.setdefault(number, f"{name}.{key}")
    return faults


_KIND_OF_LANE = {
    "arrival_loop": "vehicle",
    "safety_loop": "vehicle",
    "far_loop": "vehicle",
    "photocell": "vehicle",
    "exit_button": "pedestrian",
    "passage_signal": "pedestrian",
}


def _misplaced_inputs(config: GateConfig) -> list[tuple[Where, str]]:
    return [
        (("lane", at, "barrier", name), f"is only for {_KIND_OF_LANE[name]} lanes")
        for at, lane in enumerate(config.lane)
        for name in lane.barrier.pins
        if _KIND_OF_LANE.get(name, lane.kind) != lane.kind
    ]


def _shared_actuators(config: GateConfig) -> list[tuple[Where, str]]:
    seen: dict[tuple[str, int], str] = {}
    faults: list[tuple[Where, str]] = []
    for at, lane in enumerate(config.lane):
        for name, pulse in lane.barrier.pulses.items():
            output = (lane.barrier.device, pulse.coil)
            if output in seen:
                faults.append((("lane", at, "barrier", name, "coil"), f"already {seen[output]}"))
            seen.setdefault(output, f"{name}s lane {lane.id!r}")
    return faults


def _uncountable_pulses(config: GateConfig) -> list[tuple[Where, str]]:
    return [
        (("lane", at, "barrier", name, "pulse_ms"), f"should be a multiple of 100 where the board ends it (got {pulse.pulse_ms})")
        for at, lane in enumerate(config.lane)
        for name, pulse in lane.barrier.pulses.items()
        if pulse.by == "board" and pulse.pulse_ms % TENTH_MS
    ]


def _unsafe_closing(config: GateConfig) -> list[tuple[Where, str]]:
    """Find arms that we are to lower without seeing what stands under them or where they are, and closings of no use."""
    faults: list[tuple[Where, str]] = []
    for at, lane in enumerate(config.lane):
        arm = lane.barrier
        needs = {
            "close": arm.close,
            "safety_loop or photocell": arm.safety_loop or arm.photocell,
            "closed_limit": arm.closed_limit,
        }
        missing = [what for what, there in needs.items() if there is None]
        if arm.closing == "barrier" and arm.close is not None:
            faults.append((("lane", at, "barrier", "close"), 'is only for closing = "agent"'))
        elif arm.closing == "agent" and lane.kind != "vehicle":
            faults.append((("lane", at, "barrier", "closing"), "the agent closes arms of vehicle lanes only"))
        elif arm.closing == "agent" and missing:
            faults.append((("lane", at, "barrier", "closing"), f"by the agent needs {', '.join(missing)}"))
    return faults


def _wrongly_interlocked(config: GateConfig) -> list[tuple[Where, str]]:
    lanes = {lane.id for lane in config.lane}
    faults: list[tuple[Where, str]] = []
    for at, interlock in enumerate(config.interlock):
        for place, name in enumerate(interlock.lanes):
            where: Where = ("interlock", at, "lanes", place)
            if name not in lanes:
                faults.append((where, f"{name!r} is no lane of this gate"))
            elif name in interlock.lanes[:place]:
                faults.append((where, f"{name!r} is named twice"))
    return faults


def _wrong_evacuation(config: GateConfig) -> list[tuple[Where, str]]:
    wired = config.gate.evacuation
    if wired is None:
        return []
    board = config.devices.get(wired.device)
    if board is None or protocol_named(board.protocol).kind != "board":
        return [(("gate", "evacuation", "device"), f"{wired.device!r} is no board among the devices")]
    return [(("gate", "evacuation", "input"), _has_inputs(board))] if wired.input >= board.inputs else []


def _missing_broker(config: GateConfig) -> list[tuple[Where, str]]:
    if config.mqtt is not None:
        return []
    return [
        (("device", at, "url"), "needs an [mqtt] section that names the broker")
        for at, device in enumerate(config.device)
        if device.url.startswith("mqtt:")
    ]
