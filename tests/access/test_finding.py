"""What a presentation means at a lane: on record, inside, or taken for another where the lane opens on a doubtful look-alike."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from access.case import Presented
from access.decision import Decision, decide
from access.finding import nearest
from access.presence import Known, Presence
from simulators.standalone import resident, small_rules, vehicle
from tests.access.rules_world import BUILT, snapshot

AT = BUILT + timedelta(hours=4)
GUEST = "粤B8K7X7"
LI, LIS_PLATE = UUID(int=1), "粤B8D2X7"
SURE = (0.99,) * 7
DOUBTFUL_THIRD = (0.99, 0.99, 0.4, 0.99, 0.99, 0.99, 0.99)


def plate_out(text: str, characters: tuple[float, ...] = (), direction: str = "out") -> Presented:
    return Presented("plate", text, text, direction, confidence=0.99, characters=characters)


def decided(presented: Presented, *more: Any, **lane: Any) -> Decision:
    small = small_rules(bytes(range(32)), ["out-1"])
    of_lane = [(kind, identity, {**data, **lane} if kind == "lane" else data) for kind, identity, data in small]
    found = snapshot(1, [*of_lane, resident(LI, "李*", "3-1201"), vehicle(UUID(int=15), LI, LIS_PLATE), *more])
    guest = found.pseudonym(GUEST)
    presence = Presence().after([("set", f"at:{guest}", ["site", 1])], GUEST)
    return decide(presented, found.lanes["out-1"], found, presence, AT)


def test_at_an_exit_who_is_inside_is_a_candidate_though_on_no_record() -> None:
    out = decided(plate_out(GUEST.replace("8", "B")))
    assert [candidate.credential.shown for candidate in out.candidates] == [GUEST]
    assert out.outcome == "refer"
    assert decided(plate_out(GUEST.replace("8", "B"), direction="in")).candidates == ()


def test_at_an_exit_a_guest_is_a_candidate_though_the_end_of_the_plate_was_not_read() -> None:
    rules = snapshot(1, small_rules(bytes(32), ["out-1"]))
    guest = "粤BD12345"
    presence = Presence().after([("set", f"at:{rules.pseudonym(guest)}", ["site", 1])], guest)
    out = decide(plate_out("粤BD1234"), rules.lanes["out-1"], rules, presence, AT)
    assert [(candidate.credential.shown, candidate.why) for candidate in out.candidates] == [(guest, "missing")]
    assert out.outcome == "refer"


def test_the_nearest_inside_are_registered_vehicles_and_guests_likeliest_first() -> None:
    plates = {UUID(int=20): "粤B8D2Z7", UUID(int=21): "粤BBD2Z7", UUID(int=22): "粤B8DZZ7", UUID(int=23): "粤BKK777"}
    rules = snapshot(1, [*small_rules(bytes(32), ["out-1"]), *(vehicle(one, LI, plate) for one, plate in plates.items())])
    guest = "粤B802Z7"
    presence = Presence().after([("set", f"at:{rules.pseudonym(guest)}", ["site", 1])], guest)
    for one, zone in ((20, ""), (21, "site"), (22, ""), (23, "site")):
        presence = presence.after([("set", f"at:{UUID(int=one)}", [zone, 1])], plates[UUID(int=one)])
    found = nearest(plate_out("粤B8D2Z7"), rules, Known(presence))
    assert [(one.credential.shown, one.inside) for one in found] == [(guest, True), ("粤BBD2Z7", True)]
    assert nearest(plate_out("粤B8D2Z7", direction="in"), rules, Known(presence)) == ()


@pytest.mark.parametrize(
    ("lane", "presented", "reason"),
    [
        ({}, plate_out("粤BBD2X7", DOUBTFUL_THIRD), "similar"),
        ({"inexact": ["resident"]}, plate_out("粤BBD2X7", DOUBTFUL_THIRD), "inexact_ok"),
        ({"inexact": ["resident"]}, plate_out("粤BBD2X7", SURE), "similar"),
        ({"inexact": ["resident"]}, plate_out("粤BBD2X7"), "similar"),
        ({"inexact": ["staff"]}, plate_out("粤BBD2X7", DOUBTFUL_THIRD), "similar"),
        ({"inexact": ["resident"]}, plate_out("粤BBD2X7", DOUBTFUL_THIRD, "in"), "similar"),
        ({"inexact": ["resident"]}, plate_out("粤BBD2X", DOUBTFUL_THIRD[:6]), "similar"),
        ({"inexact": ["resident"]}, plate_out("粤BBD2X7", DOUBTFUL_THIRD[:3]), "similar"),
        ({"inexact": ["resident"]}, plate_out("粤BBD2X7", (0.3,) * 7), "similar"),
        ({"inexact": ["resident"]}, plate_out("粤BBD2X7", (*DOUBTFUL_THIRD[:6], 0.8)), "similar"),
        ({"inexact": ["resident"]}, plate_out("粤BBDZX7", (0.9, 0.9, 0.1, 0.9, 0.1, 0.9, 0.9)), "similar"),
        ({"inexact": ["resident"]}, plate_out("京B8D2X7", (0.1, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9)), "similar"),
    ],
)
def test_an_inexact_plate_opens_only_where_the_site_wants_it_and_the_reader_itself_doubts(
    lane: dict[str, Any], presented: Presented, reason: str
) -> None:
    decision = decided(presented, **lane)
    assert decision.reason == reason
    if reason == "inexact_ok":
        assert [due.code for due in decision.obligations] == ["compare_picture"]


def test_with_a_rival_or_a_block_near_it_nothing_is_taken_for_another() -> None:
    rival = vehicle(UUID(int=17), LI, "粤BB02X7")
    block = ("block", UUID(int=18), {"plate": "粤BBD2X", "card_hash": "", "reason": "x", "valid_until": None})
    assert decided(plate_out("粤BBD2X7", DOUBTFUL_THIRD), inexact=["resident"]).reason == "inexact_ok"
    assert decided(plate_out("粤BBD2X7", DOUBTFUL_THIRD), rival, inexact=["resident"]).reason == "similar"
    assert decided(plate_out("粤BBD2X7", DOUBTFUL_THIRD), block, inexact=["resident"]).reason == "near_blocked"


def test_a_plate_or_holder_that_is_not_in_use_is_never_taken_for_another_and_asks() -> None:
    kind, identity, data = resident(LI, "李*", "3-1201")
    frozen = (kind, identity, {**data, "status": "frozen"})
    of_plate, plate, values = vehicle(UUID(int=15), LI, LIS_PLATE)
    returned = (of_plate, plate, {**values, "status": "returned"})
    for unusable in (frozen, returned):
        assert decided(plate_out("粤BBD2X7", DOUBTFUL_THIRD), unusable, inexact=["resident"]).reason == "similar"


def test_what_is_taken_for_another_is_asked_about_where_the_other_might_not_pass() -> None:
    kind, identity, data = resident(LI, "李*", "3-1201")
    elsewhere = (kind, identity, {**data, "levels": []})
    assert decided(plate_out("粤BBD2X7", DOUBTFUL_THIRD), elsewhere, inexact=["resident"]).reason == "similar"


def test_a_doubtful_plate_without_scores_of_its_characters_has_candidates_too() -> None:
    read = Presented("plate", LIS_PLATE, LIS_PLATE, "in", confidence=0.3)
    decision = decided(read, vehicle(UUID(int=17), LI, "粤BBD2X7"))
    assert decision.reason == "doubtful"
    assert [candidate.credential.shown for candidate in decision.candidates] == [LIS_PLATE, "粤BBD2X7"]
