"""Reason codes: stable names, each with one sentence in Chinese and one in English, filled with values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: its code, the outcome it goes with, and its sentence in each language."""

    code: str
    outcome: str
    zh: str
    en: str


REASONS: Mapping[str, Reason] = {
    reason.code: reason
    for reason in (
        Reason("access_ok", "grant", "{holder} {unit},有权通行", "{holder} {unit} may pass here now"),
        Reason("lane_held_open", "grant", "车道常开", "the lane is held open"),
        Reason("guard_opened", "grant", "保安手动开闸:{why}", "opened by the guard: {why}"),
        Reason("guard_admitted", "grant", "保安放行:{why}", "let in by the guard: {why}"),
        Reason("lane_held_closed", "deny", "车道常闭", "the lane is held closed"),
        Reason("lane_out_of_service", "deny", "车道停用", "the lane is out of service"),
        Reason("blocked", "deny", "{shown} 在黑名单:{why}", "{shown} is on the block list: {why}"),
        Reason("inactive", "deny", "{shown} 的状态为“{status}”,不可用", "{shown} is {status} and cannot be used"),
        Reason("not_yet_valid", "deny", "{shown} 自 {from} 起才有效", "{shown} is valid only from {from}"),
        Reason("expired", "deny", "{shown} 已于 {until} 到期", "{shown} expired on {until}"),
        Reason("no_access_here", "deny", "{holder} {unit} 无此车道的权限", "{holder} {unit} has no access level for this lane"),
        Reason("outside_schedule", "deny", "{holder} {unit} 不在允许的时段", "{holder} {unit} is outside the allowed hours"),
        Reason("unknown", "deny", "{shown} 未登记", "{shown} is not known here"),
        Reason("guard_refused", "deny", "保安拒绝:{why}", "turned away by the guard: {why}"),
        Reason("unknown_refer", "refer", "{shown} 未登记,请保安核实", "{shown} is not known here: the guard decides"),
        Reason(
            "similar",
            "refer",
            "{shown} 与 {near}({holder},{unit})相似但不相同,请保安核实",
            "{shown} is similar to {near} ({holder}, {unit}), not equal: the guard decides",
        ),
        Reason(
            "near_blocked",
            "refer",
            "{shown} 与黑名单车牌 {near} 相似,请保安核实",
            "{shown} is similar to {near} on the block list: the guard decides",
        ),
        Reason("doubtful", "refer", "{shown} 读取不确定,请保安核实", "{shown} was not read surely: the guard decides"),
        Reason("shared", "refer", "{shown} 对应多位持有人,请保安核实", "{shown} fits more than one holder: the guard decides"),
        Reason("no_holder", "refer", "{shown} 没有登记持有人,请保安核实", "{shown} has no holder on record: the guard decides"),
        Reason("unread", "refer", "车辆在等候,没有读到车牌或卡", "a vehicle waits and neither plate nor card was read"),
        Reason(
            "store_failed", "deny", "记录无法写入,车道按设置处理", "the journal cannot be written: the lane does as it is set"
        ),
        Reason("no_rules", "refer", "本机还没有规则,请保安核实", "this gate has no rules yet: the guard decides"),
    )
}


# Why a guard does something: the codes that are recorded, each in both languages.
WHYS: Mapping[str, tuple[str, str]] = {
    "visitor": ("访客,被访人已同意", "visitor, host has agreed"),
    "delivery": ("送货、快递或上门服务", "delivery or service"),
    "emergency": ("消防、救护、警务", "fire, ambulance, police"),
    "not_read": ("车牌或卡未识别", "plate or card was not read"),
    "test": ("测试或维修", "test or repair"),
    "looked": ("已核对车牌,确为此车", "plate compared: it is this one"),
    "known": ("认识驾驶人", "the driver is known"),
    "not_registered": ("未登记", "not registered"),
    "no_consent": ("被访人不同意", "host does not agree"),
    "wrong_gate": ("走错大门或车道", "wrong gate or wrong lane"),
    "left": ("车辆已掉头离开", "has turned round"),
    "other": ("其他", "other"),
}
STATUSES: Mapping[str, tuple[str, str]] = {
    "frozen": ("已冻结", "frozen"),
    "lost": ("已挂失", "reported lost"),
    "revoked": ("已注销", "revoked"),
    "expired": ("已过期", "expired"),
    "returned": ("已退还", "returned"),
}


class _Known(dict[str, Any]):
    """Values of a sentence; one that is gone (erased) shows as a dash, so that old entries still read."""

    def __missing__(self, key: str) -> str:
        return "—"


def sentence(code: str, values: Mapping[str, Any] | None, language: str) -> str:
    """Return the sentence of a reason in `language` (zh or en); a code of a later version stands for itself.

    Values that are codes themselves (`why` of a guard, with his own `words` behind it, and `status`) are put in words too.
    """
    reason = REASONS.get(code)
    if reason is None:
        return code
    told = _Known(values or {})
    if "why" in told:
        told["why"] = why_in_words(str(told["why"]), str(told.get("words", "")), language)
    if "status" in told:
        told["status"] = _worded(STATUSES, str(told["status"]), language)
    template = reason.zh if language == "zh" else reason.en
    return " ".join(template.format_map(told).split())


def why_in_words(code: str, words: str, language: str) -> str:
    """Return a guard's reason: that of the code, and the guard's own words behind it; these alone where the code says no more."""
    if words and code == "other":
        return words
    return ": ".join(part for part in (_worded(WHYS, code, language), words) if part)


def _worded(words: Mapping[str, tuple[str, str]], code: str, language: str) -> str:
    known = words.get(code)
    return code if known is None else known[LANGUAGES.index(language)]
