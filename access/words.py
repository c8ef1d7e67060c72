"""Sentences in both languages: templates filled with values, and the words of codes that stand in them."""

from collections.abc import Mapping
from typing import Any

LANGUAGES = ("zh", "en")
Words = Mapping[str, tuple[str, str]]

STATUSES: Words = {
    "active": ("有效", "active"),
    "frozen": ("已冻结", "frozen"),
    "lost": ("已挂失", "reported lost"),
    "revoked": ("已注销", "revoked"),
    "expired": ("已过期", "expired"),
    "returned": ("已退还", "returned"),
    "confiscated": ("已没收", "confiscated"),
    "approved": ("已批准", "approved"),
    "finished": ("已完工", "finished"),
    "announced": ("待批准", "announced"),
    "refused": ("被拒", "refused"),
    "cancelled": ("已取消", "cancelled"),
}
VEHICLE_CLASSES: Words = {
    "car": ("小型汽车", "car"),
    "large": ("大型汽车", "large vehicle"),
    "motorcycle": ("摩托车", "motorcycle"),
    "tricycle": ("三轮车", "tricycle"),
    "bicycle": ("自行车或电动自行车", "bicycle or e-bike"),
}
BODY_COLOURS: Words = {  # of a vehicle, not of its plate
    "white": ("白色", "white"),
    "black": ("黑色", "black"),
    "grey": ("灰色或银色", "grey or silver"),
    "red": ("红色", "red"),
    "blue": ("蓝色", "blue"),
    "green": ("绿色", "green"),
    "yellow": ("黄色或橙色", "yellow or orange"),
    "brown": ("棕色", "brown"),
}
MEDIA: Words = {"plate": ("车牌", "plate"), "card": ("卡", "card"), "code": ("码", "code")}
GOODS_CHECKS: Words = {
    "loading": ("装货", "loading"),
    "mover": ("搬家", "movers"),
    "contractor": ("施工", "contractor"),
    "large": ("大型车", "large vehicle"),
    "slip": ("有放行条", "named by a release slip"),
}
CODES: Words = {
    "visit": ("访客码", "visitor's code"),
    "pass": ("出入证码", "code of a contractor pass"),
    "slip": ("放行条码", "code of a release slip"),
}
CODE_FAULTS: Words = {
    "malformed": ("读不出", "unreadable"),
    "key_revoked": ("签名密钥已撤销", "signed with a key that was withdrawn"),
    "wrong_part": ("副证", "that of the duplicate"),
    "stale": ("截图或过时的动态码", "a picture of one that turns, or too old"),
    "gone": ("来访或出入证已无记录", "its visit or pass is not on record any more"),
    "not_yet": ("未到时间", "not valid yet"),
    "expired": ("已到期", "expired"),
    "elsewhere": ("限其他大门", "for other gates"),
}
HOME_WHYS: Words = {
    "used_up": ("次数已用完", "it is used up"),
    "held": ("副证已在岗", "its duplicate lies at a post"),
    "not_approved": ("未获批或已取消", "it is not approved, or no more"),
    "not_home": ("该门的规则中它不是主门", "by that gate's rules it is not the home gate"),
    "no_rules": ("该门没有规则", "that gate has no rules"),
    "unwritten": ("该门无法写入记录", "that gate cannot write it down"),
}
# Which values of a sentence are codes themselves, and their words.
CODED: Mapping[str, Words] = {
    "status": STATUSES,
    "vehicle_class": VEHICLE_CLASSES,
    "seen_class": VEHICLE_CLASSES,
    "missing": MEDIA,
    "cause": GOODS_CHECKS,
    "code": CODES,
    "fault": CODE_FAULTS,
}


class _Known(dict[str, Any]):
    """Values of a sentence; one that is gone (erased) shows as a dash, so that old entries still read."""

    def __missing__(self, key: str) -> str:
        return "—"


def in_words(sentences: Words, code: str, values: Mapping[str, Any] | None, language: str) -> str:
    """Return the sentence of `code` filled with `values`; a code that the table does not know stands for itself."""
    if code not in sentences:
        return code
    told = _Known(values or {})
    for name in CODED.keys() & told.keys():
        told[name] = worded(CODED[name], str(told[name]), language)
    return " ".join(sentences[code][LANGUAGES.index(language)].format_map(told).split())


def worded(words: Words, code: str, language: str) -> str:
    """Return the word of a code; one that is not known stands for itself."""
    known = words.get(code)
    return code if known is None else known[LANGUAGES.index(language)]
