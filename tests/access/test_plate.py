"""Normal form, kinds, skeletons and shown texts of plates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.plate import KINDS, LOOK_ALIKES, PLATE_LENGTH_MAX, PROVINCES, kind_of, normalise, shown, skeleton


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("粤B12345", "粤B12345"),
        ("粤b·12d45", "粤B12D45"),
        (" 粤 B - 1234 5 ", "粤B12345"),
        ("粤\uff22\uff11\uff12345", "粤B12345"),  # full width
        ("粤B・12345", "粤B12345"),
        ("粤BIO345", "粤B10345"),  # a serial has neither I nor O
        ("粤O12345", "粤O12345"),  # the city letter may be O
        ("粤BО1234", "粤B01234"),  # a Cyrillic O
        ("粤ΒΑ2345", "粤BA2345"),  # Greek letters
        ("粵B12345", "粤B12345"),  # the traditional character
        ("京AD12345", "京AD12345"),
        ("WJ粤1234X", "WJ粤1234X"),
        ("OI-12", "OI12"),  # not of our grammar: I and O stay
        ("", ""),
        ("·-. ", ""),
        ("粤" + "8" * 100, "粤" + "8" * (PLATE_LENGTH_MAX - 1)),
    ],
)
def test_normal_form(raw: str, normal: str) -> None:
    assert normalise(raw) == normal


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_text_has_a_normal_form_that_is_short_and_stays(raw: str) -> None:
    normal = normalise(raw)
    assert len(normal) <= PLATE_LENGTH_MAX
    assert normalise(normal) == normal


@pytest.mark.parametrize(
    ("plate", "kind"),
    [
        ("粤B12345", "ordinary"),
        ("粤BA234Z", "ordinary"),
        ("粤B1234I", ""),  # no I in a serial
        ("粤B1234", ""),
        ("B12345", ""),
        ("粤BD12345", "new-energy-small"),
        ("粤BDA2345", "new-energy-small"),
        ("粤BL12345", ""),  # L stands for no new-energy plate
        ("粤B12345D", "new-energy-large"),
        ("粤B1234警", "police"),
        ("粤B1234学", "learner"),
        ("粤B1234挂", "trailer"),
        ("粤Z1234港", "hong-kong"),
        ("粤Z1234澳", "macau"),
        ("粤B1234港", ""),
        ("沪A1234领", "consulate"),
        ("使123456", "embassy"),
        ("123456使", "embassy"),
        ("京X1234应急", "emergency"),
        ("WJ粤1234X", "armed-police"),
        ("WJ12345", "armed-police"),
        ("粤1234567", "tractor"),
        ("VA12345", "military"),
        ("", ""),
    ],
)
def test_kinds(plate: str, kind: str) -> None:
    assert kind_of(plate) == kind
    assert kind in {"", *(known.name for known in KINDS)}


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
    ("plate", "text"), [("粤B12345", "粤B·12345"), ("粤BD12345", "粤B·D12345"), ("WJ12345", "WJ12345"), ("粤B", "粤B"), ("", "")]
)
def test_shown_as_people_write_it(plate: str, text: str) -> None:
    assert shown(plate) == text
