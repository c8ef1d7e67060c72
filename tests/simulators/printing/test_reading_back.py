"""Codes printed, held up at an angle and read back: by the reader of pictures, and by a gate from a code reader's line."""

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from devices.readers.qr_line import QrLine
from devices.readers.qr_picture import CORNERS_MAX, texts_in
from devices.readings import CodeRead
from devices.transports.pictures import Picture, decode
from devices.transports.serial import SerialReader
from simulators.cli import app
from simulators.printing.paper import printed
from simulators.printing.sight import Sight, held_up, seen
from simulators.wires.pty_port import PtyPort
from simulators.wires.scanner import QrScanner
from tests.devices.transports.told import Told
from tests.sizes import sized

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
ANGLES = (0.0, 15.0, 25.0, 35.0)
EACH = sized(quick=1, soak=25)  # 200 drawings of a pass's size at the two distances


def code_of(seed: int, length: int = 200) -> str:
    rng = np.random.default_rng(seed)
    return "GP1:" + "".join(rng.choice(list(LETTERS), length)) + "Z"


@pytest.mark.parametrize("angle", ANGLES)
@pytest.mark.parametrize("module", [3.0, 4.0])
def test_a_pass_held_up_at_an_angle_is_read(angle: float, module: float) -> None:
    missed = [seed for seed in range(EACH) if texts_in(held_up(code_of(seed), angle, module, seed)) != [code_of(seed)]]
    assert len(missed) <= EACH // 25, f"{missed} of {EACH} at {angle} degrees and {module} pixels a module"


def test_the_longest_code_is_read_from_paper() -> None:
    text = code_of(3, 595)
    assert len(text) == 600
    assert texts_in(held_up(text, 20, 5, 3)) == [text]


def test_the_paper_is_the_offices_own_print_and_the_same_seed_gives_the_same_picture() -> None:
    slip = printed(code_of(1), np.random.default_rng(1))
    assert slip.code_mm == pytest.approx(28.5, rel=0.002)
    assert slip.module_mm == pytest.approx(0.5, rel=0.002)
    assert (held_up(code_of(1), 20, 4, 1) == held_up(code_of(1), 20, 4, 1)).all()
    assert (held_up(code_of(1), 20, 4, 1) != held_up(code_of(1), 20, 4, 2)).any()


def test_a_module_is_as_many_pixels_wide_as_was_asked_for_and_the_light_falls_off() -> None:
    rng = np.random.default_rng(1)
    slip = printed("GP1:A", rng)
    picture = seen(slip, Sight(module_pixels=6, shade=0.5, blur=0, noise=0), rng).astype(int)
    middle = picture[
        picture.shape[0] // 2 - 60 : picture.shape[0] // 2 + 60, picture.shape[1] // 2 - 60 : picture.shape[1] // 2 + 60
    ]
    dark = np.nonzero((middle[:40] < 110).any(axis=0))[0]
    assert dark[-1] - dark[0] + 1 == pytest.approx(21 * 6, abs=8)
    assert picture[:, -20:].mean() > 1.3 * picture[:, :20].mean()


def finders(count: int) -> Picture:
    """A sheet full of corners of codes, which would keep a detector busy for minutes."""
    corner = np.full((9, 9), 255, np.uint8)
    corner[1:8, 1:8] = 0
    corner[2:7, 2:7] = 255
    corner[3:6, 3:6] = 0
    return np.tile(np.kron(corner, np.ones((3, 3), np.uint8)), (count, count))


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((1, 1), np.uint8),
        np.zeros((1, 5000), np.uint8),
        np.full((40, 40, 3), 255, np.uint8),
        np.random.default_rng(1).integers(0, 256, (300, 300), np.uint8),
        finders(40),
    ],
    ids=["a pixel", "a line", "white", "noise", "corners"],
)
def test_what_shows_no_code_is_soon_seen_to_show_none(picture: Picture) -> None:
    assert texts_in(picture) == []


def test_a_crowd_of_corners_hides_a_code_rather_than_taking_for_ever() -> None:
    code = held_up(code_of(1), 0, 4, 1)
    crowd = finders(24)
    assert crowd.shape[0] > CORNERS_MAX
    beside = np.full((648, code.shape[1] + 648), 255, np.uint8)
    beside[: code.shape[0], : code.shape[1]] = code
    assert texts_in(beside) == [code_of(1)]
    beside[:, -648:] = crowd
    assert texts_in(beside) == []


def test_a_phones_large_picture_in_colour_is_read_and_two_codes_are_two_texts() -> None:
    one, other = held_up("GP1:ONE", 10, 6, 1), held_up("GP1:TWO  SPACES", 10, 6, 2)
    both = np.hstack([one, other])
    large = np.kron(both, np.ones((3, 3), np.uint8))
    assert large.size > 2_000_000
    assert sorted(texts_in(np.dstack([large] * 3))) == ["GP1:ONE", "GP1:TWO  SPACES"]


@pytest.mark.parametrize("line_end", [b"\r", b"\r\n", b"\t"])
def test_a_printed_code_comes_through_a_code_reader_to_the_gate_unchanged(tmp_path: Path, line_end: bytes) -> None:
    text, told = code_of(7).replace("A", "  "), Told()
    with PtyPort(tmp_path / "reader", baud=9600 if line_end == b"\r" else None) as port:
        reader = SerialReader("reader", port.url, QrLine(), told.emit, told.state)
        reader.start()
        assert told.next_state()[0]
        scanner = QrScanner(port, line_end)
        assert not scanner.show(np.full((200, 200), 255, np.uint8))
        assert scanner.show(held_up(text, 20, 4, 7))
        assert told.next_reading() == CodeRead(text)
        reader.stop()
    assert told.readings.empty()
    assert reader.codec.counters.rejected == 0


def test_a_code_is_drawn_by_hand_and_read_back(tmp_path: Path) -> None:
    out = tmp_path / "code.png"
    shown = CliRunner().invoke(app, ["code", "GP1:BY HAND", "--out", str(out), "--angle", "20"])
    assert shown.exit_code == 0, shown.output
    assert "read back" in shown.output
    assert texts_in(decode(out.read_bytes())) == ["GP1:BY HAND"]
    assert CliRunner().invoke(app, ["code", "GP1:BY HAND", "--out", str(out), "--module", "1"]).exit_code == 1
    assert CliRunner().invoke(app, ["code", "by hand", "--out", str(out)]).exit_code == 2
