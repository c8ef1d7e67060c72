import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from devices.cli import app
from simulators.wires.pty_port import PtyPort
from simulators.wires.reader import Em4100Reader
from tests.devices.captures import SAMPLES

FRAME = "02 30 31 30 30 36 33 45 39 41 45 32 35 03"
CARD = {"reading": "CardRead", "raw": "010063E9AE", "bits": 40}

run = CliRunner()


def lines(output: str) -> list[object]:
    return [json.loads(line) for line in output.splitlines()]


def test_protocols_are_listed() -> None:
    result = run.invoke(app, ["protocols", "--json"])
    assert result.exit_code == 0
    assert [line["name"] for line in map(json.loads, result.stdout.splitlines())] == [
        "em4100",
        "qr-line",
        "card-json",
        "modbus-rtu",
        "video",
    ]


@pytest.mark.parametrize(
    ("protocol", "digits", "readings"),
    [
        ("em4100", FRAME, [CARD]),
        ("em4100", FRAME * 3, [CARD]),
        ("qr-line", b"GH1:ABC\r\n".hex(), [{"reading": "CodeRead", "text": "GH1:ABC"}]),
        ("card-json", b'{"v":1,"id":"m","card":"010063E9AE","bits":40}'.hex(), [CARD]),
        ("modbus-rtu", "01 02 01 09 61 8E", [{"reading": "InputsRead", "states": [True, False, False, True] + [False] * 4}]),
    ],
)
def test_bytes_are_decoded(protocol: str, digits: str, readings: list[object]) -> None:
    result = run.invoke(app, ["decode", "--protocol", protocol, digits, "--json"])
    assert result.exit_code == 0
    assert lines(result.stdout) == readings


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("capture.bin", bytes.fromhex(FRAME)),
        ("capture.hex", f"# a comment\n{FRAME} # another\n".encode()),
        ("capture.txt", FRAME.encode()),
    ],
)
def test_files_are_decoded(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    result = run.invoke(app, ["decode", "-p", "em4100", str(path), "--json"])
    assert lines(result.stdout) == [CARD]


def test_what_means_nothing_is_said_and_fails() -> None:
    result = run.invoke(app, ["decode", "-p", "em4100", "02 31 30 30 30 32 36 46 34 34 34 32 36 03"])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "wrong checksum" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["decode", "-p", "nonsense", "00"],
        ["decode", "-p", "em4100", "no such file"],
        ["decode", "-p", "video", "00"],
        ["watch", "-p", "card-json", "/dev/null"],
        ["watch", "-p", "em4100", "ftp://nowhere"],
    ],
)
def test_a_wrong_call_is_refused_by_its_usage(arguments: list[str]) -> None:
    assert run.invoke(app, arguments).exit_code == 2


def test_every_command_explains_itself() -> None:
    for command in ("protocols", "decode", "watch", "ports", "plates"):
        result = run.invoke(app, [command, "--help"])
        assert result.exit_code == 0
        assert len(result.stdout) > 100


def test_the_sample_frames_are_decoded_whole() -> None:
    path = SAMPLES / "readers" / "em4100_ascii_frames.txt"
    expected = 4 if path.exists() else 1
    source = str(path) if path.exists() else FRAME
    assert len(lines(run.invoke(app, ["decode", "-p", "em4100", source, "--json"]).stdout)) == expected


@pytest.mark.programs
def test_watch_shows_what_a_reader_says() -> None:
    with PtyPort() as port:
        program = subprocess.Popen(
            (sys.executable, "-c", "from devices.cli import main; main()", "watch", port.path, "-p", "em4100", "--json"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert program.stdout is not None
        assert program.stderr is not None
        assert program.stderr.readline() == "the line is open\n"
        Em4100Reader(port).present(bytes.fromhex("010063E9AE"))
        assert json.loads(program.stdout.readline()) == CARD
        program.terminate()
        program.communicate(timeout=10)
