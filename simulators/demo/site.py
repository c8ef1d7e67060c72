"""The demonstration's site: registry, broker, wires and gate, all up together and gone together."""

import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Final, Self

import httpx

from access.contract.signature import fingerprint
from devices.plates.models import missing_models, models_folder
from edge.config_file import load
from edge.enrolment import Ticket, enrol_gate
from simulators.demo import places as demo_places
from simulators.demo.broker import PAYLOAD_BYTES_MAX
from simulators.demo.host import Host
from simulators.demo.office_day import LEADER, LEADER_BADGE, OfficeDay
from simulators.demo.places import DemoPlaces, recall
from simulators.demo.programs import Program, ProgramError, installed, python_module
from simulators.demo.registry import approve, fill
from simulators.demo.waiting import within
from simulators.demo.wiring import Wiring
from simulators.estate import Guard, make_estate
from simulators.traffic.booth_pages import BoothError, BoothPages

SWITCH_S: Final = 0.0005  # the board must answer in time though cameras are drawn beside it
UP_WITHIN_S: Final = 60.0
REQUEST_TIMEOUT_S: Final = 2.0

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class SiteWanted:
    """Which site: `data` None is a temporary folder, `port` None means the usual ports."""

    seed: int = 1
    data: Path | None = None
    port: int | None = None


class DemoSite:
    """Everything is up inside the `with` block and gone after it, whatever happens. Enter it from the main thread."""

    def __init__(self, wanted: SiteWanted, say: Say) -> None:
        self._wanted = wanted
        self._say = say
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with self._stack:
            self._set_up()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for program in (self.edge, self.central):
            program.ask_to_stop()  # both at once: each may take a while
        self._stack.close()

    # --- coming up --------------------------------------------------------------------------------

    def _set_up(self) -> None:
        sys.setswitchinterval(SWITCH_S)
        if missing_models(models_folder()):
            self._say("plates will not be read, the guard decides: `gatehouse-device plates install-models` was not run")
        self.places = DemoPlaces(self._folder().resolve())
        self.memory, new = recall(self.places, self._wanted.seed)
        self.estate = make_estate(self.memory.seed)
        self.booth_port, self.office_port = demo_places.choose_ports(self._wanted.port)
        self._say("registry: putting in the estate")
        token = fill(self.places.registry, self.places.seed_file, self.estate, self.memory.password, new=new)
        self.memory.save(self.places)
        self.central = self._start_registry()
        self.wiring = self._start_wires()
        self._enrol(token)
        if new:
            self._say("registry: what the office has prepared for the day")
            with OfficeDay(self.office_url(), self.memory.password, self.estate, Random(self.memory.seed)) as office:
                office.prepare(self.memory.leader_pin)
        self.edge = self._program("edge", [installed("gatehouse-edge"), "run", "--config", str(self.places.config)])
        self._say("gate: starting its programs")
        self.pages = BoothPages(self.booth_url)
        self._stack.callback(self.pages.close)
        self.host = Host(self.office_url(), self.memory.password, self.estate)
        self._stack.callback(self.host.close)
        self._wait(self._is_up, UP_WITHIN_S, "the gate and its devices to be up")

    def _folder(self) -> Path:
        if self._wanted.data is None:
            folder = demo_places.temporary_folder()
            self._stack.callback(demo_places.remove, folder)
            return folder
        self._wanted.data.mkdir(parents=True, exist_ok=True)
        return self._wanted.data

    def _program(self, name: str, command: list[str]) -> Program:
        program = Program(command, self.places.logs / f"{name}.log")
        program.start()
        self._stack.callback(program.stop)
        return program

    def _start_registry(self) -> Program:
        command = [installed("gatehouse-central"), "serve", "--data", str(self.places.registry), "--port", str(self.office_port)]
        central = self._program("registry", command)
        self._say("registry: starting")
        return central

    def _start_wires(self) -> Wiring:
        """Start the broker, and on it and on ports of this machine every simulated device."""
        port = demo_places.free_port()
        self.broker = self._program("broker", python_module("simulators.demo.broker", str(port)))
        self._say(f"broker: starting, payloads up to {PAYLOAD_BYTES_MAX // 1024} KiB")
        self._wait(lambda: demo_places.answers(port), UP_WITHIN_S, "the broker to answer")
        self._say("devices: readers, scanner, cameras, barriers and a door, all simulated")
        return self._stack.enter_context(Wiring(self.places.wires, f"mqtt://127.0.0.1:{port}"))

    def _enrol(self, token: str) -> None:
        self.places.config.parent.mkdir(parents=True, exist_ok=True)
        self.places.config.write_text(self.wiring.gate_toml(self.office_url(), self.booth_port), encoding="utf-8")
        self._wait(self._registry_answers, UP_WITHIN_S, "the registry to answer")
        if not self.places.edge.identity.exists():
            self._say("gate: enrolling with a one-time token, and approving it as an administrator would")
            reply, public_key = enrol_gate(load(self.places.config), Ticket(token))
            approve(self.places.registry, reply.edge, fingerprint(public_key))

    def _registry_answers(self) -> bool:
        self.central.check()
        try:
            return httpx.get(f"{self.office_url()}/health", timeout=REQUEST_TIMEOUT_S, trust_env=False).is_success
        except httpx.HTTPError:
            return False

    def _is_up(self) -> bool:
        self.edge.check()
        try:
            devices = self.pages.devices(self.guard)
        except BoothError:
            return False
        return all(device.id in devices and devices[device.id].is_up for device in load(self.places.config).device)

    def _wait(self, condition: Callable[[], bool], timeout_s: float, what: str) -> None:
        if not within(condition, timeout_s):
            raise ProgramError(f"waited {timeout_s:.0f} s for {what}; the logs are in {self.places.logs}")

    # --- what there is ----------------------------------------------------------------------------

    def booth_url(self) -> str:
        """Return where the booth's pages are."""
        try:
            return self.places.edge.booth_address.read_text(encoding="ascii").strip()
        except OSError:
            return f"http://127.0.0.1:{self.booth_port}/"

    def office_url(self) -> str:
        """Return where the office's pages are."""
        return f"http://127.0.0.1:{self.office_port}"

    @property
    def guard(self) -> Guard:
        """A guard for a person to sign in as; the simulated guard is another."""
        return self.estate.guards[0]

    @property
    def leader(self) -> Guard:
        """The shift leader."""
        return Guard(LEADER, LEADER_BADGE, self.memory.leader_pin)

    def check(self) -> None:
        """Raise ProgramError where a program has ended that should go on."""
        for program in (self.central, self.broker, self.edge):
            program.check()
