"""A running gate erases whom the registry tells of, by itself, when nobody is waiting; its new snapshot knows none of them."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from access.contract.records import ErasureRecord, VehicleRecord
from access.contract.sync import RulesPage, Tombstone
from access.entries import Decided
from edge.courier.snapshots import build
from edge.places import Places
from edge.space.keeper import ErasuresStanding, Finding
from edge.store.received import Received, reading_rules
from tests.edge.courier.rules import LANE, SITE, page, person
from tests.edge.gate.test_upkeep import Box
from tests.waiting import wait_until

PLATE = "粤B7K93P"
VEHICLE = VehicleRecord(id=UUID(int=77), plate=PLATE, person=person(1).id)
TOLD = ErasureRecord(id=UUID(int=88), persons=(person(1).id,), credentials=(VEHICLE.id,), since=1)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    places = Places(tmp_path)
    places.make()
    box = Box(places)
    yield box
    box.scribe.close()


def install(received: Received, sent: RulesPage) -> None:
    received.begin_arrival()
    received.arrive(sent)
    received.install(sent.revision, 1000, complete=False)


def test_a_gate_that_hears_of_an_erasure_erases(box: Box) -> None:
    found: list[Finding] = []
    box.keeper._tell = found.append
    box.keeper._look_for_erasures(1.0)
    assert found == [], "there are no rules yet"
    with closing(Received(box.places.courier)) as received:
        install(received, page(0, 1, SITE, LANE, person(1, "李*"), VEHICLE))
        build(box.places.courier, box.places.snapshots, 0, many=3)
        body = Decided("grant", "access_ok", "plate", "camera", 1, "in", credential=str(VEHICLE.id), text=PLATE, holder="李*")
        box.write([body])
        gone = tuple(Tombstone(revision=2, kind=one.kind, id=one.id) for one in (person(1), VEHICLE))
        install(received, page(1, 2, TOLD).model_copy(update={"tombstones": gone}))
        whole = build(box.places.courier, box.places.snapshots, int(time.time()), many=3)
    assert [path.name for path in box.places.snapshots.iterdir()] == [whole.name], "earlier ones tell of who is erased"
    assert PLATE.encode() not in whole.read_bytes()
    with reading_rules(box.places.courier, 1) as (_, rows):
        then = {kind: data for kind, _, data in rows}
    assert (then["person"]["name"], then["vehicle"]["person"]) == ("", str(person(1).id))
    assert PLATE not in str(then)

    box.keeper._look_for_erasures(2.0)
    assert found == [], "not more often than every few minutes"
    box.keeper._look_for_erasures(1000.0)
    assert found == [ErasuresStanding((TOLD,))]
    box.upkeep.hear(found[0])
    box.upkeep.tick(quiet=False)
    assert [entry.erased for entry in box.entries("decision")] == [()], "somebody is waiting"

    def is_erased() -> bool:
        box.tick_quietly()
        return not box.upkeep._to_erase

    wait_until(is_erased, what="the erasure")
    [entry] = box.entries("decision")
    assert (entry.fields["outcome"], entry.erased) == ("grant", ("holder", "text"))
    assert [entry.fields["reason"] for entry in box.entries("expiry")] == ["erased"]
