"""The keeper over a real folder and a real journal: what it finds, deletes, and leaves alone."""

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from uuid import UUID

import pytest

from access.entries import AlarmRaised, Body, EvidenceKept, Observed, stamped
from edge.config import SpaceSection
from edge.logs import Log
from edge.places import Places
from edge.space import keeper as keeper_module
from edge.space.keeper import DAY_US, Finding, Keeper, Measured, Outlived
from edge.space.pictures import Choice, Picture
from edge.store.backup import copy_to, restore
from edge.store.journal import NEWEST_KEPT, Journal
from edge.store.received import Kept, Received
from edge.store.retention import OldEntries, sync_kept

EDGE = UUID("0198c0de-0000-7000-8000-0000000000ed")
KIB = 1024


class Box:
    """A gate's data folder with its journal, and a keeper that is stepped by hand."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.journal = Journal(places.journal, EDGE, stamped(0.0, time.time() - 200 * 86_400), Random(1).randbytes)
        self.found: list[Finding] = []
        self.now = 1000.0

    def put_back(self, copy: Path) -> None:
        """Go on with a copy of the journal, in a new epoch."""
        self.journal.close()
        restore(self.places.journal, copy, round(time.time() * 1e6))
        self.journal = Journal(self.places.journal, EDGE, stamped(0.0, time.time()), Random(2).randbytes)

    def write(self, *bodies: Body, days_ago: float = 0.0, passage: str = "") -> None:
        stamp = stamped(0.0, time.time() - days_ago * 86_400)
        self.journal.append([self.journal.draft(body, stamp, passage=passage) for body in bodies], stamp)

    def picture(self, size: int = KIB, *, days_ago: float = 0.0, passage: str = "") -> str:
        data = os.urandom(size)
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.places.evidence / sha256[:2] / f"{sha256}.jpg"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        self.write(EvidenceKept(f"c-{sha256[:8]}", sha256, size, "camera-in"), days_ago=days_ago, passage=passage)
        return sha256

    def keeper(self, space: SpaceSection) -> Keeper:
        return Keeper(self.places, space, self.found.append, time.time, Log("gate"))

    def step(self, keeper: Keeper) -> None:
        """Look until nothing more is to be learnt, and drop what is chosen, as the gate would."""
        while keeper._step(self.now):
            pass
        for choice in self.choices():
            keeper.drop(choice)
        keeper._step(self.now)
        self.now += keeper_module.ONCE_A_S

    def choices(self) -> list[Choice]:
        return [finding for finding in self.found if isinstance(finding, Choice)]

    def forget(self) -> int:
        """Forget what was told, as the gate would; return how often something was."""
        told = outlived(self)
        self.found.clear()
        for one in told:
            stamp = stamped(0.0, time.time())
            while self.journal.forget(one.entries.epoch, one.entries.through, stamp, one.reason).count:
                pass
        self.journal.tidy()
        return len(told)

    def acknowledge(self) -> None:
        """Let the registry have all."""
        received = Received(self.places.courier)
        received.keep(Kept({self.journal.epoch: self.journal.seq}))
        received.close()

    def left(self) -> set[str]:
        return {path.stem for path in self.places.evidence.rglob("*.jpg")}


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    places = Places(tmp_path)
    places.make()
    box = Box(places)
    yield box
    box.journal.close()


def small(**settings: int) -> SpaceSection:
    return SpaceSection.model_validate({"pictures_mib": 1, "ballast_mib": 0, **settings})


def test_pictures_beyond_their_quota_go_the_disputed_last(box: Box) -> None:
    disputed = box.picture(500 * KIB, passage="p-1")
    box.write(AlarmRaised("tailgating"), passage="p-1")
    ordinary = [box.picture(200 * KIB) for _ in range(3)]
    box.step(box.keeper(small(disputed_mib=1)))
    assert box.left() == {disputed, *ordinary[1:]}
    assert [(choice.reason, len(choice.pictures)) for choice in box.choices()] == [("budget", 1)]


def test_what_the_registry_has_goes_first_also_when_it_is_younger(box: Box) -> None:
    older, younger = box.picture(600 * KIB), box.picture(600 * KIB)
    received = Received(box.places.courier)
    received.keep(Kept({}, sent=frozenset({(box.journal.epoch, box.journal.seq)})))
    received.close()
    box.step(box.keeper(small()))
    assert box.left() == {older}
    assert younger not in box.left()


def test_pictures_of_an_earlier_run_are_found_again_and_new_ones_counted(box: Box) -> None:
    first = box.picture(600 * KIB)
    keeper = box.keeper(small())
    box.step(keeper)
    assert box.left() == {first}
    second = box.picture(600 * KIB)
    box.step(keeper)
    assert box.left() == {second}


def test_19_pictures_in_the_place_of_a_lost_tail_are_counted_and_not_taken_for_sent(box: Box) -> None:
    copy = box.places.root / "copy.db"
    copy_to(box.places.journal, copy)
    keeper = box.keeper(small())
    for _ in range(4):
        box.picture()
    box.step(keeper)
    received = Received(box.places.courier)
    received.keep(Kept({}, {box.journal.epoch: box.journal.seq}))
    received.close()
    sent = box.left()
    box.put_back(copy)
    unsent = box.picture(600 * KIB)
    box.step(keeper)
    assert box.left() == {*sent, unsent}
    newest = box.picture(600 * KIB)
    box.step(keeper)
    assert box.left() == {newest}, "what the registry has, and then the older one"


def test_pictures_go_by_age_only_while_somebody_vouches_for_the_clock(box: Box) -> None:
    old, young = box.picture(days_ago=31), box.picture(days_ago=29)
    keeper = box.keeper(small())
    box.step(keeper)
    assert box.left() == {old, young}
    keeper.may_expire = True
    box.step(keeper)
    assert box.left() == {young}
    assert box.choices()[0].reason == "age"


def test_how_full_it_is_is_told_by_what_it_is_of(box: Box) -> None:
    box.write(*(Observed("x" * 20_000) for _ in range(10)))
    box.step(box.keeper(small(journal_mib=1)))
    told = [finding for finding in box.found if isinstance(finding, Measured)]
    assert dict(told[-1].percents)["journal"] > 20
    assert told[-1].is_full is False


@pytest.fixture
def aged(box: Box) -> Box:
    """A journal of three hundred entries, the first hundred past their keep time."""
    box.write(*(Observed(f"{number}") for number in range(100)), days_ago=100)
    box.write(*(Observed(f"{number}") for number in range(200)), days_ago=1)
    return box


@pytest.fixture
def large(box: Box) -> Box:
    """A journal of six hundred young entries that takes two megabytes, all of them acknowledged."""
    box.write(*(Observed("x" * 3000) for _ in range(600)))
    box.journal.tidy()
    box.acknowledge()
    return box


def test_a_journal_over_its_quota_lets_go_as_much_as_makes_room_and_a_part_an_hour(large: Box) -> None:
    keeper = large.keeper(small(journal_mib=1, forget_percent=10))
    sizes, told = [], []
    for _ in range(20):
        large.step(keeper)
        large.now += keeper_module.RETENTION_EVERY_S / 2 - keeper_module.ONCE_A_S
        told.append(large.forget())
        sizes.append(OldEntries(large.places.journal).room().used)
    assert told[:4] == [1, 0, 1, 0], "once an hour"
    assert sizes[-1] <= KIB * KIB
    assert sum(told) < 9, "no more than makes it fit"
    assert OldEntries(large.places.journal).room().free > 0


def test_on_a_full_disk_entries_go_only_until_the_journal_has_room_in_its_own_file(large: Box) -> None:
    keeper = large.keeper(small(forget_percent=10))
    told = []
    for _ in range(5):
        keeper._full_at = large.now
        large.step(keeper)
        told.append(large.forget())
    assert told == [1, 1, 0, 0, 0]


def test_a_picture_that_the_disk_does_not_let_go_is_tried_again(box: Box) -> None:
    other, stuck = box.picture(600 * KIB), box.picture(600 * KIB)
    keeper = box.keeper(small())
    held = box.places.evidence / other[:2] / f"{other}.jpg"
    held.unlink()
    held.mkdir()  # no file that could be deleted
    pictures = tuple(Picture(sha256, KIB, 0) for sha256 in (other, stuck))
    keeper.drop(Choice("budget", pictures))
    box.step(keeper)
    assert not (box.places.evidence / stuck[:2] / f"{stuck}.jpg").exists(), "the rest went all the same"
    held.rmdir()
    held.write_bytes(b"x")
    box.step(keeper)
    assert box.left() == set()


def test_a_full_disk_is_told_and_helped_also_while_the_journal_cannot_be_read(tmp_path: Path) -> None:
    places = Places(tmp_path)
    places.make()
    shown = places.evidence / "ab"
    shown.mkdir()
    (shown / f"{'ab' * 32}.jpg").write_bytes(b"x" * KIB)
    found: list[Finding] = []
    keeper = Keeper(places, small(), found.append, time.time, Log("gate"))
    keeper._full_at = 1000.0
    keeper._step(1000.0)
    assert [type(finding) for finding in found] == [Measured, Choice]


def before(days: int) -> int:
    return round(time.time() * 1e6) - days * DAY_US


@pytest.mark.parametrize(
    ("acked", "days", "percent", "through"),
    [(50, 90, 100, 50), (300, 90, 100, 101), (300, 90, 10, 30), (300, None, 100, 300), (0, 90, 100, 0), (0, None, 100, 0)],
    ids=["never unsent", "old enough", "a part a run", "of any age under pressure", "all unsent", "all unsent under pressure"],
)
def test_only_old_entries_that_the_registry_has_are_forgettable(
    aged: Box, acked: int, days: int | None, percent: int, through: int
) -> None:
    old = OldEntries(aged.places.journal)
    found = old.forgettable({aged.journal.epoch: acked}, None if days is None else before(days), percent)
    assert (found.through if found else 0) == through
    old.close()


def test_entries_outlive_only_by_a_clock_that_is_believed(aged: Box) -> None:
    assert sync_kept(aged.places.courier) == Kept({}), "the registry was never heard"
    received = Received(aged.places.courier)
    received.keep(Kept({aged.journal.epoch: 300}))
    received.close()
    assert sync_kept(aged.places.courier).acked == {aged.journal.epoch: 300}
    keeper = aged.keeper(small(forget_percent=100))
    aged.step(keeper)
    assert not outlived(aged)
    keeper.may_expire = True
    aged.step(keeper)
    assert [(told.reason, told.entries.through) for told in outlived(aged)] == [("age", 101)]
    forgotten = aged.journal.forget(aged.journal.epoch, 101, stamped(0.0, time.time()))
    assert 0 < forgotten.count <= 101
    assert aged.journal.seq > NEWEST_KEPT


def outlived(box: Box) -> list[Outlived]:
    return [finding for finding in box.found if isinstance(finding, Outlived)]
