"""A gate's configuration: wiring is local, rules come from the registry. Unknown keys and bad single values are refused."""

import functools
import hashlib
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from access.contract.record_fields import Slug
from devices.errors import UsageError
from devices.protocols import protocol_named


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
    """Where the registry is, the authority that its certificate must come from, and the one that this gate shows if asked."""

    url: Annotated[str, Field(pattern=r"^https?://")]
    ca_file: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None

    @model_validator(mode="after")
    def _certificate_with_key(self) -> Self:
        if (self.client_cert is None) != (self.client_key is None):
            raise ValueError("client_cert and client_key belong together")
        return self


class MqttSection(Section):
    """The site's broker; the password is read from a file, never written here."""

    url: Annotated[str, Field(pattern=r"^mqtts?5?://")]
    password_file: Path | None = None
    ca_file: Path | None = None


class NeighboursSection(MqttSection):
    """The broker on the LAN over which the gates of the site help each other; without this section that of [mqtt]."""


LOOPBACK = ("127.0.0.1", "localhost", "::1")
ANY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - where a booth may listen, over TLS


class BoothSection(Section):
    """Where the booth page listens; off this box it needs TLS: `certificate` and `key` (PEM files), and `names` it is called by.

    `post` is the post on record whose guards work here (none: the one that is called as the gate), `camera` the device that takes
    pictures of visitors and goods at the window, `spoken` whether plates and alarms are read out until a guard says otherwise.
    """

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8600
    names: Annotated[tuple[str, ...], Field(max_length=20)] = ()
    certificate: Path | None = None
    key: Path | None = None
    post: Annotated[str, Field(max_length=200)] = ""
    camera: str = ""
    spoken: bool = False


class SpaceSection(Section):
    """What may lie on the disk, and for how long; what is not given goes by the size of the disk (docs/space.md).

    `pictures_mib` is for all pictures, `disputed_mib` what those of disputed passages may take of it; `copies_mib` is for backups
    and quarantined journals. `forget_percent` of the journal goes at most in one hour; on a full disk, in a minute.
    """

    pictures_mib: Annotated[int, Field(ge=1, le=16_777_216)] | None = None
    disputed_mib: Annotated[int, Field(ge=1, le=16_777_216)] | None = None
    snapshots_mib: Annotated[int, Field(ge=1, le=16_777_216)] | None = None
    copies_mib: Annotated[int, Field(ge=1, le=16_777_216)] | None = None
    journal_mib: Annotated[int, Field(ge=1, le=16_777_216)] | None = None
    ballast_mib: Annotated[int, Field(ge=0, le=16_384)] | None = None
    picture_kib: Annotated[int, Field(ge=16, le=4096)] = 512
    pictures_days: Annotated[int, Field(ge=1, le=3660)] = 30
    entries_days: Annotated[int, Field(ge=1, le=36_600)] = 90
    forget_percent: Annotated[int, Field(ge=1, le=100)] = 2


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
    neighbours: NeighboursSection | None = None
    booth: BoothSection = BoothSection()
    space: SpaceSection = SpaceSection()
    device: tuple[DeviceSection, ...]
    lane: Annotated[tuple[LaneSection, ...], Field(min_length=1)]
    interlock: tuple[InterlockSection, ...] = ()

    @property
    def devices(self) -> dict[str, DeviceSection]:
        """Devices by id."""
        return {device.id: device for device in self.device}

    @property
    def lan(self) -> MqttSection | None:
        """The broker over which neighbours are heard, None where there is none."""
        return self.neighbours or self.mqtt

    @property
    def cameras(self) -> list[DeviceSection]:
        """The devices that the eyes look through."""
        return [device for device in self.device if protocol_named(device.protocol).kind == "camera"]

    def digest(self) -> str:
        """Return the SHA-256 (hex) of what is configured, for the journal."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()
