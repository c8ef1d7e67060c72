"""What goes ahead of the journal: alarms, checkpoints, health, each over a real socket; and what the gate is told of them."""

from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from access import sealing
from access.contract.alarms import EarlyAlarm
from access.contract.checkpoints import Checkpoint
from access.entries import AlarmRaised
from access.sealing import ENTRY_BYTES_MAX
from edge.courier.alarms import IDLE_S, TURN_S, AlarmsStream
from edge.courier.checkpoints import CheckpointsStream
from edge.courier.clock import compared
from edge.courier.errors import RefusalError, SyncError
from edge.courier.health import AT_MOST_EVERY_S, EVERY_S, HealthStream
from edge.courier.precedence import Precedence
from edge.courier.progress import Progress
from edge.courier.registry import Registry
from edge.courier.runner import InTurn
from edge.courier.surroundings import Surroundings
from edge.identity import Identity
from edge.messages import ClockCompared, GateCondition, RaiseAlarm
from edge.places import Places
from edge.store.backup import copy_to
from edge.store.received import Received
from tests.edge.courier.conftest import EDGE, Clock, Gate
from tests.edge.courier.wire import LOST_REQUEST, UNSIGNED, Answer, Fault, WireRegistry, refusing


@pytest.fixture
def told() -> list[Any]:
    """What the gate was told."""
    return []


# --- alarms ---------------------------------------------------------------------------------------


@pytest.fixture
def alarms(
    places: Places, gate: Gate, registry: Registry, progress: Progress, precedence: Precedence, clock: Clock
) -> AlarmsStream:
    return AlarmsStream(places.journal, EDGE, registry, progress, precedence, clock)


def test_an_alarm_behind_a_backlog_goes_ahead_once(alarms: AlarmsStream, gate: Gate, wire: WireRegistry, clock: Clock) -> None:
    gate.write_many(500)
    seq = gate.write(AlarmRaised("gate_crash", "in-1"))
    assert (alarms.step(), wire.early) == (TURN_S, []), "the journal may bring it at once"
    clock.now += TURN_S
    assert alarms.step() == 0
    assert [(alarm.epoch, alarm.seq) for alarm in wire.early] == [(gate.journal.epoch, seq)]
    assert alarms.step() == IDLE_S
    assert len(wire.early) == 1


def test_an_alarm_that_the_journal_has_brought_does_not(
    alarms: AlarmsStream, gate: Gate, wire: WireRegistry, clock: Clock, progress: Progress
) -> None:
    seq = gate.write(AlarmRaised("gate_crash"))
    alarms.step()
    progress.entries_acked({gate.journal.epoch: seq}, progress.losses)
    clock.now += TURN_S
    assert (alarms.step(), wire.early) == (IDLE_S, [])


def test_19_an_alarm_in_the_place_of_a_lost_tail_goes_ahead_too(
    alarms: AlarmsStream, places: Places, gate: Gate, wire: WireRegistry, clock: Clock
) -> None:
    copy = places.root / "copy.db"
    copy_to(places.journal, copy)
    gate.write_many(100)
    assert alarms.step() == IDLE_S
    gate.put_back(copy)
    gate.write(AlarmRaised("gate_crash", "in-1"))
    alarms.step()
    clock.now += TURN_S
    assert alarms.step() == 0
    assert (gate.journal.epoch, gate.journal.seq) in [(alarm.epoch, alarm.seq) for alarm in wire.early]


def test_alarms_wait_out_a_busy_registry_and_are_not_stuck_at_one_that_refuses(
    alarms: AlarmsStream, gate: Gate, wire: WireRegistry, clock: Clock, progress: Progress, precedence: Precedence
) -> None:
    gate.write(AlarmRaised("gate_crash"))
    alarms.step()
    clock.now += TURN_S
    wire.faults.extend([refusing(503), refusing(422, "what was sent")])
    with pytest.raises(RefusalError):
        alarms.step()
    assert precedence.waited_s() is None, "pictures go on until it is tried again"
    wire.faults.appendleft(LOST_REQUEST)
    with pytest.raises(SyncError):
        alarms.step()
    assert precedence.waited_s() is not None, "on a narrow link pictures stand aside"
    assert alarms.step() == 0
    assert "422" in progress.state({}).error
    assert precedence.waited_s() is None
    assert alarms.step() == IDLE_S, "the journal brings them"


def test_an_alarm_of_an_older_journal_that_is_too_large_holds_no_other_up(
    alarms: AlarmsStream, gate: Gate, wire: WireRegistry, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr(sealing, "ENTRY_BYTES_MAX", 2**30)
        gate.write(AlarmRaised("gate_crash", "x" * ENTRY_BYTES_MAX))
    seq = gate.write(AlarmRaised("gate_crash", "in-1"))
    alarms.step()
    clock.now += TURN_S
    assert alarms.step() == 0
    assert [alarm.seq for alarm in wire.early] == [seq]
    assert alarms.step() == IDLE_S


# --- checkpoints ----------------------------------------------------------------------------------


@pytest.fixture
def checkpoints(
    identity: Identity, registry: Registry, received: Received, progress: Progress, around: Surroundings, told: list[Any]
) -> CheckpointsStream:
    return CheckpointsStream(identity, registry, received, progress, around, told.append)


@pytest.fixture
def made(gate: Gate, identity: Identity) -> str:
    return signed(identity, gate.journal.epoch, 1)


def signed(identity: Identity, epoch: UUID, seq: int) -> str:
    draft = Checkpoint(edge=EDGE, epoch=epoch, seq=seq, head="00" * 32, at_us=1, signature="0" * 128)
    return draft.model_copy(update={"signature": identity.key.sign(draft.signed_bytes()).hex()}).model_dump_json()


def test_a_checkpoint_is_countersigned_and_kept(
    checkpoints: CheckpointsStream, made: str, wire: WireRegistry, received: Received, told: list[Any]
) -> None:
    checkpoints.step()
    assert wire.checkpoints == []
    checkpoints.made(made)
    checkpoints.step()
    checkpoints.step()
    assert [told.model_dump_json() for told in wire.checkpoints] == [made]
    assert '"agrees":true' in received.texts("checkpoint")["newest"]
    assert [type(message) for message in told] == [ClockCompared]


def test_a_registry_that_disagrees_raises_an_alarm(
    checkpoints: CheckpointsStream, made: str, wire: WireRegistry, told: list[Any], progress: Progress
) -> None:
    wire.agrees = False
    checkpoints.made(made)
    checkpoints.step()
    assert [message.what for message in told if isinstance(message, RaiseAlarm)] == ["checkpoint_disputed"]
    assert "not this journal's at entry 1" in progress.state({}).error


def test_one_dispute_is_one_alarm_however_many_checkpoints_follow(
    checkpoints: CheckpointsStream, gate: Gate, identity: Identity, wire: WireRegistry, told: list[Any]
) -> None:
    wire.agrees = False
    next_one = UUID(int=9)
    for epoch, seq in ((gate.journal.epoch, 1), (gate.journal.epoch, 2), (next_one, 1)):
        checkpoints.made(signed(identity, epoch, seq))
        checkpoints.step()
    alarms = [message.detail for message in told if isinstance(message, RaiseAlarm)]
    assert alarms == [f"{gate.journal.epoch} 1", f"{next_one} 1"]


def test_what_is_no_countersignature_leaves_the_checkpoint_to_be_sent_again(
    checkpoints: CheckpointsStream, made: str, wire: WireRegistry, progress: Progress
) -> None:
    checkpoints.made(made)
    forged = Fault(lambda handler, answer: handler.respond(Answer(200, _forged(answer.body))), before=False)
    for fault in (UNSIGNED, forged, Fault(lambda handler, _: handler.respond(Answer(200, b"{}")))):
        wire.faults.append(fault)
        with pytest.raises(SyncError):
            checkpoints.step()
    wire.faults.append(refusing(503))
    with pytest.raises(RefusalError):
        checkpoints.step()
    wire.faults.append(refusing(422, "what was sent"))
    checkpoints.step()
    assert "422" in progress.state({}).error


def _forged(body: bytes) -> bytes:
    return body.replace(b'"agrees":true', b'"agrees":null')


# --- health ---------------------------------------------------------------------------------------


@pytest.fixture
def health(
    places: Places, gate: Gate, registry: Registry, progress: Progress, around: Surroundings, told: list[Any]
) -> HealthStream:
    return HealthStream(EDGE, "0.1.0", places.journal, registry, progress, around, told.append)


def test_health_is_told_at_change_and_each_minute(health: HealthStream, gate: Gate, wire: WireRegistry, clock: Clock) -> None:
    gate.write_many(3)
    for seconds, told in ((0, 1), (1, 1), (AT_MOST_EVERY_S, 1)):
        clock.now += seconds
        health.step()
        assert len(wire.healths) == told
    health.changed(GateCondition(devices_down=("io",), lanes={"in-1": "held_open"}, clock="drifting"))
    health.step()
    assert len(wire.healths) == 2
    clock.now += EVERY_S
    health.step()
    assert (wire.healths[1].devices_down, wire.healths[1].lanes, wire.healths[1].clock) == (
        ("io",),
        {"in-1": "held_open"},
        "drifting",
    )
    assert (len(wire.healths), wire.healths[2].waiting) == (3, 4)
    assert wire.healths[2].oldest_waiting_us == 1_700_000_000_000_000
    assert 0 < wire.healths[2].disk_free_bytes <= wire.healths[2].disk_bytes


def test_each_answer_compares_the_clocks(health: HealthStream, wire: WireRegistry, told: list[Any]) -> None:
    wire.clock_ahead_s = 40.0
    health.step()
    (clock,) = told
    assert isinstance(clock, ClockCompared)
    assert -41 < clock.offset_s < -39
    assert 0 <= clock.within_s < 5
    assert compared(100.0, 104.0, 90_000_000) == ClockCompared(12.0, 2.0)


# --- all of them on one connection -----------------------------------------------------------------


class _Piece:
    """A stream that does what is written down for it: the seconds until there may be more, or a failure."""

    def __init__(self, name: str, *then: float | Exception) -> None:
        self.name = name
        self.then = list(then)

    def step(self) -> float:
        did = self.then.pop(0)
        if isinstance(did, Exception):
            raise did
        return did


def test_the_first_that_has_something_goes_first(progress: Progress, around: Surroundings) -> None:
    first, second = _Piece("first", 0, 5), _Piece("second", 2)
    streams = InTurn("news", (first, second), progress, around)
    assert streams.step() == 0
    assert second.then == [2], "the first had something"
    assert streams.step() == 2


def test_none_waits_for_one_in_trouble(progress: Progress, around: Surroundings, clock: Clock) -> None:
    unknown, busy = RefusalError(404, {"detail": "no such place"}), RefusalError(503, {"detail": "later"}, retry_after_s=90)
    first, second = _Piece("first", unknown, busy, 7), _Piece("second", *[3.0] * 4)
    streams = InTurn("news", (first, second), progress, around)
    assert streams.step() == 1, "the first is tried again after its own backoff"
    assert "404" in progress.state({}).error
    assert streams.step() == 1
    assert (len(first.then), len(second.then)) == (2, 2), "the second goes on"
    clock.now += 1
    assert streams.step() == 3
    clock.now += 89
    streams.step()
    assert len(first.then) == 1, "the registry has said how long"
    clock.now += 1
    second.then.append(9)
    assert streams.step() == 7
    assert not progress.state({}).error


def test_a_message_that_is_none_is_one_streams_trouble_and_does_not_say_what_stands_in_it(
    progress: Progress, around: Surroundings
) -> None:
    with pytest.raises(ValidationError) as raised:
        EarlyAlarm.model_validate({"epoch": EDGE, "seq": 1, "canonical": b"secret" * ENTRY_BYTES_MAX})
    streams = InTurn("news", (_Piece("first", raised.value), _Piece("second", 3.0)), progress, around)
    assert streams.step() == 1
    error = progress.state({}).error
    assert ("EarlyAlarm: canonical: " in error, "secret" in error) == (True, False)


def test_what_cannot_be_reached_is_told(progress: Progress, around: Surroundings) -> None:
    progress.contact(1.0)
    streams = InTurn("news", (_Piece("first", SyncError("no way")),), progress, around)
    assert streams.step() == 1
    assert (progress.state({}).online, progress.state({}).error) == (False, "no way")


def test_precedence_counts_from_the_first_that_waits(precedence: Precedence, clock: Clock) -> None:
    assert precedence.waited_s() is None
    precedence.waits("entries")
    clock.now += 3
    precedence.waits("alarms")
    precedence.waits("entries")
    assert precedence.waited_s() == 3
    precedence.goes_on("entries")
    assert precedence.waited_s() == 0
    precedence.rests("entries")
    precedence.rests("alarms")
    assert precedence.waited_s() is None
