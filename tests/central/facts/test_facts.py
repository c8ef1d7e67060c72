"""What a gate has recorded is told to the other gates of its site, as it stands, and to no other."""

import sqlite3
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from access.contract.facts import FactsPage
from access.entries import FactsChanged, PassageEnded
from access.presence import Change
from access.sharing import Contribution
from central.edges import repository as edges
from central.facts import services
from central.facts.telling import Telling
from central.registry import Registry
from central.tables import Site
from tests.central.gate import BEGAN, Gate
from tests.central.journal.test_epochs import go_on

CAR_IN: Change = ("set", "at:car", ["site", 7, "quota:q"])
CAR_OUT: Change = ("set", "at:car", ["", 9])
ONE_MORE: Change = ("add", "zone:site", 1)
ONE_LESS: Change = ("add", "zone:site", -1)


@pytest.fixture
def west(gate: Gate, address: str, registry: Registry) -> Iterator[Gate]:
    """The other gate of the site."""
    with Gate(address, seed=2, slug="west") as made:
        made.join(registry)
        yield made


def passes(gate: Gate, *changes: Change, plate: str = "", after_s: float = 0) -> None:
    """Let a passage end at a gate, and its entry go up."""
    gate.write(PassageEnded("passed", "in", facts=changes, plate=plate), BEGAN + timedelta(seconds=after_s))
    gate.send(len(gate.entries))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_facts_are_taken_in_by_an_sqlite_of_3_37(gate: Gate, registry: Registry) -> None:
    asked = set()

    def note(action: int, _argument: str | None, name: str | None, *_: str | None) -> int:
        if action == sqlite3.SQLITE_FUNCTION:
            asked.add(name)
        return sqlite3.SQLITE_OK

    with registry.write() as work:
        driver = work.session.connection().connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.set_authorizer(note)
    passes(gate, CAR_IN, ONE_MORE)
    assert "json_extract" in asked
    assert not asked & {"->", "->>"}, "operators are functions too, and these are of 3.38"


def asks(gate: Gate, after: int = 0, limit: int = 500, wait: int = 0) -> FactsPage:
    reply = gate.ask("GET", f"/facts?epoch={gate.epoch}&after={after}&limit={limit}&wait={wait}", stream="facts")
    assert reply.status_code == 200, reply.text
    return FactsPage.model_validate_json(reply.content)


def test_the_other_gates_are_told_what_one_has_recorded(gate: Gate, west: Gate) -> None:
    passes(gate, CAR_IN, ONE_MORE, ("set", "first:in-1", 7), plate="粤B8D2Z5")
    told = asks(west)
    assert [(one.edge, one.name, one.how, one.value, one.plate) for one in told.facts] == [
        (gate.enrolled.edge, "at:car", "set", ["site", 7, "quota:q"], "粤B8D2Z5"),
        (gate.enrolled.edge, "zone:site", "sum", 1, ""),
    ]
    assert told.facts[0].at_us == round(BEGAN.timestamp() * 1e6)
    assert (told.through, told.more) == (told.facts[1].cursor, False)
    assert asks(west, told.through) == FactsPage(epoch=west.epoch, after=told.through, through=told.through)
    assert asks(gate).facts == ()


def test_what_a_gate_has_contributed_is_told_as_it_stands_now(gate: Gate, west: Gate) -> None:
    passes(gate, CAR_IN, ONE_MORE, plate="粤B8D2Z5")
    passes(gate, ONE_MORE, ("set", "held:p", ["east", 8]))
    passes(gate, CAR_OUT, ONE_LESS, ("drop", "held:p", None), after_s=5)
    told = {one.name: (one.value, one.plate) for one in asks(west).facts}
    assert told == {"zone:site": (1, ""), "at:car": (["", 9], ""), "held:p": (None, "")}


def test_what_a_gate_heard_it_does_not_tell_on(gate: Gate, west: Gate) -> None:
    gate.write(FactsChanged("gate:other", "heard", ((*CAR_IN, 5), ONE_MORE), plates={"car": "粤B8D2Z5"}))
    gate.send()
    assert asks(west).facts == ()


def test_pages_go_on_where_the_one_before_ended(gate: Gate, west: Gate) -> None:
    passes(gate, *(("add", f"uses:{number}", 1) for number in range(5)))
    names, after, more = [], 0, True
    while more:
        page = asks(west, after, limit=2)
        names += [one.name for one in page.facts]
        after, more = page.through, page.more
    assert names == [f"uses:{number}" for number in range(5)]


def test_a_poll_is_answered_as_soon_as_another_gate_has_recorded_something(gate: Gate, west: Gate) -> None:
    answers: list[FactsPage] = []
    poll = threading.Thread(target=lambda: answers.append(asks(west, wait=20)))
    poll.start()
    passes(gate, CAR_IN)
    poll.join(10)
    assert [one.name for page in answers for one in page.facts] == ["at:car"]


def test_a_gate_whose_journal_was_put_back_is_told_what_it_had_contributed(gate: Gate, west: Gate) -> None:
    passes(gate, CAR_IN, ONE_MORE)
    passes(gate, ONE_MORE, after_s=5)
    former = gate.epoch
    go_on(gate, 1, "restored")
    gate.send()
    passes(gate, ONE_MORE, CAR_OUT, after_s=9)
    told = [(one.edge, one.epoch, one.seq, one.name, one.value) for one in asks(gate).facts]
    own = gate.enrolled.edge
    assert told == [(own, former, 1, "at:car", ["site", 7, "quota:q"]), (own, former, 2, "zone:site", 2)]
    assert [(one.epoch, one.name) for one in asks(west).facts[2:]] == [(gate.epoch, "zone:site"), (gate.epoch, "at:car")]


def test_an_older_word_that_comes_late_is_not_told_over_a_newer_one(gate: Gate, west: Gate, registry: Registry) -> None:
    """An entry that was parked is taken in again when it can be read, maybe weeks after those behind it."""
    with registry.write() as work:
        edge = edges.locked_speaker(work.session, gate.enrolled.edge, work.at)
        for seq, value, by in ((2, ["", 9], 1), (1, ["site", 7], 2)):
            telling = Telling()
            telling.note(seq, Contribution("at:car", "set", value, seq))
            telling.note(seq, Contribution("uses:v", "sum", by, seq))
            services.note(work, edge, gate.epoch, telling.as_json())
    assert {one.name: (one.value, one.seq, one.at_us) for one in asks(west).facts} == {
        "at:car": (["", 9], 2, 2),
        "uses:v": (3, 2, 1),
    }


ASTRAY: list[Any] = [7, ((1,),), (("set", "at:car"),), (("set", "at:\0", 1), ("add", "zone:\0", 1)), ("x", None)]


def test_facts_of_no_form_of_ours_hold_nothing_up(gate: Gate, west: Gate) -> None:
    for facts in ASTRAY:
        gate.write(PassageEnded("passed", "in", facts=facts))
    gate.write(PassageEnded("passed", "in", facts=(ONE_MORE,)))
    assert gate.send().acked_through == len(ASTRAY) + 1
    assert [one.name for one in asks(west).facts] == ["zone:site"]


def test_a_registry_that_was_restored_goes_on_behind_what_it_told_before(gate: Gate, west: Gate, registry: Registry) -> None:
    passes(gate, CAR_IN)
    told = asks(west)
    with registry.write() as work:
        work.session.execute(update(Site).values(facts_cursor=0))
    passes(gate, CAR_OUT)
    assert [one.value for one in asks(west, told.through).facts] == [["", 9]]


def test_another_site_is_told_nothing(gate: Gate, registry: Registry) -> None:
    passes(gate, CAR_IN)
    with registry.read() as work:
        assert services.page(work, UUID(int=1), UUID(int=2), 0, 10).facts == ()
