import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from devices.errors import UsageError
from devices.readers.em4100 import Em4100
from devices.readings import CardRead
from devices.transports.serial import SerialReader, line_settings, serial_line
from simulators.wires.pty_port import PtyPort
from simulators.wires.reader import Em4100Reader
from tests.devices.transports.told import TIMEOUT_S, Told
from tests.waiting import wait_until

CARD = bytes.fromhex("010063E9AE")
OTHER = bytes.fromhex("0100000001")


@pytest.fixture
def port(tmp_path: Path) -> Iterator[PtyPort]:
    with PtyPort(link=tmp_path / "by-id" / "usb-reader-in") as port:
        yield port


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def start_reader(told: Told) -> Iterator[Callable[[str], SerialReader]]:
    with ExitStack() as readers:

        def start(url: str) -> SerialReader:
            reader = SerialReader("reader-in", url, Em4100(), told.emit, told.state)
            readers.callback(reader.stop)
            reader.start()
            return reader

        yield start


@pytest.mark.parametrize(
    ("url", "target", "baud"),
    [
        ("serial:///dev/serial/by-id/usb-reader-in?baud=115200", "/dev/serial/by-id/usb-reader-in", 115200),
        ("serial:///dev/ttyS0", "/dev/ttyS0", 9600),
        ("socket://127.0.0.1:4001", "socket://127.0.0.1:4001", 9600),
        ("rfc2217://server:4001?baud=19200", "rfc2217://server:4001", 19200),
    ],
)
def test_urls_of_lines(url: str, target: str, baud: int) -> None:
    assert line_settings(url) == (target, baud)


@pytest.mark.parametrize(
    "url", ["", "/dev/ttyS0", "file:///etc/passwd", "spy:///dev/ttyS0", "serial://", "serial:///d?baud=x", "serial:///d?x=1"]
)
def test_urls_that_are_no_lines_are_ours_to_refuse(url: str) -> None:
    with pytest.raises(UsageError):
        SerialReader("reader-in", url, Em4100(), Told().emit, Told().state)


def test_a_card_held_up_is_emitted_once_with_its_time(
    port: PtyPort, told: Told, start_reader: Callable[[str], SerialReader]
) -> None:
    start_reader(port.url)
    assert told.next_state() == (True, "")
    before = time.monotonic()
    Em4100Reader(port).present(CARD, hold_s=0.2)
    reading, received_at = told.readings.get(timeout=TIMEOUT_S)
    assert reading == CardRead(CARD, 40)
    assert before <= received_at <= time.monotonic()
    assert told.readings.empty()


def test_a_slow_line_is_read_byte_by_byte(told: Told, tmp_path: Path, start_reader: Callable[[str], SerialReader]) -> None:
    with PtyPort(baud=9600) as port:
        start_reader(port.url)
        told.next_state()
        began = time.monotonic()
        Em4100Reader(port).present(CARD, hold_s=0)
        assert told.next_reading() == CardRead(CARD, 40)
        assert time.monotonic() - began > 14 * 10 / 9600


def test_a_reader_pulled_out_and_put_back_works_again_under_its_stable_name(
    port: PtyPort, told: Told, start_reader: Callable[[str], SerialReader]
) -> None:
    reader = start_reader(port.url)
    assert told.next_state() == (True, "")
    Em4100Reader(port).present(CARD, hold_s=0)
    assert told.next_reading() == CardRead(CARD, 40)
    port.unplug()
    up, why = told.next_state()
    assert not up
    assert why
    port.replug()
    replugged_at = time.monotonic()
    assert told.next_state() == (True, "")
    assert time.monotonic() - replugged_at < 5
    Em4100Reader(port).present(OTHER, hold_s=0)
    assert told.next_reading() == CardRead(OTHER, 40)
    assert reader.codec.counters.reopened == 1


def test_a_lost_line_does_not_spin(port: PtyPort, told: Told, start_reader: Callable[[str], SerialReader]) -> None:
    start_reader(port.url)
    told.next_state()
    port.unplug()
    told.next_state()
    before = time.process_time()
    assert not threading.Event().wait(1)
    assert time.process_time() - before < 0.2


def test_a_line_that_was_never_there_is_told_once(
    told: Told, tmp_path: Path, start_reader: Callable[[str], SerialReader]
) -> None:
    path = tmp_path / "nothing"
    start_reader(f"serial://{path}")
    up, why = told.next_state()
    assert not up
    assert "No such file" in why
    with PtyPort(link=path):
        assert told.next_state() == (True, ""), "no second word of its absence came between"


def test_a_second_program_cannot_steal_bytes(port: PtyPort, told: Told, start_reader: Callable[[str], SerialReader]) -> None:
    start_reader(port.url)
    told.next_state()
    with pytest.raises(OSError, match="lock"):
        serial_line(port.url)


def test_garbage_is_counted_and_cards_are_still_read(
    port: PtyPort, told: Told, start_reader: Callable[[str], SerialReader]
) -> None:
    reader = start_reader(port.url)
    told.next_state()
    port.write(bytes(range(256)) * 200)
    Em4100Reader(port).present(CARD, hold_s=0)
    assert told.next_reading() == CardRead(CARD, 40)
    assert reader.codec.counters.rejected > 0


def test_a_serial_server_stands_in_for_a_port(told: Told, start_reader: Callable[[str], SerialReader]) -> None:
    frame = bytes.fromhex("02 30 31 30 30 36 33 45 39 41 45 32 35 03")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(TIMEOUT_S)
        start_reader(f"socket://127.0.0.1:{server.getsockname()[1]}")
        for reading in (True, False):
            connection, _ = server.accept()
            with connection:
                assert told.next_state() == (True, "")
                connection.sendall(frame)
                assert not reading or told.next_reading() == CardRead(CARD, 40)
            assert not told.next_state()[0]


def test_stopping_is_prompt_and_gives_the_port_back(
    port: PtyPort, told: Told, start_reader: Callable[[str], SerialReader]
) -> None:
    reader = start_reader(port.url)
    told.next_state()
    began = time.monotonic()
    reader.stop()
    assert time.monotonic() - began < 1
    wait_until(lambda: serial_line(port.url), what="the port to be free").close()
