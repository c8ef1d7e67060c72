"""A post at work for the pages of its places: what the registry told it and what its gate wrote down, both really on the disk.

Import the fixture `post` where a test needs it: it begins each test with an empty journal and no records, and has the scripted
gate take acts with records as the gate program does, so that what a page asks for stands in the journal when the next one reads.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from access.contract.record_fields import Record
from access.contract.sync import RulesPage, Upsert
from access.entries import Body, FactsChanged, Stamp
from access.presence import Change, Value
from edge.booth_messages import GuardReply, RecordAct
from edge.gate.actions import Answer, Append
from edge.gate.alarms import Alarms
from edge.gate.passage import Moment
from edge.gate.record_acts import RecordActs
from edge.places import Places
from edge.store.journal import Journal
from edge.store.received import Received
from tests.edge.desk.wire import SITE_ID, Gate

FIRST_LANE = "in-1"
CAMERAS = ("camera-in", "camera-out")


class Post:
    """The rules and the journal of the gate whose desk program runs; `acted` are the acts that it was asked for, oldest first."""

    def __init__(self, places: Places) -> None:
        self._courier = places.courier
        self._journal = Journal(places.journal, SITE_ID, _stamp(), os.urandom)
        self.alarms = Alarms()
        self._acts = RecordActs(os.urandom, CAMERAS, self.alarms)
        self._answers: dict[str, GuardReply] = {}
        self._lock = threading.Lock()
        self.acted: list[RecordAct] = []
        self.told()

    def close(self) -> None:
        """Close the journal."""
        self._journal.close()

    def told(self, *records: Record) -> None:
        """Let these be all that the registry has told: booth records, and persons, who are found by their unit."""
        self._install(records, complete=True)

    def told_more(self, *records: Record) -> None:
        """Let the registry tell these too; one with the id of another takes its place."""
        self._install(records, complete=False)

    def write(self, body: Body, lane: str = FIRST_LANE, passage: str = "") -> str:
        """Write an entry of the gate's own; return its id (hex)."""
        with self._lock:
            draft = self._journal.draft(body, _stamp(), lane, passage)
            self._journal.append([draft], _stamp())
        return draft.id.hex

    def change(self, *changes: Change) -> None:
        """Change facts of the presence, as lanes and other gates do."""
        self.write(FactsChanged("guard", "test", changes))

    def fact(self, name: str) -> Value | None:
        """Return a fact of the presence."""
        with self._lock:
            return self._journal.presence.facts.get(name)

    def answer(self, asked: RecordAct) -> GuardReply:
        """Take an act as the gate program does: once, written down before it is answered. A test may be another browser."""
        with self._lock:
            self.acted.append(asked)
            if asked.request not in self._answers:
                self._answers[asked.request] = self._take(asked)
            return self._answers[asked.request]

    def begin_anew(self) -> None:
        """Let the gate's program begin anew: all that it knows is what stands in the journal."""
        with self._lock:
            self._acts, self._answers = RecordActs(os.urandom, CAMERAS, self.alarms), {}

    def has_done(self, request: str) -> bool:
        """Tell whether an act was taken and written down."""
        with self._lock:
            return request in self._answers and self._answers[request].accepted

    def _take(self, asked: RecordAct) -> GuardReply:
        moment = Moment(time.monotonic(), datetime.now(UTC), None, self._journal.presence)
        actions = self._acts.act(asked, asked.lane or FIRST_LANE, moment)
        if drafts := [action.draft for action in actions if isinstance(action, Append)]:
            self._journal.append(drafts, _stamp())
            for draft in drafts:
                self._acts.note(draft)
        (told,) = (action for action in actions if isinstance(action, Answer))
        return GuardReply(told.request, told.accepted, told.refusal)

    def _install(self, records: tuple[Record, ...], *, complete: bool) -> None:
        with closing(Received(self._courier)) as received:
            revision = received.revision() + 1
            upserts = [Upsert.model_validate({"revision": revision, "record": record.model_dump()}) for record in records]
            received.begin_arrival()
            received.arrive(RulesPage(since=0, revision=revision, complete=complete, upserts=tuple(upserts)))
            received.install(revision, round(time.time()), complete=complete)


def _stamp() -> Stamp:
    return Stamp(time.monotonic_ns() // 1000, time.time_ns() // 1000)


def _remove(journal: Path) -> None:
    for path in journal.parent.glob(f"{journal.name}*"):
        path.unlink()


@pytest.fixture
def post(gate: Gate, places: Places) -> Iterator[Post]:
    _remove(places.journal)
    with closing(Post(places)) as made:
        gate.keep = made.answer
        yield made


def acts_of(post: Post, name: str = "") -> list[dict[str, Any]]:
    """Return what the pages asked to be written of acts of this name, or of all: the values that are not personal."""
    return [dict(asked.values) for asked in post.acted if name in ("", asked.act)]
