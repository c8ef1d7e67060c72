from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.plate import KINDS, PROVINCES, kind_of
from devices.plates.grammar import TEMPLATES, Template, following, is_complete


def spelt(template: Template) -> st.SearchStrategy[str]:
    characters: Iterable[st.SearchStrategy[str]] = (st.sampled_from(sorted(position)) for position in template.positions)
    return st.tuples(*characters).map("".join)


@given(st.sampled_from(TEMPLATES).flatmap(lambda template: st.tuples(st.just(template.kind), spelt(template))))
def test_what_a_template_spells_fits_the_pattern_it_came_from(case: tuple[str, str]) -> None:
    kind, text = case
    pattern = next(known.pattern for known in KINDS if known.name == kind)
    assert pattern.fullmatch(text)
    assert is_complete(text)
    assert all(character in following(text[:place]) for place, character in enumerate(text))


def test_every_kind_has_a_template() -> None:
    assert {template.kind for template in TEMPLATES} == {kind.name for kind in KINDS}


@pytest.mark.parametrize(
    ("prefix", "allowed", "refused"),
    [
        ("", "粤使WA", "I警"),
        ("粤", "AZO1", "粤警"),
        ("粤B1234", "5A学警", "IO粤"),
        ("粤Z1234", "港澳5", "I"),
        ("粤B123456", "", "1A"),
        ("甲", "", "A1"),
    ],
)
def test_following(prefix: str, allowed: str, refused: str) -> None:
    assert set(allowed) <= following(prefix)
    assert not set(refused) & following(prefix)


@given(st.text(alphabet=PROVINCES + "ABCDEF0123456789警学使", max_size=9))
def test_complete_texts_are_those_of_some_kind(text: str) -> None:
    assert is_complete(text) == bool(kind_of(text))
