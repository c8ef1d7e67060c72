"""The log, incidents, rounds and shifts as they stand, from what was written: pure, from tables."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.contract.booth_records import IncidentAtBooth, RouteAtBooth, ShiftAtBooth, StopAtBooth, WrittenAtBooth
from access.workflows.events import Event, Who
from access.workflows.machine import Workflow
from access.workflows.refusals import Refusal
from access.workflows.shift import SHEET, WORKFLOW, Shift
from edge.desk.book import Act, Pages
from edge.desk.duty import incidents, log, rounds
from edge.desk.duty.doing import names_in
from edge.desk.folding import event_of
from edge.desk.handover import standing

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
RECORD, ENTRY, OTHER = (UUID(int=number) for number in (1, 2, 3))
GUARD, RELIEF, LEADER = "1001", "1003", "1009"


def act(
    kind: str, name: str, minutes: float, values: Mapping[str, Any], *, guard: str = GUARD, identity: UUID = RECORD, **told: Any
) -> Act:
    role = "shift_leader" if guard == LEADER else "guard"
    told = {"lane": "", "details": {}, "words": "", "capture": "", "guard_name": f"{guard}*", "role": role} | told
    return Act(f"e{minutes}", kind, str(identity), name, NOON + timedelta(minutes=minutes), guard, values=values, **told)


def pages(acts: Iterable[Act], *records: Any) -> Pages:
    written = list(acts)
    by_identity: dict[str, list[Act]] = {}
    for one in written:
        by_identity.setdefault(one.identity, []).append(one)
    by_kind: dict[Any, dict[UUID, Any]] = {}
    for record in records:
        by_kind.setdefault(type(record), {})[record.id] = record
    return Pages(1, by_kind, written, by_identity)


def note(minutes: float, text: str, kind: str = "record", corrects: UUID | None = None, identity: UUID = RECORD) -> Act:
    values = {"post": "东门岗", "entry_kind": kind, "corrects": str(corrects) if corrects else None}
    return act("duty", "note", minutes, values, identity=identity, words=text)


def test_the_log_is_newest_first_and_says_what_corrects_what() -> None:
    signed = act("duty", "sign_in", 0, {"post": "东门岗"})
    written = pages(
        [signed, note(1, "两辆车"), note(2, "三辆车", corrects=RECORD, identity=OTHER), note(3, "钥匙", "note", None, ENTRY)]
    )
    begin, end = NOON, NOON + timedelta(hours=1)
    assert [line.text for line in log.lines(written, begin, end)] == ["钥匙", "三辆车", "两辆车", ""]
    assert [line.text for line in log.lines(written, begin, end, "note")] == ["钥匙"]
    assert [line.what for line in log.lines(written, begin, end, log.SIGNED)] == ["sign_in"]
    assert log.lines(written, end, end + timedelta(hours=1)) == []
    (first,) = [line for line in log.lines(written, begin, end) if line.id == str(RECORD) and line.what == "note"]
    assert first.corrected_by == (str(OTHER),)
    assert log.notes_since(written, NOON + timedelta(minutes=2)) == 1
    assert log.notes_since(written, NOON + timedelta(minutes=4)) == 0


def test_an_incident_is_followed_up_until_it_is_closed() -> None:
    entry = {"id": str(ENTRY), "text": "车位纠纷", "told": ["王*"], "pictures": [], "corrects": None}
    further = entry | {"id": str(OTHER), "text": "已劝离", "corrects": str(ENTRY)}
    acts = [
        act("incident", "IncidentReported", 0, {"kind": "quarrel", "place": "东门"}, details={"entry": entry}),
        act("incident", "EntryAdded", 5, {}, details={"entry": further}),
        act("incident", "EntryAdded", 6, {}, details={"entry": further}),  # the machine refuses the same entry again
        act("incident", "IncidentClosed", 9, {}, details={"reason": "双方和解"}),
    ]
    one = incidents.standing(pages(acts[:1]), str(RECORD))
    assert one is not None
    assert one.is_open
    assert incidents.standing(pages(acts[1:]), str(RECORD)) is None
    (closed,) = incidents.all_standing(pages(acts))
    assert not closed.is_open
    assert [written.text for written in closed.incident.entries] == ["车位纠纷", "已劝离"]
    assert [bool(one.entry) for one in closed.written] == [True, True, True, False]


def test_an_incident_that_the_registry_tells_is_shown_once_and_goes_on_where_its_acts_are_forgotten() -> None:
    entry = {"id": str(ENTRY), "text": "车位纠纷", "told": ["王*"], "pictures": [], "corrects": None}
    reported = act("incident", "IncidentReported", 0, {"kind": "quarrel", "place": "东门"}, details={"entry": entry})
    reported = replace(reported, entry=ENTRY.hex)
    began = int(NOON.timestamp())
    first = WrittenAtBooth(id=ENTRY, act="IncidentReported", at=began, by="李强", entry=ENTRY, text="车位纠纷", told=("王*",))
    by_office = WrittenAtBooth(id=OTHER, act="EntryAdded", at=began + 60, by="office", entry=OTHER, text="已报物业")
    told = IncidentAtBooth(
        id=RECORD,
        gate=OTHER,
        number="I000001",
        state="open",
        what="quarrel",
        place="东门",
        written=(first, by_office),
        since=began,
        changed_at=began + 61,
    )
    for acts in ([reported], []):  # at once, and after more days than acts are kept
        (one,) = incidents.all_standing(pages(acts, told))
        assert (one.is_open, one.incident.kind, one.since) == (True, "quarrel", NOON)
        assert [written.entry.text for written in one.written if written.entry] == ["车位纠纷", "已报物业"]
    closed = act("incident", "IncidentClosed", 9, {}, details={"reason": "双方和解"})
    (one,) = incidents.all_standing(pages([closed], told))
    assert (one.is_open, one.written[-1].reason) == (False, "双方和解")
    soon = act("incident", "IncidentClosed", 1.01, {}, details={"reason": "双方和解"})  # in the second that is told of
    assert [one.is_open for one in incidents.all_standing(pages([reported, soon], told))] == [False]
    by_them = told.model_copy(update={"state": "closed", "changed_at": began + 3600})
    assert [one.is_open for one in incidents.all_standing(pages([reported], by_them))] == [False]


def test_names_are_parted_by_whatever_people_write() -> None:
    assert names_in("周班长，工程部、 王 芳;赵；,/李") == ("周班长", "工程部", "王 芳", "赵", "李")


@pytest.mark.parametrize(
    ("visits", "left", "late"),
    [([], ["北门", "车库"], []), ([("T1", 5)], ["车库"], []), ([("T1", 15), ("T1", 5), ("XX", 6)], ["车库"], ["北门"])],
)
def test_a_round_knows_what_is_left_and_what_was_late(visits: list[tuple[str, float]], left: list[str], late: list[str]) -> None:
    stops = (
        StopAtBooth(point=ENTRY, code="T1", name="北门", minutes=10),
        StopAtBooth(point=OTHER, code="T2", name="车库", minutes=20),
    )
    route = RouteAtBooth(id=OTHER, name="夜巡", stops=stops)
    begun = act("round", "begin", 0, {"route": str(OTHER)})
    walked = [act("round", "visit", minutes, {"code": code}) for code, minutes in visits]
    made = rounds.find(pages([begun, *walked], route), str(RECORD))
    assert made is not None
    assert [point.name for point in made.left] == left
    assert [point.name for point in made.points if point.is_late(NOON + timedelta(minutes=1))] == late
    later = RouteAtBooth(id=OTHER, name="夜巡", stops=stops[:1])
    kept = act("round", "begin", 0, {"route": str(OTHER), "stops": rounds.stops_told(route)})
    for told in ([later], []):  # the office has changed the route since, or taken it off
        made = rounds.find(pages([kept, *walked], *told), str(RECORD))
        assert made is not None
        assert [point.name for point in made.left] == left
    gone = rounds.find(pages([begun]), str(RECORD))
    assert gone is not None
    assert not gone.is_known
    ended = [begun, act("round", "end", 30, {}, words="车库锁着"), act("round", "visit", 31, {"code": "T2"})]
    (over,) = rounds.rounds(pages(ended, route))
    assert (len(over.left), over.remark) == (2, "车库锁着")


def shift(state: str = "planned", guard: str = GUARD) -> ShiftAtBooth:
    begins = int(NOON.timestamp())
    told = {"post": "东门岗", "guard": guard, "day": "2026-03-02", "name": "白班", "changed_at": begins}
    return ShiftAtBooth(id=RECORD, number="D1", state=state, begins=begins, ends=begins + 8 * 3600, **told)


@pytest.mark.parametrize(("minutes", "offered"), [(-61, 0), (-59, 1), (0, 1), (8 * 60 - 1, 1), (8 * 60, 0)])
def test_a_shift_may_be_taken_from_an_hour_before_until_its_end(minutes: int, offered: int) -> None:
    at = (NOON + timedelta(minutes=minutes)).timestamp()
    assert len(standing.to_take(pages([], shift()), GUARD, at)) == offered
    assert standing.to_take(pages([], shift()), RELIEF, at) == []
    assert standing.to_take(pages([act("shift", "GuardSignedIn", minutes, {})], shift()), GUARD, at) == []


def test_the_office_ends_a_shift_and_else_the_acts_here_tell_it() -> None:
    signed_in = act("shift", "GuardSignedIn", 0, {})
    for told, state in (("planned", "on_duty"), ("handing_over", "on_duty"), ("countersigned", "countersigned")):
        assert standing.standing(pages([signed_in], shift(told)), shift(told)).shift.state == state
    elsewhere = standing.standing(pages([]), shift("handed_over"))
    assert (elsewhere.shift.state, elsewhere.is_elsewhere) == ("handed_over", True)


@pytest.mark.parametrize("told", ["on_duty", "handing_over"])
def test_a_shift_that_was_taken_at_another_post_is_handed_over_here(told: str) -> None:
    begun = act("shift", "HandoverBegun", 0, {"items": ITEMS})
    one = standing.standing(pages([begun]), shift(told))
    assert (one.shift.state, len(one.shift.items), one.is_elsewhere) == ("handing_over", len(SHEET), False)


def test_a_signature_that_holds_no_more_is_nobodys() -> None:
    checked = [act("shift", "ItemChecked", 2, {"code": code, "found": "0", "word": ""}) for code in SHEET]
    acts = [act("shift", "GuardSignedIn", 0, {}), act("shift", "HandoverBegun", 1, {"items": ITEMS}), *checked]
    acts += [act("shift", "GuardSigned", 3, {})]
    signed = standing.standing(pages(acts), shift()).signature("guard")
    assert signed
    assert signed.guard == GUARD
    acts += [act("shift", "ItemChecked", 4, {"code": "keys", "found": "1", "word": "少一把"})]
    assert standing.standing(pages(acts), shift()).signature("guard") is None
    acts += [act("shift", "LeaderSignedFor", 5, {"absent": "guard"}, guard=LEADER, details={"reason": "送医"})]
    one = standing.standing(pages(acts), shift())
    assert [signature and signature.guard for signature in map(one.signature, ("guard", "relief", "leader"))] == [
        LEADER,
        None,
        None,
    ]


ITEMS = [{"code": code, "expected": "0", "found": None, "word": ""} for code in SHEET]
SOME_ACTS = st.sampled_from(
    [
        ("GuardSignedIn", {}),
        ("HandoverBegun", {"items": ITEMS}),
        ("HandoverBegun", {"items": ITEMS[1:]}),
        *(
            ("ItemChecked", {"code": code, "found": found, "word": word})
            for code in SHEET
            for found, word in (("0", ""), ("1", "少一把"), ("1", ""))
        ),
        ("ItemRefused", {"code": "keys", "reason": "少一把"}),
        ("ReliefMissed", {"reason": "未到"}),
        ("LeaderDecided", {"code": "keys", "decision": "补配"}),
        ("LeaderSignedFor", {"absent": "relief", "reason": "未到"}),
        ("GuardSigned", {}),
        ("ReliefSigned", {}),
        ("ShiftCountersigned", {}),
        ("SomethingNewer", {"what": 1}),
        ("ItemChecked", {"code": 5}),
    ]
)


def advanced(workflow: Workflow[Shift], record: Shift, event: Event | None) -> Shift:
    after = workflow.advance(record, event) if event else record
    return record if isinstance(after, Refusal) else after


@given(st.lists(st.tuples(SOME_ACTS, st.sampled_from([GUARD, RELIEF, LEADER])), max_size=60))
def test_whatever_is_written_a_shift_is_countersigned_only_with_all_looked_at(did: list[tuple[tuple[str, Any], str]]) -> None:
    taken = act("shift", "GuardSignedIn", -1, {})
    acts = [taken, *(act("shift", name, at, values, guard=guard) for at, ((name, values), guard) in enumerate(did))]
    known = standing.standing(pages(acts, shift()), shift()).shift
    by_hand = standing.standing(pages([]), shift()).shift
    for one in acts:
        by_hand = advanced(WORKFLOW, by_hand, event_of(WORKFLOW, one))
    assert known == by_hand
    if known.state in ("handed_over", "countersigned"):
        assert all(item.found is not None for item in known.items)
        assert all(item.word or item.found == item.expected for item in known.items)
        assert known.signed_by
        assert known.relief


def test_an_event_is_whole_with_its_personal_fields() -> None:
    one = act("shift", "ItemRefused", 0, {"code": "keys"}, details={"reason": "少一把"}, guard=RELIEF)
    event = event_of(WORKFLOW, one)
    assert event is not None
    assert event.by == Who(RELIEF, "guard")
    assert getattr(event, "reason", "") == "少一把"
