"""The local socket between the programs, over real sockets."""

import dataclasses
import queue
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.booth_messages import AlarmView, CandidateView, FeedLine, LaneView
from edge.link import LINK_VERSION, MESSAGE_BYTES_MAX, QUEUE_MAX, LinkClient, LinkError, LinkServer, Peer, decode, encode
from edge.messages import MESSAGES, DeviceState, GateView, Hello, JournalAdvanced, SyncState
from tests.waiting import wait_until

VIEW = LaneView(
    "in-1",
    "东门",
    "vehicle",
    "in",
    "referred",
    1.5,
    "down",
    True,
    None,
    values={"shown": "粤B·12345"},
    candidates=(CandidateView("c", "粤B·12345", "李*", "3-1201", {"zh": "形似"}, (2,)),),
)
GATE = GateView(
    "east",
    "lakeside",
    "Asia/Shanghai",
    7,
    9,
    (DeviceState("io", up=True),),
    (AlarmView("x", "disk_low", 1.5),),
    SyncState(True, 1, 2, 3.0, 4, 5.0),
    "SQLite",
)


class Gate:
    """The gate's end of a link, and what came and went there."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "run" / "gate.sock"
        self.received: queue.Queue[Any] = queue.Queue()
        self.lost: queue.Queue[str] = queue.Queue()
        self.server = LinkServer(self.path, self._take, self._greet, self.lost.put)
        self.server.start()

    def _take(self, message: Any, _peer: Peer) -> None:
        self.received.put(message)

    def _greet(self, peer: Peer) -> None:
        peer.send(JournalAdvanced("greeting", 0))


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    started = Gate(tmp_path)
    yield started
    started.server.stop()


@pytest.fixture
def client(gate: Gate) -> Iterator[Callable[..., LinkClient]]:
    made: list[LinkClient] = []

    def connect(take: Callable[[Any], None], program: str = "desk") -> LinkClient:
        made.append(LinkClient(gate.path, Hello(program, "test"), take))
        made[-1].start()
        return made[-1]

    yield connect
    for one in made:
        one.stop()


def raw(gate: Gate) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(10)
    sock.connect(str(gate.path))
    return sock


def framed(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


@pytest.mark.parametrize("message", [VIEW, GATE, Hello("eyes", "1"), dataclasses.replace(GATE, sync=None)])
def test_messages_come_back_as_they_were(message: Any) -> None:
    assert decode(encode(message)) == message


def test_every_message_is_known_by_its_name() -> None:
    assert all(MESSAGES[name].__name__ == name for name in MESSAGES)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_a_link_error(data: bytes) -> None:
    with pytest.raises(LinkError):
        decode(data)


@pytest.mark.parametrize(
    "message",
    [
        [LINK_VERSION + 1, "Hello", {"program": "desk", "version": "1"}],
        [LINK_VERSION, "Goodbye", {}],
        [LINK_VERSION, ["Hello"], {}],
        [LINK_VERSION, "Hello", {"program": "desk"}],
        [LINK_VERSION, "Hello", {"program": 5, "version": "1"}],
        [LINK_VERSION, "Hello"],
        {"Hello": 1},
        7,
    ],
)
def test_what_is_none_of_ours(message: Any) -> None:
    with pytest.raises(LinkError):
        decode(cbor2.dumps(message))


def test_greeting_first_and_then_everything_in_order(gate: Gate, client: Callable[..., LinkClient]) -> None:
    heard: queue.Queue[Any] = queue.Queue()
    desk = client(heard.put)
    assert heard.get(timeout=10) == JournalAdvanced("greeting", 0)
    for seq in range(200):
        gate.server.tell(JournalAdvanced("e", seq), "desk")
        gate.server.tell(JournalAdvanced("not for you", seq), "courier")
    assert [heard.get(timeout=10).seq for _ in range(200)] == list(range(200))
    assert heard.empty()
    assert gate.received.get(timeout=10) == Hello("desk", "test")
    assert all(desk.send(JournalAdvanced("up", seq)) for seq in range(200))
    assert [gate.received.get(timeout=10).seq for _ in range(200)] == list(range(200))


def test_who_goes_is_told_and_comes_back_by_itself(gate: Gate, client: Callable[..., LinkClient]) -> None:
    heard: queue.Queue[Any] = queue.Queue()
    desk = client(heard.put, "eyes")
    assert heard.get(timeout=10).epoch == "greeting"
    assert desk._peer is not None
    desk._peer._sock.shutdown(socket.SHUT_RDWR)  # the wire is cut
    assert gate.lost.get(timeout=10) == "eyes"
    assert heard.get(timeout=10).epoch == "greeting"


def test_a_client_waits_for_a_gate_that_starts_later_or_again(tmp_path: Path) -> None:
    heard: queue.Queue[Any] = queue.Queue()
    path = tmp_path / "run" / "gate.sock"
    waiting = LinkClient(path, Hello("desk", "test"), heard.put)
    waiting.start()
    assert not waiting.send(VIEW)
    for _ in range(2):
        gate = Gate(tmp_path)
        assert heard.get(timeout=10).epoch == "greeting"
        gate.server.stop()
        wait_until(lambda: not waiting.connected.is_set(), what="the loss to be noticed")
    waiting.stop()


def test_a_reader_that_does_not_read_loses_the_oldest_and_never_holds_the_sender(gate: Gate) -> None:
    sock = raw(gate)
    sock.sendall(framed(encode(Hello("desk", "slow"))))
    assert gate.received.get(timeout=10) == Hello("desk", "slow")
    (peer,) = gate.server._peers
    line = FeedLine(0, 0.0, "in-1", "grant", "access_ok", {"ballast": "x" * 10_000}, "", "", "", "", 0.0, "")
    sent = 0
    while peer.dropped < 100:  # never waits, whatever the reader does
        gate.server.tell(dataclasses.replace(line, seq=sent), "desk")
        sent += 1
        assert sent < 100_000
    newest: list[int] = []
    with sock.makefile("rb") as stream:
        while not newest or newest[-1] != sent - 1:
            (length,) = struct.unpack(">I", stream.read(4))
            message = decode(stream.read(length))
            if isinstance(message, FeedLine):
                newest.append(message.seq)
    sock.close()
    assert newest == sorted(newest)
    assert newest[-QUEUE_MAX + 10 :] == list(range(sent - QUEUE_MAX + 10, sent))
    assert len(newest) < sent


@pytest.mark.parametrize(
    "nonsense",
    [
        framed(b"\xff\xff"),
        framed(cbor2.dumps([LINK_VERSION + 1, "Hello", {"program": "x", "version": "1"}])),
        struct.pack(">I", MESSAGE_BYTES_MAX + 1),
        framed(cbor2.dumps([LINK_VERSION, "Hello", {"program": "x", "version": "1"}]))[:-1],
        b"GET / HTTP/1.1\r\n\r\n",
    ],
    ids=["garbage", "version", "too big", "cut", "http"],
)
def test_nonsense_closes_that_connection_alone(gate: Gate, client: Callable[..., LinkClient], nonsense: bytes) -> None:
    heard: queue.Queue[Any] = queue.Queue()
    client(heard.put)
    assert heard.get(timeout=10).epoch == "greeting"
    sock = raw(gate)
    sock.sendall(nonsense)
    sock.shutdown(socket.SHUT_WR)
    assert sock.recv(1) == b""
    sock.close()
    gate.server.tell(VIEW, "desk")
    assert heard.get(timeout=10) == VIEW
    assert gate.lost.empty()


def test_the_socket_is_for_this_user_alone_and_gone_after_stop(tmp_path: Path) -> None:
    before = threading.active_count()
    gate = Gate(tmp_path)
    assert gate.path.stat().st_mode & 0o777 == 0o600
    gate.server.stop()
    assert not gate.path.exists()
    wait_until(lambda: threading.active_count() <= before, what="the accepting thread to end")
