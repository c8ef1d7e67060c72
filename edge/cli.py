"""`gatehouse-edge`: the agent of one gate."""

import json
from pathlib import Path
from typing import Annotated

import typer

from access.contract.signature import fingerprint
from edge.config import ConfigError, GateConfig, load
from edge.enrolment import EnrolmentError, enrol_gate
from edge.identity import IdentityError
from edge.logs import configure
from edge.supervisor import programs_of, supervise

app = typer.Typer(help="gatehouse-edge: the agent of one gate.", no_args_is_help=True, add_completion=False)
Config = Annotated[Path, typer.Option("--config", help="The gate's gate.toml.")]


@app.command()
def run(config: Config) -> None:
    """Run the gate: its four programs under one supervisor, until SIGTERM or Ctrl-C."""
    loaded = _load(config)
    raise typer.Exit(supervise(config, configure("supervisor"), programs_of(loaded)))


@app.command()
def check_config(config: Config, as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON.")] = False) -> None:
    """Check a gate.toml and do nothing else; each fault is named with file, line, key and what was expected."""
    try:
        load(config)
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
) -> None:
    """Make this gate known to the registry: its key is made here and never leaves; prints the key's fingerprint."""
    loaded = _load(config)
    try:
        reply, public_key = enrol_gate(loaded, source.read(200).strip())
    except (EnrolmentError, IdentityError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    typer.echo(f"enrolled as {reply.edge}")
    typer.echo(f"fingerprint of this gate's key: {fingerprint(public_key)}")


def _load(config: Path) -> GateConfig:
    try:
        return load(config)
    except ConfigError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def main() -> None:
    """Run the command line."""
    app(prog_name="gatehouse-edge")


if __name__ == "__main__":
    main()
