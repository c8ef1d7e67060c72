"""Fault 9: the disk stalls for five seconds. Nobody passes before it is written, or waits longer than two; nothing is lost."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from access.entries import AlarmRaised, Commanded, CommandEnded, Decided, Draft, FactsChanged, Observed
from edge.gate.actions import Action, Append, OpenBarrier
from edge.gate.neighbours import Neighbours
from edge.gate.unwritten import to_hold_back
from edge.identity import Identity
from edge.logs import Log
from edge.messages import FactsHeard, GateView
from edge.places import Places
from edge.store import scribe as writing
from edge.store.held import Held, Unwritten
from edge.store.pen import StoreStalledError
from edge.store.scribe import WRITE_AGAIN_S, Scribe
from tests.edge.gate.rig import RESIDENTS_CARD, Rig
from tests.faults.bad_disk import build_bad_disk
from tests.faults.journals import EDGE, KEY, STAMP, bodies_of, gaps_in, opened
from tests.faults.stalling import stalled
from tests.waiting import wait_until

STALL_MS = 5000
ANSWER_WITHIN_S = 2.0
USE = FactsChanged("x", "y", (("add", "uses:visit", 1),))


@pytest.fixture
def scribe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scribe]:
    monkeypatch.setattr(writing, "COMMIT_WITHIN_S", 0.03)
    identity = Identity(EDGE, EDGE, EDGE, {}, KEY, KEY.public_key())
    scribe = Scribe(Places(tmp_path), identity, Log("gate"), lambda: STAMP, lambda: False)
    yield scribe
    scribe.close()


def fails_to_commit(scribe: Scribe, *drafts: Draft) -> None:
    with pytest.raises(StoreStalledError):
        scribe.commit(drafts)


def written_at_last(scribe: Scribe) -> None:
    """Wait for the disk, then have written what was held back."""
    for _ in range(2):
        wait_until(lambda: scribe.is_idle, what="the disk to answer")
        scribe.look_after(time.monotonic() + WRITE_AGAIN_S, quiet=False)
    wait_until(lambda: scribe.is_settled, what="all to be written")


def test_fault_09_what_stalls_behind_entries_that_were_held_back_is_stored_once(scribe: Scribe, tmp_path: Path) -> None:
    use = scribe.draft(USE)
    scribe.hold_back([Unwritten.unchanged(scribe.draft(Observed("held")))], time.monotonic())
    with stalled(scribe.journal):
        fails_to_commit(scribe, use)
        scribe.hold_back([Unwritten.unchanged(use)], time.monotonic())
        assert scribe.holds_back
    written_at_last(scribe)
    assert [body.kind for body in bodies_of(tmp_path / "journal.db")] == ["epoch", "observation", "facts", "alarm"]
    assert scribe.journal.presence.facts["uses:visit"] == 1


def test_fault_09_what_has_to_go_for_want_of_room_while_it_is_being_written_is_not_lost(tmp_path: Path) -> None:
    held, path = Held(limit=2), tmp_path / "journal.db"
    with closing(opened(path)) as journal:
        entries = [Unwritten.unchanged(journal.draft(Observed(name), STAMP)) for name in "abc"]
        held.keep(entries[:2], STAMP)
        with stalled(journal) as waits:
            pen = threading.Thread(target=held.write, args=(journal, STAMP))
            pen.start()
            assert waits.wait(timeout=5)
            assert len(held) == 2, "what is being written seems to be written"
            held.keep(entries[2:], STAMP)
        pen.join()
        held.write(journal, STAMP)
    assert [body.what for body in bodies_of(path) if isinstance(body, Observed)] == ["a", "b", "c"]
    assert not gaps_in(path)


@pytest.mark.parametrize("was_opened", [True, False])
def test_fault_09_an_entry_confirmed_late_is_told_to_be_so(was_opened: bool, scribe: Scribe, tmp_path: Path) -> None:
    grant = scribe.draft(Decided("grant", "resident", "card", "reader-in", 1, "in"), "in-1", "p-1")
    command = scribe.draft(Commanded("io", "open", str(grant.id), "c-1"), "in-1", "p-1")
    opening = OpenBarrier("in-1", "p-1", "io", 0, 500, "c-1", 10.0)
    actions: list[Action] = [Append(grant), Append(command), opening]
    with stalled(scribe.journal):
        fails_to_commit(scribe, grant, command)
        scribe.hold_back(to_hold_back(actions, [opening] if was_opened else [], scribe.draft), time.monotonic())
    written_at_last(scribe)
    done_before = [Observed("confirmed_late", detail=entry.id.hex) for entry in (grant, command)]
    never_sent = [CommandEnded("io", "c-1", ok=False, error="its entry could not be written")]
    epoch, decision, *told, slow = bodies_of(tmp_path / "journal.db")
    assert (epoch.kind, decision.kind, slow) == ("epoch", "decision", AlarmRaised("disk_slow"))
    assert told == [command.body, *(done_before if was_opened else never_sent)]


def test_fault_09_what_other_gates_told_while_the_disk_stalled_is_known_when_it_is_written(scribe: Scribe) -> None:
    neighbours, epoch = Neighbours(scribe), scribe.journal.epoch.hex
    page = FactsHeard((("west", "0" * 32, 1, "uses:visit", "sum", 1, 5, ""),), epoch, 0, 5)
    later = scribe.draft(FactsChanged("guard", "x", (("set", "at:car", ["", 8]),)))
    with stalled(scribe.journal):
        began = time.monotonic()
        assert neighbours.take(page)
        assert time.monotonic() - began < writing.COMMIT_WITHIN_S, "a lane waited for it"
        fails_to_commit(scribe, later)
        scribe.hold_back([Unwritten.unchanged(later)], time.monotonic())
        assert neighbours.learned() is None
    written_at_last(scribe)
    assert not neighbours.take(page), "it is written already"
    presence = neighbours.learned()
    assert presence is not None
    assert (presence.facts["uses:visit"], presence.facts["at:car"]) == (1, ["", 8])
    assert neighbours.learned() is None


@pytest.mark.programs
def test_fault_09_a_card_is_answered_in_two_seconds_while_the_disk_stalls_for_five(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stall = tmp_path / "stall"
    monkeypatch.setenv("LD_PRELOAD", str(build_bad_disk(tmp_path)))
    monkeypatch.setenv("BAD_DISK_STALL", str(stall))
    with Rig(tmp_path) as rig:
        stall.write_text(str(STALL_MS), encoding="ascii")
        rig.reader.present(RESIDENTS_CARD)
        began = time.monotonic()
        rig.wait_for_state("denied", "store_failed")
        assert time.monotonic() - began < ANSWER_WITHIN_S
        before = gate_views(rig)
        wait_until(lambda: gate_views(rig) > before + 2, timeout_s=3, what="the gate to go on while the disk stalls")
        stall.unlink()
        rig.wait_for("alarm", what="disk_slow")
        rig.wait_for("decision", outcome="deny", reason="store_failed")
        assert rig.arm.openings == 0
        assert [entry.fields["outcome"] for entry in rig.entries() if entry.kind == "decision"] == ["grant", "deny"]
        (command,) = (entry for entry in rig.entries() if entry.kind == "command")
        assert rig.wait_for("outcome", ok=False).fields["command"] == command.fields["command"], "it looks as if it had left"


def gate_views(rig: Rig) -> int:
    """How often the gate has shown itself to the booth."""
    return sum(isinstance(message, GateView) for message in list(rig.said))
