"""Why something may not be done, and what is found wrong afterwards: stable codes, each with its sentence in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any
from uuid import UUID

from access.words import Words, in_words, worded
from access.workflows.words import EVENTS, STATES, WORDS


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an event may not be: a code of REFUSALS and the values of its sentence."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """What was wrong with a fact that is kept all the same: a code of FINDINGS, and the refusal that it should have met."""

    code: str
    values: Mapping[str, Any]
    fact: UUID
    refusal: str


REFUSALS: Words = {
    # any record
    "not_now": ("当前状态为“{state}”，不能办理“{event}”", "{event} is not possible while it is {state}"),
    "not_due": ("时间还没有到", "its time has not come"),
    "reason_missing": ("请填写原因", "a reason is needed"),
    "text_too_long": ("文字超过 {limit} 个字符", "a text is longer than {limit} characters"),
    "too_many_items": ("超过 {limit} 项", "there are more than {limit} items"),
    "office_only": ("只有物业管理处可以办理", "only the property office may do this"),
    "leader_only": ("只有班长可以办理", "only the shift leader may do this"),
    "papers_missing": ("缺少材料：{missing}", "papers are missing: {missing}"),
    "number_not_new": ("新编号不能与原编号 {number} 相同", "the new number must differ from {number}"),
    "wrong_gate": ("只能在 {gates} 使用", "valid only at {gates}"),
    "not_responsible": ("{who} 不是装修负责人", "{who} is not the responsible person"),
    "renewed_too_late": ("已到期，不能再续期", "it has ended and cannot be renewed any more"),
    # visit
    "category_turned_away": ("“{category}”谢绝进入", "{category}: not let in here"),
    "not_the_host": ("{who} 不是被访人或其代理人", "{who} is neither the host nor a deputy"),
    "no_standing_rule": (
        "{category}没有可代替被访人答复的长期规定",
        "no standing rule of the site stands for the host of this kind of visitor: {category}",
    ),
    "visit_not_approved": ("访客预约尚未批准", "the visit is not approved"),
    "visit_refused": ("被访人不同意来访", "the visit was refused"),
    "visit_cancelled": ("预约已取消", "the visit was cancelled"),
    "visit_not_yet": ("自 {from} 起才有效", "the visit is valid only from {from}"),
    "visit_over": ("预约已于 {until} 结束", "the visit ended at {until}"),
    "visit_over_now": ("预约时间已过", "the time of the visit is over"),
    "visit_used_up": ("来访次数（{uses} 次）已用完", "the visit was good for {uses} entries, and all are used"),
    "party_full": ("同行 {party} 人，已有 {inside} 人在场", "{inside} of the party of {party} are inside already"),
    "obligations_open": ("还须：{missing}", "still to do: {missing}"),
    "more_left_than_inside": ("在场只有 {inside} 人", "only {inside} are inside"),
    "card_lent_already": ("访客卡 {card} 已借出", "visitor card {card} is lent already"),
    "card_not_lent": ("访客卡 {card} 没有借出", "visitor card {card} was not lent here"),
    # permit and pass
    "application_incomplete": ("申请不完整：{missing}", "the application lacks: {missing}"),
    "fees_not_noted": ("费用与押金尚未登记", "fees and deposit are not noted"),
    "fees_missing": ("请填写费用或押金的情况", "say what was settled of fees or deposit"),
    "application_over": ("申请的施工期已于 {until} 结束", "what is applied for ended at {until}"),
    "permit_not_yet": ("装修许可自 {from} 起才有效", "the permit is valid only from {from}"),
    "permit_not_in_force": ("装修许可{permit_state}，不能进场", "the renovation permit is not in force: {permit_state}"),
    "pass_not_active": ("出入证尚未领取", "the pass was not handed over yet"),
    "pass_lost": ("出入证已挂失", "the pass was reported lost"),
    "pass_confiscated": ("出入证已没收", "the pass was confiscated"),
    "pass_expired": ("出入证已过期，请没收", "the pass has expired: confiscate it"),
    "pass_returned": ("出入证已退还", "the pass was returned"),
    "pass_revoked": ("出入证已注销", "the pass was revoked"),
    "pass_not_valid_now": ("出入证有效期为 {from} 至 {until}", "the pass is valid from {from} until {until}"),
    "unit_not_permitted": ("许可已不包括 {units}", "the permit does not cover {units} any more"),
    "outside_hours": ("不在施工时间内", "it is outside the working hours"),
    "too_many_workers": ("在场工人已达许可人数", "as many workers are inside as the permit allows"),
    "violation_outstanding": ("有未处理的违规：{what}", "a violation is outstanding: {what}"),
    "duplicate_missing": ("只有正证，没有副证", "the original is shown without its duplicate"),
    "duplicate_of_another": (
        "正证 {original} 与副证 {duplicate} 不符",
        "original {original} and duplicate {duplicate} do not match",
    ),
    "already_inside": ("副证已在 {post}，持证人应在场内", "the duplicate hangs at {post}: the holder should be inside"),
    "duplicate_in_transfer": ("副证还在 {post}，尚未转回", "the duplicate is still on its way from {post}"),
    "duplicate_still_held": ("副证还在 {post}", "the duplicate still hangs at {post}"),
    "duplicate_elsewhere": ("副证在 {post}，请从该岗离开", "the duplicate hangs at {post}: leave there"),
    "duplicate_not_expected": ("{post} 有此副证，记录中没有", "the duplicate hangs at {post}, where none is recorded"),
    "duplicate_not_on_board": ("{post} 没有此副证，记录中有", "no duplicate hangs at {post}, where one is recorded"),
    "count_as_expected": ("{post} 的清点与记录相符", "the count at {post} is as recorded"),
    "not_inside": ("没有进场记录", "no entry is recorded"),
    "not_in_transfer": ("副证不在转交途中", "the duplicate is not in transfer"),
    # release slip
    "slip_empty": ("放行条没有物品", "the slip has no lines"),
    "not_authorised": ("授权书不含 {who} 或这些物品", "the authorisation does not cover {who} or these goods"),
    "own_request": ("不能审批自己的申请", "nobody approves an own request"),
    "no_review_due": ("没有待复核的夜间放行", "no night approval waits for a review"),
    "slip_not_approved": ("放行条尚未批准", "the slip is not approved"),
    "slip_not_presented": ("请先出示放行条", "the slip must be presented first"),
    "slip_over": ("放行条已于 {until} 失效", "the slip ended at {until}"),
    "slip_over_now": ("放行条已失效", "the slip's day is over"),
    "slip_used_up": ("放行条上的物品已全部放行", "everything on the slip has gone out"),
    "slip_held": ("物品不符，放行条暂扣", "the slip is held: the goods do not match"),
    "slip_collected": ("放行条已收回", "the slip was collected"),
    "slip_corrected": ("放行条已由新单代替", "a corrected slip stands for this one"),
    "slip_cancelled": ("放行条已作废", "the slip was cancelled"),
    "issuer_checks": ("签发人不能核对放行", "who issues is not who checks"),
    "carrier_missing": ("请登记搬运人", "the carrier must be named"),
    "other_vehicle": ("放行条只限车辆 {plates}", "the slip names other vehicles: {plates}"),
    "line_unknown": ("放行条没有第 {line} 项", "the slip has no line {line}"),
    "over_released": ("第 {line} 项只剩 {left}", "only {left} is left of line {line}"),
    "mismatch_missing": ("请说明哪里不符", "say what does not match"),
    "review_missing": ("请填写复核意见", "the review says nothing"),
    # card
    "holder_missing": ("请登记持有人", "a holder must be named"),
    "permit_unbound": ("停车证须登记车牌或车架号", "a parking permit needs a plate or frame number"),
    "not_later": ("新的到期日必须晚于 {until}", "the new end must be later than {until}"),
    "not_reusable": ("{kind}不能重复使用", "{kind}: not for another holder"),
    # key
    "due_back_missing": ("请填写晚于现在的归还时间", "say until when it is lent: a time that is not over"),
    # vehicle presence
    "entry_while_inside": ("记录中车辆已在场内：疑似套牌或漏记出场", "recorded as inside: a cloned plate, or a missed exit"),
    "exit_without_entry": ("没有进场记录", "no entry is recorded"),
    "load_unchecked": ("车辆装货（{why}），须先核对放行", "the vehicle loads ({why}): its load must be checked first"),
    # shift
    "not_rostered": ("本班应由 {who} 当值", "the shift is that of {who}"),
    "sheet_incomplete": ("交接单缺少：{missing}", "the sheet lacks: {missing}"),
    "item_unknown": ("交接单没有“{item}”", "the sheet has no item {item}"),
    "item_not_open": ("“{item}”没有待定事项", "nothing is open on {item}"),
    "item_open": ("“{item}”已待班长决定", "{item} waits for the leader's decision already"),
    "signed_already": ("此处已签字", "this is signed already"),
    "items_unchecked": ("尚未核对：{missing}", "not looked at yet: {missing}"),
    "items_undecided": ("待班长决定：{missing}", "the leader must decide first: {missing}"),
    "difference_unexplained": ("“{item}”与记录不符，请说明", "{item} differs from the record: say why"),
    "signs_twice": ("同一人不能签两次", "one person cannot sign twice"),
    # incident
    "text_missing": ("请填写内容", "the entry says nothing"),
    "entry_exists": ("此条已登记", "the entry is there already"),
    "entry_unknown": ("被更正的记录不存在", "the entry to correct is not there"),
    # rules change
    "draft_changed": ("草案已改，须重新试算", "the draft has changed: try it again"),
    "protected_denied": ("{number} 次受保护的通行将被拒绝", "{number} passages of a protected class would be denied"),
    "second_person_needed": ("须由另一人批准", "a second person must approve"),
    "trial_too_short": ("须先用最近 {days} 天的记录试算", "try it on the last {days} days first"),
    "trial_too_old": ("试算已超过 {days} 天，须重新试算", "the trial is more than {days} days old: try it again"),
    "revision_not_newer": ("版本号必须大于 {revision}", "the revision must be above {revision}"),
    "not_earlier": ("只能恢复到版本 {revision} 之前", "only a revision before {revision} can be restored"),
    "other_revision": ("不是版本 {revision}", "it is not revision {revision}"),
    "gate_not_awaited": ("{gate} 不在待安装之列", "{gate} is not awaited"),
}

FINDINGS: Words = {
    "out_of_order": ("状态为“{state}”时记录了“{event}”", "{event} was recorded while it was {state}"),
    "admitted_after_revocation": ("注销或取消之后仍被放行", "admitted after revocation"),
    "admitted_outside_window": ("在有效时间之外被放行", "admitted outside the allowed time"),
    "admitted_unapproved": ("未经批准被放行", "admitted without approval"),
    "pass_used_twice": ("同一凭证使用了两次", "pass used twice"),
    "left_without_entry": ("出场人数多于进场人数", "more left than had come in"),
    "duplicate_held_twice": ("副证已在岗亭，又被收存一次", "a duplicate was handed in while it hung at a post"),
    "duplicate_given_back_unheld": ("副证不在岗亭，却被交还", "a duplicate was given back that hung nowhere"),
    "left_by_other_post": ("从另一岗离开，副证在转交途中", "left by another post: the duplicate is in transfer"),
    "duplicate_count_differs": ("清点副证与记录不符", "the duplicates counted differ from the record"),
    "over_released": ("放行数量超出", "over-released"),
    "released_after_revocation": ("放行条作废、更正或暂扣之后仍放行", "released on a slip that was cancelled, corrected or held"),
    "released_outside_window": ("放行条失效之后仍放行", "released after the slip's day was over"),
    "released_unapproved": ("未经批准放行物品", "goods released without approval"),
    "shown_after_end": ("放行条用完、收回、作废或失效之后再次出示", "a slip was shown after its end"),
    "issued_twice": ("同一编号发给了两位持有人", "one number was issued to two holders"),
    "entry_while_inside": ("在场内又有进场：疑似套牌或漏记出场", "entered while inside: a cloned plate, or a missed exit"),
    "exit_without_entry": ("有出无入", "exit without entry"),
    "load_unchecked": ("装货车辆未经核对出场", "a loading vehicle left unchecked"),
}


def refusal_sentence(refusal: Refusal, language: str, zone: tzinfo = UTC) -> str:
    """Return a refusal in words of `language` (zh or en), times on the clock of `zone`."""
    return _sentence(REFUSALS, refusal.code, refusal.values, language, zone)


def finding_sentence(finding: Finding, language: str, zone: tzinfo = UTC) -> str:
    """Return a finding in words of `language`, with what should have stopped it behind where that says more."""
    found = _sentence(FINDINGS, finding.code, finding.values, language, zone)
    if finding.refusal in {"not_now", finding.code}:
        return found
    stopped = _sentence(REFUSALS, finding.refusal, finding.values, language, zone)
    return f"{found}：{stopped}" if language == "zh" else f"{found}: {stopped}"


def _sentence(sentences: Words, code: str, values: Mapping[str, Any], language: str, zone: tzinfo) -> str:
    workflow = STATES.get(str(values.get("workflow")), {})
    codes = {"state": workflow, "event": EVENTS, "permit_state": STATES["permit"]}
    told = {name: _told(value, codes.get(name, WORDS), language, zone) for name, value in values.items()}
    return in_words(sentences, code, told, language)


def _told(value: Any, words: Words, language: str, zone: tzinfo) -> str:
    """Return one value in words: a time, a code, or a list of them."""
    if isinstance(value, datetime):
        return f"{value.astimezone(zone):%Y-%m-%d %H:%M}"
    if isinstance(value, tuple):
        return ("、" if language == "zh" else ", ").join(_told(item, words, language, zone) for item in value)
    return worded(words, str(value), language)
