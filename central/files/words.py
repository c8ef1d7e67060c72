"""What offices call the columns and values of their sheets, in both languages."""

import re
import unicodedata
from collections.abc import Mapping

# By field: the Chinese header that is written (in English: the field's name), then others that are read too.
HEADERS: Mapping[str, tuple[str, ...]] = {
    "name": ("姓名", "name", "名称", "住户姓名", "业主姓名", "full name"),
    "unit": ("单元", "unit", "房号", "房间号", "单元房号", "门牌", "house", "room"),
    "namesake": ("同名区分", "namesake"),
    "relation": ("与房屋关系", "relation", "关系", "身份"),
    "category": ("类别", "category", "人员类别", "类型"),
    "phone": ("电话", "phone", "手机", "手机号", "手机号码", "联系电话", "mobile", "telephone"),
    "levels": ("权限组", "levels", "权限", "门禁权限", "level", "access levels"),
    "plates": ("车牌", "plates", "车牌号", "车牌号码", "车辆", "plate", "license plate"),
    "cards": ("卡号", "cards", "卡", "门禁卡", "门禁卡号", "card", "card number", "card numbers"),
    "plate": ("车牌", "plate", "车牌号", "车牌号码", "license plate"),
    "raw": ("卡号", "raw", "card", "card number", "卡片号"),
    "bits": ("位数", "bits"),
    "code": ("通行码", "code"),
    "valid_from": ("有效期起", "valid_from", "开始日期", "生效日期", "起始日期", "start"),
    "valid_until": ("有效期至", "valid_until", "到期日期", "截止日期", "结束日期", "有效期", "expires", "end"),
    "status": ("状态", "status"),
    "person": ("持有人", "person", "车主", "持卡人", "holder"),
    "company": ("单位", "company", "公司"),
    "staff_number": ("工号", "staff_number", "员工编号"),
    "department": ("部门", "department"),
    "id_number": ("证件号码", "id_number", "身份证号"),
    "vip": ("贵宾", "vip"),
    "vip_note": ("贵宾备注", "vip_note"),
    "escorted": ("须陪同", "escorted"),
    "first_person": ("首人", "first_person"),
    "remark": ("备注", "remark", "note"),
    "electric": ("电动", "electric"),
    "frame_number": ("车架号", "frame_number", "车架号码", "vin"),
    "permit_number": ("牌证号", "permit_number", "备案号", "非机动车牌号"),
    "make": ("品牌", "make", "车辆品牌", "brand"),
    "model": ("型号", "model"),
    "body_colour": ("车身颜色", "body_colour", "body color"),
    "space_kind": ("车位类型", "space_kind"),
    "zone": ("区域", "zone"),
    "quota": ("车位名额", "quota"),
    "over": ("超额处理", "over"),
    "colour": ("车牌颜色", "colour", "颜色", "color"),
    "vehicle_class": ("车型", "vehicle_class", "车辆类型", "class"),
    "slug": ("代号", "slug"),
    "gate": ("大门", "gate"),
    "lane_kind": ("车道类型", "lane_kind"),
    "direction": ("方向", "direction"),
    "mode": ("模式", "mode"),
    "unknown": ("陌生者", "unknown"),
    "spans": ("时段", "spans"),
    "grants": ("授权", "grants"),
    "reason": ("原因", "reason"),
    "source": ("来源", "source"),
    "date": ("日期", "date"),
    "counts_as": ("视为", "counts_as", "视同"),
    "badge": ("工牌号", "badge", "胸牌号"),
    "pin": ("密码", "pin"),
    "building": ("楼栋", "building", "楼号"),
    "number": ("编号", "number", "号码"),
    "floor": ("楼层", "floor"),
    "floors": ("层数", "floors"),
    "capacity": ("容量", "capacity"),
    "state": ("状态", "state"),
    "opened_at": ("登记时间", "opened_at"),
    "changed_at": ("变更时间", "changed_at"),
    "due_at": ("到期时间", "due_at"),
}
# Of these a name is a person's; of all else it is a thing's.
OF_PEOPLE = frozenset({"persons", "residents", "guards", "applicants", "denied_visitors", "visit", "contractor_pass"})
# Columns that count the rows, and say nothing else.
COUNTING = ("序号", "no", "no.", "#")

# What people write for a value of a fixed list; the first that the list has is meant.
VALUES: Mapping[str, tuple[str, ...]] = {
    "业主": ("owner", "resident"),
    "住户": ("resident",),
    "租户": ("tenant",),
    "租客": ("tenant",),
    "家属": ("family",),
    "家庭成员": ("family",),
    "员工": ("staff",),
    "物业员工": ("staff",),
    "公司": ("company",),
    "施工人员": ("contractor",),
    "装修人员": ("contractor",),
    "访客": ("visitor",),
    "贵宾": ("vip",),
    "正常": ("active", "normal"),
    "有效": ("active",),
    "冻结": ("frozen",),
    "挂失": ("lost",),
    "注销": ("revoked",),
    "过期": ("expired",),
    "已退还": ("returned",),
    "没收": ("confiscated",),
    "蓝": ("blue",),
    "蓝牌": ("blue",),
    "绿": ("green",),
    "绿牌": ("green",),
    "黄": ("yellow",),
    "黄牌": ("yellow",),
    "黄绿": ("yellow-green",),
    "白": ("white",),
    "黑": ("black",),
    "小车": ("car",),
    "小型车": ("car",),
    "大车": ("large",),
    "大型车": ("large",),
    "摩托车": ("motorcycle",),
    "三轮车": ("tricycle",),
    "自行车": ("bicycle",),
    "自有": ("owned",),
    "产权": ("owned",),
    "租用": ("rented",),
    "租赁": ("rented",),
    "访客车位": ("visitor",),
    "预留": ("reserved",),
    "询问保安": ("refer",),
    "拒绝": ("deny",),
    "等候": ("wait",),
    "电动自行车": ("bicycle",),
    "进": ("in",),
    "入口": ("in",),
    "出": ("out",),
    "出口": ("out",),
    "进出": ("both",),
    "车行": ("vehicle",),
    "人行": ("pedestrian",),
}
YES = frozenset({"是", "有", "yes", "true", "1", "y"})
NO = frozenset({"否", "无", "no", "false", "0", "n"})


def plain(header: str) -> str:
    """Return a header without regard to case, width, spaces and marks between its words."""
    return re.sub(r"[\s_\-*:()]", "", unicodedata.normalize("NFKC", header).casefold())


def names_of(field: str) -> frozenset[str]:
    """Return the headers under which a field is read, in their plain form."""
    return frozenset(map(plain, (field, *HEADERS.get(field, ()))))


def header_of(field: str, language: str, kind: str = "") -> str:
    """Return the header under which a field of such a sheet is written."""
    if language != "zh":
        return field
    if field == "name" and kind not in OF_PEOPLE:
        return "名称"
    return HEADERS.get(field, (field,))[0]
