"""What this part refuses, in Chinese."""

from collections.abc import Mapping
from typing import Final

DISPUTES: Final[Mapping[str, str]] = {
    "several gates have a passage of this name: name the edge too": "多个大门有同名的通行：请同时指明门岗设备",
    "there is no such passage": "没有此次通行",
    "name either a passage or an entry": "请指明一次通行或一条记录，二者取一",
    "{file} is there already: choose another name": "{file} 已存在：请换一个文件名",
    "{file} cannot be written": "无法写入 {file}",
    "an entry is named as EDGE/EPOCH/SEQ": "记录应写作 门岗设备/纪元/编号",
    "an edge is named by its id": "门岗设备须以编号指明",
}
