"""A decision made again stands on what it read then, and on the plates of those who were inside."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from access.decision import decide, decide_on
from access.entries import Decided, Stamp
from access.on_record import LaneRules
from access.presence import Presence
from access.replay import Unjudged, again
from access.sealing import Opened
from access.snapshot import Snapshot
from simulators.standalone import resident, small_rules, vehicle
from tests.access.rules import world
from tests.access.rules_world import BUILT, snapshot
from tests.access.test_finding import DOUBTFUL_THIRD, GUEST, LI, LIS_PLATE, plate_out

AT = BUILT + timedelta(hours=4)


def rules() -> tuple[Snapshot, LaneRules]:
    found = snapshot(1, small_rules(bytes(range(32)), ["out-1"]))
    return found, found.lanes["out-1"]


def inside(found: Snapshot, plate: str) -> Presence:
    subject = found.pseudonym(plate)
    return Presence().after([("set", f"at:{subject}", ["site", 1])], plate)


def recorded(found: Snapshot, lane: LaneRules, presence: Presence, text: str) -> Decided:
    decision = decide(plate_out(text), lane, found, presence, AT)
    return Decided(
        decision.outcome,
        decision.reason,
        "plate",
        "camera-out",
        1,
        "out",
        at_us=round(AT.timestamp() * 1e6),
        text=text,
        presence=dict(decision.explanation.reads),
    )


def entry(body: Decided, *erased: str) -> Opened:
    fields = {name: getattr(body, name) for name in body.__slots__ if name not in erased}
    return Opened(UUID(int=1), UUID(int=2), 3, UUID(int=4), Stamp(1, 1), "decision", "out-1", "p", fields, erased)


def test_a_guest_inside_who_was_a_candidate_is_one_again() -> None:
    found, lane = rules()
    presence = inside(found, GUEST)
    body = recorded(found, lane, presence, GUEST.replace("8", "B"))
    result = again(entry(body), body, found, presence)
    assert not isinstance(result, Unjudged)
    assert (result.reason, len(result.candidates)) == (body.reason, 1)


def test_what_was_read_then_stands_against_what_is_known_now() -> None:
    found, lane = rules()
    body = recorded(found, lane, Presence().after([("set", "evacuation", 5)]), GUEST)
    assert body.reason == "evacuation"
    result = again(entry(body), body, found, Presence())
    assert not isinstance(result, Unjudged)
    assert result.reason == "evacuation"


def test_what_was_let_out_as_a_look_alike_is_again_where_its_text_is_erased() -> None:
    of_lane = [
        (kind, identity, {**data, "inexact": ["resident"]} if kind == "lane" else data)
        for kind, identity, data in small_rules(bytes(range(32)), ["out-1"])
    ]
    found = snapshot(1, [*of_lane, resident(LI, "李*", "3-1201"), vehicle(UUID(int=15), LI, LIS_PLATE)])
    for lane, reason in ((found.lanes["out-1"], "inexact_ok"), (replace(found.lanes["out-1"], inexact=()), "doubtful")):
        decision = decide(plate_out("粤BBD2X7", DOUBTFUL_THIRD), found.lanes["out-1"], found, Presence(), AT)
        assert decision.reason == "inexact_ok"
        shown = plate_out(LIS_PLATE, DOUBTFUL_THIRD)
        again_so = decide_on(shown, decision.match.exact[0], (), lane, found, Presence(), AT, is_inexact=True)
        assert again_so.reason == reason


def test_the_vehicle_whose_plate_was_read_before_a_card_stands_there_again() -> None:
    hours = (world.schedule("work", ("01234", "08:00", "18:00")), world.level("office", schedule="work"))
    given = world.world(*hours, world.person(levels=("office",)), world.vehicle(), world.card(), world.inside())
    late = "2026-03-02 19:00:00"
    shown = world.shows_card(1, "out", late).after(world.shows_plate(direction="out", at=late, confidence=0.3))
    decision, found = world.decided(given, shown), given.rules
    assert (decision.reason, decision.match.credential is not None) == ("access_ok", True)
    body = Decided(
        decision.outcome,
        decision.reason,
        "card",
        "reader-out",
        7,
        "out",
        credential=str(decision.match.exact[0].id),
        at_us=round(shown.moment.timestamp() * 1e6),
        bits=40,
        vehicle=decision.explanation.vehicle,
        presence=dict(decision.explanation.reads),
    )
    result = again(replace(entry(body, "text", "earlier"), lane="out"), body, found, Presence())
    assert not isinstance(result, Unjudged)
    assert (result.reason, result.passing.subject) == ("access_ok", decision.passing.subject)


def test_what_no_rule_decided_or_nobody_can_know_is_not_guessed() -> None:
    found, lane = rules()
    body = recorded(found, lane, Presence(), GUEST)
    for changed, opened, why in (
        (replace(body, reason="guard_opened"), entry(body), "gates_own"),
        (body, replace(entry(body), lane="elsewhere"), "no_lane"),
        (body, entry(body, "text"), "erased"),
    ):
        assert again(opened, changed, found, Presence()) == Unjudged(why)
