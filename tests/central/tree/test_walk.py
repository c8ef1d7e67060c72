"""The walk: in a history with all that honest gates do nothing is found; whatever is done to it is found, and named."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cbor2
import httpx
import pytest
from sqlalchemy import select, update

from central.audit.tables import AuditEntry
from central.registry import Registry
from central.tables import JournalEntry
from central.tree.outlets import Folder
from central.tree.publishing import publish
from central.tree.walk.everything import Asked, walk
from central.tree.walk.findings import Seen
from tests.central.checkpoints.test_checkpoints import checkpoint, countersigned
from tests.central.gate import Gate
from tests.central.journal.test_gaps import Box
from tests.central.tampering import Acts, Scene, Tampering
from tests.central.tree import journal_acts, tree_acts
from tests.sizes import sized

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Calendar:
    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
def registry(registry: Registry, calendar: Calendar) -> Registry:
    return replace(registry, calendar=calendar)


@pytest.fixture
def scene(gate: Gate, registry: Registry, calendar: Calendar, admin: httpx.Client, tmp_path: Path) -> Scene:
    box = Box(gate)
    outside = tmp_path / "outside"
    outside.mkdir()
    gate.send(1, 4)
    box.begins_anew((5, 6))
    assert box.send(7) == (10, ())
    for n in range(3):
        gate.decide(after_s=n)
    gate.send(3)
    countersigned(gate, checkpoint(gate, 2))
    countersigned(gate, checkpoint(gate, 4))
    publish(registry, [Folder(outside)])
    calendar.at += timedelta(seconds=20)
    countersigned(gate, checkpoint(gate, 5))
    parked(gate)
    gate.decide(after_s=20)
    gate.send(6)
    countersigned(gate, checkpoint(gate, 7))
    gate.decide(after_s=30)
    gate.send(8)
    publish(registry, [Folder(outside)])
    erase(registry, gate)
    return Scene(registry, gate.enrolled.edge, box.epoch, gate.epoch, outside)


def parked(gate: Gate) -> None:
    """Append what the registry cannot read."""
    gate.entries.append(replace(gate.entries[-1], canonical=cbor2.dumps(["no", "entry", len(gate.entries)]), personal=b""))


def erase(registry: Registry, gate: Gate) -> None:
    """Take the personal fields out of an entry, and out of one of the audit, as the law wants."""
    with registry.write() as work:
        of_fifth = (JournalEntry.epoch == gate.epoch, JournalEntry.seq == 5)
        row = work.session.scalars(select(JournalEntry).where(*of_fifth)).one()
        beside = cbor2.loads(row.personal)
        row.personal, row.plate = cbor2.dumps({"unit": beside["unit"]}, canonical=True), None
        gone = {"before": None, "after": None, "reason": "", "salt": None}
        work.session.execute(update(AuditEntry).where(AuditEntry.seq == 1).values(gone))


ACTS: Acts = {**journal_acts.ACTS, **tree_acts.ACTS}
# What was done to one place alone is found there alone.
ALONE = {
    "an_entry_says_otherwise": 1,
    "a_chain_hash_is_another": 1,
    "a_plate_is_another": 1,
    "an_entry_is_gone": 1,
    "two_entries_change_places": 3,  # and the checkpoint at the second
    "a_checkpoint_is_gone": 1,
    "an_entry_is_put_aside": 1,
    "an_entry_is_put_aside_with_others_beside_it": 1,
    "a_later_leaf_has_another_audit": 1,
    "a_later_leaf_has_the_audit_fall": 1,
    "a_leaf_says_otherwise": 4,  # beside it the checkpoint, and the roots of the head of now and of those published
    "an_act_of_the_audit_is_another": 1,
    "two_entries_of_the_audit_change_places": 2,
}


def walked(registry: Registry, outside: Path | None = None, processes: int | None = None) -> Seen:
    key = registry.key.public_key().public_bytes_raw()
    asked = Asked(registry.database.writer.url, key, round(registry.calendar().timestamp() * 1e6), outside)
    return walk(asked, processes=processes)


def lines(seen: Seen) -> list[str]:
    return [finding.line() for finding in seen.findings]


def test_whatever_is_done_is_found_and_named_and_nothing_where_nothing_was_done(scene: Scene, database_url: str) -> None:
    seen = walked(scene.registry, scene.outside)
    assert lines(seen) == []
    assert seen.counts["entries"] == 16
    assert seen.counts["published heads"] == 4
    tampering = Tampering(scene)
    # Both databases have the same schema: of the second it is enough to see that it is read the same way.
    every = sized(quick=1 if database_url.startswith("sqlite") else 6, soak=1)
    faults = [fault for name in list(ACTS)[::every] if (fault := missed(scene, tampering, name))]
    assert not faults, "\n".join(faults)
    tampering.do(lambda _scene: None)
    assert lines(walked(scene.registry, scene.outside)) == []


def missed(scene: Scene, tampering: Tampering, name: str) -> str:
    """Return what is wrong with what is found after an act, nothing where nothing is."""
    act, (part, kind, place) = ACTS[name]
    tampering.do(act)
    found = walked(scene.registry, scene.outside)
    named = [finding.facts() for finding in found.findings]
    places = {(finding.part, finding.place) for finding in found.findings}
    is_found = any({"part": part, "kind": kind, **place}.items() <= facts.items() for facts in named)
    if is_found and len(places) == ALONE.get(name, len(places)):
        return ""
    return f"{name}: {part} {kind} {place} is not, or not alone, in {lines(found)}"
