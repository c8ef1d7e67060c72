"""The past itself: passages one after another through the gate's core, committed to a real journal under real snapshots."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from uuid import UUID, uuid5

from access.confusion import partners
from access.contract.record_fields import Record
from access.contract.records import CardRecord, PersonRecord, ScheduleRecord, Span
from access.contract.sync import RulesPage, Tombstone, Upsert
from access.entries import FactsChanged, stamped
from access.presence import Change
from devices.readings import PlateRead
from edge.booth_messages import GuardRequest
from edge.config import GateConfig
from edge.config_file import load
from edge.courier.snapshots import build
from edge.gate.actions import Append, OpenBarrier
from edge.gate.events import (
    CardPresented,
    CommandSent,
    DeviceReported,
    Event,
    InputsChanged,
    PlatePresented,
    SnapshotInstalled,
)
from edge.gate.gate import Gate
from edge.messages import SyncState
from edge.places import Places
from edge.store.journal import Journal
from edge.store.received import Received
from edge.store.rules import map_snapshot
from simulators.history.people import WORK_HOURS, People, Person

BEGIN: Final = datetime(2026, 3, 1, 16, tzinfo=UTC)  # a Monday, 00:00 in Shanghai
DAYS: Final = 60
CHANGE_EVERY: Final = 400
CARD_KEY: Final = bytes(range(32))
LANES: Final = (("in-1", "vehicle", "in"), ("out-1", "vehicle", "out"), ("door-1", "pedestrian", "in"))
EDGE: Final = UUID(int=0xED6E)
WIRING: Final = """
[[device]]
id = "{lane}-reader"
protocol = "em4100"
url = "serial:///dev/{lane}-reader"

[[device]]
id = "{lane}-camera"
protocol = "video"
url = "rtsp://{lane}-camera/stream1"

[[device]]
id = "{lane}-io"
protocol = "modbus-rtu"
url = "serial:///dev/{lane}-io"

[[lane]]
id = "{lane}"
kind = "{kind}"
direction = "{direction}"
readers = ["{lane}-reader"]
cameras = ["{lane}-camera"]

[lane.barrier]
device = "{lane}-io"
open = {{ coil = 0, pulse_ms = 500 }}
open_limit = {{ input = 0 }}
closed_limit = {{ input = 1 }}
"""
LOOPS: Final = "arrival_loop = { input = 2 }\nsafety_loop = { input = 3 }\n"


@dataclass(slots=True)
class Clock:
    """Virtual time: moved by hand, never read from the machine."""

    now: float = 1000.0

    @property
    def at(self) -> datetime:
        """UTC that goes with `now`."""
        return BEGIN + timedelta(seconds=self.now - 1000.0)


class Past:
    """A gate's folder with a past in it. Close it, and `gatehouse-edge replay` can read it."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.config_path = folder / "gate.toml"
        self.config = _configured(self.config_path)
        self.places = Places(self.config.gate.data)
        self.places.make()
        self.people = People(seed, BEGIN, DAYS, CARD_KEY)
        self.revision = 0
        self._rng = random.Random(f"past {seed}")
        self._clock = Clock()
        self._journal = Journal(self.places.journal, EDGE, self._stamp(), self._rng.randbytes)
        self._received = Received(self.places.courier)
        self._gate = Gate(self.config, self._rng.randbytes, self._journal.presence)
        self._online_until = 0.0
        self.change_rules(tuple(self.people.records(LANES)))
        for lane in self.config.lane:
            self._feed(DeviceReported(lane.barrier.device, up=True))
            self._board(lane.id)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._journal.close()
        self._received.close()

    # --- what the office does ---------------------------------------------------------------------

    def change_rules(self, records: Sequence[Record], gone: Sequence[tuple[str, UUID]] = ()) -> None:
        """Publish records as the next revision, have it installed and packed, and hand it to the gate."""
        self.revision += 1
        upserts = tuple(Upsert.model_validate({"revision": self.revision, "record": record.model_dump()}) for record in records)
        tombstones = tuple(Tombstone(revision=self.revision, kind=kind, id=identity) for kind, identity in gone)
        self._received.begin_arrival()
        self._received.arrive(RulesPage(since=self.revision - 1, revision=self.revision, upserts=upserts, tombstones=tombstones))
        utc = int(self._clock.at.timestamp())
        self._received.install(self.revision, utc, complete=False)
        path = build(self.places.courier, self.places.snapshots, utc)
        self._feed(SnapshotInstalled(map_snapshot(path), f"{self.revision:064x}"))

    def change_something(self) -> None:
        """Let the office change its mind: a person, a card, the working hours."""
        person = self._rng.choice(self.people.everybody)
        records = tuple(self.people.records(LANES))
        of_person = next(one for one in records if isinstance(one, PersonRecord) and one.id == person.id)
        of_card = next(one for one in records if isinstance(one, CardRecord) and one.person == person.id)
        status: Any = self._rng.choice(["active", "frozen", "lost"])
        hours = Span(days=(0, 1, 2, 3, 4), start=f"{self._rng.randrange(6, 10):02d}:00", end="19:00")
        self.change_rules(
            [
                of_person.model_copy(update={"status": "active" if status == "lost" else status}),
                of_card.model_copy(update={"status": status}),
                ScheduleRecord(id=WORK_HOURS, name="工作日", spans=(hours,)),
            ]
        )

    # --- what happens at the gate -----------------------------------------------------------------

    def live(self, passages: int, change_every: int = CHANGE_EVERY) -> None:
        """Let so many arrivals come, with a change of the rules now and then."""
        for count in range(1, passages + 1):
            self._wait(self._rng.expovariate(1 / 180))
            self._hear_of_the_registry()
            self._arrive()
            if count % change_every == 0:
                self.change_something()

    def _hear_of_the_registry(self) -> None:
        """Most days the registry is there; now and then it is away for two days, and the rules grow old."""
        if self._clock.now < self._online_until:
            return
        self._online_until = self._clock.now + (172_800 if self._rng.random() < 0.02 else 7_200)
        utc = self._clock.at.timestamp()
        self._feed(
            SyncState(online=True, acked_through=0, waiting=0, last_contact_utc=utc, rules_revision=self.revision, rules_utc=utc)
        )

    def _arrive(self) -> None:
        lane, kind, _ = self._rng.choice(LANES)
        person = self._rng.choice(self.people.everybody)
        if kind == "vehicle":
            self._board(lane, arrival=True)
            self._wait(0.5)
            self._show_vehicle(lane, person)
        else:
            self._feed(CardPresented(f"{lane}-reader", person.card, 40, self._clock.now))
        self._wait(1.0)
        self._guard(lane)
        self._go_through(lane, kind)

    def _show_vehicle(self, lane: str, person: Person) -> None:
        draw = self._rng.random()
        if draw < 0.15:
            self._see(lane, self._rng.choice([*self.people.strangers, self.people.blocked]), 0.98)
        elif draw < 0.3 or not person.plate:
            self._feed(CardPresented(f"{lane}-reader", person.card, 40, self._clock.now))
        elif draw < 0.42:
            self._see(lane, self._misread(person.plate), 0.9)
        else:
            self._see(lane, person.plate, 0.99 if draw < 0.95 else 0.3)

    def _misread(self, plate: str) -> str:
        places = [at for at in range(2, len(plate)) if partners(plate[at])]
        if not places or self._rng.random() < 0.3:
            return plate[:-1]
        at = self._rng.choice(places)
        return plate[:at] + self._rng.choice(sorted(partners(plate[at]))) + plate[at + 1 :]

    def _see(self, lane: str, text: str, confidence: float) -> None:
        doubt = self._rng.randrange(len(text))
        characters = tuple(confidence if at == doubt else 0.999 for at in range(len(text)))
        read = PlateRead(text, text, confidence, "blue", characters=characters, capture_id=f"{self._rng.getrandbits(64):x}")
        self._feed(PlatePresented(f"{lane}-camera", read, self._clock.now))

    def _guard(self, lane: str) -> None:
        """Answer most questions, some by choosing a candidate; clear most goods."""
        passage = self._gate.lanes[lane].passage
        if passage is None or passage.outcome != "refer" or self._rng.random() < 0.2:
            return
        if passage.reason.startswith("goods") and passage.moving:
            cleared: Change = ("set", f"cleared:{passage.moving[0].subject}", int(self._clock.at.timestamp()))
            self._write(FactsChanged("guard", "goods_checked", (cleared,)))
        choice = str(passage.candidates[0].credential.id) if passage.candidates and self._rng.random() < 0.7 else ""
        act = "admit" if self._rng.random() < 0.8 else "refuse"
        request = str(uuid5(EDGE, f"{self._clock.now}"))
        expires = self._clock.now + 10
        self._feed(GuardRequest(request, act, lane, "g-1", "张*", "looked", "", expires, passage.id, choice))

    def _go_through(self, lane: str, kind: str) -> None:
        """Drive or walk through an open barrier; now and then nobody does."""
        passage = self._gate.lanes[lane].passage
        opened = passage is not None and passage.outcome == "grant" and passage.ended is None
        if opened:
            self._board(lane, arm="up", arrival=kind == "vehicle")
            self._wait(2.0)
            if self._rng.random() < 0.97:
                self._board(lane, arm="up", arrival=False, safety=kind == "vehicle")
                self._wait(2.0)
                self._board(lane, arm="up")
            self._wait(1.0)
        self._board(lane)
        self._wait(40.0)

    # --- small parts ------------------------------------------------------------------------------

    def _board(self, lane: str, *, arm: str = "down", arrival: bool = False, safety: bool = False) -> None:
        self._feed(InputsChanged(f"{lane}-io", (arm == "up", arm == "down", arrival, safety)))

    def _wait(self, seconds: float) -> None:
        """Move the clock, firing each deadline of the gate at its moment."""
        until = self._clock.now + seconds
        while (deadline := self._gate.next_deadline()) is not None and deadline <= until:
            self._clock.now = max(self._clock.now, deadline)
            self._commit(self._gate.handle_timer(self._clock.now, self._clock.at))
        self._clock.now = until

    def _feed(self, event: Event) -> None:
        self._commit(self._gate.handle(event, self._clock.now, self._clock.at))

    def _commit(self, actions: Sequence[object]) -> None:
        drafts = [action.draft for action in actions if isinstance(action, Append)]
        if drafts:
            self._journal.append(drafts, self._stamp())
        for action in actions:
            if isinstance(action, OpenBarrier):
                self._feed(CommandSent(action.command, ok=True, error="", sent=self._clock.now))

    def _write(self, body: FactsChanged) -> None:
        self._journal.append([self._journal.draft(body, self._stamp())], self._stamp())
        self._gate.presence = self._gate.presence.after(body.facts)

    def _stamp(self) -> Any:
        return stamped(self._clock.now, self._clock.at.timestamp())


def _configured(path: Path) -> GateConfig:
    lanes = []
    for lane, kind, direction in LANES:
        lanes.append(WIRING.format(lane=lane, kind=kind, direction=direction) + (LOOPS if kind == "vehicle" else ""))
    path.write_text('[gate]\nsite = "lakeside"\nname = "east"\n' + "".join(lanes), encoding="utf-8")
    return load(path)
