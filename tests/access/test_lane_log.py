"""The lane log line: every end of a passage in one sentence of each language, for vehicles and doors."""

import re
import string
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from access.entries import AlarmRaised, Body, Commanded, CommandEnded, Decided, GuardActed, PassageEnded, ReadingTaken, Stamp
from access.lane_log import PassageTold, in_one_sentence, in_time, told_from_entries
from access.reasons import REASONS
from access.results import RESULTS
from access.sealing import Opened
from access.words import LANGUAGES

CAR = PassageTold(
    result="passed",
    medium="plate",
    shown="粤B·12D45",
    plate="粤B·12D45",
    holder="李*",
    unit="3-1201",
    outcome="grant",
    reason="access_ok",
    values={"shown": "粤B·12D45", "holder": "李*", "unit": "3-1201"},
    waited_ms=3000,
    opened_ms=7000,
    took_us=80_000,
)
CARD = replace(CAR, kind="pedestrian", medium="card", shown="…E9AE", plate="", values=dict(CAR.values, shown="…E9AE"))
BLOCKED = PassageTold(
    result="denied",
    medium="plate",
    shown="粤B·66666",
    outcome="deny",
    reason="blocked",
    values={"shown": "粤B·66666", "why": "arrears"},
    waited_ms=12_000,
)
STRANGER = PassageTold(
    result="unanswered",
    medium="plate",
    shown="粤B·99999",
    outcome="refer",
    reason="unknown_refer",
    values={"shown": "粤B·99999", "holder": "", "unit": ""},
    waited_ms=130_000,
)
NOBODY_KNOWN = PassageTold(direction="out")
BY_GUARD = {"why": "visitor", "words": "", "guard": "张*", "shown": "粤B·99999"}

SENTENCES: dict[str, tuple[PassageTold, str, str]] = {
    "a resident by plate": (
        CAR,
        "粤B·12D45（李*，3-1201）凭车牌进场：有权通行，0.08 秒后起杆，等待 3 秒，驶入，闸杆开启 7 秒。",
        (
            "粤B·12D45 (李*, 3-1201) came in by plate: access level holds; arm raised after 0.08 s, waited 3 s, drove in, "
            "arm up for 7 s."
        ),
    ),
    "a resident at a door": (
        CARD,
        "李*（3-1201）刷卡 …E9AE 进门：有权通行，0.08 秒后开门，等待 3 秒，门开启 7 秒。",
        "李* (3-1201) came in by card …E9AE: access level holds; door released after 0.08 s, waited 3 s, door open for 7 s.",
    ),
    "plate and card": (
        replace(CAR, medium="card", shown="…E9AE", direction="out", waited_ms=400),
        "粤B·12D45（李*，3-1201）刷卡 …E9AE 出场：有权通行，0.08 秒后起杆，驶出，闸杆开启 7 秒。",
        "粤B·12D45 (李*, 3-1201) went out by card …E9AE: access level holds; arm raised after 0.08 s, drove out, arm up for 7 s.",
    ),
    "a visitor by code": (
        replace(CAR, plate="", medium="code", shown="…de-1", reason="visit_ok", values={"holder": "李*", "host": "王*"}, unit=""),
        "李* 扫码 …de-1 进场：访客，到访 王*，0.08 秒后起杆，等待 3 秒，驶入，闸杆开启 7 秒。",
        "李* came in by code …de-1: visitor to 王*; arm raised after 0.08 s, waited 3 s, drove in, arm up for 7 s.",
    ),
    "granted, nobody came": (
        replace(CAR, result="no_show", opened_ms=20_000),
        "粤B·12D45（李*，3-1201）凭车牌获准进场，但未驶入：有权通行，0.08 秒后起杆，等待 3 秒，闸杆开启 20 秒。",
        (
            "粤B·12D45 (李*, 3-1201) was let in by plate, but nobody drove in: access level holds; arm raised after 0.08 s, "
            "waited 3 s, arm up for 20 s."
        ),
    ),
    "backed out": (
        replace(CAR, result="reversed"),
        "粤B·12D45（李*，3-1201）凭车牌获准进场，又倒车退回：有权通行，0.08 秒后起杆，等待 3 秒，闸杆开启 7 秒。",
        (
            "粤B·12D45 (李*, 3-1201) was let in by plate, but backed out again: access level holds; arm raised after 0.08 s, "
            "waited 3 s, arm up for 7 s."
        ),
    ),
    "the arm did not rise": (
        replace(CAR, result="not_opened", opened_ms=0, alarms=("arm_not_up",)),
        "粤B·12D45（李*，3-1201）凭车牌获准进场，但闸杆未抬起：有权通行，等待 3 秒。",
        "粤B·12D45 (李*, 3-1201) was let in by plate, but the arm did not rise: access level holds; waited 3 s.",
    ),
    "nothing can see who goes through": (
        replace(CAR, result="assumed", waited_ms=0, opened_ms=0),
        "粤B·12D45（李*，3-1201）凭车牌获准进场，无检测器可确认，视为已驶入：有权通行，0.08 秒后起杆。",
        (
            "粤B·12D45 (李*, 3-1201) was let in by plate and counts as passed, as no sensor can tell: access level holds; "
            "arm raised after 0.08 s."
        ),
    ),
    "the program stopped after the grant": (
        replace(CAR, result="interrupted", waited_ms=0, opened_ms=0, took_us=0, alarms=("granted_not_confirmed",)),
        "粤B·12D45（李*，3-1201）凭车牌获准进场，随后程序中断，是否已驶入不明：有权通行。",
        (
            "粤B·12D45 (李*, 3-1201) was let in by plate, then the program stopped, and whether it drove in is not known: "
            "access level holds."
        ),
    ),
    "the program stopped before a decision": (
        replace(NOBODY_KNOWN, result="interrupted"),
        "一辆车等候时程序中断，去向不明。",
        "A vehicle was waiting when the program stopped, and where it went is not known.",
    ),
    "the board was lost": (
        replace(CARD, result="board_lost", waited_ms=0, opened_ms=0),
        "李*（3-1201）刷卡 …E9AE 获准进门，随后控制板失联，是否已进门不明：有权通行，0.08 秒后开门。",
        (
            "李* (3-1201) was let in by card …E9AE, then the input board was lost, and whether that person came in is not known: "
            "access level holds; door released after 0.08 s."
        ),
    ),
    "blocked": (
        BLOCKED,
        "粤B·66666 被拒绝进场（停留 12 秒）：在黑名单：arrears。",
        "粤B·66666 was turned away (12 s at the lane): it is on the block list: arrears.",
    ),
    "a lost card": (
        replace(
            CARD, result="denied", outcome="deny", reason="inactive", values={"subject": "…E9AE", "status": "lost"}, holder=""
        ),
        "3-1201 刷卡 …E9AE 被拒绝进门（停留 3 秒）：状态为“已挂失”，不可用。",
        "3-1201 presented card …E9AE and was turned away (3 s at the lane): it is reported lost and cannot be used.",
    ),
    "a stranger whom no guard answered": (
        replace(STRANGER, alarms=("refer_unanswered", "waiting_too_long")),
        "粤B·99999 要求进场，保安未应答（停留 2 分 10 秒）：未登记；期间告警：等候过久。",
        (
            "粤B·99999 asked to come in, but no guard answered (2 min 10 s at the lane): it is not known here; "
            "alarms: somebody has waited too long."
        ),
    ),
    "nothing read": (
        replace(NOBODY_KNOWN, result="unanswered", outcome="refer", reason="unread", waited_ms=5000, medium="none"),
        "一辆车要求出场，保安未应答（停留 5 秒）：没有读到车牌或卡。",
        "A vehicle asked to go out, but no guard answered (5 s at the lane): neither plate nor card was read.",
    ),
    "a question, not a statement": (
        replace(STRANGER, reason="inside_already", values={"shown": "粤B·99999", "since": "08:00"}, waited_ms=0),
        "粤B·99999 要求进场，保安未应答：记录为已在场内（自 08:00），套牌或漏记出场？",
        (
            "粤B·99999 asked to come in, but no guard answered: it is on record as inside since 08:00: "
            "a cloned plate or a missed exit?"
        ),
    ),
    "the candidate is named": (
        replace(STRANGER, reason="similar", values=dict(CAR.values, shown="粤B·99999", near="粤B·99998"), waited_ms=0),
        "粤B·99999 要求进场，保安未应答：与 粤B·99998（李*，3-1201）相似但不相同。",
        "粤B·99999 asked to come in, but no guard answered: it is similar to 粤B·99998 (李*, 3-1201), not equal.",
    ),
    "went away": (
        replace(NOBODY_KNOWN, result="left", waited_ms=8000),
        "一辆车未等判定就离开（停留 8 秒）。",
        "A vehicle went away before anything was decided (8 s at the lane).",
    ),
    "let in by the guard": (
        replace(
            STRANGER,
            result="passed",
            outcome="grant",
            reason="guard_admitted",
            values=BY_GUARD,
            took_us=1_000_000,
            opened_ms=6400,
        ),
        "粤B·99999 进场：保安张*放行（访客，被访人已同意），1 秒后起杆，等待 2 分 10 秒，驶入，闸杆开启 6.4 秒。",
        (
            "粤B·99999 came in: let through by guard 张* (visitor, host has agreed); arm raised after 1 s, waited 2 min 10 s, "
            "drove in, arm up for 6.4 s."
        ),
    ),
    "opened once by the guard, both ways": (
        replace(NOBODY_KNOWN, result="passed", direction="both", outcome="grant", reason="guard_opened", values={"why": "test"}),
        "一辆车通过：保安手动开闸（测试或维修），驶过。",
        "A vehicle went through: opened by the guard (test or repair); drove through.",
    ),
    "refused by the guard": (
        replace(
            STRANGER, result="denied", outcome="deny", reason="guard_refused", values=dict(BY_GUARD, why="other", words="醉酒")
        ),
        "粤B·99999 被拒绝进场（停留 2 分 10 秒）：由保安张*决定（醉酒）。",
        "粤B·99999 was turned away (2 min 10 s at the lane): decided by guard 张* (醉酒).",
    ),
    "tailgating": (
        replace(NOBODY_KNOWN, result="tailgated", waited_ms=2000, alarms=("tailgating",)),
        "一辆车尾随前车出场，未经放行。",
        "A vehicle went out without a grant, tailgating the vehicle in front.",
    ),
    "tailgating, and read": (
        replace(STRANGER, result="tailgated", alarms=("tailgating", "arm_not_down")),
        "粤B·99999 尾随前车进场，未经放行：未登记；期间告警：闸杆未落下。",
        (
            "粤B·99999 came in without a grant, tailgating the vehicle in front: it is not known here; "
            "alarms: the arm did not come down."
        ),
    ),
    "tailgating at a door": (
        replace(NOBODY_KNOWN, kind="pedestrian", direction="in", result="tailgated"),
        "有人尾随他人进门，未经放行。",
        "Somebody came in without a grant, tailgating somebody.",
    ),
    "under a raised arm": (
        replace(NOBODY_KNOWN, direction="in", result="unauthorised"),
        "一辆车未经放行，趁闸杆抬起进场。",
        "A vehicle came in without a grant, under an arm that was up.",
    ),
    "wrong way": (replace(NOBODY_KNOWN, result="wrong_way"), "一辆车逆行通过。", "A vehicle went through the wrong way."),
    "gate crash": (
        replace(BLOCKED, result="crashed", alarms=("gate_crash", "arm_missing")),
        "粤B·66666 闯杆进场：在黑名单：arrears；期间告警：闸杆可能已断落。",
        (
            "粤B·66666 came in by crashing through the lowered arm: it is on the block list: arrears; "
            "alarms: the arm seems to be broken off."
        ),
    ),
    "a nose under the arm": (
        replace(NOBODY_KNOWN, result="withdrew", waited_ms=4000),
        "一辆车未经放行，车头探到杆下又退回（停留 4 秒）。",
        "A vehicle put its nose under the arm without a grant, then backed out (4 s at the lane).",
    ),
    "door forced": (
        replace(NOBODY_KNOWN, kind="pedestrian", result="door_forced", alarms=("door_forced",)),
        "有人强行打开了门。",
        "Somebody forced the door open.",
    ),
    "held open": (
        replace(NOBODY_KNOWN, direction="in", result="passed", by_mode="held_open"),
        "一辆车进场：车道常开。",
        "A vehicle came in: the lane was held open.",
    ),
    "a convoy": (
        replace(NOBODY_KNOWN, result="passed", by_mode="convoy", vehicles=5),
        "5 辆车出场：车队通行。",
        "5 vehicles went out: a convoy was let through.",
    ),
    "a convoy behind one who was read": (
        replace(CAR, by_mode="convoy", vehicles=4, took_us=0, opened_ms=0, waited_ms=0),
        "粤B·12D45（李*，3-1201）等 4 辆车凭车牌进场：有权通行，驶入。",
        "粤B·12D45 (李*, 3-1201) and 3 more came in by plate: access level holds; drove in.",
    ),
    "people in an evacuation": (
        replace(NOBODY_KNOWN, kind="pedestrian", result="passed", by_mode="evacuation", vehicles=9),
        "9 人出门：紧急疏散。",
        "9 people went out: evacuation.",
    ),
    "in the ordinary mode, unread": (
        replace(NOBODY_KNOWN, result="unfinished", by_mode="normal"),
        "一辆车到过此处，未有判定，去向不明。",
        "A vehicle was here, undecided, and where it went is not known.",
    ),
    "all that named somebody is erased": (
        replace(BLOCKED, shown="", values={}),
        "一辆车被拒绝进场（停留 12 秒）：在黑名单：—。",
        "A vehicle was turned away (12 s at the lane): it is on the block list: —.",
    ),
    "of a later version": (
        PassageTold(medium="plate", shown="粤B·12D45", result="levitated", outcome="grant", reason="wings"),
        "粤B·12D45：levitated：wings。",
        "粤B·12D45: levitated: wings.",
    ),
}


@pytest.mark.parametrize("case", SENTENCES)
def test_a_passage_is_told_in_one_sentence(case: str) -> None:
    told, chinese, english = SENTENCES[case]
    assert in_one_sentence(told, "zh") == chinese
    assert in_one_sentence(told, "en") == english


def test_every_result_has_its_sentence() -> None:
    assert {told.result for told, _, _ in SENTENCES.values()} >= RESULTS.keys()


VALUES: dict[str, Any] = dict.fromkeys(
    {name for reason in REASONS.values() for _, name, _, _ in string.Formatter().parse(reason.zh) if name} - {"near"}, "7"
) | {"status": "lost", "vehicle_class": "car", "seen_class": "large", "cause": "mover", "missing": "card"}


MISFITS = {
    "zh": r"—|[{}]|  |[一-鿿）][,:;]|，，|：[ ，的]|[，：；]。$|请",
    "en": r"—|[{}]|  |, ,|:[^ ]|[,:;] ?\.$|[Tt]he guard decides|: the holder, ",
}


@pytest.mark.parametrize("code", REASONS)
@pytest.mark.parametrize("told", [CAR, CARD], ids=["car", "card"])
def test_every_reason_fits_behind_the_head(told: PassageTold, code: str) -> None:
    near = {"near": "粤B·12045"} if "{near}" in REASONS[code].zh else {}
    values = VALUES | dict(told.values) | {"subject": told.shown} | near
    result = {"grant": "passed", "deny": "denied", "refer": "unanswered"}[REASONS[code].outcome]
    for language in LANGUAGES:
        text = in_one_sentence(replace(told, outcome=REASONS[code].outcome, reason=code, values=values, result=result), language)
        assert not re.search(MISFITS[language], text), text
        assert text.count("李*") == (2 if "{who}" in REASONS[code].zh and near else 1)


@pytest.mark.parametrize("result", RESULTS)
@pytest.mark.parametrize("kind", ["vehicle", "pedestrian"])
@pytest.mark.parametrize("direction", ["in", "out", "both", ""])
def test_whatever_is_missing_a_sentence_is_a_sentence(result: str, kind: str, direction: str) -> None:
    for outcome in ("grant", "deny", "refer", ""):
        told = PassageTold(kind=kind, direction=direction, result=result, outcome=outcome)
        assert re.fullmatch(r"[^ {}A-Za-z][^{}A-Za-z]*[^ ,:;]。", in_one_sentence(told, "zh"))
        assert re.fullmatch(r"[A-Z][^{}一-鿿]*[^ ,:;]\.", in_one_sentence(told, "en"))


@pytest.mark.parametrize(
    ("milliseconds", "zh", "en"),
    [
        (0.2, "0.01 秒", "0.01 s"),
        (80, "0.08 秒", "0.08 s"),
        (994, "0.99 秒", "0.99 s"),
        (996, "1 秒", "1 s"),
        (3000, "3 秒", "3 s"),
        (6420, "6.4 秒", "6.4 s"),
        (9960, "10 秒", "10 s"),
        (59_600, "1 分", "1 min"),
        (130_000, "2 分 10 秒", "2 min 10 s"),
        (3_600_000, "1 小时", "1 h"),
        (3_900_000, "1 小时 5 分", "1 h 5 min"),
    ],
)
def test_lengths_of_time(milliseconds: float, zh: str, en: str) -> None:
    assert in_time(milliseconds, "zh") == zh
    assert in_time(milliseconds, "en") == en


def opened(*bodies: Body) -> list[Opened]:
    edge = UUID(int=1)
    facts = [{name: getattr(body, name) for name in body.__dataclass_fields__} for body in bodies]
    return [
        Opened(edge, edge, seq, UUID(int=seq), Stamp(0, 0), body.kind, "in-1", "p1", fields)
        for seq, (body, fields) in enumerate(zip(bodies, facts, strict=True), 1)
    ]


def decision(outcome: str, reason: str, medium: str = "plate", text: str = "粤B12D45", **more: Any) -> Decided:
    return Decided(outcome, reason, medium, "camera-in", 7, "in", text=text, **more)


def test_the_office_tells_what_the_gate_told() -> None:
    entries = opened(
        ReadingTaken("camera-in", "plate", text="粤B12D45"),
        decision("grant", "access_ok", holder="李*", unit="3-1201", values=CAR.values),
        Commanded("io", "open", "e1", "c1"),
        CommandEnded("io", "c1", ok=True, took_us=80_000),
        CommandEnded("io", "c2", ok=True),
        PassageEnded("passed", "in", 1, 7000, 3000, text="粤B12D45", plate="粤B12D45"),
    )
    assert told_from_entries(entries, "vehicle") == CAR


def test_what_a_guard_decided_keeps_what_was_presented() -> None:
    entries = opened(
        decision("refer", "unknown_refer"),
        AlarmRaised("refer_unanswered"),
        AlarmRaised("refer_unanswered"),
        GuardActed("admit", "visitor", "g1", "r1", guard_name="张*"),
        decision("grant", "guard_admitted", "guard", values=BY_GUARD),
        PassageEnded("no_show", "in"),
        AlarmRaised("arm_not_down"),
    )
    told = told_from_entries(entries, "vehicle")
    assert told is not None
    assert (told.medium, told.shown, told.reason) == ("plate", "粤B·12D45", "guard_admitted")
    assert in_one_sentence(told, "en") == (
        "粤B·12D45 was let in, but nobody drove in: let through by guard 张* (visitor, host has agreed); "
        "alarms: somebody waits and no guard has answered."
    )


def test_a_passage_under_way_has_no_sentence_yet() -> None:
    assert told_from_entries(opened(decision("grant", "access_ok")), "vehicle") is None


def test_a_passage_of_erased_entries_still_has_its_sentence() -> None:
    entries = [
        replace(entry, fields={name: value for name, value in entry.fields.items() if name not in ("text", "values", "holder")})
        for entry in opened(decision("deny", "blocked"), PassageEnded("denied", "in", vehicles=0))
    ]
    told = told_from_entries(entries, "vehicle")
    assert told is not None
    assert in_one_sentence(told, "zh") == "一辆车被拒绝进场：在黑名单：—。"
