import re
import subprocess
import sys
from pathlib import Path

import pytest

from devices.readers.em4100 import Em4100
from devices.readers.qr_line import QrLine
from devices.readings import CardRead, CodeRead, InputsRead
from devices.transports.modbus import ModbusLine
from devices.transports.serial import SerialReader
from simulators.devices_cli import CommandError, card_of
from simulators.printing.sight import as_png, held_up
from tests.devices.transports.told import Told
from tests.waiting import wait_until

PROGRAM = (sys.executable, "-u", "-c", "from simulators.devices_cli import app; app()")


class Played:
    """One simulated device as its own program, played by lines on its standard input."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            (*PROGRAM, *arguments), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def url(self) -> str:
        """The address that the program says to put into gate.toml."""
        while (found := re.match(r'url = "(.+)"', self.line())) is None:
            pass
        self.line()
        assert self.line().startswith("commands: ")
        return found[1]

    def line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the program has ended"
        return line

    def say(self, *lines: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("".join(f"{line}\n" for line in lines))
        self.process.stdin.flush()

    def end(self) -> str:
        """End the program by its own word; what it said on stderr."""
        _, said = self.process.communicate("quit\n", timeout=10)
        assert self.process.returncode == 0
        return said


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.mark.programs
def test_a_reader_is_played_from_the_keyboard(told: Told) -> None:
    played = Played("reader")
    reader = SerialReader("reader", played.url(), Em4100(), told.emit, told.state)
    reader.start()
    assert told.next_state()[0]
    played.say("present nonsense", "dance", "present 0006547886")
    assert told.next_reading() == CardRead(bytes.fromhex("000063E9AE"), 40)
    played.say("unplug")
    assert not told.next_state()[0]
    reader.stop()
    said = played.end()
    assert "a card is ten hex digits" in said
    assert "there are present, unplug, replug" in said


@pytest.mark.programs
def test_a_scanner_is_played_from_the_keyboard(told: Told, tmp_path: Path) -> None:
    played = Played("scanner")
    reader = SerialReader("scanner", played.url(), QrLine(), told.emit, told.state)
    reader.start()
    assert told.next_state()[0]
    played.say("scan 访客 0815")
    assert told.next_reading() == CodeRead("访客 0815")
    picture = tmp_path / "held up.png"
    picture.write_bytes(as_png(held_up("GP1:PRINTED", 15, 6, 1)))
    played.say("scan GP1:TWO  SPACES", f"show {picture}", "show nothing.png")
    assert told.next_reading() == CodeRead("GP1:TWO  SPACES")
    assert told.next_reading() == CodeRead("GP1:PRINTED")
    reader.stop()
    assert "No such file" in played.end()


@pytest.mark.programs
def test_a_board_is_played_from_the_keyboard(told: Told) -> None:
    played = Played("board", "--unit", "7")
    line = ModbusLine("io", played.url(), told.emit, told.state, unit=7)
    line.start()
    assert told.next_reading() == InputsRead((False, True, False, False, True, False, False, False))
    played.say("loop arrival on")
    assert told.next_reading() == InputsRead((False, True, True, False, True, False, False, False))
    line.pulse(1, 50, lambda _ok, _error, _sent_at: None)
    assert "relay 1: on" in played.line()
    assert "relay 1: off" in played.line()
    played.say("push", "show", "loop sideways on", "fault silent")
    assert played.line() == "the door opens\n"
    assert "arm 0% open" in played.line()
    wait_until(lambda: not told.next_state()[0], what="the silent board to be lost")
    line.stop()
    assert "not done: loop arrival|safety on|off" in played.end()


@pytest.mark.parametrize(
    ("number", "card"),
    [("010063E9AE", "010063E9AE"), ("0006547886", "000063E9AE"), ("6547886", "000063E9AE"), ("9999999999", "9999999999")],
)
def test_card_numbers_as_people_type_them(number: str, card: str) -> None:
    assert card_of(number) == bytes.fromhex(card)


@pytest.mark.parametrize("number", ["", "010063E9", "card", "010063E9AE00", "-1"])
def test_what_is_no_card_number_is_said(number: str) -> None:
    with pytest.raises(CommandError):
        card_of(number)
