"""The book is read on by what is new, and always comes to what one that is read from the beginning has."""

import asyncio
import os
import random
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import structlog

from access.acts import VisitActed
from access.contract.deny import DenyList
from access.contract.records import ErasureRecord, PersonRecord
from access.contract.sync import RulesPage, Upsert
from access.entries import Body, FactsChanged, Stamp, Stopped
from access.presence import Change
from edge.desk.book import Book, Pages
from edge.desk.journal_read import DAYS_BACK, LOOK_AGAIN_S
from edge.places import Places
from edge.store.erasing import Sweeps
from edge.store.journal import Journal
from edge.store.received import Received
from edge.store.replacing import RESTORED, replace

EDGE = UUID(int=1)
NOW = time.time()


class Desk:
    """A book, and the journal that it is read of; `ahead` is how far its clock has gone on."""

    def __init__(self, folder: Path) -> None:
        self.places = Places(folder)
        self.journal = Journal(self.places.journal, EDGE, stamp(), os.urandom)
        self.ahead = 0.0
        self.book = self.another()

    def another(self) -> Book:
        return Book(self.places, structlog.get_logger(), lambda: NOW + self.ahead)

    def write(self, *bodies: Body, ago_s: float = 0.0) -> None:
        at = stamp(ago_s)
        self.journal.append([self.journal.draft(body, at, "in-1") for body in bodies], at)

    def read(self) -> Pages:
        return asyncio.run(self.book.read())

    def fresh(self) -> Pages:
        return asyncio.run(self.another().read())


def stamp(ago_s: float = 0.0) -> Stamp:
    return Stamp(1, round((NOW - ago_s) * 1e6))


def act(visit: object, *facts: Change, name: str = "李*") -> VisitActed:
    return VisitActed(str(visit), "VisitorsArrived", "g7", str(uuid4()), {"people": 1}, facts, details={"name": name})


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.journal.close()


def test_what_is_read_on_is_what_is_read_from_the_beginning(desk: Desk) -> None:
    chosen = random.Random(7)
    names = [f"{family}:{number}" for family in ("uses", "released", "party", "held", "at") for number in range(4)]
    for _ in range(60):
        name = chosen.choice(names)
        added: Change = ("add", name, chosen.choice((-1, 1)))
        put: Change = chosen.choice((("set", name, ["in-1", chosen.randrange(9)]), ("drop", name, None)))
        change = added if name.startswith(("uses", "released")) else put
        desk.write(chosen.choice((act(chosen.randrange(5), change), FactsChanged("guard", "test", (change,)), Stopped("x"))))
        assert desk.read() == desk.fresh()
    assert len({act.identity for act in desk.read().acts}) == 5


def test_what_is_no_news_of_the_post_changes_nothing(desk: Desk) -> None:
    desk.write(act(1, ("add", "uses:1", 1)))
    pages = desk.read()
    desk.write(Stopped("x"), FactsChanged("guard", "test", (("set", "at:1", ["site", 1]),)))
    assert desk.read() is pages
    assert desk.read().facts == {"uses:1": 1}


def test_another_journal_under_the_name_is_another_book(desk: Desk, tmp_path: Path) -> None:
    desk.write(act(1), act(2))
    assert [act.identity for act in desk.read().acts] == ["1", "2"]
    (tmp_path / "other").mkdir()
    with closing(Journal(tmp_path / "other/journal.db", EDGE, stamp(), os.urandom)) as other:
        other.append([other.draft(act(number), stamp()) for number in (7, 8, 9)], stamp())
    desk.journal.close()
    replace(desk.places.journal, tmp_path / "other/journal.db", RESTORED, stamp().utc_us)
    assert [act.identity for act in desk.read().acts] == ["7", "8", "9"]
    desk.journal = Journal(desk.places.journal, EDGE, stamp(), os.urandom)


def test_in_a_new_epoch_it_is_read_from_the_beginning(desk: Desk) -> None:
    desk.write(act(1, ("add", "uses:1", 1)))
    before = desk.read()
    desk.journal.fall_behind(desk.journal.epoch, desk.journal.seq + 9, stamp())
    assert desk.read() == desk.fresh()
    assert desk.read().acts == before.acts


def test_who_is_erased_is_gone_from_it_with_the_next_reading(desk: Desk, tmp_path: Path) -> None:
    visit, other = uuid4(), uuid4()
    desk.write(act(visit), act(other, name="王*"))
    assert [act.details["name"] for act in desk.read().acts] == ["李*", "王*"]
    sweeps, erased = Sweeps(desk.journal, tmp_path), ErasureRecord(id=uuid4(), credentials=(visit,), since=int(NOW))
    while not sweeps.step([erased], stamp()):
        pass
    assert [act.details.get("name") for act in desk.read().of(str(visit))] == [None]
    assert [act.details.get("name") for act in desk.read().of(str(other))] == ["王*"]


def test_what_is_too_old_goes_in_time(desk: Desk) -> None:
    desk.write(act(1), ago_s=86400 * (DAYS_BACK - 1))
    desk.write(act(2))
    assert [act.identity for act in desk.read().acts] == ["1", "2"]
    desk.ahead = 2 * 86400
    assert [act.identity for act in desk.read().acts] == ["2"]
    assert desk.read().of("1") == ()
    desk.ahead = -2 * LOOK_AGAIN_S
    desk.write(act(3))
    assert [act.identity for act in desk.read().acts] == ["2", "3"]


def test_what_was_read_stands_while_nothing_can_be_read(desk: Desk) -> None:
    desk.write(act(1))
    pages = desk.read()
    desk.journal.close()
    desk.places.journal.rename(desk.places.journal.with_suffix(".away"))
    desk.ahead = 2 * LOOK_AGAIN_S
    assert desk.read() is pages
    assert asyncio.run(desk.book.vehicles_inside()) is None
    desk.places.journal.with_suffix(".away").rename(desk.places.journal)
    assert desk.read() == pages
    desk.journal = Journal(desk.places.journal, EDGE, stamp(), os.urandom)


def test_who_goes_while_it_is_read_leaves_nothing_unread(desk: Desk) -> None:
    async def gone_amid() -> Pages:
        reading = asyncio.create_task(desk.book.read())
        await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        return await desk.book.read()

    desk.write(act(1))
    assert [act.identity for act in asyncio.run(gone_amid()).acts] == ["1"]


def test_persons_and_records_are_those_that_hold_now(desk: Desk) -> None:
    persons = [PersonRecord(id=UUID(int=number), name=f"{number}*", unit="3-1201") for number in (1, 2)]
    upserts = tuple(Upsert.model_validate({"revision": 1, "record": one.model_dump()}) for one in persons)
    with closing(Received(desk.places.courier)) as received:
        received.arrive(RulesPage(since=0, revision=1, complete=True, upserts=upserts))
        received.install(1, int(NOW), complete=True)
        assert [one.name for one in asyncio.run(desk.book.persons_of("3-1201"))] == ["1*", "2*"]
        denied = persons[0].model_copy(update={"status": "revoked"})
        received.deny(DenyList(site=EDGE, serial=5, revision=9, denied=(denied,)), int(NOW))
        assert [one.name for one in asyncio.run(desk.book.persons_of("3-1201"))] == ["2*"]
