"""What happened at a gate, as the office reads it."""

import re
from typing import Any, get_args

import pytest

from access.contract.commands import RemoteAct
from central.log.words import GUARD_ACTS, GUARD_SENTENCES, MODES, OBSERVATIONS, OFFICE_ACTS, REFUSALS, SOURCES, explained


@pytest.mark.parametrize(
    ("kind", "fields", "chinese", "english"),
    [
        (
            "lane",
            {"mode": "held_open", "source": "guard", "reason": "delivery"},
            "车道设为常开（保安，送货、快递或上门服务）",
            "the lane is held open (by the guard, delivery or service)",
        ),
        ("lane", {"mode": "normal", "source": "timer"}, "车道恢复正常（到时）", "the lane is back to normal (time was up)"),
        (
            "lane",
            {"mode": "normal", "source": "office", "direction": "out"},
            "车道恢复正常（只出，管理处）",
            "the lane is back to normal (outbound only, by the office)",
        ),
        ("lane", {"mode": "levitating", "source": ""}, "levitating", "levitating"),
        (
            "guard",
            {"act": "convoy", "reason": "other", "words": "婚车"},
            "保安放行车队：婚车",
            "a convoy let through by the guard: 婚车",
        ),
        ("guard", {"act": "resume", "reason": ""}, "保安恢复正常", "set back to normal by the guard"),
        (
            "guard",
            {"act": "hold_open", "reason": "delivery", "accepted": False, "refusal": "second_person_needed"},
            "保安设为常开：送货、快递或上门服务 ✕ 须第二人签字",
            "held open by the guard: delivery or service ✕ a second person had to sign",
        ),
        (
            "remote",
            {"act": "open_once", "reason": "visitor", "accepted": False, "refusal": "expired"},
            "管理处远程开闸：访客，被访人已同意 ✕ 请求过时",
            "opened from afar by the office: visitor, host has agreed ✕ the request came too late",
        ),
        (
            "alarm",
            {"what": "loop_stuck", "detail": "arrival_loop"},
            "地感一直报有车 · 触发地感",
            "a loop is stuck · arrival loop",
        ),
        ("alarm", {"what": "arm_missing", "detail": ""}, "闸杆可能已断落", "the arm seems to be broken off"),
        (
            "observation",
            {"what": "button_pressed", "detail": "exit_button"},
            "按钮开闸 · 出门按钮",
            "opened by a button · exit button",
        ),
        ("passage", {"result": "passed"}, "", ""),
    ],
)
def test_an_entry_in_words(kind: str, fields: dict[str, Any], chinese: str, english: str) -> None:
    assert explained(kind, fields) == {"zh": chinese, "en": english}


@pytest.mark.parametrize("table", [GUARD_ACTS, MODES, OBSERVATIONS, OFFICE_ACTS, REFUSALS, SOURCES])
def test_all_words_are_in_both_languages(table: dict[str, tuple[str, str]]) -> None:
    for chinese, english in table.values():
        assert re.search(r"[一-鿿]", chinese)
        assert not re.search(r"[一-鿿]", english)
        assert re.findall(r"{\w+}", chinese) == re.findall(r"{\w+}", english)


def test_all_that_can_be_asked_from_afar_has_words() -> None:
    assert OFFICE_ACTS.keys() == set(get_args(RemoteAct))


def test_no_act_has_two_sentences() -> None:
    assert not GUARD_ACTS.keys() & GUARD_SENTENCES.keys()
