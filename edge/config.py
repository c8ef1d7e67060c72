"""The gate's configuration file: wiring is local, rules come from the registry. Unknown keys and bad values are refused."""

import functools
import hashlib
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from access.contract.records import Slug
from devices.barriers.modbus_rtu import TENTH_MS
from devices.errors import UsageError
from devices.protocols import protocol_named
from edge.toml_lines import line_of


class ConfigError(Exception):
    """A configuration that cannot be used: one line per fault, each with file, line, key and what was expected."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class Section(BaseModel):
    """Base of all sections: unknown keys are refused, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class EvacuationSection(Section):
    """The input that opens for everybody: a fire alarm's contact or a key switch; it counts as wired, beside the agent, too."""

    device: Slug
    input: Annotated[int, Field(ge=0, le=63)]
    active: Literal["high", "low"] = "high"


class GateSection(Section):
    """Which gate this is."""

    site: Slug
    name: Slug
    zone: str = "Asia/Shanghai"
    data: Path = Path("var")
    evacuation: EvacuationSection | None = None

    @field_validator("zone")
    @classmethod
    def _zone_is_known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (OSError, ValueError, KeyError) as error:
            raise ValueError("should be the name of a time zone, as Asia/Shanghai") from error
        return zone


class CentralSection(Section):
    """Where the registry is."""

    url: Annotated[str, Field(pattern=r"^https?://")]
    ca_file: Path | None = None


class MqttSection(Section):
    """The site's broker; the password is read from a file, never written here."""

    url: Annotated[str, Field(pattern=r"^mqtts?5?://")]
    password_file: Path | None = None
    ca_file: Path | None = None


class BoothSection(Section):
    """Where the booth page listens; off this box it needs TLS."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8600


Region = tuple[float, float, float, float]


class DeviceSection(Section):
    """One device on one wire."""

    id: Slug
    protocol: str
    url: str
    unit: Annotated[int, Field(ge=1, le=247)] = 1
    inputs: Annotated[int, Field(ge=1, le=64)] = 8
    poll_ms: Annotated[int, Field(ge=10, le=1000)] = 50
    region: Region | None = None
    absent_after_s: Annotated[float, Field(ge=0.2, le=60)] = 3.0
    checksum: Literal["xor", "sum"] = "xor"

    @field_validator("protocol")
    @classmethod
    def _protocol_is_known(cls, name: str) -> str:
        try:
            return protocol_named(name).name
        except UsageError as error:
            raise ValueError(str(error)) from error

    @field_validator("url")
    @classmethod
    def _wire_fits(cls, url: str, info: ValidationInfo) -> str:
        name = info.data.get("protocol")
        if name is not None and not url.startswith(protocol_named(name).urls):
            raise ValueError(f"of a {name} device should start with {' or '.join(protocol_named(name).urls)}")
        return url

    @field_validator("region")
    @classmethod
    def _region_is_in_the_picture(cls, region: Region | None) -> Region | None:
        if region is not None:
            left, top, right, bottom = region
            if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
                raise ValueError("should be [left, top, right, bottom] as parts of the picture, left < right and top < bottom")
        return region


class CoilPulse(Section):
    """An output that is pulsed; `by` says who ends the pulse: a board that does so by itself lets go also when the agent dies."""

    coil: Annotated[int, Field(ge=0, le=63)]
    pulse_ms: Annotated[int, Field(ge=50, le=30_000)] = 500
    by: Literal["agent", "board"] = "agent"


class InputPin(Section):
    """An input of the board; `active` says which level means yes.

    `check` is the input of the detector's other contact, which always says the opposite: where it does not, a wire is broken or
    shorted, and nothing is known.
    """

    input: Annotated[int, Field(ge=0, le=63)]
    active: Literal["high", "low"] = "high"
    check: Annotated[int, Field(ge=0, le=63)] | None = None


class BarrierSection(Section):
    """The lane's arm or door: its one actuator and the inputs that tell where it is and what stands there.

    `arrival_loop` is where one arrives, `safety_loop` and `photocell` are under the arm, `far_loop` is behind it (where one
    arrives from the other side). `push_button` is the booth's, `remote` the contact of a radio receiver, `exit_button` the one
    beside a door, `passage_signal` tells that somebody has gone through a turnstile.
    With `closing = "agent"` we close, `close_clear_s` after all has become clear; else the barrier's own board does.
    """

    device: Slug
    open: CoilPulse
    close: CoilPulse | None = None
    closing: Literal["barrier", "agent"] = "barrier"
    close_clear_s: Annotated[float, Field(ge=0.5, le=60)] = 2.0
    open_limit: InputPin | None = None
    closed_limit: InputPin | None = None
    arrival_loop: InputPin | None = None
    safety_loop: InputPin | None = None
    far_loop: InputPin | None = None
    photocell: InputPin | None = None
    push_button: InputPin | None = None
    remote: InputPin | None = None
    exit_button: InputPin | None = None
    passage_signal: InputPin | None = None
    travel_s: Annotated[float, Field(gt=0, le=60)] = 8.0
    held_s: Annotated[float, Field(gt=0, le=3600)] = 30.0
    stuck_s: Annotated[float, Field(ge=30, le=86_400)] = 300.0

    @functools.cached_property
    def pins(self) -> dict[str, InputPin]:
        """The inputs that are wired, by name."""
        return {name: pin for name, pin in self if isinstance(pin, InputPin)}

    @property
    def pulses(self) -> dict[str, CoilPulse]:
        """The outputs that are wired, by name."""
        return {name: pulse for name, pulse in self if isinstance(pulse, CoilPulse)}


class LaneSection(Section):
    """One lane: what stands at it and what it does when the journal cannot be written.

    `leaving` names the readers and cameras of a lane of both directions that serve who goes out. `evacuation` says whether the
    lane opens when the site is evacuated: where it is not given, all but the entries of vehicles do.
    """

    id: Slug
    kind: Literal["vehicle", "pedestrian"]
    direction: Literal["in", "out", "both"]
    readers: tuple[Slug, ...] = ()
    cameras: tuple[Slug, ...] = ()
    leaving: tuple[Slug, ...] = ()
    on_store_failure: Literal["deny", "refer", "open"] = "deny"
    evacuation: Literal["open", "stay"] | None = None
    refer_timeout_s: Annotated[float, Field(gt=0, le=3600)] = 120.0
    no_show_s: Annotated[float, Field(gt=0, le=600)] = 20.0
    waiting_max_s: Annotated[float, Field(gt=0, le=3600)] = 180.0
    barrier: BarrierSection

    @property
    def opens_to_evacuate(self) -> bool:
        """Whether it opens and stays open when the site is evacuated."""
        return self.evacuation == "open" or (self.evacuation is None and (self.kind, self.direction) != ("vehicle", "in"))


class InterlockSection(Section):
    """Lanes of which one at most may stand open (a sally port, doors of a lock); a grant waits this long for the others."""

    lanes: Annotated[tuple[Slug, ...], Field(min_length=2)]
    wait_s: Annotated[float, Field(gt=0, le=600)] = 60.0


class GateConfig(Section):
    """A whole gate.toml."""

    gate: GateSection
    central: CentralSection | None = None
    mqtt: MqttSection | None = None
    booth: BoothSection = BoothSection()
    device: tuple[DeviceSection, ...]
    lane: Annotated[tuple[LaneSection, ...], Field(min_length=1)]
    interlock: tuple[InterlockSection, ...] = ()

    @property
    def devices(self) -> dict[str, DeviceSection]:
        """Devices by id."""
        return {device.id: device for device in self.device}

    def digest(self) -> str:
        """Return the SHA-256 (hex) of what is configured, for the journal."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


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
    for name, section in (("central", config.central), ("mqtt", config.mqtt)):
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
    ]


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
