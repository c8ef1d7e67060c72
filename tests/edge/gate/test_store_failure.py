"""The journal cannot be written: the lane does as it is set, and what happened is written down later, marked.

An outside tool that holds the database stands for every disk that refuses (reliability: fault 14).
"""

from pathlib import Path

import pytest

from edge.booth_messages import GuardReply, GuardRequest, RecordAct
from tests.edge.gate.rig import RESIDENTS_CARD, Rig
from tests.waiting import wait_until

pytestmark = pytest.mark.programs


def opened_by_guard(rig: Rig) -> GuardRequest:
    shown = rig.view()
    assert shown is not None
    now = rig.board.apply(lambda now: now)
    return GuardRequest("r-1", "admit", "in-1", "g-1", "张*", "known", "", now + 10, shown.passage)


def replied(rig: Rig, request: str) -> GuardReply:
    def found() -> GuardReply | None:
        return next((one for one in rig.said if isinstance(one, GuardReply) and one.request == request), None)

    reply = wait_until(found, what=f"an answer to {request}")
    assert reply is not None
    return reply


def test_a_lane_set_to_deny_opens_nothing_and_says_why(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        with rig.held_journal():
            rig.reader.present(RESIDENTS_CARD)
            rig.wait_for_state("denied", "store_failed")
        rig.wait_for("decision", outcome="deny", reason="store_failed")
        decisions = [entry.fields for entry in rig.entries() if entry.kind == "decision"]
        assert [(fields["outcome"], fields["uncommitted"]) for fields in decisions] == [("grant", True), ("deny", True)]
        assert rig.count("command") == 0, "a command that never left was written down"
        assert rig.arm.openings == 0


def test_a_lane_set_to_open_opens_and_marks_it(tmp_path: Path) -> None:
    with Rig(tmp_path, on_store_failure="open") as rig:
        with rig.held_journal():
            rig.reader.present(RESIDENTS_CARD)
            wait_until(lambda: rig.arm.openings == 1, what="the arm to rise")
            assert rig.count("decision") == 0
        decision = rig.wait_for("decision", outcome="grant")
        assert decision.fields["uncommitted"]
        rig.wait_for("outcome", ok=True)


def test_a_lane_set_to_refer_opens_for_its_guard_alone(tmp_path: Path) -> None:
    with Rig(tmp_path, on_store_failure="refer") as rig:
        with rig.held_journal():
            rig.reader.present(RESIDENTS_CARD)
            rig.wait_for_state("referred", "store_failed")
            assert rig.arm.openings == 0
            rig.desk.send(opened_by_guard(rig))
            wait_until(lambda: rig.arm.openings == 1, what="the arm to rise for the guard")
            assert replied(rig, "r-1") == GuardReply("r-1", accepted=True, held=True), "it is only in memory still"
            now = rig.board.apply(lambda now: now)
            rig.desk.send(RecordAct("r-2", "count", "", "count", "g7", "张*", now + 10, values={"number": 1}))
            assert replied(rig, "r-2") == GuardReply("r-2", accepted=False, refusal="not_written")
        decision = rig.wait_for("decision", reason="guard_admitted")
        assert decision.fields["uncommitted"]
        assert rig.count("count") == 0, "a guard was told that it is not written"


def test_an_evacuation_opens_whatever_the_journal_says(tmp_path: Path) -> None:
    with Rig(tmp_path, lane='evacuation = "open"') as rig:
        with rig.held_journal():
            now = rig.board.apply(lambda now: now)
            rig.desk.send(GuardRequest("r-1", "evacuate", "", "g-1", "张*", "fire", "", now + 10))
            wait_until(lambda: rig.arm.openings == 1, what="the arm to rise")
            assert rig.count("command") == 0
        assert rig.wait_for("command", act="open").fields["uncommitted"]
        assert rig.wait_for("facts", source="guard").fields["reason"] == "fire"
        rig.wait_for("outcome", ok=True)
