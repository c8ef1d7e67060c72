import asyncio
import time
from dataclasses import replace

import pytest

from edge.booth_messages import FeedLine
from edge.desk.situation import FEED_MAX, Situation
from edge.messages import DeviceState, GateView, JournalAdvanced, SyncState
from tests.edge.desk.wire import lane_view

SYNC = SyncState(True, 5, 0, 100.0, 7, 100.0)
LINE = FeedLine(1, 100.0, "in-1", "grant", "access_ok", {}, "粤B·12045", "plate", "李*", "3-1201", 2.0, "p1")


def gate_view(*devices: DeviceState, sync: SyncState | None = None) -> GateView:
    return GateView("east", "lakeside", "Asia/Shanghai", 7, 5, devices, (), sync, "3.50.4")


def test_only_lanes_of_the_configuration_are_kept() -> None:
    situation = Situation(["in-1"])
    for lane in ("in-1", "out-1"):
        situation.take(lane_view(lane), utc=1.0)
    assert list(situation.lanes) == ["in-1"]
    assert situation.lanes["in-1"] is not None


def test_the_feed_is_bounded_and_knows_a_line_that_is_told_again() -> None:
    situation = Situation([])
    for seq in [*range(FEED_MAX + 20), FEED_MAX + 19]:
        situation.take(replace(LINE, seq=seq), utc=1.0)
    assert len(situation.feed) == FEED_MAX
    assert situation.feed[-1].seq == FEED_MAX + 19


def test_a_device_remembers_when_it_came_or_went() -> None:
    situation = Situation([])
    for utc, up in ((1.0, True), (2.0, True), (3.0, False), (4.0, False), (5.0, True)):
        situation.take(gate_view(DeviceState("io", up=up)), utc)
        since = situation.devices["io"].since_utc
        assert since == {1.0: None, 2.0: None, 3.0: 3.0, 4.0: 3.0, 5.0: 5.0}[utc]
    situation.take(gate_view(DeviceState("reader", up=True)), 6.0)
    assert list(situation.devices) == ["reader"], "the gate says which devices there are"


def test_a_gate_that_knows_no_sync_state_does_not_undo_one() -> None:
    situation = Situation([])
    situation.take(SYNC, 1.0)
    situation.take(gate_view(), 2.0)
    assert situation.sync == SYNC


def test_what_is_not_for_pages_is_ignored() -> None:
    situation = Situation([])
    situation.take(JournalAdvanced("00", 1), 1.0)
    situation.take("nonsense", 1.0)
    assert situation.gate is None


@pytest.mark.parametrize("told", [SYNC, LINE, gate_view()])
def test_every_message_wakes_who_waits(told: object) -> None:
    async def wait() -> None:
        situation = Situation(["in-1"])
        change = situation.next_change()
        situation.take(told, time.time())
        await asyncio.wait_for(change.wait(), 1)
        assert not situation.next_change().is_set()

    asyncio.run(wait())


def test_the_gate_is_away_since_it_was_first_missed() -> None:
    situation = Situation([])
    for utc, connected in ((1.0, False), (2.0, False), (3.0, True), (4.0, True), (5.0, False)):
        situation.note_connection(connected=connected, utc=utc)
        assert situation.away_since_utc == {1.0: 1.0, 2.0: 1.0, 3.0: None, 4.0: None, 5.0: 5.0}[utc]
