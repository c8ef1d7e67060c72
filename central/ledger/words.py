"""The words of the ledger in both languages: its kinds, severities and states, what each finding says, and what tells of it."""

from access.words import Words

KINDS: Words = {
    "double_entry": ("重复进场", "double entry"),
    "pass_used_twice": ("凭证重复使用", "pass used twice"),
    "admitted_after_revocation": ("注销后放行", "admitted after revocation"),
    "over_released": ("超量放行", "over-released"),
    "impossible_movement": ("行踪不可能", "impossible movement"),
    "clock_disagreement": ("时钟不符", "clocks disagree"),
    "uncommitted_opening": ("未先记录的开闸", "opened before it was written"),
    "peer_contradicted": ("邻门所述不实", "a neighbour's word not borne out"),
    "record_contradicted": ("与办理记录矛盾", "contradicts the office's record"),
    "acted_after_revocation": ("停权后办理", "acted after their access ended"),
}
SEVERITIES: Words = {"low": ("一般", "low"), "medium": ("较重", "medium"), "high": ("严重", "high")}
STATES: Words = {"open": ("待签核", "open"), "explained": ("已有解释", "explained since"), "signed": ("已签核", "signed off")}
QUALITIES: Words = {
    "trusted": ("时钟可信", "clock trusted"),
    "drifting": ("时钟可能漂移", "clock may have drifted"),
    "floor": ("仅知不早于此时", "not before this time"),
}

# By kind and `how`: what does not go together.
SUMMARIES: Words = {
    "double_entry two_gates": ("两个大门先后进场，其间没有出场记录", "came in at two gates with no way out between"),
    "double_entry one_gate": ("同一大门两次进场，其间没有出场记录", "came in twice at one gate with no way out between"),
    "pass_used_twice visit": ("共使用 {used} 次，只准 {allowed} 次", "used {used} times in all; it allows {allowed}"),
    "pass_used_twice duplicate": (
        "副证在岗亭尚未交还，又被收存一次",
        "the duplicate was handed in while it hung at a post",
    ),
    "admitted_after_revocation known_age": (
        "{what}已于 {since} {status}，{late}后仍被放行；大门的规则当时是 {age}前确认的（版本 {under}，注销在版本 {revision}）",
        "the {what} was {status} at {since}, let in {late} later by rules confirmed {age} before ({under}, withdrawn {revision})",
    ),
    "admitted_after_revocation revision": (
        "{what}已于 {since} {status}，{late}后仍被放行；大门当时用的是版本 {under}，注销在版本 {revision}",
        "the {what} was {status} at {since} and let in {late} later, by rules of revision {under} (withdrawn: {revision})",
    ),
    "over_released line": (
        "第 {line} 项共放行 {released}，只批准 {approved}",
        "{released} of line {line} went out; {approved} were approved",
    ),
    "over_released line_and_office": (
        "第 {line} 项共放行 {released}（其中 {at_office} 由办理记录登记），只批准 {approved}",
        "{released} of line {line} went out, {at_office} of it by the office's own record; {approved} were approved",
    ),
    "impossible_movement two_gates": (
        "{seconds} 秒之内出现在两个大门，至少需要 {needed} 秒",
        "at two gates within {seconds} s; it takes {needed} s at least",
    ),
    "impossible_movement out_without_in": ("连续两次出场，其间没有进场记录", "went out twice with no way in between"),
    "clock_disagreement off": ("大门时钟相差 {by}", "the gate's clock was off by {by}"),
    "clock_disagreement jumped": ("大门时钟被拨动 {by}", "the gate's clock was set by {by}"),
    "clock_disagreement ahead": ("记录时间比收到时间晚 {by}", "an entry says it was made {by} after it had come in"),
    "clock_disagreement back": ("记录时间比前一条早 {by}", "an entry says it was made {by} before the one ahead of it"),
    "uncommitted_opening uncommitted": ("动作先于记录", "something was decided or moved before it could be written"),
    "uncommitted_opening confirmed_late": ("先开闸，事后才记录", "it was opened first and written afterwards"),
    "uncommitted_opening gap": (
        "开闸之后的记录缺失，是否有人通过不明",
        "what followed an opening is lost: who passed is not known",
    ),
    "peer_contradicted peer": (
        "邻门所述 {count} 项，在它自己的记录中查不到",
        "a neighbour is said to have told {count} facts that its own journal does not have",
    ),
    "record_contradicted record": ("{finding}", "{finding}"),
    "record_contradicted act": ("{what}未能登记：{why}", "{what} is not on record: {why}"),
    "acted_after_revocation guard": (
        "{what} {guard} 已于 {since} {status}，之后仍在岗亭办理 {count} 次",
        "{what} {guard} was {status} at {since} and acted at the booth after that: {count} in all",
    ),
}
# The other side of a story, where no entry of a gate tells it but the registry.
REGISTRY: Words = {
    "admitted_after_revocation": (
        "登记中心：{what}自 {since} 起{status}（规则版本 {revision}）",
        "the registry: the {what} {status} since {since} (rules {revision})",
    ),
    "over_released": ("放行条：第 {line} 项批准 {approved}", "the slip: {approved} approved of line {line}"),
    "pass_used_twice visit": ("访客预约：准用 {allowed} 次", "the visit: good for {allowed} uses"),
    "clock_disagreement": ("登记中心：于 {received} 收到此条记录", "the registry: this entry came in at {received}"),
    "peer_contradicted": ("邻门自己的记录：没有此事", "the neighbour's own journal: has nothing of it"),
    "record_contradicted record": ("办理记录：当时状态为“{state}”", "the office's record: it was {state} then"),
    "record_contradicted act": ("办理记录：没有此事", "the office's record: has nothing of it"),
    "acted_after_revocation": (
        "登记中心：{what} {guard} 自 {since} 起{status}",
        "the registry: {what} {guard} {status} since {since}",
    ),
}
WITHDRAWN: Words = {
    "frozen": ("冻结", "frozen"),
    "lost": ("挂失", "reported lost"),
    "revoked": ("注销", "revoked"),
    "confiscated": ("没收", "confiscated"),
    "returned": ("退还", "returned"),
    "cancelled": ("取消", "cancelled"),
    "refused": ("拒绝", "refused"),
    "deleted": ("删除", "deleted"),
    "expired": ("到期", "expired"),
    "relieved": ("免去班长", "relieved as shift leader"),
}
RECORDS: Words = {
    "card": ("卡", "card"),
    "pass": ("出入证", "pass"),
    "permit": ("装修许可", "permit"),
    "person": ("持有人", "holder"),
    "vehicle": ("车辆", "vehicle"),
    "visit": ("访客预约", "visit"),
    "guard": ("保安", "guard"),
}
# What guards write that is about no record of a workflow.
ACTS: Words = {
    "duty": ("值班日志", "an entry of the duty log"),
    "round": ("巡更记录", "an act of a patrol round"),
    "count": ("人工计数", "a count"),
    "acknowledgement": ("告警确认", "the acknowledgement of an alarm"),
    "vehicle": ("车辆查验", "the check of a vehicle"),
}
NOT_TAKEN: Words = {
    "no_such_guard": ("当时没有这名保安", "there was no such guard then"),
    "begun_already": ("已有同号的记录", "there is one by this id"),
    "unknown_record": ("没有这条记录", "there is no such record"),
    "not_allowed": ("该保安无权办理", "this guard may not"),
    "refused": ("当时已不能办理", "it was not possible any more"),
    "route": ("巡更路线不可用", "the route is not in use"),
    "code": ("此点不在路线上", "the point is not on the round"),
    "at": ("时间不符", "the time does not fit"),
    "corrects": ("要更正的记录不符", "what it corrects does not fit"),
    "nonsense": ("内容不合格式", "it is not in a form of ours"),
    "fault": ("登记中心出错", "a fault of the registry"),
}
# What a gate wrote, where the log has no sentence for it.
ENTRIES: Words = {
    "clock": ("大门判断时钟：{quality}", "the gate judged its clock: {quality}"),
    "gap": ("大门声明记录缺失：{first} 至 {last}", "the gate declared entries lost: {first} to {last}"),
    "command": ("向设备发出命令：{act}", "a command went to a device: {act}"),
    "peer": ("大门记下邻门所述", "the gate wrote down what a neighbour told it"),
    "facts": ("更正在场情况", "who is where was corrected"),
    "pass": ("门岗办理出入证", "a contractor pass was dealt with at the post"),
    "slip": ("门岗办理放行条", "a release slip was dealt with at the gate"),
    "shift": ("门岗办理班次", "a shift was dealt with at the booth"),
    "visit": ("门岗办理访客", "a visit was dealt with at the gate"),
    "incident": ("门岗办理事件", "an incident was dealt with at the booth"),
    "duty": ("门岗写值班日志", "the duty log was written at the booth"),
    "round": ("门岗巡更", "a patrol round was dealt with at the booth"),
    "count": ("门岗人工计数", "somebody was counted at the booth"),
    "acknowledgement": ("门岗确认告警", "an alarm was seen at the booth"),
    "vehicle": ("门岗查验车辆", "a vehicle was checked at the booth"),
    "confirmed_late": ("先开闸，此时才得以记录", "it had been opened before; now it could be written"),
    "": ("大门的一条记录", "an entry of the gate"),
}
COMMANDS: Words = {"open": ("开闸", "open"), "close": ("落杆", "close")}
