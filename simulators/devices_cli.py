"""`gatehouse-sim devices`: one pretended device alone, for a developer with no hardware; commands come from the keyboard."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Final

import typer

from devices.errors import DeviceError
from devices.transports.pictures import decode
from simulators.wires import camera as camera_wire
from simulators.wires.barrier_model import BarrierModel, DoorModel
from simulators.wires.board import Fault, ModbusBoard, RelayFrame
from simulators.wires.mqtt_reader import MqttCardReader
from simulators.wires.pty_port import PtyPort
from simulators.wires.reader import Em4100Reader
from simulators.wires.scanner import QrScanner

app = typer.Typer(no_args_is_help=True, help="Start one simulated device alone and play it from the keyboard.")

Link = Annotated[Path | None, typer.Option(help="A stable name for the port, as /dev/serial/by-id gives.")]

CARD_BYTES: Final = 5
PORT_WORDS: Final = "unplug | replug"


class CommandError(Exception):
    """A line that is no command; says what would be one."""


Command = Callable[[str], None]  # takes what stands after its word, as it was typed


@app.command()
def reader(link: Link = None) -> None:
    """Play an EM4100 card reader on a serial port."""
    with PtyPort(link) as port:
        device = Em4100Reader(port)
        _introduce("em4100", port.url, f"present NUMBER [SECONDS] | {PORT_WORDS}")
        _obey({"present": lambda rest: _present(device, rest), **_port_commands(port)})


@app.command()
def scanner(link: Link = None) -> None:
    """Play a QR code reader on a serial port."""
    with PtyPort(link) as port:
        device = QrScanner(port)
        _introduce("qr-line", port.url, f"scan TEXT | show PICTURE_FILE | {PORT_WORDS}")
        _obey({"scan": device.scan, "show": lambda rest: _show_code(device, rest), **_port_commands(port)})


@app.command("mqtt-reader")
def mqtt_reader(
    broker: Annotated[str, typer.Option(help="Address of the broker.")] = "mqtt://127.0.0.1:1883",
    topic: Annotated[str, typer.Option(help="Topic to publish to.")] = "gate/reader",
) -> None:
    """Play a card reader that publishes JSON over MQTT."""
    with MqttCardReader(broker, topic) as device:
        _introduce("card-json", f"mqtt:///{topic}", "present NUMBER")
        _obey({"present": lambda rest: device.present(card_of(_only(rest)))})


@app.command()
def board(link: Link = None, unit: Annotated[int, typer.Option(help="Address of the board.")] = 1) -> None:
    """Play a Modbus relay and input board with an arm (relay 0, inputs 0 to 3) and a door (relay 1, input 4)."""
    with PtyPort(link) as port:
        played = PlayedBoard(port, unit)
        with played.board:
            _introduce("modbus-rtu", port.url, f"{PlayedBoard.WORDS} | {PORT_WORDS}")
            _obey(played.commands() | _port_commands(port))


@app.command()
def camera(port: Annotated[int, typer.Option(help="Port of its HTTP server; 0: a free one.")] = 8080) -> None:
    """Play a plate camera: an HTTP server of moving pictures with drawn plates."""
    camera_wire.run(port)


class PlayedBoard:
    """A board with an arm and a door, and the words that play what happens around them."""

    WORDS: Final = "loop arrival|safety on|off | push | fault none|silent|garbage|wrong-crc | show"
    _FAULTS: Final[dict[str, Fault]] = {
        "none": "none",
        "silent": "silent",
        "garbage": "garbage",
        "wrong-crc": "wrong-crc",
    }

    def __init__(self, port: PtyPort, unit: int) -> None:
        self._arm = BarrierModel()
        self._door = DoorModel()
        self.board = ModbusBoard(port, unit, [self._arm, self._door], on_relay=_tell_relay)

    def commands(self) -> dict[str, Command]:
        """Return what each word does."""
        return {"loop": self._loop, "push": self._push, "fault": self._fault, "show": self._show}

    def _loop(self, rest: str) -> None:
        words = rest.split()
        loops = {"arrival": self._arm.occupy_arrival, "safety": self._arm.occupy_safety}
        if len(words) != 2 or words[0] not in loops or words[1] not in ("on", "off"):
            raise CommandError("loop arrival|safety on|off")
        self.board.apply(lambda now: loops[words[0]](now, on=words[1] == "on"))

    def _push(self, _rest: str) -> None:
        typer.echo("the door opens" if self.board.apply(self._door.push) else "the door is locked")

    def _fault(self, rest: str) -> None:
        name = _only(rest)
        if name not in self._FAULTS:
            raise CommandError(f"fault {'|'.join(self._FAULTS)}")
        self.board.fault = self._FAULTS[name]

    def _show(self, _rest: str) -> None:
        position = self.board.apply(self._arm.position)
        typer.echo(f"arm {position:.0%} open, inputs {_bits(self.board.inputs())}, relays {_bits(self.board.coils())}")


def card_of(number: str) -> bytes:
    """Read a card number: ten hex digits as the wire carries them, or up to ten decimal digits as printed on a card.

    Ten digits that could be both are taken as printed: that is what a person holds in the hand.
    """
    if number.isascii() and number.isdigit() and len(number) <= 10 and int(number) < 2**32:
        return int(number).to_bytes(CARD_BYTES, "big")
    try:
        card = bytes.fromhex(number)
    except ValueError:
        card = b""
    if len(card) != CARD_BYTES:
        raise CommandError("a card is ten hex digits, or up to ten decimal digits as printed")
    return card


def _show_code(device: QrScanner, name: str) -> None:
    try:
        picture = decode(Path(name).read_bytes())
    except OSError as error:
        raise CommandError(str(error)) from error
    if not device.show(picture):
        raise CommandError("no code is read")


def _present(device: Em4100Reader, rest: str) -> None:
    number, *times = rest.split() or [""]
    try:
        hold_s = float(times[0]) if times else 0.2
    except ValueError as error:
        raise CommandError("present NUMBER [SECONDS]") from error
    device.present(card_of(number), hold_s)


def _port_commands(port: PtyPort) -> dict[str, Command]:
    return {"unplug": lambda _rest: port.unplug(), "replug": lambda _rest: port.replug()}


def _only(rest: str) -> str:
    words = rest.split()
    if len(words) != 1:
        raise CommandError("exactly one word is expected")
    return words[0]


def _introduce(protocol: str, url: str, words: str) -> None:
    """Print what to put in gate.toml and what may be typed."""
    typer.echo(f'[[device]]\nid = "{protocol}"\nprotocol = "{protocol}"\nurl = "{url}"\n\ncommands: {words} | quit')


def _obey(commands: dict[str, Command]) -> None:
    """Do what each line of the standard input says, until `quit` or its end."""
    for word, rest in _lines():
        if word == "quit":
            return
        try:
            _command(commands, word)(rest)
        except (CommandError, DeviceError) as error:
            typer.echo(f"not done: {error}", err=True)


def _command(commands: dict[str, Command], word: str) -> Command:
    if word not in commands:
        raise CommandError(f"there are {', '.join(commands)}")
    return commands[word]


def _lines() -> Iterator[tuple[str, str]]:
    """Yield each line's first word and the rest as it stands: a code may have spaces in a row."""
    for line in sys.stdin:
        word, _, rest = line.removesuffix("\n").lstrip().partition(" ")
        if word := word.strip():
            yield word, rest


def _tell_relay(frame: RelayFrame) -> None:
    states = ", ".join("on" if state else "off" for state in frame.states)
    typer.echo(f"{time.strftime('%H:%M:%S')} relay {frame.coil}: {states}")


def _bits(states: tuple[bool, ...]) -> str:
    return "".join("1" if state else "0" for state in states)
