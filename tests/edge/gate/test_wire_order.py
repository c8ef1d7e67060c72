"""On the wire: every relay frame comes after its entry's commit, nothing moves at start, and kill -9 loses nothing."""

import subprocess
import sys
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from access.chain import genesis, link
from edge.booth_messages import FeedLine, GuardReply, GuardRequest, LaneView
from edge.exit_codes import CANNOT_START
from edge.store.database import PAGE_BYTES
from edge.store.reader import JournalReader
from simulators.wires.board import RelayFrame
from tests.edge.gate.rig import RESIDENTS_CARD, STRANGERS_CARD, Rig
from tests.faults.journals import copied
from tests.waiting import wait_until

pytestmark = pytest.mark.programs

LOG_HEADER_BYTES = 32  # https://sqlite.org/fileformat2.html#walformat
FRAME_BYTES = 24 + PAGE_BYTES


def test_every_relay_frame_comes_after_its_entrys_commit(tmp_path: Path) -> None:
    committed: list[list[str]] = []

    def look_into_the_journal(frame: RelayFrame) -> None:
        """Called with the frame in hand, before the board answers it."""
        if frame.energises:
            committed.append([entry.kind for entry in rig.entries()])

    rig = Rig(tmp_path, on_relay=look_into_the_journal)
    with rig:
        for passage in range(1, 4):
            drive_through(rig, passage)
        written = transactions(copied(rig.places.journal, tmp_path / "copy"))

    assert len(committed) == 3
    decided = [kinds for kinds in written if {"reading", "decision", "command"} & set(kinds)]
    assert decided == [["reading", "decision", "command"]] * 3, "a decision is one transaction"
    for number, kinds in enumerate(committed, 1):
        assert kinds.count("decision") == kinds.count("command") == number, (
            "the entry was not committed when the relay frame came"
        )
        assert kinds.count("outcome") == number - 1
    assert rig.arm.touched == 0
    assert_chain_holds(rig)


def test_an_unknown_card_opens_nothing_and_is_written_down(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        rig.reader.present(STRANGERS_CARD)
        decision = rig.wait_for("decision")
        assert (decision.fields["outcome"], decision.fields["reason"]) == ("refer", "unknown_refer")
        assert rig.arm.openings == 0


def test_a_guard_opens_once_with_a_reason_and_only_once(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        wait_until(lambda: any(isinstance(m, LaneView) and m.state == "idle" for m in rig.said), what="an idle lane")
        now = rig.board.apply(lambda now: now)
        request = GuardRequest("r-1", "open_once", "in-1", "g-1", "张*", "delivery", "", now + 10)
        late = GuardRequest("r-2", "open_once", "in-1", "g-1", "张*", "delivery", "", now - 1)
        for message in (request, request, late):
            rig.desk.send(message)
        wait_until(lambda: len([m for m in rig.said if isinstance(m, GuardReply)]) == 3, what="three answers")
        rig.wait_for("outcome", ok=True)
        answers = [(m.request, m.accepted, m.refusal) for m in rig.said if isinstance(m, GuardReply)]
        assert answers == [("r-1", True, ""), ("r-1", True, ""), ("r-2", False, "expired")]
        assert rig.arm.openings == 1


def test_kill_9_in_mid_passage_loses_nothing_and_moves_nothing_at_start(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        rig.board.apply(lambda now: rig.arm.occupy_arrival(now, on=True))
        rig.reader.present(RESIDENTS_CARD)
        rig.wait_for("outcome", ok=True)
        before = rig.entries()
        rig.kill()
        rig.start()
        after = rig.entries()
        assert after[: len(before)] == before
        assert rig.arm.openings == 1, "the arm was moved at start"
        assert rig.wait_for("passage").fields["result"] == "interrupted"
        wait_until(lambda: any("then the program stopped" in story for story in stories(rig)), what="the booth to be told")
        assert_chain_holds(rig)
        assert rig.stop() == 0
        assert rig.entries()[-1].kind == "stop"
        rig.start()


def stories(rig: Rig) -> list[str]:
    """What the booth was told of passages that are over."""
    return [line.story["en"] for line in rig.said if isinstance(line, FeedLine) and line.story]


def test_a_second_gate_on_the_same_journal_is_refused_and_told_who_has_it(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        command = [sys.executable, "-m", "edge.gate", "--config", str(rig.config)]
        second = subprocess.run(command, capture_output=True, check=False, timeout=20)
        assert second.returncode == CANNOT_START
        assert rig.process is not None
        assert f"held by process {rig.process.pid}".encode() in second.stderr
        assert rig.count("start") == 1


def transactions(journal: Path) -> list[list[str]]:
    """Return the kinds that each commit in the write-ahead log has brought, by cutting the log off behind one after the other."""
    log = journal.with_name("journal.db-wal")
    whole = log.read_bytes()
    frames = range(LOG_HEADER_BYTES, len(whole), FRAME_BYTES)
    ends = [frame + FRAME_BYTES for frame in frames if any(whole[frame + 4 : frame + 8])]  # the last frame of each commit
    known: list[list[str]] = []
    for end in (LOG_HEADER_BYTES, *ends):
        log.write_bytes(whole[:end])
        with closing(JournalReader(journal)) as reader:
            known.append([entry.kind for entry in reader.every()])
    return [after[len(before) :] for before, after in pairwise(known)]


def drive_through(rig: Rig, passage: int) -> None:
    """Present the resident's card on the arrival loop and drive out under the arm, until it is down again."""
    rig.board.apply(lambda now: rig.arm.occupy_arrival(now, on=True))
    rig.reader.present(RESIDENTS_CARD)
    wait_until(lambda: rig.arm.openings == passage and rig.board.apply(rig.arm.position) == 1.0, what="the arm to be up")
    rig.board.apply(lambda now: rig.arm.occupy_safety(now, on=True))
    wait_until(lambda: view(rig).state == "passing", what="the vehicle under the arm")
    rig.board.apply(lambda now: rig.arm.occupy_arrival(now, on=False))
    wait_until(lambda: view(rig).arrival is False, what="the arrival loop to be clear")
    rig.board.apply(lambda now: rig.arm.occupy_safety(now, on=False))
    wait_until(lambda: rig.count("passage") == passage and view(rig).state == "idle", what="the arm to be down")


def view(rig: Rig) -> LaneView:
    return [message for message in rig.said if isinstance(message, LaneView)][-1]


def assert_chain_holds(rig: Rig) -> None:
    reader = JournalReader(rig.places.journal)
    epoch, _ = reader.head()
    head = genesis(rig.entries()[0].edge, epoch)
    for entry in reader.after(epoch, 0, 10_000):
        head = link(head, entry.canonical)
        assert head == entry.hash
    reader.close()
