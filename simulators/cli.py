"""`gatehouse-sim`: pretended devices, and a whole gate at work on them."""

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from sqlalchemy.exc import SQLAlchemyError

from central.at_machine import DEFAULT_DATA
from central.codes.qr import CodeTextError
from central.config import ConfigError, Settings
from central.errors import RegistryError
from central.keys import KEY_FILE
from central.users.cli import PASSWORD_VARIABLE
from devices.readers.qr_picture import texts_in
from simulators import devices_cli
from simulators.demo.programs import ProgramError
from simulators.demo.registry import OFFICE_USER
from simulators.demo.show import Show
from simulators.demo.site import DemoSite, SiteWanted
from simulators.history.past import CHANGE_EVERY, Past
from simulators.lane.layout import Closing
from simulators.lane.runs import in_words, play_many
from simulators.load.enrolling import enrol_gates
from simulators.load.from_afar import OfficeError, enrol_over
from simulators.load.run import Run, Wanted
from simulators.load.story import tell
from simulators.load.tally import Tally
from simulators.load.wire import Registry as LoadedRegistry
from simulators.printing.sight import as_png, held_up

CALM: Final = 4.0  # a person wants to watch, and to answer before the simulated guard does
A_DAY_S: Final = 86400.0

app = typer.Typer(help="gatehouse-sim: pretended devices, and a whole gate at work on them.", add_completion=False)
app.add_typer(devices_cli.app, name="devices")


@app.command()
def demo(
    seed: Annotated[int, typer.Option(help="Of the estate and its traffic.")] = 1,
    data: Annotated[Path | None, typer.Option(help="Keep everything here; given again, the same gate goes on.")] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65534, help="Of the booth; the office has the next. 0: free ones. Default: 8600, or free ones if taken."
        ),
    ] = None,
    seconds: Annotated[float | None, typer.Option("--for", help="Run the traffic so long, check everything, and end.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the figures as one JSON object, last of all; needs --for.")
    ] = False,
) -> None:
    """Show a gate at work: registry, broker, one gate with two vehicle lanes and a door, devices and traffic, all simulated."""
    if as_json and seconds is None:
        raise typer.BadParameter("--json needs --for SECONDS")
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, signal.default_int_handler)  # also where we were started in the background, deaf to Ctrl-C
    try:
        with DemoSite(SiteWanted(seed, data, 0 if port is None and as_json else port), _say) as site:
            code = _watch(site, seed) if seconds is None else _measure(site, seed, seconds, as_json=as_json)
            _say("stopping")
    except ProgramError as error:
        _say(str(error))
        code = 1
    except KeyboardInterrupt:
        _say("stopped")
        code = 0 if seconds is None else 1
    raise typer.Exit(code)


@app.command()
def history(
    folder: Annotated[Path, typer.Argument(help="An empty folder, to hold the gate.")],
    passages: Annotated[int, typer.Option(min=1, help="How many arrivals.")] = 5_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same past.")] = 1,
) -> None:
    """Invent a gate's past in virtual time: a journal, and rules that changed; try `gatehouse-edge replay` on it."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise typer.BadParameter(f"{folder} is not empty")
    with Past(folder, seed) as past, typer.progressbar(length=passages, label="arrivals") as bar:
        for begin in range(0, passages, CHANGE_EVERY):
            count = min(CHANGE_EVERY, passages - begin)
            past.live(count, change_every=CHANGE_EVERY)
            bar.update(count)
        config = past.config_path
    typer.echo(f"{passages} arrivals; now try: gatehouse-edge replay --config {config}")


@app.command()
def code(
    text: Annotated[str, typer.Argument(help="What the code says: digits, capital letters, $%*+-./: and spaces inside.")],
    out: Annotated[Path, typer.Option(help="The PNG to write.")],
    angle: Annotated[float, typer.Option(min=0, max=80, help="Degrees that the paper is held off the upright.")] = 0.0,
    module: Annotated[float, typer.Option(min=1, max=12, help="Pixels that a module is wide: fewer from further away.")] = 4.0,
    seed: Annotated[int, typer.Option(help="Of the direction, light, blur and noise.")] = 1,
) -> None:
    """Draw a printed code as a code reader or a phone sees it, and say whether it is read back; exit code 1 where it is not."""
    try:
        picture = held_up(text, angle, module, seed)
    except CodeTextError as error:
        raise typer.BadParameter(str(error)) from error
    out.write_bytes(as_png(picture))
    is_read = texts_in(picture) == [text]
    typer.echo(f"{out}: {'read back' if is_read else 'not read back'}")
    raise typer.Exit(0 if is_read else 1)


@app.command()
def lane(
    vehicles: Annotated[int, typer.Option(min=1, help="How many come, 20 to a lane.")] = 1000,
    seed: Annotated[int, typer.Option(help="Of the first lane; the next has the next one.")] = 1,
    closing: Annotated[Closing, typer.Option(help="Who lowers the arm.")] = "barrier",
    faults: Annotated[
        bool, typer.Option("--faults", help="Let things fail, and guards, fire alarms and the like interfere.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as one JSON object.")] = False,
) -> None:
    """Let random vehicles loose on simulated lanes in virtual time, and hold the real automaton to its safety properties."""
    with typer.progressbar(length=vehicles, label="vehicles", file=sys.stderr) as bar:
        report = play_many(seed, closing, vehicles, with_faults=faults, progress=bar.update)
    typer.echo(json.dumps(report.figures(), ensure_ascii=False) if as_json else in_words(report))
    raise typer.Exit(1 if report.failed else 0)


@app.command()
def load(
    central: Annotated[str, typer.Option(help="Address of the registry: http://HOST:PORT.")],
    data: Annotated[
        Path,
        typer.Option(envvar="GATEHOUSE_DATA", help="The registry's data folder: the gates are enrolled and approved there."),
    ] = DEFAULT_DATA,
    database: Annotated[str, typer.Option(envvar="GATEHOUSE_DATABASE", help="Its database, where that is not in --data.")] = "",
    user: Annotated[
        str,
        typer.Option(
            help=f"Enrol over the API instead, as this administrator; asks for a password (or takes ${PASSWORD_VARIABLE})."
        ),
    ] = "",
    gates: Annotated[int, typer.Option(min=1, max=2000, help="How many gates.")] = 20,
    rate: Annotated[float, typer.Option(min=0, help="Entries a second that each gate makes.")] = 1.0,
    seconds: Annotated[float, typer.Option(min=0, help="For how long they make them; then what waits is sent.")] = 30.0,
    backlog: Annotated[int, typer.Option(min=0, max=100_000, help="Entries that wait at each gate at the start.")] = 0,
    batch: Annotated[int, typer.Option(min=1, max=500, help="Entries in one request at most.")] = 200,
    drain: Annotated[float, typer.Option(min=0, help="Seconds that sending the rest may take at most.")] = 120.0,
    pictures: Annotated[bool, typer.Option("--pictures", help="Send a picture with every decision that has one.")] = False,
    site: Annotated[str, typer.Option(help="The site that the gates belong to; made if missing.")] = "load",
    ca_file: Annotated[str, typer.Option(help="The authority that the registry's certificate is from.")] = "",
    server: Annotated[int, typer.Option(help="Process id of a registry on this machine, to tell its processor time.")] = 0,
    seed: Annotated[int, typer.Option(help="Of what happens at the gates.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as one JSON object.")] = False,
) -> None:
    """Let many simulated gates send real entries, signed and chained, to a registry; see docs/load.md. Not for one in use."""
    wanted = Wanted(rate, seconds, backlog, batch, pictures, drain)
    try:
        registry = LoadedRegistry.at(central, ca_file)
        if user:
            identities = enrol_over(central, ca_file, (user, _password()), site, gates)
        elif (data / KEY_FILE).exists():
            identities = enrol_gates(Settings(data, database), site, gates)
        else:
            raise typer.BadParameter(f"there is no registry in {data}: name its folder (--data), or an administrator (--user)")
    except (ValueError, OSError, ConfigError, OfficeError, RegistryError, SQLAlchemyError) as error:
        raise typer.BadParameter(str(error)) from error
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, signal.default_int_handler)  # also where we were started in the background, deaf to Ctrl-C
    figures = Run(registry, identities, tell(seed), wanted).go(_show_progress, server)
    if sys.stderr.isatty():
        typer.echo(err=True)
    typer.echo(json.dumps(figures, ensure_ascii=False) if as_json else _in_lines(figures))
    raise typer.Exit(1 if figures["waiting"] or figures["parked"] else 0)


def _password() -> str:
    entered: str = os.environ.get(PASSWORD_VARIABLE) or typer.prompt("Password", hide_input=True, err=True)
    return entered


def _show_progress(tally: Tally, gone_s: float) -> None:
    if sys.stderr.isatty():
        typer.echo(f"\r{gone_s:6.1f} s  {tally.entries} entries  {sum(tally.errors.values())} errors ", nl=False, err=True)


def _watch(site: DemoSite, seed: int) -> int:
    """Let traffic come until Ctrl-C."""
    _introduce(site)
    with Show(site, seed, CALM) as show:
        while True:
            show.go_on(A_DAY_S)


def _measure(site: DemoSite, seed: int, seconds: float, *, as_json: bool) -> int:
    """Let traffic come for a while, and tell what became of it; returns the exit code."""
    _say(f"traffic for {seconds:g} s")
    with Show(site, seed) as show:
        show.go_on(seconds)
        _say("traffic ends; waiting for the lanes and for the registry")
        report = show.account()
    for fault in report["faults"]:
        _say(f"wrong: {fault}")
    typer.echo(json.dumps(report, ensure_ascii=False) if as_json else _in_lines(report))
    return 1 if report["faults"] else 0


def _in_lines(report: dict[str, Any]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in report.items())


def _introduce(site: DemoSite) -> None:
    guard, leader = site.guard, site.leader
    typer.echo(
        f"\n  The gate is at work.\n\n"
        f"  booth   {site.booth_url()}   badge {guard.badge}, PIN {guard.pin} ({guard.name})\n"
        f"  leader  badge {leader.badge}, PIN {leader.pin} ({leader.name})\n"
        f"  office  {site.office_url()}/   user {OFFICE_USER}, password {site.memory.password}\n"
        f"  files   {site.places.root}\n\n"
        f"  Ctrl-C stops everything.\n"
    )


def _say(what: str) -> None:
    typer.echo(f"{time.strftime('%H:%M:%S')} {what}", err=True)


def main() -> None:
    """Run the command line."""
    app(prog_name="gatehouse-sim")
