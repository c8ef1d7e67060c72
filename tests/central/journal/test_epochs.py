"""Stores that were put back or copied: what may go on, and what ends in quarantine."""

import copy
from collections.abc import Callable
from uuid import UUID

import httpx
import pytest

from access.entries import EpochBegan
from access.identifiers import uuid7
from tests.central.databases import ON_ONE
from tests.central.gate import BEGAN, Gate

# The databases are told apart by the tests of what is stored; here the rules are the subject.
pytestmark = ON_ONE


def go_on(gate: Gate, after: int, reason: str) -> UUID:
    """Begin a new epoch that goes on from entry `after` of the present one; returns the new one."""
    began = EpochBegan(reason, str(gate.epoch), after, gate.head(after))
    gate.epoch, gate.entries = uuid7(BEGAN, gate.chance.randbytes(10)), []
    gate.write(began)
    return gate.epoch


class Store:
    """What a copy of the box's disk holds."""

    def __init__(self, gate: Gate) -> None:
        self.epoch, self.entries = gate.epoch, copy.copy(gate.entries)

    def put_into(self, gate: Gate) -> None:
        gate.epoch, gate.entries = self.epoch, copy.copy(self.entries)


def decide(gate: Gate, number: int) -> None:
    for n in range(number):
        gate.decide(after_s=len(gate.entries) + n)


@pytest.fixture
def status(admin: httpx.Client) -> Callable[[], tuple[str, str]]:
    def told() -> tuple[str, str]:
        (edge,) = admin.get("/edges").json()["items"]
        return edge["status"], edge["note"]

    return told


def test_a_restored_store_goes_on_and_people_are_told(gate: Gate, status: Callable[[], tuple[str, str]]) -> None:
    decide(gate, 5)
    gate.send()
    go_on(gate, 3, "restored")
    decide(gate, 2)
    assert gate.send().acked_through == 3
    assert status() == ("active", "restored: goes on from entry 3; the registry has the former epoch through 5")


def test_who_writes_on_in_an_epoch_that_has_ended_is_a_twin(gate: Gate, status: Callable[[], tuple[str, str]]) -> None:
    decide(gate, 5)
    gate.send()
    twin = Store(gate)
    go_on(gate, 5, "cloned")
    gate.send()
    twin.put_into(gate)
    assert gate.send().acked_through == 5, "what is there already is no news"
    decide(gate, 1)
    reply = gate.ask("POST", "/entries", gate.batch(6))
    assert (reply.status_code, reply.json()["field"]) == (409, "entries")
    assert status() == ("quarantined", "this epoch has ended, and somebody writes on in it: this edge is quarantined")


def test_what_was_written_before_the_end_may_come_late(gate: Gate, status: Callable[[], tuple[str, str]]) -> None:
    decide(gate, 4)
    gate.send(1, 2)
    former = Store(gate)
    go_on(gate, 4, "rebuilt")
    gate.send()
    former.put_into(gate)
    assert gate.send(3).acked_through == 4
    assert status()[0] == "active"


def test_an_image_put_back_twice_ends_the_epoch_between(gate: Gate, status: Callable[[], tuple[str, str]]) -> None:
    decide(gate, 3)
    gate.send()
    image = Store(gate)
    go_on(gate, 3, "restored")
    gate.send()
    between = Store(gate)
    image.put_into(gate)
    go_on(gate, 3, "restored")
    gate.send()
    assert status()[0] == "active"
    between.put_into(gate)
    decide(gate, 1)
    assert gate.ask("POST", "/entries", gate.batch(2)).status_code == 409
    assert status()[0] == "quarantined"


def test_a_new_epoch_may_come_before_anything_of_the_former(gate: Gate) -> None:
    decide(gate, 2)
    former = Store(gate)
    go_on(gate, 2, "rebuilt")
    assert gate.send().acked_through == 1
    former.put_into(gate)
    assert gate.send().acked_through == 2


def test_a_beginning_that_names_no_epoch_changes_nothing(gate: Gate, status: Callable[[], tuple[str, str]]) -> None:
    gate.write(EpochBegan("created"))
    gate.write(EpochBegan("restored", "no epoch", 7))
    gate.write(EpochBegan("restored", str(UUID(int=1)), -1))
    assert (gate.send().acked_through, status()) == (3, ("active", ""))
