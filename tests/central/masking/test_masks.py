"""The masks: what they leave, that a mask of a mask is the same, and that nothing gets through a level of none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.masking import masks
from central.masking.kinds import KINDS, SEES, Kind, Personal, Sight
from central.masking.names import masked_facts, seen
from central.users.rights import ROLES

TEXTS = st.text("张伟明粤B·1290ABDX -*京临3栋", max_size=24)


@pytest.mark.parametrize(
    ("kind", "text", "shown"),
    [
        ("name", "张小明", "张*明"),
        ("name", "张伟", "张*"),
        ("name", "欧阳小明", "欧**明"),
        ("phone", "13812345678", "138****5678"),
        ("phone", "0755-1234567", "075****4567"),
        ("tail", "5678", "***"),
        ("id", "002X", "***X"),
        ("plate", "粤B12345", "粤B·1**45"),
        ("plate", "粤BD12345", "粤B·D***45"),
        ("card", "0004A2B31234", "****1234"),
        ("credential", "粤B12345", "粤B·1**45"),
        ("credential", "0004A2B3C41234", "****1234"),
        ("address", "3-1201", "3-***"),
        ("address", "东区别墅", "***"),
        ("note", "已电话确认", "***"),
        ("report", "粤B12345 撞杆，车主 13812345678，2026-11-24 02:12", "粤B·1**45 撞杆，车主 ****5678，2026-11-24 02:12"),
        ("plate", "", ""),
    ],
)
def test_a_mask_leaves_what_people_know_it_by(kind: Kind, text: str, shown: str) -> None:
    assert masks.mask(kind, text) == shown


@given(st.sampled_from(KINDS), TEXTS)
def test_a_mask_of_a_mask_is_the_same(kind: Kind, text: str) -> None:
    once = masks.mask(kind, text)
    assert masks.mask(kind, once) == once
    assert bool(once) == bool(text)


@given(st.sampled_from(["system_admin", "stranger", ""]), st.sampled_from(KINDS), TEXTS)
def test_who_sees_nothing_sees_nothing_in_any_form(role: str, kind: Kind, text: str) -> None:
    for value in (text, [text], {"x": text}, text.encode()):
        assert not seen(value, Sight(role), Personal(kind))


def test_each_role_has_a_level_for_each_kind() -> None:
    assert set(SEES) >= set(ROLES)
    assert all(set(levels) == set(KINDS) for levels in SEES.values())


def test_facts_are_masked_by_their_names_in_any_depth() -> None:
    facts = {"plate": "粤B12345", "details": {"phone": "13812345678"}, "difference": [{"field": "name", "yours": "李雷雷"}]}
    assert masked_facts(facts, Sight("auditor")) == {
        "plate": "粤B·1**45",
        "details": {"phone": "138****5678"},
        "difference": [{"field": "name", "yours": "李*雷"}],
    }
    assert masked_facts(facts, Sight("registrar")) == facts
    assert masked_facts({"name": "东门"}, Sight("auditor"), "gates") == {"name": "东门"}
