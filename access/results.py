"""How a passage ended: stable codes, each with a word for lists in Chinese and in English, and whether somebody went through."""

from collections.abc import Mapping
from dataclasses import dataclass

from access.words import worded


@dataclass(frozen=True, slots=True)
class Result:
    """One result of a passage; `went_through`: somebody is on the other side now, granted or not."""

    code: str
    zh: str
    en: str
    went_through: bool = False


_ALL = (
    Result("passed", "已通过", "passed", went_through=True),
    Result("assumed", "视为已通过", "taken as passed", went_through=True),
    Result("tailgated", "尾随通过", "tailgated", went_through=True),
    Result("unauthorised", "未经放行通过", "passed without a grant", went_through=True),
    Result("wrong_way", "逆行通过", "went the wrong way", went_through=True),
    Result("crashed", "闯杆", "crashed the arm", went_through=True),
    Result("no_show", "获准未通过", "did not pass"),
    Result("reversed", "获准后退回", "backed out"),
    Result("not_opened", "未能起杆", "was not opened"),
    Result("left", "自行离开", "went away"),
    Result("denied", "已拒绝", "turned away"),
    Result("unanswered", "无人处理", "nobody answered"),
    Result("withdrew", "到杆下后退回", "drew back"),
    Result("door_forced", "门被强行打开", "door forced"),
    Result("interrupted", "程序中断", "interrupted by a stop"),
    Result("board_lost", "控制板失联", "input board lost"),
    Result("unfinished", "结果不明", "end not known"),
)
RESULTS: Mapping[str, Result] = {result.code: result for result in _ALL}
WENT_THROUGH = frozenset(result.code for result in _ALL if result.went_through)
_WORDS = {result.code: (result.zh, result.en) for result in _ALL}


def result_in_words(code: str, language: str) -> str:
    """Return the word of a result in `language` (zh or en); a code of a later version stands for itself."""
    return worded(_WORDS, code, language)
