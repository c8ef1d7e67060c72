"""What the registry says no with, in Chinese: by the English template as it stands where the refusal is made."""

from collections.abc import Mapping
from typing import Any

Catalogue = Mapping[str, str]

_ANY_REQUEST: Catalogue = {
    "there is nothing at this address": "没有此地址",
    "this address does not take this method": "此地址不支持该请求方法",
    "the body cannot be read": "请求内容无法读取",
    "the body is over {limit} bytes": "请求内容超过 {limit} 字节",
    "read the record first and send its ETag in If-Match": "请先读取此记录,再用 If-Match 送回它的 ETag",
    "this conflicts with another record, or one that it refers to is gone": "与其他记录冲突,或所引用的记录已不存在",
    "the database cannot be reached now": "暂时无法访问数据库",
    "a fault of the registry; it has been written down": "登记中心内部故障,已记录",
    "this was not understood": "无法理解此请求",
    "the request has a text or number that cannot be kept": "请求中有无法保存的文字或数字",
}

_USERS: Catalogue = {
    "sign in first": "请先登录",
    "the role {role} may not do this": "{role}无权办理",
    "this form is not of your session: load the page again": "表单不属于当前登录,请重新打开页面",
    "this form is of another site": "表单来自其他网站",
    "there is a user of this name already": "已有同名用户",
    "there is no user {name}": "没有用户 {name}",
    "too many wrong passwords: wait a little": "密码错误次数过多,请稍后再试",
    "name or password is wrong": "用户名或密码错误",
    "this link has been used or has run out": "此链接已使用或已过期",
    "a password has at least {length} characters": "密码至少 {length} 个字符",
    "the role is one of {roles}": "角色只能是:{roles}",
}

_RECORDS: Catalogue = {
    "somebody has changed this meanwhile: look at the difference and send it again": "此记录已被他人修改,请核对差异后重新提交",
    "this key was used for another request": "此幂等键已用于另一请求",
    "a reason is up to 200 characters that can be printed, percent-encoded": "原因至多 200 个可显示字符,须经百分号编码",
    "there is no such record in {table}": "没有此{table}记录",
    "there is no such record in {table} of this site": "本小区没有此{table}记录",
    "there is no such site": "没有此小区",
    "there is no site {site}": "没有小区 {site}",
    "who is bound to one site cannot create others": "只管一个小区的用户不能新建小区",
    "another record of the site has this number": "本小区已有此编号的记录",
    "a record cannot move to another site": "记录不能移到其他小区",
    "it would end before it begins": "结束时间不能早于或等于开始时间",
    "another record of the site has the same key": "本小区已有相同编号或名称的记录",
    "other records still refer to it": "仍有其他记录引用它",
    "another site has this slug": "已有小区使用此代号",
    "the site still has records": "小区内仍有记录",
    "another gate of the site has this slug": "本小区已有大门使用此代号",
    "another lane of the gate has this slug": "此大门已有车道使用此代号",
    "a lane cannot move to another gate": "车道不能移到其他大门",
    "another schedule of the site has this name": "本小区已有同名时间计划",
    "another level of the site has this name": "本小区已有同名权限组",
    "it is on the block list already": "已在黑名单中",
    "another vehicle of the site has this plate": "本小区已有车辆登记此车牌",
    "another card of the site has this number": "本小区已有此卡号",
    "the gate still has lanes or edges": "大门仍有车道或边缘端",
    "an access level still opens the lane": "仍有权限组包含此车道",
    "an access level still uses the schedule": "仍有权限组使用此时间计划",
    "persons still hold the level": "仍有人员持有此权限组",
    "the person still holds vehicles or cards": "此人名下仍有车辆或卡",
    "another guard of the site has this badge": "本小区已有保安使用此工号",
    "a new guard needs a PIN": "新保安须设置密码",
    "a PIN is digits only": "保安密码只能是数字",
}

# What the text of a ValueError says of a field.
_VALUES: Catalogue = {
    "has characters that cannot be printed": "含有无法显示的字符",
    "is no time of these centuries": "年份超出范围",
    "a permit's window ends before it begins": "许可的结束时间早于开始时间",
    "a visit's window ends before it begins": "来访的结束时间早于开始时间",
    "a quantity is above 0": "数量必须大于 0",
    "a trip carries something": "每次放行至少有一项物品",
    "is no IANA time zone": "不是有效的时区名称(如 Asia/Shanghai)",
    "is no plate": "不是车牌号",
    "a card has either a number (raw) or a code": "卡号(raw)与码(code)须且只能填一项",
    "a card number has 1..16 bytes and at most 8 bits a byte": "卡号为 1 至 16 字节,位数不能超过字节数的 8 倍",
    "a block is of either a plate or a card (raw)": "黑名单须且只能填车牌或卡号(raw)中的一项",
    "minutes are for hold_open and convoy": "只有常开和车队放行可填分钟数",
    "a direction is for direct": "只有设定方向时可填方向",
}

_LOG_AND_COMMANDS: Catalogue = {
    "there is no such entry": "没有此通行记录",
    "there is no such picture": "没有此抓拍图",
    "nothing is parked there": "该处没有待处理的记录",
    "a card is searched by its number in hex or by the ten digits printed on it": "请按十六进制卡号或卡面 10 位数字查询",
    "the gate does not answer, and enough commands wait for it: call the booth": "门岗没有应答,待执行的指令已满,请致电岗亭",
    "this command has expired": "指令已过期",
    "this command was given to another claim": "指令已被领取",
    "this command was not claimed": "指令尚未领取",
    "there is no such command for this gate": "此大门没有该指令",
    "the result is of another command": "结果属于另一条指令",
}

_EDGES: Catalogue = {
    "there is no such edge": "没有此边缘端",
    "there is no edge {name}": "没有边缘端 {name}",
    "several edges are called {name}: name one by its id: {ids}": "有多个边缘端名为 {name},请用编号指明:{ids}",
    "{name} is {status}: let it make a new key and enrol anew": "{name} {status}:请让它生成新密钥后重新登记",
    "{name} is {status}: only an edge that waits can be approved": "{name} {status}:只有待批准的边缘端可以批准",
    "the fingerprint is another: this is not the box that you look at": "指纹不符:这不是您面前的那台设备",
    "waiting for approval: fingerprint {fingerprint}": "待批准:指纹 {fingerprint}",
    "this edge is {status}: {note}": "此边缘端{status}:{note}",
    "this edge is not enrolled here": "此边缘端未在本中心登记",
    "this token is not known: ask the office for one": "登记码无效,请向物业管理处索取",
    "this token has been used: ask the office for another": "登记码已使用,请向物业管理处另行索取",
    "this token has run out: ask the office for another": "登记码已过期,请向物业管理处另行索取",
    "this token is for another site": "登记码属于其他小区",
    "this token is for another gate": "登记码属于其他大门",
    "this key belongs to the edge {name} ({status}): make a new key": "此密钥属于边缘端 {name}({status}),请生成新密钥",
    "this request is not signed as an edge signs": "请求缺少边缘端的签名",
    "no stream or sequence of ours": "流名称或序号无效",
    "this sequence number was used before": "此序号已使用过",
    "--yes needs --fingerprint: somebody must have read it on the box": "--yes 须与 --fingerprint 同用:须有人在设备上看过指纹",
    "then this is another box: do not approve it, ask who enrolled it": "这是另一台设备:请勿批准,并询问是谁登记的",
    "a gate's name is 1 to 64 of a-z, 0-9 and inner hyphens": "大门代号为 1 至 64 个小写字母、数字,中间可有连字符",
    "the file names no {kind} {name!r}": "文件中没有{kind} {name!r}",
}

_RULES_CHANGES: Catalogue = {
    "the site itself cannot go": "小区本身不能删除",
    "a draft cannot make it another site": "草案不能改为其他小区",
    "the draft says more than one thing of {kind} {id}": "草案对{kind} {id} 有多处说法",
    "there is no {kind} {id} to go": "没有可删除的{kind} {id}",
}

_SHEETS: Catalogue = {
    "{name} is no sheet: send CSV, XLSX or XLS": "{name} 不是表格:请上传 CSV、XLSX 或 XLS 文件",
    "the file has more than {max} bytes": "文件超过 {max} 字节",
    "the sheet is empty": "表格是空的",
    "there is no sheet {sheet} in the workbook": "工作簿中没有工作表 {sheet}",
    "there are more than {max} rows": "表格超过 {max} 行",
    "there are more than {max} columns": "表格超过 {max} 列",
    "the column has no header": "此列没有表头",
    "there are two columns {header}": "有两列的表头都是 {header}",
    "the cell has more than {max} characters": "单元格内容超过 {max} 个字符",
    "the cell has a control character": "单元格中有控制字符",
    "the row cannot be read: a quotation mark is missing, or the row is too long": "此行无法读取:缺少引号,或此行太长",
    "the text is neither UTF-8 nor GB18030: save it as 'CSV UTF-8'": "文件编码既不是 UTF-8 也不是 GB18030:请另存为“CSV UTF-8”",
    "a number of more than 15 digits is not kept by Excel: make the cell a text": "Excel 只保留 15 位数字:请改为文本格式",
    "a text of this row is longer than Excel has room for, or the table is": "此行有文字超过 Excel 可容纳的长度,或表格太大",
    "the cell shows a fault of its formula, as #N/A": "单元格的公式出错(如 #N/A)",
    "the workbook is too large": "工作簿太大",
    "the workbook is locked by a password": "工作簿有密码保护,请取消密码后再上传",
    "the workbook is damaged, or none that Excel writes": "工作簿已损坏,或不是 Excel 文件",
}

CHINESE: Catalogue = {
    **_ANY_REQUEST,
    **_USERS,
    **_RECORDS,
    **_VALUES,
    **_LOG_AND_COMMANDS,
    **_EDGES,
    **_RULES_CHANGES,
    **_SHEETS,
}

# Values that are words of ours, by the place where they stand.
WORDED: Mapping[str, Catalogue] = {
    "table": {
        "sites": "小区",
        "gates": "大门",
        "lanes": "车道",
        "schedules": "时间计划",
        "levels": "权限组",
        "persons": "人员",
        "vehicles": "车辆",
        "cards": "卡",
        "blocks": "黑名单",
        "guards": "保安",
        "users": "用户",
        "edges": "边缘端",
        "remote_commands": "远程指令",
        "workflow_records": "业务",
    },
    "role": {
        "guard": "保安",
        "shift_leader": "班长",
        "front_desk": "前台",
        "registrar": "登记员",
        "goods_clerk": "放行条签发员",
        "goods_checker": "放行条核对员",
        "security_officer": "安全主管",
        "site_manager": "项目经理",
        "auditor": "审计员",
        "system_admin": "系统管理员",
        "integration": "对接程序",
        "host": "被访人",
        "admin": "管理员",
        "clerk": "文员",
    },
    "status": {
        "pending": "待批准",
        "active": "已启用",
        "replaced": "已被替换",
        "revoked": "已注销",
        "quarantined": "已隔离",
    },
    "kind": {
        "site": "小区",
        "lane": "车道",
        "schedule": "时间计划",
        "special_day": "特殊日",
        "zone": "区域",
        "level": "权限组",
        "person": "人员",
        "quota": "名额",
        "visit": "访客预约",
        "permit": "装修许可",
        "pass": "出入证",
        "slip": "放行条",
        "vehicle": "车辆",
        "card": "卡",
        "block": "黑名单",
        "guard": "保安",
    },
}


def in_chinese(template: str, values: Mapping[str, Any]) -> str:
    """Return in Chinese what an English template says with these values; in English where it is not known here."""
    words = CHINESE.get(template, template)
    if not values:
        return words
    return words.format(**{name: WORDED.get(name, {}).get(str(value), value) for name, value in values.items()})
