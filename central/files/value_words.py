"""What offices write for the values of fixed lists: words for codes, in both languages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args, get_origin

from access.words import GOODS_CHECKS, STATUSES, VEHICLE_CLASSES, Words
from access.workflows.words import STATES, WORDS
from central.contractors.trades import TRADES
from central.files.words import plain
from central.goods.printing import REASONS, RIGHTS

Coded = Mapping[str, Sequence[str]]


def _first(words: Words) -> Coded:
    return {code: (chinese,) for code, (chinese, _) in words.items() if code}


def _also(words: Words, others: Coded) -> Coded:
    return {code: (*first, *others.get(code, ())) for code, first in _first(words).items()}


_ASKED: Coded = {"grant": ("放行",), "refer": ("询问保安",), "deny": ("拒绝",)}
_CATEGORIES: Coded = {
    "resident": ("住户", "业主"),
    "tenant": ("租户", "租客"),
    "family": ("家属", "家庭成员"),
    "staff": ("员工", "物业员工"),
    "company": ("公司员工", "公司", "单位员工"),
    "contractor": ("施工人员", "装修人员"),
    "visitor": ("访客",),
    "vip": ("贵宾",),
    "emergency": ("应急人员",),
    "officer": ("执法人员",),
}
_CLASSES = _also(VEHICLE_CLASSES, {"car": ("小型车", "小车"), "large": ("大型车", "大车"), "bicycle": ("自行车", "电动自行车")})
_DAYS: Coded = {
    "0": ("周一", "星期一", "Mon", "Monday"),
    "1": ("周二", "星期二", "Tue", "Tuesday"),
    "2": ("周三", "星期三", "Wed", "Wednesday"),
    "3": ("周四", "星期四", "Thu", "Thursday"),
    "4": ("周五", "星期五", "Fri", "Friday"),
    "5": ("周六", "星期六", "Sat", "Saturday"),
    "6": ("周日", "星期日", "星期天", "Sun", "Sunday"),
    "7": ("节假日", "holiday", "holidays"),
}
_PAPERS: Coded = {**_first(WORDS), "other": ("其他",)}
# By field, the codes and what is written for each in Chinese (in English: the code), then others that are read too.
VALUES: Mapping[str, Coded] = {
    "absent": {"guard": ("交班人",), "relief": ("接班人",)},
    "anti_passback": {"none": ("无",), "soft": ("软", "只记录"), "hard": ("硬",), "timed": ("定时",)},
    "category": _CATEGORIES,
    "classes": _CLASSES,
    "colour": {
        "blue": ("蓝", "蓝牌", "蓝色"),
        "green": ("绿", "绿牌", "绿色"),
        "yellow": ("黄", "黄牌", "黄色"),
        "yellow-green": ("黄绿", "黄绿牌", "黄绿双拼"),
        "white": ("白", "白牌", "白色"),
        "black": ("黑", "黑牌", "黑色"),
    },
    "company_kind": {
        "tenant": ("入驻单位", "租户"),
        "contractor": ("施工单位", "装修公司"),
        "supplier": ("供应商",),
        "property": ("物业公司",),
    },
    "direction": {"in": ("进", "入口"), "out": ("出", "出口"), "both": ("双向", "进出")},
    "document": {
        "identity_card": ("身份证",),
        "residence_permit": ("居住证",),
        "passport": ("护照",),
        "driving_licence": ("驾驶证",),
        "other": ("其他证件", "其他"),
    },
    "document_kind": _PAPERS,
    "emergency": _ASKED,
    "emergency_plates": _ASKED,
    "factors": {
        "any": ("任一凭证", "任意"),
        "plate+card": ("车牌加卡", "车牌+卡"),
        "plate+code": ("车牌加码", "车牌+码"),
        "card+code": ("卡加码", "卡+码"),
    },
    "full": _ASKED,
    "goods_checks": _first(GOODS_CHECKS),
    "importance": {"normal": ("一般", "普通"), "important": ("重要",), "urgent": ("紧急",)},
    "inexact": _CATEGORIES,
    "kind": _PAPERS,
    "lane_kind": {"vehicle": ("车行", "车行道", "机动车"), "pedestrian": ("人行", "人行道")},
    "mode": {"normal": ("正常",), "held_open": ("常开",), "held_closed": ("常闭", "常关"), "out_of_service": ("停用",)},
    "officers": _ASKED,
    "over": {**_ASKED, "wait": ("等候",)},
    "reason": _first(REASONS),
    "relation": {"owner": ("业主",), "tenant": ("租户", "租客"), "family": ("家属", "家庭成员")},
    "right": _also(RIGHTS, {"third_party": ("第三方",), "company": ("公司",), "decoration": ("装修单位",)}),
    "space_kind": {
        "owned": ("自有", "产权"),
        "rented": ("租用", "租赁"),
        "visitor": ("访客车位", "访客"),
        "reserved": ("预留",),
    },
    "state": {"waiting": ("等候中", "等候"), "called": ("已叫到",), "done": ("已办完",), "sent_away": ("已回绝",)},
    "status": _also(
        STATUSES,
        {
            "active": ("正常",),
            "frozen": ("冻结",),
            "lost": ("挂失",),
            "revoked": ("注销",),
            "expired": ("过期",),
            "returned": ("退还",),
            "confiscated": ("没收",),
        },
    ),
    "strength": {
        "uid": ("仅卡号", "UID"),
        "sector": ("扇区加密",),
        "desfire_aes": ("DESFire AES",),
        "osdp_secure": ("OSDP 安全通道",),
        "signed": ("签名码",),
        "plain": ("明文码",),
    },
    "subject_kind": {
        "person": ("人员", "住户"),
        "company": ("单位", "公司"),
        "unit": ("单元", "房屋"),
        "permit": ("装修许可",),
        "vehicle": ("车辆",),
        "staff": ("员工",),
    },
    "trade": _first(TRADES),
    "unknown": _ASKED,
    "use": {"home": ("住宅",), "shop": ("商铺",), "office": ("办公", "办公室"), "other": ("其他",)},
    "vehicle_class": _CLASSES,
}
# Codes of fields whose type names none: of these kinds of sheets, or of the parts of a column.
OF_KIND: Mapping[str, Mapping[str, Coded]] = {
    **{name: {"state": _first(words)} for name, words in STATES.items()},
    "special_days": {"counts_as": _DAYS},
    "spans": {"days": _DAYS},
    "permit": {"state": _first(STATES["permit"]), "papers": _PAPERS},
    "parking_permits": {"state": _first(STATES["card"])},
    "visit": {"state": _first(STATES["visit"]), "category": _first(WORDS)},
}
# Codes that are no words: what an English sheet has in their stead.
_ENGLISH_DAYS = {code: next(filter(str.isascii, words)) for code, words in _DAYS.items()}
ENGLISH: Mapping[str, Mapping[str, str]] = {"days": _ENGLISH_DAYS, "counts_as": _ENGLISH_DAYS}
BOOLEANS: Mapping[str, tuple[str, str]] = {"zh": ("是", "否"), "en": ("yes", "no")}
YES = frozenset({"是", "有", "yes", "true", "1", "y"})
NO = frozenset({"否", "无", "no", "false", "0", "n"})


@dataclass(frozen=True, slots=True)
class Code:
    """The codes of a field: which word stands for each in a sheet of a language, and which code is meant by a word."""

    written: Mapping[str, Mapping[str, str]]
    read: Mapping[str, str]

    def word(self, code: Any, language: str) -> Any:
        """Return the word that is written for a code; what is no code of this field stands for itself."""
        return self.written[language].get(str(code), code)

    def code(self, word: str) -> str:
        """Return the code that is meant by a word of either language; a word that nobody knows stands for itself."""
        return self.read.get(word) or self.read.get(plain(word), word)


@cache
def code_of(kind: str, field: str, codes: tuple[str, ...] | None) -> Code | None:
    """Return the words of a field whose type has these codes (None: its type says nothing of codes); None: it has none."""
    own = OF_KIND.get(kind, {}).get(field)
    if own is None and codes is None:
        return None
    known = VALUES.get(field, {}) if own is None else own
    words = {code: known.get(code, ()) for code in codes or known if code}
    read = {plain(word): code for code, some in words.items() for word in reversed(some)}
    read |= {plain(code): code for code in words}
    chinese = {code: next(iter(some), code) for code, some in words.items()}
    return Code({"zh": chinese, "en": ENGLISH.get(field, {code: code for code in words})}, read)


def codes_of(kind: Any) -> tuple[str, ...] | None:
    """Return the codes that a type names; None where it is no such type."""
    return get_args(kind) if get_origin(kind) is Literal else None
