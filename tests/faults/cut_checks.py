"""What must hold of a journal after a power cut, judged by what the gate had said to the world before it."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from random import Random

from access.chain import genesis, link
from access.entries import Commanded, EpochBegan, GuardActed, Stamp, stamped
from devices.barriers.modbus_board import Refused, RequestParser
from edge.booth_messages import GuardReply
from edge.gate.clocks import REAL_CLOCKS, GateClock
from edge.identity import load_identity
from edge.link import LinkError, decode
from edge.logs import Log
from edge.messages import JournalAdvanced
from edge.places import Places
from edge.store.errors import StoreError
from edge.store.reader import JournalReader
from edge.store.scribe import Scribe
from simulators.powercut.cuts import Recording, Step

LENGTH_BYTES = 4


@dataclass(frozen=True, slots=True)
class Findings:
    """What is wrong after one cut; all empty where nothing is."""

    damaged: str = ""
    lost: str = ""
    renewed: bool = False

    def __bool__(self) -> bool:
        return bool(self.damaged or self.lost or self.renewed)


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What the gate had let the world know: how far the journal is, what the guard asked and got, how often the relay went on."""

    through: int
    acts: frozenset[str]
    openings: int


def acknowledged(said: tuple[Step, ...]) -> Acknowledged:
    """Read what was said on the local link and to the relay board."""
    messages = list(_messages(said))
    parser = RequestParser(1)
    requests = [one for step in said if step.name != "socket" for one in parser.feed(step.data) if not isinstance(one, Refused)]
    return Acknowledged(
        max((message.seq for message in messages if isinstance(message, JournalAdvanced)), default=0),
        frozenset(message.request for message in messages if isinstance(message, GuardReply) and message.accepted),
        sum(any(request.states) for request in requests),
    )


def _messages(said: tuple[Step, ...]) -> Iterator[object]:
    for step in said:
        if step.name == "socket":
            try:
                yield decode(step.data[LENGTH_BYTES:])
            except LinkError:
                continue


def _stamp() -> Stamp:
    return stamped(time.monotonic(), time.time())


def judge(recording: Recording, at: int, chance: Random, places: Places) -> Findings:
    """Cut before step `at`, lay what is left where it was, open it as the gate does at its next start, and look."""
    remains = recording.cut(at, chance)
    remains.lay(places.root)
    known = acknowledged(remains.said)
    try:
        Scribe(places, load_identity(places), Log("gate"), GateClock(REAL_CLOCKS).stamp, lambda: False).journal.close()
    except StoreError as error:
        return Findings(damaged=str(error))
    with closing(sqlite3.connect(places.journal)) as db:
        (verdict,) = db.execute("PRAGMA integrity_check").fetchone()
    if verdict != "ok":
        return Findings(damaged=verdict)
    with closing(JournalReader(places.journal)) as reader:
        return _judge_entries(reader, known)


def _judge_entries(reader: JournalReader, known: Acknowledged) -> Findings:
    epochs = reader.epochs()
    entries = list(reader.every())
    for epoch in epochs:
        head = genesis(entries[0].edge, epoch)
        for seq, stored in enumerate(reader.after(epoch, 0, len(entries)), 1):
            head = link(head, stored.canonical)
            if (stored.seq, stored.hash) != (seq, head):
                return Findings(damaged=f"the chain breaks at {stored.seq}")
    bodies = [entry.body() for entry in entries]
    opened = sum(isinstance(body, Commanded) and body.act == "open" for body in bodies)
    acts = {body.request for body in bodies if isinstance(body, GuardActed)}
    lost = []
    if reader.length(epochs[0]) < known.through:
        lost.append(f"entries {reader.length(epochs[0]) + 1} to {known.through}")
    if opened < known.openings:
        lost.append(f"the cause of {known.openings - opened} openings")
    if known.acts - acts:
        lost.append(f"acts {sorted(known.acts - acts)}")
    renewed = sum(isinstance(body, EpochBegan) for body in bodies) > 1
    return Findings(lost=", ".join(lost), renewed=renewed)
