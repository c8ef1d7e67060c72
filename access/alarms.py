"""Alarms in words: the codes that a gate raises and the inputs that they name, in Chinese and in English."""

from access.words import Words, worded

ALARMS: Words = {
    # the lane and who is in it
    "refer_unanswered": ("有车或人等候，保安未应答", "somebody waits and no guard has answered"),
    "waiting_too_long": ("等候过久", "somebody has waited too long"),
    "tailgating": ("尾随", "tailgating"),
    "loop_without_grant": ("未经放行通过", "somebody passed without a grant"),
    "wrong_way": ("逆行", "a vehicle went the wrong way"),
    "gate_crash": ("闯杆", "a vehicle crashed through the arm"),
    "standing_under_arm": ("杆下有车或人停留", "somebody stands under the arm"),
    "door_held": ("门长时间未关", "a door is held open"),
    "door_forced": ("门被强行打开", "a door was forced open"),
    "interlock_timeout": ("互锁的另一道门迟迟未关", "the other side of the interlock did not close in time"),
    "evacuation": ("紧急疏散", "evacuation"),
    "blocked": ("黑名单车辆或凭证出现", "somebody on the block list is here"),
    "code_forged": ("有人出示伪造或改动过的码", "somebody shows a forged code"),
    "near_blocked": ("疑似黑名单车牌出现", "a plate similar to one on the block list is here"),
    # the arm
    "arm_not_up": ("闸杆未抬起", "the arm did not rise"),
    "arm_not_down": ("闸杆未落下", "the arm did not come down"),
    "cannot_close": ("无法落杆", "the arm cannot be lowered"),
    "arm_down_over_loop": ("地感上有车而闸杆已落下", "the arm is down over an occupied loop"),
    "arm_missing": ("闸杆可能已断落", "the arm seems to be broken off"),
    "will_not_stay_open": ("常开时闸杆仍自行落下", "the arm comes down although the lane is held open"),
    "relay_stuck": ("继电器未释放", "a relay has not let go"),
    "command_failed": ("命令未送达道闸", "a command did not reach the barrier"),
    "safety_violated": ("违反安全规则，车道已停用", "a safety rule was violated: the lane is out of service"),
    # its inputs
    "limits_contradict": ("限位开关矛盾", "the limit switches contradict each other"),
    "loop_stuck": ("地感一直报有车", "a loop is stuck"),
    "loop_chatters": ("地感信号抖动", "a loop chatters"),
    "sensor_failed": ("检测器故障", "a sensor has failed"),
    "safety_blind": ("防砸检测失效", "nothing sees who is under the arm"),
    # sync
    "certificate_ends": ("中心的证书即将到期", "the registry's certificate ends soon"),
    "checkpoint_disputed": ("中心的日志与本机不一致", "the registry's journal is not the one that was written here"),
    # who is at the booth
    "break_glass": ("有人用封存的应急码登录了岗亭", "somebody has signed in at the booth with the sealed code"),
    "wrong_pins": ("登录密码连续输错", "the PIN of a badge was wrong many times in a row"),
    # the program
    "store_failed": ("日志无法写入", "the journal could not be written"),
    "confirmed_late": (
        "磁盘响应过慢，执行时该记录尚未确认写入",
        "the disk was too slow: this was done before its entry was known to be written",
    ),
    "granted_not_confirmed": ("已放行但未确认起杆，请核实", "granted, and not confirmed that the arm rose"),
    # the journal
    "journal_rebuilt": ("日志文件损坏，已隔离并重建", "the journal's file was damaged: it was set aside and made anew"),
    "journal_tail_lost": (
        "日志末尾记录丢失，请核查断电或磁盘",
        "the newest entries of the journal are lost",
    ),
    "journal_restored": ("日志被旧副本替换，已另起新段", "the journal was put back to an earlier state: a new epoch has begun"),
    "journal_cloned": (
        "日志来自其他设备或副本，已另起新段",
        "the journal is a copy, or of another machine: a new epoch has begun",
    ),
    "journal_changed": ("日志与已签名的记录不符", "the journal is not what was signed"),
    "journal_without_log": ("磁盘不支持预写日志，写入变慢", "the file system allows no write-ahead log: writing is slower"),
    "entry_rotten": ("日志中有记录已损坏", "an entry of the journal has rotted"),
    "entry_lost": (
        "一条已损坏的记录无法找回，已声明缺失",
        "an entry has rotted that nobody else has: it is declared lost",
    ),
    "entry_cut": ("一条记录过大，未能完整保存", "an entry was too large: it was written without some of what it should say"),
    "disk_slow": ("磁盘响应过慢，记录延后写入", "the disk is too slow: entries are written later"),
    "disk_bad": ("磁盘读写出错，请尽快更换", "the disk has failed to write: replace it soon"),
    # the machine
    "space_80": ("存储空间已用 80% 以上", "more than 80 % of the space is used"),
    "space_90": ("存储空间已用 90% 以上", "more than 90 % of the space is used"),
    "space_95": ("存储空间已用 95% 以上，请立即清理", "more than 95 % of the space is used: make room at once"),
    "disk_full": ("磁盘已满，正在使用预留空间", "the disk is full: the reserve is in use"),
    "clock_off": ("本机时钟与登记中心相差超过 5 秒", "this machine's clock differs from the registry's by more than 5 s"),
    "clock_behind": ("本机时钟不可信，按推算时间运行", "this machine's clock is not believed: time is reckoned"),
    # the program itself
    "event_failed": ("程序处理出错", "the gate program failed on an event"),
}
# What an alarm or an observation names more closely: an input of a lane, or how it came about.
DETAILS: Words = {
    "arrival_loop": ("触发地感", "arrival loop"),
    "safety_loop": ("防砸地感", "safety loop"),
    "far_loop": ("对面地感", "far loop"),
    "photocell": ("红外对射", "photocell"),
    "open_limit": ("开到位开关", "open limit switch"),
    "closed_limit": ("关到位开关", "closed limit switch"),
    "push_button": ("开闸按钮", "push button"),
    "remote": ("遥控器", "remote control"),
    "exit_button": ("出门按钮", "exit button"),
    "passage_signal": ("通过信号", "passage signal"),
    "disk": ("磁盘空间", "the disk"),
    "inodes": ("文件数量", "the number of files"),
    "journal": ("日志", "the journal"),
    "snapshots": ("规则快照", "snapshots of the rules"),
    "copies": ("备份与隔离文件", "backups and quarantined journals"),
    "close behind": ("紧随前车，中间无间隔", "close behind, with no gap"),
}


def alarm_in_words(code: str, language: str) -> str:
    """Return the words of an alarm in `language` (zh or en); a code of a later version stands for itself."""
    return worded(ALARMS, code, language)


def detail_in_words(code: str, language: str) -> str:
    """Return the words of what an alarm names, such as an input of the lane; anything else stands for itself."""
    return worded(DETAILS, code, language)
