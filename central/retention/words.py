"""What retention, holds and privacy are refused with, in Chinese; see `central.problem_words`."""

from collections.abc import Mapping

RETENTION: Mapping[str, str] = {
    "days of one's own go with the profile own, and with no other": "自定天数只能与“自定”方案一起使用",
    "{what} is kept for {least} to {most} days, or for ever": "{what} 的保存期限为 {least} 至 {most} 天，或永久保存",
    "{what} cannot be kept longer than the entries that it belongs to": "{what} 的保存期限不能长于其所属记录",
    "its end is over": "保全截止时间已过",
    "a time is held from one moment to a later one, and nothing besides": "按时间保全须填起止时间，不填其他对象",
    "what is held is named by its id, plate or name, and by no time": "保全对象以编号、车牌或名称指明，不填时间",
    "this is no plate": "这不是车牌",
    "this is no id": "这不是编号",
    "a visit, a pass or a slip is held as a record": "按记录保全的只能是访客、出入证或放行条",
    "this hold has ended already": "该保全已经结束",
    "a legal hold keeps what is theirs, until {until}: {reason}; it is ended first": (
        "其数据处于保全之中（至 {until}）：{reason}；须先结束保全"
    ),
    "the clock is of all sites: somebody who is bound to none confirms it": "时钟关系到所有小区，须由不限小区的人员确认",
    "the notice needs who answers for the data, and how to reach them: set both first": (
        "告知书须写明个人信息处理者及其联系方式，请先填写"
    ),
    "so much was kept of them that it does not fit into one file": "其数据过多，一个文件无法容纳",
}
