"""An entry larger than one may be: no gate makes it, whatever neighbours tell it; where an older journal has it, it is parked."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from access import sealing
from access.entries import AlarmRaised, Body, FactsChanged, Observed
from access.sealing import ENTRY_BYTES_MAX, TOO_LARGE
from central.registry import Registry
from central.tables import QuarantinedEntry
from edge.courier.facts import PAGE
from tests.faults.linked_box import Box, Lakeside, Sender, lakeside
from tests.sync.clocks import Clocks
from tests.sync.hearing import hear, joined
from tests.sync.registry import SimulatedRegistry
from tests.waiting import wait_until

TOO_MANY = ENTRY_BYTES_MAX + 1_000


@pytest.fixture
def central(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Lakeside]:
    with lakeside(tmp_path / "registry", migrated_sqlite) as central:
        yield central


@pytest.fixture
def box(tmp_path: Path, central: Lakeside) -> Iterator[Box]:
    with Box(tmp_path / "box", central, central.url) as box:
        yield box


def write_as_before_there_was_a_limit(box: Box, body: Body) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sealing, "ENTRY_BYTES_MAX", 2**30)
        box.write(body)


def parked(registry: Registry) -> list[tuple[int, bytes, bytes, str]]:
    row = QuarantinedEntry
    with registry.read() as work:
        query = select(row.seq, row.canonical, row.personal, row.reason)
        return [(seq, canonical, personal, reason) for seq, canonical, personal, reason in work.session.execute(query)]


OLD: list[Body] = [
    Observed("arm_rose", "io", "x" * TOO_MANY),
    AlarmRaised("gate_crash", "x" * TOO_MANY),
    FactsChanged("guard", "corrected", words="x" * TOO_MANY),
    Observed("arm_rose", "io", "x" * 2_000_000),
]


@pytest.mark.parametrize("body", OLD, ids=["open", "alarm", "personal", "a_batch_of_its_own"])
def test_fault_33_what_an_older_journal_has_is_parked_whole_and_all_others_arrive(
    central: Lakeside, box: Box, body: Body
) -> None:
    box.write_many(300)
    write_as_before_there_was_a_limit(box, body)
    poison = box.journal.seq
    box.write_many(300)
    with Sender(box) as sender:
        sender.drain()
        assert (sender.failures, sender.progress.acked) == ([], {box.journal.epoch: box.journal.seq})
    written = box.canonical()
    assert central.stored(box) == [entry for entry in written if entry[0] != poison]
    [(seq, canonical, personal, reason)] = parked(central.registry)
    assert (seq, canonical, reason) == (poison, dict(written)[poison], TOO_LARGE)
    assert max(len(canonical), len(personal)) > ENTRY_BYTES_MAX


def test_fault_33_the_courier_lives_through_it(central: Lakeside, box: Box) -> None:
    write_as_before_there_was_a_limit(box, AlarmRaised("gate_crash", "x" * TOO_MANY))
    box.write_many(5)
    box.start()
    wait_until(lambda: len(central.stored(box)) == box.journal.seq - 1, 10, "all others to be stored")
    box.write_many(1)
    wait_until(lambda: len(central.stored(box)) == box.journal.seq - 1, 10, "what comes after it")


# --- a neighbour that means ill ---------------------------------------------------------------------


def hostile(letter: str) -> list[Any]:
    """Return changes of facts, as many as a page has, each as large as one may be that is told."""

    def change(number: int) -> tuple[str, str, list[object]]:
        return "set", f"at:{number:03}".ljust(200, letter), ["y" * 180, 7]

    return [change(number) for number in range(PAGE)]


@pytest.mark.parametrize(("letter", "known"), [("x", PAGE), ("车", 1), ("😀", 1)])
def test_fault_33_no_neighbour_can_make_a_gate_write_what_the_registry_refuses(tmp_path: Path, letter: str, known: int) -> None:
    with (
        closing(SimulatedRegistry(tmp_path, Clocks())) as registry,
        closing(joined(registry, tmp_path / "east")) as east,
        closing(joined(registry, tmp_path / "west")) as west,
    ):
        facts = [("set", "at:car", ["site", 7]), *hostile(letter)[1:]]
        for some in (tuple(facts[at : at + 20]) for at in range(0, PAGE, 20)):
            east.write_bodies(FactsChanged("guard", "corrected", some, plates={name[3:]: letter * 10 for _, name, _ in some}))
        east.settle()
        names = sorted(hear(west, registry.clocks))
        assert (names[-1], len(names)) == ("at:car", known)
        west.settle()
        assert all(len(canonical) <= ENTRY_BYTES_MAX for canonical in west.held().values())
        assert west.progress.acked[west.journal.epoch] == west.journal.seq
        assert registry.stored().keys() >= west.held().keys()
        assert [seq for seq, *_ in parked(registry.registry)] == []
