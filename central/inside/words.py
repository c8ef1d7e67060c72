"""Words of the roll call and of the sheet of stays, in both languages; and what is refused here."""

from collections.abc import Mapping
from typing import Final

INSIDE: Final[Mapping[str, str]] = {
    "more than {most} are inside: ask for one site": "在场超过 {most} 人（车），请指定一个小区",
    "more than {most} entries: ask for a shorter time": "记录超过 {most} 条，请缩短时间范围",
    "the end must be after the beginning, and at most {most} days after it": "结束时间须晚于开始时间，且相隔不超过 {most} 天",
    "ask for a plate, a person or a card: for one of them": "请只给出车牌、人员、卡号之一",
    "this is no plate": "这不是车牌",
}
Words = Mapping[str, Mapping[str, str]]
KINDS: Final[Words] = {
    "zh": {
        "resident_vehicle": "住户车",
        "visitor_vehicle": "访客车",
        "worker_vehicle": "施工车",
        "other_vehicle": "其他车辆",
        "resident": "住户",
        "visitor": "访客",
        "worker": "施工人员",
        "staff": "员工",
        "other": "其他人员",
    },
    "en": {
        "resident_vehicle": "resident's vehicle",
        "visitor_vehicle": "visitor's vehicle",
        "worker_vehicle": "contractor's vehicle",
        "other_vehicle": "other vehicle",
        "resident": "resident",
        "visitor": "visitor",
        "worker": "worker",
        "staff": "staff",
        "other": "somebody else",
    },
}
DOUBTS: Final[Words] = {
    "zh": {"gate_silent": "有大门失联", "left_unnamed": "该区域有人（车）未识别离场"},
    "en": {"gate_silent": "a gate is cut off", "left_unnamed": "somebody left the zone unnamed"},
}
HEADERS: Final[Words] = {
    "zh": {
        "site": "小区",
        "zone": "区域",
        "kind": "类别",
        "people": "人数",
        "name": "姓名",
        "unit": "房号",
        "company": "单位",
        "credential": "车牌/卡号",
        "number": "单号",
        "since": "进入时间",
        "gate": "进入大门",
        "overstayed": "超时",
        "uncertain": "存疑",
        "left": "离开时间",
        "left_by": "离开大门",
        "seconds": "停留（秒）",
    },
    "en": {
        "site": "Site",
        "zone": "Zone",
        "kind": "Kind",
        "people": "People",
        "name": "Name",
        "unit": "Unit",
        "company": "Company",
        "credential": "Plate or card",
        "number": "Number",
        "since": "Since",
        "gate": "Through gate",
        "overstayed": "Overstayed",
        "uncertain": "Uncertain",
        "left": "Left",
        "left_by": "Left through",
        "seconds": "Stayed (s)",
    },
}
TEXTS: Final[Words] = {
    "zh": {
        "title": "消防点名表",
        "head": "截至 {at}：在场 {people} 人，车辆 {vehicles} 辆。",
        "silent": "以下大门失联，其后的进出未计入（最后联系时间）：{gates}",
        "never": "从未联系",
        "no_zone": "区域不明",
        "nobody": "没有在场记录。",
        "count": "（{people} 人，共 {lines} 行）",
        "signed": "点名人：______________　时间：______________　未到：______________",
        "yes": "是",
        "comma": "、",
    },
    "en": {
        "title": "Roll call",
        "head": "As of {at}: {people} people and {vehicles} vehicles inside.",
        "silent": "Cut off, so who has passed since is not counted (last heard of): {gates}",
        "never": "never heard of",
        "no_zone": "zone not known",
        "nobody": "Nobody is on record as inside.",
        "count": "({people} people, {lines} lines)",
        "signed": "Called by: ______________  At: ______________  Missing: ______________",
        "yes": "yes",
        "comma": ", ",
    },
}
