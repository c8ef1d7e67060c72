"""The words that a lane log line is made of: a sentence for every end of a passage, and the phrases that go into them."""

import re

from access.reasons import REASONS
from access.words import Words

# How a passage ended, after a grant or without. `by` is what it was granted on, `had` what was presented beside a plate.
ENDS: Words = {
    "granted passed": ("{who}{by}{came}", "{who} {came}{by}"),
    "granted assumed": (
        "{who}{by}{let}，无检测器可确认，视为已{drove}",
        "{who} was {let}{by} and counts as passed, as no sensor can tell",
    ),
    "granted no_show": ("{who}{by}{let}，但未{drove}", "{who} was {let}{by}, but nobody {drove}"),
    "granted reversed": ("{who}{by}{let}，又倒车退回", "{who} was {let}{by}, but backed out again"),
    "granted not_opened": ("{who}{by}{let}，但闸杆未抬起", "{who} was {let}{by}, but the arm did not rise"),
    "granted interrupted": (
        "{who}{by}{let}，随后程序中断，是否已{drove}不明",
        "{who} was {let}{by}, then the program stopped, and whether {it} {drove} is not known",
    ),
    "granted board_lost": (
        "{who}{by}{let}，随后控制板失联，是否已{drove}不明",
        "{who} was {let}{by}, then the input board was lost, and whether {it} {drove} is not known",
    ),
    "granted unfinished": ("{who}{by}{let}，是否已{drove}不明", "{who} was {let}{by}, and whether {it} {drove} is not known"),
    "passed": ("{who}{had}{came}", "{who}{had} {came}"),
    "no_show": ("闸杆被他人抬起，无人{drove}", "the arm was raised by others, and nobody {drove}"),
    "tailgated": ("{who}{had}尾随前车{came}，未经放行", "{who}{had} {came} without a grant, tailgating the vehicle in front"),
    "unauthorised": ("{who}{had}未经放行，趁闸杆抬起{came}", "{who}{had} {came} without a grant, under an arm that was up"),
    "wrong_way": ("{who}{had}逆行通过", "{who}{had} went through the wrong way"),
    "crashed": ("{who}{had}闯杆{came}", "{who}{had} {came} by crashing through the lowered arm"),
    "left": ("{who}{had}未等判定就离开", "{who}{had} went away before anything was decided"),
    "denied": ("{who}{had}被拒绝{enter}", "{who}{had} was turned away"),
    "unanswered": ("{who}{had}要求{enter}，保安未应答", "{who}{had} asked to {enter}, but no guard answered"),
    "withdrew": (
        "{who}{had}未经放行，车头探到杆下又退回",
        "{who}{had} put its nose under the arm without a grant, then backed out",
    ),
    "door_forced": ("{who}强行打开了门", "{who} forced the door open"),
    "interrupted": (
        "{who}{had}等候时程序中断，去向不明",
        "{who}{had} was waiting when the program stopped, and where {it} went is not known",
    ),
    "board_lost": (
        "{who}{had}等候时控制板失联，去向不明",
        "{who}{had} was waiting when the input board was lost, and where {it} went is not known",
    ),
    "unfinished": ("{who}{had}到过此处，未有判定，去向不明", "{who}{had} was here, undecided, and where {it} went is not known"),
    "": ("{who}{had}：{result}", "{who}{had}: {result}"),
}
DOOR_ENDS: Words = {
    "granted reversed": ("{who}{by}{let}，又退回", "{who} was {let}{by}, but turned back"),
    "granted not_opened": ("{who}{by}{let}，但门未打开", "{who} was {let}{by}, but the door did not open"),
    "tailgated": ("{who}{had}尾随他人{came}，未经放行", "{who}{had} {came} without a grant, tailgating somebody"),
    "unauthorised": ("{who}{had}未经放行，趁门开着{came}", "{who}{had} {came} without a grant, through a door that was open"),
    "crashed": ("{who}{had}闯门通过", "{who}{had} {came} by breaking through the closed door"),
    "withdrew": ("{who}{had}未经放行，走进门内又退回", "{who}{had} stepped into the doorway without a grant, then turned back"),
}
# Words that differ by where it is and which way somebody goes: to enter, came in, let in, drove in.
WAYS: dict[tuple[str, str], Words] = {
    ("vehicle", "in"): {
        "enter": ("进场", "come in"),
        "came": ("进场", "came in"),
        "let": ("获准进场", "let in"),
        "drove": ("驶入", "drove in"),
    },
    ("vehicle", "out"): {
        "enter": ("出场", "go out"),
        "came": ("出场", "went out"),
        "let": ("获准出场", "let out"),
        "drove": ("驶出", "drove out"),
    },
    ("vehicle", "both"): {
        "enter": ("通行", "go through"),
        "came": ("通过", "went through"),
        "let": ("获准通行", "let through"),
        "drove": ("驶过", "drove through"),
    },
    ("pedestrian", "in"): {
        "enter": ("进门", "come in"),
        "came": ("进门", "came in"),
        "let": ("获准进门", "let in"),
        "drove": ("进门", "came in"),
    },
    ("pedestrian", "out"): {
        "enter": ("出门", "go out"),
        "came": ("出门", "went out"),
        "let": ("获准出门", "let out"),
        "drove": ("出门", "went out"),
    },
    ("pedestrian", "both"): {
        "enter": ("通行", "go through"),
        "came": ("通过", "went through"),
        "let": ("获准通行", "let through"),
        "drove": ("通过", "went through"),
    },
}
PHRASES: Words = {
    "named": ("{name} ", "{name}"),
    "named of": ("{name}（{of}）", "{name} ({of})"),
    "vehicle": ("一辆车", "a vehicle"),
    "pedestrian": ("有人", "somebody"),
    "vehicles": ("{count} 辆车", "{count} vehicles"),
    "pedestrians": ("{count} 人", "{count} people"),
    "vehicle and more": ("等 {count} 辆车", " and {more} more"),
    "pedestrian and more": ("等 {count} 人", " and {more} more"),
    "vehicle it": ("该车", "it"),
    "pedestrian it": ("此人", "that person"),
    "by plate": ("凭车牌", " by plate"),
    "by card": ("刷卡 {shown} ", " by card {shown}"),
    "by code": ("扫码 {shown} ", " by code {shown}"),
    "had card": ("刷卡 {shown} ", " presented card {shown} and"),
    "had code": ("扫码 {shown} ", " presented code {shown} and"),
    "stayed": ("（停留 {time}）", " ({time} at the lane)"),
    "vehicle raised": ("{time}后起杆", "arm raised after {time}"),
    "pedestrian raised": ("{time}后开门", "door released after {time}"),
    "waited": ("等待 {time}", "waited {time}"),
    "vehicle stood": ("闸杆开启 {time}", "arm up for {time}"),
    "pedestrian stood": ("门开启 {time}", "door open for {time}"),
    "guard_opened": ("保安{by}手动开闸{because}", "opened by {by}{because}"),
    "guard_admitted": ("保安{by}放行{because}", "let through by {by}{because}"),
    "guard_refused": ("由保安{by}决定{because}", "decided by {by}{because}"),
    "office_opened": ("管理处{by}远程开闸{because}", "opened from afar by {by}{because}"),
    "guard": ("{name}", "guard {name}"),
    "nameless guard": ("", "the guard"),
    "office": ("{name}", "{name} of the office"),
    "nameless office": ("", "the office"),
    "in brackets": ("（{text}）", " ({text})"),
    "alarms": ("；期间告警：{alarms}", "; alarms: {alarms}"),
    "it": ("", "it"),
    "the holder": ("", "the holder"),
    ",": ("，", ", "),
    ":": ("：", ": "),
    ";": ("，", "; "),
    "and": ("、", ", "),
    ".": ("。", "."),
}
MODES: Words = {
    "held_open": ("车道常开", "the lane was held open"),
    "convoy": ("车队通行", "a convoy was let through"),
    "evacuation": ("紧急疏散", "evacuation"),
    "held_closed": ("车道常闭", "the lane was held closed"),
    "out_of_service": ("车道停用", "the lane was out of service"),
}

# What a reason's sentence asks of the guard is no part of what happened.
_ASKED_ZH = re.compile(r"(?:，|(?<=？))请[^，]*$")
_ASKED_EN = re.compile(r"(?:(?<=\?) |: )(?:[Tt]he guard|ask|check) [^:]*$")
CAUSES: Words = {
    **{code: (_ASKED_ZH.sub("", reason.zh), _ASKED_EN.sub("", reason.en)) for code, reason in REASONS.items()},
    "access_ok": ("有权通行", "access level holds"),
    "unread": ("没有读到车牌或卡", "neither plate nor card was read"),
    "no_rules": ("本门当时还没有规则", "this gate had no rules yet"),
}
