"""The core as a whole: rules, devices, requests, evidence and what the booth sees."""

from datetime import UTC, datetime, timedelta

import pytest

from access.entries import AlarmRaised, Decided, DeviceChanged, EvidenceKept, SnapshotTaken
from access.lane_log import PassageTold
from devices.readings import PlateRead
from edge.booth_messages import GuardRequest
from edge.gate.alarms import ALARMS_KEPT
from edge.gate.events import DeviceCounted, DeviceReported, Event, PlatePresented, SnapshotInstalled
from edge.gate.gate import REQUESTS_REMEMBERED
from edge.gate.records import retold
from edge.gate.recovery import close_interrupted, unconfirmed
from edge.link import decode, encode
from edge.messages import DeviceState, EvidenceStored, RaiseAlarm, SyncState
from tests.access.rules_world import BUILT
from tests.edge.gate.playbook import LIS_PLATE, VEHICLE, Playbook, estate, settings


@pytest.fixture
def book() -> Playbook:
    return Playbook(settings(VEHICLE))


def test_older_rules_that_arrive_late_change_nothing(book: Playbook) -> None:
    assert book.feed(SnapshotInstalled(estate(3), "33")) == ["write snapshot"]
    assert book.feed(SnapshotInstalled(estate(2), "22")) == []
    assert book.feed(SnapshotInstalled(estate(3), "33")) == ["write snapshot"]
    assert book.gate.rules is not None
    assert book.gate.rules.revision == 3
    assert book.bodies(SnapshotTaken)[-1] == SnapshotTaken(3, "33", int(BUILT.timestamp()))


def test_a_device_is_written_down_when_it_comes_goes_or_says_otherwise(book: Playbook) -> None:
    reports: list[Event] = [
        DeviceReported("reader-in", up=True),
        DeviceReported("reader-in", up=True),
        DeviceReported("reader-in", up=False, why="unplugged"),
        DeviceState("reader-in", up=False, why="unplugged"),
        DeviceState("reader-in", up=False, why="no such file"),
    ]
    assert [book.feed(report) for report in reports] == [
        ["write device reader-in up"],
        [],
        ["write device reader-in lost"],
        [],
        ["write device reader-in lost"],
    ]
    assert book.bodies(DeviceChanged)[-1] == DeviceChanged("reader-in", up=False, why="no such file")


def test_counters_say_nothing_of_whether_a_device_is_there(book: Playbook) -> None:
    assert book.feed(DeviceReported("io", up=False, why="unplugged")) == ["write device io lost", "-> unknown"]
    assert book.feed(DeviceCounted("io", {"frames": 9})) == []
    assert book.feed(DeviceCounted("nobody's", {"frames": 9})) == []
    assert book.gate.devices["io"] == DeviceState("io", up=False, why="unplugged", counters={"frames": 9})
    assert "nobody's" not in book.gate.devices


def test_a_picture_is_bound_to_the_capture_of_a_decision(book: Playbook) -> None:
    assert book.feed(EvidenceStored("c", "00", 5, "camera-in", "p", "in-1")) == ["write evidence"]
    assert book.bodies(EvidenceKept) == [EvidenceKept("c", "00", 5, "camera-in")]


def test_what_concerns_no_lane_of_ours_moves_nothing(book: Playbook) -> None:
    stray = GuardRequest("r-1", "open_once", "roof", "g-1", "张*", "why", "", book.now + 9)
    assert book.feed(stray) == ["answer r-1 unknown_lane"]
    assert book.feed(PlatePresented("camera-roof", PlateRead(LIS_PLATE, LIS_PLATE, 1.0), book.now)) == []
    with pytest.raises(TypeError, match="no gate knows an event object"):
        book.gate.handle(object(), book.now, book.at)  # type: ignore[arg-type] # a stranger's event is the test


def test_only_so_many_requests_are_remembered(book: Playbook) -> None:
    for number in range(REQUESTS_REMEMBERED + 50):
        book.feed(GuardRequest(f"r-{number}", "dance", "in-1", "g-1", "张*", "why", "", book.now + 9))
    assert len(book.gate._answers) == REQUESTS_REMEMBERED


def test_the_view_of_the_gate_travels_and_keeps_the_last_alarms(book: Playbook) -> None:
    book.feed(SyncState(True, 1, 2, 3.0, 4, 5.0))
    for number in range(ALARMS_KEPT + 5):
        book.feed(RaiseAlarm(f"a{number}"))
    view = book.gate.view(9, "SQLite", "7.snapshot", book.at.timestamp())
    assert decode(encode(view)) == view
    assert (view.revision, view.journal_seq, len(view.alarms), view.alarm_codes[-1]) == (1, 9, ALARMS_KEPT, f"a{ALARMS_KEPT + 4}")
    assert {device.device for device in view.devices} == {"reader-in", "camera-in", "io"}
    assert [lane.name for lane in book.gate.lane_views()] == ["in-1"]


def test_a_registry_that_went_back_takes_the_gate_along(book: Playbook) -> None:
    book.feed(SnapshotInstalled(estate(9), "9"))
    assert book.feed(SnapshotInstalled(estate(4), "4", back=True)) == ["write snapshot"]
    assert book.gate.rules is not None
    assert book.gate.rules.revision == 4


def test_an_alarm_of_the_courier_is_written(book: Playbook) -> None:
    book.feed(RaiseAlarm("certificate_ends", "2026-12-01"))
    assert book.bodies(AlarmRaised) == [AlarmRaised("certificate_ends", "2026-12-01")]
    (alarm,) = book.gate.alarms.views()
    assert (alarm.code, alarm.detail, alarm.since_utc) == ("certificate_ends", "2026-12-01", book.at.timestamp())


def test_its_condition_is_told(book: Playbook) -> None:
    book.gate.alarms.stand(frozenset({"space_80", "clock_off"}), book.at.timestamp())
    told = book.gate.condition()
    assert decode(encode(told)) == told
    assert (told.devices_down, told.lanes["in-1"], told.clock) == (("camera-in", "reader-in"), "normal", "trusted")
    assert (told.space, told.alarms) == ("space_80", ("clock_off", "space_80"))


def test_after_a_disorderly_stop_passages_are_ended_and_unconfirmed_openings_told() -> None:
    passages = [
        ("p1", "in-1", ["reading", "decision"]),
        ("p2", "out-1", ["decision", "command"]),
        ("p3", "gone", ["decision", "command", "outcome"]),
    ]
    bodies = close_interrupted(passages, {"in-1": "in", "out-1": "out"})
    assert [(lane, passage, body.kind) for lane, passage, body in bodies] == [
        ("in-1", "p1", "passage"),
        ("out-1", "p2", "alarm"),
        ("out-1", "p2", "passage"),
        ("gone", "p3", "passage"),
    ]
    assert {getattr(body, "result", "interrupted") for _, _, body in bodies} == {"interrupted"}


def test_a_passage_is_told_to_the_booth_from_what_was_written_of_it() -> None:
    line = retold(PassageTold(result="interrupted", outcome="grant", reason="access_ok", took_us=4000), "in-1", "p-1")
    assert (line.lane, line.passage, line.outcome, line.took_ms) == ("in-1", "p-1", "grant", 4.0)
    assert line.story["en"].startswith("A vehicle was let in, then the program stopped")


def test_the_guard_is_asked_about_the_last_grant_of_a_lane_that_nobody_saw_happen() -> None:
    at = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)

    def granted(passage: str) -> Decided:
        hours = {"old": 13, "first": 2, "last": 1}[passage]
        at_us = round((at - timedelta(hours=hours)).timestamp() * 1e6)
        return Decided("grant", "access_ok", "card", "reader-in", 1, "in", at_us=at_us, text=passage)

    passages = [("first", "in-1", ["decision", "command"]), ("last", "in-1", ["decision", "command"])]
    assert unconfirmed(passages, granted, at)["in-1"].text == "last"
    assert unconfirmed([("first", "in-1", ["decision", "command", "outcome"])], granted, at) == {}
    assert unconfirmed([("old", "in-1", ["decision", "command"])], granted, at) == {}
    assert unconfirmed(passages, lambda _: None, at) == {}


@pytest.mark.parametrize(("rules_utc", "known"), [(5.0, 5), (0.0, None)])
def test_how_old_the_rules_are_is_known_only_where_the_registry_was_ever_reached(
    book: Playbook, rules_utc: float, known: int | None
) -> None:
    book.feed(SnapshotInstalled(estate(4), "4"))
    assert book.feed(SyncState(False, 1, 2, 3.0, 4, rules_utc)) == []
    assert book.gate.presence.facts.get("rules") == known


def test_what_the_registry_says_of_other_rules_makes_those_in_force_no_fresher(book: Playbook) -> None:
    def told(revision: int, seconds_ago: float) -> object:
        book.feed(SyncState(True, 1, 2, 3.0, revision, 99.0, rules_mono=book.now - seconds_ago))
        return book.gate.presence.facts.get("rules")

    book.feed(SnapshotInstalled(estate(4), "4"))
    since = int(book.at.timestamp()) - 7
    assert told(4, 7.0) == since
    assert told(5, 0.0) == since, "the next revision is on its way"
    book.feed(SnapshotInstalled(estate(5), "5"))
    assert told(5, 2.0) == int(book.at.timestamp()) - 2
