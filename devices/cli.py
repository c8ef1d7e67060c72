"""`gatehouse-device`: try a device with no gate around it, and say what captured bytes mean."""

import importlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from queue import SimpleQueue
from typing import Annotated, Any, Final

import typer
from serial.tools import list_ports

from devices.codec import ByteCodec
from devices.errors import UsageError
from devices.protocols import PROTOCOLS, Protocol, protocol_named
from devices.readings import CardRead, Reading, WireCounters
from devices.transports.serial import SerialReader

HEX_SUFFIXES: Final = (".hex", ".txt")
INPUT_BYTES_MAX: Final = 16 * 1024 * 1024

app = typer.Typer(no_args_is_help=True, help="Try the devices of a gate one by one: readers, boards, plate reading.")

ProtocolName = Annotated[str, typer.Option("--protocol", "-p", help="A name from `gatehouse-device protocols`.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]


@app.command()
def protocols(as_json: Json = False) -> None:
    """List the protocols that a gate.toml may name."""
    for protocol in PROTOCOLS.values():
        if as_json:
            names = {"name": protocol.name, "kind": protocol.kind, "what": protocol.what, "urls": protocol.urls}
            typer.echo(json.dumps(names, ensure_ascii=False))
        else:
            typer.echo(f"{protocol.name:12} {protocol.kind:8} {protocol.what}  ({' '.join(protocol.urls)})")


@app.command()
def decode(
    source: Annotated[
        str, typer.Argument(help="Bytes as hex, or a file: .hex and .txt hold hex with # comments, others the bytes.")
    ],
    protocol: ProtocolName,
    as_json: Json = False,
) -> None:
    """Say what captured bytes mean, one line for each reading; exit code 1 where they mean nothing."""
    readings, counters = _decoded(_protocol(protocol), _bytes_from(source))
    for reading in readings:
        typer.echo(_told(reading, as_json=as_json))
    _tell_rejects(counters)
    if not readings:
        raise typer.Exit(1)


@app.command()
def watch(
    port: Annotated[str, typer.Argument(help="A device path, or a URL: serial:///dev/...?baud=9600, socket://host:port")],
    protocol: ProtocolName,
    as_json: Json = False,
) -> None:
    """Show what a device on a serial port says, until Ctrl-C. Nothing is ever sent to it."""
    make = _protocol(protocol).byte_codec
    if make is None:
        raise typer.BadParameter(f"{protocol} has no serial port")
    url = port if "://" in port else f"serial://{port}"
    for line in _watched(url, make(), as_json=as_json):
        typer.echo(line)


@app.command()
def ports(as_json: Json = False) -> None:
    """List the serial ports of this machine under their stable names, which are what a gate.toml should say."""
    found = list(_ports())
    for name, what in found:
        typer.echo(json.dumps({"port": name, "what": what}, ensure_ascii=False) if as_json else f"{name}  {what}")
    if not found:
        typer.echo("no serial port found", err=True)


def main() -> None:
    """Run the program."""
    app()


def _protocol(name: str) -> Protocol:
    try:
        return protocol_named(name)
    except UsageError as error:
        raise typer.BadParameter(str(error)) from error


def _decoded(protocol: Protocol, data: bytes) -> tuple[list[Reading], WireCounters]:
    if protocol.byte_codec is not None:
        stream = protocol.byte_codec()
        return stream.feed(data, 0.0), stream.counters
    if protocol.message_codec is not None:
        messages = protocol.message_codec()
        return messages.feed_message(data, retained=False, now=0.0), messages.counters
    raise typer.BadParameter(f"{protocol.name} carries pictures, not frames: see `gatehouse-device plates --help`")


def _bytes_from(source: str) -> bytes:
    path = Path(source)
    try:
        if not path.is_file():
            return bytes.fromhex(source)
        if path.stat().st_size > INPUT_BYTES_MAX:
            raise typer.BadParameter(f"{source} is larger than {INPUT_BYTES_MAX} bytes")
        if path.suffix not in HEX_SUFFIXES:
            return path.read_bytes()
        lines = path.read_text(encoding="utf-8").splitlines()
        return b"".join(bytes.fromhex(line.partition("#")[0]) for line in lines)
    except (ValueError, OSError) as error:
        raise typer.BadParameter(f"neither a file nor hex digits: {source}") from error


def _told(reading: Reading, *, as_json: bool) -> str:
    """Say one reading for people or for programs."""
    name = type(reading).__name__
    facts: dict[str, Any] = asdict(reading)
    if isinstance(reading, CardRead):
        facts = {"raw": reading.text, "bits": reading.bits}
    if as_json:
        return json.dumps({"reading": name, **facts}, ensure_ascii=False)
    return " ".join([name, *(f"{key}={value}" for key, value in facts.items())])


def _tell_rejects(counters: WireCounters) -> None:
    for reason, count in counters.reasons.items():
        typer.echo(f"refused {count}: {reason}", err=True)


def _watched(url: str, codec: ByteCodec, *, as_json: bool) -> Iterator[str]:
    """Yield a line for each reading, and on stderr for each change of the wire."""
    readings: SimpleQueue[Reading] = SimpleQueue()

    def emit(reading: Reading, _received_at: float) -> None:
        readings.put(reading)

    def state(up: bool, why: str) -> None:
        typer.echo("the line is open" if up else f"the line is not there: {why}", err=True)

    try:
        reader = SerialReader("watch", url, codec, emit, state)
    except UsageError as error:
        raise typer.BadParameter(str(error)) from error
    reader.start()
    try:
        while True:
            yield _told(readings.get(), as_json=as_json)
    finally:
        reader.stop()
        _tell_rejects(codec.counters)


def _ports() -> Iterator[tuple[str, str]]:
    """Name each serial port by its link in /dev/serial/by-id where it has one."""
    links = {str(link.resolve()): str(link) for link in sorted(Path("/dev/serial/by-id").glob("*"))}
    for port in sorted(list_ports.comports()):
        yield links.get(port.device, port.device), port.description


def _plates() -> typer.Typer:
    """Return the commands of the plate reader, or where its packages are missing one that says how to get them."""
    try:
        plates: typer.Typer = importlib.import_module("devices.plates.cli").app
    except ModuleNotFoundError as missing:
        if missing.name is None or missing.name.startswith("devices"):
            raise
        return _plates_missing(missing.name)
    return plates


def _plates_missing(package: str) -> typer.Typer:
    stand_in = typer.Typer(help="Read plates (needs the extra `plates`).")

    @stand_in.callback(invoke_without_command=True)
    def say() -> None:
        typer.echo(f"plate reading needs {package}: pip install 'gatehouse-access[plates]'", err=True)
        raise typer.Exit(2)

    return stand_in


app.add_typer(_plates(), name="plates")
