"""The urgent deny list: brought as a file or asked for, it wins over the rules until these have come so far."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from access.contract.deny import Denied, DenyList, signed_list
from access.contract.records import CardRecord, PassKeyRecord
from access.contract.sync import RulesPage, Tombstone
from access.passes import Pass, signed
from access.snapshot import Snapshot
from edge.cli import app
from edge.courier.deny import ASK_ALL_S, ASK_S, LOOK_S, DenyStream
from edge.courier.down import SnapshotPass
from edge.courier.errors import SyncError
from edge.courier.page_size import QUICK_S
from edge.courier.progress import Progress
from edge.courier.registry import Registry
from edge.courier.snapshots import build
from edge.courier.surroundings import Surroundings
from edge.deny import DenyListError, laid_at, laid_list, read_list, take_list
from edge.identity import Identity
from edge.messages import SnapshotReady
from edge.places import Places
from edge.store.errors import StoreError
from edge.store.received import Received, reading_rules
from edge.store.rules import map_snapshot
from tests.access.pass_texts import KID, PUBLIC, SECRET
from tests.edge.courier.conftest import OTHER, Clock
from tests.edge.courier.rules import LANE, SITE, card, page, person
from tests.edge.courier.wire import LOST_REPLY, Answer, Fault, Handler, WireRegistry

KEY = UUID(int=32)
Make = Callable[[SnapshotPass, Callable[[SnapshotReady], None]], DenyStream]


class HerePass:
    def __init__(self, places: Places) -> None:
        self._places = places

    def build(self) -> None:
        build(self._places.courier, self._places.snapshots, 0)


@pytest.fixture
def announced() -> list[SnapshotReady]:
    return []


@pytest.fixture
def stream_with(
    places: Places, identity: Identity, received: Received, registry: Registry, progress: Progress, around: Surroundings
) -> Make:
    def make(builder: SnapshotPass, announce: Callable[[SnapshotReady], None]) -> DenyStream:
        return DenyStream(places, identity, received, builder, registry, progress, announce, around)

    return make


@pytest.fixture
def installed(received: Received) -> Received:
    received.arrive(page(0, 4, SITE, LANE, person(1), card(1), card(2)))
    received.install(4, 0, complete=True)
    return received


@pytest.fixture
def deny(stream_with: Make, installed: Received, places: Places, announced: list[SnapshotReady]) -> DenyStream:
    return stream_with(HerePass(places), announced.append)


def lost(number: int) -> CardRecord:
    return card(number).model_copy(update={"status": "lost"})


def denying(revision: int, *records: Denied, serial: int = 10, gone: tuple[Tombstone, ...] = ()) -> DenyList:
    return DenyList(site=OTHER, serial=serial, revision=revision, denied=records, gone=gone)


@pytest.fixture
def bring(wire: WireRegistry, tmp_path: Path) -> Callable[[DenyList], Path]:
    def write(denied: DenyList) -> Path:
        path = tmp_path / "stick.list"
        path.write_bytes(signed_list(wire.key, denied))
        return path

    return write


def statuses(ready: SnapshotReady) -> dict[int, str | None]:
    rules: Snapshot = map_snapshot(Path(ready.path))
    found = {number: rules.credential_of(card(number).id) for number in (1, 2)}
    return {number: one.status if one else None for number, one in found.items()}


def test_a_list_that_was_brought_wins_until_the_rules_have_come_so_far(
    deny: DenyStream,
    bring: Callable[[DenyList], Path],
    places: Places,
    identity: Identity,
    received: Received,
    announced: list[SnapshotReady],
    progress: Progress,
) -> None:
    gone = Tombstone(revision=6, kind="card", id=card(2).id)
    take_list(places, identity, bring(denying(6, lost(1), gone=(gone,), serial=7_000_000)))
    assert deny.step() == LOOK_S
    assert [(ready.revision, statuses(ready)) for ready in announced] == [(4, {1: "lost", 2: None})]
    assert progress.state({}).deny_utc == 7.0
    deny.step()
    assert len(announced) == 1, "it is looked at once"
    received.arrive(page(4, 5, person(2)))
    received.install(5, 0, complete=False)
    assert _kinds(places, card(1)) == ["lost"], "not come so far"
    received.arrive(page(5, 6, card(1)))
    received.install(6, 0, complete=False)
    assert _kinds(places, card(1)) == ["active"], "found again at the office"


def test_a_key_of_passes_that_was_revoked_opens_nothing_any_more(
    deny: DenyStream,
    bring: Callable[[DenyList], Path],
    places: Places,
    identity: Identity,
    received: Received,
    announced: list[SnapshotReady],
) -> None:
    key = PassKeyRecord(id=KEY, kid=KID.hex(), public_key=PUBLIC.hex())
    text = signed(Pass("visit", card(1).id, 0, 0, 2_000_000_000), SECRET)

    def fault() -> str:
        rules: Snapshot = map_snapshot(Path(announced[-1].path))
        return rules.shown_code(text, datetime.fromtimestamp(1_770_000_000, UTC)).fault

    received.arrive(page(4, 5, key))
    received.install(5, 0, complete=False)
    take_list(places, identity, bring(denying(6, key.model_copy(update={"status": "revoked"}))))
    deny.step()
    assert fault() == "key_revoked"
    take_list(places, identity, bring(denying(7, gone=(Tombstone(revision=7, kind="pass_key", id=KEY),), serial=11)))
    deny.step()
    assert fault() == "unknown_key"


class FailsOncePass(HerePass):
    """A pass whose first build meets a full disk."""

    has_failed = False

    def build(self) -> None:
        if not self.has_failed:
            self.has_failed = True
            raise StoreError("the disk is full")
        super().build()


def test_a_list_whose_snapshot_could_not_be_built_is_built_later_and_not_said_to_hold_before(
    deny: DenyStream,
    stream_with: Make,
    bring: Callable[[DenyList], Path],
    places: Places,
    identity: Identity,
    progress: Progress,
    announced: list[SnapshotReady],
) -> None:
    fails = stream_with(FailsOncePass(places), announced.append)
    take_list(places, identity, bring(denying(6, lost(1), serial=7_000_000)))
    with pytest.raises(StoreError):
        fails.step()
    assert (announced, progress.state({}).deny_utc) == ([], 0.0)
    deny.step()  # as after a restart
    assert [(ready.revision, statuses(ready)) for ready in announced] == [(4, {1: "lost", 2: "active"})]
    assert progress.state({}).deny_utc == 7.0


def test_rules_that_come_as_a_list_is_announced_are_the_last_that_the_gate_is_told_of(
    stream_with: Make, installed: Received, bring: Callable[[DenyList], Path], places: Places, identity: Identity
) -> None:
    told: list[int] = []

    def announce(ready: SnapshotReady) -> None:
        if not told:  # the other stream installs, builds and announces just before
            installed.arrive(page(4, 5, person(2)))
            installed.install(5, 0, complete=False)
            build(places.courier, places.snapshots, 0)
            told.append(5)
        told.append(ready.revision)

    take_list(places, identity, bring(denying(6, lost(1))))
    stream_with(HerePass(places), announce).step()
    assert told == [5, 4, 5], "the gate would go back, and nobody would tell it"


def _kinds(places: Places, record: CardRecord) -> list[str]:
    with reading_rules(places.courier) as (_, rows):
        return [data["status"] for _, identity, data in rows if identity == record.id]


def test_a_list_for_another_gate_or_an_older_one_is_refused(
    deny: DenyStream, bring: Callable[[DenyList], Path], places: Places, identity: Identity, tmp_path: Path
) -> None:
    with pytest.raises(DenyListError, match="another site"):
        take_list(places, identity, bring(denying(6).model_copy(update={"site": card(1).id})))
    with pytest.raises(DenyListError, match="newer than this list"):
        take_list(places, identity, bring(denying(4)))
    take_list(places, identity, bring(denying(6, serial=20)))
    with pytest.raises(DenyListError, match="not newer than the one"):
        take_list(places, identity, bring(denying(7, serial=19)))
    spoilt = tmp_path / "spoilt"
    spoilt.write_bytes(bring(denying(8, lost(1), serial=30)).read_bytes().replace(b"lost", b"cost"))
    with pytest.raises(DenyListError, match="was changed on the way"):
        read_list(identity, spoilt)
    with pytest.raises(DenyListError, match="No such file"):
        read_list(identity, tmp_path / "nothing")


@pytest.mark.parametrize("lies", ["rotten", "another site's", "another registry's"])
def test_what_lies_there_and_cannot_be_read_is_in_no_newer_lists_way(
    lies: str, deny: DenyStream, bring: Callable[[DenyList], Path], places: Places, identity: Identity
) -> None:
    other = denying(9, serial=99).model_copy(update={"site": card(1).id})
    laid_at(places).write_bytes(
        {
            "rotten": b"gatehouse-deny-1",
            "another site's": bring(other).read_bytes(),
            "another registry's": signed_list(Ed25519PrivateKey.generate(), denying(9, serial=99)),
        }[lies]
    )
    deny.step()
    taken = take_list(places, identity, bring(denying(6, lost(1))))
    assert (taken.serial, laid_list(places, identity)) == (10, taken)


def test_a_list_that_was_taken_is_there_after_a_power_cut(
    deny: DenyStream, bring: Callable[[DenyList], Path], places: Places, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    real = os.fsync

    def sync(descriptor: int) -> None:
        real(descriptor)
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)

    monkeypatch.setattr(os, "fsync", sync)
    take_list(places, identity, bring(denying(6, lost(1))))
    assert synced == ["deny.list.new", places.root.name]


def test_while_many_rules_come_down_the_registry_is_asked_for_all_at_first_and_then_for_what_is_newer(
    deny: DenyStream, wire: WireRegistry, progress: Progress, announced: list[SnapshotReady], clock: Clock
) -> None:
    wire.denied = denying(9, lost(2))
    assert deny.step() == LOOK_S
    assert wire.denied_asked == [], "else the rules stream is quick enough"
    with progress.receiving():
        assert deny.step() == ASK_S
        assert statuses(announced[-1]) == {1: "active", 2: "lost"}
        wire.denied = denying(9, serial=11_000_000)
        deny.step()
        assert (len(announced), progress.state({}).deny_utc) == (1, 11.0)
        wire.denied = denying(10, lost(1), serial=12_000_000)
        deny.step()
        assert statuses(announced[-1]) == {1: "lost", 2: "lost"}
        clock.now += ASK_ALL_S
        wire.denied = denying(11, lost(1), serial=13_000_000)
        deny.step()
        assert statuses(announced[-1]) == {1: "lost", 2: "active"}, "who is found again is told with all of it"
    assert wire.denied_asked == [4, 9, 9, 4]


def test_a_list_that_could_not_be_stored_is_asked_for_again_at_once(
    deny: DenyStream,
    wire: WireRegistry,
    progress: Progress,
    received: Received,
    announced: list[SnapshotReady],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(_denied: DenyList, _at_utc: int) -> bool:
        raise StoreError("the disk is full")

    wire.denied = denying(9, lost(2))
    with progress.receiving():
        for _ in range(2):  # a list of all, and one of what is newer
            with monkeypatch.context() as meanwhile:
                meanwhile.setattr(received, "deny", full)
                with pytest.raises(StoreError):
                    deny.step()
            deny.step()
            wire.denied = denying(10, lost(1), serial=11)
    assert wire.denied_asked == [4, 4, 9, 9]
    assert statuses(announced[-1]) == {1: "lost", 2: "lost"}


def test_a_list_that_could_not_name_all_is_asked_for_again_as_soon_as_more_comes_through(
    deny: DenyStream, wire: WireRegistry, progress: Progress
) -> None:
    wire.faults.extend([LOST_REPLY] * 3)  # from DENIED_MAX down to an eighth
    with progress.receiving():
        for _ in range(3):
            with pytest.raises(SyncError):
                deny.step()
        wire.denied_asked.clear()
        for serial in range(11, 16):
            wire.denied = denying(9, lost(2), serial=serial).model_copy(update={"complete": serial >= 13})
            deny.step()
    assert wire.denied_asked == [4, 4, 4, 9, 9], "the third named all"


def test_where_no_more_can_be_asked_for_a_list_that_could_not_name_all_has_its_minute(
    deny: DenyStream, wire: WireRegistry, progress: Progress
) -> None:
    wire.denied = denying(9, lost(2)).model_copy(update={"complete": False})
    with progress.receiving():
        deny.step()
        deny.step()
    assert wire.denied_asked == [4, 9]


def test_on_a_slow_link_a_list_that_could_not_name_all_has_its_minute(
    deny: DenyStream, wire: WireRegistry, progress: Progress, clock: Clock
) -> None:
    def slow(handler: Handler, answer: Answer) -> None:
        clock.now += QUICK_S
        handler.respond(answer)

    wire.faults.extend([LOST_REPLY, Fault(slow, before=False)])
    wire.denied = denying(9, lost(2)).model_copy(update={"complete": False})
    with progress.receiving():
        with pytest.raises(SyncError):
            deny.step()
        deny.step()
        wire.denied = denying(9, serial=11)
        deny.step()
        deny.step()
    assert wire.denied_asked == [4, 4, 9, 9], "quick answers that are not full are no reason to ask for more"


def test_without_rules_there_is_nobody_to_deny(
    stream_with: Make, places: Places, progress: Progress, wire: WireRegistry, announced: list[SnapshotReady]
) -> None:
    with progress.receiving():
        stream_with(HerePass(places), announced.append).step()
    assert wire.denied_asked == []


def test_at_the_box_a_command_takes_it(tmp_path: Path) -> None:
    config = tmp_path / "gate.toml"
    config.write_text("[gate]\nsite = 5\n", encoding="utf-8")
    ran = CliRunner().invoke(app, ["deny-list", "--config", str(config), "nowhere"])
    assert ran.exit_code == 1


def test_a_delta_leaves_what_is_denied_denied(deny: DenyStream, received: Received, places: Places) -> None:
    assert received.deny(denying(9, lost(1)), 1)
    assert not received.deny(denying(9, lost(1), serial=11), 2), "the same once more"
    assert not received.deny(denying(9, serial=9), 3), "an older one"
    received.arrive(RulesPage(since=4, revision=5))
    received.install(5, 0, complete=False)
    assert _kinds(places, card(1)) == ["lost"]


def test_a_list_that_says_the_same_as_of_later_holds_until_rules_have_come_so_far(
    deny: DenyStream, received: Received, places: Places
) -> None:
    assert received.deny(denying(8, lost(1)), 1)
    assert not received.deny(denying(12, lost(1), serial=11), 2), "found at 9, and lost again"
    for revision, status in ((10, "lost"), (12, "active")):
        received.arrive(page(4, revision, card(1)))
        received.install(revision, 3, complete=False)
        assert _kinds(places, card(1)) == [status]


def test_a_list_that_is_not_complete_is_laid_over_the_one_before(deny: DenyStream, received: Received, places: Places) -> None:
    received.deny(denying(9, lost(1), serial=10), 1)
    newest = denying(10, lost(2), serial=11).model_copy(update={"complete": False})
    assert received.deny(newest, 2)
    assert (_kinds(places, card(1)), _kinds(places, card(2))) == (["lost"], ["lost"])
    assert not received.deny(newest.model_copy(update={"serial": 12}), 3), "the same once more"
    assert received.deny(denying(11, lost(2), serial=13), 4)
    assert _kinds(places, card(1)) == ["active"]


def test_a_decision_can_be_made_again_under_the_list_of_its_time(deny: DenyStream, received: Received, places: Places) -> None:
    def status(built_utc: int) -> str:
        with reading_rules(places.courier, 4, built_utc) as (_, rows):
            return str(next(data["status"] for _, identity, data in rows if identity == card(1).id))

    received.deny(denying(9, lost(1)), 100)
    assert [status(built) for built in (99, 100, 500)] == ["active", "lost", "lost"]
    received.arrive(page(4, 9, card(1)))
    received.install(9, 300, complete=False)
    assert [status(built) for built in (99, 100, 299, 300)] == ["active", "lost", "lost", "active"]
