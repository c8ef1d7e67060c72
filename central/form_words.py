"""What is wrong with the form of a request, in both languages. What was sent is never repeated: it may be a secret."""

from collections.abc import Mapping
from typing import Any

from access.words import Words
from central.problem_words import CHINESE

NOT_VALID = ("填写无效", "is not valid")
_TEXT = ("应为文字", "must be text")
_WHOLE = ("应为整数", "must be a whole number")
_NUMBER = ("应为数字", "must be a number")
_YES_OR_NO = ("应为 true 或 false", "must be true or false")
_LIST = ("应为列表", "must be a list")
_OBJECT = ("应为对象，其各项有名称", "must be an object with named fields")
_DAY = ("应为日期，如 2026-03-01", "must be a date, such as 2026-03-01")
_CLOCK = ("应为时刻，如 08:00:00", "must be a time of day, such as 08:00:00")
_TIME = ("应为日期和时间，如 2026-03-01T08:00:00+08:00", "must be a date and time, such as 2026-03-01T08:00:00+08:00")
_ID = ("应为记录编号（UUID）", "must be the id of a record (UUID)")
_ONE_OF = ("只能是：{expected}", "must be {expected}")
_ADDRESS = ("应为网址", "must be a web address")

# By pydantic's types of errors.
FORM: Words = {
    "missing": ("必填", "must be given"),
    "extra_forbidden": ("没有此项", "is not known here"),
    "invalid_key": ("名称应为文字", "must have a name that is text"),
    "json_invalid": ("不是有效的 JSON，请看第 {place} 个字符", "is no JSON: look at character {place}"),
    "json_type": ("应为 JSON", "must be JSON"),
    "none_required": ("应为空", "must be null"),
    "recursion_loop": ("层次过深", "is nested too deeply"),
    "recursion_depth_exceeded": ("层次过深", "is nested too deeply"),
    "string_type": _TEXT,
    "string_unicode": ("含有无效字符", "has characters that are none"),
    "string_too_short": ("过短，至少 {min_length} 个字符", "is too short: the shortest has a length of {min_length}"),
    "string_too_long": ("过长，至多 {max_length} 个字符", "is too long: the longest has a length of {max_length}"),
    "string_pattern_mismatch": ("格式不符：{pattern}", "has another form than {pattern}"),
    "string_not_ascii": ("只能用英文字母、数字和符号", "must be ASCII text"),
    "literal_error": _ONE_OF,
    "enum": _ONE_OF,
    "union_tag_invalid": ("{discriminator} 只能是：{expected_tags}", "must have {discriminator} as one of {expected_tags}"),
    "union_tag_not_found": ("缺少 {discriminator}", "must have {discriminator}"),
    "bool_type": _YES_OR_NO,
    "bool_parsing": _YES_OR_NO,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing_size": ("数字过大", "is too large a number"),
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "decimal_max_digits": ("至多 {max_digits} 位数字", "has too many digits: at most {max_digits}"),
    "decimal_max_places": ("至多 {decimal_places} 位小数", "has too many decimals: at most {decimal_places}"),
    "decimal_whole_digits": ("整数部分至多 {whole_digits} 位", "has too many digits before the point: at most {whole_digits}"),
    "greater_than": ("必须大于 {gt}", "must be above {gt}"),
    "greater_than_equal": ("不能小于 {ge}", "must be {ge} or more"),
    "less_than": ("必须小于 {lt}", "must be below {lt}"),
    "less_than_equal": ("不能大于 {le}", "must be {le} or less"),
    "multiple_of": ("必须是 {multiple_of} 的倍数", "must be a multiple of {multiple_of}"),
    "too_short": ("项数过少，至少 {min_length} 项", "has too few items: the fewest are {min_length}"),
    "too_long": ("项数过多，至多 {max_length} 项", "has too many items: the most are {max_length}"),
    "list_type": _LIST,
    "tuple_type": _LIST,
    "set_type": _LIST,
    "frozen_set_type": _LIST,
    "iterable_type": _LIST,
    "set_item_not_hashable": ("不能是列表或对象", "must be neither a list nor an object"),
    "dict_type": _OBJECT,
    "mapping_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "dataclass_type": _OBJECT,
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "date_past": ("应为过去的日期", "must be in the past"),
    "date_future": ("应为将来的日期", "must be in the future"),
    "time_type": _CLOCK,
    "time_parsing": _CLOCK,
    "datetime_type": _TIME,
    "datetime_parsing": _TIME,
    "datetime_object_invalid": _TIME,
    "datetime_from_date_parsing": _TIME,
    "datetime_past": ("应为过去的时间", "must be in the past"),
    "datetime_future": ("应为将来的时间", "must be in the future"),
    "timezone_aware": ("须带时区，如 +08:00", "must have a time zone, such as +08:00"),
    "timezone_naive": ("不能带时区", "must have no time zone"),
    "time_delta_type": ("应为时长，如 PT30M", "must be a duration, such as PT30M"),
    "time_delta_parsing": ("应为时长，如 PT30M", "must be a duration, such as PT30M"),
    "uuid_type": _ID,
    "uuid_parsing": _ID,
    "uuid_version": ("应为第 {expected_version} 版 UUID", "must be a UUID of version {expected_version}"),
    "bytes_type": _TEXT,
    "bytes_too_short": ("过短，至少 {min_length} 字节", "is too short: at least {min_length} bytes"),
    "bytes_too_long": ("过长，至多 {max_length} 字节", "is too long: at most {max_length} bytes"),
    "bytes_invalid_encoding": ("编码无效", "is not well encoded"),
    "url_type": _ADDRESS,
    "url_parsing": _ADDRESS,
    "url_syntax_violation": _ADDRESS,
    "url_too_long": ("网址过长，至多 {max_length} 个字符", "is too long an address: at most {max_length} characters"),
    "url_scheme": ("网址须以 {expected_schemes} 开头", "must be an address of {expected_schemes}"),
}
_LISTED = ("expected", "expected_tags", "expected_schemes")


def fault_in_words(kind: str, values: Mapping[str, Any]) -> tuple[str, str]:
    """Return Chinese and English for a fault of pydantic's with the values of its context."""
    if kind == "value_error":
        # Ours are known by their text; that of others may repeat what was sent.
        text = str(values.get("error", ""))
        return (CHINESE[text], text) if text in CHINESE else NOT_VALID
    chinese, english = FORM.get(kind, NOT_VALID)
    listed = {name: str(values[name]).replace(" or ", "、").replace(", ", "、") for name in _LISTED if name in values}
    return chinese.format(**{**values, **listed}), english.format(**values)
