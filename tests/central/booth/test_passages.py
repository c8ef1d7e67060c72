"""Contractors and visitors pass where nobody sits: their records follow that, and what guards do goes together with it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import delete

from access.acting.act import Act
from access.acting.passes import pass_facts
from access.acting.visits import visit_facts
from access.entries import PassageEnded
from access.presence import Change, Presence
from central.booth.job import follow_booths
from central.booth.tables import BoothAct, BoothCursor
from central.registry import Registry
from tests.central.booth.post import Post
from tests.central.booth.test_booth import conflicts, look
from tests.central.contractors.agreed import approved, held
from tests.central.databases import ON_ONE
from tests.central.gate import Gate


@pytest.fixture
def north(address: str, post: Post) -> Iterator[Gate]:
    """Another gate of the site, where nobody sits."""
    post.made("/gates", slug="north", name="北门")
    with Gate(address, seed=2, slug="north") as gate:
        gate.join(post.registry, "box 2")
        yield gate


class Worker:
    """The holder of a pass, at the booth and at the lanes of both gates."""

    def __init__(self, post: Post, north: Gate) -> None:
        self.post, self.north = post, north
        self.place, self.number = held(post.admin, post.site, approved(post.admin, post.site), "w1")
        self.id = self.place.rpartition("/")[2]
        # Behind the issue, and yet no later than a gate's clock may be ahead.
        post.began = datetime.now(UTC)
        post.registry = replace(post.registry, calendar=lambda: post.at(60))

    def facts_of(self, gate: Gate, direction: str, hangs: Gate | None = None) -> tuple[Any, ...]:
        """Return what a passage at a gate changes (`access.passing`); `hangs`: at which other gate the duplicate stays."""
        name, since = f":{self.id}", int(self.post.began.timestamp())
        if direction == "in":
            return (("set", "held" + name, [str(gate.enrolled.lanes["in-1"]), since, "permit:m"]),)
        gone = ("drop", "held" + name, None)
        if hangs is None:
            return (gone,)
        at, by = hangs.enrolled.lanes["in-1"], gate.enrolled.lanes["out-1"]
        return gone, ("set", "transfer" + name, [str(at), since, str(by)])

    def passes(self, minutes: float, gate: Gate, direction: str, hangs: Gate | None = None) -> None:
        body = PassageEnded("passed", direction, facts=self.facts_of(gate, direction, hangs))
        gate.write(body, self.post.at(minutes / 20), lane=f"{direction}-1")

    def acts(self, minutes: float, act: str, **values: Any) -> None:
        if act == "WorkerEntered":
            values |= {"original": f"{self.number}-O", "duplicate": f"{self.number}-D"}
        self.post.act(minutes / 20, "pass", self.id, act, post="东门岗", **values)

    @property
    def hangs(self) -> tuple[str, str]:
        record = self.post.shown(self.place)["record"]
        return record["held_at"], record["left_by"]


@pytest.fixture
def worker(post: Post, north: Gate) -> Worker:
    return Worker(post, north)


def heard(post: Post, gate: Gate) -> None:
    gate.send()
    follow_booths(post.registry)


def test_who_leaves_by_the_reader_of_another_gate_leaves_the_duplicate_in_transfer(
    post: Post, north: Gate, worker: Worker, registry: Registry
) -> None:
    worker.acts(0, "WorkerEntered")
    post.sync()
    worker.passes(10, north, "out", hangs=post.gate)
    heard(post, north)
    assert worker.hangs == ("东门岗", "北门")
    worker.acts(20, "DuplicateBroughtBack")
    post.sync()
    look(registry)
    assert (worker.hangs, post.left(), conflicts(post)) == (("", ""), [], [])
    events = post.events(worker.place)[-3:]
    assert [(each["name"], each["by_role"]) for each in events] == [
        ("WorkerEntered", "guard"),
        ("HolderPassed", "registry"),
        ("DuplicateBroughtBack", "guard"),
    ]
    assert events[1]["origin"] == f"gate:{north.enrolled.edge}"


@ON_ONE
def test_a_passage_that_comes_late_has_its_place(post: Post, north: Gate, worker: Worker, registry: Registry) -> None:
    worker.acts(0, "WorkerEntered")
    worker.passes(10, north, "out", hangs=post.gate)
    worker.acts(20, "DuplicateBroughtBack")
    worker.acts(30, "WorkerEntered")
    post.sync()  # of what happened at the other gate nobody here has heard
    look(registry)
    assert [why for _, why in post.left()] == ["not_in_transfer", "already_inside"]
    heard(post, north)
    look(registry)
    assert (worker.hangs, post.left()) == (("东门岗", ""), [])
    assert [state for _, state in conflicts(post) if state == "open"] == []


@ON_ONE
def test_a_day_with_readers_and_guards_makes_no_finding(
    post: Post, north: Gate, worker: Worker, registry: Registry, admin: httpx.Client
) -> None:
    worker.passes(0, post.gate, "in")
    post.sync()
    assert worker.hangs == ("east", "")
    worker.acts(5, "WorkerLeft", given_back=True)
    worker.acts(10, "WorkerEntered")
    worker.passes(15, post.gate, "out")
    worker.acts(20, "WorkerEntered")
    worker.acts(25, "WorkerLeft", given_back=True)
    worker.passes(30, post.gate, "in")
    post.sync()
    assert worker.hangs == ("east", "")
    worker.passes(35, north, "out", hangs=post.gate)
    worker.passes(50, north, "in")  # with a guard's leave: as the gate counts
    heard(post, north)
    assert worker.hangs == ("北门", "")
    worker.passes(55, north, "out")
    heard(post, north)
    look(registry)
    assert (worker.hangs, post.left(), conflicts(post)) == (("", ""), [], [])
    assert admin.post(f"{worker.place}/return", json={"deposit": "已退"}).status_code == 200
    # What is on record of no pass here is no finding either.
    worker.id = post.new_id()
    worker.passes(60, post.gate, "in")
    post.sync()
    look(registry)
    assert (post.left(), conflicts(post)) == ([("refused", "unknown_record")], [])


class Day:
    """What two gates that hear of each other at once count, as lanes and guards at the booth let people pass."""

    def __init__(self, post: Post, north: Gate, kind: str, identity: str) -> None:
        self.post, self.north, self.kind, self.identity = post, north, kind, identity
        self.presence = Presence()
        post.began = datetime.now(UTC)
        post.registry = replace(post.registry, calendar=lambda: post.at(60))

    def acts(self, minutes: float, name: str, **values: Any) -> None:
        at = self.post.at(minutes / 20)
        asked = Act(self.kind, self.identity, name, values, str(self.post.gate.enrolled.lanes["in-1"]), at)
        facts = (pass_facts if self.kind == "pass" else visit_facts)(asked, self.presence)
        assert not isinstance(facts, str), facts
        self.presence = self.presence.after(facts)
        self.post.act(minutes / 20, self.kind, self.identity, name, facts=facts, **values)

    def passes(self, minutes: float, gate: Gate, direction: str, *facts: Change) -> None:
        self.presence = self.presence.after(facts)
        gate.write(PassageEnded("passed", direction, facts=facts), self.post.at(minutes / 20), lane=f"{direction}-1")

    def goes(self, minutes: float, gate: Gate, direction: str) -> None:
        """Let one of the visit's party pass a lane."""
        party, at = f"party:{self.identity}", int(self.post.began.timestamp())
        count = max(0, int(str(self.presence.facts.get(party, 0))) + (1 if direction == "in" else -1))
        used: tuple[Change, ...] = (("add", f"uses:{self.identity}", 1),) if direction == "in" else ()
        self.presence = self.presence.after(used)  # with the grant
        moved: Change = ("set", party, count) if count else ("drop", party, None)
        self.passes(minutes, gate, direction, ("set", f"at:{self.identity}", ["site" if direction == "in" else "", at]), moved)

    def sync(self) -> None:
        if len(self.post.gate.entries) > self.post.sent:
            self.post.sync()
        self.north.send()
        follow_booths(self.post.registry)


def test_who_comes_by_a_reader_and_leaves_by_the_booth_comes_again_tomorrow(
    post: Post, north: Gate, worker: Worker, registry: Registry
) -> None:
    day = Day(post, north, "pass", worker.id)
    person = post.new_id()
    parts = {"original": f"{worker.number}-O", "duplicate": f"{worker.number}-D"}

    def by_reader(minutes: float, direction: str) -> None:
        lane, since = str(post.gate.enrolled.lanes["in-1"]), int(post.at(minutes / 20).timestamp())
        held: Change = ("set", f"held:{worker.id}", [lane, since]) if direction == "in" else ("drop", f"held:{worker.id}", None)
        day.passes(minutes, post.gate, direction, ("set", f"at:{person}", ["site" if direction == "in" else "", since]), held)

    by_reader(0, "in")
    day.acts(10, "WorkerLeft", post="东门岗", given_back=True, subject=person)
    by_reader(20, "in")
    by_reader(30, "out")
    day.acts(40, "WorkerEntered", post="东门岗", subject=person, **parts)
    by_reader(50, "out")
    post.sync()
    look(registry)
    assert (worker.hangs, post.left(), conflicts(post)) == (("", ""), [], [])


@pytest.fixture
def visit(post: Post, north: Gate) -> Day:
    """A visit of two persons, who may come twice each."""
    host = post.made("/persons", name="李小明", unit="3-1201")
    until = (datetime.now(UTC) + timedelta(hours=4)).isoformat()
    wanted = {"category": "appointment", "host_person": host, "valid_until": until, "details": {"name": "王五"}}
    identity = post.made("/visits", party=2, uses=2, **wanted)
    post.admin.post(f"/visits/{identity}/approve").raise_for_status()
    return Day(post, north, "visit", identity)


def counted(day: Day) -> tuple[str, int, int]:
    shown = day.post.shown(f"/visits/{day.identity}")
    return shown["state"], shown["record"]["arrived"], shown["record"]["inside"]


def test_who_came_by_a_lane_is_checked_out_at_the_booth(post: Post, north: Gate, visit: Day, registry: Registry) -> None:
    visit.goes(0, post.gate, "in")
    visit.goes(5, north, "in")
    visit.sync()
    assert counted(visit) == ("in", 2, 2)
    visit.acts(10, "VisitorsLeft", gate="east", people=1)
    visit.sync()
    assert counted(visit) == ("in", 2, 1)
    visit.goes(15, north, "out")
    visit.goes(16, north, "out")  # with a guard's leave: nobody is counted out twice
    visit.acts(20, "VisitorsArrived", gate="east", people=2, met=["lead_in"])
    visit.sync()
    assert counted(visit) == ("in", 4, 2)
    visit.goes(25, post.gate, "out")
    visit.acts(30, "VisitorsLeft", gate="east", people=1)
    visit.sync()
    look(registry)
    assert (counted(visit), post.left(), conflicts(post)) == (("out", 4, 0), [], [])
    events = post.events(f"/visits/{visit.identity}")
    assert [each["by_role"] for each in events if each["name"] == "VisitorsPassed"] == ["registry"] * 5
    with registry.write() as work:  # however often it is looked through
        work.session.execute(delete(BoothCursor))
        work.session.execute(delete(BoothAct))
    follow_booths(registry)
    assert (post.events(f"/visits/{visit.identity}"), post.left()) == (events, [])


def test_a_visitors_passage_that_comes_late_has_its_place(post: Post, north: Gate, visit: Day, registry: Registry) -> None:
    visit.goes(0, north, "in")
    visit.acts(10, "VisitorsLeft", gate="east", people=1)
    post.sync()  # of what happened at the other gate nobody here has heard
    look(registry)
    assert (post.left(), conflicts(post)) == ([("refused", "not_now")], [("record_contradicted", "open")])
    visit.sync()
    look(registry)
    assert (counted(visit), post.left()) == (("out", 1, 0), [])
    assert [state for _, state in conflicts(post) if state == "open"] == []
    # What is on record of no visit here is no finding.
    visit.identity = post.new_id()
    visit.goes(20, post.gate, "in")
    visit.sync()
    assert (post.left(), [state for _, state in conflicts(post) if state == "open"]) == ([("refused", "unknown_record")], [])
