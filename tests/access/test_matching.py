"""When a reading is doubtful; candidates in order, with why they are; what an exit may open on; warnings at registration."""

import math
from collections.abc import Iterable
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.candidate_words import WORDS, why_in_words, whys
from access.likeness import likeness
from access.matching import (
    AGAINST,
    CANDIDATES_MAX,
    CHARACTER_SURE,
    Candidate,
    Match,
    PlateReading,
    doubtful,
    favoured,
    match,
    rank,
    registration_warnings,
)
from access.on_record import Credential
from access.plate import kind_of
from access.snapshot import Snapshot
from simulators.standalone import resident, small_rules, vehicle
from tests.access.rules_world import snapshot
from tests.access.test_likeness import at, plates, scores


@pytest.mark.parametrize(
    ("text", "characters", "confidence", "place"),
    [
        ("粤B8D2Z5", at(2, 0.89), 1.0, 2),  # may be B
        ("粤B8D2Z5", at(2, CHARACTER_SURE), 1.0, None),
        ("粤B8D2Z5", at(6, 0.4), 1.0, 6),
        ("粤B3D2Z5", at(2, 0.5), 1.0, None),  # 3 is taken for nothing else
        ("粤B3D2Z5", at(2, 0.49), 1.0, 2),  # but the reader believed another more
        ("粤BP1234", at(2, 0.1), 1.0, 2),
        ("沪R39P39", at(1, 0.02), 1.0, 1),
        ("沪R39P39", at(0, 0.02), 1.0, 0),
        ("沪R39P39", (), 0.0, 0),
        ("粤B12345", at(0, 0.5), 1.0, 0),  # may be 皖
        ("粤B12345", at(1, 0.5), 1.0, None),  # a city has a letter, and 8 is none
        ("粤Q12345", at(1, 0.5), 1.0, 1),  # may be the city D
        ("粤BD12345", at(2, 0.5, 8), 1.0, None),  # neither 0 nor Q begins a new-energy number
        ("粤BA12345", at(2, 0.5, 8), 1.0, None),
        ("粤BDD2345", at(3, 0.5, 8), 1.0, 3),
        ("粤B123456", at(7, 0.5, 8), 1.0, 7),  # an e-bike's may be another e-bike's
        ("粤B1234警", at(6, 0.5), 1.0, None),
        ("粤B1234警", at(6, 0.1), 1.0, 6),  # may be 学
        ("临粤B12345", at(0, 0.1, 8), 1.0, None),  # nothing else can stand there
        ("使198476", at(1, 0.1), 1.0, 1),  # may be 7
        ("使198476", at(3, 0.5), 1.0, None),  # an embassy's number has no B
        ("AB123CD", at(6, 0.5), 1.0, 6),  # no Chinese plate: any partner is plausible
        ("粤B8D2Z5", (), 0.5, None),
        ("粤B8D2Z5", (), 0.49, 0),
        *(("粤B8D2Z5", (), none, 0) for none in (math.nan, -0.1, 1.1, math.inf)),
        *(("粤B8D2Z5", at(3, none), 1.0, 3) for none in (math.nan, -0.1, 1.1, math.inf)),
        ("粤B8D2Z5", (0.1,), 1.0, None),  # scores that do not fit the text say nothing
        ("", (), 0.0, None),
    ],
)
def test_doubt(text: str, characters: tuple[float, ...], confidence: float, place: int | None) -> None:
    assert doubtful(text, characters, confidence) == place


@given(plates)
def test_a_plate_of_which_every_character_is_sure_is_never_doubtful(plate: str) -> None:
    assert doubtful(plate, (1.0,) * len(plate), 0.0) is None
    assert doubtful(plate, (), 1.0) is None


@given(plates, scores)
def test_a_doubtful_place_has_a_low_score(plate: str, characters: list[float]) -> None:
    place = doubtful(plate, characters, 1.0)
    if place is not None:
        assert characters[place] < CHARACTER_SURE
        assert kind_of(plate)


# --- candidates -------------------------------------------------------------------------------------


def credential(plate: str, colour: str = "", vehicle_class: str = "") -> Credential:
    return Credential(UUID(int=0), "plate", plate, "active", vehicle_class, None, None, None, colour)


def ranked(read: PlateReading, registered: Iterable[Credential], inside: Iterable[str] | None = None) -> list[str]:
    known = None if inside is None else frozenset(inside)
    found = rank(read, registered, lambda one: None if known is None else one.shown in known)
    return [candidate.credential.shown for candidate in found]


@pytest.mark.parametrize(
    ("read", "characters", "registered", "order"),
    [
        ("粤BQ1234", (), "粤BD1234 粤B01234 粤B91234", "粤B01234 粤BD1234"),  # 0/Q is commoner than D/Q, 9/Q is none
        ("粤BZ1Q34", (), "粤B21034 粤B21Q34 粤BZ1034", "粤BZ1034 粤B21Q34 粤B21034"),
        ("粤BZ1Q34", at(2, 0.1), "粤BZ1034 粤B21Q34", "粤B21Q34 粤BZ1034"),  # the doubted character is the wrong one
        ("粤B1234", (), "粤B12345 粤B1234警 粤BT234", "粤BT234 粤B12345 粤B1234警"),
        ("豫B12345", (), "京B12345 皖B12345", "皖B12345 京B12345"),
        ("B12345", (), "京B12345 粤B12345 粤BT2345", "京B12345 粤B12345 粤BT2345"),
        ("粤B12345", (), "粤B12346", ""),
        ("粤B12345", (), "粤BL2345 粤B72345 粤B1Z345 粤BT2345 粤B1234S", "粤BT2345 粤B1234S 粤BL2345 粤B1Z345 粤B72345"),
    ],
)
def test_the_likeliest_comes_first(read: str, characters: tuple[float, ...], registered: str, order: str) -> None:
    assert ranked(PlateReading(read, characters), map(credential, registered.split())) == order.split()


def test_about_equal_costs_are_told_apart_by_colour_and_class() -> None:
    blue, green, van = credential("粤BD2345", "blue"), credential("粤BQ2345", "green"), credential("粤BQ2345", "blue", "large")
    assert ranked(PlateReading("粤BO2345", colour="green"), [blue, green]) == ["粤BQ2345", "粤BD2345"]
    assert ranked(PlateReading("粤BO2345", colour="blue"), [blue, green]) == ["粤BD2345", "粤BQ2345"]
    assert ranked(PlateReading("粤BO2345", vehicle_class="large"), [credential("粤BD2345", "", "car"), van])[0] == "粤BQ2345"


def test_what_speaks_against_a_candidate_outweighs_a_slightly_commoner_likeness() -> None:
    rarer, commoner = credential("粤BD2345", "blue", "car"), credential("粤BQ2345", "yellow", "large")
    for seen in (["粤BD2345"], ["粤BD2345", "粤BQ2345"], []):
        read = PlateReading("粤B02345", (), "blue", "car", "out")
        assert ranked(read, [commoner, rarer], seen) == ["粤BD2345", "粤BQ2345"]
    assert ranked(PlateReading("粤B02345", direction="out"), [commoner, rarer], ["粤BD2345"])[0] == "粤BD2345"
    assert ranked(PlateReading("粤B02345", direction="out"), [commoner, rarer])[0] == "粤BQ2345"


def test_the_colours_of_its_kind_stand_for_a_colour_that_is_not_on_record() -> None:
    green, large = credential("粤BD12345"), credential("粤B12345D")
    (first,) = rank(PlateReading("粤BD1234S", colour="blue"), [green], lambda _: None)
    (second,) = rank(PlateReading("粤BD1234S", colour="green"), [green], lambda _: None)
    (third,) = rank(PlateReading("粤B1234SD", colour="green"), [large], lambda _: None)  # many cameras call yellow-green green
    assert (first.clashes, second.clashes, third.clashes) == (("colour",), (), ())


def test_who_leaves_is_inside_and_who_comes_is_outside() -> None:
    cars = [credential("粤BD2345"), credential("粤BQ2345")]
    assert ranked(PlateReading("粤BO2345", direction="out"), cars, ["粤BQ2345"])[0] == "粤BQ2345"
    assert ranked(PlateReading("粤BO2345", direction="in"), cars, ["粤BD2345"])[0] == "粤BQ2345"
    assert ranked(PlateReading("粤BO2345", direction="out"), cars, None)[0] == "粤BD2345"


def test_of_equal_likenesses_who_is_known_to_be_where_it_must_be_comes_first_and_who_is_not_last() -> None:
    cars = [credential(f"粤B1234{end}") for end in "123456789"]
    known = {"粤B12348": True, "粤B12341": False, "粤B12342": False}
    for direction, order in (("out", "83456"), ("in", "12345"), ("", "12345")):
        found = rank(PlateReading("粤B1234", direction=direction), cars, lambda one: known.get(one.shown))
        assert [one.credential.shown for one in found] == [f"粤B1234{end}" for end in order]


def test_a_clearly_lower_cost_comes_before_colour_and_presence() -> None:
    likely, unlikely = credential("粤B02345", "blue"), credential("粤BV2345", "green")
    read = PlateReading("粤BQ2345", colour="green", direction="out")
    other = PlateReading("粤BU2345", colour="blue", direction="out")
    assert ranked(read, [unlikely, likely], ["粤BV2345"]) == ["粤B02345"]
    assert ranked(other, [credential("粤BVZ345"), credential("粤BU2345", "green")], [])[0] == "粤BU2345"


def test_no_more_than_five_are_named() -> None:
    many = [credential(f"粤B{serial}") for serial in ("81000", "B1000", "BT000", "8T000", "8L000", "BL000", "B7000")]
    assert len(ranked(PlateReading("粤BB10D0"), many)) == CANDIDATES_MAX


@given(plates, scores, st.lists(plates, max_size=8))
def test_ranking_takes_anything_and_is_in_order(read: str, characters: list[float], others: list[str]) -> None:
    found = rank(PlateReading(read, tuple(characters)), map(credential, others), lambda _: None)
    costs = [candidate.likeness.cost + AGAINST * len(candidate.clashes) for candidate in found]
    assert costs == sorted(costs)


# --- why --------------------------------------------------------------------------------------------


def candidate(read: str, registered: str, characters: tuple[float, ...] = (), **seen: str) -> Candidate:
    reading = PlateReading(read, characters, **seen)
    (found,) = rank(reading, [credential(registered, "blue", "car")], lambda _: None if not reading.direction else True)
    return found


@pytest.mark.parametrize(
    ("read", "registered", "code"),
    [
        ("粤BB2345", "粤B82345", "one"),
        ("豫B12345", "皖B12345", "province"),
        ("WJ豫1234X", "WJ皖1234X", "province"),
        ("粤BBZ345", "粤B82345", "several"),
        ("豫BB2345", "皖B82345", "several"),
        ("粤B1234", "粤B12345", "missing"),
        ("B12345", "粤B12345", "missing"),
        ("粤B123456", "粤B12345", "extra"),
        ("粤BB234", "粤B82345", "several"),
        ("粤B12345", "粤B12345", "same"),
    ],
)
def test_short_codes(read: str, registered: str, code: str) -> None:
    assert candidate(read, registered).why == code


@pytest.mark.parametrize(
    ("found", "zh", "en"),
    [
        (candidate("粤BB2345", "粤B82345"), "第 3 位 B/8 形似", "character 3: B/8 look alike"),
        (candidate("豫B12345", "皖B12345"), "省份 豫/皖 易混", "province 豫/皖 mixed up"),
        (candidate("京B12345", "粤B12345"), "省份读作 京，登记为 粤", "province read as 京, registered as 粤"),
        (candidate("WJH1234X", "WJ粤1234X"), "省份读作 H，登记为 粤", "province read as H, registered as 粤"),
        (candidate("B12345", "粤B12345"), "没有读到省份 粤", "the province 粤 was not read"),
        (candidate("粤B1234", "粤B12345"), "少读了末位 5", "the last character 5 was not read"),
        (candidate("粤B123456", "粤B12345"), "多读了末位 6", "a last 6 too many was read"),
        (
            candidate("粤BB2345", "粤B82345", at(2, 0.41)),
            "第 3 位 B/8 形似，识别 B 的置信度只有 0.41",
            "character 3: B/8 look alike; the reader gave 0.41 to its B",
        ),
        (
            candidate("粤BB2345", "粤B82345", at(2, 0.95), colour="green", direction="out"),
            "第 3 位 B/8 形似，颜色与登记的不符，登记的车在场内",
            "character 3: B/8 look alike; its colour is not the registered one; the registered one is inside",
        ),
        (
            candidate("粤B1234", "粤B12345", vehicle_class="large"),
            "少读了末位 5，车型与登记的不符",
            "the last character 5 was not read; its class is not the registered one",
        ),
        (candidate("粤B12345", "粤B12345"), "车牌相同", "the same plate"),
    ],
)
def test_a_candidate_says_in_words_why_it_is_one(found: Candidate, zh: str, en: str) -> None:
    assert (why_in_words(found, "zh"), why_in_words(found, "en")) == (zh, en)


@given(plates, st.data())
def test_every_why_has_words(plate: str, data: st.DataObject) -> None:
    read = data.draw(st.sampled_from([plate, plate[1:], plate[:-1], plate + "8", "豫" + plate[1:], "H" + plate[1:]]))
    for found in rank(PlateReading(read, colour="white"), [credential(plate, "blue")], lambda _: data.draw(st.booleans())):
        assert all(why.code in WORDS for why in whys(found))
        assert why_in_words(found, "zh")
        assert why_in_words(found, "en")


# --- an exit that opens on an inexact plate ------------------------------------------------------------


def taken(read: str, characters: tuple[float, ...], *registered: str, colour: str = "", inside: bool | None = None) -> str:
    found = favoured(rank(PlateReading(read, characters, colour), map(credential, registered), lambda _: inside), characters)
    return found.credential.shown if found else ""


@pytest.mark.parametrize(
    ("characters", "registered", "which"),
    [
        (at(2, 0.4), ["粤B01234"], "粤B01234"),
        (at(2, 0.4), ["粤B01234", "粤BQ12345"], "粤B01234"),  # a cut tail costs much more
        (at(2, 0.4), ["粤B01234", "粤BD1234"], ""),  # a rival
        (at(2, 0.6), ["粤B01234"], ""),  # the reader believed its Q
        (at(3, 0.4), ["粤B01234"], ""),  # it doubted another character
        ((), ["粤B01234"], ""),  # it said nothing
        (at(2, 0.4), ["粤BQ12345"], ""),  # a character was lost
        (at(2, 0.4), [], ""),
        (at(2, 0.4)[:4], ["粤B01234"], ""),  # scores of another text
        ((0.3,) * 7, ["粤B01234"], ""),  # it doubted all
        ((1.0, 1.0, 0.4, 0.8, 1.0, 1.0, 1.0), ["粤B01234"], ""),  # the 1 may be a 7
        ((1.0, 1.0, 0.4, 1.0, 1.0, 0.8, 1.0), ["粤B01234"], "粤B01234"),  # a 3 is taken for nothing else
        ((1.0, 1.0, 0.4, 1.0, 1.0, 0.4, 1.0), ["粤B01234"], ""),  # unless the reader believed another more
        ((1.0, 1.0, 0.4, 1.0, 1.0, math.nan, 1.0), ["粤B01234"], ""),
    ],
)
def test_an_inexact_plate_is_taken_only_without_rival_and_where_the_scores_speak_for_it(
    characters: tuple[float, ...], registered: list[str], which: str
) -> None:
    assert taken("粤BQ1234", characters, *registered) == which


def test_a_vehicle_that_is_outside_cannot_leave() -> None:
    assert taken("粤BQ1234", at(2, 0.4), "粤B01234", inside=False) == ""
    assert taken("粤BQ1234", at(2, 0.4), "粤B01234", inside=True) == "粤B01234"


def test_a_plate_of_another_colour_is_never_taken() -> None:
    assert taken("粤BQ1234", at(2, 0.4), "粤B01234", colour="green") == ""
    assert taken("粤BQ1234", at(2, 0.4), "粤B01234", colour="blue") == "粤B01234"


# --- against a snapshot -------------------------------------------------------------------------------

KEY = bytes(32)


@pytest.fixture(scope="module")
def rules() -> Snapshot:
    plates = ["粤B8D2Z5", "粤BB12345", "粤B12345", "粤BQ1234", "粤BD1234"]
    block = ("block", UUID(int=99), {"plate": "粤B66666", "card_hash": "", "reason": "冲卡", "valid_until": None})
    cars = [vehicle(UUID(int=10 + place), UUID(int=1), plate) for place, plate in enumerate(plates)]
    return snapshot(1, [*small_rules(KEY, ["in-1"]), resident(UUID(int=1), "李*", "3-1201"), *cars, block])


def looked_up(rules: Snapshot, text: str, characters: tuple[float, ...] = (), confidence: float = 1.0) -> Match:
    return match("plate", text, text, 0, rules, confidence=confidence, characters=characters)


def test_a_plate_well_read_and_on_record_has_no_candidates(rules: Snapshot) -> None:
    found = looked_up(rules, "粤BQ1234", (1.0,) * 7)
    assert [one.shown for one in found.exact] == ["粤BQ1234"]
    assert found.candidates == ()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("粤BBD225", "粤B8D2Z5"),
        ("B12345", "粤B12345"),
        ("粤B1234", "粤B12345"),
        ("粤B123456", "粤B12345"),
        ("京BQ1234", "粤BQ1234 粤BD1234"),
        ("粤B99999", ""),
        ("粤B12", ""),
        ("", ""),
    ],
)
def test_near_plates_are_candidates(rules: Snapshot, text: str, names: str) -> None:
    found = looked_up(rules, text)
    assert found.exact == ()
    assert [one.credential.shown for one in found.candidates] == names.split()


def test_a_doubtful_plate_on_record_is_asked_about_with_its_neighbours(rules: Snapshot) -> None:
    for found in (looked_up(rules, "粤BQ1234", at(2, 0.5)), looked_up(rules, "粤BQ1234", confidence=0.4)):
        assert [one.shown for one in found.exact] == ["粤BQ1234"]
        assert [one.credential.shown for one in found.candidates] == ["粤BQ1234", "粤BD1234"]


def test_a_near_block_is_told_unless_the_plate_is_surely_another_one_on_record(rules: Snapshot) -> None:
    near, well_read = looked_up(rules, "粤BG666G"), looked_up(rules, "粤B12345")
    assert near.near_block is not None
    assert near.near_block.plate == "粤B66666"
    assert well_read.near_block is None
    blocked = looked_up(rules, "粤B66666")
    assert (blocked.block is not None, blocked.near_block) == (True, None)


# --- at the office ------------------------------------------------------------------------------------


def test_registering_a_plate_warns_of_those_that_are_one_confusion_away() -> None:
    others = ["粤B8B0D1", "粤BBB0D1", "京B880D1", "皖B880D1", "粤B880D", "粤B880D1", "粤BBBOD1", "粤B990D1"]
    warned = registration_warnings("粤B880D1", others)
    assert [warning.plate for warning in warned] == ["粤B8B0D1", "粤B880D", "皖B880D1"]
    assert registration_warnings("粤B990D1", []) == ()
    assert likeness("粤B880D1", (), warned[0].plate) == warned[0].likeness


@pytest.mark.parametrize(
    ("one", "other", "warns"),
    [
        ("WJ京1234X", "WJ1234X", True),
        ("粤B12345", "B12345", True),
        ("粤BD12345", "粤BD1234", True),
        ("粤BB2345", "粤B82345", True),
        ("粤B12345", "京B12345", False),
        ("粤B12345", "HB12345", False),
    ],
)
def test_a_warning_does_not_depend_on_which_plate_was_registered_first(one: str, other: str, *, warns: bool) -> None:
    there, back = registration_warnings(one, [other]), registration_warnings(other, [one])
    assert [warning.plate for warning in there] == [other] * warns
    assert [warning.plate for warning in back] == [one] * warns
    assert [warning.likeness.cost for warning in there] == [warning.likeness.cost for warning in back]
