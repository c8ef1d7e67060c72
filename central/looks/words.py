"""What looks and reveals are refused with, in Chinese; see `central.problem_words`."""

from collections.abc import Mapping

LOOKS: Mapping[str, str] = {
    "there is no such kind of record": "没有此类记录",
    "nothing is masked in {name} of this": "此记录的 {name} 没有隐去内容",
    "this is a mask, not the value: reveal it first, or leave the record as it is": (
        "这是隐去后的内容：请先申请查看，或保持原记录不变"
    ),
    "a review is of at most a year, and ends after it begins": "审查时段最长一年，且结束须晚于开始",
}
