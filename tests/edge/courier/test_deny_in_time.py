"""A list that is brought to a gate with no network at all counts at once."""

import time
from pathlib import Path

from sqlalchemy import select

from access.card import CardNumber
from access.contract.deny import signed_list
from central.cards.schemas import CardWanted
from central.cards.services import cards
from central.deny.services import deny_list_of
from central.tables import Card
from edge.deny import take_list
from edge.messages import SnapshotReady
from edge.store.rules import map_snapshot
from simulators.wires.fault_proxy import FaultProxy, Mood, Weather
from tests.central.conftest import migrated_sqlite
from tests.faults.linked_box import RAW_CARD, Box, lakeside

__all__ = ["migrated_sqlite"]

WITHIN_S = 5.0  # two seconds on a machine that does nothing else; here others take turns
CARD = CardNumber(bytes.fromhex(RAW_CARD), 32)


def test_a_lost_card_is_lost_as_soon_as_the_stick_was_read(tmp_path: Path, migrated_sqlite: Path) -> None:
    with (
        lakeside(tmp_path / "registry", migrated_sqlite) as central,
        FaultProxy(central.target) as link,
        Box(tmp_path / "box", central, link.url) as box,
    ):
        box.start()
        ready = box.end.wait_for(SnapshotReady, lambda _: True)
        assert [card.status for card in map_snapshot(Path(ready.path)).card(CARD)] == ["active"]
        link.become(Weather(Mood.REFUSE))
        link.cut()
        with central.registry.write() as work:
            card = work.session.scalars(select(Card)).one()
            lost = CardWanted(site=card.site_id, raw=RAW_CARD, person=card.person_id, status="lost")
            cards.change(work, card.id, lost)
        with central.registry.read() as work:
            stick = tmp_path / "stick.list"
            stick.write_bytes(signed_list(central.registry.key, deny_list_of(work, "lakeside")))
        began = time.monotonic()
        take_list(box.places, box.identity, stick)
        denied = box.end.wait_for(SnapshotReady, lambda _: True)
        assert time.monotonic() - began < WITHIN_S
        assert [card.status for card in map_snapshot(Path(denied.path)).card(CARD)] == ["lost"]
