"""Contractors pass where nobody sits: their passes follow that, and what guards do with the duplicates goes together with it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from access.entries import PassageEnded
from central.booth.job import follow_booths
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
