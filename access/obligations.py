"""Obligations: what must be done beside letting pass or not, as stable codes with a sentence in each language."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from access.immutable import immutable
from access.words import in_words


@immutable
class Obligation:
    """One obligation: its code and the values of its sentence (numbers of passes, seconds; nothing that names a person)."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


# code -> Chinese, English
OBLIGATIONS: Mapping[str, tuple[str, str]] = {
    "stay_open": ("保持开启", "stay open"),
    "raise_alarm": ("发出告警", "raise an alarm"),
    "read_again": ("再读一次车牌", "read the plate again"),
    "await_factor": ("请在 {seconds} 秒内出示{missing}", "present {missing} within {seconds} s"),
    "await_person": ("请另一人在 {seconds} 秒内刷卡", "another person must present a card within {seconds} s"),
    "await_escort": ("请陪同人在 {seconds} 秒内刷卡", "an escort must present a card within {seconds} s"),
    "decide_again": ("有车离开后再判定", "decide again when a vehicle leaves"),
    "compare_picture": ("核对抓拍图与登记车牌", "compare the picture with the registered plate"),
    "note_passed_back": ("记录：重复进入或有出无入", "note: came in twice, or left without having come in"),
    "note_overstay": ("记录：在允许的时间之外离开", "note: leaves outside the times that are allowed"),
    "note_alone": ("记录：须两人或有人陪同，独自离开", "note: left alone, where two persons or an escort are asked for"),
    "take_duplicate": ("收下副证 {number}", "take duplicate {number}"),
    "return_duplicate": ("交还副证 {number}", "give duplicate {number} back"),
    "fetch_duplicate": ("副证 {number} 挂在别的岗，须转交", "duplicate {number} hangs at another post: it is to be brought over"),
    "confiscate_pass": ("没收出入证 {number}", "confiscate pass {number}"),
    "take_visitor_card": ("收回访客卡", "take the visitor card back"),
    "known_by_code": ("仅凭签名码放行，本机没有其他记录", "known only by the signed code: nothing else is on record here"),
    "note_clock": ("记录：本机时间不可信时核对的码", "note: the code was judged by a clock that is not sure"),
    "check_goods": ("核对放行条与物品", "check the goods against the slip"),
    "lead_in": ("引导入内", "lead in"),
    "tell_leaders": ("通知被访单位领导", "tell the host's leaders"),
    "tell_host": ("通知被访人", "tell the host"),
    "escort": ("全程陪同", "escort"),
    "ask_host_first": ("先征得被访人同意，访客在外等候", "ask the host first; the guest waits outside"),
    "wait_outside": ("在外等候答复", "the guest waits outside for the host's word"),
    "department_confirms": ("须经有关部门确认", "the department must confirm"),
    "confirm_staff": ("核实员工身份", "confirm that it is staff"),
}


def obligation_in_words(obligation: Obligation, language: str) -> str:
    """Return the sentence of an obligation; a code that is not ours (a site's own) stands for itself."""
    return in_words(OBLIGATIONS, obligation.code, obligation.values, language)
