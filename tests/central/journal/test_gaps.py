"""Entries behind a hole: taken in once the gate has declared the hole and begun anew; and an entry of its own given back."""

import copy
from dataclasses import replace
from typing import Any
from uuid import UUID

import cbor2
import httpx
import pytest

from access.contract.sync import SentEntry
from access.entries import EpochBegan, GapDeclared
from access.identifiers import uuid7
from tests.central.databases import ON_ONE
from tests.central.gate import BEGAN, Gate

# The databases are told apart by the tests of what is stored; here the rules are the subject.
pytestmark = ON_ONE


class Box:
    """A gate whose journal has lost entries: what it had before is in `former`."""

    def __init__(self, gate: Gate, number: int = 10) -> None:
        self.gate = gate
        for n in range(number):
            gate.decide(after_s=n)
        self.epoch, self.former = gate.epoch, copy.copy(gate.entries)

    def begins_anew(self, *gaps: tuple[int, int], after: int = 10) -> None:
        """Begin an epoch that declares these gaps, and send it."""
        gate = self.gate
        began = EpochBegan("rebuilt", str(self.epoch), after, gate.head(after))
        gate.epoch, gate.entries = uuid7(BEGAN, gate.chance.randbytes(10)), []
        gate.write(began)
        for first, last in gaps:
            gate.write(GapDeclared(self.epoch.hex, first, last, "damaged"))
        gate.send()

    def batch(self, first: int, last: int | None = None) -> bytes:
        """Return entries of the former epoch."""
        new, self.gate.epoch, self.gate.entries = (self.gate.epoch, self.gate.entries), self.epoch, self.former
        sent = self.gate.batch(first, last)
        self.gate.epoch, self.gate.entries = new
        return sent

    def send(self, first: int, last: int | None = None) -> tuple[int, tuple[tuple[int, int], ...]]:
        """Send entries of the former epoch; returns how far they are acknowledged, and what is asked for."""
        reply = self.gate.ask("POST", "/entries", self.batch(first, last)).raise_for_status().json()
        return reply["acked_through"], tuple(map(tuple, reply["gaps"]))


@pytest.fixture
def box(gate: Gate) -> Box:
    return Box(gate)


def gaps(admin: httpx.Client) -> list[tuple[Any, ...]]:
    shown = admin.get("/gaps").raise_for_status().json()["items"]
    return [(UUID(gap["epoch"]), gap["first"], gap["last"], gap["reason"]) for gap in shown]


def test_behind_a_declared_gap_the_former_epoch_goes_on(box: Box, admin: httpx.Client) -> None:
    box.gate.send(1, 4)
    assert box.send(7) == (4, ((5, 6),)), "without a word of it the registry asks for what is missing"
    box.begins_anew((5, 6))
    assert gaps(admin) == [(box.epoch, 5, 6, "damaged")]
    assert box.send(7, 9) == (9, ())
    assert box.send(7) == (10, ()), "sent again it is stored once"
    assert gaps(admin) == [(box.epoch, 5, 6, "damaged")]
    assert admin.get("/edges").json()["items"][0]["status"] == "active"


def test_what_the_registry_had_is_no_gap_there(box: Box, admin: httpx.Client) -> None:
    box.gate.send(1, 5)
    box.begins_anew((2, 3), (5, 7))
    assert gaps(admin) == [(box.epoch, 6, 7, "damaged")]
    assert box.send(8) == (10, ())


def test_how_far_a_lost_end_went_nobody_knows(box: Box, admin: httpx.Client) -> None:
    box.gate.send()
    box.begins_anew((8, 0), after=7)
    assert gaps(admin) == [(box.epoch, 11, None, "damaged")]


def test_of_one_wide_gap_the_parts_that_are_there_come(box: Box, admin: httpx.Client) -> None:
    box.begins_anew((1, 8))
    assert [box.send(3, 3), box.send(6, 6), box.send(9)] == [(3, ()), (6, ()), (10, ())]
    assert [gap[1:3] for gap in gaps(admin)] == [(1, 2), (4, 5), (7, 8)]


@pytest.mark.parametrize("declared", [(5, 5), (6, 6)])
def test_a_gap_that_is_declared_in_part_stays_shut(declared: tuple[int, int], box: Box) -> None:
    box.gate.send(1, 4)
    box.begins_anew(declared)
    assert box.send(7) == (4, ((5, 6),))


def test_a_copy_does_not_slip_through(box: Box, admin: httpx.Client) -> None:
    box.gate.send(1, 4)
    gate = box.gate
    gate.write(GapDeclared(gate.epoch.hex, 5, 6, "damaged"))
    assert box.send(7) == (4, ((5, 6),)), "an epoch that goes on has no holes"
    box.begins_anew((5, 6), after=8)
    assert gate.ask("POST", "/entries", box.batch(7)).status_code == 409, "it ended at 8, these go through 10"
    assert admin.get("/edges").json()["items"][0]["status"] == "quarantined"


def test_what_is_no_gap_changes_nothing(box: Box, admin: httpx.Client) -> None:
    box.begins_anew()
    odd: Any = GapDeclared(box.epoch.hex, 1, 2, "damaged")
    for gap in (replace(odd, epoch="none"), replace(odd, first="x"), replace(odd, first=0, last=0), replace(odd, first=3)):
        box.gate.write(gap)
    box.gate.send()
    assert gaps(admin) == []


def test_a_gate_gets_an_entry_of_its_own_back(box: Box) -> None:
    box.gate.send(1, 4)
    place = f"/entries/{box.epoch}"
    given = SentEntry.model_validate(cbor2.loads(box.gate.ask("GET", f"{place}/3").raise_for_status().content))
    assert given == SentEntry(seq=3, canonical=box.former[2].canonical, personal=box.former[2].personal)
    assert [box.gate.ask("GET", f"{place}/{seq}").status_code for seq in (5, 0)] == [404, 422]
