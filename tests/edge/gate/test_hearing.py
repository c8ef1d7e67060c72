"""What neighbours say comes to the core by way of the journal, survives a restart, and goes when the registry says it."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from access.entries import FactsChanged, Stamp, stamped
from access.peers import Hearsay
from edge.gate.hearing import NEWS_MAX, WAITING_MAX, Hearing
from edge.gate.neighbours import commit_page
from edge.logs import Log
from edge.messages import FactsHeard
from edge.peer_messages import ClaimAnswered, PeerSaid, PeerTaken
from edge.places import Places
from edge.store.scribe import Scribe
from tests.edge.gate.test_neighbours import EPOCHS, IDENTITY, LATER_US, WEST
from tests.waiting import wait_until

USED = (EPOCHS[WEST], 5, "uses:v", "sum", 2, LATER_US)
SAID = PeerSaid(WEST, (USED, (EPOCHS[WEST], 6, "evacuation", "set", 1, LATER_US)), 41)


class Box:
    """A journal with what hears neighbours beside it."""

    def __init__(self, folder: Path) -> None:
        self._places = Places(folder)
        self._places.make()
        self._seconds = count(1_770_000_000)
        self.now = 0.0
        self.open()

    def open(self) -> None:
        self.scribe = Scribe(self._places, IDENTITY, Log("gate"), self.stamp, lambda: False)
        self.hearing = Hearing(self.scribe, self.stamp().utc_us)

    def reopen(self) -> None:
        self.scribe.close()
        self.open()

    def stamp(self) -> Stamp:
        second = float(next(self._seconds))
        return stamped(second, second)

    def learned(self, *, is_news: bool = False) -> Hearsay:
        """Wait for what the core is told next."""
        found: list[Hearsay] = []
        flags = iter([is_news])

        def look() -> bool:
            self.now += 1.0
            hearsay = self.hearing.learned(self.now, is_news=next(flags, False))
            found.extend([] if hearsay is None else [hearsay])
            return bool(found)

        wait_until(look, what="the core to be told")
        return found[0]


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    box = Box(tmp_path / "box")
    yield box
    box.scribe.close()


def spoken(hearsay: Hearsay) -> list[object]:
    return [one.change for one in hearsay.spoken]


def test_what_is_said_is_written_as_said_and_known_after_a_restart_until_the_registry_says_it(box: Box) -> None:
    box.hearing.take(SAID)
    assert spoken(box.learned()) == [("add", "uses:v", 2)]
    assert [*box.hearing.taken()] == [PeerTaken(WEST, 41)]
    journal = box.scribe.journal
    assert journal.presence.facts.get("uses:v") is None
    seq = journal.seq
    box.hearing.take(SAID)
    wait_until(lambda: box.hearing.learned(0.0) is None and bool([*box.hearing.taken()]), what="it to be taken once more")
    assert box.scribe.journal.seq == seq, "what is no news is not written"
    box.reopen()
    assert spoken(box.learned()) == [("add", "uses:v", 2)]
    page = FactsHeard(((WEST, *USED[:4], USED[4], USED[5], ""),), box.scribe.journal.epoch.hex, 0, 10)
    commit_page(box.scribe.journal, page, box.stamp())
    assert box.learned(is_news=True) == Hearsay()
    assert box.scribe.journal.presence.facts["uses:v"] == 2


def test_a_use_that_was_given_back_meanwhile_is_not_spoken_of_for_ever(box: Box) -> None:
    """The registry tells that nothing was used in all: no fact changes by that, and the word is answered all the same."""
    box.hearing.take(SAID)
    assert spoken(box.learned()) == [("add", "uses:v", 2)]
    page = FactsHeard(((WEST, EPOCHS[WEST], 9, "uses:v", "sum", 0, LATER_US, ""),), box.scribe.journal.epoch.hex, 0, 10)
    commit_page(box.scribe.journal, page, box.stamp(), box.hearing.sums())
    assert box.learned(is_news=True) == Hearsay()
    box.reopen()
    box.hearing.take(SAID)
    wait_until(lambda: box.hearing.learned(0.0) is None and bool([*box.hearing.taken()]), what="the old word to come again")
    assert len(box.hearing.sums()) == 0
    assert "uses:v" not in box.scribe.journal.presence.facts


def test_claims_that_were_granted_are_known_at_a_start(box: Box) -> None:
    body = FactsChanged(f"claim:{WEST}/0a", "claimed", (("add", "uses:v", 1),))
    box.scribe.commit([box.scribe.draft(body), box.scribe.draft(FactsChanged("claim:", "given_back", (("add", "uses:v", -1),)))])
    box.reopen()
    [answer] = box.hearing.granted
    assert answer == ClaimAnswered(WEST, "0a", yes=True, at_us=answer.at_us)


def test_one_neighbour_makes_a_gate_write_so_much_and_no_more_and_is_told_so(box: Box) -> None:
    rows = tuple((EPOCHS[WEST], 5, f"uses:{number}", "sum", 1, LATER_US) for number in range(NEWS_MAX + 100))
    before, times = box.scribe.journal.seq, range(0, len(rows), 100)
    for serial, at in enumerate(times, 1):
        box.hearing.take(PeerSaid(WEST, rows[at : at + 100], serial))
    taken: list[PeerTaken] = []

    def all_answered() -> bool:
        box.hearing.learned(box.now)
        taken.extend(box.hearing.taken())
        return len(taken) == len(times)

    wait_until(all_answered, what="each to be answered")
    assert [one.is_lost for one in taken] == [False] * (NEWS_MAX // 100) + [True]
    assert box.scribe.journal.seq - before <= 2 * NEWS_MAX // 100


def test_who_floods_a_gate_that_is_slow_is_to_say_it_again(box: Box) -> None:
    for serial in range(1, WAITING_MAX + 3):
        box.hearing.take(PeerSaid(WEST, (), serial))
    assert [*box.hearing.taken()] == [PeerTaken(WEST, WAITING_MAX + at, is_lost=True) for at in (1, 2)]
    box.learned()
