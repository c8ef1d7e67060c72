"""What is refused of exports of the log, in Chinese; see `central.problem_words`."""

from collections.abc import Mapping
from typing import Final

LOG_EXPORTS: Final[Mapping[str, str]] = {
    "say what more than {most} rows are for": "导出超过 {most} 行须填写用途",
    "a purpose has 3 to 200 characters": "用途须为 3 至 200 个字符",
    "you have {most} exports already: delete one, or wait a day": "已有 {most} 个导出文件，请先删除一个，或等一天",
    "too many exports at once: wait until one has ended": "同时导出过多，请等其中一个完成",
    "this export is not done": "导出尚未完成",
    "the file of this export is gone": "导出文件已不存在",
    "an export has at most {most} bytes: ask for less": "导出文件最大 {most} 字节，请缩小范围",
    "there is not enough room on the disk for an export": "磁盘空间不足，无法导出",
    "the export was begun {most} times and never came to its end": "导出已尝试 {most} 次，均未完成",
    "name the site: a time without a zone is meant by its clock": "请指明小区：未写时区的时间按小区时间理解",
    "name the file as .csv or .xlsx": "文件名须以 .csv 或 .xlsx 结尾",
}
