"""The gate takes changes over the link as it takes a whole snapshot: between two events, and again after a restart."""

from pathlib import Path

import pytest

from access.card import CardNumber, card_hash
from access.packing import SnapshotBuilder
from access.snapshot import Snapshot
from edge.link import LinkClient
from edge.messages import Hello, SnapshotReady
from edge.store.rules import fingerprint, map_snapshot
from simulators.standalone import card, resident, small_rules
from tests.edge.gate.rig import CARD_KEY, RESIDENTS_CARD, Rig

pytestmark = pytest.mark.programs

NUMBER = CardNumber(RESIDENTS_CARD, 40)


def report_lost(base: Snapshot, folder: Path) -> Path:
    """Write the changes that the courier would: the resident's card is lost."""
    (found,) = base.card(NUMBER)
    assert found.person is not None
    (_, _, site), *small = small_rules(CARD_KEY, base.lanes)
    holder = resident(found.person.id, found.person.name, found.person.unit)
    lost = card(found.id, found.person.id, [card_hash(CARD_KEY, NUMBER)], status="lost")
    builder = SnapshotBuilder(base.revision + 1, base.built_utc, base.revision, [found.id])
    for kind, identity, data in (("site", base.site, {**site, "id": str(base.site)}), *small, holder, lost):
        builder.add(kind, identity, data)
    path = folder / f"{base.revision + 1}.snapshot"
    with path.open("wb") as out:
        builder.write(out)
    return path


def test_a_card_that_is_reported_lost_is_lost_and_stays_so(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        path = report_lost(map_snapshot(rig.places.snapshots / "1.snapshot"), rig.places.snapshots)
        courier = LinkClient(rig.places.gate_socket, Hello("courier", "test"), lambda _: None, lambda: tell(path))

        def tell(path: Path) -> None:
            courier.send(SnapshotReady(str(path), 2))

        courier.start()
        assert rig.wait_for("snapshot", revision=2).fields["sha256"] == fingerprint(path)
        rig.reader.present(RESIDENTS_CARD)
        fields = rig.wait_for("decision", revision=2).fields
        assert (fields["outcome"], fields["reason"]) == ("deny", "inactive")
        courier.stop()
        assert rig.stop() == 0
        rig.start()
        assert [e.fields["revision"] for e in rig.entries() if e.kind == "snapshot"] == [1, 2, 2]
        assert rig.arm.openings == 0
