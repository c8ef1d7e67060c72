"""Alarms: raised ones and those that last, who has seen them, and what of it outlives the program."""

import os
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from uuid import UUID

import pytest

from access.acts import AlarmActed
from access.entries import AlarmRaised, Body, Decided, Stamp, Started, Stopped
from access.sealing import Opened
from edge.booth_messages import AlarmView, RecordAct
from edge.gate.alarms import ALARMS_KEPT, SETTLED_S, Alarms
from edge.link import decode, encode
from edge.messages import RaiseAlarm
from edge.store import questions
from edge.store.journal import Journal
from tests.edge.gate.playbook import VEHICLE, Playbook, settings

NOW = 1_770_000_000.0


def entry(number: int, body: Body, lane: str = "in-1") -> Opened:
    fields = asdict(body) if isinstance(body, AlarmRaised | Started) else _fields(body)
    stamp = Stamp(1, round((NOW + number) * 1e6))
    return Opened(UUID(int=1), UUID(int=2), number, UUID(int=number), stamp, body.kind, lane, "", fields)


def _fields(body: Body) -> dict[str, object]:
    names = ("identity", "act", "guard", "request", "values", "facts", "role", "capture", "words", "guard_name", "details")
    return {name: getattr(body, name) for name in names}


def seen(identity: str, who: str = "张*") -> AlarmActed:
    return AlarmActed(identity, "acknowledge", "g7", "r", guard_name=who)


def test_what_was_raised_and_seen_before_a_restart_is_shown_as_before() -> None:
    alarms = Alarms(
        [entry(1, AlarmRaised("tailgating")), entry(2, AlarmRaised("gate_crash", "far_loop")), entry(3, seen(UUID(int=1).hex))]
    )
    assert alarms.views() == (
        AlarmView(UUID(int=1).hex, "tailgating", NOW + 1, lane="in-1", acknowledged_by="张*"),
        AlarmView(UUID(int=2).hex, "gate_crash", NOW + 2, "far_loop", "in-1"),
    )
    assert alarms.find(UUID(int=2).hex) == alarms.views()[1]
    assert alarms.find("nobody's") is None


def test_what_lasts_is_shown_once_and_goes_when_it_is_over() -> None:
    alarms = Alarms([entry(1, AlarmRaised("space_90")), entry(2, AlarmRaised("tailgating"))])
    alarms.stand(frozenset({"space_90"}), NOW + 5)
    assert [(alarm.id, alarm.standing) for alarm in alarms.views()] == [("space_90", True), (UUID(int=2).hex, False)]
    alarms.take(UUID(int=3), seen("space_90"), "", NOW + 6)
    assert [alarm.acknowledged_by for alarm in alarms.views()] == ["张*", ""]
    alarms.stand(frozenset(), NOW + 7)
    assert [(alarm.code, alarm.acknowledged_by) for alarm in alarms.views()] == [("space_90", "张*"), ("tailgating", "")]
    alarms.stand(frozenset({"space_90"}), NOW + 8)
    assert alarms.views()[0] == AlarmView("space_90", "space_90", NOW + 8, standing=True), "it is another one"


@pytest.mark.parametrize(("after_s", "who"), [(SETTLED_S / 2, "张*"), (SETTLED_S * 2, "")])
def test_what_lasts_over_a_restart_is_seen_still_and_what_comes_again_later_is_not(after_s: float, who: str) -> None:
    alarms = Alarms([entry(1, seen("clock_off"))])
    alarms.stand(frozenset(), NOW)
    alarms.stand(frozenset({"space_80"}), NOW + after_s)
    alarms.stand(frozenset({"space_80", "clock_off"}), NOW + after_s + 1)
    assert alarms.views()[0].code == "clock_off"
    assert alarms.views()[0].acknowledged_by == who


def test_what_was_seen_before_it_came_again_is_not_seen_after_a_restart() -> None:
    started = Started("1", "", "", "")
    before = [entry(1, AlarmRaised("space_90")), entry(2, seen("space_90"))]
    restarted = [entry(500, started), entry(510, AlarmRaised("space_90"))]
    again = [entry(900, AlarmRaised("space_90"))]
    for entries, who in ((before, "张*"), (before + restarted, "张*"), (before + again, ""), (before + restarted + again, "")):
        alarms = Alarms(entries)
        alarms.note(UUID(int=7), "space_90", NOW + 1000)
        alarms.stand(frozenset({"space_90"}), NOW + 1000)
        assert [alarm.acknowledged_by for alarm in alarms.views()] == [who]


def test_a_gate_that_starts_asks_its_journal_for_them(tmp_path: Path) -> None:
    stamp = Stamp(1, round(NOW * 1e6))
    with closing(Journal(tmp_path / "journal.db", UUID(int=1), stamp, os.urandom)) as journal:
        first = journal.draft(AlarmRaised("tailgating"), stamp, "in-1")
        later = [journal.draft(body, stamp) for body in (AlarmRaised("disk_slow"), Stopped("asked to stop"), seen(first.id.hex))]
        journal.append([first, *later], stamp)
        assert [alarm.acknowledged_by for alarm in Alarms(journal.look(questions.alarms, 200)).views()] == ["张*", ""]
        assert [entry.kind for entry in journal.look(questions.alarms, 2)] == ["alarm", "acknowledgement"]


def test_an_alarm_of_a_decision_says_whom_it_is_about_also_after_a_restart(tmp_path: Path) -> None:
    stamp = Stamp(1, round(NOW * 1e6))
    blocked = Decided("deny", "blocked", "plate", "camera-in", 1, "in", text="粤BKK777")
    card = replace(blocked, medium="card", text="3355443201")
    bodies = [(blocked, "p1"), (card, "p2"), (AlarmRaised("blocked"), "p1"), (AlarmRaised("blocked"), "p2")]
    bodies += [(AlarmRaised("tailgating"), "p1"), (replace(blocked, text="粤B00000"), "p3")]
    with closing(Journal(tmp_path / "journal.db", UUID(int=1), stamp, os.urandom)) as journal:
        drafts = [journal.draft(body, stamp, "in-1", passage) for body, passage in bodies]
        journal.append(drafts, stamp)
        asked = journal.look(questions.alarms, 200)
        assert [alarm.shown for alarm in Alarms(asked).views()] == ["粤B·KK777", "…3201", ""], "who tailgated is not who was read"
        assert [entry.passage for entry in asked if entry.kind == "decision"] == ["p1", "p2"]
        assert "KK777" not in "".join(str(entry.body()) for entry in asked if entry.kind == "alarm"), "this could not be erased"


def test_only_so_many_are_kept() -> None:
    alarms = Alarms(entry(number, AlarmRaised("tailgating", str(number))) for number in range(1, ALARMS_KEPT + 6))
    assert [alarm.detail for alarm in alarms.views()][:1] == ["6"]
    assert len(alarms.views()) == ALARMS_KEPT


def test_a_guard_acknowledges_an_alarm_by_name() -> None:
    book = Playbook(settings(VEHICLE))
    book.feed(RaiseAlarm("certificate_ends", "2026-12-01"))
    (alarm,) = book.gate.alarms.views()

    def press(request: str, identity: str, act: str = "acknowledge") -> list[str]:
        return book.feed(RecordAct(request, "acknowledgement", identity, act, "g7", "张*", book.now + 10))

    assert press("r-1", "another") == ["answer r-1 no_such_alarm"]
    assert press("r-2", alarm.id, "dance") == ["answer r-2 unknown_act"]
    assert press("r-3", alarm.id) == ["write acknowledgement", "answer r-3 yes"]
    assert press("r-3", alarm.id) == ["answer r-3 yes"]
    view = book.gate.view(1, "SQLite", "", book.at.timestamp())
    assert [one.acknowledged_by for one in view.alarms] == ["张*"]
    assert decode(encode(view)) == view
    assert book.bodies(AlarmActed)[0].values == {"code": "certificate_ends", "detail": "2026-12-01"}
