"""In whatever order journals come up, and however often the job looks in between, the ledger comes to the same."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import zip_longest
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from access.entries import Body, Decided, FactsChanged, GapDeclared, PassageEnded
from access.identifiers import uuid7
from central.edges import repository as edges
from central.journal.reading import read_here
from central.journal.repository import form
from central.journal.services import home_of, take_in
from central.ledger.job import look_through
from central.ledger.tables import (
    Conflict,
    ConflictCursor,
    ConflictEntry,
    ConflictMark,
    ConflictParked,
)
from central.registry import Registry
from central.sync_tables import JournalGap, SharedFact
from central.tables import EdgeHead, JournalEntry
from tests.central.databases import ON_ONE
from tests.central.gate import BEGAN, Gate
from tests.sizes import sized

pytestmark = ON_ONE
TABLES = (ConflictEntry, Conflict, ConflictMark, ConflictCursor, ConflictParked, JournalEntry, EdgeHead, JournalGap, SharedFact)
SUBJECTS = ("car", "lorry")
Batch = tuple[Gate, bytes]


@st.composite
def moves(draw: st.DrawFn) -> list[tuple[int, str, Any]]:
    """What one epoch of a gate writes: when, and what."""
    what = st.sampled_from(("in", "out", "unwritten", "told", "gap"))
    return draw(st.lists(st.tuples(st.integers(0, 3000), what, st.sampled_from(SUBJECTS)), min_size=1, max_size=6))


def body_of(what: str, subject: str, at_s: int, other: Gate) -> Body:
    if what == "unwritten":
        return Decided("grant", "access_ok", "plate", "camera", 1, "in", uncommitted=True)
    if what == "told":
        at_us = round(BEGAN.timestamp() + at_s) * 1_000_000
        return FactsChanged(
            f"peer:{other.enrolled.edge}", "heard", (("set", f"at:{subject}", ["site", 7], at_us, other.epoch.hex, 2),)
        )
    if what == "gap":
        return GapDeclared("", 0, 0, "not written", count=1)
    return PassageEnded("passed", what, facts=(("set", f"at:{subject}", ["site" if what == "in" else "", 7]),))


def write(gate: Gate, other: Gate, journal: Sequence[tuple[int, str, str]]) -> list[Batch]:
    """Write an epoch, and return its batches of two entries each."""
    for at_s, what, subject in journal:
        gate.write(body_of(what, subject, at_s, other), BEGAN + timedelta(seconds=at_s), passage=f"p{at_s % 2}")
    return [(gate, gate.batch(first, first + 1)) for first in range(1, len(gate.entries) + 1, 2)]


def bring(registry: Registry, batch: Batch) -> None:
    """Let the registry take a batch in, as if its gate had sent it."""
    gate, body = batch
    with registry.write() as work:
        speaker = edges.speaker(work.session, gate.enrolled.edge)
        assert speaker is not None
        take_in(work, speaker, 0, read_here(body, home_of(form(work.session), speaker, work.at, 0, {})))


def emptied(registry: Registry) -> None:
    with registry.write() as work:
        for table in TABLES:
            work.session.execute(delete(table))


def told(registry: Registry) -> Iterator[tuple[Any, ...]]:
    with registry.read() as work:
        for row in work.session.scalars(select(Conflict).where(Conflict.state == "open").order_by(Conflict.kind, Conflict.key)):
            entries = [(each.n, each.edge_id, each.epoch, each.seq, each.at_us) for each in row.entries]
            yield row.kind, row.key, row.round, row.severity, row.facts, row.at_us, entries


@settings(
    max_examples=sized(quick=3, soak=400),
    deadline=None,
    phases=(Phase.explicit, Phase.generate),  # to make a failure smaller takes longer than to read it
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    journals=st.tuples(moves(), moves(), moves()),
    arrival=st.lists(st.integers(0, 2), max_size=9),
    looks=st.lists(st.integers(0, 3), min_size=9, max_size=9),
)
def test_the_order_of_arrival_makes_no_difference(
    gate: Gate, west: Gate, registry: Registry, journals: tuple[Any, Any, Any], arrival: list[int], looks: list[int]
) -> None:
    lines = []
    for seed, (box, other) in enumerate(((gate, west), (west, gate), (gate, west))):
        box.chance.seed(seed)
        box.epoch, box.entries = uuid7(BEGAN + timedelta(seconds=seed), box.chance.randbytes(10)), []
        lines.append(write(box, other, journals[seed]))
    batches = [batch for line in lines for batch in line]
    emptied(registry)
    for batch in batches:
        bring(registry, batch)
    look_through(registry)
    wanted = list(told(registry))
    assert look_through(registry) == 0

    emptied(registry)
    for chosen, look in zip_longest(arrival, looks, fillvalue=0):
        left = [line for line in lines if line]
        if left:
            bring(registry, left[chosen % len(left)].pop(0))
            look_through(registry, look)
    for batch in (batch for line in lines for batch in line):
        bring(registry, batch)
    look_through(registry)
    assert list(told(registry)) == wanted
