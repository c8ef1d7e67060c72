"""Normal form, kinds, skeletons and shown texts of plates."""

import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from access.plate import (
    KINDS,
    LOOK_ALIKES,
    MOTOR,
    PLATE_LENGTH_MAX,
    PROVINCES,
    RAW_LENGTH_MAX,
    SUFFIXES,
    kind_of,
    normalise,
    shown,
    skeleton,
)
from access.plate_countries import TEMPLATES

GUIDE = Path(__file__).parents[2] / "docs" / "plates.md"
ANY_TEXT = st.text(alphabet=st.characters(codec=None, exclude_categories=[]), max_size=80)


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("粤B12345", "粤B12345"),
        ("粤b·12d45", "粤B12D45"),
        (" 粤 B - 1234 5 ", "粤B12345"),
        ("粤B∙12/3–45", "粤B12345"),
        ("粤B_12345", "粤B12345"),
        ("粤·B*12345", "粤B12345"),
        ("粤BD1234*", "粤BD1234?"),  # a reader's sign for what it could not read
        ("粤BD_2345", "粤BD?2345"),
        ("粤\uff22\uff11\uff12345", "粤B12345"),  # full width
        ("粤B・12345", "粤B12345"),
        ("粤BIO345", "粤B10345"),  # a serial has neither I nor O
        ("粤O12345", "粤O12345"),  # the city letter may be O
        ("粤BО1234", "粤B01234"),  # a Cyrillic O
        ("粤ΒΑ2345", "粤BA2345"),  # Greek letters
        ("粵B12345", "粤B12345"),  # the traditional character
        ("蘇A12345", "苏A12345"),
        ("陜A12345", "陕A12345"),
        ("甯A12345", "宁A12345"),
        ("贑A12345", "赣A12345"),
        ("蔵A12345", "藏A12345"),
        ("粤BӀӏ|45", "粤B11145"),  # a Cyrillic palochka, large and small, and a bar
        ("HH|Ӏ1234", "HHII1234"),
        ("粤B1234學", "粤B1234学"),
        ("京AD12345", "京AD12345"),
        ("WJ粤1234X", "WJ粤1234X"),
        ("WJ粤I23O5", "WJ粤12305"),
        ("使I98O76", "使198076"),
        ("I98O76使", "198076使"),
        ("皖1O49885", "皖1049885"),
        ("临粤BI2O45", "临粤B12045"),
        ("临粤O12345", "临粤O12345"),
        ("粤BI2O45临", "粤B12045临"),
        ("WJO112345", "WJ0112345"),
        ("WJ01I2345", "WJ0112345"),
        ("WJ12O45", "WJ12045"),
        ("WJ1234O", "WJ12340"),
        ("WJ警OOO81", "WJ警00081"),
        ("WJ12OOB", "WJ12OOB"),  # may be British
        ("WJI1234", "WJI1234"),  # may be of Northern Ireland
        ("VA1234O", "VA12340"),
        ("VA1OI45", "VA10145"),
        ("VAO1234", "VAO1234"),  # may be German
        ("VA12OOO", "VA12OOO"),  # may be British
        ("鲁O1-12345", "鲁0112345"),
        ("鲁OI-I2345", "鲁0112345"),
        ("鲁O12345", "鲁O12345"),
        ("粤B●12345", "粤B12345"),
        ("粤B°12345", "粤B12345"),
        ("粤B。12345", "粤B12345"),
        ("(粤B)12345", "粤B12345"),
        *((f"粤B{separator}12345", "粤B12345") for separator in '*,、~"“”「」《》〔〕<>{}\\∶ー◦⸱᛫'),
        ("粤B\uff0c12345\uff5e", "粤B12345"),  # full width
        ("\uff08粤B\uff0912345", "粤B12345"),
        ("[粤B12345]", "粤B12345"),
        ("【粤B12345】", "粤B12345"),
        ("OI-12", "OI12"),  # not of our grammar: I and O stay
        ("HH-IO 1234", "HHIO1234"),
        ("WO·I12", "WOI12"),
        ("MÜ-AB 12", "MÜAB12"),  # another place than MU
        ("粤B\u200e12\u202e345\ufeff", "粤B12345"),  # marks of direction and width are not seen
        ("粤B12\u030434\u20dd5", "粤B12345"),  # combining marks
        ("粤B12?45", "粤B12?45"),  # an unknown character makes no known plate
        ("粤B1234\ud800", "粤B1234?"),
        ("院A12345", "院A12345"),  # a misread of 皖, not another spelling of it
        ("湾A12345", "湾A12345"),
        ("", ""),
        ("·-. ", ""),
        ("粤" + "8" * 100, "粤" + "8" * (PLATE_LENGTH_MAX - 2) + "?"),  # too long for a plate: it equals none
        ("粤B123456789012", "粤B123456789?"),
        ("粤B1234567890", "粤B1234567890"),
        ("粤B12345" + "·" * RAW_LENGTH_MAX + "9", "粤B12345?"),
        ("粤B" + "·" * (RAW_LENGTH_MAX - 7) + "12345", "粤B12345"),
    ],
)
def test_normal_form(raw: str, normal: str) -> None:
    assert normalise(raw) == normal


@given(ANY_TEXT | st.text(alphabet=PROVINCES + "WJ使警IO10 ·", max_size=14))
@example("ᄀ\u0301ᅡ")  # what a removed mark kept apart may not grow together
@example("\u0390" * 70)  # grows when put in upper case
@example("\ufdfa" * 64)  # grows eighteen-fold
def test_any_text_has_a_normal_form_that_is_short_and_stays(raw: str) -> None:
    normal = normalise(raw)
    assert len(normal) <= PLATE_LENGTH_MAX
    assert normalise(normal) == normal
    assert normal.encode().decode() == normal


@pytest.mark.parametrize("unit", ["8", "粤", "\u0301", "\ud800", "\u202e", " ", "ﷺ", "I·"])
def test_a_hostile_length_costs_no_time(unit: str) -> None:
    hostile = unit * (65536 // len(unit))
    began = time.perf_counter()
    for _ in range(100):
        assert len(normalise(hostile)) <= PLATE_LENGTH_MAX
        kind_of(normalise(hostile))
    assert time.perf_counter() - began < 1.0


@given(st.text(alphabet="ABIO01粤京", min_size=2, max_size=8))
def test_i_and_o_go_only_from_the_serial_part_of_chinese_plates(text: str) -> None:
    normal = normalise(text)
    if text[0] in PROVINCES:
        assert not set("IO") & set(normal[2:])
    else:
        assert normal == text or kind_of(normal) == "military"


@pytest.mark.parametrize(
    ("plate", "colour", "kind"),
    [
        ("粤B12345", "", "ordinary"),
        ("粤BA234Z", "", "ordinary"),
        ("粤B12345", "blue", "small"),
        ("粤B12345", "yellow", "large"),
        ("粤B12345", "black", "foreign"),
        ("粤B12345", "green", "ordinary"),  # not made in green: the form alone counts
        ("粤B1234I", "", ""),  # no I in a serial
        ("粤B1234", "", ""),
        ("B12345", "", ""),
        ("粤B1234٣", "", ""),  # a digit, not one of ours
        ("粤BD12345", "", "new-energy-small"),
        ("粤BDA2345", "green", "new-energy-small"),
        ("粤BK12345", "", "new-energy-small"),
        ("粤BL12345", "", ""),  # L stands for no new-energy plate
        ("粤B12345D", "", "new-energy-large"),
        ("粤B12345H", "yellow-green", "new-energy-large"),
        ("粤B1234警", "", "police"),
        ("粤B1234学", "", "learner"),
        ("粤B1234挂", "", "trailer"),
        ("粤Z1234港", "", "hong-kong"),
        ("粤ZR066港", "black", "hong-kong"),
        ("粤Z1234澳", "", "macau"),
        ("粤B1234港", "", ""),
        ("沪A1234领", "", "consulate"),
        ("使123456", "", "embassy"),
        ("123456使", "", "embassy"),
        ("京X1234应急", "", "emergency"),
        ("京S1234应急", "white", "emergency"),
        ("WJ粤1234X", "", "armed-police"),
        ("WJ12345", "", "armed-police"),
        ("WJ1693015", "", "armed-police"),
        ("WJ警00081", "", "armed-police"),
        ("临粤B12345", "", "temporary"),
        ("粤B12345临", "", "temporary"),
        ("粤B1234试", "", "temporary"),
        ("粤B1234超", "", "temporary"),
        ("粤1234567", "", "tractor"),
        ("皖1149885", "green", "tractor"),
        ("VA12345", "", "military"),
        ("临粤B12045", "", "temporary"),
        ("WJ0112345", "", "armed-police"),
        ("鲁0112345", "", "tractor"),
        ("京A123456", "", "electric-bicycle"),
        ("粤B012345", "green", "electric-bicycle"),
        ("京A1234567", "", ""),
        ("", "", ""),
    ],
)
def test_kinds(plate: str, colour: str, kind: str) -> None:
    assert kind_of(plate, colour) == kind
    assert kind in {"", "electric-bicycle", *MOTOR}


def test_kinds_have_colours_rows_and_names_of_their_own() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    assert all(kind.colours and set(kind.rows) <= {1, 2} for kind in KINDS)
    two_rows = {kind.name for kind in KINDS if 2 in kind.rows}
    assert {"large", "trailer", "motorcycle", "tractor", "armed-police"} <= two_rows


def test_the_guide_names_every_kind_and_every_template() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    assert all(f"`{name}`" in guide for name in [*(kind.name for kind in KINDS), *TEMPLATES])


def test_a_suffix_of_a_kind_is_a_known_suffix() -> None:
    chinese = {character for kind in KINDS for character in kind.pattern.pattern if ord(character) > 0x7F}
    assert chinese - set(PROVINCES) == set(SUFFIXES)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("粤B8D2Z5", "粤BBD2Z5", True),
        ("粤B8D2Z5", "京B8D2Z5", True),  # province only
        ("粤B0D1234", "粤BQO1234", True),
        ("粤B12345", "粤BL2345", True),
        ("粤B12345", "粤B12346", False),
        ("粤B12345", "粤B1234", False),
        ("粤B12345", "B12345", False),  # a lost province is more than a look-alike
    ],
)
def test_skeletons_fold_look_alikes_and_the_province_and_nothing_else(one: str, other: str, *, alike: bool) -> None:
    assert (skeleton(one) == skeleton(other)) is alike


@given(st.text(max_size=PLATE_LENGTH_MAX))
def test_a_skeleton_is_as_long_as_its_plate(text: str) -> None:
    assert len(skeleton(text)) == len(text)


def test_the_thirty_one_provinces_and_what_is_written_for_them() -> None:
    assert len(set(PROVINCES)) == len(PROVINCES) == 31
    assert all(normalise(chr(strange)) == chr(ours) for strange, ours in LOOK_ALIKES.items())


@pytest.mark.parametrize(
    ("plate", "text"),
    [
        ("粤B12345", "粤B·12345"),
        ("粤BD12345", "粤B·D12345"),
        ("临粤B12345", "临粤B·12345"),
        ("粤B12345临", "粤B·12345临"),
        ("WJ12345", "WJ12345"),
        ("粤1234567", "粤1234567"),
        ("粤B", "粤B"),
        ("临粤B", "临粤B"),
        ("临", "临"),
        ("", ""),
    ],
)
def test_shown_as_people_write_it(plate: str, text: str) -> None:
    assert shown(plate) == text
