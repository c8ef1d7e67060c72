"""What the registry lets go of in its time, and what it never does."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from access.acts import BREAK_GLASS, CountActed, VisitActed
from access.entries import AlarmRaised
from central.booth.job import follow_booths
from central.booth.tables import BoothAct, BoothCount
from central.commands import services as commands
from central.commands.schemas import CommandWanted
from central.early.services import KEPT_MAX
from central.edges.trust import suspect
from central.registry import Registry
from central.retention import job
from central.retention.services import let_go
from central.sync_tables import EarlyEntry, EdgeEvent, JournalCheckpoint, RemoteCommand, SharedFact
from central.tables import Edge, EnrolmentToken, Person
from central.tree.services import take_up
from central.users.tables import HostLink
from central.visits.links import new_host_link
from tests.central.checkpoints.test_checkpoints import checkpoint, send
from tests.central.databases import ON_ONE
from tests.central.early.test_early import send as send_early
from tests.central.facts.test_facts import CAR_IN, CAR_OUT, asks, passes
from tests.central.gate import Gate
from tests.central.journal.test_epochs import decide, go_on
from tests.waiting import wait_until

KEEP = timedelta(days=90)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Calendar:
    """The time of the registry, as a test sets it."""

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
def pass_days(registry: Registry, calendar: Calendar) -> Callable[[float], None]:
    """Let days go by, then the job do its work once."""

    def days(number: float) -> None:
        calendar.at += timedelta(days=number)
        take_up(registry)
        let_go(registry, KEEP)

    return days


def kept(registry: Registry, column: Any) -> list[Any]:
    """Return the values of a column, in order."""
    with registry.read() as work:
        return sorted(work.session.scalars(select(column)))


@pytest.fixture
def west(gate: Gate, address: str, registry: Registry) -> Iterator[Gate]:
    with Gate(address, seed=2, slug="west") as made:
        made.join(registry)
        yield made


def test_of_old_checkpoints_the_disputed_stay_and_the_last_of_each_day(
    gate: Gate, registry: Registry, calendar: Calendar, pass_days: Callable[[float], None]
) -> None:
    decide(gate, 8)
    gate.send()
    for hours, seq in ((0, 1), (1, 2), (2, 3), (24, 4), (25, 5), (48, 6), (49, 7)):
        calendar.at = NOON + timedelta(hours=hours)
        assert send(gate, checkpoint(gate, seq, bytes(32) if seq == 2 else None)).status_code == 200
    pass_days(0)
    assert kept(registry, JournalCheckpoint.seq) == [2, 3, 5, 6, 7]
    pass_days(3)
    assert kept(registry, JournalCheckpoint.seq) == [2, 3, 5, 7]


def test_what_has_ended_is_told_until_all_gates_have_heard_it(
    gate: Gate, west: Gate, registry: Registry, pass_days: Callable[[float], None]
) -> None:
    passes(gate, CAR_IN, ("set", "at:van", ["site", 7]), ("add", "uses:v", 1), ("set", "held:p", ["east", 8]))
    passes(gate, CAR_OUT, ("drop", "held:p", None), after_s=5)
    everything = ["at:car", "at:van", "held:p", "uses:v"]
    assert asks(gate).facts == ()
    pass_days(91)
    assert kept(registry, SharedFact.name) == everything, "the other gate was cut off all the time"
    told = asks(west)
    pass_days(0)
    assert kept(registry, SharedFact.name) == everything, "nobody knows that it has come there"
    asks(west, told.through)
    asks(gate, told.through)
    pass_days(0)
    assert kept(registry, SharedFact.name) == ["at:van", "uses:v"]


def test_what_has_ended_is_told_to_gates_that_are_put_back_for_so_many_days(
    gate: Gate, west: Gate, registry: Registry, pass_days: Callable[[float], None]
) -> None:
    passes(gate, CAR_OUT)
    for each in (west, gate):
        asks(each, asks(west).through)
    pass_days(89)
    assert kept(registry, SharedFact.name) == ["at:car"]


def test_who_came_in_here_and_left_there_is_inside_for_nobody_who_hears_it_later(
    gate: Gate, west: Gate, registry: Registry, pass_days: Callable[[float], None]
) -> None:
    """The word that somebody is outside goes only with the older ones that it has overcome."""
    passes(gate, CAR_IN)
    passes(west, CAR_OUT, ("set", "at:van", ["", 8]), after_s=5)
    passes(gate, ("set", "at:van", ["site", 9]), after_s=9)
    for each in (gate, west):
        asks(each, asks(west).through)
    pass_days(91)
    assert kept(registry, SharedFact.name) == ["at:van", "at:van"]


def test_a_box_that_is_one_no_more_holds_nothing_up(
    gate: Gate, west: Gate, registry: Registry, pass_days: Callable[[float], None]
) -> None:
    passes(gate, CAR_OUT)
    asks(gate, asks(west).through)
    with registry.write() as work:
        work.session.get_one(Edge, west.enrolled.edge).status = "revoked"
    pass_days(91)
    assert kept(registry, SharedFact.name) == []


def test_what_the_office_did_is_kept_for_so_many_days(gate: Gate, registry: Registry, pass_days: Callable[[float], None]) -> None:
    def do() -> None:
        with registry.write() as work:
            commands.issue(work, gate.enrolled.lanes["in-1"], CommandWanted(act="open_once", reason="visitor"), "wang")
            suspect(work, gate.enrolled.edge, "from afar")
            facts: dict[str, Any] = {"name": "x", "unit": "", "category": "resident", "status": "active"}
            person = Person(id=work.new_id(), site_id=gate.enrolled.site, **facts)
            work.session.add(person)
            work.session.flush()
            new_host_link(work, person.id, days=0)

    do()
    pass_days(89)
    do()
    pass_days(2)
    assert len(kept(registry, RemoteCommand.issuer)) == 1
    assert kept(registry, EnrolmentToken.name) == []
    assert kept(registry, EdgeEvent.what) == ["approved", "enrolled", "wrong_key"]
    assert len(kept(registry, HostLink.created_at)) == 1
    pass_days(90)
    assert kept(registry, RemoteCommand.issuer) == []
    assert kept(registry, EdgeEvent.what) == ["approved", "enrolled"]


def test_an_alarm_whose_entry_was_lost_is_shown_for_a_week(
    gate: Gate, registry: Registry, pass_days: Callable[[float], None]
) -> None:
    gate.decide()
    gate.write(AlarmRaised("gate_crash", "in-1"))
    assert send_early(gate, 2).json()["kept"] == 1
    pass_days(8)
    assert kept(registry, EarlyEntry.seq) == [2], "the journal may bring it yet"
    assert send_early(gate, 2).json()["kept"] == 0
    go_on(gate, 1, "rebuilt")
    gate.send()
    assert kept(registry, EarlyEntry.seq) == [2]
    pass_days(0)
    assert kept(registry, EarlyEntry.seq) == []


def test_alarms_that_were_lost_take_no_room_from_those_to_come(gate: Gate, registry: Registry) -> None:
    former = gate.epoch
    go_on(gate, 0, "rebuilt")
    gate.send()
    gate.write(AlarmRaised("gate_crash", "in-1"))
    entry = gate.entries[1]
    with registry.write() as work:
        lost = {"edge_id": gate.enrolled.edge, "canonical": entry.canonical, "personal": entry.personal, "received_at": work.at}
        work.session.add_all(EarlyEntry(epoch=former, seq=seq, **lost) for seq in range(1, KEPT_MAX + 1))
    assert send_early(gate, 2).json()["kept"] == 1


@ON_ONE
def test_what_became_of_guards_acts_goes_but_for_what_the_ledger_goes_by(
    gate: Gate, registry: Registry, pass_days: Callable[[float], None]
) -> None:
    long_ago = NOON - timedelta(days=400)
    for n, at in enumerate((NOON, long_ago)):
        values = {"what": "bicycle", "direction": "in", "number": 1}
        gate.write(CountActed("", "count", BREAK_GLASS, f"c{n}", values), at)
        gate.write(VisitActed(str(uuid4()), "VisitorsLeft", BREAK_GLASS, f"v{n}", {"people": 1, "gate": "east"}), at)
    gate.send()
    follow_booths(registry)
    pass_days(0)
    assert kept(registry, BoothAct.outcome) == ["done", "done", "refused", "refused"], "by our clock all of it is of today"
    assert len(kept(registry, BoothCount.id)) == 1
    pass_days(91)
    assert (kept(registry, BoothAct.outcome), kept(registry, BoothCount.id)) == (["refused", "refused"], [])
    follow_booths(registry)
    assert kept(registry, BoothCount.id) == []


@ON_ONE
def test_the_job_goes_on_after_what_fails(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "EVERY_S", 0.01)
    calls = count()

    def calendar() -> datetime:
        if next(calls) == 0:
            raise OSError
        return NOON

    with capture_logs() as logged, job.retention(replace(registry, calendar=calendar), KEEP, first_after_s=0.0):
        wait_until(lambda: len(logged) > 1)
    assert [event["event"] for event in logged[:2]] == ["a job failed", "what had its time is gone"]
