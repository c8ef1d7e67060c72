"""What happened and why, in words: the sentence of an entry in each language."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from access.alarms import alarm_in_words, detail_in_words
from access.reasons import sentence, why_in_words
from access.words import LANGUAGES, Words, in_words, worded
from access.workflows.words import EVENTS, WORKFLOWS

GUARD_SENTENCES = {"open_once": "guard_opened", "admit": "guard_admitted", "refuse": "guard_refused"}
# What else a guard does: the whole lane, or the whole gate.
GUARD_ACTS: Words = {
    "passed": ("保安确认已通过：{why}", "the guard confirmed that it has gone through: {why}"),
    "hold_open": ("保安设为常开：{why}", "held open by the guard: {why}"),
    "convoy": ("保安放行车队：{why}", "a convoy let through by the guard: {why}"),
    "hold_closed": ("保安设为常闭：{why}", "held closed by the guard: {why}"),
    "out_of_service": ("保安停用车道：{why}", "taken out of service by the guard: {why}"),
    "resume": ("保安恢复正常：{why}", "set back to normal by the guard: {why}"),
    "direct": ("保安改变车道方向：{why}", "direction set by the guard: {why}"),
    "evacuate": ("保安启动紧急疏散：{why}", "evacuation begun by the guard: {why}"),
    "end_evacuation": ("保安结束紧急疏散：{why}", "evacuation ended by the guard: {why}"),
    "correct": ("保安更正车牌：{why}", "plate corrected by the guard: {why}"),
    "decide_again": ("保安要求重新判定：{why}", "the rules asked again by the guard: {why}"),
    "nothing_carried": ("保安确认未携带物品：{why}", "nothing carried, says the guard: {why}"),
    "mark_loading": ("保安标记为装货：{why}", "marked as loading by the guard: {why}"),
    "undo": ("保安撤销刚才的操作：{why}", "taken back by the guard a moment later: {why}"),
}
# What the office asked of a lane from afar.
OFFICE_ACTS: Words = {
    "open_once": ("管理处远程开闸：{why}", "opened from afar by the office: {why}"),
    "hold_open": ("管理处远程设为常开：{why}", "held open from afar by the office: {why}"),
    "convoy": ("管理处远程放行车队：{why}", "a convoy let through from afar by the office: {why}"),
    "hold_closed": ("管理处远程设为常闭：{why}", "held closed from afar by the office: {why}"),
    "out_of_service": ("管理处远程停用车道：{why}", "taken out of service from afar by the office: {why}"),
    "resume": ("管理处远程恢复正常：{why}", "set back to normal from afar by the office: {why}"),
    "direct": ("管理处远程改变车道方向：{why}", "direction set from afar by the office: {why}"),
}
REFUSALS: Words = {
    "expired": ("请求过时", "the request came too late"),
    "unknown_lane": ("没有这条车道", "no such lane"),
    "unknown_act": ("不支持此操作", "no such act"),
    "not_ready": ("检测器状态不明", "the inputs were not known"),
    "too_late": ("已不在等候", "nobody waited any more"),
    "held_closed": ("车道常闭", "the lane was held closed"),
    "out_of_service": ("车道停用", "the lane was out of service"),
    "interlocked": ("互锁的另一道门未关", "the other side of the interlock was open"),
    "second_person_needed": ("须第二人签字", "a second person had to sign"),
    "too_long": ("时间过长", "too long"),
    "not_reversible": ("车道不可变向", "the lane has one direction"),
    "evacuation_input": ("疏散信号仍未解除", "the evacuation input was still on"),
    "too_often": ("过于频繁", "asked for too often"),
    "gate_away": ("控制程序未连接", "the gate's program was away"),
    "nothing_to_resume": ("车道本已正常", "the lane was normal already"),
    "no_plate": ("不是车牌", "what was typed is no plate"),
    "nothing_read": ("没有读到车牌或卡", "neither plate nor card was read"),
    "other_vehicle": ("不是在此等候的车辆", "another vehicle stood there"),
    "store_failed": ("记录无法写入", "it could not be written down"),
}
OBSERVATIONS: Words = {
    "arm_up_at_start": ("启动时闸杆已抬起", "the arm was up when the program started"),
    "tailgating": ("尾随：一次放行后又有车或人通过", "tailgating: somebody followed on a grant for one"),
    "loop_without_grant": ("未放行而有车通过", "a vehicle passed without being let in"),
    "opened_by_others": ("闸杆被其他方式抬起（如遥控器）", "the arm was raised by other means (its remote control)"),
    "door_forced": ("门被强行打开", "the door was forced"),
    "wrong_way": ("车辆逆行", "a vehicle went the wrong way"),
    "gate_crash": ("车辆闯杆", "a vehicle crashed through the lowered arm"),
    "sensor_well": ("检测器恢复正常", "a sensor is well again"),
    "obstructed": ("落杆时遇阻", "something was in the way of the arm as it came down"),
    "button_pressed": ("按钮开闸", "opened by a button"),
    "button_ignored": ("按钮未起作用", "a button was pressed and not obeyed"),
}
MODES: Words = {
    "normal": ("车道恢复正常{source}", "the lane is back to normal{source}"),
    "held_open": ("车道设为常开{source}", "the lane is held open{source}"),
    "held_closed": ("车道设为常闭{source}", "the lane is held closed{source}"),
    "out_of_service": ("车道停用{source}", "the lane is out of service{source}"),
    "convoy": ("车道放行车队{source}", "the lane lets a convoy through{source}"),
    "evacuation": ("车道为紧急疏散开启{source}", "the lane stands open for the evacuation{source}"),
}
SOURCES: Words = {
    "guard": ("保安", "by the guard"),
    "office": ("管理处", "by the office"),
    "input": ("输入信号", "by an input"),
    "timer": ("到时", "time was up"),
    "restart": ("重启后沿用", "as before the restart"),
    "gate": ("程序自动", "by the gate itself"),
}
# Of which workflow the records are that guards act upon, by the kind of the entry.
RECORDS: Final = {"pass": "contractor_pass", "slip": "release_slip", "visit": "visit"}
DIRECTIONS: Words = {"in": ("只进", "inbound only"), "out": ("只出", "outbound only")}


def explained(kind: str, fields: Mapping[str, Any]) -> dict[str, str]:
    """Return the sentence of an entry by language; empty where it needs none."""
    return {language: _explained(kind, fields, language) for language in LANGUAGES}


def _explained(kind: str, fields: Mapping[str, Any], language: str) -> str:
    return _BY_KIND[kind](fields, language) if kind in _BY_KIND else ""


def _decided(fields: Mapping[str, Any], language: str) -> str:
    return sentence(fields.get("reason", ""), fields.get("values"), language)


def _observed(fields: Mapping[str, Any], language: str) -> str:
    return _detailed(worded(OBSERVATIONS, fields.get("what", ""), language), fields, language)


def _alarm(fields: Mapping[str, Any], language: str) -> str:
    return _detailed(alarm_in_words(fields.get("what", ""), language), fields, language)


def _detailed(told: str, fields: Mapping[str, Any], language: str) -> str:
    detail = detail_in_words(fields.get("detail", ""), language)
    return f"{told} · {detail}" if detail else told


def _guard(fields: Mapping[str, Any], language: str) -> str:
    act, values = fields.get("act", ""), {"why": fields.get("reason", ""), "words": fields.get("words", "")}
    if act in GUARD_ACTS:
        return _asked(GUARD_ACTS, fields, language)
    return _refused(sentence(GUARD_SENTENCES.get(act, act), values, language), fields, language)


def _acted(record: str, fields: Mapping[str, Any], language: str) -> str:
    """Say what was done with a record, and the words that were written with it."""
    what = worded(WORKFLOWS, record, language)
    told = worded(EVENTS, fields.get("act", ""), language)
    said = str(fields.get("words") or "")
    return (f"{what}：{told}" if language == "zh" else f"{what}: {told}") + (f" · {said}" if said else "")


def _asked(acts: Words, fields: Mapping[str, Any], language: str) -> str:
    """Say what somebody asked of a lane, and why."""
    why = why_in_words(fields.get("reason", ""), fields.get("words", ""), language)
    return _refused(in_words(acts, fields.get("act", ""), {"why": why}, language).rstrip(":："), fields, language)


def _refused(told: str, fields: Mapping[str, Any], language: str) -> str:
    """Add why it was not done, where it was not."""
    return told if fields.get("accepted", True) else f"{told} ✕ {worded(REFUSALS, fields.get('refusal', ''), language)}"


def _lane(fields: Mapping[str, Any], language: str) -> str:
    """Say what a lane is set to, which way, by whom and why."""
    who, why = fields.get("source", ""), why_in_words(fields.get("reason", ""), "", language)
    parts = (worded(DIRECTIONS, fields.get("direction", ""), language), worded(SOURCES, who, language), why)
    said = ("，" if language == "zh" else ", ").join(part for part in parts if part)
    source = "" if not said else f"（{said}）" if language == "zh" else f" ({said})"
    return in_words(MODES, fields.get("mode", ""), {"source": source}, language)


_BY_KIND: Final[Mapping[str, Callable[[Mapping[str, Any], str], str]]] = {
    "decision": _decided,
    "guard": _guard,
    "vehicle": partial(_asked, GUARD_ACTS),
    "remote": partial(_asked, OFFICE_ACTS),
    "lane": _lane,
    "observation": _observed,
    "alarm": _alarm,
    **{kind: partial(_acted, record) for kind, record in RECORDS.items()},
}
