"""One pretended gate: its journal, its chain, its signatures; it tells the story over and over. No input or output."""

import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Final
from uuid import UUID

import cbor2

from access.chain import genesis, link
from access.contract import API_PREFIX
from access.contract.signature import SignedRequest
from access.contract.sync import BatchAck
from access.entries import Body, Entry, EvidenceKept, stamped
from access.identifiers import uuid7
from access.sealing import Sealed, seal
from edge.identity import Identity
from simulators.load.story import Line

PICTURE_BYTES: Final = 40_000
# A JPEG's beginning up to its picture data: 1280x720, one component.
_JPEG_HEAD: Final = b"\xff\xd8\xff\xe0\x00\x04\x00\x00\xff\xc0\x00\x0b\x08\x02\xd0\x05\x00\x01\x01\x11\x00\xff\xda\x00\x02"


@dataclass(frozen=True, slots=True)
class Written:
    """An entry in its place; `made` is when (monotonic s), `head` the chain hash at it; `backlog`: it waited at the start."""

    seq: int
    sealed: Sealed
    made: float
    head: bytes
    backlog: bool


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture that waits for its entry to be acknowledged."""

    seq: int
    capture: str
    sha256: str
    data: bytes


@dataclass(slots=True)
class PretendedGate:
    """Its journal begins empty in a fresh epoch; what is acknowledged is forgotten."""

    identity: Identity
    story: Sequence[Line]
    rng: random.Random
    with_pictures: bool
    epoch: UUID
    waiting: deque[Written] = field(default_factory=deque)
    shots: deque[Shot] = field(default_factory=deque)
    acked: int = 0
    _seq: int = 0
    _head: bytes = b""
    _follows: bytes = b""
    _next: int = 0
    _passages: dict[str, str] = field(default_factory=dict)
    _sequence: int = 0

    @classmethod
    def begun(cls, identity: Identity, story: Sequence[Line], seed: str, at: datetime, *, with_pictures: bool) -> "PretendedGate":
        """Return a gate that begins somewhere in the story."""
        rng = random.Random(seed)
        gate = cls(identity, story, rng, with_pictures, uuid7(at, rng.randbytes(10)))
        gate._head = gate._follows = genesis(identity.edge, gate.epoch)
        gate._next = rng.randrange(len(story))
        return gate

    @property
    def head(self) -> bytes:
        """The chain hash at the newest entry."""
        return self._head

    def write(self, at: datetime, now: float, *, backlog: bool = False) -> None:
        """Write the next line of the story into the journal (a picture's entry right after its decision's)."""
        line = self.story[self._next]
        self._next = (self._next + 1) % len(self.story)
        if self._next == 0:
            self._passages.clear()
        passage = self._passages.setdefault(line.passage, uuid7(at, self.rng.randbytes(10)).hex)
        self._append(line.body, line.lane, passage, at, now, backlog=backlog)
        if self.with_pictures and line.capture:
            self._shoot(line, passage, at, now, backlog=backlog)

    def batch(self, size: int) -> tuple[bytes, Sequence[Written]]:
        """Return the first waiting entries as a batch (CBOR), and which they are."""
        chosen = list(islice(self.waiting, size))
        return self.packed(self._follows, chosen), chosen

    def packed(self, follows: bytes, entries: Sequence[Written]) -> bytes:
        """Return a batch of these entries, which follow that head."""
        sent = [{"seq": one.seq, "canonical": one.sealed.canonical, "personal": one.sealed.personal} for one in entries]
        message = {"edge": self.identity.edge, "epoch": self.epoch, "follows": follows, "entries": sent}
        return cbor2.dumps({"version": 1, **message})

    def signed(self, method: str, path: str, stream: str, body: bytes, at: datetime) -> tuple[str, dict[str, str]]:
        """Return target and headers of a signed request."""
        self._sequence = max(self._sequence + 1, int(at.timestamp() * 1000))
        request = SignedRequest(method, API_PREFIX + path, self.identity.edge, stream, self._sequence, body)
        return request.target, request.headers(self.identity.key)

    def acknowledged(self, ack: BatchAck) -> list[Written]:
        """Forget what the registry has now, and return it. Raises ValueError for a head that is not ours."""
        done = []
        while self.waiting and self.waiting[0].seq <= ack.acked_through:
            done.append(self.waiting.popleft())
        if done:
            if done[-1].head.hex() != ack.head:
                raise ValueError("the registry acknowledges another history")
            self._follows, self.acked = done[-1].head, done[-1].seq
        return done

    def _append(self, body: Body, lane: str, passage: str, at: datetime, now: float, *, backlog: bool) -> None:
        self._seq += 1
        identity = uuid7(at, self.rng.randbytes(10))
        stamp = stamped(now, at.timestamp())
        entry = Entry(self.identity.edge, self.epoch, self._seq, identity, stamp, body, lane, passage)
        sealed = seal(entry, self.rng.randbytes)
        self._head = link(self._head, sealed.canonical)
        self.waiting.append(Written(self._seq, sealed, now, self._head, backlog))

    def _shoot(self, line: Line, passage: str, at: datetime, now: float, *, backlog: bool) -> None:
        data = _JPEG_HEAD + self.rng.randbytes(PICTURE_BYTES) + b"\xff\xd9"
        digest = sha256(data).hexdigest()
        body = EvidenceKept(capture=line.capture, sha256=digest, size=len(data), camera="camera-in")
        self._append(body, line.lane, passage, at, now, backlog=backlog)
        self.shots.append(Shot(self._seq, line.capture, digest, data))
