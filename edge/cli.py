"""`gatehouse-edge`: the agent of one gate."""

import json
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from access.contract.signature import fingerprint
from access.sealing import Opened
from edge.config import ConfigError, GateConfig
from edge.config_file import load
from edge.deny import DenyListError, take_list
from edge.desk.break_glass import seal
from edge.desk.tls import context_of
from edge.enrolment import EnrolmentError, Ticket, enrol_gate
from edge.identity import IdentityError, load_identity
from edge.places import Places
from edge.programs import programs_of
from edge.replay import ReplayError, told, unwatched
from edge.replay import replay as replayed
from edge.rules_draft import DraftError
from edge.store.backup import copy_to
from edge.store.backup import restore as put_back
from edge.store.errors import StoreError
from edge.store.verify import length
from edge.store.verify import verify_beside as walk
from edge.store.witnesses import NO_WITNESSES, Witnesses, witnesses_of
from edge.supervisor import become

app = typer.Typer(help="gatehouse-edge: the agent of one gate.", no_args_is_help=True, add_completion=False)
journal_app = typer.Typer(no_args_is_help=True, help="The journal: whether anybody has changed it.")
app.add_typer(journal_app, name="journal")
TICKET_CHARS_MAX = 64 * 1024
Config = Annotated[Path, typer.Option("--config", help="The gate's gate.toml.")]


@app.command()
def run(config: Config) -> None:
    """Run the gate: its programs under one supervisor, until SIGTERM or Ctrl-C."""
    become(config, programs_of(_load(config)))


@app.command()
def check_config(config: Config, as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON.")] = False) -> None:
    """Check a gate.toml and do nothing else; each fault is named with file, line, key and what was expected."""
    try:
        context_of(load(config).booth)
        faults: list[str] = []
    except ConfigError as error:
        faults = error.faults
    if as_json:
        typer.echo(json.dumps({"ok": not faults, "faults": faults}, ensure_ascii=False))
    else:
        typer.echo("\n".join(faults) if faults else f"{config}: good", err=bool(faults))
    raise typer.Exit(1 if faults else 0)


@app.command()
def enrol(
    config: Config,
    source: Annotated[
        typer.FileText, typer.Option("--token-file", help="File with the office's one-time token; - is standard input.")
    ],
    new_key: Annotated[
        bool, typer.Option("--new-key", help="Make another key: the registry has revoked or quarantined the old one.")
    ] = False,
) -> None:
    """Make this gate known to the registry: its key is made here and never leaves; prints the key's fingerprint.

    The gate decides by itself from now on, and syncs when somebody at the office has compared the fingerprint and approved it.
    """
    loaded = _load(config)
    try:
        reply, public_key = enrol_gate(loaded, Ticket.read(source.read(TICKET_CHARS_MAX)), new_key=new_key)
    except (EnrolmentError, IdentityError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    typer.echo(f"enrolled as {reply.edge}")
    typer.echo(f"fingerprint of this gate's key: {fingerprint(public_key)}")
    typer.echo("Next: read this fingerprint to the office. Who finds the same one there approves the gate:")
    typer.echo(f"  gatehouse-central edges approve {reply.edge}")
    typer.echo("Until then the gate works and keeps its journal, but gets no rules and sends nothing.")


@app.command("deny-list")
def deny_list(
    config: Config, file: Annotated[Path, typer.Argument(help="The signed file, such as from a memory stick.")]
) -> None:
    """Take in who may not pass any more, at a gate that is cut off; the running gate goes by it within two seconds."""
    places = Places(_load(config).gate.data)
    try:
        taken = take_list(places, load_identity(places), file)
    except (DenyListError, IdentityError, StoreError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    typer.echo(f"taken in: {len(taken.denied) + len(taken.gone)} records as of revision {taken.revision}")


@app.command("break-glass")
def break_glass(config: Config) -> None:
    """Make the code that signs in once at the booth where no guard can; the one before it is good no more.

    Print it, seal it in an envelope and keep that at the post. Whoever signs in with it raises an alarm.
    """
    places = Places(_load(config).gate.data)
    try:
        code = seal(places)
    except OSError as error:
        typer.echo(f"{places.break_glass} cannot be written: {error.strerror}", err=True)
        raise typer.Exit(1) from error
    typer.echo(code)
    typer.echo("This is shown once, and any earlier code is void. Seal it in an envelope; who uses it raises an alarm.", err=True)


@app.command()
def replay(
    config: Config,
    under: Annotated[
        Path | None,
        typer.Option("--under", help="Draft rules: a .snapshot, or changes to the installed rules, one JSON record a line."),
    ] = None,
    since: Annotated[datetime | None, typer.Option("--since", help="From this moment, on the site's clock.")] = None,
    until: Annotated[datetime | None, typer.Option("--until", help="Up to, not including, this moment.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON.")] = False,
) -> None:
    """Make every recorded decision again; without --under, each must come out the same.

    Under draft rules it shows who would newly be denied, granted or referred, compared with the installed rules. Status 1: a
    decision came out otherwise, or a draft would deny a protected class (who lives here, who comes in an emergency). Status 2:
    something cannot be read, or there was nothing to judge. Status 3: some could not be made again, for want of rules or lanes.
    The gate may be running; nothing is changed.
    """
    loaded = _load(config, status=2)
    zone = ZoneInfo(loaded.gate.zone)
    window = {name: moment.replace(tzinfo=zone) for name, moment in (("since", since), ("until", until)) if moment}
    try:
        quiet = as_json or not sys.stderr.isatty()
        report = replayed(Places(loaded.gate.data), under, **window, watch=unwatched if quiet else _watched)
    except (DraftError, ReplayError, StoreError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    typer.echo(json.dumps(report.as_json(), ensure_ascii=False) if as_json else "\n".join(told(report, zone, under is not None)))
    failed = report.newly_denied() if under else report.different
    raise typer.Exit(1 if failed else 3 if report.unproved else 0)


@app.command()
def backup(
    config: Config,
    to: Annotated[Path, typer.Option("--to", help="The file to write; there must be none of this name.")],
    as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON.")] = False,
) -> None:
    """Copy the journal to a file, while the gate runs, and walk through the copy; says its epochs and heads."""
    journal = Places(_load(config).gate.data).journal
    if to.exists():
        typer.echo(f"{to} exists already: choose another name", err=True)
        raise typer.Exit(2)
    try:
        copy_to(journal, to)
        _tell_verdict(to, as_json=as_json)
    except StoreError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error


@app.command()
def restore(config: Config, source: Annotated[Path, typer.Option("--from", help="A file that 'backup' has written.")]) -> None:
    """Put a backup in the place of the journal; the gate must be stopped, and the present journal is kept in quarantine.

    The gate begins a new epoch at its next start, so that no entry's number ever means two things.
    """
    places = Places(_load(config).gate.data)
    try:
        verdict = put_back(places.journal, source, round(time.time() * 1e6))
    except StoreError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    typer.echo("\n".join(verdict.told()))


@journal_app.command()
@app.command(hidden=True)
def verify(config: Config, as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON.")] = False) -> None:
    """Walk the whole journal and say what was changed, moved, added or cut off; the gate may be running, nothing is changed.

    Every entry is compared with its hash, its neighbours and what stands beside it; the end with the head that this gate has
    signed and with the one that the registry has countersigned last. Status 1: something was found. Status 2: the journal cannot
    be read.
    """
    places = Places(_load(config, status=2).gate.data)
    try:
        witnesses = witnesses_of(places)
        for note in witnesses.notes:
            typer.echo(note, err=True)
        _tell_verdict(places.journal, witnesses, as_json=as_json)
    except (StoreError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error


def _tell_verdict(journal: Path, witnesses: Witnesses = NO_WITNESSES, *, as_json: bool) -> None:
    """Walk a journal, showing how far it is where somebody looks; exit with status 1 where something was found."""
    hidden = as_json or not sys.stderr.isatty()
    with typer.progressbar(length=length(journal), label="entries", file=sys.stderr, show_pos=True, hidden=hidden) as bar:
        verdict = walk(journal, witnesses, bar.update)
    typer.echo(json.dumps(verdict.as_json()) if as_json else "\n".join(verdict.told()))
    if verdict.findings:
        raise typer.Exit(1)


def _watched(entries: Iterator[Opened], count: int) -> Iterator[Opened]:
    """Show how far it is, where somebody looks."""
    with typer.progressbar(entries, length=count, label="entries", file=sys.stderr, show_pos=True) as bar:
        yield from bar


def _load(config: Path, status: int = 1) -> GateConfig:
    try:
        return load(config)
    except ConfigError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(status) from error


def main() -> None:
    """Run the command line."""
    app(prog_name="gatehouse-edge")


if __name__ == "__main__":
    main()
