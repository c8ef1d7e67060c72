"""What stands in a sheet of the log in words, and what is refused of one, in both languages."""

from collections.abc import Mapping
from typing import Final, Literal, get_args

from access.words import Words
from central.files.value_words import VALUES

Language = Literal["zh", "en"]
Form = Literal["csv", "xlsx"]

HEADS: Final[Words] = {
    "at": ("时间", "time"),
    "utc": ("UTC 时间", "UTC"),
    "site": ("小区", "site"),
    "gate": ("大门", "gate"),
    "lane": ("车道", "lane"),
    "outcome": ("结果", "outcome"),
    "sentence": ("说明", "why"),
    "reason": ("原因代码", "reason code"),
    "story": ("经过", "what happened"),
    "medium": ("凭证类型", "kind of credential"),
    "credential": ("车牌或卡号", "plate or card"),
    "holder": ("姓名", "name"),
    "unit": ("房号", "unit"),
    "category": ("类别", "category"),
    "pictures": ("照片数", "pictures"),
    "passage": ("通行", "passage"),
    "id": ("记录编号", "entry"),
}
OUTCOMES: Final[Words] = {
    "grant": ("放行", "granted"),
    "deny": ("拒绝", "denied"),
    "refer": ("请保安核实", "asked the guard"),
    "guard": ("保安操作", "by the guard"),
    "lane": ("车道设置", "lane set"),
    "observation": ("异常观察", "observed"),
    "pass": ("出入证", "contractor pass"),
    "slip": ("放行条", "release slip"),
    "visit": ("来访", "visit"),
    "vehicle": ("车辆核对", "vehicle checked"),
}
CATEGORIES: Final[Words] = {code: (words[0], "VIP" if code == "vip" else code) for code, words in VALUES["category"].items()}
MEDIA: Final[Words] = {
    "plate": ("车牌", "plate"),
    "card": ("卡", "card"),
    "code": ("码", "code"),
    "guard": ("保安", "guard"),
    "office": ("管理处", "office"),
}
SHEET: Final[Mapping[str, str]] = {"zh": "通行记录", "en": "log"}
FORMS: Final[tuple[Form, ...]] = get_args(Form)
