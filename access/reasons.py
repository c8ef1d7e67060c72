"""Reason codes: stable names, each with one outcome and one sentence in Chinese and one in English, filled with values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from access.words import BODY_COLOURS, VEHICLE_CLASSES, Words, in_words, worded


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: its code, the outcome it goes with, and its sentence in each language."""

    code: str
    outcome: str
    zh: str
    en: str


def _grant(code: str, zh: str, en: str) -> Reason:
    return Reason(code, "grant", zh, en)


def _deny(code: str, zh: str, en: str) -> Reason:
    return Reason(code, "deny", zh, en)


def _refer(code: str, zh: str, en: str) -> Reason:
    """Take a question to the guard; the sentence says what the question is."""
    return Reason(code, "refer", zh, en)


_ALL = (
    # 1 evacuation, 2 lane mode
    _grant("evacuation", "紧急疏散，出口保持开启", "evacuation: exits stand open"),
    _grant("lane_held_open", "车道常开", "the lane is held open"),
    _deny("lane_held_closed", "车道常闭", "the lane is held closed"),
    _deny("lane_out_of_service", "车道停用", "the lane is out of service"),
    # 3 block list
    _deny("blocked", "{shown} 在黑名单：{why}", "{shown} is on the block list: {why}"),
    _refer(
        "near_blocked",
        "{shown} 与黑名单车牌 {near} 相似，请保安核实",
        "{shown} is similar to {near} on the block list: the guard decides",
    ),
    # 4 emergency vehicles and officers
    _grant("emergency_ok", "{shown} 属消防/救护/警务，放行", "{shown} is of the fire brigade, an ambulance or the police"),
    _refer(
        "emergency_refer",
        "{shown} 属消防/救护/警务，请保安立即核实",
        "{shown} seems of the fire brigade, an ambulance or the police: the guard decides at once",
    ),
    _grant("officer_ok", "{holder} 执法人员，放行", "{holder} is a law-enforcement officer"),
    _refer(
        "officer_refer", "{holder} 执法人员，请保安核验证件", "{holder} is a law-enforcement officer: the guard checks the papers"
    ),
    # 5 signed codes
    _deny("code_malformed", "{shown} 读不出，请重新出示", "{shown} cannot be read: show it again"),
    _deny("code_algorithm", "{shown} 的签名方式不符，不是本小区的码", "{shown} is signed another way: it is none of ours"),
    _refer(
        "code_unknown_key",
        "{shown} 的签名密钥本机不认识（本机可能还没有收到新密钥），请保安核实",
        "{shown} is signed with a key that this gate does not know, maybe a new one that it has not heard of: the guard decides",
    ),
    _deny("code_key_revoked", "{shown} 的签名密钥已撤销，须换新码", "{shown} is signed with a key that was withdrawn"),
    _deny("code_forged", "{shown} 是伪造或改动过的码", "{shown} is forged, or was changed"),
    _deny("code_not_yet", "{code} {shown} 自 {from} 起才有效", "{code} {shown} is valid only from {from}"),
    _deny("code_expired", "{code} {shown} 已于 {until} 到期", "{code} {shown} expired at {until}"),
    _deny("code_elsewhere", "{code} {shown} 限其他大门", "{code} {shown} is for other gates"),
    _deny(
        "code_wrong_part",
        "这是出入证 {number} 的副证，不能凭此入内，请出示正证",
        "this is the duplicate of pass {number}, by which nobody comes in: show the original",
    ),
    _deny(
        "code_stale",
        "{code} {shown} 是截图或过时的动态码，请在手机上现场打开",
        "{code} {shown} is a picture, or too old: open it on the phone here",
    ),
    _deny(
        "code_gone",
        "{code} {shown} 的来访或出入证已无记录",
        "{code} {shown}: its visit or pass is not on record any more",
    ),
    _refer(
        "code_leaving",
        "{shown} 的码不可用（{fault}），持码人要离场，请保安核实",
        "{shown} cannot be used ({fault}), and its holder leaves: the guard decides",
    ),
    _refer(
        "code_clock",
        "本机时间不可信，无法核对动态码 {shown}，请保安核实",
        "the time is not sure here, so {shown}, which turns, cannot be checked: the guard decides",
    ),
    _refer(
        "code_other_plate",
        "{code} {shown} 登记的是其他车辆，不是 {plate}，请保安核实",
        "{code} {shown} names another vehicle than {plate}: the guard decides",
    ),
    _refer(
        "code_slip",
        "放行条 {number} 的码不能开闸，请逐项核对物品{lines}",
        "the code of release slip {number} opens nothing: check it line by line {lines}",
    ),
    _refer(
        "code_slip_other",
        "放行条 {number} 登记的是其他车辆，不是 {plate}，请核对{lines}",
        "release slip {number} names another vehicle than {plate}: the guard decides {lines}",
    ),
    _refer(
        "code_pass_only",
        "出入证 {number} 签名有效，但本机没有它的施工许可和副证记录，请保安核实",
        "pass {number} is signed by the registry, but its permit and duplicate are not known here: the guard decides",
    ),
    # 6 credential
    _refer("doubtful", "{shown} 读取不确定，请保安核实", "{shown} was not read surely: the guard decides"),
    _refer("shared", "{shown} 对应多位持有人，请保安核实", "{shown} fits more than one holder: the guard decides"),
    _refer("no_holder", "{shown} 没有登记持有人，请保安核实", "{shown} has no holder on record: the guard decides"),
    _deny("inactive", "{subject} 的状态为“{status}”，不可用", "{subject} is {status} and cannot be used"),
    _refer(
        "inactive_leaving",
        "{subject} 的状态为“{status}”，记录为在场内，请保安核实",
        "{subject} is {status}, and on record as inside: the guard decides",
    ),
    _deny("not_yet_valid", "{subject} 自 {from} 起才有效", "{subject} is valid only from {from}"),
    _deny("expired", "{subject} 已于 {until} 到期", "{subject} expired on {until}"),
    # 7 access level, 8 vehicle class
    _deny("no_access_here", "{who} 无此车道的权限", "{who} has no access level for this lane"),
    _refer(
        "no_access_leaving",
        "{who} 已无任何出口的权限，记录为在场内，请保安核实",
        "{who} has no access level for any exit, and is on record as inside: the guard decides",
    ),
    _deny("outside_schedule", "{who} 不在允许的时段", "{who} is outside the allowed hours"),
    _deny("class_not_here", "此车道不走{vehicle_class}", "this lane is not for a {vehicle_class}"),
    _refer(
        "class_differs",
        "{shown} 登记为{vehicle_class}，看到的是{seen_class}，请保安核实",
        "{shown} is registered as a {vehicle_class}, seen is a {seen_class}: the guard decides",
    ),
    # 9 quotas and capacity
    _refer(
        "quota_full_refer",
        "{quota} 车位已满（{inside}/{spaces}），请保安核实",
        "{quota} has {inside} cars in for {spaces} spaces: the guard decides",
    ),
    _deny("quota_full", "{quota} 车位已满（{inside}/{spaces}）", "{quota} has {inside} cars in for {spaces} spaces"),
    _deny(
        "quota_wait",
        "{quota} 车位已满（{inside}/{spaces}），待一辆驶出后可入",
        "{quota} has {inside} cars in for {spaces} spaces: in when one leaves",
    ),
    _refer(
        "zone_full_refer",
        "{zone} 已满（{inside}/{capacity}），请保安核实",
        "{zone} is full ({inside} of {capacity}): the guard decides",
    ),
    _deny("zone_full", "{zone} 已满（{inside}/{capacity}）", "{zone} is full ({inside} of {capacity})"),
    # 10 anti-passback
    _deny("passed_back", "{shown} 已在场内（自 {since}），防反潜回", "{shown} is inside already, since {since}: anti-passback"),
    _refer(
        "inside_already",
        "{shown} 记录为已在场内（自 {since}），套牌或漏记出场？请保安核实",
        "{shown} is on record as inside since {since}: a cloned plate or a missed exit? The guard decides",
    ),
    _refer(
        "may_have_left",
        "{shown} 记录为已在场内（自 {since}），但 {left} 有人未经识别离场，请保安核实",
        "{shown} is on record as inside since {since}, but somebody unnamed left at {left}: the guard decides",
    ),
    _refer("exit_without_entry", "{shown} 无入场记录，请保安核实", "{shown} leaves without having come in: the guard decides"),
    _refer(
        "exit_from_elsewhere",
        "{shown} 记录为在{where}（自 {since}），请保安核实",
        "{shown} is on record in {where} since {since}, and leaves here: the guard decides",
    ),
    # 11 visits
    _grant("visit_ok", "{holder} 访客，到访 {host}", "{holder}, visitor to {host}"),
    _refer("visit_announced", "{holder} 的来访尚未获批，请联系被访人", "the visit of {holder} is not approved yet: ask the host"),
    _deny("visit_refused", "{holder} 的来访{status}", "the visit of {holder} is {status}"),
    _deny("visit_elsewhere", "{holder} 的来访不走此车道", "the visit of {holder} is not for this lane"),
    _deny("visit_not_yet", "{holder} 的来访自 {from} 起才有效", "the visit of {holder} begins at {from}"),
    _deny("visit_over", "{holder} 的来访已于 {until} 结束", "the visit of {holder} ended at {until}"),
    _deny(
        "visit_used_up",
        "{holder} 的来访次数已用完（{uses} 次）",
        "the visit of {holder} has been used {uses} times, as often as it may be",
    ),
    _refer(
        "party_full",
        "{holder} 一行 {party} 人已全部入内，请保安核实",
        "all {party} of the party of {holder} are in: the guard decides",
    ),
    # 12 contractor passes
    _grant("pass_ok", "{holder} 施工人员，出入证 {number}", "{holder}, contractor, pass {number}"),
    _deny(
        "permit_not_in_force", "{holder} 的施工许可 {permit} 未生效或已失效", "the permit {permit} of {holder} is not in force"
    ),
    _refer(
        "permit_violation",
        "施工许可 {permit} 有违规未处理：{violation}",
        "permit {permit} has an outstanding violation: {violation}",
    ),
    _refer(
        "permit_full",
        "施工许可 {permit} 已有 {inside} 人在场（上限 {workers} 人）",
        "permit {permit} has {inside} workers in, and {workers} may be",
    ),
    _deny("pass_inactive", "出入证 {number} 的状态为“{status}”", "pass {number} is {status}"),
    _deny("pass_not_yet", "出入证 {number} 自 {from} 起才有效", "pass {number} is valid only from {from}"),
    _deny("pass_expired", "出入证 {number} 已于 {until} 到期", "pass {number} expired at {until}"),
    _deny("pass_elsewhere", "出入证 {number} 不走此车道", "pass {number} is not for this lane"),
    _deny("pass_hours", "{holder} 不在施工时段", "{holder} is outside the working hours"),
    _refer(
        "pass_unit",
        "出入证 {number} 的房号不在施工许可 {permit} 内",
        "pass {number} names a unit that permit {permit} does not cover",
    ),
    _refer(
        "pass_double", "{holder} 名下有多张出入证（一人一证）", "{holder} has more than one pass in force: one person, one pass"
    ),
    _refer(
        "pass_inside",
        "出入证 {number} 的副证已在岗（自 {since}），持证人应在场内",
        "the duplicate of pass {number} lies at a post since {since}: its holder is inside",
    ),
    _refer(
        "pass_transfer",
        "出入证 {number} 的副证在转交途中，尚未取回",
        "the duplicate of pass {number} is in transfer: its holder left by another post, and it was not brought back",
    ),
    _refer(
        "pass_outside",
        "出入证 {number} 没有副证在岗，无入场记录",
        "no duplicate of pass {number} lies at a post: its holder never came in",
    ),
    _refer(
        "pass_other_gate",
        "出入证 {number} 的副证挂在别的岗，应由原岗离场",
        "the duplicate of pass {number} hangs at another post, by which its holder is to leave",
    ),
    # 13 goods
    _refer("goods_check", "{shown} 须查验物品（{cause}），请核对放行条", "{shown} waits for the goods check ({cause})"),
    _refer(
        "goods_slip", "{shown} 有放行条 {number}，请逐项核对", "{shown} is named by release slip {number}: check it line by line"
    ),
    _refer(
        "goods_slip_early",
        "{shown} 须查验物品，放行条 {number} 自 {from} 起才有效",
        "{shown} waits for the goods check, and release slip {number} is valid only from {from}",
    ),
    # 14 two factors, 15 two persons
    _deny("factor_awaited", "还需出示{missing}", "a {missing} is needed too"),
    _refer(
        "factors_differ",
        "{shown} 与先前出示的凭证不属于同一人或同一户，请保安核实",
        "{shown} and what was presented before have different holders: the guard decides",
    ),
    _deny("first_person_missing", "首人未到，暂不放行", "the first person has not come in yet"),
    _deny("person_awaited", "双人规则：还需另一人", "two persons are needed"),
    _deny("escort_awaited", "{holder} 须有人陪同", "{holder} needs an escort"),
    # 16 list age
    _refer(
        "list_old_refer",
        "名单已 {hours} 小时未更新，请保安核实",
        "the rules have not been confirmed for {hours} h: the guard decides",
    ),
    _deny("list_old", "名单已 {hours} 小时未更新", "the rules have not been confirmed for {hours} h"),
    # 17 the home gate's word
    _deny("home_awaited", "等待 {home} 确认", "{home}, the home gate, is asked"),
    _refer(
        "home_says_no",
        "{home}（主门）答复不可放行：{home_why}，请保安核实",
        "{home}, the home gate, says no: {home_why}: the guard decides",
    ),
    _refer(
        "home_silent",
        "{home}（主门）没有答复，不知是否已在别处使用，请保安核实",
        "{home}, the home gate, does not answer, and nobody knows whether it was used elsewhere: the guard decides",
    ),
    _refer(
        "home_unknown",
        "本小区的通行次数只由主门计，此证或码未设主门，请保安核实",
        "passes are counted by their home gates here, and this one has none: the guard decides",
    ),
    # 18 unknown
    _refer("unknown_refer", "{shown} 未登记，请保安核实", "{shown} is not known here: the guard decides"),
    _deny("unknown", "{shown} 未登记", "{shown} is not known here"),
    _refer(
        "similar",
        "{shown} 与 {near}（{who}）相似但不相同，请保安核实",
        "{shown} is similar to {near} ({who}), not equal: the guard decides",
    ),
    _refer(
        "similar_no_holder",
        "{shown} 与 {near}（无登记持有人）相似但不相同，请保安核实",
        "{shown} is similar to {near}, which has no holder on record, not equal: the guard decides",
    ),
    _refer(
        "guest_leaving",
        "{shown} 未登记，自 {since} 在场内，现要离开，请保安核实",
        "{shown} is not on record, came in at {since}, and leaves: the guard decides",
    ),
    # nobody objects, but a neighbour says otherwise
    _refer(
        "peer_says",
        "{gate} 于 {minutes} 分钟前说：{says}。本机尚无此记录，请保安核实",
        "{gate} said {minutes} min ago: {says}. Nothing of it is known here yet: the guard decides",
    ),
    # nobody objects
    _grant("code_ok", "访客码 {shown} 签名有效，本机尚无此来访记录", "visitor's code {shown} is signed by the registry"),
    _grant("access_ok", "{who}，有权通行", "{who} may pass here now"),
    _grant(
        "inexact_ok",
        "{shown} 按 {near}（{who}）放行，仅一字存疑",
        "{shown} is let out as {near} ({who}): one doubtful look-alike",
    ),
    # the gate's own: no rule comes to these
    _grant("guard_opened", "保安手动开闸：{why}", "opened by the guard: {why}"),
    _grant("office_opened", "管理处 {guard} 远程开闸：{why}", "opened from afar by {guard} of the office: {why}"),
    _grant("guard_admitted", "保安放行：{why}", "let in by the guard: {why}"),
    _deny("guard_refused", "保安拒绝：{why}", "turned away by the guard: {why}"),
    _refer("unread", "车辆在等候，没有读到车牌或卡", "a vehicle waits and neither plate nor card was read"),
    _refer("no_rules", "本机还没有规则，请保安核实", "this gate has no rules yet: the guard decides"),
    _deny("store_failed", "记录无法写入，车道按设置处理", "the journal cannot be written: the lane does as it is set"),
    _grant("push_button", "岗亭按钮开闸", "opened by the booth's button"),
    _grant("remote_control", "遥控器开闸", "opened by remote control"),
    _grant("exit_button", "出门按钮开门", "opened by the exit button"),
    _refer(
        "not_confirmed",
        "{shown} 已获放行，因程序中断未确认是否通过，请保安确认",
        "{shown} was let in, and the program stopped before the arm was known to move: has it passed? The guard says",
    ),
    _deny("lane_other_way", "车道当前只走另一方向", "the lane serves the other direction now"),
)
REASONS: Mapping[str, Reason] = {reason.code: reason for reason in _ALL}
GATES_OWN = frozenset(
    {
        "guard_opened",
        "office_opened",
        "guard_admitted",
        "guard_refused",
        "unread",
        "no_rules",
        "store_failed",
        "push_button",
        "remote_control",
        "exit_button",
        "not_confirmed",
        "lane_other_way",
    }
)
_SENTENCES: Words = {reason.code: (reason.zh, reason.en) for reason in _ALL}

# Why a guard does something: the codes that are recorded, each in both languages.
WHYS: Words = {
    "visitor": ("访客，被访人已同意", "visitor, host has agreed"),
    "delivery": ("送货、快递或上门服务", "delivery or service"),
    "emergency": ("消防、救护、警务", "fire, ambulance, police"),
    "not_read": ("车牌或卡未识别", "plate or card was not read"),
    "test": ("测试或维修", "test or repair"),
    "looked": ("已核对车牌，确为此车", "plate compared: it is this one"),
    "known": ("认识驾驶人", "the driver is known"),
    "no_plate": ("无牌车，已核实身份", "no plate, and it is known who this is"),
    "misread": ("车牌识别有误", "the plate was misread"),
    "not_registered": ("未登记", "not registered"),
    "no_consent": ("被访人不同意", "host does not agree"),
    "wrong_gate": ("走错大门或车道", "wrong gate or wrong lane"),
    "left": ("车辆已掉头离开", "has turned round"),
    # whether somebody who was let in has gone through
    "seen_passing": ("亲眼看到已通过", "seen going through"),
    "in_pictures": ("监控画面显示已通过", "seen going through in the pictures"),
    "still_here": ("车辆仍在等候", "still waits here"),
    "nobody_here": ("现场无车无人", "nobody is here"),
    # what a lane is set to
    "queue": ("排队过长，疏导通行", "a queue to be cleared"),
    "event": ("活动或搬家", "an event, or people moving house"),
    "group": ("车队同行", "a group of vehicles together"),
    "incident": ("突发事件", "an incident"),
    "works": ("施工或封路", "works on the road"),
    "closing_hours": ("到点关闭", "closed at these hours"),
    "defect": ("设备故障", "a defect"),
    "over": ("情况已结束", "no longer needed"),
    "repaired": ("已修复并试用", "repaired and tried"),
    "seen_clear": ("已现场查看，杆下无车无人", "looked: nobody is under the arm"),
    "rush": ("高峰时段", "rush hour"),
    # the evacuation
    "fire": ("火警", "fire"),
    "gas": ("燃气泄漏或爆炸危险", "gas leak or danger of explosion"),
    "disaster": ("地震、洪水或恶劣天气", "earthquake, flood or storm"),
    "ordered": ("消防或警方命令", "ordered by fire brigade or police"),
    "drill": ("演练", "drill"),
    "all_clear": ("警报解除", "all clear"),
    "false_alarm": ("误报", "false alarm"),
    "drill_over": ("演练结束", "the drill is over"),
    "other": ("其他", "other"),
}


_FULL_WIDTH = str.maketrans("()", "（）")


def sentence(code: str, values: Mapping[str, Any] | None, language: str) -> str:
    """Return the sentence of a reason in `language` (zh or en); a code of a later version stands for itself.

    Values that are codes are put in words: `why` of a guard, with his own `words` behind it, and those of `access.words`.
    `who` is the holder with their unit, as far as there are any.
    """
    told = dict(values or {})
    if holder_and_unit := [str(told[name]) for name in ("holder", "unit") if told.get(name)]:
        told["who"] = " ".join(holder_and_unit)
    if "says" in told:  # a reason that neighbours come to
        told["says"] = sentence(str(told["says"]), {name: value for name, value in told.items() if name != "says"}, language)
    if language == "zh" and "lines" in told:  # of a slip, as its code carries them: (desk 1 pc; book 2 boxes)
        told["lines"] = str(told["lines"]).replace("; ", "；").translate(_FULL_WIDTH)
    if "why" in told:
        told["why"] = why_in_words(str(told["why"]), str(told.get("words", "")), language) + _as_seen(told, language)
    return in_words(_SENTENCES, code, told, language)


def _as_seen(told: Mapping[str, Any], language: str) -> str:
    """Return in brackets what a guard has noted of a vehicle without a plate, "" where nothing."""
    colour = worded(BODY_COLOURS, str(told.get("body_colour", "")), language)
    seen = worded(VEHICLE_CLASSES, str(told.get("body_class", "")), language)
    both = f"{colour}{seen}" if language == "zh" else f"{colour} {seen}".strip()
    return {"zh": f"（{both}）", "en": f" ({both})"}[language] if both else ""


def why_in_words(code: str, words: str, language: str) -> str:
    """Return a guard's reason: that of the code, and the guard's own words behind it; these alone where the code says no more.

    A code that is not ours is one that a site has set: its words stand with it.
    """
    if words and (code == "other" or code not in WHYS):
        return words
    return ("：" if language == "zh" else ": ").join(part for part in (worded(WHYS, code, language), words) if part)
