"""The local socket between the programs of one edge: length-prefixed, versioned CBOR messages, every queue bounded.

The gate program listens, the others connect and reconnect; a slow reader loses its oldest messages, never the gate's time.
"""

import contextlib
import dataclasses
import functools
import queue
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cbor2
from pydantic import TypeAdapter, ValidationError

from access.cbor import loads
from edge.messages import MESSAGES, Hello

LINK_VERSION = 1
MESSAGE_BYTES_MAX = 1024 * 1024
QUEUE_MAX = 500
RECONNECT_S = 0.3
_LENGTH = struct.Struct(">I")


class LinkError(Exception):
    """The other end spoke nonsense or is of another version; the connection is closed."""


def encode(message: Any) -> bytes:
    """Return a message as it travels, without its length."""
    return cbor2.dumps([LINK_VERSION, type(message).__name__, dataclasses.asdict(message)])


def decode(data: bytes) -> Any:
    """Read a message back; raises LinkError."""
    try:
        version, name, fields = loads(data)
        if version != LINK_VERSION:
            raise LinkError(f"the other program speaks version {version} of the link, this one {LINK_VERSION}")
        return _adapter(name).validate_python(fields)
    except (ValidationError, KeyError, TypeError, ValueError) as error:
        raise LinkError(f"a message that is none of ours: {error}") from error


@functools.cache
def _adapter(name: str) -> TypeAdapter[Any]:
    return TypeAdapter(MESSAGES[name])


class Peer:
    """One connection: a thread that sends from a bounded queue, one that receives. `receive` is called on the latter."""

    def __init__(self, sock: socket.socket, receive: Callable[[Any, "Peer"], None], gone: Callable[["Peer"], None]) -> None:
        self.program = ""
        self.dropped = 0
        self._sock = sock
        self._receive = receive
        self._gone = gone
        self._outgoing: queue.Queue[bytes | None] = queue.Queue(QUEUE_MAX)
        self._threads = [threading.Thread(target=target, daemon=True) for target in (self._send_all, self._receive_all)]

    def start(self) -> None:
        """Begin to carry messages."""
        for thread in self._threads:
            thread.start()

    def send(self, message: Any) -> None:
        """Queue a message; where the queue is full the oldest goes, and is counted."""
        data = encode(message)
        while True:
            try:
                self._outgoing.put_nowait(data)
            except queue.Full:
                self._drop_oldest()
            else:
                return

    def _drop_oldest(self) -> None:
        try:
            self._outgoing.get_nowait()
            self.dropped += 1
        except queue.Empty:
            pass

    def close(self) -> None:
        """Close the connection; both threads end."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()
        try:
            self._outgoing.put_nowait(None)
        except queue.Full:
            self._drop_oldest()

    def _send_all(self) -> None:
        try:
            while (data := self._outgoing.get()) is not None:
                self._sock.sendall(_LENGTH.pack(len(data)) + data)
        except OSError:
            self.close()

    def _receive_all(self) -> None:
        try:
            with self._sock.makefile("rb") as stream:
                while (message := _read_message(stream)) is not None:
                    if isinstance(message, Hello):
                        self.program = message.program
                    self._receive(message, self)
        except (OSError, LinkError, ValueError):
            pass  # a broken or foreign peer is a closed connection; it comes back by itself
        finally:
            self.close()
            self._gone(self)


def _read_message(stream: Any) -> Any | None:
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > MESSAGE_BYTES_MAX:
        raise LinkError(f"a message of {length} bytes is too long")
    data = stream.read(length)
    return decode(data) if len(data) == length else None


class LinkServer:
    """The gate's end: accepts the other programs and tells all of them; `greet` and `lost` follow their coming and going."""

    def __init__(
        self, path: Path, receive: Callable[[Any, Peer], None], greet: Callable[[Peer], None], lost: Callable[[str], None]
    ) -> None:
        self._path = path
        self._lost = lost
        self._receive = receive
        self._greet = greet
        self._peers: list[Peer] = []
        self._lock = threading.Lock()
        self._listener = socket.socket(socket.AF_UNIX)

    def start(self) -> None:
        """Listen; the socket is for this user alone."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.unlink(missing_ok=True)
        self._listener.bind(str(self._path))
        self._path.chmod(0o600)
        self._listener.listen(8)
        threading.Thread(target=self._accept_all, daemon=True).start()

    def tell(self, message: Any, program: str = "") -> None:
        """Send a message to one program by name, or to all."""
        with self._lock:
            peers = [peer for peer in self._peers if program in ("", peer.program)]
        for peer in peers:
            peer.send(message)

    def stop(self) -> None:
        """Close everything."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # else the thread that accepts sleeps on
        self._listener.close()
        with self._lock:
            peers, self._peers = self._peers, []
        for peer in peers:
            peer.close()
        self._path.unlink(missing_ok=True)

    def _accept_all(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            peer = Peer(sock, self._received, self._forget)
            with self._lock:
                self._peers.append(peer)
            peer.start()

    def _received(self, message: Any, peer: Peer) -> None:
        if isinstance(message, Hello):
            self._greet(peer)
        self._receive(message, peer)

    def _forget(self, peer: Peer) -> None:
        with self._lock:
            known = peer in self._peers
            if known:
                self._peers.remove(peer)
        if known and peer.program:
            self._lost(peer.program)


class LinkClient:
    """The other programs' end: stays connected to the gate, reconnecting for ever; messages sent meanwhile are dropped.

    `arrived` is called at each connection, after the greeting: what the gate must know anew is sent there.
    """

    def __init__(
        self, path: Path, hello: Hello, receive: Callable[[Any], None], arrived: Callable[[], None] = lambda: None
    ) -> None:
        self._path = path
        self._hello = hello
        self._receive = receive
        self._arrived = arrived
        self._peer: Peer | None = None
        self._stopping = threading.Event()
        self._lost = threading.Event()
        self.connected = threading.Event()

    def start(self) -> None:
        """Connect in the background."""
        threading.Thread(target=self._keep_connected, daemon=True).start()

    def send(self, message: Any) -> bool:
        """Send to the gate; tells whether there is a connection to carry it."""
        peer = self._peer
        if peer is None:
            return False
        peer.send(message)
        return True

    def stop(self) -> None:
        """Disconnect for good."""
        self._stopping.set()
        self._lost.set()
        if self._peer is not None:
            self._peer.close()

    def _keep_connected(self) -> None:
        while not self._stopping.is_set():
            sock = socket.socket(socket.AF_UNIX)
            try:
                sock.connect(str(self._path))
            except OSError:
                sock.close()
                self._stopping.wait(RECONNECT_S)
                continue
            self._lost.clear()
            if self._stopping.is_set():
                sock.close()
                return
            peer = Peer(sock, self._received, self._peer_gone)
            peer.send(self._hello)
            self._peer = peer
            peer.start()
            self.connected.set()
            self._arrived()
            self._lost.wait()
            self.connected.clear()
            self._stopping.wait(RECONNECT_S)

    def _received(self, message: Any, _peer: Peer) -> None:
        self._receive(message)

    def _peer_gone(self, peer: Peer) -> None:
        if self._peer is peer:
            self._peer = None
        self._lost.set()
