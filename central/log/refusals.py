"""What searches of the log are refused with, in Chinese; see `central.problem_words`."""

from collections.abc import Mapping

LOG: Mapping[str, str] = {
    "more than {most} persons fit: type more of the name": "符合的人员超过 {most} 名，请输入更完整的姓名",
    "more than {most} groups: ask for less at once": "分组超过 {most} 个，请缩小统计范围",
    "the last day must not be before the first, nor more than ten years after it": "结束日期不得早于开始日期，间隔不得超过十年",
    "there is no such entry": "没有此通行记录",
    "there is no such picture": "没有此抓拍图",
    "a card is searched by its number in hex or by the ten digits printed on it": "请按十六进制卡号或卡面 10 位数字查询",
}
